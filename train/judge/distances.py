"""Distances of two sets of features: Fréchet and KID, with intervals by bootstrap.

A bootstrap draws clips again with replacement. Here each draw is a row of weights, how often each
clip was drawn, so that all draws are one matrix product. Clips come with their labels, because
their classes are asked for in fixed shares: such a sample scatters less than a free one, and a
distance that forgets it is biased. torchmetrics has both distances, but neither weights nor strata;
tests hold these to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from scipy.stats import binomtest
from torch import Tensor

DRAWS = 200
_ENDS = (0.025, 0.975)
_FEW = 100  # draws of the Fréchet distance, which decomposes two matrices for each


class Sample(NamedTuple):
    """Numbers of N clips, float64 [N, F] or [N], and the classes they were asked for, int64 [N]."""

    values: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Estimate:
    """A number with the 95 % interval of its scatter from one set of clips to another."""

    value: float
    low: float
    high: float

    def above(self, other: Estimate) -> bool:
        """True where the intervals do not touch and this one is the higher."""
        return self.low > other.high

    def to_list(self) -> list[float]:
        """Put it into a JSON file."""
        return [self.value, self.low, self.high]


def weights(labels: Tensor, seed: int, draws: int = DRAWS) -> Tensor:
    """Draw as many clips of each label [N] as there are, with replacement: how often, [R, N]."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.zeros(draws, len(labels), dtype=torch.float64)
    for label in labels.unique():
        (mine,) = torch.nonzero(labels == label, as_tuple=True)
        chosen = mine[torch.randint(len(mine), (draws, len(mine)), generator=generator)]
        drawn.scatter_add_(1, chosen, torch.ones_like(chosen, dtype=torch.float64))
    return drawn


def estimate(value: float, replicates: Tensor) -> Estimate:
    """Put the scatter of bootstrap replicates [R] round a value.

    A drawn set repeats clips, which shifts a biased statistic such as the Fréchet distance; so the
    replicates are moved until their mean is the value itself.
    """
    ends = replicates.new_tensor(_ENDS)
    low, high = torch.quantile(replicates - replicates.mean(), ends).tolist()
    return Estimate(value, value + low, value + high)


def of_share(hits: Tensor) -> Estimate:
    """The share of clips that are hits, bool [N], by Wilson's score interval (1927).

    It stays within 0 and 1, and is an interval even where all clips are hits or none. That classes
    have fixed shares is not used, so it is rather too wide where classes differ much.
    """
    count = len(hits)
    found = binomtest(int(hits.sum()), count).proportion_ci(method="wilson")
    return Estimate(int(hits.sum()) / count, float(found.low), float(found.high))


def of_mean(sample: Sample, seed: int) -> Estimate:
    """The mean of a number that each clip has."""
    return estimate(float(sample.values.double().mean()), _means(sample, seed))


def of_median(sample: Sample, seed: int) -> Estimate:
    """The median of a number that each clip has; a bootstrap does not shift it."""
    value = _quantiles(sample, 0.5, once(sample))
    return _between_ends(value, _quantiles(sample, 0.5, weights(sample.labels, seed)))


def of_quantile_ratio(over: Sample, under: Sample, share: float, seed: int) -> Estimate:
    """The ratio of two quantiles of such numbers: below them is that share of the clips."""
    value = _quantiles(over, share, once(over)) / _quantiles(under, share, once(under))
    drawn = weights(over.labels, seed), weights(under.labels, seed + 1)
    found = _quantiles(over, share, drawn[0]) / _quantiles(under, share, drawn[1])
    return _between_ends(value, found)


def _quantiles(sample: Sample, share: float, weight: Tensor) -> Tensor:
    """The least value that ``share`` of the clips, weighted [R, N], do not exceed: [R]."""
    values, order = sample.values.double().sort()
    counts = weight[:, order].cumsum(dim=1)
    return values[(counts >= share * len(values)).int().argmax(dim=1)]


def _between_ends(value: Tensor, replicates: Tensor) -> Estimate:
    low, high = torch.quantile(replicates, replicates.new_tensor(_ENDS)).tolist()
    return Estimate(float(value), low, high)


def of_excess(pair: tuple[Sample, Sample], base: tuple[Sample, Sample], seed: int) -> Estimate:
    """By how much the ratio of a pair of such means is above that of another pair, the base.

    Each pair is two numbers of the same clips, drawn together.
    """
    value = _ratios(*pair, once(pair[0])) - _ratios(*base, once(base[0]))
    drawn = weights(pair[0].labels, seed), weights(base[0].labels, seed + 1)
    return estimate(float(value), _ratios(*pair, drawn[0]) - _ratios(*base, drawn[1]))


def _ratios(over: Sample, under: Sample, weight: Tensor) -> Tensor:
    return (weight @ over.values.double()) / (weight @ under.values.double())


def of_ratio(over: Sample, under: Sample, seed: int, paired: bool = False) -> Estimate:
    """The ratio of two such means; ``paired`` are two numbers of the same clips, drawn together."""
    value = float(over.values.double().mean() / under.values.double().mean())
    return estimate(value, _means(over, seed) / _means(under, seed if paired else seed + 1))


