"""The clips that are judged: real and generated ones, as the 256 levels that a visitor sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from train.data.heldout import HeldOut
from train.features import FRAMES
from train.levels import from_levels, to_levels
from train.sheets import sample
from vidgen.generators import Generator
from vidgen.latent import MAX_SEED

BATCH = 50
TIMES = tuple(float(t) for t in range(FRAMES))


def real_clips(real: HeldOut, first: int, count: int) -> Tensor:
    """Read held-out clips: uint8 [N, T, C, H, W]."""
    return torch.from_numpy(np.array(real.clips[first : first + count])).permute(0, 1, 4, 2, 3)


@torch.inference_mode()
def generate(
    generator: Generator,
    labels: Tensor,
    seed: int,
    device: torch.device,
    times: Sequence[float] = TIMES,
    loop: float = 0.0,
) -> Tensor:
    """Make a clip for each label [N] at psi 1, clip i from seed + i: uint8 [N, T, C, H, W]."""
    made = []
    for part in batches(len(labels), "generating"):
        seeds = [(seed + i) % (MAX_SEED + 1) for i in part.tolist()]
        clips = sample(generator, labels[part].tolist(), seeds, times, device, loop)
        made.append(to_levels(clips))
    return torch.cat(made)


def batches(count: int, what: str) -> Iterator[Tensor]:
    """Cut the indices 0 to count - 1 into batches, under a bar."""
    yield from tqdm(torch.arange(count).split(BATCH), desc=what, leave=False, disable=None)


def as_input(pixels: Tensor, device: torch.device) -> Tensor:
    """Turn levels into what networks see: float32 in [-1, 1]."""
    return from_levels(pixels.to(device))
