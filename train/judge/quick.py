"""The judge in a hurry: what a table of many short runs needs of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from train.data import ClipSource
from train.data.heldout import held_out
from train.features import FRAMES, load_or_train
from train.judge.bench import Bench, Subject
from train.judge.measure import measure_quickly
from train.judge.nets import Net
from vidgen.generators import Generator
from vidgen.release import load_generator


def judge_quick(
    release: Path | Generator,
    source: ClipSource,
    cache: Path,
    clips: int = 500,
    seed: int = 0,
    device: torch.device | str = "cpu",
    nets: Sequence[Net] = (),
) -> dict[str, Any]:
    """Measure a generator in seconds: alignment, KID of clips, laws, motion ratio.

    The keys are those of the metrics file, as far as they go: ``intervals`` has the 95 % interval
    of a number, ``distances`` has [value, low, high]; what the generator cannot do is None, and
    ``left_out`` says why.

    Args:
        release: a release file, or a generator on ``device``.
        source: real clips of its size, on the CPU.
        cache: folder of judges and held-out clips; a judge that is missing is trained (minutes).
        clips: how many to generate, and to take of each half of the real ones.
        seed: of the generated clips and of the bootstrap.
        device: to work on.
        nets: feature nets for more KIDs, beside that of the own classifier's features.
    """
    device = torch.device(device)
    generator = load_generator(release, str(device))[0] if isinstance(release, Path) else release
    judge = load_or_train(source, cache, device)
    real = held_out(source, 2 * clips, FRAMES, cache)
    bench = Bench(source, judge, real, nets, cache, seed, device)
    return measure_quickly(Subject.of(generator, seed, device), bench).to_dict()
