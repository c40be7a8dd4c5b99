"""Folders of frames, and strips that hold a clip's frames side by side, become frames."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from train.data.cropping import WIDEST, busiest
from train.data.decode import Decoded, Settings
from train.data.decoding import MAX_PIXELS, DecodeError, Stopped
from train.data.scan import PICTURES, natural

_FORMATS = ("PNG", "JPEG")
_STRIP_PIXELS = 4 * MAX_PIXELS  # a strip is many frames
_MIDDLE = (0.5, 0.5)


def decode_frames(path: Path, settings: Settings, stop: Event) -> Decoded:
    """Decode a folder of pictures, in natural order, one a frame; what can't be read is noted.

    Raises:
        DecodeError: none can be read.
        Stopped: ``stop`` was set.
    """
    names = sorted((p for p in path.iterdir() if _is_picture(p)), key=lambda p: natural(p.name))
    chosen = _at_rate(len(names), settings)
    frames, faults, size = [], [], (0, 0)
    for index in chosen:
        if stop.is_set():
            raise Stopped
        try:
            picture = open_picture(names[index], MAX_PIXELS)
        except DecodeError as error:
            faults.append(f"{names[index].name} {error}")
            continue
        size = size if frames else picture.size
        frames.append(squared(picture.resize(size) if picture.size != size else picture, settings))
    if not frames:
        raise DecodeError(f"no picture can be read: {faults[0] if faults else 'there is none'}")
    notes = [f"{len(faults)} of {len(chosen)} frames missing: {faults[0]}"] if faults else []
    return _finished(frames, size, len(names), settings, notes)


def decode_strip(path: Path, settings: Settings) -> Decoded:
    """Decode one picture that holds square frames side by side, or one above the other.

    Raises:
        DecodeError: it can't be read, or its long side is no multiple of the short one.
    """
    picture = open_picture(path, _STRIP_PIXELS)
    side, length = sorted(picture.size)
    if length % side:
        raise DecodeError(
            f"is {picture.width}x{picture.height}; a strip's long side is a multiple of the short "
            "one, and pictures that are frames belong into a folder for each clip"
        )
    across = picture.width == length
    boxes = [(k * side, 0) if across else (0, k * side) for k in range(length // side)]
    chosen = [boxes[index] for index in _at_rate(len(boxes), settings)]
    frames = [squared(picture.crop((x, y, x + side, y + side)), settings) for x, y in chosen]
    return _finished(frames, (side, side), len(boxes), settings, [])


def open_picture(path: Path, most: int) -> Image.Image:
    """Open a picture as RGB, upright; what is transparent becomes black.

    Raises:
        DecodeError: it can't be read, or has more than ``most`` pixels.
    """
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if picture.width * picture.height > most:
                raise DecodeError(
                    f"is {picture.width}x{picture.height}; legal are {most} pixels in all"
                )
            picture = ImageOps.exif_transpose(picture)
            if picture.mode == "I;16":  # 16 bits of grey; Pillow would clip them
                picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                ground = Image.new("RGBA", picture.size, "black")
                picture = Image.alpha_composite(ground, picture)
            return picture.convert("RGB")
    except Image.DecompressionBombError as error:
        raise DecodeError(f"has more than {most} pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DecodeError(f"can't be read: {str(error).replace(str(path), 'it')[:100]}") from error


def squared(picture: Image.Image, settings: Settings) -> NDArray[np.uint8]:
    """Make a square of a picture, uint8 [size, size, 3]; for a smart crop a strip."""
    side, (width, height) = settings.size, picture.size
    if settings.crop == "fit":
        return np.asarray(ImageOps.pad(picture, (side, side), Image.Resampling.BICUBIC))
    if settings.crop == "center":
        return np.asarray(ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC, 0, _MIDDLE))
    short = min(width, height)
    long = min(max(width, height), WIDEST * short) / short
    shape = (side, round(side * long)) if height > width else (round(side * long), side)
    return np.asarray(ImageOps.fit(picture, shape, Image.Resampling.BICUBIC, 0, _MIDDLE))


def _is_picture(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in PICTURES


def _at_rate(count: int, settings: Settings) -> list[int]:
    """Which of ``count`` pictures are shown at each moment that is kept."""
    step = settings.picture_fps / settings.fps
    shown = [int(k * step + 0.5) for k in range(int((count - 1) / step) + 1)]
    return [min(index, count - 1) for index in shown[: settings.most]]


def _finished(
    frames: list[NDArray[np.uint8]], size: tuple[int, int], count: int, settings: Settings,
    notes: list[str],
) -> Decoded:  # fmt: skip
    seconds = count / settings.picture_fps
    if len(frames) == settings.most and seconds > settings.most / settings.fps + 1:
        notes = [*notes, f"used up to {settings.most / settings.fps:.0f} s of {seconds:.0f}"]
    square = busiest(np.stack(frames), settings.size)
    return Decoded(square, *size, settings.picture_fps, seconds, tuple(notes))
