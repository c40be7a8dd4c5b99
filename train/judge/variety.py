"""How much clips differ, whether they were learned by heart, whether one can learn from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from train import features
from train.data import ClipBatch, ClipSource
from train.data.draws import uniform
from train.features import Judge, JudgeConfig
from train.judge.clips import as_input, batches
from train.judge.distances import Estimate, Sample, estimate, once, pairs_inside, weights
from train.levels import to_levels
from vidgen.release import ReleaseInfo


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


def nearest(codes: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """Distance of features [N, F] to the nearest of training clips [M, F], and which: [N] each."""
    found = torch.cdist(codes, training).min(dim=1)
    return found.values, found.indices


@dataclass(frozen=True)
class Past:
    """What decides the clips that a run was trained on: its seed, its draws, the clips of each."""

    seed: int
    draws: int
    batch: int

    @classmethod
    def of(cls, info: ReleaseInfo) -> Past | None:
        """Read it from a release; None where it is not on record or there was no training."""
        batch, turns = info.train.get("batch"), info.train.get("critic_steps", 1)
        if not isinstance(batch, int) or not isinstance(turns, int) or info.step == 0:
            return None
        return cls(info.seed, info.step * turns, batch)


def training_clips(source: ClipSource, past: Past, count: int) -> Tensor:
    """Render clips that a run was trained on, from all of its course: uint8 [M, T, C, H, W].

    They are its clips with its labels at the judge's times; the run may have seen them at others.
    """
    wanted = min(math.ceil(count / past.batch), past.draws)
    indices = torch.arange(past.batch)
    times = features.stamps(past.batch, torch.device("cpu"))
    rows = []
    for draw in torch.linspace(0, past.draws - 1, wanted).long().tolist():
        clips = source.render(past.seed, draw, indices, times).clips
        rows.append(to_levels(clips))
    return torch.cat(rows)[:count]


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
