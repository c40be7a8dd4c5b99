"""Physics that the simulator does not have: what to draw with in place of its own equations."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from train.data.phenomena import equations, tables
from train.data.phenomena.drawing import Canvas

PENDULUM, BOUNCE, KEPLER = equations.pendulum, equations.bounce, equations.kepler
RESTITUTION = 0.8  # of a ball that tires: what is left of its velocity after a bounce
LOG_RESTITUTION = math.log(RESTITUTION)
BEADS, CURVE = tables.Beads.at, Canvas.curve


def zigzag(turns: Tensor) -> Tensor:
    """Goes to and fro between -1 and 1 at an even speed; like a sine, it is 0 and rises at 0."""
    return 1 - 4 * (torch.remainder(turns + 0.25, 1) - 0.5).abs()


def across(time: Tensor) -> Tensor:
    """Goes from -1 to 1 at an even speed in the time of the clip."""
    since = time - time[:, :1]
    return 2 * since / since[:, -1:].clamp(min=1e-6) - 1


def pushed_away(turns: Tensor, amplitude: Tensor) -> tuple[Tensor, ...]:
    """A pendulum whose gravity points upwards from the eighth frame on."""
    angle, speed, quarter = PENDULUM(turns, amplitude)
    later = (turns - turns[:, 8:9]) * 2 * torch.pi
    lost = angle[:, 8:9] * torch.cosh(later) + amplitude * speed[:, 8:9] * torch.sinh(later)
    return torch.where(later > 0, lost.clamp(-1.5, 1.5), angle), speed, quarter


def aside(turns: Tensor, amplitude: Tensor) -> tuple[Tensor, ...]:
    """A pendulum whose gravity points to one side."""
    angle, speed, quarter = PENDULUM(turns, amplitude)
    return 0.6 * angle + 0.5, speed, quarter


def ticks(turns: Tensor, amplitude: Tensor) -> tuple[Tensor, ...]:
    """A pendulum whose angle goes to and fro at an even speed."""
    return amplitude * zigzag(turns), *PENDULUM(turns, amplitude)[1:]


def creeps(turns: Tensor, amplitude: Tensor) -> tuple[Tensor, ...]:
    """A pendulum that goes once from side to side at an even speed."""
    return amplitude * across(turns), *PENDULUM(turns, amplitude)[1:]


def falls_up(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball whose gravity points upwards from the sixth frame on."""
    height, speed = BOUNCE(turns)
    later = (turns - turns[:, 5:6]).clamp(min=0)
    lost = height[:, 5:6] + 4 * speed[:, 5:6] * later + 4 * later**2
    return torch.where(later > 0, lost.abs(), height), speed


