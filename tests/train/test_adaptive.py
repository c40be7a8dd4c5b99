"""Augmentation, and the probability that follows how far the critics overfit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from train.adaptive import Augmentation
from train.augment import augment
from train.presets import PRESETS

ROWS = torch.arange(6)


def pictures(rows=6, side=16, kind=torch.float32):
    return torch.rand(rows, 2, 3, side, side, generator=torch.Generator().manual_seed(0)).to(kind)


def test_clips_stay_what_they_are_bit_for_bit_where_nothing_is_applied():
    assert torch.equal(augment(pictures(), 0, 1, ROWS, torch.tensor(0.0), flips=True), pictures())


def test_it_is_applied_to_as_many_clips_as_the_probability_says():
    rows = torch.arange(500)
    still = pictures(1).expand(500, -1, -1, -1, -1)
    for probability in (0.1, 0.5):
        changed = (augment(still, 0, 1, rows, probability) != still).flatten(1).any(dim=1)
        # Five kinds of change, and a shift by less than half a pixel is none.
        assert changed.float().mean().item() == pytest.approx(
            1 - (1 - probability) ** 4.6, abs=0.07
        )


def test_only_flips_mirror():
    left = torch.zeros(200, 1, 1, 32, 32)
    left[..., :16] = 1
    weight = torch.linspace(-1, 1, 32)
    for flips in (False, True):
        leaning = (augment(left, 0, 1, torch.arange(200), 1.0, flips) * weight).sum(
            dim=(1, 2, 3, 4)
        )
        assert (leaning > 0).float().mean().item() == pytest.approx(0.5 * flips, abs=0.1)


def test_what_is_one_picture_stays_one_and_a_zoom_keeps_the_middle():
    flat = torch.full((50, 1, 1, 16, 16), 0.5)
    levels = augment(flat, 0, 1, torch.arange(50), 1.0).flatten(1)
    # Outside of the square that is cut out there is one level, however it was moved.
    assert all(len(row[row != 0].unique()) == 1 or row[row != 0].std() < 1e-6 for row in levels)


def test_it_can_be_differentiated_twice():
    clips = pictures(3, 4, torch.float64).requires_grad_(True)

    def changed(x):  # what a penalty sees through it
        return augment(x, 0, 1, ROWS[:3], torch.tensor(0.9, dtype=torch.float64), True).pow(3).sum()

    assert torch.autograd.gradgradcheck(changed, clips)


def adaptive(**changes) -> Augmentation:
    return Augmentation(replace(PRESETS["smoke"], steps=1000, augment_target=0.4, **changes))


def moved(augmentation: Augmentation, overfit: float, looks: int, told: float = 1.0) -> float:
    for _ in range(looks):
        augmentation.adapt(torch.tensor(overfit * told), torch.tensor(told))
    return augmentation.probability.item()


def test_the_probability_rises_while_critics_overfit_and_falls_again():
    augmentation = adaptive()
    assert moved(augmentation, 0.2, 20) == 0
    assert 0 < moved(augmentation, 0.9, 8) < 0.4
    assert moved(augmentation, 0.9, 40) == pytest.approx(0.8)
    assert 0.4 < augmentation.statistics()["overfit"] <= 0.9
    assert moved(augmentation, 0.2, 60) == 0


def test_critics_that_tell_nothing_have_learned_nothing_by_heart():
    assert moved(adaptive(), 5.0, 20, told=-0.1) == 0
    assert moved(adaptive(), 5.0, 20, told=0.0) == 0


def test_a_rise_takes_a_tenth_of_the_run_at_least():
    augmentation = adaptive()  # of 1,000 draws, 250 looks
    assert moved(augmentation, 1.0, 10) == pytest.approx(10 * 4 / 100)
    assert [augmentation.looks(draw) for draw in range(6)] == [True, *[False] * 3, True, False]


def test_without_a_target_clips_are_changed_by_the_probability_that_is_given():
    fixed = Augmentation(replace(PRESETS["smoke"], augment=0.9))
    assert not any(fixed.looks(draw) for draw in range(8)) and not fixed.statistics()
    assert not torch.equal(fixed(pictures(), 3, ROWS), pictures())
    assert torch.equal(Augmentation(PRESETS["smoke"])(pictures(), 3, ROWS), pictures())
