"""The entry: read the settings, open the releases, serve the page. Importing it starts nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

# No word to anybody; and of its own statistics, which it makes anew after every call, few.
_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "100",
}


class SettingsError(ValueError):
    """A setting that can't be used; the message names it, its value and what is legal."""


@dataclass(frozen=True)
class Settings:
    """How the page is served.

    Attributes:
        host: to listen on.
        port: 1 to 65535.
        mcp: whether language models may call it, by Gradio's MCP server.
    """

    host: str
    port: int
    mcp: bool = False


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read VIDGEN_HOST, VIDGEN_PORT, VIDGEN_MCP; on a Space GRADIO_SERVER_NAME and _PORT win.

    Raises:
        SettingsError: a host that is no host name, a port out of range, no clear yes or no.
    """
    space = env.get("SYSTEM") == "spaces"
    names = ("GRADIO_SERVER_{}", "VIDGEN_{}") if space else ("VIDGEN_{}", "GRADIO_SERVER_{}")

    def setting(ours: str, theirs: str, default: str) -> tuple[str, str]:
        for name in names:
            key = name.format(theirs if name.startswith("GRADIO") else ours)
            if env.get(key, "").strip():
                return key, env[key].strip()
        return f"VIDGEN_{ours}", default

    key, host = setting("HOST", "NAME", "0.0.0.0" if space else "127.0.0.1")
    if not host.isascii() or any(mark in host for mark in "/@? \t") or len(host) > 253:
        raise SettingsError(f"{key} is {host!r:.80}; legal is a host name or address, 127.0.0.1")
    key, port = setting("PORT", "PORT", "7860")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise SettingsError(f"{key} is {port!r:.80}; legal is a whole number from 1 to 65535")
    mcp = env.get("VIDGEN_MCP", "").strip() or "0"
    if mcp not in ("0", "1"):
        raise SettingsError(f"VIDGEN_MCP is {mcp!r:.80}; legal is 0 or 1")
    return Settings(host, int(port), mcp == "1")


def serve(settings: Settings) -> None:
    """Serve the page until SIGINT or SIGTERM comes.

    Raises:
        OSError: the port is taken.
        SettingsError: a package is missing that a setting needs.
    """
    os.environ.update(_GRADIO)  # before Gradio is imported: it reads them then
    # Before torch is: threads that spin for long while they wait keep a core from the server and
    # from the browser beside it (on 2 cores a drag followed 6 times a second, not 16), and threads
    # that sleep at once wake up slowly: a third more clips a second came of a short spin.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    from vidgen.config import ConfigError
    from vidgen.hub import CHECKPOINTS, open_shelf
    from vidgen.runs import runs_folder
    from vidgen.service import Service
    from vidgen.training import Training
    from vidgen.ui.guard import may_train
    from vidgen.ui.page import build_page, launch_options

    try:
        folder = runs_folder(os.environ)
    except ConfigError as error:
        raise SettingsError(str(error)) from error
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    shelf = open_shelf()
    shelf.start()
    for note in shelf.notes():
        print(f"note: {note.en}", flush=True)
    if os.environ.get("SPACES_ZERO_GPU"):
        import vidgen.engine  # noqa: F401 - ZeroGPU wants to know at launch what will borrow a GPU
    service = Service(shelf)
    training = None
    if may_train(settings.host, os.environ):
        training = Training(folder, CHECKPOINTS, shelf)
    page = build_page(service, training=training is not None)
    try:
        page.launch(
            server_name=settings.host,
            server_port=settings.port,
            prevent_thread_lock=True,
            **launch_options(service, shelf, CHECKPOINTS, mcp=settings.mcp, training=training),
        )
        if page.mcp_error:
            raise SettingsError(f"VIDGEN_MCP is 1: {page.mcp_error}")  # it says what to install
        print(f"vidgen is at {page.local_url}", flush=True)
        stop.wait()
    finally:
        page.close(verbose=False)
        service.close()


def main() -> int:
    """Run the page; return the exit code."""
    try:
        serve(read_settings(os.environ))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"The page cannot be served: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
