"""Distances against closed forms on Gaussians and against torchmetrics; intervals that hold."""

import pytest
import torch
from torch import nn

from train.data.mnist import import_torchvision
from train.judge.distances import (
    Sample,
    frechet,
    kid,
    of_mean,
    of_median,
    of_quantile_ratio,
    of_ratio,
    of_share,
    weights,
)


def gaussian(count, size=6, seed=0, shift=0.0, scale=1.0):
    dice = torch.Generator().manual_seed(seed)
    return one_class(shift + scale * torch.randn(count, size, generator=dice, dtype=torch.float64))


def one_class(values):
    return Sample(values, torch.zeros(len(values), dtype=torch.int64))


def classes(count, seed, shift=0.0):
    """Five classes far apart, in equal shares."""
    labels = torch.arange(count) % 5
    centres = 3 * torch.eye(6, dtype=torch.float64)[labels]
    return Sample(gaussian(count, seed=seed, shift=shift).values + centres, labels)


def test_frechet_has_its_closed_form():
    # Equal covariances: only the means count. Scaled by s about the mean: (s - 1)^2 tr(S).
    draw, shift = gaussian(500), torch.arange(6).double()
    shifted = frechet(draw, one_class(draw.values + shift), 0).value
    assert shifted == pytest.approx(float(shift.square().sum()), rel=1e-6)
    centred = draw.values - draw.values.mean(dim=0)
    spread = float(centred.T.cov().trace())
    scaled = frechet(one_class(centred), one_class(3 * centred), 0).value
    assert scaled == pytest.approx(4 * spread, rel=1e-6)
    assert frechet(draw, draw, 0).value == pytest.approx(0, abs=1e-9)


def test_frechet_of_gaussians_that_turn_and_stretch_has_its_closed_form():
    # With the same axes, of variances a and b: |mu - mu'|^2 + the sum of (sqrt a - sqrt b)^2.
    draw = gaussian(500).values
    centred = draw - draw.mean(dim=0)
    white = centred @ torch.linalg.inv(torch.linalg.cholesky(centred.T.cov())).T
    axes = torch.linalg.qr(gaussian(6, seed=1).values).Q
    first, second, mean = torch.arange(1, 7).double(), torch.tensor([3.0, 1, 4, 1, 5, 9]), 0.5
    found = frechet(
        one_class(white * first @ axes), one_class(white * second.double() @ axes + mean), 0
    ).value
    exact = float((first - second).square().sum()) + 6 * mean**2
    assert found == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(("shift", "scale"), [(2.0, 1.0), (0.0, 1.5), (1.0, 0.5)])
def test_kid_has_its_closed_form(shift, scale):
    # x.y of N(a, s^2 I) and N(b, t^2 I) has mean a.b, variance |a|^2 t^2 + |b|^2 s^2 + F s^2 t^2
    # and third moment 6 s^2 t^2 a.b.
    size = 6

    def cube(a, b, s, t):  # the mean of (x.y / F + 1)^3, both means along the same line
        product, spread = size * a * b, size * (a**2 * t**2 + b**2 * s**2 + s**2 * t**2)
        middle = 1 + product / size
        third = 6 * s**2 * t**2 * product
        return middle**3 + 3 * middle * spread / size**2 + third / size**3

    exact = cube(0, 0, 1, 1) + cube(shift, shift, scale, scale) - 2 * cube(0, shift, 1, scale)
    found = torch.tensor([
        kid(gaussian(800, seed=2 * i), gaussian(800, size, 2 * i + 1, shift, scale), 0).value
        for i in range(8)
    ])  # fmt: skip
    assert float(found.mean()) == pytest.approx(exact, abs=4 * float(found.std()) / 8**0.5)
    assert float(found.std()) < 0.2 * exact


@pytest.mark.parametrize("draw", [gaussian, classes])
def test_kid_of_equal_distributions_scatters_about_nothing(draw):
    found = torch.tensor(
        [kid(draw(60, seed=2 * i), draw(60, seed=2 * i + 1), 0).value for i in range(60)]
    )
    assert found.min() < 0 < found.max()
    assert abs(found.mean()) < 3 * found.std() / 60**0.5


