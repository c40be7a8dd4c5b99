"""A real Chromium, and pages that may speak to this machine only."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from family_releases import ship_family, ship_laboratory
from lively_release import ship_lively
from playwright.sync_api import Browser, Page, sync_playwright
from small_report import write_hostile_report, write_report
from standin import SECONDS, StandInEngine, StandInShelf, served

from vidgen.engine import Engine
from vidgen.families import CONFIGS
from vidgen.hub import open_shelf
from vidgen.jobs import Job
from vidgen.service import Service
from vidgen.training import PROGRAM, Training

# A bare browser: no sandbox (tests may run as root), no GPU, no talk of its own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
]
PATIENCE = 120_000  # ms for what must happen; a loaded machine is slow, not broken
_HERE = {"127.0.0.1", "localhost", ""}

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open an address in a fresh profile; fails a test whose page asked another host or threw."""
    contexts, strays, errors = [], [], []

    def watch(request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in _HERE:
            strays.append(request.url)

    def open_(address: str, **options) -> Page:
        options = {"locale": "en-US", "viewport": {"width": 1280, "height": 860}, **options}
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.on("request", watch)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not strays, f"the page spoke to other hosts: {strays}"
    assert not errors, f"the page threw: {errors}"


@pytest.fixture(scope="session")
def standin() -> Iterator[tuple[str, StandInEngine]]:
    """The page over a stand-in for the generator, with its real service and routes."""
    shelf, engine = StandInShelf(), StandInEngine()
    service = Service(shelf, engine, cache_bytes=0, max_waiting=2)
    with tempfile.TemporaryDirectory() as folder, served(service, shelf, Path(folder)) as address:
        yield address, engine
    engine.open.set()
    service.close()


@pytest.fixture(scope="session")
def families(tmp_path_factory) -> Iterator[str]:
    """The page over real generators of every family, with random weights."""
    folder = tmp_path_factory.mktemp("families")
    rows = {family: ship_family(folder, family)[0] for family in CONFIGS}
    write_report(folder, rows["vgan"])
    write_hostile_report(folder, rows["framegan"])
    shelf = open_shelf(folder, extra="")
    service = Service(shelf, Engine("cpu"))
    with served(service, shelf, folder) as address:
        yield address
    service.close()


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory) -> Iterator[str]:
    """The page over models of several data, some of one family trained in several ways."""
    folder = tmp_path_factory.mktemp("laboratory")
    ship_laboratory(folder)
    shelf = open_shelf(folder, extra="")
    service = Service(shelf, Engine("cpu"))
    with served(service, shelf, folder) as address:
        yield address
    service.close()


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """Serve the page with training, as often as it is called, over the same folders."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    ship_lively(checkpoints)

    def serve(program=PROGRAM):
        shelf = open_shelf(checkpoints, extra="")
        training = Training(tmp_path / "runs", checkpoints, shelf, program)
        trainings.append(training)
        service = Service(shelf, Engine("cpu"))
        return served(service, shelf, checkpoints, training=training)

    trainings: list[Training] = []
    yield serve
    for training in trainings:
        training.slow.end()
    for folder in (*(tmp_path / "runs").glob("*"), *(tmp_path / "data").glob("*")):
        if process := Job(folder).process:
            process.send(signal.SIGKILL)


@pytest.fixture
def address(standin: tuple[str, StandInEngine]) -> str:
    return standin[0]


@pytest.fixture
def engine(standin: tuple[str, StandInEngine]) -> Iterator[StandInEngine]:
    """The stand-in behind the page; whatever a test does to it is undone."""
    engine = standin[1]
    engine.asked.clear()
    yield engine
    engine.seconds, engine.fault = SECONDS, None
    engine.open.set()
