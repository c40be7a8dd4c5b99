"""A page of the ordinary kind, for comparison: a slider's change makes a gr.Video's new file.

python plain_page.py PORT
"""

from __future__ import annotations

import sys
import tempfile

import gradio as gr
import imageio_ffmpeg
from stub import FPS, SIDE, TOP, make

from vidgen.media import Frames


def write(frames: Frames) -> str:
    """Write H.264 as imageio does when nobody asks it for anything; return the path."""
    with tempfile.NamedTemporaryFile(suffix=".mp4", delete=False) as file:
        writer = imageio_ffmpeg.write_frames(file.name, (SIDE, SIDE), fps=FPS)
        writer.send(None)
        for frame in frames:
            writer.send(frame.tobytes())
        writer.close()
        return file.name


def clip(seed: float) -> str:
    """Make the video of a seed."""
    return write(make(int(seed)))


def main(port: str) -> None:
    """Serve the page; everything but the port is as Gradio has it."""
    with gr.Blocks() as demo:
        seed = gr.Slider(0, TOP, step=1, label="Seed")
        video = gr.Video(autoplay=True, loop=True)
        seed.change(clip, seed, video)
    demo.launch(server_port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
