"""`train prepare` as people use and lose it: killed, full, forbidden, changed, run twice."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import odd_videos
import pytest
from disks import disk
from forked import forked, without_privileges

from train import prepare
from train.__main__ import main
from train.data import DataError, everything
from train.data.folder import Folder
from train.data.partial import part_frames, read_part
from train.data.scan import scan
from train.data.store import has_manifest, map_frames, read_manifest
from vidgen.datasets import DataSet
from vidgen.preparation import Preparation


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    """Three classes of eight videos, no two alike."""
    root = tmp_path_factory.mktemp("videos")
    source = "testsrc2=s=64x48:r=16:d=3"
    film = odd_videos.film(root / "film.mp4", "-pix_fmt yuv420p", source).read_bytes()
    (root / "film.mp4").unlink()
    for number in range(24):
        folder = root / "ABC"[number % 3]
        folder.mkdir(exist_ok=True)
        note = b"%08d" % number
        (folder / f"{number}.mp4").write_bytes(film + struct.pack(">I4s", 16, b"free") + note)
    return root


def words(videos: Path, out: Path, *more: str) -> list[str]:
    return ["prepare", str(videos), "--out", str(out), "--workers", "2", *more]


@pytest.fixture(scope="module")
def whole(videos, tmp_path_factory) -> Path:
    """What comes out if nothing happens."""
    out = tmp_path_factory.mktemp("whole") / "mine"
    assert main(words(videos, out)) == 0
    return out


def same(out: Path, whole: Path) -> bool:
    """Does a folder hold the very same data, whole, and nothing left over?"""
    one, other = read_manifest(out), read_manifest(whole)
    frames = np.array_equal(map_frames(out, one), map_frames(whole, other))
    names = [{p.name for p in folder.iterdir()} for folder in (out, whole)]
    return frames and one.fingerprint == other.fingerprint and names[0] == names[1]


def test_a_store_is_small_and_complete(whole):
    manifest = read_manifest(whole)
    assert {p.name for p in whole.iterdir()} == {
        ".prepare.lock", "asked.json", "process.json", "manifest.json", manifest.frames, "sheets"
    }  # fmt: skip
    assert len(list((whole / "sheets").iterdir())) == 3
    assert (whole / manifest.frames).stat().st_size == 128 + 24 * 24 * 64 * 64 * 3
    told = DataSet(whole)
    summary = told.summary()
    assert told.own and told.standing == "ready" and not told.goes_on and summary
    assert [(each["name"]["en"], each["videos"], each["clips"]) for each in summary["classes"]] == [
        ("A", 8, 8), ("B", 8, 8), ("C", 8, 8)
    ]  # fmt: skip
    assert (summary["side"], summary["frames"], summary["left_out"]["count"]) == (64, 16, 0)
    sheet = told.sheet(2)
    assert sheet and sheet.startswith(b"\x89PNG") and told.sheet(3) is None
    held = [v.source for v in manifest.videos if v.split == "held-out"]
    assert {name[0] for name in held} == {"A", "B", "C"} and len(held) < 12


def kill_often(videos: Path, whole: Path, folder: Path, times: int) -> None:
    """Kill a preparation again and again at random moments, then let it end."""
    random = np.random.RandomState()  # other moments every time
    out, said, kept = folder / "mine", folder / "said", 0
    started = time.monotonic()
    assert forked(partial(main, words(videos, folder / "other")), said) == 0
    length = time.monotonic() - started
    for _ in range(times):
        forked(partial(main, words(videos, out)), said, random.uniform(0.1, 1.1) * length / 3)
        assert "Traceback" not in said.read_text()
        parts = [read_part(path) for path in (out / "parts").glob("*.part")]
        assert all(part and part_frames(part) is not None for part in parts)
        kept = max(kept, len(parts))
        if has_manifest(out):
            map_frames(out, read_manifest(out))
    assert kept > 0
    assert forked(partial(main, words(videos, out)), said) == 0
    assert same(out, whole)


def test_killed_at_any_moment_it_goes_on(videos, whole, tmp_path):
    kill_often(videos, whole, tmp_path, 6)


@pytest.mark.slow
def test_killed_at_many_moments_it_goes_on(videos, whole, tmp_path):
    kill_often(videos, whole, tmp_path, 60)


def test_what_is_finished_is_not_done_again(videos, whole, tmp_path, monkeypatch, capsys):
    out, real = tmp_path / "mine", everything.decode
    calls = []

    def stopping(root, found, *rest):
        calls.append(found.source)
        if len(calls) == 11:
            assert DataSet(out).standing == "preparing" and DataSet(out).progress
            os.kill(os.getpid(), signal.SIGTERM)
        return real(root, found, *rest)

    monkeypatch.setattr(everything, "decode", stopping)
    assert main(words(videos, out)) == 130
    assert "goes on from here" in capsys.readouterr().err
    assert DataSet(out).standing == "stopped" and DataSet(out).goes_on
    finished = len(list((out / "parts").glob("*.part")))
    assert 9 <= finished < 24
    next((out / "parts").glob("*.part")).write_bytes(b"{}\nnot what was written")
    calls[:] = [""] * 100
    assert main(words(videos, out)) == 0
    assert len(calls) - 100 == 24 - finished + 1
    assert same(out, whole)


def test_the_same_again_does_nothing_and_a_change_is_seen(
    videos, whole, tmp_path, monkeypatch, capsys
):
    root, out = tmp_path / "videos", tmp_path / "mine"
    shutil.copytree(videos, root)  # with its times
    assert main(words(root, out, "--name", "mine")) == 0
    first = read_manifest(out)
    monkeypatch.setattr(prepare, "decode_all", None)
    capsys.readouterr()
    assert main(words(root, out, "--name", "mine")) == 0
    plan = DataSet(out).plan
    assert plan and main([*plan.words(), f"--out={out}"]) == 0
    assert capsys.readouterr().out.count("nothing to do") == 2
    monkeypatch.undo()
    (root / "A" / "0.mp4").unlink()
    assert main(words(root, out, "--name", "mine")) == 0
    second = read_manifest(out)
    assert len(second.videos) == 23 and second.fingerprint != first.fingerprint
    assert [p.name for p in out.glob("frames-*")] == [second.frames]
    assert main(words(root, out, "--name", "mine", "--frames", "60")) == 2
    assert "none of 23 videos has 60 frames" in capsys.readouterr().err
    assert read_manifest(out) == second and len(map_frames(out, second))


def test_two_at_once_are_refused(videos, tmp_path, capsys):
    with prepare._alone(tmp_path / "o", Preparation(str(videos), 64, 8, 16)):
        assert main(words(videos, tmp_path / "o")) == 2
    assert "another preparation is at work" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 4 MB, and a call that makes it larger."""
    with disk(tmp_path / "disk", "4m") as at:
        yield at, partial(subprocess.run, ["mount", "-o", "remount,size=64m", str(at)], check=True)


