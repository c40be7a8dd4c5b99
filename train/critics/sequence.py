"""The critic of a sequence: all frames at once, by 2-D convolutions that know no time."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import Head, down_the_stages
from vidgen.config import ClipShape
from vidgen.nn.blocks import Residual, conv


class SequenceCritic(nn.Module):
    """Is this a sequence of that class? The frames are channels of one picture.

    The plainest eye for a whole clip, FrameGAN's partner: every pair of frames has weights of its
    own, so what is learned of one moment says nothing of the next. ``widths`` are the channels at a
    half of the frame's side, a quarter and so on.
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        widths = config.widths
        self.entry = conv(4 * shape.frames * shape.channels, widths[0])
        self.stages = nn.ModuleList(Residual(a, b) for a, b in pairwise([widths[0], *widths]))
        self.head = Head(widths[-1], classes)

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        x = self.entry(F.pixel_unshuffle(clips.flatten(1, 2), 2))
        return self.head(down_the_stages(x, self.stages), labels)
