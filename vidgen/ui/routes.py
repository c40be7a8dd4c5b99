"""The page's own GET routes: the state to begin with, and a sheet of frames."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Timer

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgen.catalogue import Ready, read_ready
from vidgen.export import MAX_PIXELS
from vidgen.hub import Shelf
from vidgen.legal import LIMITS
from vidgen.recipe import MAX_SCALE
from vidgen.request import ClipRequest, from_form, to_form
from vidgen.rows import Row
from vidgen.scores import Scores, read_scores
from vidgen.service import Service
from vidgen.ui.about import About
from vidgen.ui.answers import Refusal, described, keeping, ready_answer, sheet_answer
from vidgen.ui.asking import on_thread, refusing
from vidgen.ui.files import Files
from vidgen.ui.link import read_link, read_with
from vidgen.ui.many import Many
from vidgen.ui.text import LANGUAGES

_WARM_AFTER = 0.5  # seconds from a ready-made picture to loading its model: it is painted by then
_THREADS = 64  # that may wait for the service; above its max_waiting, so that it says what is full


class Routes:
    """The routes over one service. They go into the server before it listens.

    Args:
        service: makes clips.
        shelf: knows the releases, and what could not be had.
        folder: where ready-made sheets lie, beside the shipped releases.
    """

    def __init__(self, service: Service, shelf: Shelf, folder: Path) -> None:
        self._service = service
        self._shelf = shelf
        self._folder = folder
        self._lock = Lock()
        self._ready: dict[str, Ready | None] = {}  # by sha256 of the release
        self._scores: dict[str, Scores] = {}  # likewise
        self._warmed: set[str] = set()
        self._limiter = anyio.CapacityLimiter(_THREADS)
        self._many = Many(service, folder, self._limiter)
        self._files = Files(service)
        self._about = About(shelf, folder, self._limiter)

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [
            Route("/start", self.start),
            Route("/clip", self.clip),
            *self._many.table(),
            *self._files.table(),
            *self._about.table(),
        ]

    async def start(self, request: Request) -> Response:
        """Answer what the page needs to begin: releases, limits, the state that the link asks.

        While ``pending`` is true, a release or a note may still come: ask again in a while.
        """
        notes = self._shelf.notes()  # before the rows: what settles in between is then pending
        rows = self._service.rows()
        firsts = {row.name: self._first(row) for row in rows}
        query = dict(request.query_params)
        state = read_link(query, rows, firsts) if rows else None
        other = read_with(query["with"], state, rows, firsts) if state and "with" in query else None
        body = {
            "releases": [
                described(
                    row,
                    firsts[row.name],
                    self._scores_of(row),
                    wall=self._many.wall_of(row) is not None,
                    lapse=self._many.lapse_of(row),
                )
                for row in rows
            ],
            "notes": [{language: note.text(language) for language in LANGUAGES} for note in notes],
            "pending": any(note.kind == "pending" for note in notes),
            "limits": LIMITS,
            "files": {"pixels": MAX_PIXELS, "scale": MAX_SCALE},
            "form": state.form if state else {},
            "with": other.form if other else None,
            "problems": [
                {language: problem.text(language) for language in LANGUAGES}
                for side in (state, other)
                for problem in (side.problems if side else ())
            ],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def clip(self, request: Request) -> Response:
        """Answer one sheet of frames; its header X-Sheet says how to read and time it."""
        try:
            wanted, row, version = self._wanted(request)
            keep = keeping(row, version)
            ready = self._ready_of(row)
            if ready is not None and ready.request == wanted:
                self._warm(wanted)
                return ready_answer(ready, keep)
            sheet = await on_thread(request, self._service.sheet, wanted, self._limiter)
        except Refusal as refusal:
            return refusal.answer
        return sheet_answer(sheet, keep)

    def _wanted(self, request: Request) -> tuple[ClipRequest, Row, str | None]:
        form = dict(request.query_params)
        version = form.pop("v", None)
        rows = self._service.rows()
        with refusing(request):
            wanted = from_form(form, rows, strict=True)
        return wanted, next(row for row in rows if row.name == wanted.release), version

    def _ready_of(self, row: Row) -> Ready | None:
        with self._lock:
            if row.sha256 not in self._ready:
                self._ready[row.sha256] = read_ready(self._folder, row)
            return self._ready[row.sha256]

    def _scores_of(self, row: Row) -> Scores:
        with self._lock:
            if row.sha256 not in self._scores:
                self._scores[row.sha256] = read_scores(self._folder, row)
            return self._scores[row.sha256]

    def _first(self, row: Row) -> Mapping[str, str]:
        """Return the state in which a release is first shown; the page itself picks another B."""
        ready = self._ready_of(row)
        form = to_form(ready.request) if ready else {}
        return {key: value for key, value in form.items() if key != "seed_b" or form["t"] != "0"}

    def _warm(self, wanted: ClipRequest) -> None:
        """Load the model of a ready-made picture, once, soon: the next request moves a slider."""
        with self._lock:
            if wanted.release in self._warmed:
                return
            self._warmed.add(wanted.release)

        def load() -> None:
            with contextlib.suppress(Exception):  # whoever asks next hears of it
                self._service.sheet(wanted)

        timer = Timer(_WARM_AFTER, load)
        timer.daemon = True
        timer.start()
