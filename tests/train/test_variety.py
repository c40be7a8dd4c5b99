"""Variety, memory and lessons: what is told apart by how clips of a class differ."""

import math
import statistics
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from bars import Bars

from train.config import CriticConfig, TrainConfig
from train.features import stamps
from train.judge.distances import Sample
from train.judge.variety import Past, classification_accuracy, diversity, nearest, training_clips
from train.levels import to_levels
from train.trainer import Trainer
from vidgen.families import VganConfig
from vidgen.release import ReleaseInfo

CPU = torch.device("cpu")


def test_diversity_is_half_for_clips_that_differ_half_as_much():
    dice = torch.Generator().manual_seed(0)
    labels = torch.arange(40) % 4
    centres = 9.0 * torch.eye(4)[labels]
    away = torch.randn(40, 4, generator=dice)
    clips = {share: (centres + share * away).double() for share in (1, 0.5, 0)}
    wide, narrow, none = (Sample(values, labels) for values in clips.values())
    assert diversity(narrow, wide, 0).value == pytest.approx(0.5, rel=1e-3)
    assert diversity(none, wide, 0).value < 1e-3


def test_the_interval_of_diversity_is_as_wide_as_its_scatter_over_other_clips():
    dice = torch.Generator().manual_seed(0)

    def draw():  # clips of a class lie along a line: one far out is far from all others
        far = torch.randn(60, 1, generator=dice).double() ** 3
        return Sample(far @ torch.ones(1, 4).double(), torch.arange(60) % 3)

    found = [diversity(draw(), draw(), 0) for _ in range(60)]
    scatter = float(torch.tensor([each.value for each in found]).log().std())
    width = [math.log(each.high / each.low) / 4 for each in found if each.low > 0]
    assert 0.6 < statistics.median(width) / scatter < 1.6


def test_what_was_learned_by_heart_is_found_again():
    training = torch.randn(30, 5, generator=torch.Generator().manual_seed(0))
    away, which = nearest(training[[7, 3]] + 1e-3, training)
    assert which.tolist() == [7, 3] and away.max() < 0.01


def past_of(**known):
    return Past.of(cast("ReleaseInfo", SimpleNamespace(seed=5, **known)))


class Shown(Bars):
    """Bars that remember what was rendered."""

    def __init__(self):
        super().__init__()
        self.clips = []

    def render(self, seed, step, indices, times, labels=None, split="train"):
        batch = super().render(seed, step, indices, times, labels, split)
        self.clips.append(batch.clips)
        return batch


def test_training_clips_are_those_that_the_run_saw():
    model = VganConfig(Bars.clip_shape, 4, content_dim=4, latent=8, width=8)
    critics = (CriticConfig("frame", (8, 8), 1.0, 1.0),)
    config = TrainConfig("bars", model, critics, steps=9, batch=4, critic_steps=2, seed=5)
    source = Shown()
    trainer = Trainer(config, source, CPU, bf16=False)
    for _ in range(3):
        trainer.step()
    past = past_of(step=3, train=config.to_dict())
    assert past == Past(5, draws=6, batch=4) and past is not None
    assert torch.equal(training_clips(Bars(), past, 1000), to_levels(torch.cat(source.clips)))


def test_training_clips_are_from_all_of_a_long_run():
    clips = training_clips(Bars(), Past(5, draws=1001, batch=4), 10)
    indices, times = torch.arange(4), stamps(4, CPU)
    drawn = [Bars().render(5, step, indices, times).clips for step in (0, 500, 1000)]
    assert torch.equal(clips, to_levels(torch.cat(drawn))[:10])


def test_what_a_release_was_trained_on_may_not_be_on_record():
    assert past_of(step=0, train={"batch": 4}) is None
    assert past_of(step=9, train={}) is None
    assert past_of(step=9, train={"batch": 4}) == Past(5, draws=9, batch=4)


def test_one_learns_from_clips_with_their_labels_and_not_from_shifted_ones():
    labels = torch.arange(200) % 4
    lesson, asked = (
        to_levels(Bars().render(seed, 0, torch.arange(200), stamps(200, CPU), labels).clips)
        for seed in (1, 2)
    )

    def score(names):
        right = classification_accuracy(Bars(), (lesson, names), (asked, labels), 25, CPU)
        return right.double().mean()

    assert score(labels) > 0.8
    assert score((labels + 1) % 4) < 0.1
