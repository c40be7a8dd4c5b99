"""A release goes to the Hub whole, in one commit, or not at all and with one line why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from huggingface_hub import close_session, constants  # here: its log is not one test's to capture
from loopback_hub import LoopbackHub
from measured_release import picture, write_measured
from tiny_release import write_tiny

from train.__main__ import main
from vidgen.rows import Row

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the client's
NOT_MEASURED = ["README.md", "SHA256SUMS", "config.json", "model.safetensors", "samples.gif"]
REPORTED = ["inversion.webp", "nearest.webp", "report.html"]
FILES = sorted([*NOT_MEASURED, "metrics.json", *REPORTED])


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release with metrics and a report that were made from it."""
    path = write_tiny(tmp_path / "tiny.safetensors")
    write_measured(path)
    return path


@pytest.fixture(params=["lfs", "regular"])
def server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LoopbackHub]:
    """The Hub that the client in this process talks to, with a token that it accepts."""
    with LoopbackHub(lfs=request.param == "lfs") as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()  # its timeout is ours


def publish(release: Path, *words: str, repo: str = "owner/tiny") -> int:
    return main(["publish", "--release", str(release), "--repo", repo, *words])


def test_everything_is_uploaded_in_one_commit(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(release) == 0
    assert len(server.commits["owner/tiny"]) == 2  # the empty first one, and ours
    commit = server.head("owner/tiny")
    files = server.commits["owner/tiny"][commit]
    assert sorted(files) == FILES
    assert files["model.safetensors"].data == release.read_bytes()
    assert files["model.safetensors"].lfs is server.lfs
    page = release.with_name("tiny.report.html").read_bytes()
    assert files["report.html"].data == page
    assert files["nearest.webp"].data == picture("nearest")
    lines = files["SHA256SUMS"].data.decode().splitlines()
    sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    assert sums == {name: files[name].sha256 for name in FILES if name != "SHA256SUMS"}
    *_, commit_line, pin_line, row_line = capsys.readouterr().out.splitlines()
    assert commit_line.startswith(f"commit {commit}, tag step-")
    assert server.tags["owner/tiny"] == {commit_line.split()[-1]: commit}
    assert server.private == {"owner/tiny"}
    sha256 = files["model.safetensors"].sha256
    assert pin_line == f"VIDGEN_RELEASES=owner/tiny@{commit}#{sha256}"
    row = Row.from_dict(json.loads(row_line))
    assert (row.sha256, row.hub and row.hub.revision) == (sha256, commit)


def test_the_card_says_what_was_measured_to_machines_and_to_people(
    release: Path, tmp_path: Path
) -> None:
    assert publish(release, "--dry-run", "--out", str(tmp_path / "out")) == 0
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    data = yaml.safe_load(front)
    assert (data["license"], data["library_name"]) == ("cc-by-sa-3.0", "vidgen")
    (result,) = data["model-index"][0]["results"]
    measured = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert measured == {"alignment": 0.75, "alignment_real": 0.99, "diversity": 0.5}
    for part in ("| diversity | 0.5 |", "| up | 0.5 | 1 | 0.875 |", "Nobody", "samples.gif", "小"):
        assert part in body
    for part in ("| up | 25% | 75% |", "| down |  | 100% |", "21.2, 18.5", "](report.html)"):
        assert part in body
    linked = set(re.findall(r"\]\(([^)]+)\)", body))
    assert linked == {"samples.gif", "report.html", "nearest.webp", "inversion.webp"}
    assert linked < {path.name for path in (tmp_path / "out").iterdir()}
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert config["classes"][1] == {"en": "down", "zh": "下", "loops": False}


def test_samples_move_and_are_the_same_every_time(release: Path, tmp_path: Path) -> None:
    from PIL import Image, ImageSequence

    for name in ("a", "b"):
        assert publish(release, "--dry-run", "--out", str(tmp_path / name)) == 0
    first, second = ((tmp_path / name / "samples.gif").read_bytes() for name in ("a", "b"))
    assert first == second
    with Image.open(tmp_path / "a" / "samples.gif") as picture:
        sizes = [frame.size for frame in ImageSequence.Iterator(picture)]
    assert sizes == [(32, 48)] * 4  # 2 classes by 3 seeds, 4 frames


def test_a_dry_run_sends_nothing_and_needs_no_token(
    release: Path, server: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.delenv("HF_TOKEN")
    assert publish(release, "--dry-run", "--out", str(tmp_path / "out")) == 0
    assert server.log == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    out = capsys.readouterr().out
    assert all(name in out for name in FILES)
    assert "nothing was sent" in out


def test_without_metrics_the_card_says_so(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release.with_name("tiny.metrics.json").unlink()
    assert publish(release, "--dry-run", "--out", str(tmp_path / "out")) == 0
    assert "Not measured." in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    names = [path.name for path in (tmp_path / "out").iterdir()]
    assert sorted(names) == NOT_MEASURED
    assert "not evaluated" in capsys.readouterr().err


def test_a_report_of_another_file_is_refused(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = release.with_name("tiny.report.html")
    page.write_text(re.sub("[0-9a-f]{64}", "1" * 64, page.read_text("utf-8")), "utf-8")
    assert publish(release, "--dry-run", "--out", str(tmp_path / "out")) == 2
    error = capsys.readouterr().err
    assert "tiny.report.html was made from '1111" in error and "evaluate" in error
    assert not (tmp_path / "out").exists()


def test_a_release_without_a_report_takes_the_old_one_from_the_repository(
    release: Path, server: LoopbackHub
) -> None:
    assert publish(release) == 0
    release.with_name("tiny.report.html").unlink()
    assert publish(release) == 0
    files = server.commits["owner/tiny"][server.head("owner/tiny")]
    assert sorted(files) == sorted([*NOT_MEASURED, "metrics.json"])
    assert not set(REPORTED) & set(re.findall(r"\]\(([^)]+)\)", files["README.md"].data.decode()))


def test_publishing_again_adds_a_commit_and_publishing_the_same_adds_none(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(release) == publish(release) == 0
    assert len(server.commits["owner/tiny"]) == 2
    assert "owner/tiny holds all this already: nothing was sent" in capsys.readouterr().out
    release.with_name("tiny.metrics.json").unlink()
    assert publish(release) == 0
    assert len(server.commits["owner/tiny"]) == 3
    _, *publications = server.commits["owner/tiny"]  # the first is empty
    assert sorted(server.tags["owner/tiny"].values()) == sorted(publications), "a tag each"


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("500", 4, "a fault of its own"),
        ("429", 4, "fewer requests"),
        ("forbidden", 5, "you may not write here"),
        ("raced", 5, "A commit has happened since"),
        ("html", 5, "JSONDecodeError"),
        ("slow", 4, "not answer in time"),
        ("slow-create", 4, "not answer in time"),
        ("slow-commit", 4, "not answer in time"),
    ],
)
def test_what_the_hub_does_not_take_is_said_in_one_line(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str], fault: str, code: int,
    said: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    server.fault = fault
    monkeypatch.setattr("train.upload._PATIENCE", 0.5 if "slow" in fault else 20.0)
    assert publish(release) == code
    line = capsys.readouterr().err.splitlines()[-1]  # after the progress bars
    assert line.startswith("publish: ") and said in line
    assert server.token not in line
    assert all(len(commits) < 2 for commits in server.commits.values())


def test_what_drips_is_given_up_and_publishing_again_ends_it(
    release: Path, server: LoopbackHub, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert publish(release) == 0
    server.fault = "drip"
    with monkeypatch.context() as hurry:
        hurry.setattr("train.upload.time_for", lambda size: 1.0)
        assert publish(release) == 4
    assert "not answer in time; publish again" in capsys.readouterr().err.splitlines()[-1]
    server.fault = None
    assert publish(release) == 0
    assert len(server.commits["owner/tiny"]) == 2


def test_no_token_a_wrong_token_and_no_network_are_told_apart(
    release: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    with LoopbackHub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
        assert publish(release) == 3
        assert "no token" in capsys.readouterr().err
        monkeypatch.setenv("HF_TOKEN", "hf_wrong")
        assert publish(release) == 5
        error = capsys.readouterr().err
        assert "HTTP 401" in error and "hf_wrong" not in error
    assert publish(release) == 4
    assert "cannot be reached" in capsys.readouterr().err


def test_wrong_input_is_refused_before_anything_is_written(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("--dry-run", "--out", str(out))
    for repo in ("tiny", "a/b/c", "_a/b", "a/b--c", "a/.."):
        assert publish(release, *words, repo=repo) == 2
        assert repo in capsys.readouterr().err
    assert publish(tmp_path / "none.safetensors", *words) == 2
    (tmp_path / "text.safetensors").write_text("not a release at all")
    assert publish(tmp_path / "text.safetensors", *words) == 2
    write_measured(release, made_from="1" * 64)
    capsys.readouterr()
    assert publish(release, *words) == 2
    assert "evaluate the release again" in capsys.readouterr().err
    assert not out.exists()
    assert publish(release, "--dry-run", "--out", str(tmp_path)) == 2  # holds other files
