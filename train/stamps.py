"""Which moments of a clip the critics look at: from next door to the far end, fractional too."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from train.data.draws import uniform
from vidgen.config import MAX_FRAMES

_SEEN_MOST = 16  # frames: the page's clips, and the judge's
_STREAM = 11  # of the draws; data sets use streams of their own


def draw_stamps(seed: int, step: int, indices: Tensor, frames: int) -> Tensor:
    """Draw sorted time stamps, float32 [B, frames], within 0 to 64 frames.

    Half of the clips show even steps of what is seen most, frames 0 to 15, at a time step that is
    log-uniform from 1 to as much as fits; a quarter even steps anywhere, log-uniform from 1/8 to 4
    frames; a quarter random moments of a span that is log-uniform from 2 to 63 frames, anywhere. So
    every length, frame rate and in-between frame that the page offers is trained.
    """
    draws = uniform(seed, step, indices, 4 + frames, _STREAM)
    early = draws[:, 0] < 0.5
    widest = (_SEEN_MOST - 1) / (frames - 1)
    fastest = min(4.0, (MAX_FRAMES - 1) / (frames - 1))
    gap = torch.where(early, widest ** draws[:, 1], (1 / 8) * (fastest * 8) ** draws[:, 1])
    even = torch.arange(frames, device=indices.device)[None] * gap[:, None]
    span = 2 * ((MAX_FRAMES - 1) / 2) ** draws[:, 2]
    scattered = torch.sort(draws[:, 4:], dim=1).values * span[:, None]
    scattered = scattered - scattered[:, :1]
    offsets = torch.where((draws[:, 0] < 0.75)[:, None], even, scattered)
    end = torch.where(early, _SEEN_MOST - 1.0, float(MAX_FRAMES))[:, None]
    return offsets + draws[:, 3:4] * (end - offsets[:, -1:]).clamp(min=0)


def draw_frames(seed: int, step: int, indices: Tensor, frames: int, count: int) -> Tensor:
    """Draw ``count`` of a clip's frames, sorted, each set as likely: int64 [B, count]."""
    draws = uniform(seed, step, indices, frames, _STREAM + 2)
    return draws.argsort(dim=1)[:, :count].sort(dim=1).values


def draw_loops(seed: int, step: int, indices: Tensor, may_loop: Tensor, share: float) -> Tensor:
    """Draw loop periods, float32 [B]: log-uniform 8 to 64 frames for ``share`` of the clips.

    0 means no loop; clips whose class can't run backwards (``may_loop`` [B] false) never loop.
    """
    draws = uniform(seed, step, indices, 2, _STREAM + 1)
    period = 8 * torch.exp(draws[:, 1] * math.log(MAX_FRAMES / 8))
    loops = (draws[:, 0] < share) & may_loop
    return torch.where(loops, period.round(), torch.zeros_like(period))
