"""Stands in for the generator on both pages: moving pictures that tell what was asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidgen.media import Frames
from vidgen.request import ClipRequest

STUB_MS = 15.0  # what a clip takes
TOP = 999  # the highest seed: what the page's seed slider reaches
FRAMES, SIDE, FPS = 16, 64, 8
# What is told, lowest bit first: a seed, a place among the classes in twentieths, and how far to
# the right and down on the plane in hundredths. probe.js reads it back.
_BITS = (10, 8, 7, 7)
_CELLS = 8  # a side


def draw(seed: int, place: float = 0, t: float = 0, u: float = 0) -> Frames:
    """Draw a clip, uint8 [16, 64, 64, 3], that tells these four in every frame.

    Each frame has 8 x 8 black or white cells. Row by row: the bits of what is told; two that check
    them and are never those of an all-black or all-white picture; black ones; and a last row where
    one white cell walks along, which is the movement. Cells are the blocks of a JPEG, so that it
    blurs none.
    """
    assert 0 <= seed <= TOP, seed
    word, bits = 0, 0
    parts = (seed, round(20 * place), round(100 * t), round(100 * u))
    for part, width in zip(parts, _BITS, strict=True):
        assert part < 2**width, parts
        word |= part << bits
        bits += width
    word |= (word % 3 + 1) << bits
    cells = np.zeros((FRAMES, _CELLS, _CELLS), np.uint8)
    told = [word >> bit & 1 for bit in range(_CELLS * (_CELLS - 1))]
    cells[:, :-1] = np.reshape(told, (_CELLS - 1, _CELLS))
    cells[np.arange(FRAMES), -1, np.arange(FRAMES) % _CELLS] = 1
    side = SIDE // _CELLS
    pixels = 255 * cells.repeat(side, axis=1).repeat(side, axis=2)
    return np.repeat(pixels[..., None], 3, axis=3)


def make(seed: int, place: float = 0, t: float = 0, u: float = 0) -> Frames:
    """Draw after the time that a generator takes."""
    time.sleep(STUB_MS / 1000)
    return draw(seed, place, t, u)


def told_of(request: ClipRequest) -> tuple[int, float, float, float]:
    """Return what a clip tells of its request: the first seed, the class, t and u.

    Seeds with corners A = 0, B = 1, C = 2 and D = 3 are understood: odd ones lie to the right,
    those whose second bit is set lie below.
    """
    place = sum(index * weight for index, weight in request.classes)
    t, u = (sum(weight for seed, weight in request.content if seed & bit) for bit in (1, 2))
    return request.content[0][0], place, t, u


class StubEngine:
    """What the service asks of an engine."""

    device = "cpu"

    def holds(self, path: Path) -> bool:
        """Say that it is loaded."""
        return True

    def render(self, path: Path, requests: Sequence[ClipRequest]) -> list[Frames]:
        """Make a clip for each request, one after the other."""
        del path
        return [make(*told_of(request)) for request in requests]
