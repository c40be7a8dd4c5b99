"""A recurrent net over maps of features: a state that is itself a small picture of the scene."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from vidgen.families import ConvgruConfig
from vidgen.generators.generator import Unmapped, at
from vidgen.nn.blocks import Residual, activate, conv, enlarge, linear


class Convgru(Unmapped):
    """One map of features, read again at every frame by a convolutional GRU; states to pictures.

    The generator of DVD-GAN: Clark, Donahue and Simonyan 2019, "Adversarial Video Generation on
    Complex Datasets" (arXiv 1907.06571), figure 3. Noise and class become a small map once; the
    ConvGRU (Ballas et al. 2016, arXiv 1511.06432) gets that map at every frame, and what changes is
    its state; residual blocks, styled by noise and class, turn each state into a picture. Motion is
    local, since a state looks at its neighbours only, and a clip may go on as long as you like.

    Can't: times in between, loops.
    Differs from the paper: one ConvGRU, at 8x8, instead of one at each resolution; its first state
    comes from the motion noise instead of zero, so that motion has a seed of its own; scale and
    shift without batch norm; a linear output.
    """

    config: ConvgruConfig

    def __init__(self, config: ConvgruConfig) -> None:
        super().__init__(config)
        latent, (width, *widths) = config.latent, config.widths
        self.scene = linear(latent, width * 64)
        self.start = linear(config.motion_dim, width * 64)
        self.cell = ConvGRU(width)
        self.blocks = nn.ModuleList(
            Residual(a, b, style=latent) for a, b in pairwise([width, *widths])
        )
        self.to_pixels = conv(widths[-1], config.clip.channels, gain=0.5)

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render the frames at ``times``; the states are run from frame 0 in any case."""
        x = at(self.states(w, m, int(times.max()) + 1), times).flatten(0, 1)
        style = w.repeat_interleave(times.shape[1], dim=0)
        for block in self.blocks:
            x = block(enlarge(x), style)
        return self.to_pixels(activate(x)).float().unflatten(0, times.shape)

    def states(self, w: Tensor, m: Tensor, count: int) -> Tensor:
        """Run the recurrent net for ``count`` frames: [B, count, width, 8, 8]."""
        with torch.autocast(w.device.type, enabled=False):  # rounding would add up along the clip
            scene = self.cell.read(self.scene(w.float()).unflatten(1, (-1, 8, 8)))
            state, path = torch.tanh(self.start(m.float())).unflatten(1, (-1, 8, 8)), []
            for _ in range(count):
                state = self.cell(scene, state)
                path.append(state)
            return torch.stack(path, dim=1)


class ConvGRU(nn.Module):
    """A GRU whose products are 3x3 convolutions, so that it does the same at every place.

    The input never changes here, so what is read from it is computed once.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read = conv(width, 3 * width)
        self.gates = conv(width, 2 * width)
        self.remember = conv(width, width, gain=3.0)  # or every state fades to the same

    def forward(self, scene: Tensor, state: Tensor) -> Tensor:
        """One frame on: ``scene`` [B, 3 * width, H, W] as ``read``, ``state`` [B, width, H, W]."""
        seen, candidate = scene.split([2 * state.shape[1], state.shape[1]], dim=1)
        # Ballas et al., equations 8 to 11.
        update, reset = torch.sigmoid(seen + self.gates(state)).chunk(2, dim=1)
        candidate = torch.tanh(candidate + self.remember(reset * state))
        return (1 - update) * state + update * candidate
