"""The command line: every command for real, and every mistake in one line without a traceback."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from disks import disk, make_read_only
from lively_release import PLAIN
from PIL import Image

from vidgen.engine import Engine
from vidgen.export import FORMATS
from vidgen.index import read_index, write_row
from vidgen.rows import HubPin
from vidgen.video import read_video

PIN = "owner/lively@" + "0" * 40


def cells(path, columns, rows):
    sheet = np.asarray(Image.open(path))
    grid = sheet.reshape(rows, sheet.shape[0] // rows, columns, sheet.shape[1] // columns, 3)
    return grid.swapaxes(1, 2).reshape(rows * columns, *grid.shape[1::2][:1], grid.shape[3], 3)


def test_what_the_shell_writes_is_what_the_engine_renders(vidgen, shipped, tmp_path):
    code, said, errors = vidgen(
        "generate", "--release", "lively", "--class", "1", "--seed", "3", "--motion-seed", "5",
        "--frames", "8", "--out", "clip.png",
    )  # fmt: skip
    assert (code, errors) == (0, "")
    assert said.startswith("clip.png: 8 frames of 16x16 from lively, made in ")
    sheet = cells(tmp_path / "clip.png", 3, 3)
    assert np.array_equal(sheet[:8], Engine("cpu").render(shipped[2], [PLAIN])[0])


def test_a_release_file_needs_no_shelf_and_a_process_of_its_own_works(shipped, tmp_path):
    command = [sys.executable, "-m", "vidgen", "generate", "--release", str(shipped[2])]
    options = ["--class", "摆动", "--loop", "--psi", ".8", "--out", str(tmp_path / "clip.mp4")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_video(tmp_path / "clip.mp4").shape == (16, 256, 256, 3)


@pytest.mark.parametrize("suffix", dict.fromkeys(each.suffix for each in FORMATS.values()))
def test_every_format_is_written(vidgen, tmp_path, suffix):
    assert vidgen("generate", "--release", "lively", "--out", f"clip{suffix}")[0] == 0
    assert (tmp_path / f"clip{suffix}").stat().st_size > 100


def test_all_that_the_page_can_ask_the_shell_can(vidgen, tmp_path):
    def sheet(name, *options):
        code, _, errors = vidgen("generate", "--release", "lively", *options, "--out", name)
        assert (code, errors) == (0, "")
        return np.asarray(Image.open(tmp_path / name)).tobytes()

    seen = [sheet("0.png")]
    for number, options in enumerate((
        ["--class", "0.5"], ["--class", "spread"], ["--seed", "9"], ["--seed-b", "9", "--t", ".5"],
        ["--motion-seed", "1"], ["--psi", "1.2"], ["--frames", "20"], ["--start", "8"],
        ["--step", "0.5"], ["--loop"], ["--class-b", "orbit", "--mix", ".5"],
        ["--seed-b", "1", "--seed-c", "2", "--seed-d", "3", "--t", ".5", "--u", ".5"],
        ["--walk", "4,5,6", "--at", "1.5"], ["--motion-seed-b", "8", "--motion-t", ".5"],
    ), start=1):  # fmt: skip
        seen.append(sheet(f"{number}.png", *options))
    assert len(set(seen)) == len(seen)
    assert sheet("a.png", "--class", "spread") == sheet("b.png", "--class", "1")
    assert sheet("c.png", "--seed-b", "9", "--t", "1") == sheet("d.png", "--seed", "9")


MISTAKES = [
    (["--psi", "3"], "--psi: psi is 3; legal is a number from 0 to 1.5."),
    (["--seed", "4294967296"], "--seed: seed is 4294967296; legal is a whole number from 0"),
    (["--seed", "x"], "--seed: seed is x; legal is a number from 0"),
    (["--motion-seed", "-1"], "--motion-seed: motion is -1"),
    (["--class", "3"], "--class: class is 3; legal is a number from 0 to 2."),
    (["--class", "jump"], "--class: class is jump; legal is a number or one of swing, Spread, orb"),
    (["--class", "Spread", "--loop"], "--loop: loop is True; legal is false: Spread can't run in"),
    (["--class-b", "jump"], "--class-b: class_b is jump; legal is a number or one of"),
    (["--walk", "4"], "--walk: walk is 4; legal is 2 to 16 seeds"),
    (["--frames", "7"], "--frames: frames is 7; legal is a whole number from 8 to 64."),
    (["--step", "4", "--frames", "64"], "--step: step is 4.0; legal is up to 1.015 for 64 frames"),
    (["--release", "nothing"], "There is no release 'nothing'; there are lively."),
    (["--release", "gone.safetensors"], "gone.safetensors can't be read: No such file"),
    (["--release", "junk.safetensors"], "junk.safetensors has a header of"),
    (["--release", "owner/lively@main"], "'owner/lively@main' names no release; legal is owner/"),
    (["--release", PIN], "owner/lively is left out, because the Hub has no such repository"),
    (["--out", "clip.avi"], "clip.avi has no known suffix; legal are .mp4, .webm, .gif"),
    (["--out", "nowhere/clip.png"], "nowhere/clip.png can't be written: No such file"),
    (["--out", "nowhere/clip.mp4"], "nowhere/clip.mp4 can't be written: No such"),
    (["--colour", "red"], "unrecognized arguments: --colour red"),
    (["--seed"], "argument --seed: expected one argument"),
]


@pytest.mark.parametrize(("options", "message"), MISTAKES)
def test_a_mistake_is_one_line_and_writes_nothing(vidgen, tmp_path, options, message):
    (tmp_path / "junk.safetensors").write_bytes(b"junk" * 100)
    code, said, errors = vidgen("generate", "--release", "lively", "--out", "clip.png", *options)
    assert (code, said) == (2, "")
    assert errors.startswith("vidgen") and message in errors
    assert errors.count("\n") == 1 and errors.endswith("\n") and "Traceback" not in errors
    assert not list(tmp_path.glob("*clip*"))


@pytest.mark.parametrize("arguments", [[], ["generate"], ["paint"], ["pull"]])
def test_a_command_that_is_none_is_one_line_too(vidgen, arguments):
    code, said, errors = vidgen(*arguments)
    assert (code, said, errors.count("\n")) == (2, "", 1)


def test_releases_are_listed_with_where_they_come_from(vidgen, shipped, server, monkeypatch):
    _, row, path = shipped
    revision = server.add("owner/lively", model=path.read_bytes())
    monkeypatch.setenv("VIDGEN_RELEASES", f"owner/lively@{revision},owner/none@{revision}")
    code, said, errors = vidgen("releases")
    assert code == 0
    size, mark = f"{row.bytes / 1e6:.1f} MB", row.sha256[:16]
    assert f"lively: Lively\n  {size}, sha256 {mark}, shipped with the code\n" in said
    assert "16x16, 4 frames at 8 a second\n" in said
    assert f"  stgan, {row.parameters:,} parameters\n  parts: scene, placed, drawn, free\n" in said
    assert "  classes: 0 swing, 1 Spread, 2 orbit\n" in said
    assert f"Hub, owner/lively@{revision[:8]}, in the local cache" in said
    assert errors.startswith("vidgen: owner/none is left out") and errors.count("\n") == 1


def test_pull_fetches_once_and_says_where_it_lies(vidgen, shipped, server, tmp_path):
    _, row, path = shipped
    revision = server.add("owner/lively", model=path.read_bytes())
    for _ in range(2):
        code, said, errors = vidgen("pull", f"owner/lively@{revision}#{row.sha256}")
        assert (code, errors) == (0, "")
    where = said.removeprefix("lively: ").partition(" (")[0]
    (listed,), _ = read_index(tmp_path / "checkpoints")
    assert (listed.name, listed.file, listed.sha256) == ("lively", None, row.sha256)
    assert listed.hub == HubPin("owner/lively", revision)
    assert where.startswith(str(tmp_path / "cache")) and row.sha256 in said
    assert vidgen("generate", "--release", where, "--out", "clip.png")[0] == 0
    assert vidgen("generate", "--release", f"owner/lively@{revision}", "--out", "b.png")[0] == 0
    one, other = (np.asarray(Image.open(tmp_path / name)) for name in ("b.png", "clip.png"))
    assert np.array_equal(one, other)
    assert vidgen("pull", "lively")[1].startswith(f"lively: {path} (")


def test_pull_pins_what_a_branch_or_a_tag_means_now(vidgen, shipped, server, tmp_path):
    data = shipped[2].read_bytes()
    first = server.add("owner/lively", model=data)
    server.tags["owner/lively"] = {"v1": first}
    second = server.add("owner/lively", model=data, note=b"of another commit")
    for place, revision in (("owner/lively@v1", first), ("owner/lively", second)):
        folder = tmp_path / revision
        code, said, _ = vidgen("pull", place, "--folder", str(folder))
        assert code == 0 and f"owner/lively@{revision}" in said
        (listed,), _ = read_index(folder)
        assert listed.hub == HubPin("owner/lively", revision)


def test_pull_leaves_another_release_of_the_same_name_where_it_is(
    vidgen, shipped, server, tmp_path
):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    write_row(folder, replace(shipped[1], sha256="1" * 64))
    server.add("owner/lively", model=shipped[2].read_bytes())
    assert vidgen("pull", "owner/lively")[0] == 0
    assert [row.name for row in read_index(folder)[0]] == ["lively", "owner-lively"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("owner/lively@", "revision is ''; legal is a branch, a tag or a commit"),
        ("owner/lively@a..b", "revision is 'a..b'"),
        ("owner/lively#00", "sha256 is '00'"),
        ("owner/none", "owner/none"),
        ("a/b/c", "repo_id is 'a/b/c'"),
    ],
)
def test_pull_says_what_is_wrong_with_a_place(vidgen, server, tmp_path, place, words):
    server.add("owner/lively", model=b"no release")
    code, said, errors = vidgen("pull", place)
    assert (code, said) == (2, "")
    assert words in errors and errors.count("\n") == 1
    assert not (tmp_path / "checkpoints").exists()


def test_pull_into_an_index_that_is_broken_changes_nothing(vidgen, shipped, server, tmp_path):
    server.add("owner/lively", model=shipped[2].read_bytes())
    (tmp_path / "checkpoints").mkdir()
    index = tmp_path / "checkpoints" / "index.json"
    index.write_text("{")
    code, _, errors = vidgen("pull", "owner/lively")
    assert code == 2 and "index.json" in errors
    assert index.read_text() == "{" and server.log == []


def test_pull_on_a_full_and_on_a_read_only_disk_says_so(vidgen, shipped, server, tmp_path):
    server.add("owner/lively", model=shipped[2].read_bytes())
    with disk(tmp_path / "cache", "64k") as at:
        code, _, errors = vidgen("pull", "owner/lively")
        assert code == 2 and "No space left on device" in errors.splitlines()[-1]
        make_read_only(at)
        code, _, errors = vidgen("pull", "owner/lively")
        assert code == 2 and "Read-only file system" in errors.splitlines()[-1]
    assert vidgen("pull", "owner/lively")[0] == 0, "and with room it is had"


def test_pull_does_not_wait_for_a_file_that_only_drips(vidgen, shipped, server, monkeypatch):
    pin = f"owner/lively@{server.add('owner/lively', model=shipped[2].read_bytes())}"
    server.fault = "drip-file"
    monkeypatch.setattr("vidgen.fetch.time_for", lambda size: 1.0)
    code, said, errors = vidgen("pull", pin)
    assert (code, said) == (2, "")
    assert "comes more slowly than" in errors.splitlines()[-1]  # after the progress bar


def test_pull_refuses_another_file_than_was_named(vidgen, shipped, server):
    revision = server.add("owner/lively", model=shipped[2].read_bytes())
    code, said, errors = vidgen("pull", f"owner/lively@{revision}#{'0' * 64}")
    assert (code, said) == (2, "")
    assert "another checksum" in errors and errors.count("\n") == 1