def test_a_full_disk_is_named_and_costs_nothing(small_disk, videos, whole, capsys):
    at, enlarge = small_disk
    assert main(words(videos, at / "mine")) == 1
    said = capsys.readouterr().err
    assert "No space left on device" in said and "the same command goes on" in said
    parts = list((at / "mine" / "parts").iterdir())
    assert parts and all(read_part(path) for path in parts) and not has_manifest(at / "mine")
    enlarge()
    assert main(words(videos, at / "mine")) == 0
    assert same(at / "mine", whole)


def test_a_limit_on_files_is_named_and_costs_nothing(videos, whole, tmp_path):
    """As with a quota: the parts fit, the whole does not."""
    out, said = tmp_path / "mine", tmp_path / "said"

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 10**6, 2 * 10**6))
        return main(words(videos, out))

    assert forked(limited, said) == 1
    assert "can't write to" in said.read_text() and "File too large" in said.read_text()
    assert len(list((out / "parts").iterdir())) == 24 and not list(out.glob("frames*"))
    assert main(words(videos, out)) == 0 and same(out, whole)


def test_a_forbidden_folder_is_named(videos, whole, tmp_path):
    out, said = tmp_path / "closed" / "mine", tmp_path / "said"
    out.parent.mkdir(mode=0o555)
    assert forked(without_privileges(partial(main, words(videos, out))), said) == 1
    assert f"can't write to {out}: Permission denied" in said.read_text()
    shutil.copytree(whole, tmp_path / "store")
    (tmp_path / "store").chmod(0o555)
    read = without_privileges(lambda: Folder(tmp_path / "store").counts["train"][0])
    assert forked(read, said) == read_manifest(whole).videos.__len__() // 3 - 1


