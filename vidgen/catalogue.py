"""Ready-made pictures that show before any model is loaded: one sheet beside a release file.

`python -m vidgen.catalogue NAME [class=7 seed=3 ...]` makes the sheet of a shipped release; what it
shows is also the state in which the page first shows that release. Made again after every change
of the release file, because a sheet of other weights is not shown.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vidgen.legal import RequestError
from vidgen.request import ClipRequest, from_form, to_form
from vidgen.rows import Row

FORMAT = 1
MAX_BYTES = 2**20  # of a sheet, and of its description
SHAPE_KEYS = ("frames", "columns", "rows", "width", "height")
_MAX_SIDE = 2**14  # of a sheet in pixels: what every browser decodes


@dataclass(frozen=True)
class Ready:
    """A sheet that was made beforehand.

    Attributes:
        request: what it shows; also the state in which its release is first seen.
        data: the sheet, a JPEG.
        shape: frames, columns, rows, width and height (of one frame in pixels).
        fps: frames a second.
    """

    request: ClipRequest
    data: bytes
    shape: Mapping[str, int]
    fps: float


def paths_of(folder: Path, row: Row) -> tuple[Path, Path]:
    """Return where the sheet and its description of a release lie."""
    stem = row.name.replace("/", "-")
    return folder / f"{stem}.sheet.jpg", folder / f"{stem}.sheet.json"


def write_ready(folder: Path, row: Row, ready: Ready) -> None:
    """Write the sheet of a release beside it; the description names the release's checksum."""
    sheet, description = paths_of(folder, row)
    words = {
        "format": FORMAT,
        "release_sha256": row.sha256,
        "form": to_form(ready.request),
        **ready.shape,
        "fps": ready.fps,
    }
    for path, data in ((sheet, ready.data), (description, json.dumps(words, indent=1).encode())):
        half = path.with_name(path.name + ".part")
        half.write_bytes(data)
        os.replace(half, path)


def read_ready(folder: Path, row: Row) -> Ready | None:
    """Read the sheet of a release; None where there is none, or it is not of this release file."""
    sheet, description = paths_of(folder, row)
    try:
        if max(sheet.stat().st_size, description.stat().st_size) > MAX_BYTES:
            return None
        words = json.loads(description.read_bytes())
        if words["format"] != FORMAT or words["release_sha256"] != row.sha256:
            return None
        shape = {key: words[key] for key in SHAPE_KEYS}
        if not all(type(value) is int and 0 < value <= _MAX_SIDE for value in shape.values()):
            return None
        fps = float(words["fps"])
        if shape["columns"] * shape["rows"] < shape["frames"] or not 0 < fps <= 240:
            return None
        request = from_form(words["form"], [row])
        return Ready(request, sheet.read_bytes(), shape, fps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RequestError):
        return None  # the page then draws the first picture live


def make_ready(folder: Path, row: Row, form: Mapping[str, str]) -> Ready:
    """Make the sheet of a shipped release and write it beside the release.

    Args:
        folder: holds the release file.
        row: the release.
        form: what to show, under the keys of a form; what is missing is default.

    Raises:
        RequestError: the form is not legal.
        ReleaseError: the file is not a release.
    """
    from vidgen.clip import Clip, Timings, encode_sheet
    from vidgen.engine import Engine  # brings torch, which takes seconds

    request = from_form({**form, "release": row.name}, [row])
    (frames,) = Engine("cpu").render(folder / str(row.file), [request])
    sheet = encode_sheet(Clip(frames, row.fps, request, Timings(0, 0), "cpu"))
    shape = {key: getattr(sheet, key) for key in SHAPE_KEYS}
    ready = Ready(request, sheet.data, shape, row.fps)
    write_ready(folder, row, ready)
    return ready


def main(arguments: list[str]) -> int:
    """Make the sheet of one shipped release; return the exit code."""
    from vidgen.hub import CHECKPOINTS
    from vidgen.index import read_index
    from vidgen.release import ReleaseError

    rows = {row.name: row for row in read_index(CHECKPOINTS)[0]}
    pairs = [pair.partition("=") for pair in arguments[1:]]
    if not arguments or arguments[0] not in rows or not all(sign for _, sign, _ in pairs):
        print(f"catalogue: legal is NAME [key=value ...], NAME one of {[*rows]}", file=sys.stderr)
        return 2
    row = rows[arguments[0]]
    form = {key: value for key, _, value in pairs}
    try:
        ready = make_ready(CHECKPOINTS, row, form)
    except (RequestError, ReleaseError, OSError) as error:
        print(f"catalogue: {error}", file=sys.stderr)
        return 2
    print(f"{paths_of(CHECKPOINTS, row)[0]}: {len(ready.data)} bytes, {to_form(ready.request)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
