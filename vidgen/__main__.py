"""The command line: python -m vidgen generate | releases | pull."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from vidgen.config import ConfigError
from vidgen.export import FORMATS, export, format_of, plan
from vidgen.hub import CHECKPOINTS, Hub, HubError, Shelf, open_shelf
from vidgen.index import INDEX, read_pins
from vidgen.legal import read_number
from vidgen.media import Frames, MediaError, write_file
from vidgen.pull import PLACE, pull
from vidgen.recipe import Recipe, read_recipe
from vidgen.release import ReleaseError, read_info, sha256_of
from vidgen.request import ClipRequest, RequestError, from_form, to_form, validate
from vidgen.rows import Row, row_of

_SUFFIXES = ", ".join(dict.fromkeys(each.suffix for each in FORMATS.values()))
_PIN = "owner/name@40-hex[#sha256]"  # one release on the Hub
# The options of generate that are fields of the form: flag, key, help.
_FIELDS = (
    ("--class", "class", "a class by number or name; 3.4 is 0.6 of class 3 and 0.4 of class 4"),
    ("--class-b", "class_b", "another class, likewise"),
    ("--mix", "mix", "how much of the other class, 0 to 1"),
    ("--seed", "seed", "what the thing looks like, 0 to 4294967295; A, the plane's top left"),
    ("--seed-b", "seed_b", "the other end of the interpolation; B, top right"),
    ("--seed-c", "seed_c", "C, bottom left"),
    ("--seed-d", "seed_d", "D, bottom right"),
    ("--t", "t", "where between the two seeds, from left to right, 0 to 1"),
    ("--u", "u", "where in the plane from top to bottom, 0 to 1"),
    ("--walk", "walk", "2 to 16 seeds with commas, a closed walk in place of the plane"),
    ("--at", "at", "where on the walk: 0 to the number of seeds, which is the first again"),
    ("--motion-seed", "motion", "how the thing moves, 0 to 4294967295"),
    ("--motion-seed-b", "motion_b", "another way to move"),
    ("--motion-t", "motion_t", "where between the two ways to move, 0 to 1"),
    ("--psi", "psi", "0 is the mean of the class, 1 the full variety; up to 1.5"),
    ("--frames", "frames", "how many, 8 to 64"),
    ("--start", "start", "time of the first frame, in frames, 0 to 56"),
    ("--part", "part", "what to look at inside, by name: vgan's mask, a stage of progressive"),
    ("--step", "step", "time between two frames, 0.125 to 4; 0.5 is slow motion"),
)


class UsageError(Exception):
    """A mistake in what was typed; the message says what is legal."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line, without the usage above it


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0, or 2 where something can't be had or is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except RequestError as error:
        flag = next((flag for flag, key, _ in _FIELDS if key == error.field), f"--{error.field}")
        message = f"{flag}: {error}"
    except (UsageError, HubError, ReleaseError, MediaError, ConfigError, OSError) as error:
        message = str(error)
    except KeyboardInterrupt:
        return 130
    print(f"vidgen: {message}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="vidgen", description="Clips from the shell, as the page makes them.")
    commands = parser.add_subparsers(required=True, metavar="generate | releases | pull")
    generate = commands.add_parser("generate", help="write a clip to a file")
    generate.set_defaults(run=_generate)
    generate.add_argument("--release", help=f"a name, a file NAME.safetensors, or {_PIN}")
    generate.add_argument(
        "--from", dest="source", type=Path, metavar="FILE",
        help="make again what this file shows, as far as no other option says otherwise: any "
        "file that was exported",
    )  # fmt: skip
    for flag, key, text in _FIELDS:
        generate.add_argument(flag, dest=key, metavar="X", help=text)
    generate.add_argument("--loop", action="store_const", const="1", help="close the motion")
    generate.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help=f"ends with {_SUFFIXES}"
    )
    generate.add_argument("--scale", metavar="X", help="enlarge each pixel, 1 to 8 times")
    generate.add_argument("--frame", metavar="X", help="only this one of the frames, as a .png")
    releases = commands.add_parser("releases", help="list what there is and where it comes from")
    releases.set_defaults(run=_releases)
    get = commands.add_parser("pull", help="fetch a release, and list it here")
    get.set_defaults(run=_pull)
    get.add_argument("name", help=f"a name from the list, or {PLACE}")
    get.add_argument(
        "--folder", type=Path, default=CHECKPOINTS, help="whose index gets it; default: checkpoints"
    )
    return parser


def _generate(arguments: argparse.Namespace) -> int:
    old = read_recipe(arguments.source) if arguments.source else None
    scale, frame = (_asked(arguments, key, old) for key in ("scale", "frame"))
    name = format_of(arguments.out, frame)  # before anything takes time
    if arguments.frame is not None and name != "frame":
        raise UsageError("--frame needs an --out that ends with .png")
    row, path = _weights(arguments, old)
    form = {key: value for key in ("loop", *(key for _, key, _ in _FIELDS))
            if (value := getattr(arguments, key)) is not None}  # fmt: skip
    for key in ("class", "class_b"):
        if any(mark.isalpha() for mark in form.get(key, "")):
            form[key] = _class_number(key, form[key], row)
    clips = _again(old, arguments.source, form, row) if old else [from_form(form, [row])]
    recipe = plan(name, row, clips, scale, frame, old.fps if old else None)

    def make(requests: Sequence[ClipRequest]) -> list[Frames]:
        from vidgen.engine import Engine  # brings torch, which takes seconds

        engine = Engine()  # one by one: a GPU need not hold them all
        return [engine.render(path, [request])[0] for request in requests]

    begun = time.perf_counter()
    data = export(name, recipe, make)
    seconds = time.perf_counter() - begun
    write_file(arguments.out, data)
    print(
        f"{arguments.out}: {sum(clip.frames for clip in clips)} frames of "
        f"{row.clip.width}x{row.clip.height} from {row.name}, made in {seconds:.2f} s "
        "(the loading included)"
    )
    return 0