def test_unreadable_sources_are_named(videos, tmp_path):
    root, said = tmp_path / "videos", tmp_path / "said"
    shutil.copytree(videos, root)
    (root / "A" / "0.mp4").chmod(0)
    (root / "B" / "more").mkdir(mode=0)
    call = without_privileges(partial(main, words(root, tmp_path / "mine")))
    assert forked(call, said) == 0, said.read_text()
    assert "A/0.mp4: can't be opened: Permission denied" in said.read_text()
    assert "B/more: can't be opened: Permission denied" in said.read_text()
    (root / "B" / "more").chmod(0o755)


def test_a_source_that_can_not_be_opened_is_the_one_that_is_named(videos, tmp_path):
    root, said = tmp_path / "videos", tmp_path / "said"
    root.mkdir(mode=0)
    call = without_privileges(partial(main, words(root, tmp_path / "mine")))
    assert forked(call, said) == 2
    assert f"{root} can't be opened: Permission denied" in said.read_text()
    root.chmod(0o755)


def test_a_folder_beside_the_splits_is_no_class_and_makes_none_of_them(videos, tmp_path):
    for folder, label in (("train", "A"), ("val", "A"), ("notes", "B")):
        shutil.copytree(videos / label, tmp_path / folder / label)
    found = scan(tmp_path)
    assert {each.label for each in found.found} == {"A"}
    assert ("notes", "is beside the splits, and none itself") in found.left_out
    shutil.rmtree(tmp_path / "val")
    assert {each.label for each in scan(tmp_path).found} == {"train", "notes"}, "vehicles, perhaps"


def test_equal_folders_of_frames_are_used_once(tmp_path):
    for clip, levels in (("one", "ab"), ("two", "ab"), ("other", "ba")):
        folder = tmp_path / "A" / clip
        folder.mkdir(parents=True)
        for number, level in enumerate(levels):
            (folder / f"{number}.png").write_bytes(level.encode())
    found = scan(tmp_path)
    assert [each.source for each in found.found] == ["A/one", "A/other"]
    assert found.left_out == [("A/two", "has the same content as A/one")]


def test_a_folder_of_none_of_our_kinds_says_what_is_there(tmp_path):
    (tmp_path / "A").mkdir()
    for name in ("1.mp3", "2.mp3", "3.pdf"):
        (tmp_path / "A" / name).write_bytes(b"x")
    with pytest.raises(DataError, match=r"holds no videos, but 2 \.mp3, 1 \.pdf; legal is"):
        scan(tmp_path)


