"""Kepler's first two laws: a conic with the star in its focus, and equal areas in equal times."""

from __future__ import annotations

import numpy as np

from train.laws.tracking import Array

ROUNDEST, FLATTEST = 0.0, 0.9  # eccentricities of a bound orbit


def equal_areas(place: Array, weights: Array) -> Array:
    """Fit an orbit around the origin to places [N, T, 2]; return squared errors [N, T].

    An orbit is r = p - e . (x, y), which is linear in p and the vector e. The area that the line
    from the star sweeps grows with the mean anomaly M = E - e sin E (Kepler's equation), so a
    straight line is fitted to M over time; the way along the orbit that a gap in M stands for is
    a sqrt((1 + e cos E) / (1 - e cos E)) times the gap (vis viva).
    """
    radius = np.linalg.norm(place, axis=-1)  # [N, T]
    conic = np.concatenate([np.ones_like(radius)[..., None], -place], axis=-1)  # [N, T, 3]
    p, ex, ey = np.moveaxis(_solve(conic, radius, weights), -1, 0)
    eccentricity = np.hypot(ex, ey).clip(ROUNDEST, FLATTEST)
    turn = np.arctan2(ey, ex)
    axis = np.maximum(p, 1.0) / (1 - eccentricity**2)
    across = radius - (conic * np.stack([p, ex, ey], axis=-1)[:, None]).sum(axis=-1)

    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    near = place[..., 0] * cosine + place[..., 1] * sine
    side = place[..., 1] * cosine - place[..., 0] * sine
    e, a = eccentricity[:, None], axis[:, None]
    anomaly = np.arctan2(side / np.sqrt(1 - e**2), near + a * e)
    mean = np.unwrap(anomaly - e * np.sin(anomaly), axis=1)
    time = np.broadcast_to(np.arange(mean.shape[1], dtype=float), mean.shape)
    line = np.stack([np.ones_like(time), time], axis=-1)
    late = mean - (line * _solve(line, mean, weights)[:, None]).sum(axis=-1)
    pull = e * np.cos(anomaly)
    along = a * late * np.sqrt((1 + pull) / (1 - pull))
    return across**2 + along**2


def _solve(basis: Array, values: Array, weights: Array) -> Array:
    """Least squares of values [N, T] over basis functions [N, T, F], [N, F]."""
    weighted = np.swapaxes(basis * weights[..., None], 1, 2)
    normal = weighted @ basis + 1e-9 * np.eye(basis.shape[-1])
    return np.linalg.solve(normal, weighted @ values[..., None])[..., 0]
