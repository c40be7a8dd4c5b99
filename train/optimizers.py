"""Optimizers by the name that a config gives them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.config import TrainConfig


def optimizer(config: TrainConfig, player: nn.Module) -> torch.optim.Optimizer:
    """Return a player's optimizer; its rate is set in each step."""
    weights, rate = list(player.parameters()), config.learning_rate
    if config.optimizer == "rmsprop":
        return torch.optim.RMSprop(weights, rate, config.beta2)
    # One launch for all weights, of a step's 5,000. A CPU's fused loop rounds by memory layout.
    fused = weights[0].is_cuda
    return torch.optim.Adam(weights, rate, (config.beta1, config.beta2), eps=1e-8, fused=fused)


def gradient_norm(player: nn.Module) -> Tensor:
    """Return the length of a player's gradient, on its device; nothing waits for it."""
    return nn.utils.get_total_norm([p.grad for p in player.parameters() if p.grad is not None])
