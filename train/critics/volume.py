"""The critic of a volume: height, width and time alike, by 3-D convolutions."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from train.config import CriticConfig
from train.critics.heads import SIDE, Head
from vidgen.config import ClipShape
from vidgen.nn.blocks import SLOPE, activate

Sides = tuple[int, int, int]


class VolumeCritic(nn.Module):
    """Is this a clip of that class? Each stage halves height, width and time at once.

    Video GAN's critic (Vondrick et al. 2016, arXiv 1609.02612, section 3.2) and MoCoGAN's of videos
    (Tulyakov et al. 2018, arXiv 1707.04993, section 3.2): 4x4x4 convolutions of stride 2; without
    their batch normalisation, which would show a clip to its neighbours. ``widths`` are the
    channels at a half of the sides, a quarter and so on; the last stands at 4x4 cells.
    """

    def __init__(self, shape: ClipShape, classes: int, config: CriticConfig) -> None:
        super().__init__()
        widths = config.widths
        assert shape.height == shape.width == SIDE << len(widths), (shape, widths)
        self.stages = nn.ModuleList(
            volume_conv(a, b, 4, stride=2, padding=1)
            for a, b in pairwise([shape.channels, *widths])
        )
        self.join = volume_conv(widths[-1], widths[-1], (shape.frames >> len(widths), 1, 1))
        self.head = Head(widths[-1], classes)

    def forward(self, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Map clips [B, T, C, H, W] and labels [B] to logits [B]; the time stamps are not used."""
        x = clips.transpose(1, 2)  # [B, C, T, H, W]
        for stage in self.stages:
            x = activate(stage(x))
        return self.head(self.join(x)[:, :, 0], labels)


class VolumeResidual(nn.Module):
    """Two 3x3x3 convolutions beside a skip; the tail starts at zero."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = volume_conv(inputs, outputs, 3, padding=1)
        self.second = volume_conv(outputs, outputs, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        self.skip = volume_conv(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, T, H, W] to [B, outputs, T, H, W]."""
        return self.skip(x) + self.second(activate(self.first(activate(x))))


def volume_conv(
    inputs: int, outputs: int, side: int | Sides, stride: int | Sides = 1, padding: int = 0
) -> nn.Conv3d:
    """3-D convolution; He initialisation, no bias to start with."""
    layer = nn.Conv3d(inputs, outputs, side, stride, padding)
    nn.init.kaiming_normal_(layer.weight, a=SLOPE)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