def _asked(arguments: argparse.Namespace, key: str, old: Recipe | None) -> float | None:
    """Return an option's number, or what the old file was made with."""
    text = getattr(arguments, key)
    return getattr(old, key, None) if text is None else read_number(key, text)


def _weights(arguments: argparse.Namespace, old: Recipe | None) -> tuple[Row, Path]:
    """Find the release that is named, or else the one that made the old file."""
    if arguments.release:
        row, path = _find(arguments.release)
        if old and row.sha256 != old.sha256:
            words = f"{row.name} is not the release that made it: sha256 {old.sha256}"
            print(f"vidgen: {arguments.source}: {words}", file=sys.stderr)
        return row, path
    if not old:
        raise UsageError("generate needs --release, or --from and a file that names one")
    # Only what is listed here: a file from anywhere opens no path and asks no other Hub repository.
    shelf = open_shelf()
    if old.sha256 not in [row.sha256 for row in shelf.rows()]:
        shelf.start()
        shelf.wait()
    for row in shelf.rows():
        if row.sha256 == old.sha256:
            return row, shelf.path(row.name)
    place = f"{old.hub.repo_id}@{old.hub.revision}#{old.sha256}" if old.hub else "FILE"
    raise UsageError(
        f"{arguments.source} was made by {old.release}, sha256 {old.sha256}, which is not here; "
        f"legal is --release {place}"
    )


def _again(old: Recipe, source: Path, form: Mapping[str, str], row: Row) -> list[ClipRequest]:
    """Return the clips of an old file, each with what the form says otherwise."""
    try:
        clips = [validate(dataclasses.replace(clip, release=row.name), row) for clip in old.clips]
    except RequestError as error:
        raise UsageError(f"{source}: {error}") from error
    if not form:
        return clips
    try:
        return [from_form({**to_form(clip), **form}, [row]) for clip in clips]
    except RequestError:
        raise
    except ValueError as error:
        raise UsageError(f"{source} can be made again only as it is: {error}") from error


def _releases(arguments: argparse.Namespace) -> int:
    shelf = open_shelf()
    shelf.start()
    shelf.wait()
    for row in shelf.rows():
        clip = row.clip
        origin = "shipped with the code"
        if shelf.origin(row.name) == "hub" and row.hub is not None:
            origin = f"Hub, {row.hub.repo_id}@{row.hub.revision[:8]}, in the local cache"
        print(f"{row.name}: {row.title['en']}")
        print(f"  {row.bytes / 1e6:.1f} MB, sha256 {row.sha256[:16]}, {origin}")
        print(f"  {clip.width}x{clip.height}, {clip.frames} frames at {row.fps:g} a second")
        print(f"  {row.family}, {row.parameters:,} parameters")
        if row.parts:
            print("  parts: " + ", ".join(row.parts))
        print("  classes: " + ", ".join(f"{k} {item.en}" for k, item in enumerate(row.classes)))
    _tell_notes(shelf)
    return 0


def _pull(arguments: argparse.Namespace) -> int:
    there = "/" in arguments.name and not arguments.name.endswith(".safetensors")
    if there:
        row, path = pull(arguments.name, arguments.folder, Hub())
    else:
        row, path = _find(arguments.name)
    print(f"{row.name}: {path} ({row.bytes / 1e6:.1f} MB, sha256 {row.sha256})")
    if there and row.hub:
        print(f"{arguments.folder / INDEX} lists it: {row.hub.repo_id}@{row.hub.revision}")
    return 0


def _find(name: str) -> tuple[Row, Path]:
    """Find a release by its name, its file, or its place on the Hub; fetch it if need be."""
    path = Path(name)
    if path.suffix == ".safetensors":
        info = read_info(path)
        return row_of(info, path, sha256_of(path), file="model.safetensors"), path
    pinned = "@" in name
    if pinned and (read_pins(name)[1] or "," in name):
        raise UsageError(f"{name!r:.120} names no release; legal is {_PIN}")
    shelf = open_shelf(extra=name) if pinned else open_shelf()
    if pinned or name not in [row.name for row in shelf.rows()]:
        shelf.start()
        shelf.wait()
    held = name.partition("@")[0] if pinned else name
    path = shelf.path(held)
    return next(row for row in shelf.rows() if row.name == held), path


def _class_number(key: str, text: str, row: Row) -> str:
    """Return the number of a class that is named in either language."""
    for index, item in enumerate(row.classes):
        if text.casefold() in (item.en.casefold(), item.zh.casefold()):
            return str(index)
    names = ", ".join(item.en for item in row.classes)
    raise RequestError(key, text, (f"a number or one of {names}", f"编号或 {names}"))


def _tell_notes(shelf: Shelf) -> None:
    for note in shelf.notes():
        print(f"vidgen: {note.en}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
