"""What all critics end with: features at 4x4 cells to one number, which knows the class."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch.nn.functional as F
from torch import Tensor, nn

from vidgen.nn.blocks import activate, linear, shrink

SIDE = 4  # of the last feature maps, in cells


class Head(nn.Module):
    """Features at 4x4 to one number for each clip, with the class by projection.

    logit = psi(phi) + e_c . phi (Miyato & Koyama 2018, arXiv 1802.05637, eq. 3). Trained without
    labels there is one class, whose e_c is a second psi.
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.pool = nn.Conv2d(width, width, SIDE, groups=width)  # each feature has its own map
        nn.init.normal_(self.pool.weight, std=1 / SIDE)
        self.mix = linear(width, width)
        self.score = linear(width, 1, gain=0.7)
        self.classes = nn.Embedding(classes, width)
        nn.init.normal_(self.classes.weight, std=1 / math.sqrt(width))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Map [B, width, 4, 4] and labels [B] to logits [B], float32."""
        phi = activate(self.mix(self.pool(activate(x)).flatten(1))).float()
        return self.score(phi).float()[:, 0] + (phi * self.classes(labels).float()).sum(dim=1)


def down_the_stages(x: Tensor, stages: Iterable[nn.Module]) -> Tensor:
    """Halve the size between residual stages; whatever the clip's size, end at 4x4 cells."""
    for number, stage in enumerate(stages):
        x = stage(shrink(x) if number else x)
    return F.adaptive_avg_pool2d(x, SIDE)
