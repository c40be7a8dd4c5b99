"""Serves the real page as app.py does: python real_page.py PORT FOLDER stub|generator."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from stub import StubEngine

import app
import vidgen.hub
import vidgen.service

# Of the stub's sheets: full after some hundred, so that what it keeps passes for no leak.
CACHE_BYTES = 2**20


def main(port: str, folder: str, engine: str) -> int:
    """Serve the releases of a folder; ``stub`` puts the stub in the place of the generator."""
    os.environ.update(VIDGEN_HOST="127.0.0.1", VIDGEN_PORT=port)
    vidgen.hub.CHECKPOINTS = Path(folder)
    vidgen.hub.open_shelf = functools.partial(vidgen.hub.open_shelf, Path(folder))
    if engine == "stub":
        stubbed = functools.partial(
            vidgen.service.Service, engine=StubEngine(), cache_bytes=CACHE_BYTES
        )
        vidgen.service.Service = stubbed  # pyright: ignore[reportAttributeAccessIssue]
    return app.main()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
