"""From a folder of videos to clips: what is prepared is what is trained on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from PIL import Image

from train.__main__ import main
from train.data import DataError, open_source
from train.data.folder import Folder, whole_times
from train.data.store import read_manifest
from vidgen.release import read_info

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def film(path: Path, *words: str, source: str = "testsrc2=s=96x64:r=16:d=3") -> None:
    """Make a video with ffmpeg."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", source, *words, str(path)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """Three classes: videos whose level counts the frames, frames in folders, and strips."""
    root = tmp_path_factory.mktemp("videos")
    for number in range(4):  # the level is 20 a second and 5 a video
        level = f"geq=lum='16+20*T+5*{number}':cb=128:cr=128"
        source = f"color=black:s=48x32:r=24:d=3,format=yuv420p,{level}"
        film(root / "raw" / "counting" / f"{number}.mp4", "-qp", "1", source=source)
    colours = np.random.RandomState(0).randint(0, 256, (3, 20, 3), np.uint8)
    for clip, frames in enumerate(colours):
        folder = root / "raw" / "帧" / f"clip {clip}"
        folder.mkdir(parents=True)
        for number, colour in enumerate(frames):
            Image.new("RGB", (40, 30), tuple(colour.tolist())).save(folder / f"{number}.png")
    (root / "raw" / "strips").mkdir()
    for clip, frames in enumerate(colours):
        strip = np.repeat(np.repeat(frames[None], 32, axis=0), 32, axis=1)
        Image.fromarray(strip).save(root / "raw" / "strips" / f"{clip}.png")
    words = ["prepare", str(root / "raw"), "--out", str(root / "out"), "--size", "16"]
    assert main([*words, "--name", "Mine", "--licence", "MIT", "--credit", "me"]) == 0
    return root / "out"


def test_a_prepared_folder_says_what_it_is(prepared):
    source = open_source("folder", prepared, "cpu")
    assert isinstance(source, Folder)
    assert [name.en for name in source.classes] == ["counting", "strips", "帧"]
    assert (source.name, source.title[0], source.licence, source.credits) == (
        "mine", "Mine", "MIT", "me")  # fmt: skip
    assert source.clip_shape.height == 16 and source.clip_shape.channels == 3
    assert source.counts == {"train": (3, 2, 2), "held-out": (1, 1, 1)}
    assert source.longest == 20
    assert open_source("mine", prepared, "cpu").fingerprint == source.fingerprint
    with pytest.raises(DataError, match="or folder"):
        open_source("yours", prepared, "cpu")
    with pytest.raises(DataError, match="train prepare"):
        open_source("folder", prepared.parent, "cpu")


def test_time_is_real_and_so_are_stamps(prepared):
    source = open_source("folder", prepared, "cpu")
    times = torch.tensor([[0.0, 7.4, 12.0]]).expand(64, -1)
    batch = source.render(0, 0, torch.arange(64), times, torch.zeros(64, dtype=torch.long))
    assert batch.times.tolist() == [[0.0, 7.0, 12.0]] * 64
    light = (batch.clips.mean(dim=(2, 3, 4)) + 1) * 127.5  # grey levels; video's 219 are 255 here
    change = (light - light[:, :1]) * 219 / 255 / 20  # seconds
    assert torch.allclose(change, batch.times / source.fps, atol=0.11)  # two levels
    assert len(set(batch.params["begin"].tolist())) > 4


def test_pictures_are_kept_as_they_are(prepared):
    source = open_source("folder", prepared, "cpu")
    colours = np.random.RandomState(0).randint(0, 256, (3, 20, 3), np.uint8)
    manifest = read_manifest(prepared)
    times = torch.arange(16.0).expand(16, -1)
    for label in (1, 2):
        batch = source.render(0, 0, torch.arange(16), times, torch.full((16,), label))
        for clip, video, begin in zip(
            batch.clips, batch.params["video"].int(), batch.params["begin"].int(), strict=True
        ):
            number = int(manifest.videos[video].source.rstrip(".png")[-1])
            wanted = torch.from_numpy(colours[number, begin : begin + 16]) / 127.5 - 1
            assert torch.allclose(clip[:, :, 8, 8], wanted, atol=1e-6)


def test_no_video_is_in_both_splits(prepared):
    source = open_source("folder", prepared, "cpu")
    indices, times = torch.arange(300), torch.arange(4.0).expand(300, -1)
    shown = {
        split: set(source.render(1, 2, indices, times, None, split).params["video"].tolist())
        for split in ("train", "held-out")
    }
    assert shown["train"].isdisjoint(shown["held-out"])
    assert len(shown["train"] | shown["held-out"]) == 10


def test_a_clip_depends_on_its_own_draw_alone(prepared):
    source = open_source("folder", prepared, "cpu")
    times = torch.tensor([[0.5, 3.0, 61.0]]).expand(9, -1)
    whole = source.render(3, 5, torch.arange(9), times)
    one = source.render(3, 5, torch.tensor([4]), times[:1])
    assert torch.equal(whole.clips[4], one.clips[0]) and whole.labels[4] == one.labels[0]
    assert torch.equal(whole.times[4], one.times[0]) and one.times.max() < 24


def test_more_frames_than_there_are_go_back_and_forth(prepared):
    source = open_source("folder", prepared, "cpu")
    times = torch.arange(30.0).expand(8, -1)  # pictures have 20 frames
    batch = source.render(0, 0, torch.arange(8), times, torch.ones(8, dtype=torch.long))
    assert torch.equal(batch.times, times)
    for clip, begin in zip(batch.clips, batch.params["begin"].int().tolist(), strict=True):
        turn = 19 - begin  # where the last frame is shown
        for step in range(1, min(turn, 29 - turn) + 1):
            assert torch.equal(clip[turn - step], clip[turn + step])


def test_stamps_stay_apart_and_within_the_video():
    stamps = torch.rand(500, 6, generator=torch.manual_seed(0)).sort(dim=1).values * 70
    count = torch.randint(6, 80, (500,), generator=torch.manual_seed(1))
    whole = whole_times(stamps, count)
    assert torch.equal(whole, whole.round()) and whole.min() >= 0
    assert (whole[:, 1:] > whole[:, :-1]).all() and (whole[:, -1] < count).all()
    even = torch.arange(6.0).expand(2, -1)
    assert torch.equal(whole_times(even, torch.tensor([6, 60])), even)


def test_a_run_on_them_makes_a_release_that_credits_them(prepared, tmp_path):
    words = [
        "run",
        "--preset",
        "auto",
        "--data-root",
        str(prepared),
        "--out",
        str(tmp_path / "run"),
    ]
    words += ["--device", "cpu", "--threads", "1"]
    assert main([*words, "--max-steps", "1"]) == 0
    again = [*words, "--resume", "--max-steps", "2"]
    assert main([*again, "--data", "folder"]) == 0 == main([*again, "--data", "mine"])
    assert main([*again, "--data", "digits"]) == 2 == main([*again, "--flips"])
    assert main(["ship", "--release", str(tmp_path / "run" / "release.safetensors"),
                 "--folder", str(tmp_path / "shipped")]) == 0  # fmt: skip
    info = read_info(tmp_path / "shipped" / "mine.safetensors")
    assert (info.licence, info.credits, info.title["en"]) == ("MIT", "me", "Mine")
    assert [name.en for name in info.classes] == ["counting", "strips", "帧"]
    assert "MIT. me." in (tmp_path / "shipped" / "README.md").read_text("utf-8")
