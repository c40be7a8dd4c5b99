"""Ready-made pictures that show before any model is loaded: a sheet and a wall beside a release.

`python -m vidgen.catalogue NAME [class=7 seed=3 ...]` makes both for a shipped release. The sheet
shows one clip, which is also the state in which the page first shows that release; the wall shows
every class. Made again after every change of the release file, because pictures of other weights
are not shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vidgen.beside import UNREADABLE, paths_of, read_beside, read_shape, write_beside
from vidgen.request import ClipRequest, from_form, to_form
from vidgen.rows import Row
from vidgen.wall import make_wall

SHAPE_KEYS = ("frames", "columns", "rows", "width", "height")
_KIND = "sheet"


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


def write_ready(folder: Path, row: Row, ready: Ready) -> None:
    """Write the sheet of a release beside it."""
    words = {"form": to_form(ready.request), **ready.shape, "fps": ready.fps}
    write_beside(folder, row, _KIND, ready.data, words)


def read_ready(folder: Path, row: Row) -> Ready | None:
    """Read the sheet of a release; None where there is none, or it is not of this release file."""
    try:
        data, words = read_beside(folder, row, _KIND)
        shape, fps = read_shape(words, SHAPE_KEYS)
        return Ready(from_form(words["form"], [row]), data, shape, fps)
    except UNREADABLE:
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
    """Make the sheet and the wall of one shipped release; return the exit code."""
    # Before torch is imported: threads that spin while they wait are ten times slower where
    # another program, such as a training, has a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
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
        wall = make_wall(CHECKPOINTS, row)
    except (ValueError, ReleaseError, OSError) as error:
        print(f"catalogue: {error}", file=sys.stderr)
        return 2
    for kind, data, words in (
        ("sheet", ready.data, to_form(ready.request)),
        ("wall", wall.data, f"{len(wall.cells)} clips of {wall.shape['frames']} frames"),
    ):
        print(f"{paths_of(CHECKPOINTS, row, kind)[0]}: {len(data)} bytes, {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
