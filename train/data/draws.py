"""Random numbers by name: the draw for clip i of step s depends on (seed, s, i) alone.

A counter-based generator, so no state has to be saved to resume and the batch size cannot change a
clip: each number is a hash of its coordinates. The hash is the 32-bit finaliser of MurmurHash3
(A. Appleby, public domain), applied once for each coordinate; integers only, so every device draws
the same numbers.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF


def _mix(state: Tensor) -> Tensor:
    """MurmurHash3's fmix32 on int64 tensors that hold unsigned 32-bit values."""
    state = state ^ (state >> 16)
    state = (state * 0x85EBCA6B) & _MASK
    state = state ^ (state >> 13)
    state = (state * 0xC2B2AE35) & _MASK
    return state ^ (state >> 16)


def uniform(seed: int, step: int, indices: Tensor, count: int, stream: int = 0) -> Tensor:
    """Draw uniform numbers.

    Args:
        seed: the run's seed, 0 to 2**32 - 1.
        step: the training step (or any number that names the occasion), 0 to 2**31 - 1.
        indices: int64 [B], the clip's number within its step.
        count: how many numbers each clip gets.
        stream: separates draws for different purposes.

    Returns:
        float32 [B, count] in [0, 1), on the device of ``indices``.
    """
    counter = torch.arange(count, device=indices.device)
    state = _mix((indices & _MASK) ^ 0x9E3779B9)
    for word in (seed, step, stream):
        state = _mix((state + (word & _MASK) * 0x9E3779B1 + 0x7F4A7C15) & _MASK)
    bits = _mix(
        _mix((state[:, None] + (counter + 1)[None, :] * 0x9E3779B1) & _MASK) ^ state[:, None]
    )
    return (bits >> 8).to(torch.float32) * 2.0**-24


def normal(seed: int, step: int, indices: Tensor, count: int, stream: int = 0) -> Tensor:
    """Draw standard normal numbers, float32 [B, count], by the Box-Muller transform."""
    pairs = (count + 1) // 2
    draws = uniform(seed, step, indices, 2 * pairs, stream)
    radius = torch.sqrt(-2 * torch.log(1 - draws[:, :pairs]))  # 1 - u is in (0, 1]
    angle = 2 * math.pi * draws[:, pairs:]
    return torch.cat([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1)[:, :count]
