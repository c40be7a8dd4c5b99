"""How much the clips of a class differ from each other."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from train.judge.distances import Estimate, Sample, estimate, once, pairs_inside, weights


def diversity(made: Sample, real: Sample, seed: int) -> Estimate:
    """Mean distance of the features of two clips of a class, generated over real.

    What is drawn anew for the interval is clips, with all their pairs: a clip that is far from one
    other is far from most.
    """
    value = _apart(made, once(made)) / _apart(real, once(real))
    drawn = weights(made.labels, seed), weights(real.labels, seed + 1)
    return estimate(float(value), _apart(made, drawn[0]) / _apart(real, drawn[1]))


def _apart(sample: Sample, weight: Tensor) -> Tensor:
    """Mean distance within a class, each by its share of clips, of weighted clips [R, N]: [R]."""
    away = torch.cdist(sample.values, sample.values)
    shares = F.one_hot(sample.labels).double().mean(dim=0)
    return pairs_inside(away, sample.labels, weight) @ shares
