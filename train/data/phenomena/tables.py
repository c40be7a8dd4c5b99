"""Motions without a closed form, integrated once a process and then looked up at any time.

A clip takes a row of a table, a start time and a speed of its own. The tables are made in float64
on the CPU, so every machine and every device shows the same motions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from train.data import draws

ROWS = 1024
GRID = 0.05  # spacing of the double pendulum's nodes, in units of sqrt(L / g)
SPAN = 32.0  # length of its motions, in the same unit
SUBSTEPS = 2  # Runge-Kutta steps from node to node
TRACK = (5.0, 59.0)  # the beads' walls, in pixels
EVENTS = 80  # bounces and collisions that are followed
_SEED = 1638  # Galileo's "Two New Sciences"


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


def _double_pendulum(state: Tensor, ratio: Tensor) -> Tensor:
    """Right side of the double pendulum's equations, state [4, rows] = (angles, speeds).

    From the Lagrangian with L1 = L2 = g = m1 = 1 and m2 = ratio (E. Neumann, "Double Pendulum",
    https://www.myphysicslab.com/pendulum/double-pendulum-en.html).
    """
    a1, a2, v1, v2 = state
    sine, cosine = torch.sin(a1 - a2), torch.cos(a1 - a2)
    both = 1 + ratio
    below = 2 * (1 + ratio * sine * sine)
    first = (
        -(2 + ratio) * torch.sin(a1)
        - ratio * torch.sin(a1 - 2 * a2)
        - 2 * sine * ratio * (v2 * v2 + v1 * v1 * cosine)
    )
    second = 2 * sine * (both * (v1 * v1 + torch.cos(a1)) + v2 * v2 * ratio * cosine)
    return torch.stack([v1, v2, first / below, second / below])


def runge_kutta(slope: Callable[[Tensor], Tensor], state: Tensor, step: float) -> Tensor:
    """One step of the classical fourth-order Runge-Kutta method for state' = slope(state)."""
    k1 = slope(state)
    k2 = slope(state + step / 2 * k1)
    k3 = slope(state + step / 2 * k2)
    k4 = slope(state + step * k3)
    return state + step / 6 * (k1 + 2 * (k2 + k3) + k4)


@functools.cache
def swings(device: torch.device) -> Swings:
    """Integrate ROWS double pendulums that start at rest from large angles."""
    if device.type != "cpu":
        table = swings(torch.device("cpu"))
        return Swings(*(part.to(device) for part in (table.angles, table.speeds, table.ratio)))
    lots = draws.uniform(_SEED, 0, torch.arange(ROWS), 4).double()
    side = torch.sign(lots[:, 1] - 0.5)
    first, second = side * (0.9 + 0.9 * lots[:, 0]), side * (-0.5 + 2.3 * lots[:, 2])
    ratio = 0.6 + 0.8 * lots[:, 3]
    state = torch.stack([first, second, torch.zeros(ROWS), torch.zeros(ROWS)])
    nodes = [state]
    for _ in range(round(SPAN / GRID)):
        for _ in range(SUBSTEPS):
            state = runge_kutta(lambda s: _double_pendulum(s, ratio), state, GRID / SUBSTEPS)
        nodes.append(state)
    path = torch.stack(nodes).permute(2, 0, 1).float()  # [ROWS, nodes, 4]
    return Swings(path[..., :2].contiguous(), path[..., 2:].contiguous(), ratio.float())


@functools.cache
def beads(device: torch.device) -> Beads:
    """Follow ROWS pairs of beads from event to event.

    At a wall a bead's velocity turns round; when the beads touch, momentum and energy give
    v1' = ((m1 - m2) v1 + 2 m2 v2) / (m1 + m2) and likewise v2' (Landau and Lifshitz, Mechanics,
    section 17).
    """
    if device.type != "cpu":
        table = beads(torch.device("cpu"))
        parts = (table.radii, table.when, table.where, table.velocity)
        return Beads(*(part.to(device) for part in parts))
    lots = draws.uniform(_SEED, 1, torch.arange(ROWS), 4).double()
    radii = 6 + 4 * lots[:, :2]
    mass, angle = radii.square(), 2 * torch.pi * lots[:, 2]
    aim = torch.stack([torch.cos(angle), torch.sin(angle)], 1)
    velocity = aim * torch.sqrt(mass.sum(1, keepdim=True) / mass)  # sum m v^2 = sum m
    low = TRACK[0] + radii[:, 0]  # the left bead's wall
    high = TRACK[1] - radii[:, 1]
    touch = radii.sum(1)
    gap = high - low - touch
    where = torch.stack([low + gap * lots[:, 3] / 2, high - gap * lots[:, 3] / 2], 1)
    now = torch.zeros(ROWS, dtype=torch.float64)
    story = [(now, where, velocity)]
    for _ in range(EVENTS):
        v1, v2 = velocity.unbind(1)
        gaps = torch.stack([where[:, 0] - low, high - where[:, 1], where[:, 1] - where[:, 0] - touch], 1)
        closing = torch.stack([-v1, v2, v1 - v2], 1)  # the pace at which each gap shrinks
        waits = torch.where(closing > 0, gaps.clamp(min=0) / closing, torch.inf)
        wait, event = waits.min(1)
        now, where = now + wait, where + velocity * wait[:, None]
        drift = (mass * velocity).sum(1, keepdim=True) / mass.sum(1, keepdim=True)
        hit = 2 * drift - velocity  # turned round in the frame of the common centre of mass
        turned = torch.stack([torch.stack([-v1, v2], 1), torch.stack([v1, -v2], 1), hit], 1)
        velocity = turned[torch.arange(ROWS), event]
        story.append((now, where, velocity))
    when, where, velocity = (torch.stack(part, 1).float() for part in zip(*story, strict=True))
    return Beads(radii.float(), when, where, velocity)
