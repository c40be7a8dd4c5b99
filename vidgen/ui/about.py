"""GET /about and /report: the model card of a release, and the judge's report with its pictures."""

from __future__ import annotations

from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgen.card import card_of
from vidgen.hub import Shelf
from vidgen.notes import HubError
from vidgen.release import ReleaseError, read_info
from vidgen.request import find_row
from vidgen.rows import Row
from vidgen.scores import read_metrics, read_report
from vidgen.ui.answers import Refusal
from vidgen.ui.asking import on_thread, refusing, spoken
from vidgen.ui.text import TEXT

# A report is HTML that came with a release. Its script may turn its language; it has no origin, so
# nothing of this page's, and reaches no server.
_ALONE = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'"
)


class About:
    """The routes of what is known of a release.

    Args:
        shelf: knows the releases.
        folder: where numbers and reports lie, beside the shipped releases.
        limiter: how many threads there are for reading files.
    """

    def __init__(self, shelf: Shelf, folder: Path, limiter: anyio.CapacityLimiter) -> None:
        self._shelf, self._folder, self._limiter = shelf, folder, limiter

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [Route("/about", self.about), Route("/report", self.report)]

    async def about(self, request: Request) -> Response:
        """Answer the card of the release that the query names, as JSON."""
        try:
            row = self._row(request)
            card = await on_thread(request, self._card, row, self._limiter)
        except Refusal as refusal:
            return refusal.answer
        return JSONResponse(card, headers={"Cache-Control": "no-store"})

    async def report(self, request: Request) -> Response:
        """Answer the report of the release that the query names, or 404 where it has none."""
        try:
            row = self._row(request)
            page = await on_thread(request, self._report, row, self._limiter)
            if page is None:
                raise Refusal(404, {"message": TEXT[spoken(request)]["about_no_report"]})
        except Refusal as refusal:
            return refusal.answer
        headers = {
            "Content-Security-Policy": _ALONE,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    def _row(self, request: Request) -> Row:
        with refusing(request, 404):
            return find_row(request.query_params.get("release", ""), self._shelf.rows())

    def _card(self, row: Row) -> dict[str, object]:
        try:
            info = read_info(self._shelf.path(row.name))
        except (HubError, ReleaseError):  # the row tells what it tells
            info = None
        card = card_of(row, info, read_metrics(self._folder, row))
        return {**card, "report": self._report(row) is not None}

    def _report(self, row: Row) -> bytes | None:
        return read_report(self._folder, row)
