"""A classifier that learns from a thousand clips: can one learn the classes from a generator?

Not the judge's shape, which wants fresh clips at every step: from a thousand clips of digits that
one learned to name 0.59 of held-out ones (200 steps) and 0.585 (400), this one 0.977.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.data.draws import uniform
from train.judge.clips import as_input, batches

VERSION = 2  # raise when the lessons change: what was learned from real clips is learned again
_WIDTHS = (24, 48, 96, 96)
_BATCH, _MOMENTS = 32, 4  # clips of a step, and moments of each
_RATE = 3e-3
_NOISE = 0.2  # strongest standard deviation of the white noise that is added, clips span 2
_STREAM = 31  # of the draws; data sets and training use streams of their own


def classification_accuracy(
    shown: tuple[Tensor, Tensor], asked: tuple[Tensor, Tensor], classes: int, steps: int,
    device: torch.device,
) -> Tensor:  # fmt: skip
    """Classification accuracy score (Ravuri and Vinyals 2019, arXiv 1905.10887).

    A fresh classifier is trained on some clips and asked about others; both are pixels, uint8
    [N, T, C, H, W], and labels, int64 [N].

    Returns:
        Which clips it named right: bool [N'].
    """
    pupil = _taught(*shown, classes, steps, device)
    pixels, labels = asked
    parts = batches(len(labels), "asking the pupil")
    return torch.cat([_named(pupil, pixels[part], device) == labels[part] for part in parts])


class Pupil(nn.Module):
    """Names what a moment shows, wherever in the picture: the strongest answer of all places."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        widths = itertools.pairwise((2 * channels, *_WIDTHS))
        for (before, after), (side, stride) in zip(
            widths, ((5, 2), (3, 2), (3, 2), (3, 1)), strict=True
        ):
            convolution = nn.Conv2d(before, after, side, stride, side // 2, bias=False)
            layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        self.look = nn.Sequential(*layers)
        self.name = nn.Linear(_WIDTHS[-1], classes)

    def forward(self, moments: Tensor) -> Tensor:
        """Map moments [N, 2 C, H, W] to logits [N, K]."""
        seen = self.look(moments.contiguous(memory_format=torch.channels_last))
        return self.name(seen.amax(dim=(2, 3)))


def _moments(clips: Tensor, times: Tensor) -> Tensor:
    """Frames at ``times`` [B, M] and what changes to the next: [B * M, 2 C, H, W]."""
    rows = torch.arange(len(clips), device=clips.device)[:, None]
    now, then = clips[rows, times], clips[rows, times + 1]
    return torch.cat([now, then - now], dim=2).flatten(0, 1)


def _taught(
    pixels: Tensor, labels: Tensor, classes: int, steps: int, device: torch.device
) -> Pupil:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pupil = Pupil(pixels.shape[2], classes).to(device)
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, steps)
    dice = torch.Generator(device).manual_seed(0)
    for step in range(steps):
        draws = uniform(0, step, torch.arange(_BATCH), 2 * _MOMENTS + 1, _STREAM)
        chosen = (draws[:, 0] * len(labels)).long()
        times = (draws[:, 1 : _MOMENTS + 1] * (pixels.shape[1] - 1)).long().to(device)
        moments = _moments(as_input(pixels[chosen], device), times)
        strength = _NOISE * draws[:, _MOMENTS + 1 :].reshape(-1, 1).to(device)
        grain = torch.randn(moments.shape, generator=dice, device=device)
        noisy = moments + strength[:, :, None, None] * grain
        truth = labels[chosen].repeat_interleave(_MOMENTS).to(device)
        loss = F.cross_entropy(pupil(noisy), truth)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    return pupil.eval()


@torch.inference_mode()
def _named(pupil: Pupil, pixels: Tensor, device: torch.device) -> Tensor:
    """The class that every second moment of clips speaks for, together: int64 [N] on the CPU."""
    times = torch.arange(0, pixels.shape[1] - 1, 2, device=device).expand(len(pixels), -1)
    said = pupil(_moments(as_input(pixels, device), times)).log_softmax(dim=1)
    return said.unflatten(0, times.shape).mean(dim=1).argmax(dim=1).cpu()
