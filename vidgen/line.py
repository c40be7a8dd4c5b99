"""Who waits for which clip: single clips first, the cells of many-clip calls behind them."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from vidgen.batches import Job, Key, take_batch
from vidgen.request import ClipRequest
from vidgen.rows import Row

Wanted = tuple[Row, Path, ClipRequest]  # the release, its file, the canonical request


class Busy(Exception):
    """Too many requests wait; ``retry_after`` says in how many seconds to come again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests are waiting; try again in {retry_after} s")
        self.retry_after = retry_after


class Closed(Exception):
    """The service was closed before the clip was made."""


class Gone(Exception):
    """Who asked has left, and the clip was not made."""


class Line:
    """The jobs that wait and those that are being rendered; every method is for any thread.

    Args:
        max_waiting: how many single clips may wait before the next one is told to come again.
        max_calls: likewise, how many calls of many clips may be under way.
    """

    def __init__(self, max_waiting: int, max_calls: int) -> None:
        self._max_waiting, self._max_calls = max_waiting, max_calls
        self._changed = threading.Condition()  # guards all below
        self._waiting: deque[Job] = deque()
        self._flying: dict[Key, Job] = {}  # waiting or being rendered
        self._calls = 0  # of many clips, under way
        self._seconds = 0.1  # what a clip took in the generator lately
        self._closed = False

    def join(self, wanted: Wanted) -> Job:
        """Return the job of a single clip; what is on its way already is not made twice.

        Raises:
            Busy, Closed: see there.
        """
        row, _, request = wanted
        with self._changed:
            singles = sum(job.single for job in self._waiting)
            if singles >= self._max_waiting and (request, row.sha256) not in self._flying:
                raise self._busy(singles)
            job = self._job(wanted)
            job.single = True
        return job

    def join_all(self, cells: Sequence[Wanted], gone: threading.Event) -> list[Job]:
        """Return the jobs of a call of many clips, which ends with ``leave``; raises as ``join``.

        Args:
            cells: what is wanted; equal ones share a job.
            gone: when it is set, what was not begun for this call alone is dropped.
        """
        with self._changed:
            if self._calls >= self._max_calls:
                raise self._busy(len(self._waiting))
            jobs = [self._job(wanted) for wanted in cells]
            for job in jobs:
                job.gone.append(gone)
            self._calls += 1
        return jobs

    def leave(self) -> None:
        """Tell that a call of many clips is over."""
        with self._changed:
            self._calls -= 1

    def take(self, room: int) -> list[Job]:
        """Wait for jobs and take a batch of at most ``room`` pixels; empty when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_work() or self._closed)
            if self._closed:
                for job in self._waiting:
                    job.done.set_exception(Closed("the service was closed"))
                return []
            return take_batch(self._waiting, room)

    def forget(self, batch: Sequence[Job], seconds: float | None = None) -> None:
        """Tell that a batch is no longer on its way; ``seconds`` is what it took, if it worked."""
        with self._changed:
            for job in batch:
                del self._flying[job.key]
            if seconds is not None:
                self._seconds += 0.2 * (seconds / len(batch) - self._seconds)

    def close(self) -> None:
        """Let nobody in any more; who waits gets Closed from the next ``take``."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _job(self, wanted: Wanted) -> Job:
        """Return the job that is on its way, or a new one at the end of the line."""
        if self._closed:
            raise Closed("the service is closed")
        row, path, request = wanted
        key = (request, row.sha256)
        if key not in self._flying:
            self._flying[key] = Job(key, row, path, time.perf_counter())
            self._waiting.append(self._flying[key])
            self._changed.notify_all()
        return self._flying[key]

    def _busy(self, waiting: int) -> Busy:
        return Busy(max(1, math.ceil(waiting * self._seconds)))

    def _has_work(self) -> bool:
        """Drop what nobody wants any more; return whether anything else waits."""
        for job in [job for job in self._waiting if job.unwanted()]:
            self._waiting.remove(job)
            del self._flying[job.key]
            job.done.set_exception(Gone("who asked for this clip has left"))
        return bool(self._waiting)
