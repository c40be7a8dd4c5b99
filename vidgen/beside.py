"""Pictures that lie beside a release file, each with a description that names its checksum."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vidgen.rows import Row

FORMAT = 1
MAX_BYTES = 2**20  # of a picture, and of its description
_MAX_SIDE = 2**14  # of a picture in pixels: what every browser decodes
# What reading raises where a picture is missing, damaged or of other weights; RequestError is one.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


def paths_of(folder: Path, row: Row, kind: str) -> tuple[Path, Path]:
    """Return where the picture of a kind ("sheet", "wall") and its description lie."""
    stem = row.name.replace("/", "-")
    return folder / f"{stem}.{kind}.jpg", folder / f"{stem}.{kind}.json"


def write_beside(folder: Path, row: Row, kind: str, data: bytes, words: Mapping[str, Any]) -> None:
    """Write a picture and its description beside a release."""
    picture, description = paths_of(folder, row, kind)
    text = json.dumps({"format": FORMAT, "release_sha256": row.sha256, **words}, indent=1)
    for path, content in ((picture, data), (description, f"{text}\n".encode())):
        half = path.with_name(path.name + ".part")
        half.write_bytes(content)
        os.replace(half, path)


def read_beside(folder: Path, row: Row, kind: str) -> tuple[bytes, dict[str, Any]]:
    """Return a picture and its description; one of UNREADABLE unless it is of this very release."""
    picture, description = paths_of(folder, row, kind)
    if max(picture.stat().st_size, description.stat().st_size) > MAX_BYTES:
        raise ValueError(f"{picture} or its description is too large")
    words = json.loads(description.read_bytes())
    if words["format"] != FORMAT or words["release_sha256"] != row.sha256:
        raise ValueError(f"{description} is of another release or format")
    return picture.read_bytes(), words


def read_shape(words: Mapping[str, Any], keys: Iterable[str]) -> tuple[dict[str, int], float]:
    """Return the numbers that say how a sheet is laid out, and its frames a second."""
    shape = {key: words[key] for key in keys}
    if not all(type(value) is int and 0 < value <= _MAX_SIDE for value in shape.values()):
        raise ValueError(f"a shape is {shape}")
    fps = float(words["fps"])
    if shape["columns"] * shape["rows"] < shape["frames"] or not 0 < fps <= 240:
        raise ValueError(f"a shape is {shape}, {fps} frames a second")
    return shape, fps
