"""Which of the requests that wait are rendered together."""

from __future__ import annotations

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


@dataclass
class Job:
    """A request that waits for its clip; ``since`` is when it came (time.perf_counter)."""

    key: Key
    row: Row
    path: Path
    since: float
    done: Future[Clip] = field(default_factory=Future)

    @property
    def pixels(self) -> int:
        """Return the cost: frames x height x width."""
        return self.key[0].frames * self.row.clip.height * self.row.clip.width


def take_batch(waiting: deque[Job], room: int) -> list[Job]:
    """Take the oldest job, and those of the same release for which there is room, in order.

    Args:
        waiting: at least one job; what is not taken stays.
        room: pixels (frames x height x width) that all but the first must fit into with it.
    """
    first = waiting.popleft()
    batch, rest = [first], list[Job]()
    room -= first.pixels
    for job in waiting:
        fits = job.key[1] == first.key[1] and job.pixels <= room
        (batch if fits else rest).append(job)
        room -= job.pixels if fits else 0
    waiting.clear()
    waiting.extend(rest)
    return batch
