"""The page: Gradio Blocks around the player, and the public endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vidgen.hub import Shelf
from vidgen.service import Service
from vidgen.training import Training
from vidgen.ui.endpoint import make_endpoints
from vidgen.ui.player import EARLY, ICON, make_player, style_sheet
from vidgen.ui.prepare import PrepareRoutes
from vidgen.ui.routes import Routes
from vidgen.ui.slow import SlowRoutes
from vidgen.ui.train import TrainRoutes

MAX_WAITING = 32  # API calls; one more is answered 503
# API calls that wait for the service at a time: it makes one batch of single clips
_ONCE = {"generate": 4, "path": 1}
_KEEP = 3600  # seconds for which an API call's mp4 can be fetched
_RETRY_AFTER = b"2"  # seconds; what a full queue asks for


class RetryAfter:
    """ASGI middleware: Gradio answers 503 when its queue is full, and leaves out for how long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add Retry-After where a 503 has none."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 503:
                names = {name.lower() for name, _ in message["headers"]}
                if b"retry-after" not in names:
                    message["headers"] = [*message["headers"], (b"retry-after", _RETRY_AFTER)]
            await send(message)

        await self._app(scope, receive, tell)


def build_page(service: Service, *, training: bool = False) -> gr.Blocks:
    """Build the page over a service, with the view of training or without. It starts nothing."""
    with gr.Blocks(
        title="vidgen", analytics_enabled=False, fill_width=True, delete_cache=(_KEEP, _KEEP)
    ) as page:
        make_player(training)
        for name, function in make_endpoints(service).items():
            api(function, api_name=name, concurrency_limit=_ONCE[name])
    page.queue(max_size=MAX_WAITING)
    return page


def launch_options(
    service: Service,
    shelf: Shelf,
    folder: Path,
    *,
    mcp: bool = False,
    training: Training | None = None,
) -> dict[str, Any]:
    """Return what ``page.launch`` needs beside host and port.

    The routes are handed to the server before it listens, so that no page load can be earlier
    than they are; and it stays ``launch`` that starts it, which ZeroGPU hooks.

    Args:
        service: makes the clips.
        shelf: knows what could not be had.
        folder: where the shipped releases and their ready-made sheets lie.
        mcp: whether language models may call the public endpoints, by Gradio's MCP server.
        training: what trains; None where the page is not for this machine alone.
    """
    routes = Routes(service, shelf, folder).table()
    if training:
        routes += TrainRoutes(training).table() + PrepareRoutes(training.preparing).table()
        routes += SlowRoutes(training.slow).table()
    return {
        "app_kwargs": {
            "routes": routes,
            "middleware": [Middleware(RetryAfter)],
        },
        "ssr_mode": False,
        "run_history": False,
        "show_error": False,
        "strict_cors": True,
        "enable_monitoring": False,
        "mcp_server": mcp,
        "pwa": False,
        "max_file_size": "1mb",  # nothing is uploaded
        "footer_links": ["api"],  # hidden; the page's own button presses it
        "theme": "base",
        "css": style_sheet(),
        "head": EARLY,
        "favicon_path": str(ICON),
        "quiet": True,
    }
