"""Clips as networks make them, float32 in [-1, 1], and as a visitor sees them, in 256 levels."""

from __future__ import annotations

import torch
from torch import Tensor


def to_levels(clips: Tensor) -> Tensor:
    """Clamp clips and round them to levels: uint8 of the same shape."""
    return ((clips.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def from_levels(pixels: Tensor) -> Tensor:
    """Turn levels into what networks see: float32 in [-1, 1]."""
    return pixels.float() / 127.5 - 1
