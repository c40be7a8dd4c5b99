"""Where things are: movers that place features, and moving coordinates that draw waves."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidgen.nn.blocks import linear

FEATURES_A_MAP = 7


def canvas(side: int, device: torch.device) -> Tensor:
    """Coordinates (x, y) of cell centres in [-1, 1]: [side, side, 2]."""
    line = (torch.arange(side, device=device, dtype=torch.float32) + 0.5) * (2 / side) - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], dim=-1)


class Movers(nn.Module):
    """Groups of canonical features, each placed on the canvas by its own similarity transform.

    A spatial transformer (Jaderberg et al. 2015, arXiv 1506.02025) for each group: shift, scale and
    turn come from a code of the frame; outside its window a group is zero. One group can become a
    ball, another the rod, another the background.
    """

    def __init__(self, code: int, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.place = linear(code, 4 * groups, gain=0.2)
        # How much of the canvas a group's window covers at first: parts to the whole.
        spread = torch.linspace(math.log(0.4), math.log(1.0), groups)
        self.log_size = nn.Parameter(spread)

    def forward(self, features: Tensor, code: Tensor, along: Tensor | float, side: int) -> Tensor:
        """Place features [B, C, h, w] by codes [B, T, code]: [B * T, C, side, side].

        ``along`` [B, T, 4 * groups] is added to what the codes say: shift and turn of each group.
        """
        (batch, channels, height, width), frames = features.shape, code.shape[1]
        with torch.autocast(code.device.type, enabled=False):  # bfloat16 is too coarse for places
            numbers = self.place(code.float()) + along
        numbers = numbers.view(batch, frames, self.groups, 1, 1, 4)
        shift, turn = numbers.transpose(1, 2).chunk(2, dim=-1)  # each [B, M, T, 1, 1, 2]
        size = torch.exp(self.log_size)[:, None, None, None]
        x, y = (canvas(side, code.device) - shift).unbind(-1)  # each [B, M, T, side, side]
        # The inverse map, as a complex product: (p + iq) turns and scales canvas to window.
        p, q = (1 + turn[..., 0]) / size, turn[..., 1] / size
        grid = torch.stack([p * x - q * y, q * x + p * y], dim=-1)
        # All frames of a clip read the same features: they stand below each other in one grid.
        grid = grid.view(batch * self.groups, frames * side, side, 2)
        parts = features.float().reshape(-1, channels // self.groups, height, width)
        placed = F.grid_sample(parts, grid, padding_mode="zeros", align_corners=False)
        placed = placed.view(batch, channels, frames, side, side).transpose(1, 2)
        return placed.reshape(batch * frames, channels, side, side)


class MovingCoordinates(nn.Module):
    """Waves, rings and blobs: simple functions of coordinates under affine maps of a code.

    What does not move rigidly (interference, strings, drops) is drawn from these: Fourier features
    (Tancik et al. 2020, arXiv 2006.10739) of the mapped x, y and distance, and a Gaussian blob,
    each as loud as the code says: a sine and a cosine that take turns are a travelling wave.
    """

    def __init__(self, code: int, maps: int = 8) -> None:
        super().__init__()
        self.maps = maps
        self.affine = linear(code, 7 * maps, gain=0.3)
        self.loudness = linear(code, FEATURES_A_MAP * maps, gain=0.3)
        # From half a cycle to eight across the canvas.
        self.log_scale = nn.Parameter(torch.linspace(math.log(0.5), math.log(8.0), maps))

    @property
    def features(self) -> int:
        """Channels that ``forward`` returns."""
        return FEATURES_A_MAP * self.maps

    def forward(self, code: Tensor, side: int, finest: float) -> Tensor:
        """Draw for codes [N, code]: [N, 7 * maps, side, side].

        ``finest`` is how many cycles across the canvas the finest wave may have, side / 2 at most.
        """
        count = code.shape[0]
        with torch.autocast(code.device.type, enabled=False):  # bfloat16 is too coarse for places
            numbers = self.affine(code.float()).view(count, self.maps, 1, 1, 7)
            loudness = 1 + self.loudness(code.float())
        scale = torch.exp(self.log_scale)[None, :, None, None]
        xx, xy, yx, yy, x0, y0, phase = numbers.unbind(-1)
        x, y = canvas(side, code.device).unbind(-1)
        x, y = x - x0, y - y0
        u = scale * ((1 + xx) * x + xy * y)  # [N, maps, side, side]
        v = scale * (yx * x + (1 + yy) * y)
        distance = torch.sqrt(u * u + v * v + 1e-6)
        across, down = scale * torch.hypot(1 + xx, xy), scale * torch.hypot(yx, 1 + yy)
        waves = (  # phase in half turns, half turns a unit of the canvas
            (u + phase, across),
            (v + phase, down),
            (2 * (distance + phase), 2 * torch.maximum(across, down)),
        )
        drawn = [
            fade(rate / finest) * f(math.pi * wave)
            for wave, rate in waves
            for f in (torch.sin, torch.cos)
        ]
        drawn.append(torch.exp(-(distance * distance)))
        return torch.cat(drawn, dim=1) * loudness[:, :, None, None]


def fade(rate: Tensor) -> Tensor:
    """How loud a wave may be at a multiple of the finest that the grid can show (Nyquist's).

    1 up to a half, 0 from 1 on: what is finer would alias, and boil as soon as it moves.
    """
    return torch.cos(math.pi * (rate - 0.5).clamp(0, 0.5)).square()
