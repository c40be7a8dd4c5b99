"""Requests to clips: one thread owns the generator and takes what waits, batch by batch."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from vidgen.batches import CPU_PIXELS, GPU_PIXELS, Job
from vidgen.clip import Clip, Sheet, SheetCache, Timings, encode_sheet
from vidgen.line import Busy, Closed, Gone, Line
from vidgen.media import Frames
from vidgen.request import ClipRequest, find_row, validate
from vidgen.rows import Row

__all__ = ["Busy", "Clip", "Closed", "Gone", "Renderer", "Service", "Sheet", "Timings"]


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

    def holds(self, path: Path) -> bool:
        """Say whether a release is loaded."""
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
        max_waiting: how many single clips may wait before the next one is told to come again.
        max_calls: likewise, how many calls of many clips may be under way.
    """

    def __init__(
        self,
        shelf: Releases,
        engine: Renderer | None = None,
        cache_bytes: int = 64 * 2**20,
        max_waiting: int = 32,
        max_calls: int = 8,
    ) -> None:
        self._shelf, self._engine = shelf, engine
        self._cache = SheetCache(cache_bytes)
        self._line = Line(max_waiting, max_calls)
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

    def clips(
        self, requests: Sequence[ClipRequest], gone: threading.Event | None = None
    ) -> list[Clip]:
        """Make the clips of one call; single clips that are asked for meanwhile go before them.

        Args:
            requests: any number, in the order in which the clips come back.
            gone: to be set when the caller leaves: what was not begun is not made then. It is set
                here when the call is over.

        Raises:
            RequestError, HubError, Closed: as ``generate`` does.
            Busy: too many such calls are under way.
            Gone: the caller left.
        """
        return self._make_all([self._understand(request) for request in requests], gone)

    def grid(self, requests: Sequence[ClipRequest], gone: threading.Event | None = None) -> Sheet:
        """Make the clips of one call as one encoded picture, or take it from the cache.

        Args:
            requests: of one release and as many frames each; else as ``clips``, which says what is
                raised.
            gone: see there.
        """
        known = [self._understand(request) for request in requests]
        key = tuple((request, row.sha256) for row, request in known)
        sheet = self._cache.get(key)
        if sheet is None:
            sheet = encode_sheet(*self._make_all(known, gone))
            self._cache.put(key, sheet)
        return sheet

    def close(self) -> None:
        """End the worker thread; whoever still waits gets Closed."""
        self._line.close()
        self._thread.join()

    def _understand(self, request: ClipRequest) -> tuple[Row, ClipRequest]:
        row = find_row(request.release, self._shelf.rows())
        return row, validate(request, row)

    def _make(self, row: Row, request: ClipRequest) -> Clip:
        job = self._line.join((row, self._shelf.path(row.name), request))
        return job.done.result()

    def _make_all(
        self, known: Sequence[tuple[Row, ClipRequest]], gone: threading.Event | None
    ) -> list[Clip]:
        gone = gone or threading.Event()
        paths = {row.name: self._shelf.path(row.name) for row, _ in known}
        jobs = self._line.join_all([(row, paths[row.name], asked) for row, asked in known], gone)
        try:
            return [job.done.result() for job in jobs]
        finally:
            gone.set()  # if one of them failed, the others need not be made
            self._line.leave()

    def _work(self) -> None:
        """Be the worker thread: render batch by batch until closed."""
        with contextlib.suppress(Exception):  # whoever asks first hears of it
            self._own_engine()
        while batch := self._line.take(self._room()):
            self._render(batch)

    def _own_engine(self) -> Renderer:
        if self._engine is None:
            from vidgen.engine import Engine  # brings torch, which takes seconds

            self._engine = Engine()
        return self._engine

    def _room(self) -> int:
        on_cpu = self._engine is None or self._engine.device == "cpu"
        return CPU_PIXELS if on_cpu else GPU_PIXELS

    def _render(self, batch: list[Job]) -> None:
        """Render a batch and hand out its clips; what goes wrong reaches whom it concerns."""
        begun = time.perf_counter()
        try:
            engine = self._own_engine()
            cold = not engine.holds(batch[0].path)
            made = engine.render(batch[0].path, [job.key[0] for job in batch])
            assert len(made) == len(batch), (len(made), len(batch))
        except BaseException as error:  # the worker outlives any of them
            if len(batch) > 1:  # perhaps a single one is at fault
                for job in batch:
                    self._render([job])
            else:
                self._line.forget(batch)
                batch[0].done.set_exception(error)
            return
        seconds = time.perf_counter() - begun
        self._line.forget(batch, seconds)
        for job, frames in zip(batch, made, strict=True):
            timings = Timings(1000 * (begun - job.since), 1000 * seconds, cold=cold)
            job.done.set_result(Clip(frames, job.row.fps, job.key[0], timings, engine.device))
