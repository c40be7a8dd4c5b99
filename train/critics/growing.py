"""The critic that grows with its generator, in space and time."""

from __future__ import annotations

import math
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import SIDE, Head
from train.critics.volume import volume_conv
from vidgen.config import ClipShape
from vidgen.nn.blocks import activate


class GrowingCritic(nn.Module):
    """Is this a clip of that class? Sees it as finely as the generator has grown.

    Progressive growing (Karras et al. 2018, arXiv 1710.10196, section 2 and figure 2) carried to
    video: a stage more doubles height and width, the last two double the frames as well, and the
    newest is faded in beside what was there. The paper's minibatch deviation and its normalisations
    are left out. ``widths`` are the channels of the finest stage to the coarsest, which takes 8x8
    cells.
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        widths = config.widths[::-1]  # the coarsest stage is the first
        last = len(widths) - 1
        assert shape.height == shape.width == 2 * SIDE << last, (shape, widths)
        # By how much (frames, height, width) shrink behind each stage.
        self.strides = [(2 if k == 0 or k > last - 2 else 1, 2, 2) for k in range(len(widths))]
        self.entries = nn.ModuleList(volume_conv(shape.channels, width, 1) for width in widths)
        self.stages = nn.ModuleList(
            volume_conv(b, a, (2 + stride[0], 4, 4), stride, padding=1)
            for (a, b), stride in zip(pairwise([widths[0], *widths]), self.strides, strict=True)
        )
        left = shape.frames // math.prod(stride[0] for stride in self.strides)
        self.join = volume_conv(widths[0], widths[0], (left, 1, 1))
        self.head = Head(widths[0], classes)
        self.grown = float(last)

    def grow(self, grown: float) -> None:
        """Set how far: 0 is the first stage alone, 1 the second whole, 1.3 three tenths more."""
        self.grown = min(grown, float(len(self.stages) - 1))

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        newest = math.ceil(self.grown)
        seen = clips.transpose(1, 2)  # [B, C, T, H, W]
        for stride in self.strides[:newest:-1]:
            seen = F.avg_pool3d(seen, stride)
        x = self.entries[newest](seen)
        for k in range(newest, -1, -1):
            x = self.stages[k](activate(x))
            if k and self.grown < k:  # the newest fades in, what the one below saw fades out
                before = self.entries[k - 1](F.avg_pool3d(seen, self.strides[k]))
                x = before.lerp(x, self.grown - (k - 1))
        return self.head(self.join(activate(x))[:, :, 0], labels)
