"""The critic of how things move: a small clip, in time first and frame by frame after."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import Head, down_the_stages
from train.critics.volume import VolumeResidual, volume_conv
from vidgen.config import ClipShape
from vidgen.nn.blocks import Residual, shrink


class TemporalCritic(nn.Module):
    """Does this move as a thing of that class? Sees all frames at half the size.

    DVD-GAN's temporal critic (Clark et al. 2019, arXiv 1907.06571, section 3.2): the first two
    blocks are 3-D and halve time as well, the rest are 2-D with the frames folded into the batch; a
    clip's logit is the mean of what is left of its frames. ``widths`` are the channels of the first
    block at a half of the frame's side, of the second at a quarter, of the third at an eighth ...
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        first, second, *rest = config.widths
        self.entry = volume_conv(shape.channels, first, 3, padding=1)
        self.volumes = nn.ModuleList(
            VolumeResidual(a, b) for a, b in ((first, first), (first, second))
        )
        self.stages = nn.ModuleList(Residual(a, b) for a, b in pairwise([second, *rest]))
        self.head = Head(config.widths[-1], classes)

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        small = shrink(clips.flatten(0, 1)).unflatten(0, clips.shape[:2])
        x = self.entry(small.transpose(1, 2))  # [B, C, T, H / 2, W / 2]
        for block in self.volumes:
            x = F.avg_pool3d(block(x), 2)
        frames = x.shape[2]
        x = down_the_stages(x.transpose(1, 2).flatten(0, 1), self.stages)
        logits = self.head(x, labels.repeat_interleave(frames))
        return logits.view(-1, frames).mean(dim=1)
