"""Shipping a release keeps file, row, numbers and card in step, and refuses without a trace."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from measured_release import write_measured
from tiny_release import names, write_tiny

from train import ship
from train.__main__ import main
from train.measured import read_metrics
from vidgen.hub import CHECKPOINTS, HubPin, open_shelf
from vidgen.index import read_index, write_row
from vidgen.release import load_generator, read_info
from vidgen.rows import row_of


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "release.safetensors")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


def shipped(release: Path, folder: Path, *words: str) -> int:
    return main(["ship", "--release", str(release), "--folder", str(folder), *words])


def measure(release: Path, alignment: float) -> None:
    """Write metrics as if the release had been evaluated."""
    sha256 = hashlib.sha256(release.read_bytes()).hexdigest()
    metrics = {"alignment": alignment, "release_sha256": sha256}
    path = release.with_name(release.stem + ".metrics.json")
    path.write_text(json.dumps(metrics), encoding="utf-8")


def test_a_shipped_release_is_an_exact_copy_with_its_row_numbers_and_card(
    release: Path, folder: Path
) -> None:
    measure(release, 0.625)
    assert shipped(release, folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "index.json", "tiny.metrics.json", "tiny.safetensors",
    ]  # fmt: skip
    assert (folder / "tiny.safetensors").read_bytes() == release.read_bytes()
    shelf = open_shelf(folder, "")
    assert (names(shelf), shelf.notes()) == (["tiny"], [])
    assert "| alignment | 0.625 |" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_report_goes_with_the_release_that_it_speaks_of(release: Path, folder: Path) -> None:
    write_measured(release)
    page, numbers = (release.with_name(f"release.{x}") for x in ("report.html", "metrics.json"))
    written = numbers.read_text("utf-8")
    numbers.unlink()
    assert shipped(release, folder) == 0
    assert not (folder / "tiny.report.html").exists()  # one without numbers is no evaluation's
    numbers.write_text(written, "utf-8")
    assert shipped(release, folder) == 0
    assert (folder / "tiny.report.html").read_bytes() == page.read_bytes()
    assert "(tiny.report.html)" in (folder / "README.md").read_text(encoding="utf-8")
    assert shipped(folder / "tiny.safetensors", folder, "--half") == 0
    assert not (folder / "tiny.report.html").exists()
    page.write_text(page.read_text("utf-8").replace("content='", "content='0"), "utf-8")
    before = (folder / "README.md").read_bytes()
    assert shipped(release, folder) == 2
    assert (folder / "README.md").read_bytes() == before


def test_a_release_is_renamed_halved_measured_and_shipped_in_place(
    release: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure(release, 0.5)  # of another file than the one that ships
    assert shipped(release, folder, "--name", "small", "--half") == 0
    assert "not measured yet" in capsys.readouterr().out
    path = folder / "small.safetensors"
    assert path.stat().st_size < 0.7 * release.stat().st_size
    half, info = load_generator(path)
    assert info.name == "small"
    whole = load_generator(release)[0].state_dict()
    for name, value in half.state_dict().items():
        assert torch.equal(value, whole[name].half().float())
    before = path.read_bytes()
    measure(path, 0.75)
    assert shipped(path, folder) == 0
    assert shipped(path, folder, "--half") == 0, "halved already: the same file, with its numbers"
    assert path.read_bytes() == before
    assert names(open_shelf(folder, "")) == ["small"]
    assert "| alignment | 0.75 |" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_row_keeps_its_place_on_the_hub_as_long_as_the_file_is_the_same(
    release: Path, folder: Path, tmp_path: Path
) -> None:
    pin = HubPin("owner/tiny", "a" * 40)
    assert shipped(release, folder) == 0
    write_row(folder, replace(read_index(folder)[0][0], hub=pin))
    assert shipped(release, folder) == 0
    assert read_index(folder)[0][0].hub == pin
    assert shipped(release, folder, "--half") == 0
    assert read_index(folder)[0][0].hub is None


def test_numbers_of_an_older_file_do_not_stay_beside_a_new_one(release: Path, folder: Path) -> None:
    measure(release, 0.625)
    assert shipped(release, folder) == 0
    release.with_name("release.metrics.json").unlink()
    assert shipped(release, folder) == 0
    assert not (folder / "tiny.metrics.json").exists()
    assert "Not measured." in (folder / "README.md").read_text(encoding="utf-8")


def test_what_is_refused_leaves_everything_as_it_was(
    release: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert shipped(release, folder) == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    poisoned = tmp_path / "poisoned.safetensors"
    poisoned.write_bytes(release.read_bytes()[:-4] + b"\x00\x00\xc0\x7f")  # the last weight is NaN
    assert shipped(poisoned, folder) == 2
    assert shipped(release, folder, "--name", "../up") == 2
    assert shipped(release, folder, "--name", "Up") == 2
    measure(release, 0.5)
    release.write_bytes(write_tiny(tmp_path / "other.safetensors", "other").read_bytes())
    assert shipped(release, folder) == 2
    monkeypatch.setattr(ship, "MAX_SHIPPED_BYTES", 1000)
    capsys.readouterr()
    assert shipped(tmp_path / "other.safetensors", folder) == 2
    assert "legal is up to 1000" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "index.json").write_text("{")
    monkeypatch.undo()
    assert shipped(tmp_path / "other.safetensors", folder) == 2
    assert (folder / "index.json").read_text() == "{"
    assert not (folder / "other.safetensors").exists()


def test_what_ships_here_is_in_step() -> None:
    shelf = open_shelf(CHECKPOINTS, "")
    assert shelf.rows() and shelf.notes() == []
    cards = (CHECKPOINTS / "README.md").read_text(encoding="utf-8")
    for row in shelf.rows():
        path = shelf.path(row.name)
        assert row == row_of(read_info(path), path, row.sha256, file=path.name, hub=row.hub)
        assert row.bytes <= ship.MAX_SHIPPED_BYTES
        load_generator(path)
        metrics = read_metrics(path, row.sha256)  # refuses those of another file
        assert f"## {row.name}\n" in cards and row.sha256 in cards
        assert metrics is None or f"| alignment | {metrics['alignment']:.6g} " in cards
