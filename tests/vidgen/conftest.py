"""Services and their callers; the command line over one small release and a loopback Hub."""

import functools
from concurrent.futures import ThreadPoolExecutor

import pytest
from gated_engine import Shelf
from lively_release import ship_lively
from loopback_hub import LoopbackHub

from vidgen import __main__ as cli
from vidgen.fetch import Hub
from vidgen.hub import open_shelf
from vidgen.service import Service


@pytest.fixture
def start():
    """Start services over an engine; all are closed after the test."""
    services = []

    def make(engine, **settings):
        services.append(Service(Shelf(), engine, **settings))
        return services[-1]

    yield make
    for service in services:
        service.close()


@pytest.fixture
def callers():
    """Threads for as many callers as a test may want."""
    with ThreadPoolExecutor(64) as pool:
        yield pool


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A checkpoints folder with one release, "lively": (folder, row, file)."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return folder, *ship_lively(folder)


@pytest.fixture
def server():
    with LoopbackHub(lfs=True) as server:
        yield server


@pytest.fixture
def vidgen(shipped, server, tmp_path, monkeypatch, capsys):
    """Run a command in the folder of a test; return its exit code, output and errors."""
    hub = Hub(server.url, tmp_path / "cache")
    monkeypatch.setattr(cli, "open_shelf", functools.partial(open_shelf, shipped[0], hub=hub))
    monkeypatch.setattr(cli, "Hub", lambda: hub)
    monkeypatch.setattr(cli, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        try:
            code = cli.main([*arguments])
        except SystemExit as end:  # argparse's own
            code = end.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
