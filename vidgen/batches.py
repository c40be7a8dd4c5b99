"""Which of the requests that wait are rendered together."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from vidgen.clip import Clip
from vidgen.request import ClipRequest
from vidgen.rows import Row

Key = tuple[ClipRequest, str]  # the canonical request and the sha256 of the release file

# Frames x height x width that are rendered at one go; one clip always is. A GPU takes sixteen long
# clips of 64 px at once. One clip keeps a CPU busy, so there each goes alone: it is handed out
# before the next one begins, and nobody waits for a larger neighbour in the same batch.
CPU_PIXELS = 0
GPU_PIXELS = 2**22
CELL_PIXELS = 2**20  # of the cells of a grid: a slider that moves meanwhile waits for no more


@dataclass(eq=False)
class Job:
    """A request that waits for its clip.

    Attributes:
        since: when it came (time.perf_counter).
        single: somebody waits for this clip alone, at a slider; it goes before all cells.
        gone: one event for each call of many clips that wants it; set when that caller has left.
    """

    key: Key
    row: Row
    path: Path
    since: float
    single: bool = False
    gone: list[threading.Event] = field(default_factory=list)
    done: Future[Clip] = field(default_factory=Future)

    @property
    def pixels(self) -> int:
        """Return the cost: frames x height x width."""
        return self.key[0].frames * self.row.clip.height * self.row.clip.width

    def unwanted(self) -> bool:
        """Return whether all who wanted it have left."""
        return not self.single and all(event.is_set() for event in self.gone)


def take_batch(waiting: deque[Job], room: int) -> list[Job]:
    """Take the oldest single clip, else the oldest cell, and others of its kind and release.

    Args:
        waiting: at least one job; what is not taken stays, in its order.
        room: pixels (frames x height x width) that all but the first must fit into with it.
    """
    first = next((job for job in waiting if job.single), waiting[0])
    room = room if first.single else min(room, CELL_PIXELS)
    room -= first.pixels
    batch, rest = [first], list[Job]()
    for job in waiting:
        if job is first:
            continue
        alike = job.key[1] == first.key[1] and job.single == first.single
        fits = alike and job.pixels <= room
        (batch if fits else rest).append(job)
        room -= job.pixels if fits else 0
    waiting.clear()
    waiting.extend(rest)
    return batch
