"""The routes of slow motion under /train/slow: what was told last, a new game, a step, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgen.slow import Slow
from vidgen.ui.guard import demand_own_page, read_asked
from vidgen.ui.guarded import FRESH, GuardedRoutes, answering


class SlowRoutes(GuardedRoutes):
    """The routes over one Slow."""

    def __init__(self, slow: Slow) -> None:
        super().__init__()
        self._slow = slow

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [
            Route("/train/slow", self.now),
            *(
                Route(f"/train/slow/{verb}", getattr(self, verb), methods=["POST"])
                for verb in ("begin", "go", "end")
            ),
        ]

    @answering
    async def now(self, request: Request) -> Response:
        """Answer what was told last, and which data there is."""
        demand_own_page(request)
        return JSONResponse(await self.do(request, self._slow.now), headers=FRESH)

    @answering
    async def begin(self, request: Request) -> Response:
        """Begin a game."""
        return await self._act(request, self._slow.begin)

    @answering
    async def go(self, request: Request) -> Response:
        """Do a step."""
        return await self._act(request, self._slow.go)

    @answering
    async def end(self, request: Request) -> Response:
        """End the game."""
        return await self._act(request, lambda asked: self._slow.end() or {})

    async def _act(
        self, request: Request, deed: Callable[[Mapping[str, Any]], dict[str, Any]]
    ) -> Response:
        told = await self.do(request, deed, await read_asked(request))
        return JSONResponse(told, headers=FRESH)
