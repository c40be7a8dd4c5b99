"""`python -m train evaluate`: measure a release, write NAME.metrics.json and NAME.report.html."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from train.data import ClipSource, DataError, open_source
from train.data.heldout import held_out
from train.features import FRAMES, load_or_train
from train.judge.bench import Bench, Subject
from train.judge.measure import measure
from train.judge.memory import Past
from train.judge.nets import NetError, i3d, installed
from train.judge.quick import judge_quick
from train.judge.report import report
from train.judge.words import within
from train.measured import report_path
from vidgen.config import ConfigError
from vidgen.generators import Generator
from vidgen.latent import MAX_SEED
from vidgen.release import ReleaseError, load_generator, sha256_of, write_bytes

MIN_CLIPS = 128  # twice the features: below, a covariance says nothing


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
    parser.add_argument("--i3d", type=Path, metavar="FILE", help="TorchScript of FVD's net")
    parser.add_argument("--quick", action="store_true", help="only what a table needs; no report")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Evaluate; returns the exit code: 0 done, 1 failed, 2 refused."""
    try:
        args.out.parent.mkdir(parents=True, exist_ok=True)  # refused now, not after the work
        metrics, page = evaluate(args)
        text = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_bytes(args.out, text.encode())
        if page is None:  # one of older numbers would contradict these
            report_path(args.out).unlink(missing_ok=True)
        else:
            write_bytes(report_path(args.out), page.encode())
    except (EvaluateError, ConfigError, DataError, NetError, ReleaseError) as error:
        print(f"train evaluate: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"train evaluate: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(table(metrics))
    return 0


def evaluate(args: argparse.Namespace) -> tuple[dict[str, Any], str | None]:
    """Load the release, its data and their judge, and measure: numbers and the report."""
    device = torch.device(args.device)
    generator, info = load_generator(args.release, args.device)
    source = open_source(info.dataset["name"], args.data_root, "cpu", args.download)
    _check(args, generator, source)
    if source.fingerprint != info.dataset["fingerprint"]:
        print("note: the release was trained on another version of these data", file=sys.stderr)
    about = {"release_sha256": sha256_of(args.release)}
    nets = installed(device) + ([i3d(args.i3d, device)] if args.i3d else [])
    if args.quick:
        found = judge_quick(generator, source, args.cache, args.clips, args.seed, device, nets)
        return found | about, None
    begun = time.perf_counter()
    on_device = open_source(source.name, args.data_root, device, args.download)
    judge = load_or_train(on_device, args.cache, device)
    real = held_out(source, 2 * args.clips, FRAMES, args.cache)
    prepared = {"real clips and their judge": round(time.perf_counter() - begun, 1)}
    bench = Bench(source, judge, real, nets, args.cache, args.seed, device, Past.of(info))
    found = measure(Subject.of(generator, args.seed, device), bench)
    metrics = found.to_dict() | about | {"seconds": prepared | found.seconds}
    metrics["classifier"] = {
        "data_fingerprint": source.fingerprint,
        "motion_explained": metrics.pop("motion_explained"),
        "preset": dataclasses.asdict(judge.config),
    }
    return metrics, report(info, metrics, found.clips)


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
    if config.classes not in (1, len(source.classes)):
        raise EvaluateError(
            f"{args.release} has {config.classes} classes; {source.name} has {len(source.classes)}"
        )
    least = max(MIN_CLIPS, len(source.classes))
    if args.clips < least:
        raise EvaluateError(f"--clips is {args.clips}; legal is {least} or more")
    if not 0 <= args.seed <= MAX_SEED:
        raise EvaluateError(f"--seed is {args.seed}; legal is 0 to {MAX_SEED}")


def table(metrics: dict[str, Any]) -> str:
    """Lay out the numbers, and the classes that fared worst, for reading."""
    lines = [
        f"{key:22} {value:.4g}{within(metrics['intervals'].get(key))}"
        for key, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    for name, row in metrics["distances"].items():
        value, *interval = row["value"]
        lines.append(f"{name:30} {value:.4g}{within(interval)}, real {row['floor'][0]:.4g}")
    lines += [f"control failed: {failed}" for failed in metrics.get("controls_failed", [])]
    lines += [f"no {name}: {reason['en']}" for name, reason in metrics["left_out"].items()]
    rows = metrics.get("per_class", [])
    if rows:
        lines.append("worst classes:")
    for row in sorted(rows, key=lambda row: row["alignment"])[:3]:
        taken = f", named {row['mistaken_for']} in {row['mistaken_share']:.0%}"
        lines.append(
            f"  {row['class']}: {row['alignment']:.0%} of real {row['alignment_real']:.0%}"
            f"{taken if row['mistaken_for'] else ''}; motion {row['motion_ratio']:.2f}"
        )
    return "\n".join(lines)
