"""Transposed convolutions that double a picture or a clip, as DCGAN's generator does."""

from __future__ import annotations

from typing import Any

from torch import nn

from vidgen.nn.blocks import initialise


def deconv(inputs: int, outputs: int, dims: int = 2, gain: float = 1.0) -> nn.Module:
    """Transposed convolution, side 4, stride 2: doubles every one of ``dims`` dimensions."""
    kind: Any = nn.ConvTranspose2d if dims == 2 else nn.ConvTranspose3d
    layer = kind(inputs, outputs, kernel_size=4, stride=2, padding=1)
    initialise(layer.weight, inputs * 2**dims, gain)  # an output cell is reached by 2 in each
    nn.init.zeros_(layer.bias)
    return layer


def doubling(inputs: int, outputs: int, dims: int = 2) -> nn.Sequential:
    """A stage of DCGAN's generator (Radford et al. 2016, arXiv 1511.06434, figure 1).

    Its batch norm is a norm over all channels and cells of one clip here: what a clip looks like
    must not depend on its neighbours.
    """
    return nn.Sequential(deconv(inputs, outputs, dims), nn.GroupNorm(1, outputs), nn.ReLU())