def test_both_distances_are_those_of_torchmetrics():
    import_torchvision()
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import poly_mmd

    class Given(nn.Module):
        num_features = 6

        def forward(self, features):
            return features

    real, other = gaussian(200), gaussian(200, seed=1, shift=0.3, scale=1.5)
    distance = FrechetInceptionDistance(feature=Given())
    distance.update(real.values, real=True)
    distance.update(other.values, real=False)
    assert frechet(real, other, 0).value == pytest.approx(float(distance.compute()), rel=1e-6)
    theirs = float(poly_mmd(real.values, other.values))
    assert kid(real, other, 0).value == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("distance", [kid, frechet])
def test_an_interval_is_as_wide_as_the_scatter_of_other_clips(distance):
    real, other = classes(200, 0), classes(200, 1, shift=0.5)
    found = distance(real, other, 0)
    assert found.low < found.value < found.high
    assert distance(real, other, 0) == found
    again = [
        distance(classes(200, 2 * i), classes(200, 2 * i + 1, shift=0.5), 0).value
        for i in range(1, 16)
    ]
    assert 0.5 < (found.high - found.low) / (4 * torch.tensor(again).std()) < 2
    assert found.above(distance(real, classes(200, 99), 0))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_nineteen_of_twenty_intervals_of_a_share_hold_it(share):
    dice = torch.Generator().manual_seed(0)
    drawn = torch.rand(400, 100, generator=dice) < share
    found = [of_share(hits) for hits in drawn]
    held = sum(each.low <= share <= each.high for each in found) / len(found)
    assert 0.9 < held < 0.99
    assert found[0].value == float(drawn[0].double().mean())


def test_no_share_is_certain_and_none_leaves_0_to_1():
    none, every = of_share(torch.zeros(128) > 0), of_share(torch.ones(128) > 0)
    assert none.low == 0 and every.high == 1
    assert 0.02 < none.high < 0.04
    assert every.low == pytest.approx(1 - none.high)
    nearly = of_share(torch.arange(500) > 0)
    assert nearly.low < nearly.value < nearly.high <= 1


def test_a_mean_and_a_ratio_have_their_intervals():
    values = gaussian(400, 1).values[:, 0]
    mean = of_mean(one_class(values), 0)
    assert mean.value == float(values.mean())
    assert mean.high - mean.value == pytest.approx(1.96 * float(values.std()) / 20, rel=0.25)
    over, under = (one_class(gaussian(300, 1, seed).values[:, 0] + 3) for seed in (0, 1))
    ratio = of_ratio(over, under, 0)
    assert ratio.low < 1 < ratio.high < ratio.low + 0.5


def test_the_interval_of_a_median_is_as_wide_as_its_scatter():
    found = of_median(one_class(gaussian(300, 1).values[:, 0] ** 2), 0)
    again = [float((gaussian(300, 1, seed).values ** 2).median()) for seed in range(60)]
    assert found.value == again[0] and found.low < found.value < found.high
    assert 0.6 < (found.high - found.low) / (4 * torch.tensor(again).std()) < 1.6
    over, under = (one_class(gaussian(300, 1, seed).values[:, 0] ** 2) for seed in (0, 1))
    ratio = of_quantile_ratio(over, under, 0.5, 0)
    assert ratio.value == again[0] / again[1] and ratio.low < 1 < ratio.high < ratio.low + 1


def test_a_ratio_of_two_numbers_of_the_same_clips_draws_them_together():
    size = 10 ** gaussian(200, 1).values[:, 0]  # clips differ much, and in both numbers alike
    over, under = one_class(1.5 * size), one_class(size)
    together = of_ratio(over, under, 0, paired=True)
    assert together.low == pytest.approx(1.5) and together.high == pytest.approx(1.5)
    apart = of_ratio(over, under, 0)
    assert apart.high - apart.low > 0.5


def test_a_bootstrap_draws_as_many_clips_of_each_class_as_there_are():
    labels = torch.arange(50) % 3
    drawn = weights(labels, seed=3)
    for label in range(3):
        assert (drawn[:, labels == label].sum(dim=1) == (labels == label).sum()).all()
    assert not torch.equal(drawn, weights(labels, seed=4))