def _means(sample: Sample, seed: int) -> Tensor:
    return weights(sample.labels, seed) @ sample.values.double() / len(sample.values)


def frechet(real: Sample, other: Sample, seed: int) -> Estimate:
    """Fréchet distance of two sets of features.

    |mu - mu'|^2 + tr(S + S' - 2 (S S')^(1/2)) for Gaussians of their means and covariances (Dowson
    and Landau 1982). Biased upwards, the more so the fewer clips: compare it with its floor.
    """
    roots = _roots(real.values, real.labels, seed, _FEW)
    others = weights(other.labels, seed + 1, _FEW)
    drawn = [_between(a, *_moments(other, v)) for a, v in zip(roots, others, strict=True)]
    value = _between(_root(*_moments(real, once(real)[0])), *_moments(other, once(other)[0]))
    return estimate(float(value), torch.stack(drawn))


def once(sample: Sample) -> Tensor:
    """The weights [1, N] that count each clip once."""
    return torch.ones(1, len(sample.labels), dtype=torch.float64)


def _moments(sample: Sample, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [F] and covariance [F, F] of features that count ``weight`` [N] times each."""
    features = sample.values
    assert features.dtype == torch.float64, "the square root needs double precision"
    mean = weight @ features / weight.sum()
    centred = features - mean
    return mean, (centred * weight[:, None]).T @ centred / (weight.sum() - 1)


class _Root(NamedTuple):
    """A Gaussian's mean [F], the trace of its covariance S, and S^(1/2) [F, F]."""

    mean: Tensor
    trace: Tensor
    root: Tensor


def _root(mean: Tensor, cov: Tensor) -> _Root:
    values, vectors = torch.linalg.eigh(cov)
    return _Root(mean, cov.trace(), (vectors * values.clamp(min=0).sqrt()) @ vectors.T)


@lru_cache(maxsize=1)  # a table asks for many distances from the same real clips
def _roots(values: Tensor, labels: Tensor, seed: int, draws: int) -> list[_Root]:
    """What real clips are in each draw; tensors are told apart by identity."""
    real = Sample(values, labels)
    return [_root(*_moments(real, weight)) for weight in weights(labels, seed, draws)]


def _between(real: _Root, mean: Tensor, cov: Tensor) -> Tensor:
    """The distance of two Gaussians; (S S')^(1/2) has the trace of (S^(1/2) S' S^(1/2))^(1/2)."""
    trace = torch.linalg.eigvalsh(real.root @ cov @ real.root).clamp(min=0).sqrt().sum()
    return (real.mean - mean).square().sum() + real.trace + cov.trace() - 2 * trace


def kid(real: Sample, other: Sample, seed: int) -> Estimate:
    """Kernel distance of two sets of features (Bińkowski et al. 2018, arXiv 1801.01401), unbiased.

    The squared maximum mean discrepancy under the kernel (x.y / F + 1)^3, without the terms of a
    clip with itself: real against real it scatters about 0, and may be below it.
    """
    value = _discrepancy(real, other, once(real), once(other))
    drawn = _discrepancy(real, other, weights(real.labels, seed), weights(other.labels, seed + 1))
    return estimate(float(value), drawn)


def _discrepancy(real: Sample, other: Sample, w: Tensor, v: Tensor) -> Tensor:
    """Discrepancies of sets that count each clip as often as rows of w and v say: [R]."""
    cross = ((w @ _kernel(real.values, other.values)) * v).sum(dim=1)
    return _within(real, w) + _within(other, v) - 2 * cross / (w[0].sum() * v[0].sum())


def _within(sample: Sample, weight: Tensor) -> Tensor:
    """Mean kernel of two independent clips of a sample: [R].

    A pair of a clip with itself, or with its own repetition, never counts; the pairs of one class
    that are left stand for all of their class, so that each class keeps its share.
    """
    pairs = _kernel(sample.values, sample.values)
    classes = F.one_hot(sample.labels).double()
    apart = ((weight @ (pairs * (1 - classes @ classes.T))) * weight).sum(dim=1)
    inside = pairs_inside(pairs, sample.labels, weight) * (weight @ classes).square()
    return (apart + inside.sum(dim=1)) / weight.sum(dim=1).square()


def pairs_inside(pairs: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """Mean over the pairs of different clips of each class, 0 where there are none.

    Args:
        pairs: what each pair of clips has, [N, N].
        labels: of the clips, [N].
        weight: how often each counts, [R, N].

    Returns:
        [R, K].
    """
    classes = F.one_hot(labels).double()  # [N, K]
    alike = pairs * (classes @ classes.T)
    inside = ((weight @ alike.fill_diagonal_(0)) * weight) @ classes
    count = (weight @ classes).square() - weight.square() @ classes
    return torch.where(count > 0, inside / count.clamp(min=1), 0)


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    return (a @ b.T / a.shape[1] + 1) ** 3
