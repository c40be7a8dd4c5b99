"""The command line over one small release and a Hub on this machine."""

import functools

import pytest
from lively_release import ship_lively
from loopback_hub import LoopbackHub

from vidgen import __main__ as cli
from vidgen.fetch import Hub
from vidgen.hub import open_shelf


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
