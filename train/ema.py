"""The exponential moving average of a generator: what is shipped."""

from __future__ import annotations

import torch
from torch import nn


def ema_decay(step: int, half_life: float) -> float:
    """Return the decay of a step; early on the half-life is a tenth of the steps so far."""
    return 0.5 ** (1 / max(min(half_life, step / 10), 1e-3))


@torch.no_grad()
def update_ema(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move ``average`` towards ``model``: average <- decay * average + (1 - decay) * model."""
    targets = [*model.parameters(), *model.buffers()]
    torch._foreach_lerp_([*average.parameters(), *average.buffers()], targets, 1 - decay)
