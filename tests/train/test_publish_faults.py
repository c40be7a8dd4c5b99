"""A publication that is killed, raced or cut off shows nothing half, and the next one ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import close_session, constants
from loopback_hub import LoopbackHub
from measured_release import write_measured
from tiny_release import write_tiny

from train.__main__ import main

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the client's
REPO = "owner/tiny"
# Imports once, and publishes in a fork for every line that it reads: says who it is, and the end.
PUBLISHER = """
import os, sys
import huggingface_hub.hf_api, train.publish
from train.__main__ import main
for _ in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(2, 1)
        os._exit(main(["publish", "--release", sys.argv[1], "--repo", sys.argv[2]]))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_tiny(tmp_path_factory.mktemp("release") / "tiny.safetensors")
    write_measured(path)
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()


@pytest.fixture
def publisher(server: LoopbackHub, release: Path) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "HF_ENDPOINT": server.url, "HF_HUB_DISABLE_XET": "1"}
    words = [sys.executable, "-c", PUBLISHER, str(release), REPO]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        words, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    )
    yield process
    process.kill()
    process.communicate()


def attempt(publisher: subprocess.Popen[str], server: LoopbackHub, kill_at: int | None) -> int:
    """Publish, and kill -9 at the moment of that number as the Hub counts them."""
    assert publisher.stdin and publisher.stdout
    known, count, lock = threading.Event(), iter(range(10**6)), threading.Lock()
    child = 0

    def watch(moment: str) -> None:
        with lock:
            if next(count) == kill_at:
                known.wait(60)
                os.kill(child, signal.SIGKILL)

    server.watch = watch
    publisher.stdin.write("\n")
    publisher.stdin.flush()
    child = int(publisher.stdout.readline())
    known.set()
    code = int(publisher.stdout.readline())
    server.watch = lambda moment: None
    return code


def whole(server: LoopbackHub) -> bool:
    """Say whether the release is there; anything between all and nothing fails."""
    commits = server.commits.get(REPO, {})
    for files in commits.values():
        if files:
            lines = files["SHA256SUMS"].data.decode().splitlines()
            sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
            assert sums == {n: f.sha256 for n, f in files.items() if n != "SHA256SUMS"}
            assert {"model.safetensors", "README.md", "report.html"} < set(sums)
    assert len(commits) <= 2
    return len(commits) == 2


def test_killed_at_any_moment_it_shows_nothing_half_and_the_next_one_ends_it(
    publisher: subprocess.Popen[str], server: LoopbackHub
) -> None:
    moments: list[str] = []
    server.watch = moments.append
    assert publisher.stdin and publisher.stdout
    publisher.stdin.write("\n")
    publisher.stdin.flush()
    assert [publisher.stdout.readline() for _ in range(2)][1] == "0\n"
    ends = [k for k, moment in enumerate(moments) if "/commit/" in moment or "/tag/" in moment]
    assert len(ends) == 4 and whole(server)
    early = range(1, ends[0], max(1, ends[0] // 3))
    outcomes = []
    for moment in [*early, *ends]:
        for held in (server.commits, server.tags, server.uploads):
            held.clear()
        assert attempt(publisher, server, moment) == -signal.SIGKILL, moments[moment]
        outcomes.append(whole(server))
        assert attempt(publisher, server, None) == 0
        assert whole(server), moments[moment]
        assert list(server.tags[REPO].values()) == [server.head(REPO)]
    assert outcomes == [False] * len(early) + [True] * 4  # a commit once sent is one


def publish(release: Path) -> int:
    return main(["publish", "--release", str(release), "--repo", REPO])


def test_a_commit_that_comes_first_is_not_overwritten(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    def race(moment: str) -> None:
        if moment.startswith("asked") and "/commit/" in moment:
            server.watch = lambda moment: None
            server.add(REPO, **{"README.md": b"somebody else's"})

    server.watch = race
    assert publish(release) == 5
    assert "A commit has happened since" in capsys.readouterr().err.splitlines()[-1]
    (files,) = [files for files in server.commits[REPO].values() if files]
    assert [*files] == ["README.md"] and not server.tags
    assert publish(release) == 0, "who has looked may publish again"


def test_an_answer_that_is_lost_is_no_second_commit(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut(moment: str) -> None:
        if moment.startswith("done") and "/commit/" in moment:
            server.watch = lambda moment: None
            raise ConnectionAbortedError

    server.watch = cut
    assert publish(release) == 4
    assert "publish again, nothing is sent twice" in capsys.readouterr().err.splitlines()[-1]
    assert whole(server) and not server.tags
    assert publish(release) == 0
    assert whole(server) and list(server.tags[REPO].values()) == [server.head(REPO)]


@pytest.mark.parametrize("token", ["hf_secret word", "hf_secret\x07", "hf_secretß"])
def test_a_token_that_no_header_can_hold_is_not_shown(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str], token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HF_TOKEN", token)
    assert publish(release) in (4, 5)
    said = capsys.readouterr()
    assert "secret" not in said.out + said.err and "Traceback" not in said.err
