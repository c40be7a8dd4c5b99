"""Who may train from the page: a browser on the machine that serves it, on this very page."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request

from vidgen.notes import note
from vidgen.ui.answers import Refusal
from vidgen.ui.asking import spoken

MAX_BODY = 2**14  # bytes
# Set where the page is served for others, by whatever means: a Space, a tunnel, a proxy before it.
_PUBLIC = ("SPACE_ID", "SPACES_ZERO_GPU", "GRADIO_ROOT_PATH")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def may_train(host: str, env: Mapping[str, str]) -> bool:
    """Say whether a server that listens on ``host`` is for its own machine alone."""
    shared = env.get("GRADIO_SHARE", "").strip().lower() in ("1", "true")
    public = shared or env.get("SYSTEM") == "spaces" or any(env.get(name) for name in _PUBLIC)
    return not public and _is_loopback(host)


def demand_own_machine(request: Request) -> None:
    """Refuse (403) who is not on this machine, or whose address for it is none of its own.

    The second is what a page elsewhere has that had its name point to this machine.
    """
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    here = request.client is not None and _is_loopback(request.client.host)
    passed_on = any(name in request.headers for name in _FORWARDED)
    if passed_on or not here or not _is_loopback(named):
        raise _refused(request, "training-off")


def demand_own_page(request: Request) -> None:
    """Refuse (403) what another page's script or form asks for, though it runs on this machine."""
    demand_own_machine(request)
    site = request.headers.get("sec-fetch-site", "same-origin")  # none: a program, not a browser
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in ("same-origin", "none") or origin not in (None, own):
        raise _refused(request, "training-foreign")


async def read_asked(request: Request) -> dict[str, Any]:
    """Return the JSON object that this page's own script sent; Refusal for all else.

    A form can't send ``application/json``, and a script elsewhere must ask before it does.
    """
    demand_own_page(request)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise _refused(request, "training-foreign")
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise _refused(request, "training-body", 413)
        asked = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect) as error:
        raise _refused(request, "training-body", 400) from error
    if not isinstance(asked, dict):
        raise _refused(request, "training-body", 400)
    return asked


def _is_loopback(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name, which may mean anything
        return False


def _refused(request: Request, kind: str, status: int = 403) -> Refusal:
    return Refusal(status, {"message": note(kind, "").text(spoken(request))})
