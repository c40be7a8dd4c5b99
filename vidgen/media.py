"""Frames to pictures: sheets for the player, and GIF, WebP and PNG files that can carry a note."""

from __future__ import annotations

import io
import itertools
import math
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Frames = NDArray[np.uint8]  # [T, H, W, C], C = 1 (grey) or 3 (RGB)

SHEET_MIME = "image/jpeg"
QUALITY = 85  # of its JPEG
_EXIF_DESCRIPTION = 0x010E
_PALETTE_FRAMES = 64  # that a GIF's colours are chosen from, spread over all; 1 s of work


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


def encode_gif(frames: Frames, fps: float, scale: int = 1, note: str = "") -> bytes:
    """Encode a GIF that loops, with the 256 colours that suit the whole clip best.

    Args:
        frames: uint8 [T, H, W, C].
        fps: frames a second.
        scale: each pixel becomes a square of this side.
        note: ASCII text that goes into the file as its comment.
    """
    from PIL import Image

    sample = frames[:: math.ceil(len(frames) / _PALETTE_FRAMES)]
    palette = _sheet(sample)[0].quantize(256, Image.Quantize.MEDIANCUT)
    none = Image.Dither.NONE  # it would be drawn anew for every frame and flicker
    size = (frames.shape[2] * scale, frames.shape[1] * scale)
    pictures = [
        picture.quantize(palette=palette, dither=none).resize(size, Image.Resampling.NEAREST)
        for picture in _pictures(frames)
    ]
    return _animated("GIF", pictures, fps, grain=10, comment=note.encode("ascii"))


def encode_webp(frames: Frames, fps: float, scale: int = 1, note: str = "") -> bytes:
    """Encode an animated WebP that loops, lossless: at these sizes lossy colour would smear.

    Arguments are those of ``encode_gif``; the note becomes the EXIF description.
    """
    from PIL import Image

    exif = Image.Exif()
    if note:
        exif[_EXIF_DESCRIPTION] = note
    # method 0: 64 enlarged frames took 1 s instead of 20, for a quarter more bytes.
    options = {"lossless": True, "method": 0, "quality": 50, "exif": exif}
    return _animated("WEBP", _pictures(_enlarged(frames, scale)), fps, **options)


def encode_png(frames: Frames, fps: float, scale: int = 1, note: str = "") -> bytes:
    """Encode all frames side by side as one lossless PNG, laid out as in ``sheet_bytes``.

    Arguments are those of ``encode_gif``; the note becomes the text field "Comment".
    """
    from PIL.PngImagePlugin import PngInfo

    del fps  # a sheet has none; the encoders share one signature
    words, data = PngInfo(), io.BytesIO()
    if note:
        words.add_text("Comment", note)
    _sheet(_enlarged(frames, scale))[0].save(data, "PNG", pnginfo=words)
    return data.getvalue()


def gif_comment(data: bytes) -> bytes:
    """Return the comment of a GIF that nobody vouches for; empty where there is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["GIF"]) as picture:
            return picture.info.get("comment", b"")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return b""


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; MediaError if that fails."""
    part = path.absolute().with_name(f".{path.stem[:40]}-{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        raise MediaError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def checked(frames: Frames) -> Frames:
    """Return frames that are what the encoders take."""
    assert frames.dtype == np.uint8 and frames.ndim == 4, (frames.dtype, frames.shape)
    assert len(frames) and frames.shape[3] in (1, 3), frames.shape
    return frames


def _pictures(frames: Frames) -> list[Image]:
    from PIL import Image

    colours = checked(frames).repeat(3 // frames.shape[3], axis=3)  # grey becomes RGB
    return [Image.fromarray(frame) for frame in colours]


def _enlarged(frames: Frames, scale: int) -> Frames:
    return frames.repeat(scale, axis=1).repeat(scale, axis=2)


def _sheet(*clips: Frames) -> tuple[Image, int, int]:
    """Lay clips out on one RGB picture, as ``sheet_bytes`` says."""
    columns, rows = sheet_grid(len(clips[0]))
    blocks = np.stack([_tiled(frames, columns) for frames in clips])
    across = blocks_across(len(blocks), width=blocks.shape[2], height=blocks.shape[1])
    return _pictures(_tiled(blocks, across)[None])[0], columns, rows


def _tiled(tiles: Frames, columns: int) -> NDArray[np.uint8]:
    """Lay tiles [N, H, W, C] out row by row: [rows * H, columns * W, C]; places left are black."""
    count, height, width, channels = checked(tiles).shape
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height, width, channels), np.uint8)
    cells[:count] = tiles
    grid = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def _animated(
    kind: str, pictures: list[Image], fps: float, grain: int = 1, **options: object
) -> bytes:
    """Encode pictures with durations in multiples of ``grain`` ms that don't drift from ``fps``.

    Both formats show a frame that equals the one before it as one frame that lasts longer.
    """
    ends = [grain * round(1000 * frame / (fps * grain)) for frame in range(len(pictures) + 1)]
    shown = [max(grain, b - a) for a, b in itertools.pairwise(ends)]
    data = io.BytesIO()
    moving = {"save_all": True, "append_images": pictures[1:], "duration": shown, "loop": 0}
    pictures[0].save(data, kind, **moving, **options)
    return data.getvalue()
