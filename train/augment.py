"""Clip-consistent augmentation: one change for all frames of a clip, the same for both partners."""

from __future__ import annotations

import torch
from torch import Tensor

from train.data.draws import uniform

_STREAM = 40
_SHIFT = 1 / 8  # largest translation, as a share of the side
_ZOOM = 0.3  # largest scaling, in octaves: 0.81 to 1.23
_CUTOUT = 1 / 4  # side of the square that is cut out, as a share of the side
_WIDE = (-1, 1, 1, 1, 1)


def augment(
    clips: Tensor,
    seed: int,
    step: int,
    indices: Tensor,
    probability: Tensor | float,
    flips: bool = False,
) -> Tensor:
    """Change clips so that a critic can't learn few clips by heart; differentiable twice.

    Each of colour (brightness, contrast, saturation), translation, isotropic scale and cutout (Zhao
    et al. 2020, DiffAugment, arXiv 2006.10738; scale as in Karras et al. 2020, arXiv 2006.06676,
    appendix B) is applied to a clip with ``probability``, with the same numbers for all its frames:
    a change from frame to frame would be learned as motion. No turns, and flips only if asked for:
    they leak into classes that have a direction. Rows with the same index get the same change.

    Args:
        clips: [B, T, C, H, W] in [-1, 1].
        seed: the run's.
        step: the run's.
        indices: int64 [B].
        probability: 0 (clips stay what they are, bit for bit) to 1; a tensor is not waited for.
        flips: mirror half of the clips, left to right, with that probability.
    """
    draws = uniform(seed, step, indices, 14, _STREAM)
    applied = (draws[:, :5] < probability).to(clips.dtype)
    clips = _colour(clips, applied[:, 0], draws[:, 5:8])
    moved = applied[:, 1:2] * (2 * draws[:, 8:10] - 1)
    zoom = 2.0 ** (applied[:, 2] * (2 * draws[:, 10] - 1) * _ZOOM)
    mirror = 1 - 2 * applied[:, 3] * (draws[:, 11] < 0.5) * float(flips)
    clips = _resample(clips, moved, zoom, mirror)
    return _cut_out(clips, applied[:, 4], draws[:, 12:14])


def _colour(clips: Tensor, applied: Tensor, draws: Tensor) -> Tensor:
    contrast = 1 + applied * (draws[:, 0] - 0.5) * 0.5  # 0.75 to 1.25
    brightness = applied * (draws[:, 1] - 0.5) * 0.5  # -0.25 to 0.25
    clips = clips * contrast.view(_WIDE) + brightness.view(_WIDE)
    if clips.shape[2] == 1:
        return clips
    saturation = applied * (draws[:, 2] - 0.5)  # half to one and a half of what is not grey
    return clips + (clips - clips.mean(dim=2, keepdim=True)) * saturation.view(_WIDE)


def _resample(clips: Tensor, moved: Tensor, zoom: Tensor, mirror: Tensor) -> Tensor:
    """Shift by whole pixels, zoom about the centre, mirror.

    What enters at an edge is the edge's own pixel. Two products with matrices and not grid_sample,
    whose backward can't be differentiated again.
    """
    height, width = clips.shape[-2:]
    rows = _weights(height, (moved[:, 0] * height * _SHIFT).round(), zoom, torch.ones_like(zoom))
    columns = _weights(width, (moved[:, 1] * width * _SHIFT).round(), zoom, mirror)
    return torch.einsum("nyh,ntchw,nxw->ntcyx", rows, clips, columns)


def _weights(side: int, shift: Tensor, zoom: Tensor, mirror: Tensor) -> Tensor:
    """Weights of linear interpolation, [N, to, from]; exactly the unit matrix where nothing is."""
    line = torch.arange(side, device=shift.device, dtype=shift.dtype)
    centre = (side - 1) / 2
    source = (line - centre - shift[:, None]) * (mirror / zoom)[:, None] + centre
    return (1 - (source.clamp(0, side - 1)[..., None] - line).abs()).clamp(min=0)


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
