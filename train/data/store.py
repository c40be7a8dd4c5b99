"""A prepared folder of videos on disk: all frames in one array, and a manifest that explains it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from train.data import DataError, Split
from vidgen.config import ClassName, ClipShape, ConfigError, closed_fields
from vidgen.datasets import FORMAT, MANIFEST


@dataclass(frozen=True)
class Video:
    """One source's place in the store, and what it was.

    Attributes:
        source: its path below the folder that was prepared.
        label: number of its class.
        split: where it belongs.
        first: its first frame's place in the array.
        count: its frames.
        short: how it goes on after its last frame, where it has too few; None where it has enough.
        width: of the file's own pictures, in pixels; height likewise.
        fps: the file's own rate, 0 if unknown; seconds: its own length.
        notes: what was odd about it.
    """

    source: str
    label: int
    split: Split
    first: int
    count: int
    short: Literal["loop", "ping-pong"] | None
    width: int
    height: int
    fps: float
    seconds: float
    notes: list[str]


@dataclass(frozen=True)
class Manifest:
    """Everything about a store but the frames themselves.

    ``sources`` is a hash of what was asked and found: the same again means nothing is to be done.
    """

    name: str
    title: str
    licence: str
    credits: str
    fps: float
    clip: ClipShape
    classes: tuple[ClassName, ...]
    frames: str
    fingerprint: str
    sources: str
    settings: dict[str, Any]
    videos: tuple[Video, ...]
    left_out: tuple[tuple[str, str], ...]
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return it as a JSON document."""
        return (json.dumps(dataclasses.asdict(self), indent=1) + "\n").encode()


def fingerprint(digest: str, manifest: Manifest) -> str:
    """Return what changes when any clip would: a hash of the frames' and of how they are shown."""
    shown = [
        FORMAT, digest, manifest.fps, dataclasses.asdict(manifest.clip),
        [dataclasses.asdict(name) for name in manifest.classes],
        [(v.label, v.split, v.first, v.count, v.short) for v in manifest.videos],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def has_manifest(root: Path | None) -> bool:
    """Is this a folder that ``python -m train prepare`` made?"""
    return root is not None and (root / MANIFEST).is_file()


def read_manifest(root: Path) -> Manifest:
    """Read a store's manifest.

    Raises:
        DataError: there is none, or it is damaged.
    """
    path = root / MANIFEST
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise DataError(
                f"{path} has format {data['format']!r:.20}; this version reads {FORMAT}"
            )
        fields = closed_fields(Manifest, data, "manifest")
        fields["clip"] = ClipShape.from_dict(fields["clip"])
        fields["classes"] = tuple(ClassName.from_dict(name) for name in fields["classes"])
        videos = [Video(**closed_fields(Video, video, "video")) for video in fields["videos"]]
        fields["videos"] = tuple(videos)
        fields["left_out"] = tuple((name, reason) for name, reason in fields["left_out"])
        return Manifest(**fields)
    except FileNotFoundError as error:
        raise DataError(
            f"no prepared videos in {root}: `python -m train prepare VIDEOS --out {root}` makes it"
        ) from error
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}") from error
    except (ConfigError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged: {error}; prepare the videos again") from error


def map_frames(root: Path, manifest: Manifest) -> NDArray[np.uint8]:
    """Map a store's frames into memory: uint8 [N, H, W, C], read as they are asked for.

    Raises:
        DataError: they are missing, or not what the manifest says.
    """
    path, clip = root / Path(manifest.frames).name, manifest.clip
    try:
        frames = np.load(path, mmap_mode="c")  # copy on write: torch warns of what is read-only
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} can't be read: {error}; prepare the videos again") from error
    wanted = (max((v.first + v.count for v in manifest.videos), default=0),
              clip.height, clip.width, clip.channels)  # fmt: skip
    if frames.dtype != np.uint8 or frames.shape != wanted:
        raise DataError(
            f"{path} has {frames.dtype} {frames.shape}; its manifest says uint8 {wanted}; "
            "prepare the videos again"
        )
    return frames
