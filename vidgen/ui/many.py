"""The GET routes that show many clips as one picture: /clips, made now; /wall, /lapse, before."""

from __future__ import annotations

import functools
from pathlib import Path
from threading import Lock

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidgen.axes import read_cells
from vidgen.lapse import Lapse, read_lapse
from vidgen.legal import RequestError
from vidgen.request import find_row
from vidgen.rows import Row
from vidgen.service import Service
from vidgen.ui.answers import Refusal, keeping, picture_answer, sheet_answer, wall_answer
from vidgen.ui.asking import noticing, on_thread, refusing
from vidgen.wall import Wall, read_wall


class Many:
    """The routes of grids, paths and the catalogue.

    Args:
        service: makes clips.
        folder: where walls lie, beside the shipped releases.
        limiter: how many threads may wait for the service.
    """

    def __init__(self, service: Service, folder: Path, limiter: anyio.CapacityLimiter) -> None:
        self._service, self._folder, self._limiter = service, folder, limiter
        self._lock = Lock()
        self._walls: dict[str, Wall | None] = {}  # by sha256 of the release
        self._lapses: dict[str, Lapse | None] = {}  # likewise

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [
            Route("/clips", self.clips),
            Route("/wall", self.wall),
            Route("/lapse", self.lapse),
        ]

    async def clips(self, request: Request) -> Response:
        """Answer the cells of one or two axes as one sheet, described by its header X-Sheet."""
        form = dict(request.query_params)
        version = form.pop("v", None)
        rows = self._service.rows()
        try:
            with refusing(request):
                cells = read_cells(form, rows)
            async with noticing(request) as gone:
                make = functools.partial(self._service.grid, gone=gone)
                sheet = await on_thread(request, make, cells, self._limiter)
        except Refusal as refusal:
            return refusal.answer
        return sheet_answer(sheet, keeping(find_row(cells[0].release, rows), version))

    async def wall(self, request: Request) -> Response:
        """Answer the wall of a release; its header X-Sheet also says what each cell shows."""
        form = dict(request.query_params)
        rows = self._service.rows()
        try:
            with refusing(request):
                row = find_row(form.get("release", rows[0].name if rows else None), rows)
            wall = self.wall_of(row)
            with refusing(request, 404):
                if wall is None:
                    names = ", ".join(each.name for each in rows if self.wall_of(each)) or "-"
                    legal = (f"a model with a wall: {names}", f"有展示墙的模型：{names}")
                    raise RequestError("release", row.name, legal)
        except Refusal as refusal:
            return refusal.answer
        return wall_answer(wall, keeping(row, form.get("v")))

    async def lapse(self, request: Request) -> Response:
        """Answer the time-lapse of a release; its header X-Sheet says what it shows."""
        form = dict(request.query_params)
        try:
            with refusing(request, 404):
                row = find_row(form.get("release"), self._service.rows())
                lapse = self.lapse_of(row)
                if lapse is None:
                    legal = ("a model that has a time-lapse", "有学习过程的模型")
                    raise RequestError("release", row.name, legal)
        except Refusal as refusal:
            return refusal.answer
        meta = {
            **lapse.shape, "fps": lapse.fps, "device": "", "cached": True, "ready_made": True,
            "steps": lapse.steps, "shown": lapse.shown,
        }  # fmt: skip
        return picture_answer(lapse.data, "image/jpeg", meta, keeping(row, form.get("v")))

    def lapse_of(self, row: Row) -> Lapse | None:
        """Return the time-lapse of a release; None where there is none."""
        with self._lock:
            if row.sha256 not in self._lapses:
                self._lapses[row.sha256] = read_lapse(self._folder, row)
            return self._lapses[row.sha256]

    def wall_of(self, row: Row) -> Wall | None:
        """Return the wall of a release; None where there is none."""
        with self._lock:
            if row.sha256 not in self._walls:
                self._walls[row.sha256] = read_wall(self._folder, row)
            return self._walls[row.sha256]
