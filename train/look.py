"""What a data set's clips look like, as far as that decides how to train on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from train.data import ClipSource, Split
from vidgen.config import MAX_FRAMES

_CLIPS = 96  # that are looked at


@runtime_checkable
class Recorded(Protocol):
    """A data set of so many videos of such lengths, where others make clips without end."""

    counts: Mapping[Split, tuple[int, ...]]  # videos by class
    longest: int  # frames that a clip of any class can have


class Look(NamedTuple):
    """What some clips of a data set look like.

    Attributes:
        common: share of pixels that hardly differ from the data set's median picture.
        edge: mean step between neighbours of a picture with 64 pixels a side, of a range of 2.
        clips: how many videos there are to train on; None where clips are made without end.
        longest: how many frames a clip can have.
    """

    common: float
    edge: float
    clips: int | None
    longest: int


def look(source: ClipSource, device: torch.device) -> Look:
    """Look at a few clips, the same ones each time."""
    frames = source.clip_shape.frames
    times = torch.tensor([0.0, frames // 2], device=device).expand(_CLIPS, -1)
    clips = source.render(0, 0, torch.arange(_CLIPS, device=device), times).clips
    pictures = clips.flatten(0, 1)  # [N, C, H, W]
    apart = (pictures - pictures.median(dim=0).values).abs().amax(dim=1)
    edge = torch.diff(pictures.mean(dim=1), dim=-1).abs().mean()
    count, longest = None, MAX_FRAMES
    if isinstance(source, Recorded):
        count, longest = sum(source.counts["train"]), source.longest
    finer = source.clip_shape.width / 64
    return Look((apart < 0.1).float().mean().item(), edge.item() * finer, count, longest)
