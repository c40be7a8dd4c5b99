"""Seeds to noise: the same seed is the same noise on every device, in every batch, for ever.

Noise comes from numpy's RandomState, whose streams are frozen (NEP 19). Each part of a clip has a
stream of its own, keyed by (seed, part, anchor), so a longer clip keeps its first frames and the
neighbours in a batch change nothing. Mixing happens later, in the mapped space of the generator,
where it is linear: see ``vidgen.engine``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

MAX_SEED = 2**32 - 1
Float32 = NDArray[np.float32]


class Part(IntEnum):
    """What a stream of noise is for. The numbers are part of the contract: never renumber."""

    CONTENT = 0
    MOTION = 1
    TAPE = 2


class _States(threading.local):
    """A state for each thread: seeding one again is ten times faster than making one."""

    def __init__(self) -> None:
        self.state = np.random.RandomState(0)


_states = _States()


def _stream(seed: int, part: Part, anchor: int = 0) -> np.random.RandomState:
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed is {seed}; legal is 0 to {MAX_SEED}")
    _states.state.seed([seed, int(part), anchor])
    return _states.state


def content_noise(seed: int, dim: int) -> Float32:
    """Return the content noise of a seed: what the thing is. Standard normal, float32 [dim]."""
    return _stream(seed, Part.CONTENT).standard_normal(dim).astype(np.float32)


def motion_noise(seed: int, dim: int) -> Float32:
    """Return the motion noise of a seed: how the thing moves. Standard normal, float32 [dim]."""
    return _stream(seed, Part.MOTION).standard_normal(dim).astype(np.float32)


def tape_noise(seed: int, anchors: int, dim: int) -> Float32:
    """Return the first anchors of a seed's noise tape: what does not repeat in its motion.

    Returns:
        Standard normal, float32 [anchors, dim]; row i depends on (seed, i) alone.
    """
    rows = [_stream(seed, Part.TAPE, anchor).standard_normal(dim) for anchor in range(anchors)]
    return np.stack(rows).astype(np.float32)


def class_weights(classes: Sequence[tuple[int, float]], count: int) -> Float32:
    """Return a class mix as weights over all classes, float32 [count]."""
    weights = np.zeros(count, np.float32)
    for index, weight in classes:
        weights[index] += weight
    return weights


def tape_anchors(last_time: float, spacing: int) -> int:
    """Return how many anchors a tape needs to reach ``last_time`` (frames)."""
    return int(last_time // spacing) + 2
