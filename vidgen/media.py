"""Frames to pictures and video files, and back: the only file that knows a codec."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import os
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vidgen.process import ProcessError, run_limited

if TYPE_CHECKING:
    from PIL.Image import Image

Frames = NDArray[np.uint8]  # [T, H, W, C], C = 1 (grey) or 3 (RGB)

SHEET_MIME = "image/jpeg"
QUALITY = 85  # of its JPEG
VIDEO_SIDE = 256  # pixels; smaller videos are enlarged to at least this, for players and screens
_TIMEOUT_S = 60.0  # for one run of ffmpeg
_READ_BYTES = 128 * 2**20  # of all frames of a video that is read
# H.264 in 4:2:0, which every browser plays; the same frames give the same bytes.
_H264 = (
    "-c:v libx264 -preset veryfast -crf 16 -pix_fmt yuv420p -colorspace bt709 -color_primaries "
    "bt709 -color_trc bt709 -color_range tv -movflags +faststart -fflags +bitexact -flags:v "
    "+bitexact -map_metadata -1 -threads 1 -f mp4"
)
# What a stranger's file may make ffmpeg do: open no other file, no huge frame, no playlist.
_UNTRUSTED = (
    f"-protocol_whitelist file,pipe -max_pixels {4 * 2**20} -max_alloc {256 * 2**20} -threads 1 "
    "-format_whitelist mov,matroska,avi,gif"
)
_AS_PPM = "-an -sn -dn -fps_mode passthrough -pix_fmt rgb24 -c:v ppm -f image2pipe pipe:1"
_PPM = re.compile(rb"P6\n(\d+) (\d+)\n255\n")


class MediaError(Exception):
    """A file that can't be written or read; the message names it and says why."""


def sheet_grid(count: int) -> tuple[int, int]:
    """Return columns and rows of a nearly square sheet of ``count`` frames; frame 0 top left."""
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)


def blocks_across(count: int, width: int, height: int) -> int:
    """Return how many of ``count`` blocks of that size lie side by side on a nearly square sheet.

    A graphics chip draws no picture with a side of more than 4096 or 8192 pixels; a square one of
    the same area has the shortest.
    """
    return min(count, max(1, math.ceil(math.sqrt(count * height / width))))


def sheet_bytes(*clips: Frames, quality: int = QUALITY) -> tuple[bytes, int, int]:
    """Encode clips of one shape [T, H, W, C] as one JPEG.

    Each clip is a block of columns x rows frames, row by row; the blocks follow each other row by
    row too, ``blocks_across`` in each.

    Returns:
        The file, and columns and rows of a block.
    """
    sheet, columns, rows = _sheet(*clips)
    data = io.BytesIO()
    # Colour at full resolution: half of 64 pixels would smear. Costs 0.3 ms more and 1/3 in size.
    sheet.save(data, "JPEG", quality=quality, subsampling=0)
    return data.getvalue(), columns, rows


def writer_of(path: Path) -> Callable[[Frames, Path, float], None]:
    """Return what writes the format that a suffix names; MediaError where nothing does."""
    if path.suffix.lower() not in WRITERS:
        raise MediaError(f"{path.name} has no known suffix; legal are {', '.join(WRITERS)}")
    return WRITERS[path.suffix.lower()]


def write_clip(frames: Frames, path: Path, fps: float) -> None:
    """Write frames [T, H, W, C] in the format that the suffix names; MediaError if that fails."""
    writer_of(path)(frames, path, fps)


