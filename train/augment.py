"""Clip-consistent augmentation: one change for all frames of a clip, the same for both partners."""

from __future__ import annotations

import torch
from torch import Tensor

from train.data.draws import uniform

_STREAM = 40
_SHIFT = 1 / 8  # largest translation, as a share of the side
_CUTOUT = 1 / 4  # side of the square that is cut out, as a share of the side


def augment(clips: Tensor, seed: int, step: int, indices: Tensor, probability: float) -> Tensor:
    """Change clips so that a critic can't learn few clips by heart; differentiable.

    Each of colour (brightness, contrast), translation and cutout (Zhao et al. 2020, DiffAugment,
    arXiv 2006.10738) is applied to a clip with ``probability``, with the same numbers for all its
    frames: a change from frame to frame would be learned as motion. No flips and no turns, which
    would leak into classes that have a direction. Rows with the same index get the same change.

    Args:
        clips: [B, T, C, H, W] in [-1, 1].
        seed: the run's.
        step: the run's.
        indices: int64 [B].
        probability: 0 (nothing happens) to 1.
    """
    if probability == 0:
        return clips
    draws = uniform(seed, step, indices, 9, _STREAM)
    applied = (draws[:, :3] < probability).to(clips.dtype)
    clips = _colour(clips, applied[:, 0], draws[:, 3:5])
    clips = _translate(clips, applied[:, 1], draws[:, 5:7])
    return _cut_out(clips, applied[:, 2], draws[:, 7:9])


def _colour(clips: Tensor, applied: Tensor, draws: Tensor) -> Tensor:
    wide = (-1, 1, 1, 1, 1)
    contrast = 1 + applied * (draws[:, 0] - 0.5) * 0.5  # 0.75 to 1.25
    brightness = applied * (draws[:, 1] - 0.5) * 0.5  # -0.25 to 0.25
    return clips * contrast.view(wide) + brightness.view(wide)


def _translate(clips: Tensor, applied: Tensor, draws: Tensor) -> Tensor:
    """Shift by whole pixels; what enters at an edge is the edge's own pixel."""
    height, width = clips.shape[-2:]
    for axis, side, draw in ((-2, height, draws[:, 0]), (-1, width, draws[:, 1])):
        shift = (applied * (2 * draw - 1) * side * _SHIFT).round().long()
        line = torch.arange(side, device=clips.device)
        source = (line[None] - shift[:, None]).clamp(0, side - 1)  # [B, side]
        shape = [len(clips), 1, 1, 1, 1]
        shape[axis] = side
        clips = clips.gather(axis, source.view(shape).expand_as(clips))
    return clips


def _cut_out(clips: Tensor, applied: Tensor, draws: Tensor) -> Tensor:
    """Paint a square mid-grey."""
    keep = torch.zeros(clips.shape[0], *clips.shape[-2:], dtype=torch.bool, device=clips.device)
    inside = ~keep
    for axis, side, draw in (
        (1, clips.shape[-2], draws[:, 0]),
        (2, clips.shape[-1], draws[:, 1]),
    ):
        line = torch.arange(side, device=clips.device)
        near = (line[None] - draw[:, None] * side).abs() < side * _CUTOUT / 2
        inside = inside & near.unsqueeze(3 - axis)
    hole = inside & (applied > 0)[:, None, None]
    return clips * (~hole)[:, None, None].to(clips.dtype)
