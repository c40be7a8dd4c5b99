"""What a config's penalty costs a critic on the rows at hand; the terms are in ``losses``."""

from __future__ import annotations

import torch
from torch import Tensor

from train.config import TrainConfig
from train.data.draws import normal, uniform
from train.losses import (
    Critic,
    between_penalty,
    finite_difference_penalty,
    zero_centred_penalty,
)


def batch_penalty(
    config: TrainConfig, draw: int, indices: Tensor, judge: Critic, both: Tensor, logits: Tensor
) -> Tensor:
    """Return the mean penalty of partners: (R1 + R2) / 2, half of one of them, or that between.

    Args:
        config: names the penalty, and the slope exact or by differences.
        draw: number of the draw; with ``indices`` [B], the rows in the batch, it names the noise.
        indices: int64 [B].
        judge: clips [N, T, C, H, W] to logits [N].
        both: real and then fake clips [2B, T, C, H, W], with requires_grad for exact slopes.
        logits: judge(both), [2B].
    """
    if config.penalty == "none":
        return torch.zeros((), device=both.device)
    # Of whole clips x a critic of coarse ones is D(halved(x)): each of four pixels has a quarter
    # of their mean's slope, so by x the gradient is half as long as by halved(x).
    scale = both.shape[-1] / config.model.clip.width
    if config.penalty == "between":
        share = uniform(config.seed, draw, indices, 1, stream=31)[:, 0]
        real, fake = both.chunk(2)
        return between_penalty(judge, real, fake, share, scale).mean()
    if config.slope == "exact":
        penalties = zero_centred_penalty(logits, both)
    else:
        rows = torch.cat([indices, indices + config.batch])
        noise = normal(config.seed, draw, rows, both[0].numel(), stream=30).view_as(both)
        penalties = finite_difference_penalty(judge, both, logits, noise, config.sigma)
    r1, r2 = penalties.chunk(2)
    kept = {"R1": (r1,), "R2": (r2,), "R1+R2": (r1, r2)}[config.penalty]
    return torch.stack([half.mean() for half in kept]).sum() / 2 * scale**2