def test_splits_by_folders_and_by_lists(videos, tmp_path, capsys):
    told = tmp_path / "told"
    for split, names in (("train", "012"), ("val", "3"), ("test", "67")):
        for label in names:
            shutil.copytree(videos / "ABC"[int(label) % 3], told / split / "ABC"[int(label) % 3],
                            dirs_exist_ok=True)  # fmt: skip
    assert main(words(told, tmp_path / "a")) == 0
    assert "same content" in capsys.readouterr().out  # a video that is in two splits
    manifest = read_manifest(tmp_path / "a")
    for video in manifest.videos:
        assert (video.split == "train") == video.source.startswith("train/") or (
            video.source[6] not in "A"
        )
    ucf = tmp_path / "ucf"
    shutil.copytree(videos, ucf / "UCF-101")
    (ucf / "ucfTrainTestlist").mkdir()
    train = "".join(f"A/{n}.mp4 1\r\n" for n in (0, 3, 6)) + "B/1.mp4 2\nB/4.mp4 2\nB/9999.mp4 2\n"
    (ucf / "ucfTrainTestlist" / "trainlist01.txt").write_text(train)
    (ucf / "ucfTrainTestlist" / "testlist01.txt").write_text("A/9.mp4\nB/7.mp4\n")
    assert main(words(ucf, tmp_path / "b")) == 0
    said = capsys.readouterr().out
    assert "UCF-101/C/2.mp4: is in neither of the lists" in said
    assert "B/9999.mp4: is not there: 1 of 8 listed videos" in said
    shown = {
        v.source.removeprefix("UCF-101/"): v.split for v in read_manifest(tmp_path / "b").videos
    }
    assert shown == {
        "A/0.mp4": "train", "A/3.mp4": "train", "A/6.mp4": "train", "A/9.mp4": "held-out",
        "B/1.mp4": "train", "B/4.mp4": "train", "B/7.mp4": "held-out",
    }  # fmt: skip
    assert main(words(ucf, tmp_path / "b", "--fold", "2")) == 2
    assert "trainlist02.txt can't be read" in capsys.readouterr().err


def test_groups_are_never_parted(videos, tmp_path):
    film = (videos / "A" / "0.mp4").read_bytes()
    for group in range(1, 9):
        for clip in range(1, 4):
            path = tmp_path / "v" / "Archery" / f"v_Archery_g{group:02}_c{clip:02}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(film[:-1] + bytes([group * 9 + clip]))
    assert main(words(tmp_path / "v", tmp_path / "o")) == 0
    splits: dict[str, set[str]] = {}
    for video in read_manifest(tmp_path / "o").videos:
        splits.setdefault(video.source[-11:-8], set()).add(video.split)
    assert len(splits) == 8 and all(len(found) == 1 for found in splits.values())


def test_what_can_not_be_prepared_is_refused(videos, tmp_path, capsys, monkeypatch):
    (tmp_path / "none").mkdir()
    (tmp_path / "bad" / "c").mkdir(parents=True)
    (tmp_path / "bad" / "c" / "text.mp4").write_text("text")
    for words_, message in (
        (words(tmp_path / "gone", tmp_path / "o"), "is no folder"),
        (words(videos, tmp_path / "bad"), "bad holds other files; legal is a new or an empty"),
        (words(tmp_path / "none", tmp_path / "o"), "holds no videos; legal is none/CLASS/VIDEO"),
        (words(tmp_path / "bad", tmp_path / "o"), "no video could be decoded: c/text.mp4 is no"),
        (words(videos, tmp_path / "o", "--size", "50"), "multiple of 16"),
        (words(videos, tmp_path / "o", "--frames", "65"), "legal is 2 to 64"),
        (words(videos, tmp_path / "o", "--name", "Sprites 32"), "'sprites-32' is taken"),
        (words(videos, tmp_path / "o", "--licence", ""), "--licence is ''; legal is a line"),
        (words(videos, tmp_path / "o", "--credit", "<b>me"), "--credit is '<b>me'; legal"),
        (words(videos, tmp_path / "o", "--fps", "0.5"), "--fps is 0.5; legal is 1 to 60"),
        (words(videos, tmp_path / "o", "--picture-fps", "nan"), "--picture-fps is nan; legal"),
    ):
        assert main(words_) == 2
        assert message in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # as if it were not installed
    assert main(words(videos, tmp_path / "o")) == 2
    assert capsys.readouterr().err.endswith(
        "prepare: videos need ffmpeg: pip install imageio-ffmpeg\n"
    )
