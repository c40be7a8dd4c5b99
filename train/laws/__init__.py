"""Whether clips keep the laws of the phenomena that they show: tracked, fitted, compared with real.

Each law gives a clip a residual (see ``bodies``). A clip is lawful if its residual is no greater
than that of 99 of 100 real clips of its class. Everything is a pure function of the pixels; clips
are uint8 or floats in [-1, 1], [N, T, H, W, 3], with H = W = 64 or half of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from train.laws import bodies, waves
from train.laws.tracking import Array

QUANTILE = 0.99  # of real clips' residuals: the limit
_CHUNK = 50  # clips that are measured at a time

# By the English name of the class.
LAWS: Mapping[str, Callable[[Array], Array]] = {
    "Pendulum": bodies.pendulum,
    "Bouncing ball": bodies.bouncing_ball,
    "Mass on a spring": bodies.spring,
    "Kepler orbit": bodies.kepler_orbit,
    "Elastic collision": bodies.collision,
    "Standing wave": waves.standing_wave,
}


def measure_laws(clips: Array, labels: Array, names: Sequence[str]) -> Array:
    """Return the residual of each clip against the law of its class.

    Args:
        clips: [N, T, H, W, 3].
        labels: [N], into ``names``.
        names: of the classes, in English.

    Returns:
        [N]; NaN where the class has no law here, infinite where nothing could be tracked.
    """
    found = np.full(len(labels), np.nan)
    for number, name in enumerate(names):
        if name in LAWS:
            (mine,) = np.nonzero(np.asarray(labels) == number)
            for start in range(0, len(mine), _CHUNK):
                rows = mine[start : start + _CHUNK]
                found[rows] = LAWS[name](clips[rows])
    return found


def fit_limits(residuals: Array, labels: Array, names: Sequence[str]) -> dict[str, float]:
    """Return the greatest lawful residual of each class, from real clips' residuals [N]."""
    return {
        name: float(np.quantile(mine, QUANTILE, method="higher"))
        for name, mine in _by_class(residuals, labels, names)
    }


def share_lawful(
    residuals: Array,
    labels: Array,
    names: Sequence[str],
    limits: Mapping[str, float],
) -> dict[str, float]:
    """Return the share of clips of each class whose residual [N] keeps to the class's limit."""
    return {
        name: float((mine <= limits[name]).mean())
        for name, mine in _by_class(residuals, labels, names)
    }


def share_tracked(residuals: Array, labels: Array, names: Sequence[str]) -> dict[str, float]:
    """Return the share of clips of each class in which what the law is about could be tracked."""
    return {
        name: float(np.isfinite(mine).mean()) for name, mine in _by_class(residuals, labels, names)
    }


def _by_class(residuals: Array, labels: Array, names: Sequence[str]) -> Iterator[tuple[str, Array]]:
    """Each class that has a law and clips here, with its clips' residuals."""
    for number, name in enumerate(names):
        mine = residuals[labels == number]
        if name in LAWS and len(mine):
            yield name, mine
