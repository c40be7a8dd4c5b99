"""A Space of one's own: it runs as it is written, and goes to the Hub whole or not at all."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from huggingface_hub import close_session, constants
from lively_release import ship_lively
from loopback_hub import LoopbackHub
from loopback_store import Blob
from packaging.requirements import Requirement
from running import running_house

from train.__main__ import main
from vidgen.fetch import Hub
from vidgen.index import read_index

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the client's


@pytest.fixture
def release(tmp_path: Path) -> Path:
    (tmp_path / "made").mkdir()
    return ship_lively(tmp_path / "made")[1]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()


def space(*words: str, repo: str = "owner/mine") -> int:
    return main(["space", "--repo", repo, *words])


def test_a_space_runs_as_it_is_written(release, tmp_path, capsys):
    out = tmp_path / "space"
    for suffix in ("jpg", "json"):
        release.with_suffix(f".lapse.{suffix}").write_bytes(b"how it learned")
    words = ("--release", str(release), "--title", "Mine", "--out", str(out), "--dry-run")
    assert space(*words) == 0
    assert "nothing was sent" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {
        "app.py", "LICENSE", "README.md", "requirements.txt", "vidgen", "checkpoints"
    }  # fmt: skip
    lapse = out / "checkpoints" / f"{release.stem}.lapse.jpg"
    assert lapse.read_bytes() == b"how it learned"
    front = yaml.safe_load((out / "README.md").read_text("utf-8").split("---\n", 2)[1])
    assert (front["title"], front["sdk"], front["app_file"]) == ("Mine", "gradio", "app.py")
    lines = (out / "requirements.txt").read_text("utf-8").splitlines()
    asked = [Requirement(line.partition("#")[0]) for line in lines if not line.startswith("#")]
    needs = {each.name: each for each in asked}
    assert "2.11.0" in needs["torch"].specifier and "2.12.0" not in needs["torch"].specifier
    assert front["sdk_version"] in needs["gradio"].specifier and "spaces" in needs
    env = {"SYSTEM": "spaces", "GRADIO_SERVER_NAME": "127.0.0.1", "PYTHONPATH": ""}
    with running_house(out, tmp_path / "log.txt", **env) as running:
        start = json.load(urllib.request.urlopen(f"{running.address}/start", timeout=60))
        assert "lively" in json.dumps(start)
        address = f"{running.address}/clip?release=lively&class=1&seed=3&frames=8"
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.headers["Content-Type"].startswith("image/") and answer.read()
        assert not running.faults()


def test_a_space_goes_to_the_hub_for_oneself_and_only_what_is_new(release, server, capsys):
    assert space("--release", str(release)) == 0
    (repo,) = server.commits
    assert repo == "spaces/owner/mine" and server.private == {repo}
    first = server.head(repo)
    files = server.commits[repo][first]
    assert {"app.py", "vidgen/engine.py", "checkpoints/lively.safetensors"} <= set(files)
    assert not [name for name in files if name.startswith(("train", "tests")) or "pycache" in name]
    assert space("--release", str(release)) == 0
    assert server.head(repo) == first
    assert "holds all this already" in capsys.readouterr().out
    server.commit(repo, {name: Blob(b"x", False) for name in ("vidgen/gone.py", "notes.txt")})
    assert space("--release", str(release)) == 0
    assert set(server.commits[repo][server.head(repo)]) == {*files, "notes.txt"}


def test_a_release_from_the_hub_stands_in_the_space_with_its_pin(release, tmp_path, monkeypatch):
    out = tmp_path / "space"
    with LoopbackHub() as server:
        monkeypatch.setattr("train.space.Hub", lambda: Hub(server.url, tmp_path / "cache"))
        revision = server.add("owner/lively", model=release.read_bytes())
        assert space("--release", "owner/lively", "--dry-run", "--out", str(out)) == 0
    (row,), _ = read_index(out / "checkpoints")
    assert row.file == "lively.safetensors"
    assert row.hub is not None and row.hub.revision == revision
    assert "owner/lively" in (out / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("fault", "code"), [("raced", 5), ("500", 4), ("forbidden", 5)])
def test_what_the_hub_refuses_is_said_in_one_line(release, server, capsys, fault, code):
    server.fault = fault
    assert space("--release", str(release)) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("space: ") and server.token not in last
    assert all(len(commits) < 2 for commits in server.commits.values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--release", "nosuch"), "release is 'nosuch'; legal are"),
        (("--release", "nosuch.safetensors"), "nosuch.safetensors"),
        (("--release", "digits-64", "--release", "digits-64"), "two releases of one name"),
    ],
)
def test_wrong_releases_are_named_and_nothing_is_written(tmp_path, capsys, words, said):
    out = tmp_path / "space"
    assert space(*words, "--dry-run", "--out", str(out)) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_holds_something_is_left_alone(release, tmp_path, capsys):
    (tmp_path / "space").mkdir()
    (tmp_path / "space" / "mine.txt").write_text("mine")
    assert space("--release", str(release), "--out", str(tmp_path / "space"), "--dry-run") == 2
    assert "is not empty" in capsys.readouterr().err
