"""GET /export: a clip, or a row of clips, as a file to keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Event
from urllib.parse import quote

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidgen.axes import read_cells
from vidgen.export import FORMATS, export, plan, read_format
from vidgen.legal import RequestError, read_number
from vidgen.recipe import Recipe
from vidgen.request import find_row, from_form, to_form
from vidgen.service import Service
from vidgen.ui.answers import Refusal
from vidgen.ui.asking import full, noticing, on_thread, refusing, spoken
from vidgen.ui.text import TEXT

_AT_A_TIME = 2  # files that are written, so that sliders keep a share of the processor
_WAITING = 16  # beside them; whoever comes then is told to come again
_RETRY_AFTER = 10  # seconds


class Files:
    """The route of exports.

    Args:
        service: makes clips.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._limiter = anyio.CapacityLimiter(_AT_A_TIME)
        self._asked = 0  # files that are written or wait for it; changed on the event loop only

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [Route("/export", self.export)]

    async def export(self, request: Request) -> Response:
        """Answer a file in one of the formats of ``vidgen.export``.

        The query is a form, and: ``format`` (default mp4), ``scale``, ``frame``, and ``x`` as
        /clips takes it for clips one after the other.
        """
        try:
            name, recipe = self._planned(request)
            if self._asked >= _AT_A_TIME + _WAITING:
                raise full(request, _RETRY_AFTER)
            self._asked += 1
            try:
                async with noticing(request) as gone:
                    data = await on_thread(
                        request, lambda recipe: self._write(name, recipe, gone), recipe,
                        self._limiter,
                    )  # fmt: skip
            finally:
                self._asked -= 1
        except Refusal as refusal:
            return refusal.answer
        headers = {
            "Content-Disposition": _named(recipe, FORMATS[name].suffix, spoken(request)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(data, media_type=FORMATS[name].mime, headers=headers)

    def _planned(self, request: Request) -> tuple[str, Recipe]:
        """Read the query; refuse what is not legal."""
        form = dict(request.query_params)
        form.pop("v", None)  # of the page's address for a picture that may be kept; this is none
        rows = self._service.rows()
        with refusing(request):
            name = read_format(form.pop("format", "mp4"))
            scale, frame = (
                read_number(key, form.pop(key)) if key in form else None
                for key in ("scale", "frame")
            )
            if "x" not in form:
                clips = [from_form(form, rows, strict=True)]
            elif "y" not in form:
                clips = read_cells(form, rows)
            else:
                raise RequestError("key", "y", ("x alone: a file has one row", " x：文件只有一行"))
            return name, plan(name, find_row(clips[0].release, rows), clips, scale, frame)

    def _write(self, name: str, recipe: Recipe, gone: Event) -> bytes:
        """Make the clips behind everybody's single ones, and write them."""
        return export(
            name, recipe, lambda clips: [c.frames for c in self._service.clips(clips, gone)]
        )


def _named(recipe: Recipe, suffix: str, language: str) -> str:
    """Return the header that names a file: in plain letters, and in the caller's language."""
    plain, own = (f"{_words(recipe, TEXT[each])}{suffix}" for each in ("en", language))
    header = f'attachment; filename="{plain}"'
    return header if own == plain else f"{header}; filename*=UTF-8''{quote(own)}"


def _words(recipe: Recipe, text: Mapping[str, str]) -> str:
    """Return a file name without a suffix that says what the file shows."""
    first = recipe.clips[0]
    try:
        form = to_form(first)
        kind, seed = form["class"], form["seed"]
    except ValueError:  # a mix that no sliders say
        kind = "-".join(str(index) for index, _ in first.classes)
        seed = "-".join(str(seed) for seed, _ in first.content)
    name = text["file_clip"].format(release=recipe.release, kind=kind, seed=seed)
    if len(recipe.clips) > 1:
        name = text["file_clips"].format(name=name, count=len(recipe.clips))
    if recipe.frame is not None:
        name = text["file_frame"].format(name=name, frame=recipe.frame)
    return re.sub(r"[^\w.-]+", "-", name)
