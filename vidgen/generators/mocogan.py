"""Content that stays and motion that walks: one picture generator, led by a recurrent net."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from vidgen.families import MocoganConfig
from vidgen.generators.generator import Unmapped, at
from vidgen.nn.blocks import linear
from vidgen.nn.doubling import deconv, doubling


class Mocogan(Unmapped):
    """A path in motion space; each of its points, beside the content, is drawn as a picture.

    Tulyakov, Liu, Yang and Kautz 2018, "MoCoGAN: Decomposing Motion and Content for Video
    Generation" (arXiv 1707.04993), figure 2: a GRU turns fresh noise at every frame into motion
    codes, the content code is drawn once, and one image generator makes every frame. So the same
    thing can move otherwise, and a clip may go on as long as you like.

    The GRU's input is the class beside the noise (section 3, categorical dynamics), its first state
    is the motion noise, its noise the tape. Every frame is drawn apart: what a frame looks like
    depends on the past through the motion code alone.

    Can't: times in between, loops.
    Differs from the paper: the class is an embedding, which the picture generator sees as well;
    norm within the frame, a linear output.
    """

    config: MocoganConfig

    def __init__(self, config: MocoganConfig) -> None:
        super().__init__(config)
        self.label = config.latent - config.content_dim
        self.walk = nn.GRUCell(config.tape_dim + self.label, config.motion_dim)
        with torch.no_grad():  # as it comes, codes are a fifth as loud as the content beside them
            for weight in (self.walk.weight_ih, self.walk.weight_hh):
                weight.mul_(2)
        self.seed = linear(config.latent + config.motion_dim, config.width * 16)
        self.doublings = nn.Sequential(*(doubling(a, b) for a, b in pairwise(config.widths)))
        self.to_pixels = deconv(config.widths[-1], config.clip.channels, gain=0.5)

    def motion_codes(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor) -> Tensor:
        """Walk to the last of ``times`` [B, T], and return the codes there, [B, T, Zm]."""
        with torch.autocast(w.device.type, enabled=False):  # rounding would add up along the walk
            label, code, path = w[:, -self.label :].float(), m.float(), []
            for frame in range(int(times.max()) + 1):
                code = self.walk(torch.cat([tape[:, frame].float(), label], dim=1), code)
                path.append(code)
            return at(torch.stack(path, dim=1), times)

    def draw(self, w: Tensor, codes: Tensor) -> Tensor:
        """Draw every frame on its own from w [B, latent] and motion codes [B, T, Zm]."""
        both = torch.cat([w[:, None].expand(-1, codes.shape[1], -1), codes], dim=-1).flatten(0, 1)
        x = self.seed(both).relu().unflatten(1, (-1, 4, 4))
        return self.to_pixels(self.doublings(x)).float().unflatten(0, codes.shape[:2])

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render the frames at ``times``; the walk begins at frame 0 in any case."""
        return self.draw(w, self.motion_codes(w, m, tape, times))

    def parts(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """Content with the motion code of frame 0 throughout; motion with content noise of zero."""
        codes = self.motion_codes(w, m, tape, times)
        start = self.motion_codes(w, m, tape, torch.zeros_like(times))
        mean = torch.cat([torch.zeros_like(w[:, : -self.label]), w[:, -self.label :]], dim=1)
        return {"content": self.draw(w, start), "motion": self.draw(mean, codes)}
