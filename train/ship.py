"""`python -m train ship`: put a release into checkpoints/, with its row and its model card."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from train.measured import (
    MetricsError,
    metrics_path,
    read_metrics,
    read_report,
    report_path,
)
from train.model_card import shipped_card
from vidgen.config import ConfigError
from vidgen.hub import CHECKPOINTS
from vidgen.index import INDEX, read_index, write_row
from vidgen.lapse import ship_lapse
from vidgen.release import (
    ReleaseError,
    load_generator,
    read_info,
    save_release,
    sha256_of,
    write_bytes,
)
from vidgen.rows import Row, row_of

MAX_SHIPPED_BYTES = 10 * 10**6
_README = """# Shipped releases

What `make demo` shows without a network. `index.json` lists them with their checksums; this page is
written by `python -m train ship`. The numbers are made from the finished files by
`python -m train evaluate` and lie beside them.
"""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("ship", help="put a release into checkpoints/")
    parser.add_argument("--release", type=Path, required=True, help="the release file")
    parser.add_argument("--folder", type=Path, default=CHECKPOINTS, help="default: checkpoints")
    parser.add_argument("--name", help="ship it under this name (default: its own)")
    parser.add_argument("--half", action="store_true", help="store float16: half the size")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Ship; returns the exit code: 0 done, 2 refused with nothing changed."""
    try:
        row = ship(args.release, args.folder, args.name, args.half)
    except (ConfigError, MetricsError, OSError, ReleaseError, ValueError) as error:
        print(f"ship: {error}", file=sys.stderr)
        return 2
    print(f"{args.folder / str(row.file)}: {row.bytes} bytes, sha256 {row.sha256}")
    if not metrics_path(args.folder / str(row.file)).exists():
        print("not measured yet: run evaluate on the shipped file, then ship it again")
    return 0


def ship(release: Path, folder: Path, name: str | None = None, half: bool = False) -> Row:
    """Copy a release, its metrics and its report into a folder; write its row and the model cards.

    A release that is renamed or stored in half precision becomes another file, so its metrics stay
    behind: evaluate the shipped file, and ship that again, in place, to get them into the card.
    Where it lies in the folder of a run that was watched, the time-lapse of its training ships too.

    Raises:
        ReleaseError: not a release, or too large to ship.
        MetricsError: the metrics or the report beside it were made from another file.
    """
    known = _rows(folder)  # refuses an index that would lose rows
    info = read_info(release)
    packed = half or name not in (None, info.name)
    data = _packed(release, name or info.name, half) if packed else _loadable(release)
    own = sha256_of(release)
    same = hashlib.sha256(data).hexdigest() == own  # it may have been packed before
    metrics = read_metrics(release, own) if same else None
    report = read_report(release, own) if metrics is not None else None
    if len(data) > MAX_SHIPPED_BYTES:
        raise ReleaseError(
            f"{release} would ship as {len(data)} bytes; legal is up to {MAX_SHIPPED_BYTES} "
            "(--half stores half of it)"
        )
    target = folder / f"{name or info.name}.safetensors"
    write_bytes(target, data)
    sha256 = sha256_of(target)
    row = row_of(read_info(target), target, sha256, file=target.name)
    if row.name in known and known[row.name].sha256 == sha256:
        row = dataclasses.replace(row, hub=known[row.name].hub)
    if metrics is None:
        metrics_path(target).unlink(missing_ok=True)
    else:
        text = json.dumps(metrics, ensure_ascii=False, indent=1) + "\n"
        write_bytes(metrics_path(target), text.encode())
    if report is None:
        report_path(target).unlink(missing_ok=True)
    else:
        write_bytes(report_path(target), report.encode())
    write_row(folder, row)
    ship_lapse(release.parent, info.step, folder, row)
    write_cards(folder)
    return row


def _loadable(release: Path) -> bytes:
    """Return the file's bytes, after loading it as the page will."""
    load_generator(release)
    return release.read_bytes()


def _packed(release: Path, name: str, half: bool) -> bytes:
    """Return the release as another file: under another name, in half precision, or both."""
    generator, info = load_generator(release)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "release.safetensors"
        save_release(path, generator, dataclasses.replace(info, name=name), half)
        return path.read_bytes()


def _rows(folder: Path) -> dict[str, Row]:
    """Return the rows of a folder's index by name; none where there is no index yet."""
    rows, notes = read_index(folder) if (folder / INDEX).exists() else ([], [])
    if notes:
        raise ConfigError(f"{folder / INDEX}: {notes[0].en}")
    return {row.name: row for row in rows}


def write_cards(folder: Path) -> None:
    """Write README.md: a model card for each release of a folder's index."""
    parts = [_README]
    for name, row in _rows(folder).items():
        path = folder / str(row.file)
        if row.file is None or not path.exists():
            continue
        metrics, report = None, None
        with contextlib.suppress(MetricsError):  # of another file: as good as none
            metrics = read_metrics(path, row.sha256)
            if metrics and read_report(path, row.sha256):
                report = report_path(path).name
        parts.append(shipped_card(read_info(path), name, row.sha256, metrics, report))
    write_bytes(folder / "README.md", "\n".join(parts).encode())
