"""Growing: a short small clip first, then more pixels and more frames, faded in one by one."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidgen.families import ProgressiveConfig
from vidgen.generators.generator import Unmapped, at
from vidgen.nn.blocks import activate, initialise, linear

Size = tuple[int, int]  # frames, side


class Progressive(Unmapped):
    """Stages of 3-D convolutions; each doubles the side and may double the frames.

    Karras, Aila, Laine and Lehtinen 2018, "Progressive Growing of GANs" (arXiv 1710.10196), figures
    1 and 2, carried to clips (as FutureGAN did, Aigner and Körner 2018, arXiv 1810.01325): training
    begins with a few frames of 8x8, and a new stage is mixed into the enlarged pixels of the one
    before, so that nothing that was learned gets a shock. ``grown`` says how far that is: 0 is the
    first stage alone, 1 the second whole, 1.3 the third at three tenths. Clips always have their
    full size: what has not grown yet is the enlarged picture of what has.

    Can't: another length than its own, times in between, loops, motion apart from looks.
    Differs from the paper: convolutions over space and over time take turns; the class beside the
    noise; He initialisation in place of equalised learning rates.
    """

    config: ProgressiveConfig
    grown: Tensor  # scalar; the trainer sets it

    def __init__(self, config: ProgressiveConfig) -> None:
        super().__init__(config)
        self.sizes = config.sizes
        widths = [config.width >> k for k in range(len(self.sizes))]
        self.seed = linear(config.latent, config.width * self.sizes[0][0] * 16)
        self.first = Stage(config.width, config.width)
        self.stages = nn.ModuleList(Stage(a, b) for a, b in pairwise(widths))
        self.to_pixels = nn.ModuleList(
            conv3d(a, config.clip.channels, (1, 1, 1), gain=0.5) for a in widths
        )
        self.register_buffer("grown", torch.tensor(float(len(self.stages))))

    def pictures(self, w: Tensor) -> list[Tensor]:
        """What each stage makes of w, [B, C, F, S, S], as far as it has ``grown``."""
        x = self.seed(w).unflatten(1, (-1, self.sizes[0][0], 4, 4))
        x = self.first(resize(x, self.sizes[0]))
        found, grown = [self.to_pixels[0](x).float()], float(self.grown)
        for k, (stage, size) in enumerate(zip(self.stages, self.sizes[1:], strict=True)):
            if grown <= k:
                break
            x = stage(resize(x, size))
            pixels = self.to_pixels[k + 1](x).float()
            # Figure 2: the new layer fades in over the enlarged picture of the old one.
            found.append(torch.lerp(resize(found[-1], size), pixels, min(grown - k, 1.0)))
        return found

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render all frames as far as it has ``grown``, and return those at ``times``."""
        return at(resize(self.pictures(w)[-1], self.sizes[-1]).transpose(1, 2), times)

    def parts(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """The picture of every stage, enlarged.

        Small ones show what their last layer makes of features that have been trained on since.
        """
        found = self.pictures(w)
        found += found[-1:] * (len(self.sizes) - len(found))
        whole = [resize(picture, self.sizes[-1]).transpose(1, 2) for picture in found]
        return {name: at(x, times) for name, x in zip(self.config.parts, whole, strict=True)}


class Stage(nn.Module):
    """Convolution over space, then over time, each with pixelwise norm (section 4.2)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.space = conv3d(inputs, outputs, (1, 3, 3))
        self.time = conv3d(outputs, outputs, (3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, F, S, S] to [B, outputs, F, S, S]."""
        return pixel_norm(activate(self.time(pixel_norm(activate(self.space(x))))))


def conv3d(inputs: int, outputs: int, sides: tuple[int, int, int], gain: float = 1.0) -> nn.Conv3d:
    """Convolution over (time, y, x) that keeps the size."""
    t, y, x = sides
    layer = nn.Conv3d(inputs, outputs, sides, padding=(t // 2, y // 2, x // 2))
    initialise(layer.weight, inputs * t * y * x, gain)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def pixel_norm(x: Tensor) -> Tensor:
    """Scale the features of every cell to a mean square of one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


def resize(x: Tensor, size: Size) -> Tensor:
    """Repeat cells and frames until [B, C, F, S, S] has ``size``."""
    frames, side = size
    return F.interpolate(x, size=(frames, side, side))
