"""What a request becomes: a clip, a sheet for the player, and the cache that keeps sheets."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from vidgen.media import QUALITY, SHEET_MIME, Frames, blocks_across, sheet_bytes
from vidgen.request import ClipRequest

_ROW_BYTES = 1024  # what the cache counts for a sheet besides its data


@dataclass(frozen=True)
class Timings:
    """Where the time went, ms: waiting, in the generator (its whole batch), in the encoder.

    ``cold`` says that the generator had to be loaded first, which ``model_ms`` contains.
    """

    queue_ms: float
    model_ms: float
    encode_ms: float = 0.0
    cold: bool = False


@dataclass(frozen=True)
class Clip:
    """A clip: frames uint8 [T, H, W, C], frames a second, and the request as it was understood."""

    frames: Frames
    fps: float
    request: ClipRequest
    timings: Timings
    device: str


@dataclass(frozen=True)
class Sheet:
    """Clips as one encoded picture.

    Each clip is a block of columns x rows cells, its ``frames`` frames of width x height pixels
    row by row; ``clips`` blocks follow each other row by row, ``across`` in each.
    """

    data: bytes
    mime: str
    columns: int
    rows: int
    frames: int
    width: int
    height: int
    fps: float
    timings: Timings
    device: str
    cached: bool = False
    clips: int = 1
    across: int = 1


def encode_sheet(*clips: Clip, quality: int = QUALITY) -> Sheet:
    """Encode clips of one shape as a sheet; ``quality`` is JPEG's, 1 to 95."""
    begun = time.perf_counter()
    data, columns, rows = sheet_bytes(*(clip.frames for clip in clips), quality=quality)
    encode_ms = 1000 * (time.perf_counter() - begun)
    count, height, width, _ = clips[0].frames.shape
    across = blocks_across(len(clips), columns * width, rows * height)
    return Sheet(
        data, SHEET_MIME, columns, rows, count, width, height, clips[0].fps,
        _together([clip.timings for clip in clips], encode_ms), clips[0].device,
        clips=len(clips), across=across,
    )  # fmt: skip


def _together(timings: Sequence[Timings], encode_ms: float) -> Timings:
    """Return the times of a call: until its first clip was begun, and from then to its last."""
    queue_ms = min(each.queue_ms for each in timings)
    ended_ms = max(each.queue_ms + each.model_ms for each in timings)
    cold = any(each.cold for each in timings)
    return Timings(queue_ms, ended_ms - queue_ms, encode_ms, cold)


class SheetCache:
    """Keeps the sheets that were asked for last, up to a number of bytes; for any thread."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._sheets: OrderedDict[Hashable, Sheet] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Sheet | None:
        """Return the sheet of a key, marked as cached; None where there is none."""
        with self._lock:
            if key not in self._sheets:
                return None
            self._sheets.move_to_end(key)
            return replace(self._sheets[key], cached=True)

    def put(self, key: Hashable, sheet: Sheet) -> None:
        """Keep a sheet; those that nobody asked for longest make room."""
        with self._lock:
            if key in self._sheets:
                return
            self._sheets[key] = sheet
            self._bytes += len(sheet.data) + _ROW_BYTES
            while self._bytes > self._max_bytes:
                _, oldest = self._sheets.popitem(last=False)
                self._bytes -= len(oldest.data) + _ROW_BYTES
