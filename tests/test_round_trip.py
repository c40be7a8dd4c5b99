"""A release that goes to the Hub and comes back makes the same picture, bit for bit."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import snapshot_download
from loopback_hub import LoopbackHub
from loopback_store import Blob
from measured_release import write_measured
from PIL import Image
from tiny_release import write_tiny

from vidgen.__main__ import main
from vidgen.engine import Engine
from vidgen.fetch import Hub
from vidgen.hub import Row, open_shelf
from vidgen.request import ClipRequest, validate


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackHub]:
    with LoopbackHub() as server:
        yield server


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_tiny(tmp_path_factory.mktemp("runs") / "tiny.safetensors")
    write_measured(path)
    return path


@pytest.fixture(scope="module")
def pin(server: LoopbackHub, release: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Publish for real, from the command line; return what to put into VIDGEN_RELEASES."""
    home = tmp_path_factory.mktemp("publisher")
    words = ["train", "publish", "--release", str(release), "--repo", "owner/tiny"]
    done = run(words, home, server)
    assert done.returncode == 0, done.stderr
    assert not list(home.rglob("*.safetensors"))  # published from where it lay
    return next(line for line in done.stdout.splitlines() if line.startswith("VIDGEN")).split("=")[
        1
    ]


@pytest.mark.slow  # test_publish_faults.py kills at chosen moments in the default run
def test_a_publish_that_is_killed_leaves_nothing_half_and_the_next_one_ends_it(
    server: LoopbackHub, release: Path, tmp_path: Path
) -> None:
    repo, moments = "owner/killed", random.Random(10)
    words = ["train", "publish", "--release", str(release), "--repo", repo]
    command, env = [sys.executable, "-m", *words], client(tmp_path, server)
    for _ in range(10):
        asked = len(server.log)
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and len(server.log) < asked + 1:
            time.sleep(0.005)  # until it has begun to talk to the Hub
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.wait()
        for files in server.commits.get(repo, {}).values():
            assert not files or whole(files), "a commit has all files or none"
    assert run(words, tmp_path, server).returncode == 0
    assert whole(server.commits[repo][server.head(repo)])
    assert list(server.tags[repo].values()) == [server.head(repo)]


def whole(files: Mapping[str, Blob]) -> bool:
    """Are these all files that SHA256SUMS names, as it names them?"""
    lines = files["SHA256SUMS"].data.decode().splitlines()
    sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    found = {name: blob.sha256 for name, blob in files.items() if name != "SHA256SUMS"}
    return sums == found and "model.safetensors" in found


def client(home: Path, server: LoopbackHub, **settings: str) -> dict[str, str]:
    """The environment of a Hub client that knows only this server and this folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return clean | {
        "HF_ENDPOINT": server.url,
        "HF_HOME": str(home),
        "HF_TOKEN": server.token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **settings,
    }


def run(
    words: list[str], home: Path, server: LoopbackHub, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m`` with such a client."""
    env = client(home, server, **settings)
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def clip(path: Path, row: Row) -> np.ndarray:
    request = ClipRequest(row.name, ((0, 0.5), (1, 0.5)), ((3, 1.0),), ((4, 1.0),), psi=0.5)
    return Engine("cpu").render(path, [validate(request, row)])[0]


def test_publish_then_pull_then_generate_is_bit_identical(
    server: LoopbackHub, release: Path, pin: str, tmp_path: Path
) -> None:
    shelf = open_shelf(tmp_path, pin, Hub(server.url, tmp_path / "cache"))
    server.log.clear()
    shelf.start()
    assert shelf.wait(60)
    (row,) = shelf.rows()
    # A report is a stranger's page: it is there for readers of the Hub, and never fetched.
    fetched = {path.rpartition("/")[2] for _, path in server.log if "/resolve/" in path}
    assert fetched == {"model.safetensors"}
    pulled = shelf.path(row.name)
    assert pulled.read_bytes() == release.read_bytes()
    before, after = clip(release, row), clip(pulled, row)
    assert before.std() > 0
    assert np.array_equal(before, after)


def test_the_plain_client_finds_every_file_as_its_checksum_says(
    server: LoopbackHub, pin: str, tmp_path: Path
) -> None:
    revision = pin.partition("@")[2].partition("#")[0]
    folder = Path(
        snapshot_download(
            "owner/tiny", revision=revision, endpoint=server.url, cache_dir=tmp_path, token=False
        )
    )
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del found["SHA256SUMS"]
    assert found == sums


def test_the_command_line_pulls_once_and_then_generates_without_a_network(
    server: LoopbackHub, release: Path, pin: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    cold = run(["vidgen", "pull", pin, "--folder", str(home)], home, server, HF_HUB_OFFLINE="1")
    assert (cold.returncode, cold.stdout) == (2, "")
    assert "HF_HUB_OFFLINE is set" in cold.stderr
    warm = run(["vidgen", "pull", pin, "--folder", str(home)], home, server)
    assert (warm.returncode, "tiny: " in warm.stdout) == (0, True), warm.stderr
    server.log.clear()
    wish = ["--class", "0.5", "--seed", "3", "--motion-seed", "4", "--psi", "0.5", "--out"]
    words = ["vidgen", "generate", "--release", pin, *wish, str(tmp_path / "pulled.png")]
    done = run(words, home, server, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert main(["generate", "--release", str(release), *wish, str(tmp_path / "own.png")]) == 0
    # The files say where each came from; the pictures are the same.
    pulled, own = (np.asarray(Image.open(tmp_path / name)) for name in ("pulled.png", "own.png"))
    np.testing.assert_array_equal(pulled, own)
    assert server.log == []
