"""How much clips differ, and whether one can learn from them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from train import features
from train.data import ClipBatch, ClipSource
from train.data.draws import uniform
from train.features import Judge, JudgeConfig
from train.judge.clips import as_input, batches
from train.judge.distances import Estimate, Sample, estimate, once, pairs_inside, weights

VERSION = 1  # raise when the lessons change: what was learned from real clips is learned again


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


def classification_accuracy(
    source: ClipSource, shown: tuple[Tensor, Tensor], asked: tuple[Tensor, Tensor], steps: int,
    device: torch.device,
) -> Tensor:  # fmt: skip
    """Classification accuracy score (Ravuri and Vinyals 2019, arXiv 1905.10887).

    A fresh classifier is trained on some clips and asked about others; both are pixels, uint8
    [N, T, C, H, W], and labels, int64 [N].

    Returns:
        Which clips it named right: bool [N'].
    """
    config = JudgeConfig(steps=steps, batch=32, motion_weight=0.0)
    pupil = features.build(config, source, motion=1).to(device)
    features.train(pupil, config, _Given(source.name, *shown), device)
    pupil.eval()
    pixels, labels = asked
    parts = batches(len(labels), "asking the pupil")
    return torch.cat([_named(pupil, pixels[part], device) == labels[part] for part in parts])


@torch.inference_mode()
def _named(judge: Judge, pixels: Tensor, device: torch.device) -> Tensor:
    return judge.to_class(judge(as_input(pixels, device))).argmax(dim=1).cpu()


class _Given:
    """Lessons made of clips that are there already."""

    def __init__(self, name: str, pixels: Tensor, labels: Tensor) -> None:
        self.name, self._pixels, self._labels = name, pixels, labels

    def render(self, seed: int, step: int, indices: Tensor, times: Tensor) -> ClipBatch:
        """Draw clips for the indices [B] of a step."""
        lots = uniform(seed, step, indices.cpu(), 1)[:, 0]
        chosen = (lots * len(self._labels)).long()
        clips = as_input(self._pixels[chosen], indices.device)
        labels = self._labels[chosen].to(indices.device)
        return ClipBatch(clips, labels, times, torch.zeros(len(labels), 1, device=times.device), {})
