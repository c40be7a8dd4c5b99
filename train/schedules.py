"""What changes in the course of a run, as functions of the step."""

from __future__ import annotations

import math

from train.config import CriticConfig, TrainConfig


def grown_at(step: int, steps: int) -> float:
    """How many stages have come on the first: one every ``steps``, half of which it fades in."""
    stage, progress = divmod(step / steps, 1)
    return max(stage - 1 + min(2 * progress, 1), 0)


def coarse_at(step: int, steps: int) -> float:
    """How coarse the flagship draws: 1 for ``steps``, then down to 0 in a quarter as many."""
    return min(max(1 - (step + 1 - steps) / (steps / 4), 0.0), 1.0) if steps else 0.0


def anneal(step: int, steps: int, start: float, end: float) -> float:
    """Half a cosine from ``start`` to ``end`` over ``steps``, then ``end``."""
    progress = min(step / max(steps, 1), 1.0)
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def rates_at(config: TrainConfig, step: int) -> tuple[float, float]:
    """The learning rates of generator and critics."""
    rate = anneal(*config.stage(step), config.learning_rate, config.learning_rate_end)
    return (0.0 if step < config.head_start else rate), rate * config.critic_rate


def gamma_at(config: TrainConfig, critic: CriticConfig, step: int) -> float:
    """The weight of a critic's penalty."""
    place, _ = config.stage(step)
    return anneal(place, config.burn_in, critic.gamma_start, critic.gamma_end)
