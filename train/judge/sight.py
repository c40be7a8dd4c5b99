"""What the own classifier sees in clips: features, and the class and the motion that it names."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.features import Judge
from train.judge.clips import as_input, batches


@dataclass(frozen=True)
class Seen:
    """What the own classifier saw in N clips; all on the CPU.

    Attributes:
        features: float64 [N, F], of the clip.
        codes: float64 [N, T, F'], of each frame, before the classifier looks at time.
        named: int64 [N], the class that it names.
        motion: float32 [N, M], the motion that it names.
        change: float32 [N], mean absolute difference of neighbouring frames, clips span 2.
    """

    features: Tensor
    codes: Tensor
    named: Tensor
    motion: Tensor
    change: Tensor


@torch.inference_mode()
def see(judge: Judge, pixels: Tensor, device: torch.device, name: str) -> Seen:
    """Let the classifier look at clips, uint8 [N, T, C, H, W]."""
    rows = []
    for part in batches(len(pixels), f"looking at {name}"):
        clips = as_input(pixels[part], device)
        codes = judge.frame_codes(clips)
        features = judge.over_time(codes)
        named, motion = judge.to_class(features).argmax(dim=1), judge.to_motion(features)
        change = (clips[:, 1:] - clips[:, :-1]).abs().mean(dim=(1, 2, 3, 4))
        rows.append((features.double(), codes.double(), named, motion, change))
    return Seen(*(torch.cat(column).cpu() for column in zip(*rows, strict=True)))


def one_frame(codes: Tensor) -> Tensor:
    """Take one frame of each clip, another from clip to clip: [N, T, F'] -> [N, F'].

    Frames of the same clip are alike, and unbiased distances are of independent samples.
    """
    clips = torch.arange(len(codes))
    return codes[clips, clips * 5 % codes.shape[1]]


def standardise(features: dict[str, Tensor], real: tuple[str, str]) -> dict[str, Tensor]:
    """Give each feature mean 0 and variance 1 over both sets of real clips.

    Both, because a scale that one of them alone decides would set them apart.
    """
    both = torch.cat([features[name] for name in real])
    mean, spread = both.mean(dim=0), both.std(dim=0).clamp(min=1e-6)
    return {name: (values - mean) / spread for name, values in features.items()}
