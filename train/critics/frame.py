"""The critic of single frames."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import Head, down_the_stages
from vidgen.config import ClipShape
from vidgen.nn.blocks import Residual, conv


class FrameCritic(nn.Module):
    """Is this a frame of that class? Sees each frame alone; a clip's logit is their mean.

    MoCoGAN's image critic (Tulyakov et al. 2018, arXiv 1707.04993, section 3.2) at one frame a
    clip, and DVD-GAN's spatial critic (Clark et al. 2019, arXiv 1907.06571, section 3.2) at some.
    ``widths`` are the channels at a half of the frame's side, a quarter and so on.
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        widths = config.widths
        self.entry = conv(4 * shape.channels, widths[0])
        self.stages = nn.ModuleList(Residual(a, b) for a, b in pairwise([widths[0], *widths]))
        self.head = Head(widths[-1], classes)

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        frames = clips.shape[1]
        x = self.entry(F.pixel_unshuffle(clips.flatten(0, 1), 2))
        x = down_the_stages(x, self.stages)
        logits = self.head(x, labels.repeat_interleave(frames))
        return logits.view(-1, frames).mean(dim=1)
