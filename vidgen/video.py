"""Frames to video files and back: the only file that runs ffmpeg."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np

from vidgen.media import Frames, MediaError, checked
from vidgen.process import ProcessError, run_limited

_TIMEOUT_S = 60.0  # for one run of ffmpeg
_READ_BYTES = 128 * 2**20  # of all frames of a video that is read
# 4:2:0, which every browser plays; one thread and no dates, so that the same frames give the same
# bytes; the only tag is the note.
_SAME = (
    "-pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv "
    "-fflags +bitexact -flags:v +bitexact -map_metadata -1 -threads 1"
)
_H264 = "-c:v libx264 -preset veryfast -crf 16 -movflags +faststart -f mp4"
_VP9 = "-c:v libvpx-vp9 -crf 20 -b:v 0 -deadline good -cpu-used 4 -row-mt 0 -f webm"
# What a stranger's file may make ffmpeg do: open no other file, no huge frame, no playlist.
_UNTRUSTED = (
    f"-protocol_whitelist file,pipe -max_pixels {4 * 2**20} -max_alloc {256 * 2**20} -threads 1 "
    "-format_whitelist mov,matroska,avi,gif"
)
_AS_PPM = "-an -sn -dn -fps_mode passthrough -pix_fmt rgb24 -c:v ppm -f image2pipe pipe:1"
_PPM = re.compile(rb"P6\n(\d+) (\d+)\n255\n")


def encode_mp4(frames: Frames, fps: float, scale: int = 1, note: str = "") -> bytes:
    """Encode H.264 video that begins to play before it is there as a whole.

    Args:
        frames: uint8 [T, H, W, C].
        fps: frames a second.
        scale: each pixel becomes a square of this side. An odd size is padded to an even one,
            which 4:2:0 needs.
        note: text that goes into the file as its tag "comment".

    Raises:
        MediaError: there is no ffmpeg, or it fails.
    """
    return _encode(_H264, "mp4", frames, fps, scale, note)


def encode_webm(frames: Frames, fps: float, scale: int = 1, note: str = "") -> bytes:
    """Encode VP9 video; arguments and errors are those of ``encode_mp4``."""
    return _encode(_VP9, "webm", frames, fps, scale, note)


def _encode(codec: str, suffix: str, frames: Frames, fps: float, scale: int, note: str) -> bytes:
    _, height, width, channels = checked(frames).shape
    layout = "gray" if channels == 1 else "rgb24"
    source = f"-f rawvideo -pix_fmt {layout} -s {width}x{height} -r {fps:.6g} -i pipe:0".split()
    enlarge = f"scale=iw*{scale}:ih*{scale}:flags=neighbor"
    fit = f"{enlarge},pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv"
    tag = ["-metadata", f"comment={note}"] if note else []
    with tempfile.TemporaryDirectory(prefix="vidgen-") as folder:  # both formats need to seek
        path = Path(folder) / f"clip.{suffix}"
        arguments = [*source, "-vf", fit, *_SAME.split(), *tag, *codec.split(), f"file:{path}"]
        _ffmpeg(arguments, path, frames.tobytes())
        return path.read_bytes()


def read_video(path: Path, max_frames: int = 64) -> Frames:
    """Read the first frames of a video file that nobody vouches for: uint8 [T, H, W, 3].

    Raises:
        MediaError: not a video, frames of more than 4 million pixels, or ffmpeg takes too long.
    """
    limits = ["-t", "60", "-frames:v", str(max_frames), "-fs", str(_READ_BYTES)]
    source = [*_UNTRUSTED.split(), "-i", f"file:{path.absolute()}"]
    data = _ffmpeg([*source, *limits, *_AS_PPM.split()], path)
    head = _PPM.match(data)
    if head is None:
        raise MediaError(f"{path.name} holds no frame that can be read")
    width, height = (int(size) for size in head.groups())
    size = head.end() + 3 * height * width  # every frame repeats the head
    count = len(data) // size  # a frame that the cap cut off is dropped
    table = np.frombuffer(data, np.uint8, count * size).reshape(count, size)
    return table[:, head.end() :].reshape(count, height, width, 3)


def _ffmpeg(arguments: list[str], path: Path, data: bytes = b"") -> bytes:
    """Run ffmpeg with ``data`` as its input and return its output."""
    try:
        import imageio_ffmpeg

        program = imageio_ffmpeg.get_ffmpeg_exe()
        command = [program, "-nostdin", "-v", "error", "-y", *arguments]
        return run_limited(command, data, _TIMEOUT_S)
    except (ImportError, RuntimeError) as error:
        raise MediaError(f"{path.name} needs ffmpeg: pip install imageio-ffmpeg") from error
    except ProcessError as error:
        raise MediaError(f"{path.name}: ffmpeg failed: {error}") from error
