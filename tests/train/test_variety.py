"""Variety and lessons: what is told apart by how clips of a class differ."""

import math
import statistics

import pytest
import torch
from bars import Bars

from train.features import stamps
from train.judge.distances import Sample
from train.judge.pupil import classification_accuracy
from train.judge.variety import diversity
from train.levels import to_levels

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


def test_one_learns_from_clips_with_their_labels_and_not_from_shifted_ones():
    labels = torch.arange(200) % 4
    lesson, asked = (
        to_levels(Bars().render(seed, 0, torch.arange(200), stamps(200, CPU), labels).clips)
        for seed in (1, 2)
    )

    def score(names):
        right = classification_accuracy((lesson, names), (asked, labels), 4, 60, CPU)
        return right.double().mean()

    assert score(labels) > 0.8
    assert score((labels + 1) % 4) < 0.1
