"""`python -m train publish`: a release, its card, numbers and report to the Hub, in one commit."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from train.levels import to_levels
from train.measured import MetricsError, read_metrics, read_report, report_pictures
from train.model_card import REPORT, SAMPLE_CLASSES, SAMPLE_SEEDS, SAMPLES, card, picture_name
from train.sheets import sample
from vidgen.config import ConfigError
from vidgen.fetch import classify, time_for
from vidgen.generators import Generator
from vidgen.media import encode_gif, write_file
from vidgen.process import call_limited
from vidgen.release import ReleaseError, ReleaseInfo, load_generator, sha256_of
from vidgen.rows import FILENAME, HubPin, demand_repo_id, row_of

NO_TOKEN, NO_NETWORK, REFUSED = 3, 4, 5  # exit codes, beside 2: what was asked for is wrong
_PATIENCE = 60.0  # seconds of silence; the Hub may take some to make a commit
_METRICS = "metrics.json"
_PICTURES = ("nearest", "inversion")  # of the report; the card has a moving picture of its own
# What one release has and another lacks.
_MAY_LACK = {_METRICS, REPORT, SAMPLES, *map(picture_name, _PICTURES)}
_UNREACHED = {
    "offline": "HF_HUB_OFFLINE is set",
    "slow": "it did not answer in time",
    "unreachable": "it cannot be reached",
    "truncated": "the connection broke",
    "busy": "it asks for fewer requests (HTTP 429)",
    "down": "it has a fault of its own",
}


class PublishError(Exception):
    """A publication that does not happen; the message says why, ``code`` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("publish", help="upload a release to the Hub, with its card")
    parser.add_argument("--release", type=Path, required=True, help="the release file")
    parser.add_argument("--repo", required=True, help="OWNER/NAME; it is made if it is not there")
    parser.add_argument("--out", type=Path, help="keep what is uploaded in this new folder")
    parser.add_argument("--private", action="store_true", help="make a new repository private")
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
        commit = upload(folder, args.repo, f"Publish {info.name}, step {info.step}", args.private)
    shipped = (release.parent / "index.json").exists()
    pin = HubPin(args.repo, commit)
    row = row_of(info, release, sha256, file=release.name if shipped else None, hub=pin)
    print(f"commit {commit}")
    print(f"VIDGEN_RELEASES={args.repo}@{commit}#{sha256}")
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
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


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


def upload(folder: Path, repo: str, message: str, private: bool = False) -> str:
    """Send a folder in one commit, and return the commit's hash.

    Raises:
        PublishError: no token, no Hub, or the Hub refuses.
    """
    from huggingface_hub import get_session, get_token

    if get_token() is None:
        raise PublishError("no token: set HF_TOKEN, or log in with `hf auth login`", NO_TOKEN)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    limit = time_for(sum(path.stat().st_size for path in files))
    get_session().timeout = _PATIENCE  # the client has none: it would wait for ever
    try:
        return call_limited(partial(_commit, files, repo, message, private), limit)
    except Exception as error:  # the client's types differ by version; classify knows them
        raise _failure(error, repo) from error


def _commit(files: list[Path], repo: str, message: str, private: bool) -> str:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    api = HfApi()
    try:
        head = api.model_info(repo, timeout=_PATIENCE)
    except RepositoryNotFoundError:
        api.create_repo(repo, exist_ok=True, private=private or None)
        head = api.model_info(repo, timeout=_PATIENCE)
    there = {item.rfilename for item in head.siblings or ()}
    old = there & _MAY_LACK - {path.name for path in files}  # of a release that was there before
    commit = api.create_commit(
        repo,
        [
            *(CommitOperationAdd(path.name, path) for path in files),
            *(CommitOperationDelete(name) for name in sorted(old)),
        ],
        commit_message=message,
        parent_commit=head.sha,  # refused if somebody else commits in between
    )
    return commit.oid


def _failure(error: Exception, repo: str) -> PublishError:
    kind, values = classify(error)
    if kind in _UNREACHED:
        reason = f"the Hub: {_UNREACHED[kind]}; publish again, nothing is sent twice"
        return PublishError(f"nothing was published as far as is known: {reason}", NO_NETWORK)
    reason = getattr(error, "server_message", None) or (str(error).strip().splitlines() or [""])[-1]
    if "status" in values:
        return PublishError(f"the Hub refused {repo} (HTTP {values['status']}): {reason}", REFUSED)
    return PublishError(
        f"the Hub's answer for {repo} makes no sense ({type(error).__name__}: {reason}); look at "
        "the repository before you try again",
        REFUSED,
    )
