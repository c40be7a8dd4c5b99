"""What one clip draws by lot: its parameters and its colours, always from the same columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from train.data.phenomena.drawing import Canvas, oklch

COLUMNS = 20  # uniform numbers that a clip may use


@dataclass(frozen=True)
class Scene:
    """Clips of one phenomenon and the truth about them.

    Attributes:
        canvas: the painted clips.
        rate: the characteristic rate, [n, 1], in cycles a frame.
        speed: velocity of the main quantity at frame 0 over its greatest velocity, [n, 1] in
            [-1, 1]; a single frame does not show it.
        params: true parameters by name, each [n, 1].
    """

    canvas: Canvas
    rate: Tensor
    speed: Tensor
    params: dict[str, Tensor]


class Colours(NamedTuple):
    """The colours of one clip, each [n, 1, 3, 1, 1] in [-1, 1]: two hues that face each other."""

    paper: Tensor  # a light, calm background
    shade: Tensor  # a little darker than paper
    night: Tensor  # a dark, calm background
    dusk: Tensor  # a little lighter than night
    ink: Tensor  # dark: what stands still
    body: Tensor  # strong: what moves
    other: Tensor  # strong, of another hue
    light: Tensor  # bright, of the body's hue


# For each field of Colours: lightness, chroma, 1 for the body's hue and 0 for the ground's, turn.
_PALETTE = (
    (0.95, 0.03, 0, 0),
    (0.88, 0.045, 0, 0),
    (0.24, 0.05, 0, 0),
    (0.42, 0.06, 0, 0),
    (0.36, 0.06, 0, 0),
    (0.62, 0.19, 1, 0),
    (0.66, 0.16, 1, 0.38),
    (0.92, 0.1, 1, 0),
)


class Draw:
    """Takes one column of uniform numbers after the other; every answer is [n, 1].

    Args:
        uniforms: float32 [n, COLUMNS] in [0, 1).
        held_out: whether the clips belong to the held-out split.
    """

    def __init__(self, uniforms: Tensor, held_out: bool) -> None:
        self._columns = iter(uniforms.split(1, dim=1))
        self._held_out = held_out

    def between(self, low: Tensor | float, high: Tensor | float) -> Tensor:
        """Draw uniformly from [low, high)."""
        return low + (high - low) * next(self._columns)

    def log_between(self, low: float, high: float) -> Tensor:
        """Draw from [low, high) so that every octave is equally likely."""
        return torch.exp(self.between(math.log(low), math.log(high)))

    def one_of(self, low: int, high: int) -> Tensor:
        """Draw a whole number from low to high, both included, as float32."""
        return torch.floor(self.between(low, high + 1))

    def sign(self) -> Tensor:
        """Draw -1 or 1."""
        return 2 * self.one_of(0, 1) - 1

    def row(self, rows: int) -> Tensor:
        """Draw a row of a table, int64 [n]; the last eighth belongs to the held-out split."""
        first_held = rows - rows // 8
        low, high = (first_held, rows) if self._held_out else (0, first_held)
        return torch.floor(self.between(low, high)).long().clamp(max=high - 1)[:, 0]

    def colours(self) -> Colours:
        """Draw the colours of a clip."""
        hue = self.between(0.0, 1.0)
        ground = hue + 0.5 + self.between(-0.1, 0.1)
        lightness, chroma, from_body, turn = hue.new_tensor(_PALETTE).unbind(1)
        hues = torch.where(from_body > 0, hue, ground) + turn  # [n, 8]
        return Colours(*oklch(lightness, chroma, hues)[:, :, None, :, None, None].unbind(1))
