"""Where releases are listed: checkpoints/index.json and VIDGEN_RELEASES.

Both are borders: what is not legal is left out and noted, the rest is used.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from vidgen.config import ConfigError
from vidgen.notes import Note, note
from vidgen.release import write_bytes
from vidgen.rows import HubPin, Row, demand_sha256

INDEX = "index.json"
FORMAT = 1
VARIABLE = "VIDGEN_RELEASES"
PIN_FORM = "owner/name@40-hex or owner/name@40-hex#sha256, separated by commas"
MAX_PINS = 16
_MAX_BYTES = 2**20


def _read_document(path: Path) -> list[object]:
    """Return the rows as they stand; raise ConfigError or OSError where there are none to read."""
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"it is longer than {_MAX_BYTES} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or set(document) != {"format", "releases"}:
        raise ConfigError("it has other keys than format and releases")
    if document["format"] != FORMAT:
        raise ConfigError(f"format is {document['format']!r:.40}; legal is {FORMAT}")
    if not isinstance(document["releases"], list):
        raise ConfigError("releases is not a list")
    return document["releases"]


def read_index(folder: Path) -> tuple[list[Row], list[Note]]:
    """Read the index of a folder.

    Returns:
        The legal rows in their order, and one note for each thing that had to be left out.
    """
    path = folder / INDEX
    try:
        document = _read_document(path)
    except (ConfigError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return [], [note("no-index", INDEX, file=path.name, why=why)]
    rows: dict[str, Row] = {}
    notes: list[Note] = []
    for number, item in enumerate(document, start=1):
        try:
            row = Row.from_dict(item)
            if "/" in row.name:  # such names belong to releases from the Hub
                raise ConfigError(f"name is {row.name!r}; legal is a word without a slash")
            if row.name in rows:
                raise ConfigError(f"name is {row.name!r} again; legal is a name once")
            rows[row.name] = row
        except ConfigError as error:
            notes.append(note("bad-row", f"Row {number}", why=error))
    return list(rows.values()), notes


def write_row(folder: Path, row: Row) -> None:
    """Add a row to the index of a folder, or replace the one of the same name.

    An index that cannot be read whole is left as it is (ConfigError), so that nothing is lost; who
    writes at the same time waits.
    """
    path = folder / INDEX
    with _alone(folder):
        _replace_row(path, row)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder against others that do so too; it leaves no file, and ends with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace_row(path: Path, row: Row) -> None:
    folder = path.parent
    rows, notes = read_index(folder) if path.exists() else ([], [])
    if notes:
        raise ConfigError(f"{path} is not rewritten: {notes[0].en}")
    by_name = {known.name: known for known in rows} | {row.name: row}
    document = {"format": FORMAT, "releases": [known.to_dict() for known in by_name.values()]}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_bytes(path, text.encode())  # which leaves no half file where the disk is full


def read_pins(text: str) -> tuple[list[tuple[HubPin, str | None]], list[Note]]:
    """Read VIDGEN_RELEASES: ``owner/name@40-hex`` or ``owner/name@40-hex#sha256``, commas between.

    Returns:
        (pin, sha256 or None) for each legal part, and a note for each other part.
    """
    pins: dict[HubPin, str | None] = {}
    notes: list[Note] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        address, mark, sha256 = part.partition("#")
        repo_id, _, revision = address.partition("@")
        try:
            pin = HubPin(repo_id, revision)
            if mark:
                demand_sha256(sha256)
            if pin in pins:
                raise ConfigError("it is named twice")
            if len(pins) == MAX_PINS:
                raise ConfigError(f"there are more than {MAX_PINS}")
            pins[pin] = sha256 or None
        except ConfigError as error:
            shown = f"{part:.120}"
            notes.append(
                note("setting", f"{VARIABLE} {shown}", value=shown, why=error, legal=PIN_FORM)
            )
    return list(pins.items()), notes
