"""Real clips found again in a generator: the noise that shows them best, and how near it comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.data.mnist import import_torchvision
from train.levels import from_levels, to_levels
from vidgen import latent
from vidgen.generators import Generator

STEPS = 150
DRAWS = 16  # seeds that are tried; the search starts from the best
RATE = 0.1  # of Adam, falling to 0 on a cosine
PRIOR = 1e-3  # weight of the mean square of the noise, so that it stays such as the generator knows

Noise = Sequence[Tensor]  # of content, of motion and the tape, each [N, ...]


@dataclass(frozen=True)
class Inversion:
    """What was found for N clips.

    Attributes:
        clips: reconstructions, uint8 [N, T, C, H, W].
        psnr: peak signal-to-noise ratio of each over all its pixels, in decibels, float32 [N].
        ssim: structural similarity of each (Wang et al. 2004), the mean over its frames, [N].
    """

    clips: Tensor
    psnr: Tensor
    ssim: Tensor

    def examples(self) -> tuple[int, int, int]:
        """Which clips came out best, in the middle and worst, by PSNR."""
        order = self.psnr.argsort(descending=True, stable=True).tolist()
        return order[0], order[len(order) // 2], order[-1]


def invert(
    generator: Generator,
    real: Tensor,
    labels: Tensor,
    device: torch.device,
    steps: int = STEPS,
    draws: int = DRAWS,
    seed: int = 0,
) -> Inversion:
    """Find content noise, motion noise and noise tape for real clips; their class is given.

    Adam on the mean square of the pixels' differences, from the best of some seeds; what counts is
    the best clip on the way. A clip's result depends on that clip alone.

    Args:
        generator: on ``device``; its weights stay as they are.
        real: uint8 [N, T, C, H, W], at the times 0 to T - 1.
        labels: int64 [N]; of no weight where the generator knows one class only.
        device: to work on.
        steps: of the search, for each clip.
        draws: how many seeds are tried first.
        seed: the first of them.
    """
    target = from_levels(real.to(device))
    classes = generator.config.classes
    weights = torch.eye(classes, device=device)[labels.to(device) % classes]
    times = torch.arange(real.shape[1], dtype=torch.float32, device=device)
    loop = torch.zeros(len(target), device=device)

    def show(noise: Noise) -> tuple[Tensor, Tensor]:
        made = generator(*noise, weights, times.expand(len(target), -1), loop).float()
        return made, (made - target).square().mean(dim=(1, 2, 3, 4))

    with torch.no_grad():
        tried = [_noise(generator, seed + k, target) for k in range(draws)]
        first = torch.stack([show(noise)[1] for noise in tried]).argmin(dim=0)  # [N]
    rows = torch.arange(len(target), device=device)
    start = [torch.stack(part)[first, rows] for part in zip(*tried, strict=True)]
    found = _search(show, start, steps)
    pixels = to_levels(found).cpu()
    return Inversion(pixels, *likeness(pixels, real.cpu()))


def _search(show: Callable[[Noise], tuple[Tensor, Tensor]], start: Noise, steps: int) -> Tensor:
    """The best clips on the way of Adam through the noise.

    ``show`` gives the clips of some noise, and how far each is from its target, [N].
    """
    noise = [part.clone().requires_grad_() for part in start]
    size = sum(part[0].numel() for part in noise)
    optimizer = torch.optim.Adam(noise, lr=RATE)
    best, least = (value.detach() for value in show(noise))
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 + math.cos(math.pi * step / steps)) / 2
        made, wrong = show(noise)
        better = wrong.detach() < least
        least = torch.where(better, wrong.detach(), least)
        best = torch.where(better[:, None, None, None, None], made.detach(), best)
        loud = torch.stack([part.square().flatten(1).sum(dim=1) for part in noise]).sum(dim=0)
        gradients = torch.autograd.grad((wrong + PRIOR * loud / size).sum(), noise)
        for part, gradient in zip(noise, gradients, strict=True):
            part.grad = gradient
        optimizer.step()
    return best


def _noise(generator: Generator, seed: int, target: Tensor) -> Noise:
    """Content, motion and tape of a seed, the same for every clip of the target."""
    c = generator.config
    anchors = latent.tape_anchors(target.shape[1] - 1, c.tape_spacing)
    parts: list[np.ndarray] = [
        latent.content_noise(seed, c.content_dim),
        latent.motion_noise(seed, c.motion_dim),
        latent.tape_noise(seed, anchors, c.tape_dim),
    ]
    return [torch.from_numpy(p).to(target.device).expand(len(target), *p.shape) for p in parts]


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
