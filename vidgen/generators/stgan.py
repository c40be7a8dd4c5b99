"""The flagship generator: what a thing looks like once a clip, where it is in every frame."""

from __future__ import annotations

import functools
import math
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidgen.families import StganConfig
from vidgen.generators.generator import Generator
from vidgen.nn.blocks import Residual, activate, conv, enlarge, linear, mlp
from vidgen.nn.motion import CLOCK_FEATURES, Cycles, Oscillators, clock, read_tape
from vidgen.nn.placement import Movers, MovingCoordinates

_SMOOTH: dict[str, Any] = {"mode": "bilinear", "align_corners": False}


class Stgan(Generator):
    """Continuous-time, frame-parallel generator of clips.

    Built from StyleGAN-V (Skorokhodov et al. 2022, arXiv 2112.14683: time as a number, content and
    motion codes apart, section 3.2), spatial transformers (Jaderberg et al. 2015, arXiv 1506.02025)
    and Fourier features (Tancik et al. 2020, arXiv 2006.10739), trained as R3GAN (Huang et al.
    2024, arXiv 2501.05441). Its own: one appearance a clip that is moved about, and motion that can
    be made of exact cycles. Labels: class weights, embedded, beside the content noise. Can't: show
    moments beyond 64 frames.

    content noise + class -> w. w -> canonical features, once. (w, motion noise, time) -> a code for
    each frame, which places the canonical features (movers), draws waves (moving coordinates) and
    free features; the canonical features are there unmoved as well, as the scene. A small synthesis
    turns the sum into pixels. Only w styles it: a code that changes from frame to frame would let
    colours and backgrounds flicker. Frames are folded into the batch, so that everything is 2-D
    convolution. The output is linear: a tanh saturates on mostly black data and the generator dies
    black. Movers, oscillators, maps, fundamentals or tape of 0 in the config leave that part out.
    """

    config: StganConfig

    def __init__(self, config: StganConfig) -> None:
        super().__init__(config)
        c, w = config, config.latent
        # 1 draws at half the side, which a run begins with, at a quarter of the cost. From 1 to 0
        # finer waves come in: at half the side nobody has heard them, and at once they hide all.
        self.coarse = c.coarse
        self.embedding = linear(c.classes, w)
        self.mapping = mlp(c.content_dim + w, w, w)
        self.motion_mapping = mlp(c.motion_dim, w, w)
        self.oscillators = (
            Oscillators(2 * w, c.oscillators, c.shortest_period) if c.oscillators else None
        )
        self.frame_code = mlp(2 * c.oscillators + c.tape_dim + CLOCK_FEATURES + 2 * w, w, w)
        self.seed_features = linear(w, 16 * 2 * c.canonical_width)
        stages = int(math.log2(c.canonical // 4))
        widths = [2 * c.canonical_width] * stages + [c.canonical_width]
        self.canonical = nn.ModuleList(Residual(a, b) for a, b in pairwise(widths))
        self.movers = Movers(w, c.groups) if c.groups else None
        self.cycles = None
        if c.groups and c.fundamentals:
            self.cycles = Cycles(2 * w, c.fundamentals, c.harmonics, 4 * c.groups)
            self.passage = mlp(CLOCK_FEATURES + 2 * w, w, w)  # what does not repeat
        self.coordinates = MovingCoordinates(w, c.maps) if c.maps else None
        self.free_seed = linear(w, 16 * c.free_width)
        self.free = nn.ModuleList(Residual(c.free_width, c.free_width) for _ in range(2))
        # One 1x1 convolution for each path, added: the same as one over all of them side by side.
        # Things come first: waves and free features start quiet, or they hide everything else.
        if self.movers is not None:
            self.take_placed = conv(c.canonical_width, c.synthesis_width, side=1)
        self.take_still = conv(c.canonical_width, c.synthesis_width, side=1, gain=0.5)
        if self.coordinates is not None:
            self.take_drawn = conv(self.coordinates.features, c.synthesis_width, side=1, gain=0.1)
        self.take_free = conv(c.free_width, c.synthesis_width, side=1, gain=0.2)
        self.synthesis = nn.ModuleList(
            Residual(c.synthesis_width, c.synthesis_width, style=w)
            for _ in range(c.synthesis_blocks)
        )
        self.to_pixels = conv(c.synthesis_width, c.clip.channels * c.patch**2, gain=0.5)
        with torch.no_grad():  # all pixels of a patch start alike: no checkerboard to unlearn
            whole = self.to_pixels.weight[:: c.patch**2]
            self.to_pixels.weight.copy_(whole.repeat_interleave(c.patch**2, dim=0))

    def map_content(self, content: Tensor, classes: Tensor) -> Tensor:
        """Map content noise [B, Zc] and class weights [B, K] to w [B, latent]."""
        assert content.shape[1:] == (self.config.content_dim,), content.shape
        assert classes.shape[1:] == (self.config.classes,), classes.shape
        return self.mapping(torch.cat([content, self.embedding(classes)], dim=1)).float()

    def map_motion(self, motion: Tensor) -> Tensor:
        """Map motion noise [B, Zm] to the motion code m [B, latent]."""
        assert motion.shape[1:] == (self.config.motion_dim,), motion.shape
        return self.motion_mapping(motion).float()

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render the moments ``times``."""
        paths = self.paths(w, m, tape, times, loop)
        return self.render(w, functools.reduce(torch.add, paths.values()), times)

    def parts(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """The picture that each path alone would become."""
        paths = self.paths(w, m, tape, times, loop)
        return {name: self.render(w, paths[name], times) for name in self.config.parts}

    def paths(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """What is to be summed: features of each path, [B * T, synthesis_width, side, side]."""
        codes = self.frame_codes(w, m, tape, times, loop)
        code = codes.flatten(0, 1)  # [B * T, latent]
        whole = self.config.clip.height // self.config.patch
        side = whole // 2 if self.coarse >= 1 else whole
        canonical = self.canonical_features(w)
        still = F.interpolate(self.take_still(canonical), size=(side, side), **_SMOOTH)
        free = F.interpolate(self.take_free(self.free_features(code)), size=(side, side), **_SMOOTH)
        found = {}
        if self.movers is not None:
            placed = self.movers(canonical, *self.places(w, m, codes, times, loop), side)
            found["placed"] = self.take_placed(placed)
        if self.coordinates is not None:
            found["drawn"] = self.take_drawn(
                self.coordinates(code, side, whole / 2 ** (1 + self.coarse))
            )
        found["free"] = free
        found["scene"] = still.repeat_interleave(times.shape[1], dim=0)
        return found

    def render(self, w: Tensor, x: Tensor, times: Tensor) -> Tensor:
        """Turn features [B * T, synthesis_width, side, side] into clips, styled by w."""
        style = w.repeat_interleave(times.shape[1], dim=0)
        for block in self.synthesis:
            x = block(x, style)
        pixels = F.pixel_shuffle(self.to_pixels(activate(x)).float(), self.config.patch)
        if self.coarse >= 1:  # squares of four equal pixels
            pixels = F.interpolate(pixels, scale_factor=2)
        return pixels.unflatten(0, times.shape)  # [B, T, C, H, W]

    def frame_codes(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> Tensor:
        """Return h_t for each frame, [B, T, latent]."""
        # In full precision, also under autocast: codes decide frequencies and places, and late in
        # a clip the rounding of bfloat16 would move things by pixels.
        with torch.autocast(times.device.type, enabled=False):
            both = torch.cat([w, m], dim=1).float()
            moving = [
                *([self.oscillators(both, times, loop)] if self.oscillators is not None else []),
                read_tape(tape.float(), times, self.config.tape_spacing, loop),
                clock(times, loop),
                both[:, None].expand(-1, times.shape[1], -1),
            ]
            return self.frame_code(torch.cat(moving, dim=-1))

    def places(
        self, w: Tensor, m: Tensor, codes: Tensor, times: Tensor, loop: Tensor
    ) -> tuple[Tensor, Tensor | float]:
        """Codes [B, T, latent] for the movers, and what is added to the places that they give."""
        if self.cycles is None:
            return codes, 0.0
        with torch.autocast(times.device.type, enabled=False):  # as for the frame codes
            both = torch.cat([w, m], dim=1).float()
            every = both[:, None].expand(-1, times.shape[1], -1)
            passing = self.passage(torch.cat([clock(times, loop), every], dim=-1))
            return passing, self.cycles(both, times, loop)

    def canonical_features(self, w: Tensor) -> Tensor:
        """What the thing looks like, once a clip: [B, canonical_width, canonical, canonical]."""
        x = self.seed_features(activate(w)).view(len(w), -1, 4, 4)
        for block in self.canonical:
            x = block(enlarge(x))
        return activate(x)

    def free_features(self, code: Tensor) -> Tensor:
        """What moves in no rigid way, each frame: [N, free_width, 16, 16]."""
        x = self.free_seed(activate(code)).view(len(code), -1, 4, 4)
        for block in self.free:
            x = block(enlarge(x))
        return activate(x)
