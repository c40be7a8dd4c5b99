"""Controls: real clips spoilt on purpose, which a metric must find worse than real ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.draws import uniform
from train.judge.clips import as_input, batches
from train.levels import to_levels

_STREAM = 21  # of the draws; data sets and training use streams of their own


def freeze(clips: Tensor) -> Tensor:
    """Repeat the first frame of each clip [B, T, C, H, W]."""
    return clips[:, :1].expand_as(clips)


def shuffle(clips: Tensor, indices: Tensor, seed: int) -> Tensor:
    """Put the frames of each clip [B, T, C, H, W] in an order of its own."""
    order = uniform(seed, 0, indices, clips.shape[1], _STREAM).argsort(dim=1)  # [B, T]
    return clips[torch.arange(len(clips), device=clips.device)[:, None], order]


def noise(clips: Tensor, indices: Tensor, seed: int) -> Tensor:
    """Replace clips [B, T, C, H, W] by independent pixels, uniform in [-1, 1]."""
    return uniform(seed, 0, indices, clips[0].numel(), _STREAM + 1).view_as(clips) * 2 - 1


def blur(clips: Tensor) -> Tensor:
    """Blur each frame of clips [B, T, C, H, W] with a Gaussian of 1/32 of its shorter side."""
    sigma = min(clips.shape[-2:]) / 32
    reach = int(3 * sigma + 0.5)
    away = torch.arange(-reach, reach + 1, dtype=clips.dtype, device=clips.device)
    kernel = torch.exp(-away.square() / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    planes = clips.flatten(0, 2)[:, None]  # [B * T * C, 1, H, W]
    planes = F.pad(planes, [reach] * 4, mode="replicate")
    planes = F.conv2d(F.conv2d(planes, kernel.view(1, 1, -1, 1)), kernel.view(1, 1, 1, -1))
    return planes.view_as(clips)


def reverse(clips: Tensor) -> Tensor:
    """Play clips [B, T, C, H, W] backwards: legal physics for some classes, not for others."""
    return clips.flip(1)


CONTROLS: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "frozen": lambda clips, indices, seed: freeze(clips),
    "shuffled": shuffle,
    "noise": noise,
    "blur": lambda clips, indices, seed: blur(clips),
    "reversed": lambda clips, indices, seed: reverse(clips),
}
RELABELLED = "relabelled"  # real clips under the label of the next class: only alignment may notice
# Those that a metric of clips, or of single frames, must find worse than real ones. Backwards is
# only reported: a pendulum may swing so.
MUST_TELL = {"clip": ("frozen", "shuffled", "noise", "blur"), "frame": ("noise", "blur")}


def spoil(pixels: Tensor, control: str, seed: int) -> Tensor:
    """Make a control of clips, uint8 [N, T, C, H, W]."""
    rows = []
    for part in batches(len(pixels), f"making {control} clips"):
        clips = CONTROLS[control](as_input(pixels[part], torch.device("cpu")), part, seed)
        rows.append(to_levels(clips))
    return torch.cat(rows)
