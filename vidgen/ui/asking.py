"""From a GET to an answer: what blocks runs on a thread, and what goes wrong becomes words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Event
from typing import TypeVar

import anyio.to_thread
from starlette.requests import Request

from vidgen.legal import RequestError
from vidgen.notes import HubError
from vidgen.service import Busy, Closed, Gone
from vidgen.ui.answers import Refusal
from vidgen.ui.text import TEXT, language_of

_Asked = TypeVar("_Asked")
_Made = TypeVar("_Made")
_log = logging.getLogger(__name__)


def spoken(request: Request) -> str:
    """Return the language in which a caller is answered."""
    return language_of(request.headers.get("accept-language"))


@contextlib.contextmanager
def refusing(request: Request, status: int = 422) -> Iterator[None]:
    """Turn what is not legal into an answer that names field, value and legal range."""
    try:
        yield
    except RequestError as error:
        body = {"field": error.field, "value": error.value, "legal": error.legal}
        raise Refusal(status, body | {"message": error.text(spoken(request))}) from error


def full(request: Request, seconds: float) -> Refusal:
    """Return the answer that there is no room now, and when to come again."""
    message = {"message": TEXT[spoken(request)]["trouble_busy"]}
    return Refusal(503, message, **{"Retry-After": str(seconds)})


async def on_thread(
    request: Request,
    make: Callable[[_Asked], _Made],
    wanted: _Asked,
    limiter: anyio.CapacityLimiter,
) -> _Made:
    """Run what blocks on a thread, and turn what goes wrong into words.

    Args:
        request: whose language is spoken.
        make: what blocks.
        wanted: what it is called with.
        limiter: how many threads there are for it.

    Raises:
        Refusal: the answer where there is nothing else to answer.
    """
    language = spoken(request)
    try:
        return await anyio.to_thread.run_sync(make, wanted, limiter=limiter)
    except (Busy, Closed) as busy:
        raise full(request, getattr(busy, "retry_after", 1)) from busy
    except Gone as gone:
        raise Refusal(499, {"message": str(gone)}) from gone  # nobody is there to read it
    except HubError as lost:
        raise Refusal(404, {"message": lost.note.text(language)}) from lost
    except Exception as error:
        _log.exception("could not make %s", wanted)
        message = TEXT[language]["trouble_server"].format(status=500)
        raise Refusal(500, {"message": message}) from error


@contextlib.asynccontextmanager
async def noticing(request: Request) -> AsyncIterator[Event]:
    """Give an event that is set when the caller hangs up."""
    gone = Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
