"""Sheets hold every frame of every clip, and are kept up to a number of bytes."""

import io
from itertools import product

import numpy as np
import pytest
from gated_engine import ask
from PIL import Image

from vidgen.axes import MAX_CELL_PIXELS, MAX_CELLS
from vidgen.clip import Clip, SheetCache, Timings, encode_sheet
from vidgen.media import blocks_across, sheet_grid
from vidgen.request import MAX_PIXELS


def clips_of(count, frames=9, height=16, width=32, channels=3):
    """Make clips that tell each frame of each clip by its level."""
    for clip in range(count):
        levels = (np.arange(frames) * 20 + 5 * clip).astype(np.uint8)[:, None, None, None]
        yield Clip(np.tile(levels, (1, height, width, channels)), 8.0, ask(clip),
                   Timings(2.0 + clip, 5.0), "cpu")  # fmt: skip


@pytest.mark.parametrize(("count", "channels"), [(1, 3), (2, 1), (5, 3), (12, 1)])
def test_frame_f_of_clip_c_is_where_the_description_says(count, channels):
    clips = list(clips_of(count, channels=channels))
    sheet = encode_sheet(*clips)
    assert sheet.clips == count and (sheet.columns, sheet.rows, sheet.frames) == (3, 3, 9)
    with Image.open(io.BytesIO(sheet.data)) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    for c, f in product(range(count), range(9)):
        left = ((c % sheet.across) * sheet.columns + f % sheet.columns) * sheet.width
        top = ((c // sheet.across) * sheet.rows + f // sheet.columns) * sheet.height
        cell = pixels[top : top + sheet.height, left : left + sheet.width]
        assert cell.shape == (16, 32, 3)
        assert abs(cell - clips[c].frames[f, 0, 0, 0]).max() <= 3


def test_no_legal_sheet_has_a_side_that_a_phone_cannot_draw():
    sides = range(16, 257, 16)
    for height, width, frames in product(sides, sides, range(8, 65)):
        columns, rows = sheet_grid(frames)
        most = min(MAX_CELLS, MAX_CELL_PIXELS // (frames * height * width))
        if frames * height * width > MAX_PIXELS:
            continue
        across = blocks_across(most, columns * width, rows * height)
        assert across * columns * width <= 8192
        assert -(-most // across) * rows * height <= 8192


def test_a_call_is_timed_from_its_first_clip_to_its_last():
    sheet = encode_sheet(*clips_of(4))
    assert (
        sheet.timings.queue_ms == 2 and sheet.timings.model_ms == 8
    )  # the last ended at 2 + 3 + 5
    assert sheet.timings.encode_ms > 0


def small_sheet(level):
    frames = np.full((8, 16, 16, 1), level, np.uint8)
    return encode_sheet(Clip(frames, 8.0, ask(0), Timings(0, 0), "cpu"))


def test_the_cache_keeps_to_its_bytes_and_forgets_the_oldest():
    sheet = small_sheet(0)
    cache = SheetCache(3 * (len(sheet.data) + 1024))
    for key in "abc":
        cache.put(key, sheet)
    assert cache.get("a") is not None  # asked for: now b is the oldest
    cache.put("d", sheet)
    assert [key for key in "abcd" if cache.get(key) is None] == ["b"]
    for _ in range(9):
        cache.put("d", sheet)  # counted once
    assert [key for key in "abcd" if cache.get(key) is None] == ["b"]
    none = SheetCache(0)
    none.put("a", sheet)
    assert none.get("a") is None
