"""Real clips found again in a generator: the class and noise that show them best, and how well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.mnist import import_torchvision
from train.levels import from_levels, to_levels
from vidgen import latent
from vidgen.generators import Generator
from vidgen.latent import MAX_SEED

STEPS = 150
DRAWS = 16  # seeds that are tried with every class; the search starts from the best
RATE = 0.1  # of Adam, falling to 0 on a cosine
PRIOR = 1e-3  # weight of the mean square of the noise, so that it stays such as the generator knows
_SURE = 4.0  # by how much the logit of the class that is started from is above the others
_AT_ONCE = 16  # clips in memory

Noise = Sequence[Tensor]  # of content, of motion and the tape, each [N, ...]


@dataclass(frozen=True)
class Inversion:
    """What was found for N clips.

    Attributes:
        clips: reconstructions, uint8 [N, T, C, H, W].
        classes: the class of each, of the greatest weight where it is a mix, int64 [N].
        psnr: peak signal-to-noise ratio of each over all its pixels, in decibels, float32 [N].
        ssim: structural similarity of each (Wang et al. 2004), the mean over its frames, [N].
    """

    clips: Tensor
    classes: Tensor
    psnr: Tensor
    ssim: Tensor

    def examples(self) -> tuple[int, int, int]:
        """Which clips came out best, in the middle and worst, by PSNR."""
        order = self.psnr.argsort(descending=True, stable=True).tolist()
        return order[0], order[len(order) // 2], order[-1]


def invert(
    generator: Generator,
    real: Tensor,
    device: torch.device,
    steps: int = STEPS,
    draws: int = DRAWS,
    seed: int = 0,
) -> Inversion:
    """Find the class, content noise, motion noise and noise tape that show real clips best.

    Adam on the mean square of the pixels' differences, over the noise and the logits of a mix of
    classes, from the best of some seeds with every class; what counts is the best clip on the way.
    A clip's result depends on that clip alone.

    Args:
        generator: on ``device``; its weights stay as they are.
        real: uint8 [N, T, C, H, W], at the times 0 to T - 1.
        device: to work on.
        steps: of the search, for each clip.
        draws: how many seeds are tried first.
        seed: the first of them.
    """
    seeds = [(seed + k) % (MAX_SEED + 1) for k in range(draws)]
    search = _Search(generator, seeds, steps, real.shape[1])
    found = [search.run(from_levels(part.to(device))) for part in real.split(_AT_ONCE)]
    clips, classes = (torch.cat(parts).cpu() for parts in zip(*found, strict=True))
    pixels = to_levels(clips)
    return Inversion(pixels, classes, *likeness(pixels, real.cpu()))


class _Search:
    """The search for some clips at a time, float32 [N, T, C, H, W]."""

    def __init__(self, generator: Generator, seeds: Sequence[int], steps: int, frames: int) -> None:
        self.generator, self.seeds, self.steps, self.frames = generator, seeds, steps, frames

    def run(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Return the best clips on the way of Adam, and their classes [N]."""
        noise, labels = self.start(target)
        known = F.one_hot(labels, self.generator.config.classes).float()
        searched = [part.clone().requires_grad_() for part in (*noise, _SURE * known)]
        *noise, logits = searched
        optimizer = torch.optim.Adam(searched, lr=RATE)
        best = self.show(noise, known).detach()
        least = _wrong(best, target)
        for step in range(self.steps):
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * step / self.steps)) / 2
            made = self.show(noise, logits.softmax(dim=1))
            wrong = _wrong(made, target)
            better = wrong.detach() < least
            least = torch.where(better, wrong.detach(), least)
            best = torch.where(better[:, None, None, None, None], made.detach(), best)
            labels = torch.where(better, logits.argmax(dim=1), labels)
            loss = (wrong + PRIOR * _loudness(noise)).sum()
            gradients = torch.autograd.grad(loss, searched, materialize_grads=True)
            for part, gradient in zip(searched, gradients, strict=True):
                part.grad = gradient
            optimizer.step()
        return best, labels

    @torch.no_grad()
    def start(self, target: Tensor) -> tuple[Noise, Tensor]:
        """For each clip the noise and the class [N] of the nearest of the clips that are tried."""
        device, classes = target.device, self.generator.config.classes
        tried = self.noise(device)
        seeds = torch.arange(len(self.seeds), device=device)
        pairs = torch.cartesian_prod(seeds, torch.arange(classes, device=device))
        far = []
        for part in pairs.split(_AT_ONCE):
            weights = F.one_hot(part[:, 1], classes).float()
            made = self.show([each[part[:, 0]] for each in tried], weights)
            far.append(torch.cdist(made.flatten(1), target.flatten(1)))
        nearest = pairs[torch.cat(far).argmin(dim=0)]  # [N, 2]
        return [each[nearest[:, 0]] for each in tried], nearest[:, 1]

    def show(self, noise: Noise, weights: Tensor) -> Tensor:
        """Clips of noise and of mixes of classes [N, K], as long as those that are looked for."""
        times = torch.arange(self.frames, dtype=torch.float32, device=weights.device)
        loop = torch.zeros(len(weights), device=weights.device)
        return self.generator(*noise, weights, times.expand(len(weights), -1), loop).float()

    def noise(self, device: torch.device) -> Noise:
        """Content, motion and tape of each seed."""
        c = self.generator.config
        anchors = latent.tape_anchors(self.frames - 1, c.tape_spacing)
        parts = (
            [latent.content_noise(seed, c.content_dim) for seed in self.seeds],
            [latent.motion_noise(seed, c.motion_dim) for seed in self.seeds],
            [latent.tape_noise(seed, anchors, c.tape_dim) for seed in self.seeds],
        )
        return [torch.from_numpy(np.stack(part)).to(device) for part in parts]


def _wrong(made: Tensor, target: Tensor) -> Tensor:
    """Mean square of the differences of clips: [N]."""
    return (made - target).square().mean(dim=(1, 2, 3, 4))


def _loudness(noise: Noise) -> Tensor:
    """Mean square of all numbers of each clip's noise: [N]."""
    return torch.cat([part.flatten(1) for part in noise], dim=1).square().mean(dim=1)


def likeness(made: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """PSNR and SSIM of clips, uint8 [N, T, C, H, W] both: float32 [N] each, by torchmetrics."""
    import_torchvision()
    from torchmetrics.functional.image import (
        peak_signal_noise_ratio,
        structural_similarity_index_measure,
    )

    a, b = made.float() / 255, real.float() / 255
    ratio = peak_signal_noise_ratio(a, b, 1.0, reduction="none", dim=(1, 2, 3, 4))
    frames = structural_similarity_index_measure(
        a.flatten(0, 1), b.flatten(0, 1), reduction="none", data_range=1.0
    )
    assert isinstance(frames, Tensor)
    return ratio, frames.unflatten(0, a.shape[:2]).mean(dim=1)
