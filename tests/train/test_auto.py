"""Presets that choose themselves: what is chosen for which data, and why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from bars import Bars

from train.auto import choose
from train.config import TrainConfig
from train.data import open_source
from train.data.phenomena import Phenomena
from train.data.resized import Halved
from train.look import look
from train.presets import PRESETS
from train.trainer import Trainer
from vidgen.config import ClipShape, ConfigError
from vidgen.families import MocoganConfig

CPU = torch.device("cpu")


class Videos(Bars):
    """Bars as if a folder held so many of them."""

    name = "walks"
    longest = 24

    def __init__(self, videos):
        super().__init__()
        self.counts = {"train": (videos - 3, 1, 1, 1), "held-out": (1, 1, 1, 1)}


def gammas(config):
    return [(critic.gamma_start, critic.gamma_end) for critic in config.critics]


def test_mostly_black_pictures_get_a_penalty_that_falls_a_hundredfold_others_a_strong_one(
    digits_root,
):
    digits = open_source("digits", digits_root, CPU)
    chosen = {source.name: choose(source, CPU, bf16=False) for source in (digits, Phenomena())}
    assert gammas(chosen["digits"].config) == gammas(PRESETS["digits-64-cpu"])
    for (start, end), found in zip(
        gammas(PRESETS["phenomena-64-cpu"]), gammas(chosen["phenomena"].config), strict=True
    ):
        assert found == pytest.approx((start, end), rel=0.2)
    assert "needs little once things move" in "\n".join(chosen["digits"].reasons)
    assert look(digits, CPU).common > 0.9 > 0.2 > look(Phenomena(), CPU).common


def test_half_the_side_takes_a_quarter_of_the_penalty_and_a_stage_less():
    whole, half = (choose(s, CPU, False).config for s in (Phenomena(), Halved(Phenomena())))
    for a, b in zip(whole.critics, half.critics, strict=True):
        assert b.gamma_end == pytest.approx(a.gamma_end / 4)
        assert len(b.widths) == len(a.widths) - 1


def test_what_is_chosen_is_an_ordinary_config_that_trains():
    choice = choose(Bars(), CPU, bf16=False, seconds=3)
    config = choice.config
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert (config.data, config.model.clip, config.model.classes) == (
        "bars", Bars.clip_shape, 4,
    )  # fmt: skip
    assert config.burn_in < config.steps and config.coarse_steps < config.steps
    assert config.restart == (config.coarse_steps > 0)
    said = "\n".join(choice.reasons)
    for word in ("16x16", "grey", "4 classes", "penalty", "batch 16", "fp32", "there are 3 s"):
        assert word in said
    assert torch.isfinite(Trainer(replace(config, batch=4), Bars(), CPU, False).step()["loss_g"])


def test_more_time_is_more_steps_of_larger_nets_and_more_processes_share_them():
    short, long = (choose(Bars(), CPU, False, seconds=s).config for s in (2, 4000))
    assert short.steps < long.steps and short.batch < long.batch
    assert short.critics[0].widths < long.critics[0].widths
    assert choose(Bars(), CPU, False, processes=3).config.batch == 33


def test_few_clips_turn_on_what_few_clips_need_and_warn():
    few, many = (choose(Videos(n), CPU, False) for n in (40, 4000))
    assert few.config.augment_target > 0 and many.config.augment_target == 0
    said = "\n".join(few.reasons)
    assert "40 clips can be learned by heart" in said and "--flips" in said
    assert "by heart" not in "\n".join(many.reasons)
    assert not few.config.flips
    assert choose(Videos(40), CPU, False, flips=True).config.flips
    assert not choose(Videos(4000), CPU, False, flips=True).config.flips
    assert few.config.model.max_frames == 24


class Large(Bars):
    """Bars in pixels of many pixels."""

    def __init__(self, side):
        super().__init__()
        self.scale = side // 16
        self.clip_shape = ClipShape(16, 1, side, side)

    def render(self, seed, step, indices, times, labels=None, split="train"):
        batch = super().render(seed, step, indices, times, labels, split)
        clips = batch.clips.repeat_interleave(self.scale, -1).repeat_interleave(self.scale, -2)
        return replace(batch, clips=clips)


@pytest.mark.parametrize("side", [16, 48, 64, 96, 256])
def test_every_side_of_a_square_is_built(side):
    source = Large(side)
    trainer = Trainer(replace(choose(source, CPU, False).config, batch=1), source, CPU, False)
    assert torch.isfinite(trainer.step()["loss_g"])


def test_the_sizes_of_what_is_begun_with_are_kept():
    like = replace(choose(Phenomena(), CPU, False).config.model, synthesis_width=20, coarse=1.0)
    model = choose(Videos(40), CPU, False, like=like).config.model
    assert model == replace(like, clip=Bars.clip_shape, classes=4, max_frames=24, coarse=0.0)
    with pytest.raises(ConfigError, match="family is mocogan; legal to start --preset auto from"):
        choose(Bars(), CPU, False, like=MocoganConfig(Bars.clip_shape, 4, width=16))


def test_other_shapes_are_refused():
    source = Bars()
    source.clip_shape = ClipShape(16, 1, 16, 32)
    with pytest.raises(ConfigError, match="32x16; legal for --preset auto is a square"):
        choose(source, CPU, False)
