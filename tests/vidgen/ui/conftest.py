"""Servers that are closed after a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from routes_world import World


@pytest.fixture
def make_world(tmp_path: Path):
    worlds: list[World] = []

    def make(**options) -> World:
        worlds.append(World(tmp_path, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world) -> World:
    return make_world()
