"""Flat shapes with smooth edges on a batch of small pictures, and harmonious colours for them.

Lengths are pixels; x grows to the right and y downwards, (0, 0) is the picture's upper left corner,
so the first pixel's centre is (0.5, 0.5). Every shape is a signed distance d to its edge, and a
pixel is covered by clamp(1/2 - d, 0, 1): one pixel wide edges (I. Quilez, "2D distance functions",
https://iquilezles.org/articles/distfunctions2d/). Only element-wise arithmetic is used, so a clip's
pixels do not depend on its neighbours in the batch.
"""

from __future__ import annotations

import math
from typing import overload

import torch
from torch import Tensor

SIZE = 64  # side of the picture, in pixels

Length = Tensor | float  # [n, 1] (constant in time), [n, T] or a plain number


def oklch(lightness: Tensor, chroma: Tensor, hue: Tensor) -> Tensor:
    """Return colours of equal lightness and strength for any hue.

    OKLCH to sRGB after B. Ottosson, "A perceptual color space for image processing" (2020).

    Args:
        lightness: 0 (black) to 1 (white), [c].
        chroma: 0 (grey) to about 0.2 (as strong as a screen can show for every hue), [c].
        hue: [n, c], in turns.

    Returns:
        float32 [n, c, 3] in [-1, 1], clipped to what a screen can show.
    """
    a = chroma * torch.cos(2 * math.pi * hue)
    b = chroma * torch.sin(2 * math.pi * hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = torch.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        dim=-1,
    )  # [n, c, 3]
    bright = 1.055 * torch.exp(torch.log(linear.clamp(min=0.0031308)) / 2.4) - 0.055
    srgb = torch.where(linear > 0.0031308, bright, 12.92 * linear).clamp(0, 1)
    return 2 * srgb - 1


class Canvas:
    """n clips of T frames, painted from back to front.

    What is painted with constant lengths ([n, 1]) before anything moves is painted once a clip.

    Attributes:
        pixels: float32 in [-1, 1], [n, 1 or T, 3, SIZE, SIZE].
        x: pixel centres, [1, 1, 1, 1, SIZE].
        y: pixel centres, [1, 1, 1, SIZE, 1].
    """

    def __init__(self, background: Tensor) -> None:
        centres = torch.arange(SIZE, device=background.device) + 0.5
        self.x = centres.view(1, 1, 1, 1, SIZE)
        self.y = centres.view(1, 1, 1, SIZE, 1)
        self.pixels = background.expand(-1, -1, 3, SIZE, SIZE)

    def paint(self, cover: Tensor, colour: Tensor) -> None:
        """Lay a colour [n, 1, 3, 1, 1] over the picture where cover [n, 1 or T, 1, H, W] is 1."""
        self.pixels = torch.lerp(self.pixels, colour, cover)

    def disc(self, x: Length, y: Length, radius: Length, colour: Tensor) -> None:
        """Paint a disc with its centre at (x, y)."""
        self.paint(edge(self.distance(x, y), plane(radius)), colour)

    def distance(self, x: Length, y: Length) -> Tensor:
        """Return each pixel's distance from the point (x, y), [n, 1 or T, 1, SIZE, SIZE]."""
        return torch.sqrt((self.x - plane(x)).square() + (self.y - plane(y)).square())

    def box(self, left: Length, top: Length, right: Length, bottom: Length, colour: Tensor) -> None:
        """Paint an upright rectangle; each pixel is covered by the exact area."""
        across = _overlap(self.x, left, right)
        self.paint(across * _overlap(self.y, top, bottom), colour)

    def rod(
        self, x1: Length, y1: Length, x2: Tensor, y2: Tensor, half_width: float, colour: Tensor
    ) -> None:
        """Paint a straight bar from (x1, y1) to (x2, y2), square at both ends."""
        ax, ay, bx, by = plane(x1), plane(y1), plane(x2), plane(y2)
        length = torch.sqrt((bx - ax).square() + (by - ay).square()).clamp(min=1e-3)
        ux, uy = (bx - ax) / length, (by - ay) / length
        beside = (self.x - ax) * uy - (self.y - ay) * ux
        along = (self.x - (ax + bx) / 2) * ux + (self.y - (ay + by) / 2) * uy
        cover = edge(beside.abs(), half_width) * edge(along.abs(), length / 2)
        self.paint(cover, colour)

    def curve(self, y: Tensor, slope: Tensor, left: float, right: float, half_width: float,
              colour: Tensor) -> None:  # fmt: skip
        """Paint the graph of a function of x between left and right.

        Args:
            y: the function at each pixel column, [n, T, 1, 1, SIZE].
            slope: its derivative, likewise; it keeps the line equally thick where it is steep.
            left: where the line begins, in pixels.
            right: where it ends.
            half_width: half the line's thickness, in pixels.
            colour: [n, 1, 3, 1, 1].
        """
        inside = (self.x - left + 0.5).clamp(0, 1) * (right - self.x + 0.5).clamp(0, 1)
        thin = torch.rsqrt(1 + slope.square())
        self.paint(edge(((self.y - y) * thin).abs(), half_width) * inside, colour)

    def zigzag(self, left: float, right: Tensor, y: float, height: float, turns: int,
               half_width: float, colour: Tensor) -> None:  # fmt: skip
        """Paint a triangle wave of ``turns`` periods from left to right around y."""
        end = plane(right)
        half = (end - left) / (2 * turns)  # from a crest to the next trough
        # Folding the plane at every crest and trough turns the whole zigzag into one straight line.
        cell = torch.remainder(self.x - left + half / 2, 2 * half)
        folded = (cell - half).abs() - half / 2  # [-half / 2, half / 2]
        thin = torch.rsqrt((2 * height / half).square() + 1)
        line = ((self.y - y) - folded * (2 * height / half)) * thin
        inside = (self.x - left + 0.5).clamp(0, 1) * (end - self.x + 0.5).clamp(0, 1)
        self.paint(edge(line.abs(), half_width) * inside, colour)


def edge(distance: Tensor, radius: Tensor | float) -> Tensor:
    """Return how much of each pixel lies nearer than ``radius``: 1 inside, 0 outside."""
    return (radius + 0.5 - distance).clamp(0, 1)


@overload
def plane(value: Tensor) -> Tensor: ...
@overload
def plane(value: float) -> float: ...
@overload
def plane(value: Length) -> Length: ...
def plane(value: Length) -> Length:
    """Give a length [n, 1 or T] the shape of a picture, [n, 1 or T, 1, 1, 1]."""
    return value[..., None, None, None] if isinstance(value, Tensor) else value


def _overlap(centres: Tensor, low: Length, high: Length) -> Tensor:
    """How much of each pixel's side lies between low and high."""
    end = (centres + 0.5).clamp(max=plane(high))
    start = (centres - 0.5).clamp(min=plane(low))
    return (end - start).clamp(0, 1)
