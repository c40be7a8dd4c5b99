"""`python -m train publish`: a release, its card, numbers and report to the Hub, in one commit."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from train.levels import to_levels
from train.measured import MetricsError, read_metrics, read_report, report_pictures
from train.model_card import REPORT, SAMPLE_CLASSES, SAMPLE_SEEDS, SAMPLES, card, picture_name
from train.sheets import sample
from train.upload import PublishError, Target, upload
from vidgen.config import ConfigError
from vidgen.generators import Generator
from vidgen.media import encode_gif, write_file
from vidgen.release import ReleaseError, ReleaseInfo, load_generator, sha256_of
from vidgen.rows import FILENAME, HubPin, demand_repo_id, row_of

SUMS = "SHA256SUMS"
_METRICS = "metrics.json"
_PICTURES = ("nearest", "inversion")  # of the report; the card has a moving picture of its own
# What one release has and another lacks.
_MAY_LACK = {_METRICS, REPORT, SAMPLES, *map(picture_name, _PICTURES)}


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("publish", help="upload a release to the Hub, with its card")
    parser.add_argument("--release", type=Path, required=True, help="the release file")
    parser.add_argument("--repo", required=True, help="OWNER/NAME; it is made if it is not there")
    parser.add_argument("--out", type=Path, help="keep what is uploaded in this new folder")
    parser.add_argument(
        "--public", action="store_true", help="show a new repository to all; default: to you alone"
    )
    parser.add_argument("--dry-run", action="store_true", help="write the folder, send nothing")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Publish; returns the exit code: 0 done, 2 wrong input, 3 no token, 4 no Hub, 5 refused."""
    try:
        return _publish(args)
    except PublishError as error:
        print(f"publish: {error}", file=sys.stderr)
        return error.code
    except (ConfigError, MetricsError, OSError, ReleaseError) as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2


def _publish(args: argparse.Namespace) -> int:
    demand_repo_id(args.repo)
    release: Path = args.release
    generator, info = load_generator(release)  # refuses what would not load on a page
    sha256 = sha256_of(release)
    metrics = read_metrics(release, sha256)
    report = None if metrics is None else read_report(release, sha256)
    if args.out is not None and args.out.exists() and any(args.out.iterdir()):
        raise PublishError(f"--out {args.out} is not empty; name a new folder")
    with tempfile.TemporaryDirectory(prefix="vidgen-publish-") as scratch:
        folder = args.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        samples = write_samples(generator, info, folder / SAMPLES)
        shutil.copyfile(release, folder / FILENAME)
        shown = write_report(folder, report)
        write_texts(folder, info, metrics, card(info, sha256, metrics, args.repo, samples, shown))
        for path in sorted(folder.iterdir()):
            print(f"{path.stat().st_size:>10}  {path.name}")
        if args.dry_run:
            print(f"dry run: nothing was sent to {args.repo}")
            return 0
        files = {path.name: path for path in folder.iterdir() if path.is_file()}
        # Of all that is sent: the same weights with other numbers are another publication.
        tag = f"step-{info.step}-{sha256_of(folder / SUMS)[:8]}"
        target = Target(args.repo, _MAY_LACK.__contains__, public=args.public, tag=tag)
        sent = upload(files, target, f"Publish {info.name}, step {info.step}")
    if not sent.new:
        print(f"{args.repo} holds all this already: nothing was sent")
    shipped = (release.parent / "index.json").exists()
    pin = HubPin(args.repo, sent.commit)
    row = row_of(info, release, sha256, file=release.name if shipped else None, hub=pin)
    print(f"commit {sent.commit}, tag {tag}")
    print(f"VIDGEN_RELEASES={args.repo}@{sent.commit}#{sha256}")
    print(json.dumps(row.to_dict(), ensure_ascii=False))
    return 0


def write_texts(
    folder: Path, info: ReleaseInfo, metrics: Mapping[str, Any] | None, card: str
) -> None:
    """Write what goes to the Hub beside the release and its samples; the checksums last."""
    texts = {"config.json": json.dumps(info.to_dict(), ensure_ascii=False, indent=1) + "\n"}
    texts["README.md"] = card
    if metrics is None:
        print(f"no {_METRICS}: the release was not evaluated", file=sys.stderr)
    else:
        texts[_METRICS] = json.dumps(metrics, ensure_ascii=False, indent=1) + "\n"
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    sums = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def write_report(folder: Path, report: str | None) -> list[str] | None:
    """Write the report, and each of its pictures as a file that a card can show: their names."""
    if report is None:
        print(f"no {REPORT}: only a whole evaluation writes one", file=sys.stderr)
        return None
    (folder / REPORT).write_text(report, encoding="utf-8")
    pictures = report_pictures(report)
    shown = [key for key in _PICTURES if key in pictures]
    for key in shown:
        (folder / picture_name(key)).write_bytes(pictures[key])
    return [picture_name(key) for key in shown]


def write_samples(generator: Generator, info: ReleaseInfo, path: Path) -> bool:
    """Render fixed seeds as a GIF: a column a class, a row a seed. False where Pillow is not."""
    times = [float(frame) for frame in range(info.model.clip.frames)]
    labels = range(min(len(info.classes), SAMPLE_CLASSES))
    rows = [
        sample(generator, labels, [seed] * len(labels), times, torch.device("cpu"))
        for seed in SAMPLE_SEEDS
    ]
    clips = torch.stack(rows).permute(2, 0, 4, 1, 5, 3)  # [S, K, T, C, H, W] -> [T, S, H, K, W, C]
    frames = clips.flatten(3, 4).flatten(1, 2)  # [T, S*H, K*W, C]
    try:
        levels = to_levels(frames).numpy()
        write_file(path, encode_gif(levels, info.fps))
    except ModuleNotFoundError as error:
        print(f"no samples in the card: {error.name} is not installed", file=sys.stderr)
        return False
    return True
