"""Motion: learned oscillators, places that repeat, a noise tape, the clock; at fractional times."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vidgen.nn.blocks import linear
from vidgen.nn.placement import fade

SLOWEST = 1 / 64  # cycles a frame: the longest clip is one cycle
FASTEST = 1 / 8  # of what repeats as a whole; what happens within a period is its harmonics
CLOCK_FEATURES = 5


class Oscillators(nn.Module):
    """K oscillators whose frequency, phase and amplitude come from a code.

    Bounces, swings and orbits need clean periods. A code gives each oscillator a vector (a, b) that
    turns with its frequency; amplitude and phase are its polar form, so that mixing two codes is
    smooth where an angle would jump. Frequencies start log-uniform between one cycle in 64 frames
    and one in ``shortest_period``, and stay inside. Amplitudes start in inverse proportion to them,
    so that all move at the same speed: as loud as the slow ones, the fast ones are all that is
    seen, and it is flicker. A loop of P frames rounds each frequency to whole cycles in P, at least
    one.

    Training drives frequencies up wherever it may (a fast one serves as noise), so
    ``shortest_period`` should be little below the shortest one in the data.
    """

    def __init__(self, code: int, count: int, shortest_period: float) -> None:
        super().__init__()
        self.count = count
        self.range = 1 / shortest_period / SLOWEST  # of frequencies: the fastest over the slowest
        self.vectors = linear(code, 2 * count)
        self.detune = linear(code, count, gain=0.2)
        positions = [(k + 0.5) / count for k in range(count)]  # on the log scale, by sigmoid
        self.base = nn.Parameter(torch.tensor([math.log(p / (1 - p)) for p in positions]))
        slowness = torch.tensor([self.range**-p for p in positions])
        with torch.no_grad():
            self.vectors.weight.mul_(slowness.repeat(2)[:, None])

    def frequencies(self, code: Tensor, loop: Tensor) -> Tensor:
        """Cycles a frame, [B, K]; ``loop`` [B] is the period in frames, 0 = no loop."""
        position = torch.sigmoid(self.base + self.detune(code))
        free = SLOWEST * self.range**position
        period = loop[:, None].clamp(min=1)
        cycles = free * period
        # Rounded forwards, identity backwards: the loop is trained as a mode of the same weights.
        whole = cycles + (cycles.round().clamp(min=1) - cycles).detach()
        return torch.where(loop[:, None] > 0, whole / period, free)

    def forward(self, code: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Map a code [B, code] and times [B, T] to the turned vectors, [B, T, 2K]."""
        a, b = self.vectors(code)[:, None].chunk(2, dim=-1)  # each [B, 1, K]
        cycles = self.frequencies(code, loop)[:, None] * times[:, :, None]  # [B, T, K]
        angle = 2 * math.pi * torch.remainder(cycles, 1.0)
        cos, sin = torch.cos(angle), torch.sin(angle)
        return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class Cycles(nn.Module):
    """Numbers that repeat exactly: Fourier series of a few fundamentals, each with its harmonics.

    A swing is one harmonic, a bounce or an orbit a few of the same period: with period, phase and
    coefficients once a clip, a thing cannot but come back in time, where a net that reads the time
    has to learn it. Periods are 8 to 64 frames; harmonics fade out towards half a cycle a frame. A
    loop of P frames rounds each fundamental to whole cycles in P, at least one.
    """

    def __init__(self, code: int, fundamentals: int, harmonics: int, numbers: int) -> None:
        super().__init__()
        self.fundamentals = Oscillators(code, fundamentals, 1 / FASTEST)
        with torch.no_grad():  # periods differ from clip to clip from the start
            self.fundamentals.detune.weight.mul_(3)
        self.orders = harmonics
        self.weights = linear(code, 2 * fundamentals * harmonics * numbers, gain=0.1)
        size = torch.arange(1, harmonics + 1).repeat(fundamentals).float().square()
        with torch.no_grad():  # as of a parabola: what is bounced, not what is torn
            shape = (numbers, fundamentals * harmonics, 2, -1)
            self.weights.weight.view(*shape).div_(size[:, None, None])

    def forward(self, code: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Map a code [B, code] and times [B, T] to numbers [B, T, numbers]."""
        frequencies = self.fundamentals.frequencies(code, loop)[:, None]  # [B, 1, K]
        a, b = self.fundamentals.vectors(code)[:, None].chunk(2, dim=-1)
        order = torch.arange(1, self.orders + 1, device=code.device)
        turns = torch.remainder(frequencies * times[..., None], 1.0)  # [B, T, K]
        angle = (torch.atan2(b, a) + 2 * math.pi * turns)[..., None] * order  # [B, T, K, H]
        loud = fade(2 * frequencies[..., None] * order)
        series = torch.stack([loud * torch.cos(angle), loud * torch.sin(angle)], dim=-1)
        weights = self.weights(code).view(len(code), -1, series[0, 0].numel())
        return series.flatten(2) @ weights.transpose(1, 2)


def read_tape(tape: Tensor, times: Tensor, spacing: int, loop: Tensor) -> Tensor:
    """Read a noise tape at any time: smooth, and local to the two anchors around it.

    Args:
        tape: [B, A, Z]; anchor i stands at frame i * spacing.
        times: [B, T], in frames.
        spacing: frames between anchors.
        loop: [B], the period in frames; 0 = no loop. A loop of P frames puts round(P / spacing)
            anchors on a ring, so that the tape closes exactly.

    Returns:
        [B, T, Z]
    """
    on_ring = loop[:, None] > 0
    ring = (loop / spacing).round().clamp(min=1)[:, None]
    turns = times / loop[:, None].clamp(min=1)
    position = torch.where(on_ring, (turns - turns.floor()) * ring, times / spacing)
    before = position.floor()
    part = position - before
    after = before + 1
    after = torch.where(on_ring, torch.remainder(after, ring), after)
    before = torch.where(on_ring, torch.remainder(before, ring), before)
    part = (part * part * (3 - 2 * part))[..., None]  # smoothstep: no kink at an anchor
    last = tape.shape[1] - 1

    def anchor(index: Tensor) -> Tensor:
        index = index.long().clamp(0, last)[..., None].expand(-1, -1, tape.shape[2])
        return tape.gather(1, index)

    return anchor(before) * (1 - part) + anchor(after) * part


def clock(times: Tensor, loop: Tensor) -> Tensor:
    """What the time since the start says: [B, T, 5]; a loop has no start, so only its flag stays.

    Diffusion, draining and collisions are not stationary: they need to know when it began.
    """
    looping = (loop > 0).float()[:, None].expand_as(times)
    features = [
        times / 64,
        torch.log1p(times) / math.log(65),
        torch.exp(-times / 4),
        torch.exp(-times / 16),
    ]
    return torch.stack([*[(1 - looping) * feature for feature in features], looping], dim=-1)
