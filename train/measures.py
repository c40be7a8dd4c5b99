"""What the judge says of clips: alignment, Fréchet distances with their controls, motion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from train.data import ClipSource
from train.data.draws import uniform
from train.data.mnist import import_torchvision
from train.features import FRAMES, Judge, as_seen, stamps
from vidgen.config import ClipShape

BATCH = 50
_STREAM = 21  # of the draws; data sets and training use streams of their own

# Makes the clips [B, 16, C, H, W] that are called ``indices`` [B], one of each class in ``labels``.
Maker = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Seen:
    """What the judge saw in N clips; all on the CPU.

    Attributes:
        features: float64 [N, F].
        named: int64 [N], the class that the judge names.
        motion: float32 [N, M], the motion that the judge names.
        change: float32 [N], mean absolute difference of neighbouring frames.
    """

    features: Tensor
    named: Tensor
    motion: Tensor
    change: Tensor


def measure(
    judge: Judge, source: ClipSource, make: Maker, count: int, seed: int, device: torch.device
) -> dict[str, Any]:
    """Measure generated clips, and real ones the same way.

    Classes are balanced: clip i is asked to show class i modulo K. All distances are from the same
    held-out real clips: the floor is that of other held-out clips, and the controls are made of
    those others, so each control is the floor plus what was done to them.
    """
    labels = torch.arange(count) % len(source.classes)
    targets: list[Tensor] = []  # the true motion of the first real clips

    def real(step: int) -> Maker:
        def render(indices: Tensor, asked: Tensor) -> Tensor:
            times = stamps(len(indices), device)
            batch = source.render(seed, step, indices, times, asked, "held-out")
            if step == 0:
                targets.append(batch.motion.cpu())
            return batch.clips

        return render

    def look(make: Maker, name: str) -> Seen:
        return see(judge, make, labels, device, name)

    first = look(real(0), "real")
    others = {
        "fd_floor": real(1),
        "fd_frozen": lambda indices, asked: freeze(real(1)(indices, asked)),
        "fd_shuffled": lambda indices, asked: shuffle(real(1)(indices, asked), indices, seed),
        "fd_noise": lambda indices, _: noise(source.clip_shape, indices, seed),
    }
    made = look(make, "generated")
    missed = (first.motion - torch.cat(targets)).square().mean(dim=0)
    return {
        "alignment": _share(made.named == labels),
        "alignment_real": _share(first.named == labels),
        "fd_own": frechet(first.features, made.features),
        **{
            key: frechet(first.features, look(maker, key).features) for key, maker in others.items()
        },
        "motion_ratio": float(made.change.mean() / first.change.mean()),
        "num_clips": count,
        "seed": seed,
        "motion_explained": float((1 - missed / torch.cat(targets).var(dim=0)).mean()),
        "per_class": [
            _of_class(k, source, labels, made, first) for k in range(len(source.classes))
        ],
    }


def _share(hits: Tensor) -> float:
    return float(hits.double().mean())


def _of_class(k: int, source: ClipSource, labels: Tensor, made: Seen, real: Seen) -> dict[str, Any]:
    """One class: alignment, what its misses are named most often, and its motion ratio."""
    mine = labels == k
    named = torch.bincount(made.named[mine], minlength=len(source.classes))
    hits, named[k] = int(named[k]), 0
    mistaken = int(named.argmax())
    return {
        "class": source.classes[k].en,
        "alignment": hits / int(mine.sum()),
        "alignment_real": _share(real.named[mine] == k),
        "mistaken_for": source.classes[mistaken].en if named[mistaken] else None,
        "mistaken_share": int(named[mistaken]) / int(mine.sum()),
        "motion_ratio": float(made.change[mine].mean() / real.change[mine].mean()),
    }


@torch.inference_mode()
def see(judge: Judge, make: Maker, labels: Tensor, device: torch.device, name: str) -> Seen:
    """Make a clip for each label [N], in batches, and let the judge look at them."""

    def look() -> Iterator[tuple[Tensor, ...]]:
        starts = range(0, len(labels), BATCH)
        for start in tqdm(starts, desc=f"looking at {name}", leave=False, disable=None):
            asked = labels[start : start + BATCH].to(device)
            clips = as_seen(make(torch.arange(start, start + len(asked), device=device), asked))
            features = judge(clips)
            change = (clips[:, 1:] - clips[:, :-1]).abs().mean(dim=(1, 2, 3, 4))
            motion, named = judge.to_motion(features), judge.to_class(features).argmax(dim=1)
            yield features.cpu().double(), named.cpu(), motion.cpu(), change.cpu()

    return Seen(*(torch.cat(parts) for parts in zip(*look(), strict=True)))


class _Given(nn.Module):
    """Hands features on as they are: torchmetrics asks for a module that makes them."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


def frechet(real: Tensor, other: Tensor) -> float:
    """Fréchet distance of two sets of features, float64 [N, F] and [N', F], by torchmetrics.

    |mu - mu'|^2 + tr(S + S' - 2 (S S')^(1/2)) for Gaussians of their means and covariances (Dowson
    and Landau 1982). Biased upwards, the more so the fewer clips: compare it with its floor.
    """
    import_torchvision()
    from torchmetrics.image.fid import FrechetInceptionDistance

    assert real.dtype == other.dtype == torch.float64, "the square root needs double precision"
    distance = FrechetInceptionDistance(feature=_Given(real.shape[1]))
    distance.update(real, real=True)
    distance.update(other, real=False)
    return float(distance.compute())


def freeze(clips: Tensor) -> Tensor:
    """Repeat the first frame of each clip [B, T, C, H, W]."""
    return clips[:, :1].expand_as(clips)


def shuffle(clips: Tensor, indices: Tensor, seed: int) -> Tensor:
    """Put the frames of each clip [B, T, C, H, W] in an order of its own."""
    order = uniform(seed, 0, indices, clips.shape[1], _STREAM).argsort(dim=1)  # [B, T]
    return clips[torch.arange(len(clips), device=clips.device)[:, None], order]


def noise(shape: ClipShape, indices: Tensor, seed: int) -> Tensor:
    """Make clips [B, 16, C, H, W] of independent pixels, uniform in [-1, 1]."""
    size = (FRAMES, shape.channels, shape.height, shape.width)
    pixels = uniform(seed, 0, indices, math.prod(size), _STREAM + 1)
    return pixels.unflatten(1, size) * 2 - 1
