"""Residual blocks and their initialisation, shared by generators and critics."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Module = TypeVar("Module", bound=nn.Module)
SLOPE = 0.2  # of every leaky rectifier here


def activate(x: Tensor) -> Tensor:
    """Leaky rectifier, slope 0.2."""
    return F.leaky_relu(x, SLOPE)


def conv(inputs: int, outputs: int, side: int = 3, gain: float = 1.0) -> nn.Conv2d:
    """Convolution that keeps the size; He initialisation times ``gain`` (0 starts silent)."""
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2)
    initialise(layer.weight, inputs * side * side, gain)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def linear(inputs: int, outputs: int, gain: float = 1.0) -> nn.Linear:
    """Fully connected layer; He initialisation times ``gain``."""
    layer = nn.Linear(inputs, outputs)
    initialise(layer.weight, inputs, gain)
    nn.init.zeros_(layer.bias)
    return layer


def initialise(weight: Tensor, fan_in: int, gain: float) -> None:
    """Draw weights so that what goes in comes out as loud, times ``gain``."""
    if weight.is_meta:  # shapes are all that is asked for, and drawing there imports a compiler
        return
    # He et al. 2015 (arXiv 1502.01852), eq. 14, for the leaky rectifier.
    nn.init.normal_(weight, std=gain * math.sqrt(2 / (1 + SLOPE**2) / fan_in))


def mlp(inputs: int, width: int, outputs: int, gain: float = 1.0) -> nn.Sequential:
    """Two hidden layers of ``width``, leaky rectifiers, linear output."""
    return nn.Sequential(
        linear(inputs, width),
        nn.LeakyReLU(SLOPE),
        linear(width, width),
        nn.LeakyReLU(SLOPE),
        linear(width, outputs, gain),
    )


def enlarge(x: Tensor) -> Tensor:
    """Double the height and width, bilinear: no checkerboard."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def shrink(x: Tensor) -> Tensor:
    """Halve the height and width by the mean of 2x2 cells."""
    return F.avg_pool2d(x, 2)


def channels_last(module: Module) -> Module:
    """Lay out the weights of 2-D convolutions as those run fastest; 3-D ones stay as they are."""
    for value in module.parameters():
        if value.dim() == 4:
            value.data = value.data.to(memory_format=torch.channels_last)
    return module


class Residual(nn.Module):
    """Two 3x3 convolutions beside a skip, no normalisation; the tail starts at zero.

    The block of R3GAN (Huang et al. 2024, arXiv 2501.05441, section 3) in its plainest form. With
    ``style`` > 0 the inner features get a scale and a shift from a vector [B, style].
    """

    def __init__(self, inputs: int, outputs: int, style: int = 0) -> None:
        super().__init__()
        self.first = conv(inputs, outputs)
        self.second = conv(outputs, outputs, gain=0)
        self.skip = conv(inputs, outputs, side=1) if inputs != outputs else nn.Identity()
        self.style = linear(style, 2 * outputs, gain=0.1) if style else None

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H, W]."""
        inner = self.first(activate(x))
        if self.style is not None and style is not None:
            scale, shift = self.style(style)[:, :, None, None].chunk(2, dim=1)
            inner = inner * (1 + scale) + shift
        return self.skip(x) + self.second(activate(inner))