def write_mp4(frames: Frames, path: Path, fps: float, scale: int | None = None) -> None:
    """Write H.264 video.

    Args:
        frames: uint8 [T, H, W, C].
        path: the file; replaced whole or not at all, as by every writer here.
        fps: frames a second.
        scale: each pixel becomes a square of this side; None = until a side has VIDEO_SIDE pixels.
            An odd size is padded to an even one, which 4:2:0 needs.
    """
    _, height, width, channels = _checked(frames).shape
    scale = scale or math.ceil(VIDEO_SIDE / min(height, width))
    layout = "gray" if channels == 1 else "rgb24"
    source = f"-f rawvideo -pix_fmt {layout} -s {width}x{height} -r {fps:.6g} -i pipe:0".split()
    enlarge = f"scale=iw*{scale}:ih*{scale}:flags=neighbor"
    fit = f"{enlarge},pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv"
    with _replacing(path) as part:
        _ffmpeg([*source, "-vf", fit, *_H264.split(), f"file:{part}"], path, frames.tobytes())


def write_gif(frames: Frames, path: Path, fps: float) -> None:
    """Write a GIF that loops, with the 256 colours that suit the whole clip best."""
    from PIL import Image

    palette = _sheet(frames)[0].quantize(256, Image.Quantize.MEDIANCUT)
    none = Image.Dither.NONE  # it would be drawn anew for every frame and flicker
    pictures = [picture.quantize(palette=palette, dither=none) for picture in _pictures(frames)]
    _animate("GIF", pictures, path, fps, grain=10)


def write_webp(frames: Frames, path: Path, fps: float) -> None:
    """Write an animated WebP that loops, lossless: at these sizes lossy colour would smear."""
    _animate("WEBP", _pictures(frames), path, fps)


def write_png_sheet(frames: Frames, path: Path, fps: float = 0) -> None:
    """Write all frames side by side as one lossless PNG, laid out as in ``sheet_bytes``."""
    del fps  # a sheet has none; the writers share one signature
    with _replacing(path) as part:
        _sheet(frames)[0].save(part, "PNG")


WRITERS: dict[str, Callable[[Frames, Path, float], None]] = {
    ".mp4": write_mp4, ".gif": write_gif, ".webp": write_webp, ".png": write_png_sheet,
}  # fmt: skip


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


def _checked(frames: Frames) -> Frames:
    assert frames.dtype == np.uint8 and frames.ndim == 4, (frames.dtype, frames.shape)
    assert len(frames) and frames.shape[3] in (1, 3), frames.shape
    return frames


def _pictures(frames: Frames) -> list[Image]:
    from PIL import Image

    colours = _checked(frames).repeat(3 // frames.shape[3], axis=3)  # grey becomes RGB
    return [Image.fromarray(frame) for frame in colours]


def _sheet(*clips: Frames) -> tuple[Image, int, int]:
    """Lay clips out on one RGB picture, as ``sheet_bytes`` says."""
    columns, rows = sheet_grid(len(clips[0]))
    blocks = np.stack([_tiled(frames, columns) for frames in clips])
    across = blocks_across(len(blocks), width=blocks.shape[2], height=blocks.shape[1])
    return _pictures(_tiled(blocks, across)[None])[0], columns, rows


def _tiled(tiles: Frames, columns: int) -> NDArray[np.uint8]:
    """Lay tiles [N, H, W, C] out row by row: [rows * H, columns * W, C]; places left are black."""
    count, height, width, channels = _checked(tiles).shape
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height, width, channels), np.uint8)
    cells[:count] = tiles
    grid = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def _animate(kind: str, pictures: list[Image], path: Path, fps: float, grain: int = 1) -> None:
    """Save pictures with durations in multiples of ``grain`` ms that don't drift from ``fps``."""
    ends = [grain * round(1000 * frame / (fps * grain)) for frame in range(len(pictures) + 1)]
    shown = [max(grain, b - a) for a, b in itertools.pairwise(ends)]
    options = {"append_images": pictures[1:], "duration": shown, "loop": 0, "lossless": True}
    with _replacing(path) as part:
        pictures[0].save(part, kind, save_all=True, **options)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder; on success it becomes ``path``, else it goes."""
    part = path.absolute().with_name(f".{path.stem[:40]}-{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        raise MediaError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


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
