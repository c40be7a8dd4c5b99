"""What all routes of training share: refusals as answers, and work that blocks on few threads."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from vidgen.jobs import JobError
from vidgen.ui.answers import Refusal
from vidgen.ui.asking import refusing, spoken

_THREADS = 8  # a release that is made must not hold up who watches
FRESH = {"Cache-Control": "no-store"}
_Made = TypeVar("_Made")
_Route = Callable[..., Awaitable[Response]]


def answering(route: _Route) -> _Route:
    """Turn what a route refuses into its answer."""

    @functools.wraps(route)
    async def answer(routes: GuardedRoutes, request: Request) -> Response:
        try:
            return await route(routes, request)
        except Refusal as refusal:
            return refusal.answer

    return answer


class GuardedRoutes:
    """Routes that are for this machine's own page alone; each of them asks ``guard`` first."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_THREADS)

    async def do(self, request: Request, work: Callable[..., _Made], *given: object) -> _Made:
        """Do what blocks on a thread, and turn what goes wrong into words."""
        try:
            with refusing(request):
                return await anyio.to_thread.run_sync(work, *given, limiter=self._limiter)
        except JobError as error:
            body = {"message": error.note.text(spoken(request))}
            raise Refusal(409, body) from error
        except OSError as error:
            body = {"message": f"{error.filename or ''}: {error.strerror}"}
            raise Refusal(500, body) from error
