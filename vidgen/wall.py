"""The wall of a release: clips of every class with several seeds, made before anybody comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vidgen.beside import UNREADABLE, read_beside, read_shape, write_beside
from vidgen.clip import Clip, Timings, encode_sheet
from vidgen.request import frame_limits, from_form
from vidgen.rows import Row

MAX_BYTES = 600_000  # it ships with the code, and a phone fetches it
SHAPE_KEYS = ("frames", "columns", "rows", "width", "height", "clips", "across")
_MAX_CELLS = 64
_MAX_SEEDS = 8  # for a class
_FRAMES = (16, 8)  # the second where the first are too large
_PIXELS = 2**22
_QUALITIES = (85, 75, 65, 55, 45)  # JPEG; between the ends one has to look twice to see it
_KIND = "wall"


@dataclass(frozen=True)
class Wall:
    """A sheet of many clips that was made beforehand.

    Attributes:
        form: what all cells have in common, under the keys of a form.
        cells: what each has of its own, likewise; row by row, a row for each class.
        data: the sheet, a JPEG, laid out as ``encode_sheet`` does.
        shape: frames, columns, rows, width, height, clips and across.
        fps: frames a second.
    """

    form: Mapping[str, str]
    cells: tuple[Mapping[str, str], ...]
    data: bytes
    shape: Mapping[str, int]
    fps: float


def write_wall(folder: Path, row: Row, wall: Wall) -> None:
    """Write the wall of a release beside it."""
    words = {"form": dict(wall.form), "cells": [dict(cell) for cell in wall.cells]}
    write_beside(folder, row, _KIND, wall.data, {**words, **wall.shape, "fps": wall.fps})


def read_wall(folder: Path, row: Row) -> Wall | None:
    """Read the wall of a release; None where there is none, or it is not of this release file."""
    try:
        data, words = read_beside(folder, row, _KIND)
        shape, fps = read_shape(words, SHAPE_KEYS)
        form, cells = words["form"], tuple(words["cells"])
        if len(cells) != shape["clips"] or not 1 <= shape["across"] <= len(cells) <= _MAX_CELLS:
            return None
        asked = [from_form({**form, **cell}, [row], strict=True) for cell in cells]
        if {request.frames for request in asked} != {shape["frames"]}:
            return None
        return Wall(form, cells, data, shape, fps)
    except UNREADABLE:
        return None  # the page then has no wall to show


def make_wall(folder: Path, row: Row) -> Wall:
    """Make the wall of a shipped release and write it beside the release.

    Where the file would be too large, the JPEG is coarser; where that is not enough, there are
    fewer seeds.

    Args:
        folder: holds the release file.
        row: the release.

    Raises:
        ReleaseError: the file is not a release.
        ValueError: not even one seed for each class fits.
    """
    from vidgen.engine import Engine  # brings torch, which takes seconds

    classes = min(len(row.classes), _MAX_CELLS)
    pixels = classes * row.clip.height * row.clip.width
    frames = min(_FRAMES[pixels * _FRAMES[0] > _PIXELS], frame_limits(row)[1])
    seeds = max(1, min(_MAX_SEEDS, _MAX_CELLS // classes, _PIXELS // (pixels * frames)))
    form = {"release": row.name, "frames": str(frames), "loop": str(int(row.loops))}
    cells = [_cell(row, index, seed) for index in range(classes) for seed in range(seeds)]
    asked = [from_form({**form, **cell}, [row]) for cell in cells]
    made = Engine("cpu").render(folder / str(row.file), asked)
    clips = [
        Clip(each, row.fps, request, Timings(0, 0), "cpu")
        for each, request in zip(made, asked, strict=True)
    ]
    for fewer in range(seeds, 0, -1):
        kept = [place for place in range(len(cells)) if place % seeds < fewer]
        for quality in _QUALITIES:
            sheet = encode_sheet(*(clips[place] for place in kept), quality=quality)
            if len(sheet.data) <= MAX_BYTES:
                shape = {key: getattr(sheet, key) for key in SHAPE_KEYS}
                wall = Wall(form, tuple(cells[p] for p in kept), sheet.data, shape, row.fps)
                write_wall(folder, row, wall)
                return wall
    raise ValueError(f"no wall of {row.name} fits into {MAX_BYTES} bytes")


def _cell(row: Row, index: int, seed: int) -> dict[str, str]:
    """What varies: the class, and the seed of all that the release has a seed for."""
    cell = {"class": str(index), "seed": str(seed)} | ({"motion": str(seed)} if row.motion else {})
    return cell if row.classes[index].loops or not row.loops else {**cell, "loop": "0"}
