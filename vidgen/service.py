"""Requests to clips: one thread owns the generator and takes what waits, batch by batch."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from vidgen.batches import CPU_PIXELS, GPU_PIXELS, Job, Key, take_batch
from vidgen.clip import Clip, Sheet, SheetCache, Timings, encode_sheet
from vidgen.media import Frames
from vidgen.request import ClipRequest, find_row, validate
from vidgen.rows import Row

__all__ = ["Busy", "Clip", "Closed", "Renderer", "Service", "Sheet", "Timings"]


class Busy(Exception):
    """Too many requests wait; ``retry_after`` says in how many seconds to come again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests are waiting; try again in {retry_after} s")
        self.retry_after = retry_after


class Closed(Exception):
    """The service was closed before the clip was made."""


class Releases(Protocol):
    """What the service asks of a shelf."""

    def rows(self) -> Sequence[Row]:
        """Return the releases that can be had now."""
        ...

    def path(self, name: str) -> Path:
        """Return the checked file of a release."""
        ...


class Renderer(Protocol):
    """What the service asks of an engine."""

    @property
    def device(self) -> str:
        """Return the kind of device: "cpu", "cuda" or "mps"."""
        ...

    def render(self, path: Path, requests: Sequence[ClipRequest]) -> list[Frames]:
        """Make one clip for each canonical request, all from one release file."""
        ...


class Service:
    """Makes clips for many callers at once; every method may be called from any thread.

    Args:
        shelf: where releases are found.
        engine: what renders; None = the real one, which the worker thread imports and makes.
        cache_bytes: how much room encoded sheets get.
        max_waiting: how many requests may wait before the next one is told to come again.
    """

    def __init__(
        self,
        shelf: Releases,
        engine: Renderer | None = None,
        cache_bytes: int = 64 * 2**20,
        max_waiting: int = 32,
    ) -> None:
        self._shelf, self._engine = shelf, engine
        self._max_waiting = max_waiting
        self._cache = SheetCache(cache_bytes)
        self._changed = threading.Condition()  # guards the five below
        self._waiting: deque[Job] = deque()
        self._flying: dict[Key, Job] = {}  # waiting or being rendered
        self._seconds = 0.1  # what a clip took in the generator lately
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="vidgen-service", daemon=True)
        self._thread.start()

    def rows(self) -> list[Row]:
        """Return the releases that can be asked for now."""
        return list(self._shelf.rows())

    def generate(self, request: ClipRequest) -> Clip:
        """Make a clip.

        Raises:
            RequestError: the request is refused.
            HubError: the release can't be had.
            Busy: too many requests wait.
            Closed: the service is closed.
        """
        return self._make(*self._understand(request))

    def sheet(self, request: ClipRequest) -> Sheet:
        """Make a clip as one encoded picture, or take it from the cache; raises as ``generate``."""
        row, request = self._understand(request)
        key = (request, row.sha256)
        sheet = self._cache.get(key)
        if sheet is None:
            sheet = encode_sheet(self._make(row, request))
            self._cache.put(key, sheet)
        return sheet

    def close(self) -> None:
        """End the worker thread; whoever still waits gets Closed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _understand(self, request: ClipRequest) -> tuple[Row, ClipRequest]:
        row = find_row(request.release, self._shelf.rows())
        return row, validate(request, row)

    def _make(self, row: Row, request: ClipRequest) -> Clip:
        """Queue a request and wait for its clip; what is asked for twice is made once."""
        path = self._shelf.path(row.name)
        key = (request, row.sha256)
        with self._changed:
            if self._closed:
                raise Closed("the service is closed")
            job = self._flying.get(key)
            if job is None:
                if len(self._waiting) >= self._max_waiting:
                    raise Busy(max(1, math.ceil(len(self._waiting) * self._seconds)))
                job = self._flying[key] = Job(key, row, path, time.perf_counter())
                self._waiting.append(job)
                self._changed.notify_all()
        return job.done.result()

    def _work(self) -> None:
        """Be the worker thread: render batch by batch until closed."""
        with contextlib.suppress(Exception):  # whoever asks first hears of it
            self._own_engine()
        while batch := self._next_batch():
            self._render(batch)

    def _own_engine(self) -> Renderer:
        if self._engine is None:
            from vidgen.engine import Engine  # brings torch, which takes seconds

            self._engine = Engine()
        return self._engine

    def _next_batch(self) -> list[Job]:
        """Wait for work and take it; empty when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                for job in self._waiting:
                    job.done.set_exception(Closed("the service was closed"))
                return []
            on_cpu = self._engine is None or self._engine.device == "cpu"
            return take_batch(self._waiting, CPU_PIXELS if on_cpu else GPU_PIXELS)

    def _render(self, batch: list[Job]) -> None:
        """Render a batch and hand out its clips; what goes wrong reaches whom it concerns."""
        begun = time.perf_counter()
        try:
            engine = self._own_engine()
            made = engine.render(batch[0].path, [job.key[0] for job in batch])
            assert len(made) == len(batch), (len(made), len(batch))
        except BaseException as error:  # the worker outlives any of them
            if len(batch) > 1:  # perhaps a single one is at fault
                for job in batch:
                    self._render([job])
            else:
                self._forget(batch)
                batch[0].done.set_exception(error)
            return
        seconds = time.perf_counter() - begun
        self._forget(batch, seconds)
        for job, frames in zip(batch, made, strict=True):
            timings = Timings(1000 * (begun - job.since), 1000 * seconds)
            job.done.set_result(Clip(frames, job.row.fps, job.key[0], timings, engine.device))

    def _forget(self, batch: list[Job], seconds: float | None = None) -> None:
        with self._changed:
            for job in batch:
                del self._flying[job.key]
            if seconds is not None:
                self._seconds += 0.2 * (seconds / len(batch) - self._seconds)
