"""Closed solutions of the equations of motion, in pixels, frames and radians.

Everything is element-wise in float32 on tensors that broadcast, so a clip never depends on its
neighbours. ``turns`` is the time in periods since the phase was zero.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LANDEN_STEPS = 5  # enough for float32 at every amplitude up to 170 degrees


def pendulum(turns: Tensor, amplitude: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Solve theta'' = -(g / L) sin(theta), the pendulum at any amplitude.

    sin(theta / 2) = k sn(w0 t, k) with k = sin(amplitude / 2) and w0 = sqrt(g / L); the period is
    4 K(k) / w0. sn comes from the arithmetic-geometric mean with descending Landen steps
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 16.4 and 17.6).

    Args:
        turns: [n, T]; at 0 the bob passes its lowest point towards positive angles.
        amplitude: greatest angle, [n, 1], in radians, 0 < amplitude < pi.

    Returns:
        The angle [n, T]; its velocity over its greatest velocity [n, T], in [-1, 1]; the quarter
        period K in units of 1 / w0, [n, 1].
    """
    modulus = torch.sin(amplitude / 2)
    mean, root, half_gap = torch.ones_like(modulus), torch.cos(amplitude / 2), modulus
    ratios = []
    for _ in range(LANDEN_STEPS):
        mean, root, half_gap = (mean + root) / 2, torch.sqrt(mean * root), (mean - root) / 2
        ratios.append(half_gap / mean)
    # One period is 4 K = 2 pi / mean, hence phi_N = 2^N mean u = 2^N 2 pi turns.
    phi = 2**LANDEN_STEPS * 2 * math.pi * torch.remainder(turns, 1.0)
    for ratio in reversed(ratios):
        phi = (phi + torch.asin(ratio * torch.sin(phi))) / 2
    return 2 * torch.asin(modulus * torch.sin(phi)), torch.cos(phi), math.pi / (2 * mean)


def bounce(turns: Tensor) -> tuple[Tensor, Tensor]:
    """Solve y'' = -g with a perfectly elastic floor at y = 0.

    Between two bounces y = v t - g t^2 / 2 with v = sqrt(2 g h), so the period is 2 sqrt(2 h / g).

    Returns:
        The height over the greatest height, in [0, 1], and the velocity (up is positive) over its
        greatest value, in [-1, 1]; both shaped like ``turns``, which is 0 at a bounce.
    """
    part = torch.remainder(turns, 1.0)
    return 4 * part * (1 - part), 1 - 2 * part


def spring(phase: Tensor) -> tuple[Tensor, Tensor]:
    """Solve m x'' = -k x: x is a sine, with the phase 2 pi t / period, period 2 pi sqrt(m / k).

    Returns:
        The place and the velocity over their greatest values, in [-1, 1], shaped like ``phase``.
    """
    return torch.sin(phase), torch.cos(phase)


def kepler(turns: Tensor, eccentricity: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Solve r'' = -mu r / |r|^3, the orbit of a planet around a heavy star at the origin.

    Kepler's equation M = E - e sin E by Newton's method; then x = a (cos E - e) and
    y = a sqrt(1 - e^2) sin E (Murray and Dermott, Solar System Dynamics, 2.4). The period is
    2 pi sqrt(a^3 / mu), Kepler's third law.

    Args:
        turns: [n, T]; 0 at the point nearest to the star.
        eccentricity: [n, 1], 0 to 0.6.

    Returns:
        x / a and y / a, [n, T], and the speed over the greatest speed, [n, T], in (0, 1].
    """
    mean = 2 * math.pi * (torch.remainder(turns + 0.5, 1.0) - 0.5)  # [-pi, pi)
    anomaly = mean + 0.85 * eccentricity * torch.sign(mean)  # Danby's starting value
    for _ in range(5):
        error = anomaly - eccentricity * torch.sin(anomaly) - mean
        anomaly = anomaly - error / (1 - eccentricity * torch.cos(anomaly))
    cosine, flat = torch.cos(anomaly), torch.sqrt(1 - eccentricity.square())
    # Vis viva: v^2 ~ (1 + e cos E) / (1 - e cos E), greatest at E = 0.
    pull = eccentricity * cosine
    speed = torch.sqrt((1 + pull) / (1 - pull) * (1 - eccentricity) / (1 + eccentricity))
    return cosine - eccentricity, flat * torch.sin(anomaly), speed


def drain(time: Tensor, level: Tensor, empty_after: Tensor) -> Tensor:
    """Solve dh/dt = -(a / A) sqrt(2 g h), a tank that empties through a hole in its side.

    Torricelli's law: the jet leaves at sqrt(2 g h). So sqrt(h) falls evenly with time,
    h = h0 (1 - t / t_empty)^2 with t_empty = (A / a) sqrt(2 h0 / g).

    Returns:
        The water's height above the hole, [n, T], in the unit of ``level``.
    """
    return level * (1 - time / empty_after).clamp(min=0).square()


def spread(time: Tensor, width: Tensor, diffusivity: Tensor) -> Tensor:
    """Solve dc/dt = D laplace(c) for a Gaussian drop: sigma^2 = sigma0^2 + 2 D t (A. Fick, 1855).

    Returns:
        The drop's standard deviation sigma, [n, T], in pixels.
    """
    return torch.sqrt(width.square() + 2 * diffusivity * time)
