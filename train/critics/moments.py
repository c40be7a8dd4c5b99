"""The critic of a few moments of a clip, which knows when they are."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import Head, down_the_stages
from vidgen.config import ClipShape
from vidgen.nn.blocks import SLOPE, Residual, activate, conv, linear, shrink

TIME_FEATURES = 12


class MomentsCritic(nn.Module):
    """Is this how a thing of that class moves? A trunk for each frame, then all of them together.

    Beside each frame the trunk gets what changed since the one before, and how that changed, at
    full size: a thing moves by a pixel or two a frame, which is less than a cell of the maps where
    frames come together. Three moments fit any swing; to see a law takes more.
    The features of the frames are stacked at a quarter of the side, as in StyleGAN-V (Skorokhodov
    et al. 2022, arXiv 2112.14683, section 3.3), with the start and the time differences as a bias.
    ``widths`` are the channels of the trunk at half the side, and of the stack at a quarter of it,
    an eighth and so on.
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        self.frames = config.frames
        trunk, stack = config.widths[0], config.widths[1]
        self.entry = conv(3 * 4 * shape.channels, trunk)
        self.trunk = Residual(trunk, trunk)
        self.stack = conv(self.frames * trunk, stack)
        self.when = nn.Sequential(
            linear(TIME_FEATURES * self.frames, 64), nn.LeakyReLU(SLOPE), linear(64, stack)
        )
        self.stages = nn.ModuleList(
            Residual(a, b) for a, b in pairwise([stack, *config.widths[1:]])
        )
        self.head = Head(config.widths[-1], classes)

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W], time stamps [B, T] and labels [B] to logits [B]."""
        batch, frames = clips.shape[:2]
        assert frames == self.frames, (frames, self.frames)
        cells = F.pixel_unshuffle(clips.flatten(0, 1), 2).unflatten(0, (batch, frames))
        change = torch.diff(cells, dim=1, prepend=cells[:, :1])
        bend = torch.diff(change, dim=1, prepend=change[:, :1])
        x = self.entry(torch.cat([cells, change, bend], dim=2).flatten(0, 1))  # of 12C channels
        x = shrink(self.trunk(x))
        x = self.stack(activate(x).reshape(batch, -1, *x.shape[2:]))
        x = x + self.when(time_features(times))[:, :, None, None]
        return self.head(down_the_stages(x, self.stages), labels)


def time_features(times: Tensor) -> Tensor:
    """Describe time stamps [B, T] (frames) by start and differences: [B, T * 12]."""
    gaps = torch.diff(times, dim=1)
    marks = torch.cat([times[:, :1], gaps], dim=1)  # the start, then the steps
    octaves = 2.0 ** torch.arange(-6, -1, device=times.device)  # cycles a frame: 1/64 to 1/4
    angle = 2 * math.pi * marks[..., None] * octaves
    size = torch.stack([torch.log1p(marks) / math.log(65), marks / 64], dim=-1)
    return torch.cat([torch.sin(angle), torch.cos(angle), size], dim=-1).flatten(1)
