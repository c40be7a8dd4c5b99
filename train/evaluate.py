"""`python -m train evaluate`: measure a release against real clips, and write NAME.metrics.json."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.data import ClipSource, DataError, open_source
from train.data.heldout import held_out
from train.features import FRAMES, load_or_train
from train.measures import Maker, measure
from train.sheets import sample
from vidgen.config import ConfigError
from vidgen.generators import Generator
from vidgen.latent import MAX_SEED
from vidgen.release import ReleaseError, load_generator, sha256_of, write_bytes

MIN_CLIPS = 128  # twice the features: below, a covariance says nothing
TIMES = tuple(float(t) for t in range(FRAMES))


class EvaluateError(Exception):
    """An evaluation that can't be made; the message names the value and what is legal."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("evaluate", help="measure a release against real clips")
    parser.add_argument("--release", type=Path, required=True, metavar="FILE")
    parser.add_argument("--data-root", type=Path, help="folder of the data set's files")
    parser.add_argument("--download", action="store_true", help="fetch missing data files")
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.metrics.json")
    parser.add_argument("--clips", type=int, default=1000, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--device", choices=("cuda", "cpu", "mps"), default="cpu")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/vidgen"), help="folder of judges and real clips"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Evaluate; returns the exit code: 0 done, 1 failed, 2 refused."""
    try:
        args.out.parent.mkdir(parents=True, exist_ok=True)  # refused now, not after the work
        metrics = evaluate(args)
        write_bytes(args.out, (json.dumps(metrics, indent=1, ensure_ascii=False) + "\n").encode())
    except (EvaluateError, ConfigError, DataError, ReleaseError) as error:
        print(f"train evaluate: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"train evaluate: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(table(metrics))
    return 0


def evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Load the release, its data and their judge, and measure."""
    device = torch.device(args.device)
    generator, info = load_generator(args.release, args.device)
    source = open_source(info.dataset["name"], args.data_root, device, args.download)
    _check(args, generator, source)
    if source.fingerprint != info.dataset["fingerprint"]:
        print("note: the release was trained on another version of these data", file=sys.stderr)
    judge = load_or_train(source, args.cache, device)
    on_cpu = open_source(source.name, args.data_root, "cpu", args.download)
    real = held_out(on_cpu, 2 * args.clips, FRAMES, args.cache)
    names = [name.en for name in source.classes]
    metrics = measure(judge, real, names, clips_of(generator, args.seed), args.seed, device)
    judged_by = {
        "data_fingerprint": source.fingerprint,
        "motion_explained": metrics.pop("motion_explained"),
        "preset": dataclasses.asdict(judge.config),
    }
    per_class = metrics.pop("per_class")
    digest = sha256_of(args.release)
    return {**metrics, "release_sha256": digest, "classifier": judged_by, "per_class": per_class}


def _check(args: argparse.Namespace, generator: Generator, source: ClipSource) -> None:
    """Refuse what could only give wrong numbers."""
    config = generator.config
    shape, wanted = config.clip, source.clip_shape
    if (shape.channels, shape.height, shape.width) != (
        wanted.channels,
        wanted.height,
        wanted.width,
    ):
        raise EvaluateError(f"{args.release} makes {shape}; legal for {source.name} is {wanted}")
    if config.classes != len(source.classes):
        raise EvaluateError(
            f"{args.release} has {config.classes} classes; {source.name} has {len(source.classes)}"
        )
    least = max(MIN_CLIPS, config.classes)
    if args.clips < least:
        raise EvaluateError(f"--clips is {args.clips}; legal is {least} or more")
    if not 0 <= args.seed <= MAX_SEED:
        raise EvaluateError(f"--seed is {args.seed}; legal is 0 to {MAX_SEED}")


def clips_of(generator: Generator, seed: int) -> Maker:
    """Return the maker of a generator's clips at psi 1: clip i has the noise of seed + i."""

    def make(indices: Tensor, labels: Tensor) -> Tensor:
        seeds = [(seed + i) % (MAX_SEED + 1) for i in indices.tolist()]
        return sample(generator, labels.tolist(), seeds, TIMES, indices.device).to(indices.device)

    return make


def table(metrics: dict[str, Any]) -> str:
    """Lay out the numbers, and the classes that fared worst, for reading."""
    lines = [
        f"{key:15} {value:.4g}"
        for key, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    lines.append("worst classes:")
    for row in sorted(metrics["per_class"], key=lambda row: row["alignment"])[:3]:
        taken = f", named {row['mistaken_for']} in {row['mistaken_share']:.0%}"
        lines.append(
            f"  {row['class']}: {row['alignment']:.0%} of real {row['alignment_real']:.0%}"
            f"{taken if row['mistaken_for'] else ''}; motion {row['motion_ratio']:.2f}"
        )
    return "\n".join(lines)
