"""What the judge says of clips: alignment, Fréchet distances with their controls, motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from train.data.draws import uniform
from train.data.heldout import HeldOut
from train.data.mnist import import_torchvision
from train.features import Judge, as_seen

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
    judge: Judge, real: HeldOut, names: Sequence[str], make: Maker, seed: int, device: torch.device
) -> dict[str, Any]:
    """Measure generated clips, and real ones the same way; as many as half of ``real``.

    Classes are balanced: clip i is asked to show class i modulo K. All distances are from the first
    half of the real clips: the floor is that of the second half, and the controls are made of the
    second half, so a control is the floor plus what was done to it. ``motion_explained`` is the
    share of the variance of real motion that the judge explains: it says that it looks at time.

    Args:
        judge: the judge of these data.
        real: an even number of held-out clips.
        names: of the classes.
        make: the generator.
        seed: of the controls.
        device: to look on.
    """
    count = len(real.labels) // 2
    labels = torch.arange(count) % len(names)

    def half(first: int) -> Maker:
        return lambda indices, _: _clips(real, indices.cpu().numpy() + first).to(device)

    def look(make: Maker, name: str) -> Seen:
        return see(judge, make, labels, device, name)

    true, made = look(half(0), "real"), look(make, "generated")
    others = {
        "fd_floor": half(count),
        "fd_frozen": lambda indices, asked: freeze(half(count)(indices, asked)),
        "fd_shuffled": lambda indices, asked: shuffle(half(count)(indices, asked), indices, seed),
        "fd_noise": lambda indices, asked: noise(half(0)(indices, asked), indices, seed),
    }
    motion = torch.from_numpy(real.motion[:count])
    missed = (true.motion - motion).square().mean(dim=0)
    return {
        "alignment": _share(made.named == labels),
        "alignment_real": _share(true.named == labels),
        "fd_own": frechet(true.features, made.features),
        **{key: frechet(true.features, look(maker, key).features) for key, maker in others.items()},
        "motion_ratio": float(made.change.mean() / true.change.mean()),
        "num_clips": count,
        "seed": seed,
        "motion_explained": float((1 - missed / motion.var(dim=0)).mean()),
        "per_class": [_of_class(k, names, labels, made, true) for k in range(len(names))],
    }


def _clips(real: HeldOut, which: np.ndarray) -> Tensor:
    """Read held-out clips: float32 in [-1, 1], [B, T, C, H, W]."""
    pixels = torch.from_numpy(real.clips[which])  # [B, T, H, W, C]
    return pixels.permute(0, 1, 4, 2, 3).float() / 127.5 - 1


def _share(hits: Tensor) -> float:
    return float(hits.double().mean())


def _of_class(
    k: int, names: Sequence[str], labels: Tensor, made: Seen, real: Seen
) -> dict[str, Any]:
    """One class: alignment, what its misses are named most often, and its motion ratio."""
    mine = labels == k
    named = torch.bincount(made.named[mine], minlength=len(names))
    hits, named[k] = int(named[k]), 0
    mistaken = int(named.argmax())
    return {
        "class": names[k],
        "alignment": hits / int(mine.sum()),
        "alignment_real": _share(real.named[mine] == k),
        "mistaken_for": names[mistaken] if named[mistaken] else None,
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


def noise(clips: Tensor, indices: Tensor, seed: int) -> Tensor:
    """Replace clips [B, T, C, H, W] by independent pixels, uniform in [-1, 1]."""
    return uniform(seed, 0, indices, clips[0].numel(), _STREAM + 1).view_as(clips) * 2 - 1
