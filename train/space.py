"""`python -m train space`: a Space of one's own, with the page and the releases that one names."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from train.measured import MetricsError
from train.ship import ship
from train.upload import PublishError, Target, upload
from vidgen.config import ConfigError
from vidgen.fetch import Hub
from vidgen.hub import CHECKPOINTS
from vidgen.index import read_index, write_row
from vidgen.notes import HubError
from vidgen.pull import pull
from vidgen.release import ReleaseError
from vidgen.rows import Row, demand_repo_id

HOUSE = CHECKPOINTS.parent
_FILES = ("app.py", "LICENSE", "requirements.txt")
_FOLDERS = ("vidgen", "checkpoints")
# What ZeroGPU runs (its documentation, August 2026): torch 2.8 to 2.11, Python 3.12.12 and 3.10.13.
_TORCH = "torch>=2.8,<2.12            # runs the generator; what ZeroGPU has"
_HARDWARE = "zero-a10g"
_COMPANIONS = tuple(  # pictures that need no model
    f".{kind}.{suffix}" for kind in ("sheet", "wall", "lapse") for suffix in ("jpg", "json")
)


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("space", help="put the page with your releases on a Space")
    parser.add_argument(
        "--release", action="append", required=True, metavar="RELEASE",
        help="a name from checkpoints/, a file, or owner/name[@revision] on the Hub; repeat it",
    )  # fmt: skip
    parser.add_argument("--repo", required=True, help="OWNER/SPACE; it is made if it is not there")
    parser.add_argument("--title", help="of the Space; default: the first release's")
    parser.add_argument("--out", type=Path, help="keep what is uploaded in this new folder")
    parser.add_argument("--public", action="store_true", help="show a new Space to all")
    parser.add_argument("--dry-run", action="store_true", help="write the folder, send nothing")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Build; returns the exit code: 0 done, 2 wrong input, 3 no token, 4 no Hub, 5 refused."""
    try:
        return _build(args)
    except PublishError as error:
        print(f"space: {error}", file=sys.stderr)
        return error.code
    except (ConfigError, HubError, MetricsError, OSError, ReleaseError) as error:
        print(f"space: {error}", file=sys.stderr)
        return 2


def _build(args: argparse.Namespace) -> int:
    demand_repo_id(args.repo)
    if args.out is not None and args.out.exists() and any(args.out.iterdir()):
        raise PublishError(f"--out {args.out} is not empty; name a new folder")
    with tempfile.TemporaryDirectory(prefix="vidgen-space-") as scratch:
        folder = Path(scratch) / "space"
        write_space(folder, args.release, args.title, Hub())
        files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        size = sum(path.stat().st_size for path in files.values())
        print(f"{len(files)} files, {size / 1e6:.1f} MB, for {args.repo}")
        if args.out is not None:
            shutil.copytree(folder, args.out, dirs_exist_ok=True)
            print(f"written to {args.out}; `python app.py` in it serves it here")
        if args.dry_run:
            print("dry run: nothing was sent")
            return 0
        target = Target(args.repo, owns, kind="space", public=args.public)
        sent = upload(files, target, "Build the Space with vidgen")
    print(f"commit {sent.commit}" if sent.new else f"{args.repo} holds all this already")
    print(f"https://huggingface.co/spaces/{args.repo}: choose ZeroGPU or a CPU in its settings")
    return 0


def owns(name: str) -> bool:
    """Is a file of the Space one that this verb writes? Others, like .gitattributes, stay."""
    return name in (*_FILES, "README.md") or name.startswith(tuple(f"{f}/" for f in _FOLDERS))


def write_space(folder: Path, releases: Sequence[str], title: str | None, hub: Hub) -> None:
    """Write all that a Space needs: page, releases with index and cards, requirements, README.

    Args:
        folder: new.
        releases: names in checkpoints/, files, or places on the Hub, each shipped with its numbers.
        title: of the Space.
        hub: where places on the Hub are asked for.
    """
    folder.mkdir(parents=True)
    for name in _FILES:
        shutil.copyfile(HOUSE / name, folder / name)
    shutil.copytree(HOUSE / "vidgen", folder / "vidgen", ignore=_no_caches)
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir()
    rows = [_add(checkpoints, release, hub) for release in releases]
    if len({row.name for row in rows}) < len(rows):
        raise ConfigError("--release names two releases of one name; legal is each name once")
    text = (folder / "requirements.txt").read_text(encoding="utf-8")
    (folder / "requirements.txt").write_text(for_zerogpu(text), encoding="utf-8")
    _write_readme(folder / "README.md", title, rows)


def _no_caches(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or name.endswith(".pyc")}


def for_zerogpu(requirements: str) -> str:
    """Narrow the line of torch to the versions that ZeroGPU has, and add its own package."""
    lines = [_TORCH if line.startswith("torch") else line for line in requirements.splitlines()]
    return "\n".join([*lines, "spaces                     # lends a GPU; does nothing without", ""])


def _add(checkpoints: Path, release: str, hub: Hub) -> Row:
    """Ship one release into the Space, with what the page shows before it is loaded."""
    shipped = {row.name: row for row in read_index(CHECKPOINTS)[0]}
    if release in shipped and shipped[release].file:
        source = CHECKPOINTS / str(shipped[release].file)
    elif release.endswith(".safetensors"):
        source = Path(release)
    elif "/" in release:
        with tempfile.TemporaryDirectory() as scratch:
            pulled = pull(release, Path(scratch), hub)
        row = ship(pulled.path, checkpoints, name=pulled.row.name)
        if row.sha256 == pulled.row.sha256:
            row = dataclasses.replace(row, hub=pulled.row.hub)
            write_row(checkpoints, row)
        return row
    else:
        names = ", ".join(shipped)
        raise ConfigError(f"release is {release!r:.120}; legal are {names}, a file, owner/name")
    row = ship(source, checkpoints)
    for suffix in _COMPANIONS:
        companion = source.with_name(source.stem + suffix)
        if companion.exists() and source.stem == row.name:
            shutil.copyfile(companion, checkpoints / companion.name)
    return row


def _write_readme(path: Path, title: str | None, rows: Sequence[Row]) -> None:
    """Write the Space's card: what the Hub reads in front, and a page for people."""
    from huggingface_hub import metadata_load, metadata_save

    names = "\n".join(f"- {row.title['en']} (`{row.name}`)" for row in rows)
    path.write_text(
        "Move class, seed and interpolation, and a generated clip follows your hand.\n\n"
        f"{names}\n\nWhat each was trained on, its licence and its numbers: "
        "[checkpoints/README.md](checkpoints/README.md). Built with `python -m train space` of "
        "vidgen.\n",
        encoding="utf-8",
    )
    front = metadata_load(HOUSE / "README.md") or {}
    front |= {"title": title or rows[0].title["en"], "suggested_hardware": _HARDWARE}
    models = sorted({row.hub.repo_id for row in rows if row.hub})
    metadata_save(path, front | ({"models": models} if models else {}))
