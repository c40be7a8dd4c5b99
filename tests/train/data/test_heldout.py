"""Laws of the held-out cache: fixed, balanced, apart from training, and whole or made again."""

import dataclasses

import numpy as np
import pytest
import torch

from train.data import DataError
from train.data.heldout import SEED, held_out
from train.data.phenomena import Phenomena

COUNT, FRAMES = 23, 3


class Counting(Phenomena):
    """Counts how many clips were rendered."""

    rendered = 0

    def render(self, seed, step, indices, times, labels=None, split="train"):
        self.rendered += len(indices)
        return super().render(seed, step, indices, times, labels, split)


@pytest.fixture
def source():
    return Counting()


def same(a, b):
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name))
        for field in dataclasses.fields(a)
    )


def test_clips_labels_and_motion_are_those_of_the_held_out_split(source, tmp_path):
    real = held_out(source, COUNT, FRAMES, tmp_path / "new" / "folder")
    assert real.clips.shape == (COUNT, FRAMES, 64, 64, 3) and real.clips.dtype == np.uint8
    assert real.labels.tolist() == [i % 10 for i in range(COUNT)]
    times = torch.arange(float(FRAMES)).expand(COUNT, -1)
    labels = torch.from_numpy(real.labels)
    batch = source.render(SEED, 0, torch.arange(COUNT), times, labels, "held-out")
    shown = torch.from_numpy(np.array(real.clips)).permute(0, 1, 4, 2, 3) / 127.5 - 1
    assert (shown - batch.clips).abs().max() <= 0.5 / 127.5 + 1e-6
    assert np.array_equal(real.motion, batch.motion.numpy())
    train = source.render(SEED, 0, torch.arange(COUNT), times, labels, "train")
    assert ((train.clips - batch.clips).abs().mean(dim=(1, 2, 3, 4)) > 1e-3).all()


def test_a_second_call_reads_and_renders_nothing(source, tmp_path):
    first = held_out(source, COUNT, FRAMES, tmp_path)
    assert source.rendered == COUNT
    assert same(held_out(source, COUNT, FRAMES, tmp_path), first)
    assert source.rendered == COUNT
    assert not list(tmp_path.glob("*.part"))


def test_another_fingerprint_has_other_files(source, tmp_path):
    held_out(source, 2, 2, tmp_path)
    source.fingerprint = "0" * 64
    held_out(source, 2, 2, tmp_path)
    assert source.rendered == 4 and len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("suffix", ["clips.npy", "truth.npz"])
@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "gone", "of another shape"])
def test_a_damaged_cache_is_made_again(source, tmp_path, suffix, damage):
    first = held_out(source, 4, 2, tmp_path)
    wanted = dataclasses.replace(first, clips=np.array(first.clips))
    (file,) = tmp_path.glob(f"*.{suffix}")
    content = file.read_bytes()
    file.unlink()  # the first map still holds the old file
    payload = wanted.motion if suffix == "truth.npz" else wanted.clips
    place = content.index(payload.tobytes())
    if damage == "of another shape":
        held_out(source, 5, 2, tmp_path / "other")
        (other,) = (tmp_path / "other").glob(f"*.{suffix}")
        file.write_bytes(other.read_bytes())
    elif damage != "gone":
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        file.write_bytes({"cut": content[:-9], "changed": changed, "empty": b""}[damage])
    before = source.rendered
    assert same(held_out(source, 4, 2, tmp_path), wanted)
    assert source.rendered == before + 4


def test_a_folder_that_cannot_be_made_is_named(source, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="file"):
        held_out(source, 2, 2, tmp_path / "file" / "cache")
