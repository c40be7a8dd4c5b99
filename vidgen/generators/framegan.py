"""Frames as channels: the plainest way to make a clip, and the baseline of all others."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from vidgen.families import FrameganConfig
from vidgen.generators.generator import Unmapped, at
from vidgen.nn.blocks import linear
from vidgen.nn.doubling import deconv, doubling


class Framegan(Unmapped):
    """Noise and class -> 4x4 -> transposed convolutions -> one picture with a channel a frame.

    The name has no canonical paper; what it stands for is an image generator (DCGAN, Radford et al.
    2016, arXiv 1511.06434) whose last layer makes all frames at once. Nothing in it knows that
    frames follow each other: whatever is coherent in time it has learned pixel by pixel.

    Can't: another length than its own, times in between, loops, motion apart from looks.
    Differs from DCGAN: the class beside the noise, norm within the clip, a linear output.
    """

    def __init__(self, config: FrameganConfig) -> None:
        super().__init__(config)
        clip = config.clip
        self.seed = linear(config.latent, config.width * 16)
        self.doublings = nn.Sequential(*(doubling(a, b) for a, b in pairwise(config.widths)))
        self.to_pixels = deconv(config.widths[-1], clip.frames * clip.channels, gain=0.5)

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render all frames, and return those at ``times``."""
        x = self.seed(w).relu().unflatten(1, (-1, 4, 4))
        pixels = self.to_pixels(self.doublings(x)).float()  # [B, F * C, H, W]
        return at(pixels.unflatten(1, (self.config.clip.frames, -1)), times)
