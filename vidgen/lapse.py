"""The time-lapse of a release: the same seeds at a few moments of its training, as one sheet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidgen.beside import UNREADABLE, paths_of, read_beside, read_shape, write_beside
from vidgen.media import Frames, blocks_across, sheet_bytes
from vidgen.moments import SHAPE_KEYS, list_moments, read_moment, read_picture
from vidgen.rows import Row

MAX_BYTES = 600_000  # it ships with the code
_KIND = "lapse"
_MOMENTS = 12
_CLIPS = 5
_FRAMES = 8
_QUALITIES = (85, 75, 65, 55, 45, 35)  # JPEG; the first that fits


@dataclass(frozen=True)
class Lapse:
    """A sheet of clips, moment by moment.

    Attributes:
        steps: of the training, at which the moments are.
        shown: (class, seed) of each clip of a moment.
        data: the sheet, a JPEG, laid out as ``encode_sheet`` does.
        shape: frames, columns, rows, width, height, clips (of all moments) and across.
        fps: frames a second.
    """

    steps: tuple[int, ...]
    shown: tuple[tuple[int, int], ...]
    data: bytes
    shape: dict[str, int]
    fps: float


def make_lapse(run: Path, last: int) -> Lapse | None:
    """Make the time-lapse of a run's folder up to a step; None where it was not watched.

    Raises:
        ValueError: it fits into no file that may ship.
    """
    moments = [read_moment(run, step) for step in list_moments(run) if step <= last]
    known = [moment for moment in moments if moment is not None]
    if len(known) < 2:
        return None
    # The latest ones matter, but so does the noise in the beginning: spread over all there are.
    places = np.unique(np.linspace(0, len(known) - 1, _MOMENTS).round().astype(int))
    chosen = [known[place] for place in places]
    first = chosen[0]
    picks = np.unique(np.linspace(0, len(first["shown"]) - 1, _CLIPS).round().astype(int))
    clips: list[Frames] = []
    for moment in chosen:
        data = read_picture(run, moment["step"], "clips")
        if data is None or moment["shown"] != first["shown"]:
            return None
        clips += [_cut(data, moment["shape"], int(pick))[:_FRAMES] for pick in picks]
    count, height, width, _ = clips[0].shape
    for quality in _QUALITIES:
        sheet, columns, rows = sheet_bytes(*clips, quality=quality)
        if len(sheet) <= MAX_BYTES:
            across = blocks_across(len(clips), columns * width, rows * height)
            numbers = (count, columns, rows, width, height, len(clips), across)
            shape: dict[str, int] = dict(zip(SHAPE_KEYS, numbers, strict=True))
            steps = tuple(moment["step"] for moment in chosen)
            shown = tuple(first["shown"][pick] for pick in picks)
            return Lapse(steps, shown, sheet, shape, first["fps"])
    raise ValueError(f"no time-lapse of {run} fits into {MAX_BYTES} bytes")


def write_lapse(folder: Path, row: Row, lapse: Lapse) -> None:
    """Write the time-lapse of a release beside it."""
    words = {"steps": lapse.steps, "shown": lapse.shown, **lapse.shape, "fps": lapse.fps}
    write_beside(folder, row, _KIND, lapse.data, words)


def read_lapse(folder: Path, row: Row) -> Lapse | None:
    """Read the time-lapse of a release; None where there is none of this very release file."""
    try:
        data, words = read_beside(folder, row, _KIND)
        shape, fps = read_shape(words, SHAPE_KEYS)
        steps = tuple(int(step) for step in words["steps"])
        shown = tuple((int(label), int(seed)) for label, seed in words["shown"])
        fits = 0 < len(steps) * len(shown) == shape["clips"] and len(steps) <= _MOMENTS
        legal = all(0 <= label < len(row.classes) and seed >= 0 for label, seed in shown)
        return Lapse(steps, shown, data, shape, fps) if fits and legal else None
    except UNREADABLE:
        return None  # the page then has none to show


def ship_lapse(run: Path, last: int, folder: Path, row: Row) -> None:
    """Write the time-lapse of a run up to a step beside its release; none of older weights stays.

    Raises:
        ValueError: it fits into no file that may ship.
    """
    lapse = make_lapse(run, last)
    if lapse is not None:
        write_lapse(folder, row, lapse)
    elif read_lapse(folder, row) is None:
        for path in paths_of(folder, row, _KIND):
            path.unlink(missing_ok=True)


def _cut(data: bytes, shape: dict[str, int], place: int) -> NDArray[np.uint8]:
    """Cut one clip out of a sheet: uint8 [T, H, W, 3]."""
    from PIL import Image

    sheet = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    columns, rows, width, height = (shape[key] for key in ("columns", "rows", "width", "height"))
    left = place % shape["across"] * columns * width
    top = place // shape["across"] * rows * height
    block = sheet[top : top + rows * height, left : left + columns * width]
    cells = block.reshape(rows, height, columns, width, 3).swapaxes(1, 2)
    return cells.reshape(rows * columns, height, width, 3)[: shape["frames"]]
