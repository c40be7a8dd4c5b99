"""Ready-made pictures that show before any model is loaded: one sheet beside a release file."""

from __future__ import annotations

import json
import os
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
