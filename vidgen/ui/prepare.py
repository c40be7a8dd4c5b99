"""The routes of preparing videos under /train: which data sets there are, and what is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgen.preparing import Preparing
from vidgen.ui.answers import Refusal
from vidgen.ui.guard import demand_own_page, read_asked
from vidgen.ui.guarded import FRESH, GuardedRoutes, answering

_VERBS = ("begin", "resume", "stop", "delete")


class PrepareRoutes(GuardedRoutes):
    """The routes over one Preparing."""

    def __init__(self, preparing: Preparing) -> None:
        super().__init__()
        self._preparing = preparing

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [
            Route("/train/sets", self.sets),
            Route("/train/set", self.set),
            Route("/train/sheet", self.sheet),
            *(
                Route(f"/train/prepare/{verb}", getattr(self, verb), methods=["POST"])
                for verb in _VERBS
            ),
        ]

    @answering
    async def sets(self, request: Request) -> Response:
        """Answer how all data sets stand, the newest first."""
        demand_own_page(request)

        def describe() -> list[dict[str, Any]]:
            return [self._preparing.describe(each) for each in self._preparing.sets()]

        return JSONResponse({"sets": await self.do(request, describe)}, headers=FRESH)

    @answering
    async def set(self, request: Request) -> Response:
        """Answer how one data set stands, and what is in it: ?set=NAME."""
        demand_own_page(request)
        name = request.query_params.get("set", "")

        def look() -> dict[str, Any]:
            found = self._preparing.set(name)
            summary = self._preparing.summary(found)
            return {**self._preparing.describe(found), "summary": summary}

        return JSONResponse(await self.do(request, look), headers=FRESH)

    @answering
    async def sheet(self, request: Request) -> Response:
        """Answer the contact sheet of a class: ?set=NAME&label=K."""
        demand_own_page(request)
        query = request.query_params
        label = query.get("label", "")
        number = int(label) if label.isascii() and label.isdigit() and len(label) < 5 else -1
        found = await self.do(request, self._preparing.set, query.get("set", ""))
        data = await self.do(request, found.sheet, number) if number >= 0 else None
        if data is None:
            raise Refusal(404, {"message": ""})
        safe = {**FRESH, "X-Content-Type-Options": "nosniff"}
        return Response(data, media_type="image/png", headers=safe)

    @answering
    async def begin(self, request: Request) -> Response:
        """Begin the preparation that is asked for."""
        return await self._act(request, self._preparing.start)

    @answering
    async def resume(self, request: Request) -> Response:
        """Let a preparation go on."""
        return await self._act(request, lambda asked: self._preparing.resume(asked.get("set")))

    @answering
    async def stop(self, request: Request) -> Response:
        """Ask a preparation to end."""
        return await self._act(request, lambda asked: self._preparing.stop(asked.get("set")))

    @answering
    async def delete(self, request: Request) -> Response:
        """Take a data set away."""
        asked = await read_asked(request)
        name = await self.do(request, self._preparing.delete, asked.get("set"))
        return JSONResponse({"deleted": name}, headers=FRESH)

    async def _act(self, request: Request, deed: Callable[[dict[str, Any]], Any]) -> Response:
        found = await self.do(request, deed, await read_asked(request))
        told = await self.do(request, self._preparing.describe, found)
        return JSONResponse(told, headers=FRESH)
