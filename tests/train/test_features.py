"""The judge learns what it must name, and its cache gives back the same judge or a fresh one."""

import dataclasses

import pytest
import torch
from bars import Bars

from train import features
from train.features import JudgeConfig, load_or_train, stamps
from train.levels import from_levels, to_levels

CPU = torch.device("cpu")
SHORT = JudgeConfig(steps=2, batch=8)


def held_out(count):
    return Bars().render(5, 0, torch.arange(count), stamps(count, CPU), split="held-out")


@torch.inference_mode()
def outputs(judge, clips):
    seen = judge(from_levels(to_levels(clips)))
    return judge.to_class(seen), judge.to_motion(seen), seen


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setitem(features.PRESETS, "bars", SHORT)


def test_a_judge_names_the_class_and_the_motion_of_held_out_clips(bars_judge):
    batch = held_out(256)
    named, motion, _ = outputs(bars_judge, batch.clips)
    assert (named.argmax(dim=1) == batch.labels).float().mean() > 0.95
    assert (motion - batch.motion).square().mean() < 0.2 * batch.motion.var()


def test_motion_is_read_from_time_and_not_from_one_frame(bars_judge):
    batch = held_out(256)
    frozen = batch.clips[:, :1].expand_as(batch.clips)
    _, motion, _ = outputs(bars_judge, frozen)
    assert (motion - batch.motion).square().mean() > 0.8 * batch.motion.var()


def test_features_are_standardised_and_a_clip_does_not_see_its_neighbours(bars_judge):
    clips = held_out(256).clips
    seen = outputs(bars_judge, clips)[2]
    assert seen.shape == (256, bars_judge.config.features)
    assert 0.5 < seen.std(dim=0).mean() < 2
    alone = torch.cat([outputs(bars_judge, clip[None])[2] for clip in clips[:4]])
    torch.testing.assert_close(seen[:4], alone, atol=1e-4, rtol=1e-4)


def test_what_is_seen_is_a_picture_of_256_levels():
    clips = torch.tensor([-7.0, -1.0, -0.5, 0.0, 0.999, 1.0, 7.0])
    levels = to_levels(clips)
    assert levels.dtype == torch.uint8 and levels.tolist() == [0, 0, 64, 128, 255, 255, 255]
    seen = from_levels(levels)
    assert seen[0] == seen[1] == -1 and seen[-1] == seen[-2] == 1
    assert ((seen - clips.clamp(-1, 1)).abs() <= 1 / 255 + 1e-6).all()


def test_a_cached_judge_is_the_same_and_is_not_trained_again(short, tmp_path, monkeypatch):
    first = load_or_train(Bars(), tmp_path, CPU)
    monkeypatch.setattr(features, "train", lambda *_: pytest.fail("trained again"))
    second = load_or_train(Bars(), tmp_path, CPU)
    clips = held_out(8).clips
    assert torch.equal(outputs(first, clips)[2], outputs(second, clips)[2])


def test_other_data_and_another_preset_get_judges_of_their_own(short, tmp_path, monkeypatch):
    load_or_train(Bars(), tmp_path, CPU)
    load_or_train(Bars("2"), tmp_path, CPU)
    monkeypatch.setitem(features.PRESETS, "bars", dataclasses.replace(SHORT, seed=1))
    load_or_train(Bars(), tmp_path, CPU)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("harm", ["cut", "not finite", "other tensors", "no safetensors"])
def test_a_damaged_cache_is_trained_again(short, tmp_path, harm, capsys):
    from safetensors.torch import load_file, save_file

    load_or_train(Bars(), tmp_path, CPU)
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    tensors = load_file(path)
    if harm == "cut":
        path.write_bytes(good[:-100])
    elif harm == "not finite":
        save_file({**tensors, "frame.bias": tensors["frame.bias"] * torch.nan}, path)
    elif harm == "other tensors":
        save_file({"frame.bias": tensors["frame.bias"]}, path)
    else:
        path.write_bytes(b"not a judge")
    load_or_train(Bars(), tmp_path, CPU)
    assert "damaged" in capsys.readouterr().err
    assert path.read_bytes() == good  # the same seed trains the same judge
    assert list(tmp_path.iterdir()) == [path]
