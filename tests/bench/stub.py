"""Stands in for the generator on both pages: moving pictures that tell the value asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidgen.media import Frames
from vidgen.request import ClipRequest

STUB_MS = 15.0  # what a clip takes
TOP = 999  # the highest value: what the page's seed slider reaches
FRAMES, SIDE, FPS = 16, 64, 8
_CELLS = 4  # a side; probe.js reads them back


def draw(value: int) -> Frames:
    """Draw a clip, uint8 [16, 64, 64, 3], that tells a value from 0 to 999 in every frame.

    Each frame has 4 x 4 black or white cells. Row by row: ten bits of the value, lowest first; two
    that check them and are never those of an all-black or all-white picture; and a last row where
    one white cell walks along, which is the movement. Cells are H.264's macroblocks, so that no
    codec blurs them.
    """
    assert 0 <= value <= TOP, value
    word = value | (value % 3 + 1) << 10
    cells = np.zeros((FRAMES, _CELLS, _CELLS), np.uint8)
    cells[:, :-1] = np.reshape([word >> bit & 1 for bit in range(12)], (_CELLS - 1, _CELLS))
    cells[np.arange(FRAMES), -1, np.arange(FRAMES) % _CELLS] = 1
    side = SIDE // _CELLS
    pixels = 255 * cells.repeat(side, axis=1).repeat(side, axis=2)
    return np.repeat(pixels[..., None], 3, axis=3)


def make(value: int) -> Frames:
    """Draw after the time that a generator takes."""
    time.sleep(STUB_MS / 1000)
    return draw(value)


class StubEngine:
    """What the service asks of an engine; the value is the first content seed."""

    device = "cpu"

    def render(self, path: Path, requests: Sequence[ClipRequest]) -> list[Frames]:
        """Make a clip for each request, one after the other."""
        del path
        return [make(request.content[0][0]) for request in requests]
