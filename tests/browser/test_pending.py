"""Releases that are still on their way: the page goes on, and takes them in when they come."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_hub import LoopbackHub
from playwright.sync_api import expect
from stage import shown, status, wait_for, wait_for_picture, wait_for_status
from standin import StandInEngine, served
from tiny_release import FILE, ship_tiny

from vidgen.hub import Hub, open_shelf
from vidgen.service import Service
from vidgen.ui.text import TEXT


@pytest.fixture
def slow_hub() -> Iterator[LoopbackHub]:
    with LoopbackHub(fault="drip-file") as hub:
        yield hub


@contextlib.contextmanager
def waiting_page(hub: LoopbackHub, folder: Path, *more: str) -> Iterator[str]:
    """Serve a page whose server still fetches a release."""
    pins = ",".join([f"owner/tiny@{hub.add('owner/tiny', model=FILE)}", *more])
    shelf = open_shelf(folder / "checkpoints", pins, Hub(hub.url, folder / "cache"))
    shelf.start()
    service = Service(shelf, StandInEngine())
    with served(service, shelf, folder) as address:  # pyright: ignore[reportArgumentType]
        yield address
    hub.fault = None
    assert shelf.wait(60)
    service.close()


def test_what_comes_later_can_be_chosen_and_nothing_else_changes(open_page, slow_hub, tmp_path):
    ship_tiny(tmp_path / "checkpoints")
    with waiting_page(slow_hub, tmp_path, f"owner/none@{'1' * 40}") as address:
        page = open_page(f"{address}/?seed=7&psi=9")
        wait_for_picture(page)
        notes, model = (
            page.locator("[data-role=notes] li"),
            page.get_by_role("combobox", name="Model"),
        )
        expect(notes).to_have_count(2)
        expect(model.locator("option")).to_have_count(1)
        assert "psi is 9" in status(page)
        page.get_by_role("slider", name="Seed A", exact=True).fill("9")
        wait_for(page, seed="9")
        slow_hub.fault = None
        expect(model.locator("option")).to_have_count(2, timeout=60_000)
        expect(notes).to_have_count(1)
        expect(notes).to_contain_text("owner/none")
        wait_for_status(page, "A new model is here: Tiny (owner/tiny).")
        assert (shown(page)["release"], shown(page)["seed"]) == ("tiny", "9")
        expect(model).to_have_value("tiny")
        page.get_by_role("button", name="中文").click()
        expect(notes).to_contain_text("owner/none 已略去")
        page.get_by_role("combobox", name="模型").select_option("owner/tiny")
        wait_for(page, release="owner/tiny")
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(5500)
        assert not [url for url in asked if "/start" in url]  # nothing is on its way any more


def test_a_page_that_began_without_any_release_begins_with_the_first(open_page, slow_hub, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "index.json").write_text('{"format": 1, "releases": []}')
    with waiting_page(slow_hub, tmp_path) as address:
        page = open_page(f"{address}/?seed=7")
        empty = page.locator("[data-role=empty]")
        expect(empty).to_have_text(TEXT["en"]["empty_pending"])
        slow_hub.fault = None
        wait_for(page, release="owner/tiny", seed="7")
        expect(empty).to_be_hidden()
        expect(page.locator("[data-role=notes]")).to_be_hidden()
