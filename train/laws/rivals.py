"""Motions that look much like a law's and break it, with as many free numbers or fewer.

Whoever follows a law closely is not yet told from whoever follows one of these: half a pixel lies
between a sine and a zigzag. So a clip must be nearer to its law than to all of the law's rivals.
"""

from __future__ import annotations

import numpy as np

from train.laws.fits import Periods, cyclic, harmonic, line, squares
from train.laws.tracking import Array

RESTITUTION = 0.85  # of the velocity at a bounce, in the rival that loses some
FADES = 0.5  # of the swing that is kept in a period, in the rival that fades


def arc(turns: Array) -> Array:
    """The height of a ball that bounces without loss, its law; 0 at whole turns, 1 between."""
    part = turns - np.floor(turns)
    return 4 * part * (1 - part)


def tiring_arc(turns: Array) -> Array:
    """The height of a ball that keeps ``RESTITUTION`` of its velocity from turn 1 on.

    Each arc is as much shorter than the one before; together they'd last 1 / (1 - RESTITUTION).
    """
    left = np.maximum(1 - (1 - RESTITUTION) * turns, 1e-3)
    kept = RESTITUTION ** np.floor(np.log(left) / np.log(RESTITUTION))
    return kept**2 * arc((turns - (1 - kept) / (1 - RESTITUTION)) / kept)


def zigzag(turns: Array) -> Array:
    """To and fro at an even speed: 0 at whole turns, 1 between."""
    return 1 - np.abs(2 * (turns - np.floor(turns)) - 1)


def of_bounces(heights: Array, seen: Array, periods: Periods) -> Array:
    """Return the least error [N] of what is no free fall: heights above the floor [N, T]."""
    shapes = (zigzag, lambda turns: np.abs(np.sin(np.pi * turns)), tiring_arc)
    fits = [cyclic(heights, seen, shape, periods) for shape in shapes]
    return _least([*fits, line(heights, seen)], seen)


def of_harmonic(values: Array, seen: Array, periods: Periods, offset: bool) -> Array:
    """Return the least error [N] of what is no harmonic; values [N, T] that swing about rest."""
    fading = harmonic(values, seen, periods, offset, FADES)
    even = cyclic(values, seen, lambda turns: 2 * zigzag(turns) - 1, periods, offset)
    return _least([fading, even, line(values, seen)], seen)


def _least(fits: list[Array], seen: Array) -> Array:
    """The error of the best of fits that left over [N, T]."""
    return rms(np.stack(fits, axis=1), seen).min(axis=1)


def rms(errors: Array, seen: Array) -> Array:
    """The root of the mean square of errors [N, G, T] over the frames where seen, [N, G]."""
    return np.sqrt(squares(errors, seen))
