"""Who is judged, by what, and where the findings go."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.data import ClipSource
from train.data.heldout import HeldOut
from train.features import Judge
from train.inversion import Inversion, invert
from train.judge.clips import TIMES, generate, real_clips
from train.judge.distances import Estimate, Sample
from train.judge.memory import Past
from train.judge.nets import Net
from train.judge.sight import Seen, see
from train.judge.tables import FLOOR, MADE, REAL
from train.judge.words import NOT_FINITE
from vidgen.generators import Generator
from vidgen.meanings import Words

_SEARCH = 50  # steps towards each real clip that is to be imitated


@dataclass(frozen=True)
class Subject:
    """A generator, as far as the judge is concerned.

    Attributes:
        classes: how many it knows; 1 = it has no labels.
        max_frames: the longest clip that it makes.
        loops: whether it can close a loop.
        make: clips of labels [N] at some times with some period (0 = no loop), as the same clips
            each time: uint8 [N, T, C, H, W].
        imitate: the clips nearest to real ones.
    """

    classes: int
    max_frames: int
    loops: bool
    make: Callable[[Tensor, Sequence[float], float], Tensor]
    imitate: Callable[[Tensor], Inversion]

    @classmethod
    def of(cls, generator: Generator, seed: int, device: torch.device) -> Subject:
        """Judge a generator at psi 1; clip i has the noise of seed + i."""
        config = generator.config
        return cls(
            config.classes, config.max_frames, config.loops,
            lambda labels, times, loop: generate(generator, labels, seed, device, times, loop),
            lambda real: invert(generator, real, device, steps=_SEARCH, seed=seed),
        )  # fmt: skip

    def asked(self, count: int) -> Tensor:
        """Ask for class i modulo K: int64 [N]."""
        return torch.arange(count) % self.classes


@dataclass(frozen=True)
class Bench:
    """What a generator is measured by.

    Attributes:
        source: real clips, on the CPU.
        judge: the own classifier of these data.
        real: an even number of held-out clips; the first half is what is compared with.
        nets: feature nets that were not trained here.
        cache: folder for what those saw in real clips and in controls.
        seed: of all draws here.
        device: to look on.
        past: of the run that is judged, for its training clips; None if that is not known.
    """

    source: ClipSource
    judge: Judge
    real: HeldOut
    nets: Sequence[Net]
    cache: Path
    seed: int
    device: torch.device
    past: Past | None = None

    @property
    def count(self) -> int:
        """Clips of each kind."""
        return len(self.real.labels) // 2

    def half(self, first: bool) -> Tensor:
        """One half of the real clips: uint8 [N, T, C, H, W]."""
        return real_clips(self.real, 0 if first else self.count, self.count)

    def look(self, pixels: Tensor, name: str) -> Seen:
        """Let the own classifier look."""
        return see(self.judge, pixels, self.device, name)


class View:
    """A generator's clips and the real ones, with what the own classifier sees in them.

    Attributes:
        pixels: generated clips, uint8 [N, T, C, H, W].
        labels: of each set of clips, int64 [N].
        seen: of each set of clips; the controls are made where they are asked for.
    """

    def __init__(self, subject: Subject, bench: Bench) -> None:
        asked, truth = subject.asked(bench.count), torch.from_numpy(bench.real.labels)
        self.subject, self.bench, self.seed = subject, bench, bench.seed
        self.pixels = subject.make(asked, TIMES, 0.0)
        self.labels = {REAL: truth[: bench.count], FLOOR: truth[bench.count :], MADE: asked}
        self.seen = {
            REAL: bench.look(bench.half(True), "real clips"),
            FLOOR: bench.look(bench.half(False), "more real clips"),
            MADE: bench.look(self.pixels, "generated clips"),
        }

    @property
    def labelled(self) -> bool:
        """Whether the generator was asked for classes."""
        return self.subject.classes > 1

    def sample(self, name: str, values: Tensor) -> Sample:
        """Put numbers of a set of clips, or of the first of them, beside their labels."""
        return Sample(values, self.labels[name][: len(values)])


class Findings:
    """What came out.

    Attributes:
        numbers: by name; None is what could not be measured.
        intervals: 95 % intervals of numbers: low, high.
        left_out: why a number is None.
        clips: to show, uint8 [N, T, C, H, W].
        seconds: that each stage took.
    """

    def __init__(self, bench: Bench) -> None:
        self.numbers: dict[str, Any] = {"num_clips": bench.count, "seed": bench.seed}
        self.intervals: dict[str, list[float]] = {}
        self.left_out: dict[str, dict[str, str]] = {}
        self.clips: dict[str, Tensor] = {}
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long a stage takes, and say so."""
        begun = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - begun, 1)
        print(f"{stage}: {self.seconds[stage]} s", file=sys.stderr)

    def add(self, name: str, found: Estimate | float) -> None:
        """Keep a number, with its interval where it has one; what is not finite is none."""
        value, *interval = found.to_list() if isinstance(found, Estimate) else [found]
        if not all(map(math.isfinite, (value, *interval))):
            return self.omit(name, NOT_FINITE)
        self.numbers[name] = value
        if interval:
            self.intervals[name] = interval

    def omit(self, name: str, reason: Words) -> None:
        """Say why a number is missing."""
        self.numbers[name] = None
        self.left_out[name] = reason._asdict()

    def to_dict(self) -> dict[str, Any]:
        """Put it all into a JSON file."""
        kept = {**self.numbers, "intervals": self.intervals, "left_out": self.left_out}
        return kept | ({"seconds": self.seconds} if self.seconds else {})
