"""Whether clips keep the laws of the phenomena that they show: tracked, fitted, compared with real.

Of each clip are measured

- error: of the best motion that keeps the law, in pixels of 64, root mean square over the frames;
- extent: how far the thing goes, in pixels of 64. What hardly moves shows no law;
- lead: the error over that of the nearest rival, a motion that looks alike and breaks the law with
  as many free numbers (see ``rivals``); 0 where a law has none.

A clip is lawful if its error and its lead are no greater, and its extent no smaller, than those of
199 of 200 real clips of its class. An error of half a pixel is always small enough, which is what
the eye tells apart at best, so that real clips and generated ones have the same chance; and so is a
lead of ``LEAD``. The residual is the worst of the three in units of its limit: 1 or less for lawful
clips, and for others it tells how near they are.

Everything is a pure function of the pixels; clips are uint8 or floats in [-1, 1],
[N, T, H, W, 3], with H = W = 64 or half of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from train.laws import bodies, waves
from train.laws.tracking import Array

QUANTILE = 0.995  # of what is measured of real clips: the limit
RESOLUTION = 0.5  # of a pixel of 64: a smaller error is none
LEAD = 1.1  # a law's error over a rival's: less is no rival's victory, but noise
MEASURES = ("error", "extent", "lead")  # the columns of what is measured
Limit = dict[str, float]  # greatest error, least extent, greatest lead
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
    """Measure each clip against the law of its class.

    Args:
        clips: [N, T, H, W, 3].
        labels: [N], into ``names``.
        names: of the classes, in English.

    Returns:
        Error, extent and lead, [N, 3]; NaN where the class has no law here, and infinite, 0 and
        infinite where nothing could be tracked.
    """
    found = np.full((len(labels), len(MEASURES)), np.nan)
    for number, name in enumerate(names):
        if name in LAWS:
            (mine,) = np.nonzero(np.asarray(labels) == number)
            for start in range(0, len(mine), _CHUNK):
                rows = mine[start : start + _CHUNK]
                found[rows] = LAWS[name](clips[rows])
    return found


def fit_limits(measured: Array, labels: Array, names: Sequence[str]) -> dict[str, Limit]:
    """Return the limits of each class, from what is measured of real clips [N, 3]."""
    limits = {}
    for name, mine in _by_class(measured, labels, names):
        error, lead = np.quantile(mine[:, [0, 2]], QUANTILE, axis=0)
        extent = np.quantile(mine[:, 1], 1 - QUANTILE)
        values = max(error, RESOLUTION), extent, max(lead, LEAD)
        limits[name] = dict(zip(MEASURES, map(float, values), strict=True))
    return limits


def residuals(
    measured: Array, labels: Array, names: Sequence[str], limits: Mapping[str, Limit]
) -> Array:
    """Return what is measured [N, 3] in units of the limits, the worst of the three: [N].

    NaN and infinite as in ``measure_laws``.
    """
    found = np.full(len(labels), np.nan)
    for number, name in enumerate(names):
        if name in LAWS and name in limits:
            mine, limit = np.asarray(labels) == number, limits[name]
            error, extent, lead = measured[mine].T
            parts = error / limit["error"], limit["extent"] / np.maximum(extent, 1e-6)
            found[mine] = np.maximum.reduce([*parts, lead / limit["lead"]])
    return found


def share_lawful(residuals: Array, labels: Array, names: Sequence[str]) -> dict[str, float]:
    """Return the share of clips of each class that are lawful, from their residuals [N]."""
    return {name: float((mine <= 1).mean()) for name, mine in _by_class(residuals, labels, names)}


def share_tracked(residuals: Array, labels: Array, names: Sequence[str]) -> dict[str, float]:
    """Return the share of clips of each class in which what the law is about could be tracked."""
    return {
        name: float(np.isfinite(mine).mean()) for name, mine in _by_class(residuals, labels, names)
    }


def median_residual(
    residuals: Array, labels: Array, names: Sequence[str]
) -> dict[str, float | None]:
    """Return the median residual of each class's clips that could be tracked; None if none could.

    While no clip is lawful yet, this tells how far they still have to go.
    """
    tracked = {name: mine[np.isfinite(mine)] for name, mine in _by_class(residuals, labels, names)}
    return {name: float(np.median(mine)) if len(mine) else None for name, mine in tracked.items()}


def _by_class(rows: Array, labels: Array, names: Sequence[str]) -> Iterator[tuple[str, Array]]:
    """Each class that has a law and clips here, with its clips' rows."""
    for number, name in enumerate(names):
        mine = rows[np.asarray(labels) == number]
        if name in LAWS and len(mine):
            yield name, mine
