"""Fits laws of motion to tracks: all clips at once, over grids that close in, so without chance.

A fit gets values with their weights (0 where a thing was not seen) and returns what the law
leaves unexplained; time is 0, 1 ... T - 1 in frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from train.laws.tracking import Array

_INNER = 4  # frames at each end of a clip where a corner is much like a bend
WIDER = 1.1  # than the simulator's is the range of periods that are looked for
Periods = tuple[float, float]  # shortest and longest, in frames


def closing_in(
    cost: Callable[[Array], Array],
    count: int,
    box: tuple[tuple[float, float], ...],
    steps: tuple[int, ...],
    rounds: int = 4,
) -> Array:
    """Return the parameters of least cost for each of ``count`` clips, [count, D].

    A grid over the box, then finer ones around the best point. ``cost`` maps parameters
    [count, G, D] to costs [count, G].
    """
    low, high = np.array(box, float).T
    middle = np.broadcast_to((low + high) / 2, (count, len(box)))
    reach = (high - low) / 2
    for _ in range(rounds):
        axes = [np.linspace(-r, r, s) for r, s in zip(reach, steps, strict=True)]
        offsets = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=-1)
        grid = middle[:, None] + offsets
        best = cost(grid).argmin(axis=1)
        middle = grid[np.arange(count), best]
        reach = 4 * reach / (np.array(steps) - 1)  # two steps: the best point may lie beyond one
    return middle


def leftover(values: Array, weights: Array, basis: Array) -> Array:
    """Return values minus their best combination of the basis functions, by least squares.

    Args:
        values: [N, T].
        weights: [N, T].
        basis: [N or 1, G, T, F].

    Returns:
        [N, G, T].
    """
    return values[:, None] - (basis @ _shares(values, weights, basis))[..., 0]


def _shares(values: Array, weights: Array, basis: Array) -> Array:
    """How much of each basis function the best combination has, [N, G, F, 1]."""
    weighted = basis * weights[:, None, :, None]
    normal = np.swapaxes(weighted, -1, -2) @ basis  # [N, G, F, F]
    normal += 1e-9 * np.eye(basis.shape[-1])
    return np.linalg.solve(normal, np.swapaxes(weighted, -1, -2) @ values[:, None, :, None])


def squares(errors: Array, weights: Array) -> Array:
    """Return the weighted mean of squared errors [N, G, T] over time, [N, G]."""
    return (errors**2 * weights[:, None]).sum(axis=-1) / np.maximum(weights.sum(1), 1e-9)[:, None]


def jump(errors: Array, weights: Array) -> Array:
    """Return the greatest sudden change of velocity in what a fit left over, a frame: [N].

    At each frame away from the ends, a cubic and the corner |t - frame| are fitted to the errors
    [N, T]: the cubic is what another period or phase would explain, and the corner is no motion
    under a force. So motion that is retraced shows, which a slower harmonic nearly explains.
    """
    time = np.arange(errors.shape[1], dtype=float)
    corner = np.abs(time - time[_INNER:-_INNER, None])[..., None]  # [G, T, 1]
    cubic = (time[:, None] / len(time) - 0.5) ** np.arange(4)  # [T, 4]
    basis = np.concatenate([np.broadcast_to(cubic, (*corner.shape[:2], 4)), corner], axis=-1)
    slopes = _shares(errors, weights.astype(float), basis[None])[..., -1, 0]  # [N, G]
    return 2 * np.abs(slopes).max(axis=1)


def harmonic(
    values: Array, weights: Array, periods: Periods, offset: bool, kept: float = 1.0
) -> Array:
    """Fit (a cos(2 pi t / period) + b sin(2 pi t / period)) kept^(t / period), plus a constant.

    Args:
        values: [N, T].
        weights: [N, T].
        periods: shortest and longest one, in frames.
        offset: whether there is a constant.
        kept: how much of its swing it keeps in a period.

    Returns:
        The values [N, T] minus the fit.
    """
    time = np.arange(values.shape[1])

    def errors(grid: Array) -> Array:
        turns = time / np.exp(grid)  # [N, G, T]
        angle, swing = 2 * math.pi * turns, kept**turns
        parts = [swing * np.cos(angle), swing * np.sin(angle)]
        parts += [np.ones_like(angle)] if offset else []
        return leftover(values, weights, np.stack(parts, axis=-1))

    def cost(grid: Array) -> Array:
        return squares(errors(grid), weights)

    best = closing_in(cost, len(values), (_logs(periods),), (41,))
    return errors(best[:, None])[:, 0]


def cyclic(
    values: Array,
    weights: Array,
    shape: Callable[[Array], Array],
    periods: Periods,
    offset: bool = False,
) -> Array:
    """Fit a shape of any size, plus a constant if ``offset``, by its period and its phase.

    ``shape`` maps turns (periods, between 0 and 1 in the first frame) to values.

    Returns:
        The values [N, T] minus the fit.
    """
    frames = values.shape[1]
    time = (
        np.arange(frames) - frames / 2
    )  # so that a period and a phase hardly trade for each other

    def errors(grid: Array) -> Array:
        turns = time / np.exp(grid[..., :1]) + grid[..., 1:]
        part = shape(turns - np.floor(turns[..., :1]))
        parts = [part, *([np.ones_like(part)] if offset else [])]
        return leftover(values, weights, np.stack(parts, axis=-1))

    def cost(grid: Array) -> Array:
        return squares(errors(grid), weights)

    best = closing_in(cost, len(values), (_logs(periods), (0.0, 1.0)), (33, 33))
    return errors(best[:, None])[:, 0]


def line(values: Array, weights: Array) -> Array:
    """Return values [N, T] minus their best straight line."""
    time = np.arange(values.shape[1], dtype=float)
    return leftover(values, weights, np.stack([np.ones_like(time), time], -1)[None, None])[:, 0]


def _logs(periods: Periods) -> tuple[float, float]:
    return math.log(periods[0] / WIDER), math.log(periods[1] * WIDER)
