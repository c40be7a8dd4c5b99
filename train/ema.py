"""The exponential moving average of a generator: what is shipped."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


def ema_decay(step: int, half_life: float) -> float:
    """Return the decay of a step; early on the half-life is a tenth of the steps so far."""
    return 0.5 ** (1 / max(min(half_life, step / 10), 1e-3))


@torch.no_grad()
def update_ema(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move ``average`` towards ``model``: average <- decay * average + (1 - decay) * model."""
    move = get_ema_multi_avg_fn(decay)
    move([*average.parameters(), *average.buffers()], [*model.parameters(), *model.buffers()], 0)
