"""Two streams: a foreground that moves through a mask over a background that stands still."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from vidgen.families import VganConfig
from vidgen.generators.generator import Unmapped, at
from vidgen.nn.blocks import linear
from vidgen.nn.doubling import deconv, doubling


class Vgan(Unmapped):
    """clip = mask x foreground + (1 - mask) x background.

    Vondrick, Pirsiavash and Torralba 2016, "Generating Videos with Scene Dynamics" (arXiv
    1609.02612), equation 3 and figure 1: 3-D transposed convolutions make the foreground and its
    mask in [0, 1], 2-D ones a single picture behind all frames. So the scene holds still without
    having to learn it, and the mask shows what the generator takes for the thing that moves.

    Can't: another length than its own, times in between, loops, motion apart from looks.
    Differs from the paper: the class beside the noise, norm within the clip, linear pixels (the
    paper's tanh dies on dark data), no sparsity penalty on the mask.
    """

    def __init__(self, config: VganConfig) -> None:
        super().__init__(config)
        channels, widths = config.clip.channels, config.widths
        self.first_frames = config.clip.frames * 4 // config.clip.height
        self.seed = linear(config.latent, config.width * self.first_frames * 16)
        self.moving = nn.Sequential(*(doubling(a, b, dims=3) for a, b in pairwise(widths)))
        self.to_foreground = deconv(widths[-1], channels, dims=3, gain=0.5)
        self.to_mask = deconv(widths[-1], 1, dims=3)
        self.still_seed = linear(config.latent, config.width * 16)
        self.still = nn.Sequential(*(doubling(a, b) for a, b in pairwise(widths)))
        self.to_background = deconv(widths[-1], channels, gain=0.5)

    def streams(self, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mask (0 to 1) and foreground [B, 1 or C, F, H, W], background [B, C, 1, H, W]."""
        moving = self.seed(w).relu().unflatten(1, (-1, self.first_frames, 4, 4))
        still = self.still_seed(w).relu().unflatten(1, (-1, 4, 4))
        moving, background = self.moving(moving), self.to_background(self.still(still))
        mask = torch.sigmoid(self.to_mask(moving).float())
        return mask, self.to_foreground(moving).float(), background.float()[:, :, None]

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render all frames, and return those at ``times``."""
        mask, foreground, background = self.streams(w)
        # Equation 3: G(z) = m(z) * f(z) + (1 - m(z)) * b(z).
        clip = mask * foreground + (1 - mask) * background
        return at(clip.transpose(1, 2), times)

    def parts(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """The mask (white = foreground) and the two streams that it chooses from."""
        mask, foreground, background = self.streams(w)
        found = {"mask": 2 * mask - 1, "foreground": foreground, "background": background}
        return {name: at(x.expand_as(foreground).transpose(1, 2), times)
                for name, x in found.items()}  # fmt: skip
