"""`python -m train prepare`: make a data set of a folder of videos."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from train.arguments import count, duration
from train.data import SOURCES, DataError
from train.data.assemble import Naming, assemble, class_names, class_sheet
from train.data.decode import Settings
from train.data.everything import decode_all
from train.data.scan import Scan, scan
from train.data.store import MANIFEST, Manifest, has_manifest, map_frames, read_manifest
from train.data.tables import found_table, listed, used_table
from train.sheets import write_sheet
from vidgen.config import ClipShape, ConfigError, within
from vidgen.datasets import LOCK, PARTS, SHEETS, DataSet
from vidgen.preparation import CROPS, SHORTS, Preparation, is_line

_NOBODY = "The makers of the videos were not named"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("prepare", help="make a data set of a folder of videos")
    parser.add_argument("source", type=Path, help="folder that has a folder of videos a class")
    parser.add_argument("--out", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--size", type=count, default=64, help="side in pixels (default: 64)")
    parser.add_argument("--fps", type=float, default=8.0, help="frames a second (default: 8)")
    parser.add_argument("--frames", type=count, default=16, help="of a clip (default: 16)")
    parser.add_argument(
        "--crop", choices=CROPS, default="center",
        help="the middle square, all with bars, or the square where most moves (default: center)",
    )  # fmt: skip
    parser.add_argument(
        "--short", choices=SHORTS, default="leave-out",
        help="what to do with videos of fewer frames than a clip (default: leave-out)",
    )  # fmt: skip
    parser.add_argument(
        "--longest", type=duration, default=60.0, metavar="TIME",
        help="how much of each video is used, such as 90s (default: 60s)",
    )  # fmt: skip
    parser.add_argument(
        "--picture-fps", type=float, metavar="FPS",
        help="of folders of frames and of strips (default: as --fps)",
    )  # fmt: skip
    parser.add_argument("--loops", action="store_true", help="any motion may be closed to a loop")
    parser.add_argument("--fold", type=int, choices=(1, 2, 3), default=1,
                        help="which lists of UCF-101, if any (default: 1)")  # fmt: skip
    parser.add_argument("--name", help="of the data set (default: after --out)")
    parser.add_argument("--licence", default="unknown", help="of the videos, as its SPDX name")
    parser.add_argument("--credit", default=_NOBODY, help="who made the videos")
    parser.add_argument("--workers", type=count, help="videos decoded at once (default: the cores)")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Prepare; returns the exit code: 0 done, 1 failed, 2 refused, 130 stopped."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names in any script, on any terminal
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    try:
        within("--fps", args.fps, 1, 60, float)  # as in releases
        within("--picture-fps", args.picture_fps or args.fps, 0.1, 240, float)
        settings = Settings(
            args.size, args.fps, args.crop, args.longest, args.picture_fps or args.fps
        )
        ClipShape(args.frames, 3, args.size, args.size)
        naming = _naming(args)
        with _alone(args.out, _asked(args)) as job:
            prepare(args, settings, naming, job)
    except (ConfigError, DataError) as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"prepare: can't write to {args.out}: {error.strerror}; what is decoded stays there, "
            "and the same command goes on",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("prepare: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def prepare(args: argparse.Namespace, settings: Settings, naming: Naming, job: DataSet) -> None:
    """Scan, say what there is, decode what is not decoded yet, and put it together."""
    found = scan(args.source, args.out, args.fold)
    print(found_table(found))
    naming = dataclasses.replace(naming, sources=_fingerprint(found, naming))
    if has_manifest(args.out):
        with contextlib.suppress(DataError):  # a damaged one is as good as none
            old = read_manifest(args.out)
            if old.sources == naming.sources:
                map_frames(args.out, old)
                if (args.out / PARTS).exists():  # the last one was killed after it was done
                    _finish(args.out, old)
                print(f"{args.out} holds these already: nothing to do")
                return
    parts = decode_all(found, settings, args.out / PARTS, args.workers, job.tell)
    try:
        words = (args.frames, args.fps, args.short, naming, found.left_out)
        manifest = assemble(args.out, parts, *words)
    except DataError:
        print(listed("left out", found.left_out))
        raise
    _finish(args.out, manifest)
    print(used_table(manifest))
    print(f"{args.out / MANIFEST}: fingerprint {manifest.fingerprint[:16]}")


def _naming(args: argparse.Namespace) -> Naming:
    title = class_names([args.name or args.out.resolve().name], loops=False)[0].en
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "videos"
    if slug in (*SOURCES, "folder"):
        raise DataError(f"the name {slug!r} is taken; choose another with --name")
    kept = ("size", "fps", "frames", "crop", "short", "longest", "picture_fps", "loops")
    for option in ("licence", "credit"):  # as in releases
        text = getattr(args, option)
        if not is_line(text):
            raise DataError(f"--{option} is {text!r:.80}; legal is a line of text without markup")
    settings: dict[str, Any] = {name: getattr(args, name) for name in kept}
    return Naming(slug, title, args.licence, args.credit, args.loops, "", settings)


def _fingerprint(found: Scan, naming: Naming) -> str:
    what = [dataclasses.asdict(naming), [dataclasses.asdict(f) for f in found.found]]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _asked(args: argparse.Namespace) -> Preparation:
    """Return what was asked in words that another process can ask again."""
    kept = {key: getattr(args, key) for key in Preparation.__annotations__}
    return Preparation(**{**kept, "source": str(args.source.absolute())})


@contextlib.contextmanager
def _alone(folder: Path, asked: Preparation) -> Iterator[DataSet]:
    """Hold a folder as long as one prepares in it; the system lets go of it after any end.

    Whoever looks into the folder finds who that is, what was asked, and how it ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / LOCK).exists() and any(folder.iterdir()):
        raise DataError(f"{folder} holds other files; legal is a new or an empty folder")
    job, code = DataSet(folder), 0
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(f"another preparation is at work in {folder}") from error
        for old in folder.glob(".*.json.*"):  # half written by who was killed
            old.unlink(missing_ok=True)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops as Ctrl-C does
        job.claim(os.getpid())
        job.write_plan(asked)
        try:
            yield job
        except BaseException as error:
            code = 2 if isinstance(error, (ConfigError, DataError)) else 1
            code = 130 if isinstance(error, KeyboardInterrupt) else code
            raise
        finally:
            with contextlib.suppress(OSError):  # a full disk, say: what passes tells it
                job.leave(code)
            if code == 0:
                job.told()
            signal.signal(signal.SIGTERM, before)


def _finish(folder: Path, manifest: Manifest) -> None:
    """Draw the sheets and tidy up; until the parts go, last of all, this is still to be done."""
    frames = map_frames(folder, manifest)
    shutil.rmtree(folder / SHEETS, ignore_errors=True)
    for label, name in enumerate(manifest.classes):
        sheet = class_sheet(frames, manifest, label)
        slug = re.sub(r"\W+", "-", name.en)
        write_sheet(folder / SHEETS / f"{label:03}-{slug}.png", sheet, f"class {label}")
    for old in folder.glob("frames*"):
        if old.name != manifest.frames:
            old.unlink()
    shutil.rmtree(folder / PARTS, ignore_errors=True)
