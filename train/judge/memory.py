"""What a run was trained on, and which of it is nearest to some clips: was it learned by heart?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from train import features
from train.data import ClipSource
from train.features import Judge
from train.judge.clips import as_input
from train.levels import to_levels
from vidgen.release import ReleaseInfo


@dataclass(frozen=True)
class Past:
    """What decides the clips that a run was trained on: its seed, its draws, the clips of each."""

    seed: int
    draws: int
    batch: int

    @classmethod
    def of(cls, info: ReleaseInfo) -> Past | None:
        """Read it from a release; None where it is not on record or there was no training."""
        batch, turns = info.train.get("batch"), info.train.get("critic_steps", 1)
        if not isinstance(batch, int) or not isinstance(turns, int) or info.step == 0:
            return None
        return cls(info.seed, info.step * turns, batch)

    @property
    def count(self) -> int:
        """Clips in all."""
        return self.draws * self.batch

    def spread(self, most: int) -> list[int]:
        """Draws from all of its course with ``most`` clips together, or all if there are fewer."""
        wanted = min(math.ceil(most / self.batch), self.draws)
        return torch.linspace(0, self.draws - 1, wanted).long().tolist()


def training_clips(source: ClipSource, past: Past, draw: int, rows: Tensor | None = None) -> Tensor:
    """Render the clips of a draw, or some rows of them, again: uint8 [M, T, C, H, W].

    They are its clips with its labels at the judge's times; the run may have seen them at others.
    """
    rows = torch.arange(past.batch) if rows is None else rows
    times = features.stamps(len(rows), torch.device("cpu"))
    return to_levels(source.render(past.seed, draw, rows, times).clips)


@dataclass
class Nearest:
    """The nearest training clip of each of N clips, so far.

    Attributes:
        away: how far it is, float64 [N].
        draw: of the run that showed it, int64 [N].
        row: its place in that draw, int64 [N].
    """

    away: Tensor
    draw: Tensor
    row: Tensor

    @classmethod
    def none_yet(cls, count: int) -> Nearest:
        """Begin to look."""
        nowhere = torch.full((count,), -1)
        return cls(torch.full((count,), math.inf, dtype=torch.float64), nowhere, nowhere.clone())

    def see(self, codes: Tensor, training: Tensor, draw: int) -> None:
        """Compare features [N, F] with those of a draw's clips [M, F]."""
        away, row = torch.cdist(codes, training).min(dim=1)
        nearer = away < self.away
        self.away = torch.where(nearer, away, self.away)
        self.row = torch.where(nearer, row, self.row)
        self.draw[nearer] = draw

    def clips(self, source: ClipSource, past: Past, chosen: Tensor) -> Tensor:
        """Render the nearest training clips of some of the clips: uint8 [M, T, C, H, W]."""
        pairs = zip(self.draw[chosen].tolist(), self.row[chosen].split(1), strict=True)
        return torch.cat([training_clips(source, past, draw, row) for draw, row in pairs])


def search(
    source: ClipSource, past: Past, judge: Judge, sought: Mapping[str, Tensor], most: int,
    device: torch.device,
) -> tuple[dict[str, Nearest], int]:  # fmt: skip
    """Look through up to about ``most`` training clips for the nearest to each clip of some sets.

    Only one draw of the run is in memory at a time.

    Args:
        source: of the training clips, on the CPU.
        past: which they were.
        judge: what looks at them.
        sought: its features of clips, float64 [N, F], by name of the set.
        most: how many to look through.
        device: of the judge.

    Returns:
        What was found for each set, and how many training clips were looked through.
    """
    found = {name: Nearest.none_yet(len(codes)) for name, codes in sought.items()}
    count = 0
    for draw, codes in _looked_at(source, past, judge, most, device):
        count += len(codes)
        for name, nearest in found.items():
            nearest.see(sought[name], codes, draw)
    return found, count


@torch.inference_mode()
def _looked_at(
    source: ClipSource, past: Past, judge: Judge, most: int, device: torch.device
) -> Iterator[tuple[int, Tensor]]:
    draws = past.spread(most)
    for draw in tqdm(draws, desc="looking through training clips", leave=False, disable=None):
        clips = training_clips(source, past, draw)
        yield draw, judge(as_input(clips, device)).double().cpu()
