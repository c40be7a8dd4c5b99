"""Encoded sheets are kept up to a number of bytes, the last asked for longest."""

import numpy as np
from gated_engine import ask

from vidgen.clip import Clip, SheetCache, Timings, encode_sheet


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