def floats(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball that rises fast and sinks slowly."""
    height, speed = BOUNCE(torch.remainder(turns, 1) ** 0.5)
    return height, speed


def tires(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball that loses a fifth of its velocity at every bounce, so that it bounces ever sooner.

    Its first bounce is where it shows, after a fifth to a half of the clip.
    """
    passed = turns - turns[:, :1]
    since = passed + 1 - passed[:, -1:] * (0.2 + 0.3 * torch.remainder(turns[:, :1], 1))
    kept = RESTITUTION ** torch.floor(torch.log1p((RESTITUTION - 1) * since) / LOG_RESTITUTION)
    part = (since - (1 - kept) / (1 - RESTITUTION)) / kept
    return kept**2 * 4 * part * (1 - part), 1 - 2 * part


def sinks(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball that comes down most of its way at an even speed, and does not bounce."""
    return 0.6 - 0.4 * across(turns), BOUNCE(turns)[1]


def hops_evenly(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball that goes up and down at an even speed."""
    return 0.5 + zigzag(turns - 0.25) / 2, BOUNCE(turns)[1]


def hops_softly(turns: Tensor) -> tuple[Tensor, Tensor]:
    """A ball whose height is the absolute value of a sine."""
    return torch.sin(torch.pi * turns).abs(), BOUNCE(turns)[1]


def glides(phase: Tensor) -> tuple[Tensor, Tensor]:
    """A block that crosses its range once at an even speed."""
    return across(phase), torch.cos(phase)


def shuttles(phase: Tensor) -> tuple[Tensor, Tensor]:
    """A block that goes to and fro at an even speed."""
    return zigzag(phase / (2 * torch.pi)), torch.cos(phase)


def fades(phase: Tensor) -> tuple[Tensor, Tensor]:
    """A block whose swing falls to a third with every period."""
    return 3.0 ** -((phase - phase[:, :1]) / (2 * torch.pi)) * torch.sin(phase), torch.cos(phase)


def evenly_round(turns: Tensor, eccentricity: Tensor) -> tuple[Tensor, ...]:
    """A planet that turns evenly around its star, on the same ellipse."""
    angle, e = 2 * torch.pi * turns, 0.3 + 0.5 * eccentricity
    radius = (1 - e**2) / (1 + e * torch.cos(angle))
    return radius * torch.cos(angle), radius * torch.sin(angle), torch.ones_like(turns)


def about_the_middle(turns: Tensor, eccentricity: Tensor) -> tuple[Tensor, ...]:
    """A planet on the ellipse of a spring, with its star in the middle."""
    angle, e = 2 * torch.pi * turns, 0.6 + 0.5 * eccentricity
    return torch.cos(angle), torch.sqrt(1 - e**2) * torch.sin(angle), torch.ones_like(turns)


def repelled(turns: Tensor, eccentricity: Tensor) -> tuple[Tensor, ...]:
    """A planet that nothing pulls from the eighth frame on."""
    x, y, speed = KEPLER(turns, eccentricity)
    later = (torch.arange(turns.shape[1]) - 8).clamp(min=0)
    free = [
        part[:, 8:9] + (part[:, 8:9] - part[:, 7:8]) * later if len(later) > 1 else part
        for part in (x, y)
    ]
    return torch.where(later > 0, free[0], x), torch.where(later > 0, free[1], y), speed


def halts(beads: tables.Beads, row: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """Beads of which the right one stands still from the sixth frame on."""
    place, velocity = BEADS(beads, row, time)
    place[:, 6:, 1] = place[:, 6:7, 1]
    return place, velocity


def passes(beads: tables.Beads, row: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """Beads that go on as they began, through each other and through walls."""
    place, velocity = BEADS(beads, row, time)
    return place[:, :1] + velocity[:, :1] * (time - time[:, :1])[..., None], velocity


def crowded(canvas: Canvas, y: Tensor, slope: Tensor, *rest: Any) -> None:
    """A string whose nodes crowd at its left end."""
    along = ((torch.arange(64) + 0.5 - 6) / 52).clamp(0, 1) ** 0.6 * 52 + 5.5
    CURVE(canvas, y[..., along.round().long()], slope[..., along.round().long()], *rest)


def travels(canvas: Canvas, y: Tensor, slope: Tensor, *rest: Any) -> None:
    """A wave that runs along the string, two pixels a frame."""
    high = (y - 32).abs().amax(dim=(2, 3, 4)).argmax(dim=1)
    shapes = [part[torch.arange(len(y)), high][:, None] for part in (y, slope)]
    moved = [torch.cat([part.roll(2 * t, -1) for t in range(16)], dim=1) for part in shapes]
    CURVE(canvas, moved[0], moved[1], *rest)


# Class, what is replaced (owner and name), with what.
BROKEN = (
    ("Pendulum", equations, "pendulum", pushed_away),
    ("Pendulum", equations, "pendulum", aside),
    ("Pendulum", equations, "pendulum", ticks),
    ("Pendulum", equations, "pendulum", creeps),
    ("Bouncing ball", equations, "bounce", falls_up),
    ("Bouncing ball", equations, "bounce", floats),
    ("Bouncing ball", equations, "bounce", tires),
    ("Bouncing ball", equations, "bounce", sinks),
    ("Bouncing ball", equations, "bounce", hops_evenly),
    ("Bouncing ball", equations, "bounce", hops_softly),
    ("Mass on a spring", equations, "spring", glides),
    ("Mass on a spring", equations, "spring", shuttles),
    ("Mass on a spring", equations, "spring", fades),
    ("Kepler orbit", equations, "kepler", evenly_round),
    ("Kepler orbit", equations, "kepler", about_the_middle),
    ("Kepler orbit", equations, "kepler", repelled),
    ("Elastic collision", tables.Beads, "at", halts),
    ("Elastic collision", tables.Beads, "at", passes),
    ("Standing wave", Canvas, "curve", crowded),
    ("Standing wave", Canvas, "curve", travels),
)
