"""Four phenomena of waves and fluids: each function draws its parameters, solves and paints.

Units are pixels, frames and radians. ``t`` is [n, T] in frames, everything drawn by lot is [n, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from train.data.phenomena import equations
from train.data.phenomena.draw import Draw, Scene
from train.data.phenomena.drawing import SIZE, Canvas, edge, plane

BASIN = (4.0, 60.0)  # inner walls of the basin in which a drop spreads


def interference(draw: Draw, t: Tensor) -> Scene:
    """Waves from two points: u = sum of a(r_i) cos(k r_i - w t + delta_i), both of one frequency.

    Bright lines stand where the paths differ by whole wavelengths (T. Young, 1804). ``delta`` is
    the second source's lead over the first; a(r) falls as the root of the distance, as for waves
    on water.
    """
    colours = draw.colours()
    period, wavelength = draw.log_between(8, 24), draw.between(15.0, 22.0)
    apart, turn = draw.between(20.0, 30.0), draw.between(0.0, math.pi)
    delta, phase = draw.between(0.0, 2 * math.pi), draw.between(0.0, 2 * math.pi)
    dx, dy = apart / 2 * torch.cos(turn), apart / 2 * torch.sin(turn)
    angle = 2 * math.pi * t / period + phase
    wave_number = plane(2 * math.pi / wavelength)

    canvas = Canvas(colours.night)
    # cos(k r - w t) = cos(k r) cos(w t) + sin(k r) sin(w t): two still maps a clip, mixed in time.
    even = odd = torch.zeros(())
    for side, lead in ((-1, torch.zeros_like(delta)), (1, delta)):
        distance = canvas.distance(32 + side * dx, 32 + side * dy)
        strength = 0.75 * torch.rsqrt(1 + distance / 16)
        even = even + strength * torch.cos(wave_number * distance + plane(lead))
        odd = odd + strength * torch.sin(wave_number * distance + plane(lead))
    field = even * plane(torch.cos(angle)) + odd * plane(torch.sin(angle))
    canvas.paint((0.5 + 0.5 * field).clamp(0, 1), colours.light)
    for side in (-1, 1):
        canvas.disc(32 + side * dx, 32 + side * dy, 3.2, colours.body)
    params = {"period": period, "wavelength": wavelength, "separation": apart, "delta": delta}
    return Scene(canvas, 1 / period, -torch.sin(phase), params)


def standing_wave(draw: Draw, t: Tensor) -> Scene:
    """A string fixed at both ends: y = A sin(n pi x / L) cos(w t), a mode of y_tt = c^2 y_xx.

    The period is 2 L / (n c) (Halliday and Resnick, Fundamentals of Physics, "Standing waves and
    resonance"). The envelope is painted pale, the nodes as dots.
    """
    colours = draw.colours()
    mode, amplitude = draw.one_of(2, 4), draw.between(9.0, 17.0)
    period, phase = draw.log_between(9, 32), draw.between(0.0, 2 * math.pi)
    left, right = 6.0, 58.0
    canvas = Canvas(colours.paper)
    number = plane(mode * math.pi / (right - left))
    shape = plane(amplitude) * torch.sin(number * (canvas.x - left))  # [n, 1, 1, 1, SIZE]
    slope = plane(amplitude) * number * torch.cos(number * (canvas.x - left))
    swing = plane(torch.cos(2 * math.pi * t / period + phase))

    inside = (canvas.x - left + 0.5).clamp(0, 1) * (right - canvas.x + 0.5).clamp(0, 1)
    canvas.paint(edge((canvas.y - 32).abs(), shape.abs()) * inside, colours.shade)
    canvas.box(left - 3, 14.0, left, 50.0, colours.ink)
    canvas.box(right, 14.0, right + 3, 50.0, colours.ink)
    canvas.curve(32 + shape * swing, slope * swing, left, right, 1.5, colours.body)
    # Dots in every node: the nearest whole multiple of the distance between two nodes.
    between = plane((right - left) / mode)
    nearest = torch.round((canvas.x - left) / between) * between + left
    nearest = nearest.clamp(min=left, max=right)
    gap = torch.sqrt((canvas.x - nearest).square() + (canvas.y - 32).square())
    canvas.paint(edge(gap, 2.3), colours.ink)
    pace = 2 * (right - left) / (mode * period)
    params = {"period": period, "mode": mode, "amplitude": amplitude, "wave_speed": pace}
    return Scene(canvas, 1 / period, -torch.sin(phase), params)


def drop_density(t: Tensor, x: Tensor, y: Tensor, width: Tensor, diffusivity: Tensor) -> Tensor:
    """Dye that spreads in a square basin: dc/dt = D laplace(c), no flow through the walls.

    A Gaussian in both directions with its mirror images behind the walls (J. Crank, The Mathematics
    of Diffusion, 2.2.3), so that the dye in the basin stays the same.

    Returns:
        Concentration, [n, T, 1, SIZE, SIZE]; the drop's centre has 1 at time 0 far from the walls.
    """
    sigma = plane(equations.spread(t, width, diffusivity))
    centres = torch.arange(SIZE, device=t.device) + 0.5
    low, high = BASIN

    def along(place: Tensor) -> Tensor:
        total = torch.zeros_like(sigma)
        for image in (place, 2 * low - place, 2 * high - place):
            total = total + torch.exp(-0.5 * ((centres - plane(image)) / sigma).square())
        return total / sigma  # [n, T, 1, 1, SIZE]

    return plane(width.square()) * along(x) * along(y).transpose(-1, -2)


def diffusion(draw: Draw, t: Tensor) -> Scene:
    """A drop of dye in still water, seen from above: dc/dt = D laplace(c) (A. Fick, 1855).

    The colour follows the law of Beer and Lambert, 1 - exp(-depth * c). The rate is 1 / the time
    in which sigma^2 doubles.
    """
    colours = draw.colours()
    x, y = draw.between(24.0, 40.0), draw.between(24.0, 40.0)
    width, double_after = draw.between(3.5, 5.0), draw.log_between(6, 24)
    diffusivity = width.square() / (2 * double_after)
    density = drop_density(t, x, y, width, diffusivity)

    low, high = BASIN
    canvas = Canvas(colours.ink)
    canvas.box(low, low, high, high, colours.paper)
    inside = ((canvas.x > low) & (canvas.x < high)) & ((canvas.y > low) & (canvas.y < high))
    canvas.paint((1 - torch.exp(-5.0 * density)) * inside, colours.body)
    params = {"diffusivity": diffusivity, "width": width}
    # sigma grows fastest at frame 0; over the range of the draws its pace is at most 0.42.
    pace = diffusivity / width
    return Scene(canvas, 1 / double_after, (pace / 0.42).clamp(0, 1), params)


def draining_tank(draw: Draw, t: Tensor) -> Scene:
    """A tank that empties through a hole: dh/dt = -(a / A) sqrt(2 g h), jet y = x^2 / (4 h).

    Torricelli's law gives the jet's speed v = sqrt(2 g h); falling freely it follows
    y = g x^2 / (2 v^2) = x^2 / (4 h), whatever g is. ``hole`` is a / A. The rate is 1 / the time
    to empty.
    """
    colours = draw.colours()
    level, empty_after = draw.between(18.0, 28.0), draw.log_between(24, 72)
    gravity = draw.log_between(0.05, 0.5)
    height = equations.drain(t, level, empty_after)  # [n, T]
    hole = torch.sqrt(2 * level / gravity) / empty_after

    left, right, mouth, ground = 4.0, 25.0, 43.0, 58.0
    canvas = Canvas(colours.paper)
    canvas.box(0.0, ground, 64.0, 64.0, colours.ink)
    canvas.box(left + 2, mouth + 2, right - 2, ground, colours.shade)
    canvas.box(left, mouth - height, right, mouth + 1, colours.body)
    for wall in (left, right):
        canvas.box(wall - 2, 10.0, wall, mouth - 1 if wall == right else mouth, colours.ink)
    canvas.box(left - 2, mouth + 1, right, mouth + 3, colours.ink)
    out, down, head = (canvas.x - right).clamp(min=0), canvas.y - mouth, 4 * plane(height)
    steep = torch.rsqrt(head.square() + 4 * out.square() + 1e-3)  # |gradient| of 4 h y - x^2
    gap = ((head * steep) * down - out.square() * steep).abs()
    shown = (canvas.x - right + 0.5).clamp(0, 1) * (ground - canvas.y + 0.5).clamp(0, 1)
    flows = plane(height).clamp(0, 1) * (down + 2).clamp(0, 1)
    canvas.paint(edge(gap, 1.4) * shown * flows, colours.body)
    params = {"g": gravity, "level": level, "hole": hole, "empty_after": empty_after}
    return Scene(canvas, 1 / empty_after, -torch.sqrt(level / 28.0), params)
