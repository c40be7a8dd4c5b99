"""What is finished of an unfinished preparation: a file for each source that was decoded."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.data.decode import Decoded, Settings
from train.data.scan import Found

_VERSION = 1  # raise when decoding gives other frames


@dataclass(frozen=True)
class Part:
    """A decoded source on disk: one line of JSON, then its frames' bytes.

    Attributes:
        path: of the file.
        start: where its frames begin, in bytes.
        shape: of the frames uint8 [N, H, W, 3].
        crc: of the frames.
        grey: whether no frame has any colour.
        about: width, height, fps, seconds and notes, as ``Decoded`` has them.
    """

    path: Path
    start: int
    shape: tuple[int, int, int, int]
    crc: int
    grey: bool
    about: dict[str, Any]


def part_path(folder: Path, found: Found, settings: Settings) -> Path:
    """Return where a source's part belongs; another one if the source or the settings changed."""
    what = [_VERSION, found.source, found.kind, found.size, found.mtime_ns]
    key = json.dumps([*what, dataclasses.asdict(settings)])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.part"


def write_part(path: Path, decoded: Decoded) -> None:
    """Write a part, whole or not at all. Without a sync: a crc tells what a power cut left."""
    frames = np.ascontiguousarray(decoded.frames)
    head = {
        "shape": frames.shape,
        "crc": zlib.crc32(frames.data),
        "grey": is_grey(frames),
        "about": {
            "width": decoded.width, "height": decoded.height, "fps": decoded.fps,
            "seconds": decoded.seconds, "notes": list(decoded.notes),
        },
    }  # fmt: skip
    temporary = path.with_suffix(f".{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(json.dumps(head).encode() + b"\n")
            file.write(frames.data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_part(path: Path) -> Part | None:
    """Read a part's head; None if there is no whole part."""
    try:
        with path.open("rb") as file:
            line = file.readline(2**16)
            head = json.loads(line)
            part = Part(path, len(line), tuple(head["shape"]), head["crc"], head["grey"],
                        head["about"])  # fmt: skip
            whole = os.fstat(file.fileno()).st_size == len(line) + int(np.prod(part.shape))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return part if whole else None


def part_frames(part: Part) -> NDArray[np.uint8] | None:
    """Read a part's frames, uint8 [N, H, W, 3]; None if they are not what was written."""
    frames = np.fromfile(part.path, np.uint8, offset=part.start).reshape(part.shape)
    return frames if zlib.crc32(frames.data) == part.crc else None


def is_grey(frames: NDArray[np.uint8]) -> bool:
    """Do all pixels of frames [N, H, W, 3] have the same red, green and blue, but for rounding?"""
    green = frames[..., 1]
    for channel in (0, 2):
        low, high = np.minimum(frames[..., channel], green), np.maximum(frames[..., channel], green)
        if (high - low).max() > 2:
            return False
    return True
