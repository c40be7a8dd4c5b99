"""Clips as files to take home: which formats there are, what fits into one, and its bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from vidgen.legal import RequestError, whole
from vidgen.media import Frames, MediaError, encode_gif, encode_png, encode_webp
from vidgen.recipe import MAX_SCALE, Recipe
from vidgen.request import ClipRequest
from vidgen.rows import Row
from vidgen.video import encode_mp4, encode_webm

MAX_PIXELS = 2**24  # frames x height x width of a file: 64 frames of 512 x 512; 1 to 9 s of work
VIDEO_SIDE = 256  # pixels that a video has at least on each side, unless a scale is asked for


class Encoder(Protocol):
    """What all encoders are."""

    def __call__(self, frames: Frames, fps: float, scale: int, note: str) -> bytes:
        """Encode frames [T, H, W, C], each pixel a square of side ``scale``; embed the note."""
        ...


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        suffix: of its files.
        mime: how it is served.
        encode: None = the recipe itself.
        video: for players and screens, which like no small pictures.
        still: one picture, so there is no place for several clips.
    """

    suffix: str
    mime: str
    encode: Encoder | None
    video: bool = False
    still: bool = False


FORMATS = {
    "mp4": Format(".mp4", "video/mp4", encode_mp4, video=True),
    "webm": Format(".webm", "video/webm", encode_webm, video=True),
    "gif": Format(".gif", "image/gif", encode_gif),
    "webp": Format(".webp", "image/webp", encode_webp),
    "png": Format(".png", "image/png", encode_png, still=True),  # all frames, as a sheet
    "frame": Format(".png", "image/png", encode_png, still=True),
    "json": Format(".json", "application/json", None),
}


def format_of(path: Path, frame: object = None) -> str:
    """Return the format that a file name means; MediaError where it means none.

    Args:
        path: the file; only its suffix counts.
        frame: the only frame that is wanted; None = all.
    """
    for name, each in FORMATS.items():
        if path.suffix.lower() == each.suffix and (name != "png" or frame is None):
            return name
    legal = ", ".join(dict.fromkeys(each.suffix for each in FORMATS.values()))
    raise MediaError(f"{path.name} has no known suffix; legal are {legal}")


def read_format(name: object) -> str:
    """Return the name of a format; refuse (RequestError) any other."""
    if name not in FORMATS:
        raise RequestError("format", name, _either(FORMATS))
    return str(name)


def plan(
    name: str,
    row: Row,
    clips: Sequence[ClipRequest],
    scale: object = None,
    frame: object = None,
    fps: float | None = None,
) -> Recipe:
    """Return the recipe of a file.

    Args:
        name: a key of FORMATS.
        row: the release that makes the clips.
        clips: canonical, one after the other in the file.
        scale: each pixel becomes a square of this side, 1 to 8; None = what suits the format.
        frame: the one that the format "frame" shows; None = the first.
        fps: frames a second; None = the release's.

    Raises:
        RequestError: what can't be exported, or is too large.
    """
    if len(clips) > 1 and FORMATS[name].still:
        raise RequestError("format", name, _either(
            [other for other in FORMATS if not FORMATS[other].still]
        ))  # fmt: skip
    one = None
    if name == "frame":
        one = whole("frame", 0 if frame is None else frame, 0, clips[0].frames - 1)
    factor = None if scale is None else whole("scale", scale, 1, MAX_SCALE)
    count = 1 if name == "frame" else sum(clip.frames for clip in clips)
    fits = min(MAX_SCALE, _largest_scale(count, row.clip.height, row.clip.width))
    if (factor or 1) > fits:
        size = f"{count} x {row.clip.width} x {row.clip.height}"
        raise RequestError("scale", factor or 1, (
            f"1 to {fits}: {size} pixels may become {MAX_PIXELS}",
            f" 1 到 {fits}：{size} 个像素放大后不得超过 {MAX_PIXELS}",
        ))  # fmt: skip
    return Recipe(row.name, row.sha256, fps or row.fps, tuple(clips), factor, one, row.hub)


def export(
    name: str, recipe: Recipe, make: Callable[[Sequence[ClipRequest]], Sequence[Frames]]
) -> bytes:
    """Return the bytes of a file; the same format and recipe give the same bytes.

    Args:
        name: a key of FORMATS.
        recipe: what ``plan`` returned for it.
        make: renders clips, each [T, H, W, C]; not asked where the format shows none.

    Raises:
        MediaError: there is no ffmpeg, or it fails.
    """
    encode = FORMATS[name].encode
    if encode is None:
        return f"{recipe.to_json(indent=1)}\n".encode("ascii")
    frames = np.concatenate(make(recipe.clips))
    if recipe.frame is not None:
        frames = frames[recipe.frame : recipe.frame + 1]
    count, height, width, _ = frames.shape
    suits = math.ceil(VIDEO_SIDE / min(height, width)) if FORMATS[name].video else 1
    scale = recipe.scale or min(suits, _largest_scale(count, height, width))
    return encode(frames, recipe.fps, scale, recipe.to_json())


def _largest_scale(count: int, height: int, width: int) -> int:
    """Return what fits into a file; 0 where even the frames as they are are too many."""
    return math.isqrt(MAX_PIXELS // (count * height * width))


def _either(names: Iterable[str]) -> tuple[str, str]:
    words = ", ".join(names)
    return words, f" {words}"
