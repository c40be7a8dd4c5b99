"""The routes over a stand-in engine, with the real service between: what tests of routes ask."""

from __future__ import annotations

from pathlib import Path

from standin import StandInEngine, StandInShelf
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vidgen.service import Service
from vidgen.ui.routes import Routes


class World:
    """One server without a network; ``options`` are the service's, and ``shelf`` the shelf's."""

    def __init__(self, folder: Path, **options) -> None:
        self.engine = StandInEngine(seconds=0)
        self.shelf = StandInShelf(**options.pop("shelf", {}))
        self.service = Service(self.shelf, self.engine, **options)
        self.folder = folder
        routes = Routes(self.service, self.shelf, folder).table()
        self.client = TestClient(Starlette(routes=routes))

    def get(self, path: str, language: str = "en", **form: str):
        return self.client.get(path, params=form, headers={"Accept-Language": language})

    def close(self) -> None:
        self.engine.open.set()
        self.service.close()
