"""Motions without a closed form, integrated once a process and then looked up at any time.

A clip takes a row of a table, a start time and a speed of its own. The tables are made in float64
by numpy, which needs no second core, so every device shows the same motions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.data import draws

ROWS = 1024
GRID = 0.05  # spacing of the double pendulum's nodes, in units of sqrt(L / g)
SPAN = 28.5  # length of its motions, in the same unit
SUBSTEPS = 2  # Runge-Kutta steps from node to node
TRACK = (5.0, 59.0)  # the beads' walls, in pixels
EVENTS = 64  # bounces and collisions that are followed
_SEED = 1638  # Galileo's "Two New Sciences"

Array = np.ndarray


@dataclass(frozen=True)
class Swings:
    """Double pendulums with two rods of length L, in units of L, the upper mass and sqrt(L / g).

    Attributes:
        angles: [ROWS, nodes, 2], radians from hanging down.
        speeds: [ROWS, nodes, 2], radians a unit of time.
        ratio: lower over upper mass, [ROWS].
    """

    angles: Tensor
    speeds: Tensor
    ratio: Tensor

    def at(self, row: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """Return angles and speeds [n, T, 2] of the rows [n] at the times [n, T], 0 to SPAN.

        Cubic Hermite interpolation for the angles, linear for the speeds.
        """
        place = time / GRID
        node = place.floor().long().clamp(0, self.angles.shape[1] - 2)
        part = (place - node)[..., None]
        flat = row[:, None] * self.angles.shape[1] + node
        a0, a1 = (self.angles.flatten(0, 1)[flat + i] for i in (0, 1))
        v0, v1 = (self.speeds.flatten(0, 1)[flat + i] for i in (0, 1))
        rest = 1 - part
        angles = (
            rest * rest * ((1 + 2 * part) * a0 + part * GRID * v0)
            + part * part * ((3 - 2 * part) * a1 - rest * GRID * v1)
        )  # fmt: skip
        return angles, rest * v0 + part * v1


@dataclass(frozen=True)
class Beads:
    """Two beads on a wire between two walls; time in pixels of path at the root-mean-square speed.

    Attributes:
        radii: [ROWS, 2], in pixels; masses go with their squares.
        when: times of the events, [ROWS, EVENTS + 1], the first is 0.
        where: the beads' places at the events, [ROWS, EVENTS + 1, 2], in pixels.
        velocity: from each event to the next, [ROWS, EVENTS + 1, 2].
    """

    radii: Tensor
    when: Tensor
    where: Tensor
    velocity: Tensor

    def at(self, row: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """Return places and velocities [n, T, 2] of the rows [n] at the times [n, T]."""
        passed = time[:, :, None] >= self.when[row][:, None, :]  # [n, T, EVENTS + 1]
        flat = row[:, None] * self.when.shape[1] + passed.sum(2) - 1
        velocity = self.velocity.flatten(0, 1)[flat]
        since = time - self.when.flatten()[flat]
        return self.where.flatten(0, 1)[flat] + velocity * since[..., None], velocity


def _double_pendulum(state: Array, ratio: Array) -> Array:
    """Right side of the double pendulum's equations, state [4, rows] = (angles, speeds).

    From the Lagrangian with L1 = L2 = g = m1 = 1 and m2 = ratio (E. Neumann, "Double Pendulum",
    https://www.myphysicslab.com/pendulum/double-pendulum-en.html).
    """
    a1, a2, v1, v2 = state
    sine, cosine = np.sin(a1 - a2), np.cos(a1 - a2)
    both = 1 + ratio
    below = 2 * (1 + ratio * sine * sine)
    first = (
        -(2 + ratio) * np.sin(a1)
        - ratio * np.sin(a1 - 2 * a2)
        - 2 * sine * ratio * (v2 * v2 + v1 * v1 * cosine)
    )
    second = 2 * sine * (both * (v1 * v1 + np.cos(a1)) + v2 * v2 * ratio * cosine)
    return np.stack([v1, v2, first / below, second / below])


def runge_kutta(slope: Callable[[Array], Array], state: Array, step: float) -> Array:
    """One step of the classical fourth-order Runge-Kutta method for state' = slope(state)."""
    k1 = slope(state)
    k2 = slope(state + step / 2 * k1)
    k3 = slope(state + step / 2 * k2)
    k4 = slope(state + step * k3)
    return state + step / 6 * (k1 + 2 * (k2 + k3) + k4)


def _lots(step: int, count: int) -> Array:
    """Uniform numbers for every row of a table, [count, ROWS]."""
    return draws.uniform(_SEED, step, torch.arange(ROWS), count).double().T.numpy()


def _on(device: torch.device, *parts: Array) -> tuple[Tensor, ...]:
    """The parts of a table in float32 on a device."""
    return tuple(torch.from_numpy(np.float32(part)).to(device) for part in parts)


@functools.cache
def swings(device: torch.device) -> Swings:
    """Integrate ROWS double pendulums that start at rest from large angles (about a second)."""
    lots = _lots(0, 4)
    side = np.sign(lots[1] - 0.5)
    ratio = 0.6 + 0.8 * lots[3]
    first, second = side * (0.9 + 0.9 * lots[0]), side * (-0.5 + 2.3 * lots[2])
    state = np.stack([first, second, np.zeros(ROWS), np.zeros(ROWS)])
    nodes = [state]
    for _ in range(round(SPAN / GRID)):
        for _ in range(SUBSTEPS):
            state = runge_kutta(lambda s: _double_pendulum(s, ratio), state, GRID / SUBSTEPS)
        nodes.append(state)
    path = np.stack(nodes).transpose(2, 0, 1)  # [ROWS, nodes, 4]
    angles, speeds, ratios = _on(device, path[..., :2].copy(), path[..., 2:].copy(), ratio)
    return Swings(angles, speeds, ratios)


@functools.cache
def beads(device: torch.device) -> Beads:
    """Follow ROWS pairs of beads from event to event.

    At a wall a bead's velocity turns round; when the beads touch, momentum and energy give
    v1' = ((m1 - m2) v1 + 2 m2 v2) / (m1 + m2) and likewise v2' (Landau and Lifshitz, Mechanics,
    section 17): both velocities turn round in the frame of the common centre of mass.
    """
    lots = _lots(1, 4)
    radii = 6 + 4 * lots[:2]  # everything below is [2, ROWS] or [ROWS]
    mass, angle = radii**2, 2 * np.pi * lots[2]
    velocity = np.stack([np.cos(angle), np.sin(angle)]) * np.sqrt(mass.sum(0) / mass)
    low, high, touch = TRACK[0] + radii[0], TRACK[1] - radii[1], radii.sum(0)
    inset = (high - low - touch) * lots[3] / 2
    where, now = np.stack([low + inset, high - inset]), np.zeros(ROWS)
    story = [(now, where, velocity)]
    for _ in range(EVENTS):
        gaps = np.stack([where[0] - low, high - where[1], where[1] - where[0] - touch])
        closing = np.stack([-velocity[0], velocity[1], velocity[0] - velocity[1]])
        open_gaps = np.where(closing > 0, gaps, np.inf).clip(min=0)
        waits = open_gaps / np.where(closing > 0, closing, 1)
        event, wait = waits.argmin(0), waits.min(0)
        now, where = now + wait, where + velocity * wait
        drift = (mass * velocity).sum(0) / mass.sum(0)
        left_wall, right_wall = velocity * [[-1], [1]], velocity * [[1], [-1]]
        velocity = np.where(event == 2, 2 * drift - velocity,
                            np.where(event == 1, right_wall, left_wall))  # fmt: skip
        story.append((now, where, velocity))
    when, places, velocities = (np.stack(part, -1) for part in zip(*story, strict=True))
    paths = (places.transpose(1, 2, 0).copy(), velocities.transpose(1, 2, 0).copy())
    parts = _on(device, radii.T.copy(), when, *paths)
    return Beads(*parts)
