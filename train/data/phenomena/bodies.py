"""Six phenomena of bodies that move: each function draws its parameters, solves and paints.

Units are pixels, frames and radians; masses are in units that each function names. ``t`` is
[n, T] in frames, everything drawn by lot is [n, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from train.data.phenomena import equations, tables
from train.data.phenomena.draw import Draw, Scene
from train.data.phenomena.drawing import Canvas


def pendulum(draw: Draw, t: Tensor) -> Scene:
    """A bob on a stiff, weightless rod: theta'' = -(g / L) sin(theta), at any amplitude."""
    colours = draw.colours()
    radius = draw.between(5.5, 8.0)
    amplitude = draw.between(0.4, 1.35)
    length = ((28.0 - radius) / torch.sin(amplitude)).clamp(max=40.0)
    period, phase = draw.log_between(12, 36), draw.between(0.0, 1.0)
    angle, _, quarter = equations.pendulum(t / period + phase, amplitude)
    gravity = length * (4 * quarter / period).square()  # w0 = 4 K / period = sqrt(g / L)

    x, y = 32 + length * torch.sin(angle), 8 + length * torch.cos(angle)
    canvas = Canvas(colours.paper)
    canvas.box(16.0, 4.0, 48.0, 8.0, colours.ink)
    canvas.rod(32.0, 8.0, x, y, 1.2, colours.ink)
    canvas.disc(x, y, radius, colours.body)
    params = {"period": period, "g": gravity, "length": length, "amplitude": amplitude}
    start = equations.pendulum(phase, amplitude)[1]
    return Scene(canvas, 1 / period, start, params)


def bouncing_ball(draw: Draw, t: Tensor) -> Scene:
    """A ball that falls and bounces without loss: y'' = -g above the floor."""
    colours = draw.colours()
    radius = draw.between(6.0, 9.0)
    x, height = draw.between(22.0, 42.0), draw.between(22.0, 35.0)
    period, phase = draw.log_between(10, 30), draw.between(0.0, 1.0)
    rise, _ = equations.bounce(t / period + phase)

    floor = 55.0
    canvas = Canvas(colours.paper)
    canvas.box(0.0, floor, 64.0, 64.0, colours.ink)
    canvas.disc(x, floor - radius - height * rise, radius, colours.body)
    params = {"period": period, "g": 8 * height / period.square(), "amplitude": height}
    return Scene(canvas, 1 / period, equations.bounce(phase)[1], params)


def spring(draw: Draw, t: Tensor) -> Scene:
    """A block on a spring, without friction: m x'' = -k x.

    The mass is the block's area over that of 16 x 16 pixels.
    """
    colours = draw.colours()
    side = draw.between(13.0, 18.0)
    rest, amplitude = draw.between(26.0, 28.0), draw.between(5.0, 11.0)
    period, phase = draw.log_between(9, 32), draw.between(0.0, 2 * math.pi)
    mass = (side / 16).square()
    place, _ = equations.spring(2 * math.pi * t / period + phase)
    end = 6 + rest + amplitude * place

    floor = 46.0
    middle = floor - 8.0
    canvas = Canvas(colours.paper)
    canvas.box(0.0, floor, 64.0, 64.0, colours.shade)
    canvas.box(0.0, floor, 64.0, floor + 2.0, colours.ink)
    canvas.box(0.0, 18.0, 6.0, floor, colours.ink)
    canvas.zigzag(6.0, end, middle, 5.0, 4, 0.9, colours.ink)
    canvas.box(end, floor - side, end + side, floor, colours.body)
    stiffness = mass * (2 * math.pi / period).square()
    params = {"period": period, "stiffness": stiffness, "mass_1": mass, "amplitude": amplitude}
    return Scene(canvas, 1 / period, equations.spring(phase)[1], params)


def kepler_orbit(draw: Draw, t: Tensor) -> Scene:
    """A planet around a star: r'' = -mu r / |r|^3; period 2 pi sqrt(a^3 / mu).

    The star stands in a focus of the ellipse; ``sense`` is 1 for clockwise on the screen.
    """
    colours = draw.colours()
    axis, eccentricity = draw.between(20.0, 25.5), draw.between(0.1, 0.55)
    star, planet = draw.between(5.0, 6.5), draw.between(4.0, 5.5)
    period, phase = draw.log_between(16, 40), draw.between(0.0, 1.0)
    turn, sense = draw.between(0.0, 2 * math.pi), draw.sign()
    near, side, _ = equations.kepler(t / period + phase, eccentricity)
    cosine, sine = torch.cos(turn), torch.sin(turn)
    side = side * sense
    focus = axis * eccentricity  # the ellipse's centre is the middle of the picture
    star_x, star_y = 32 + focus * cosine, 32 + focus * sine

    canvas = Canvas(colours.night)
    # An ellipse: the distances from both foci add up to 2 a.
    both = canvas.distance(star_x, star_y) + canvas.distance(64 - star_x, 64 - star_y)
    line = (both / 2 - axis[..., None, None, None]).abs()
    canvas.paint((1.1 - line).clamp(0, 1), colours.dusk)
    canvas.disc(star_x, star_y, star + 2.5, colours.dusk)
    canvas.disc(star_x, star_y, star, colours.light)
    x = star_x + axis * (near * cosine - side * sine)
    y = star_y + axis * (near * sine + side * cosine)
    canvas.disc(x, y, planet, colours.body)
    mu = axis**3 * (2 * math.pi / period).square()
    params = {
        "period": period, "mu": mu, "semi_major": axis, "eccentricity": eccentricity,
        "sense": sense,
    }  # fmt: skip
    return Scene(canvas, 1 / period, sense * equations.kepler(phase, eccentricity)[2], params)


def collision(draw: Draw, t: Tensor) -> Scene:
    """Two beads on a wire that collide with each other and with two walls, without loss.

    Momentum and kinetic energy are kept when the beads touch (see ``tables.beads``). Masses are in
    units of a disc of 8 pixels radius; the rate is the root-mean-square pace (by mass) over the
    wire's length.
    """
    colours = draw.colours()
    table = tables.beads(t.device)
    row = draw.row(tables.ROWS)
    pace, start = draw.log_between(1.4, 3.2), draw.between(0.0, 60.0)
    place, _ = table.at(row, start + pace * t)
    first = table.at(row, start)[1][:, 0] * pace  # [n, 2]
    radii = table.radii[row]
    masses = (radii / 8).square()

    left, right = tables.TRACK
    canvas = Canvas(colours.paper)
    canvas.box(left, 31.0, right, 33.0, colours.shade)
    canvas.box(left - 4, 16.0, left, 48.0, colours.ink)
    canvas.box(right, 16.0, right + 4, 48.0, colours.ink)
    canvas.disc(place[..., 0], 32.0, radii[:, :1], colours.body)
    canvas.disc(place[..., 1], 32.0, radii[:, 1:], colours.other)
    total = masses.sum(1, keepdim=True)
    params = {
        "mass_1": masses[:, :1], "mass_2": masses[:, 1:],
        "velocity_1": first[:, :1], "velocity_2": first[:, 1:],
    }  # fmt: skip
    speed = first[:, :1] / (pace * torch.sqrt(total / masses[:, :1]))
    return Scene(canvas, pace / (right - left), speed, params)


def double_pendulum(draw: Draw, t: Tensor) -> Scene:
    """Two bobs on two rods of equal length, chaotic (see ``tables.swings`` for the equations).

    The upper bob's mass is 1; the rate is that of a simple pendulum as long as one rod.
    """
    colours = draw.colours()
    table = tables.swings(t.device)
    row = draw.row(tables.ROWS)
    length, start = draw.between(12.0, 13.0), draw.between(0.0, 8.0)
    period, mirror = draw.log_between(20, 36), draw.sign()
    pace = 2 * math.pi / period  # sqrt(g / L), units of the table's time in a frame
    angles, _ = table.at(row, start + pace * t)
    first = table.at(row, start)[1][:, 0] * mirror
    angle = angles * mirror[..., None]
    x1, y1 = 32 + length * torch.sin(angle[..., 0]), 26 + length * torch.cos(angle[..., 0])
    x2, y2 = x1 + length * torch.sin(angle[..., 1]), y1 + length * torch.cos(angle[..., 1])
    ratio = table.ratio[row][:, None]

    canvas = Canvas(colours.paper)
    canvas.disc(32.0, 26.0, 3.0, colours.ink)
    canvas.rod(32.0, 26.0, x1, y1, 1.4, colours.ink)
    canvas.rod(x1, y1, x2, y2, 1.4, colours.ink)
    canvas.disc(x1, y1, 4.8, colours.body)
    canvas.disc(x2, y2, 4.8 * torch.sqrt(ratio), colours.other)
    params = {
        "period": period, "g": length * pace.square(), "length": length,
        "mass_1": torch.ones_like(ratio), "mass_2": ratio,
    }  # fmt: skip
    return Scene(canvas, 1 / period, (first[:, :1] / 2.8).clamp(-1, 1), params)
