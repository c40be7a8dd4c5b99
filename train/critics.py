"""The critics: one looks at single frames, one at a few frames of a clip and their time stamps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidgen.nn.blocks import SLOPE, Residual, activate, conv, linear, shrink

TIME_FEATURES = 12


class Head(nn.Module):
    """Features at 4x4 to one number for each clip, with the class by projection.

    logit = psi(phi) + e_c . phi (Miyato & Koyama 2018, arXiv 1802.05637, eq. 3).
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.pool = nn.Conv2d(width, width, 4, groups=width)  # each feature has its own map
        nn.init.normal_(self.pool.weight, std=0.25)
        self.mix = linear(width, width)
        self.score = linear(width, 1, gain=0.7)
        self.classes = nn.Embedding(classes, width)
        nn.init.normal_(self.classes.weight, std=1 / math.sqrt(width))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Map [B, width, 4, 4] and labels [B] to logits [B], float32."""
        phi = activate(self.mix(self.pool(activate(x)).flatten(1))).float()
        return self.score(phi).float()[:, 0] + (phi * self.classes(labels).float()).sum(dim=1)


class FrameCritic(nn.Module):
    """Is this a frame of that class? Sees each frame alone; a clip's logit is their mean.

    ``widths`` are the channels at 32x32, 16x16, 8x8 and 4x4 cells of a 64x64 frame.
    """

    def __init__(self, channels: int, classes: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.entry = conv(4 * channels, widths[0])
        self.stages = nn.ModuleList(Residual(a, b) for a, b in pairwise([widths[0], *widths]))
        self.head = Head(widths[-1], classes)

    def forward(self, clip: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        frames = clip.shape[1]
        x = self.entry(F.pixel_unshuffle(clip.flatten(0, 1), 2))
        x = down_the_stages(x, self.stages)
        logits = self.head(x, labels.repeat_interleave(frames))
        return logits.view(-1, frames).mean(dim=1)


class ClipCritic(nn.Module):
    """Is this how a thing of that class moves? A trunk for each frame, then all of them together.

    Beside each frame the trunk gets what changed since the one before, at full size: a thing moves
    by a pixel or two a frame, which is less than a cell of the 16x16 where frames come together.
    The features of the frames are stacked at 16x16, as in StyleGAN-V (Skorokhodov et al. 2022,
    arXiv 2112.14683, section 3.3), with the start and the time differences as a bias. ``widths``
    are the channels of the trunk at 32x32, and of the stack at 16x16, 8x8 and 4x4 cells.
    """

    def __init__(self, channels: int, classes: int, frames: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.frames = frames
        trunk, stack = widths[0], widths[1]
        self.entry = conv(2 * 4 * channels, trunk)
        self.trunk = Residual(trunk, trunk)
        self.stack = conv(frames * trunk, stack)
        self.when = nn.Sequential(
            linear(TIME_FEATURES * frames, 64), nn.LeakyReLU(SLOPE), linear(64, stack)
        )
        self.stages = nn.ModuleList(Residual(a, b) for a, b in pairwise([stack, *widths[1:]]))
        self.head = Head(widths[-1], classes)

    def forward(self, clip: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W], time stamps [B, T] and labels [B] to logits [B]."""
        batch, frames = clip.shape[:2]
        assert frames == self.frames, (frames, self.frames)
        change = torch.diff(clip, dim=1, prepend=clip[:, :1])
        seen = torch.cat([clip, change], dim=2)  # [B, T, 2C, H, W]
        x = self.entry(F.pixel_unshuffle(seen.flatten(0, 1), 2))
        x = shrink(self.trunk(x))
        x = self.stack(activate(x).reshape(batch, -1, *x.shape[2:]))
        x = x + self.when(time_features(times))[:, :, None, None]
        return self.head(down_the_stages(x, self.stages), labels)


def down_the_stages(x: Tensor, stages: Iterable[nn.Module]) -> Tensor:
    """Halve the size between residual stages; whatever the clip's size, end at 4x4 cells."""
    for number, stage in enumerate(stages):
        x = stage(shrink(x) if number else x)
    return F.adaptive_avg_pool2d(x, 4)


def time_features(times: Tensor) -> Tensor:
    """Describe time stamps [B, T] (frames) by start and differences: [B, T * 12]."""
    gaps = torch.diff(times, dim=1)
    marks = torch.cat([times[:, :1], gaps], dim=1)  # the start, then the steps
    octaves = 2.0 ** torch.arange(-6, -1, device=times.device)  # cycles a frame: 1/64 to 1/4
    angle = 2 * math.pi * marks[..., None] * octaves
    size = torch.stack([torch.log1p(marks) / math.log(65), marks / 64], dim=-1)
    return torch.cat([torch.sin(angle), torch.cos(angle), size], dim=-1).flatten(1)
