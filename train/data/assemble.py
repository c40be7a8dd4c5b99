"""Parts of a preparation become a store: one array of frames, its manifest, a sheet a class."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.data import DataError
from train.data.partial import Part, part_frames
from train.data.scan import Found
from train.data.splits import with_splits
from train.data.store import MANIFEST, Manifest, Video, fingerprint
from train.data.tables import shown
from vidgen.config import ClassName, ClipShape, within
from vidgen.preparation import Short
from vidgen.release import write_bytes

MAX_CLASSES = 1000  # that a model may have


@dataclasses.dataclass(frozen=True)
class Naming:
    """What the user says of the data as a whole; ``sources`` is ``Manifest.sources``."""

    name: str
    title: str
    licence: str
    credits: str
    loops: bool
    sources: str
    settings: dict[str, Any]


def class_names(folders: Sequence[str], loops: bool) -> tuple[ClassName, ...]:
    """Make legal names of classes from their folders' names, all different."""
    names: list[str] = []
    for folder in folders:
        text = unicodedata.normalize("NFC", folder.replace("_", " "))
        text = re.sub(r"\s+", " ", re.sub(r"[^\w .,'’()·+-]", " ", text)).strip()[:40].strip()
        text = text or f"class {len(names)}"
        number = 2
        while text in names:
            text = f"{text[:35].removesuffix(f' {number - 1}')} {number}"
            number += 1
        names.append(text)
    return tuple(ClassName(name, name, loops) for name in names)


def assemble(
    folder: Path,
    parts: Sequence[tuple[Found, Part]],
    clip_frames: int,
    fps: float,
    short: Short,
    naming: Naming,
    left_out: Sequence[tuple[str, str]],
) -> Manifest:
    """Write the store of parts: the frames first, then the manifest that names them.

    An older store in the folder stays whole until the new manifest takes its place.

    Raises:
        DataError: no part has enough frames.
        ConfigError: there are more classes than a model may have.
    """
    if not parts:
        first = next((f": {shown(name)} {shown(why)}" for name, why in left_out), "")
        raise DataError(f"no video could be decoded{first}")
    kept, out = _usable(parts, clip_frames, fps, short)
    folders = list(dict.fromkeys(found.label for found, _ in kept))
    within("the number of classes", len(folders), 1, MAX_CLASSES)
    channels = 1 if all(part.grey for _, part in kept) else 3
    side = kept[0][1].shape[1]
    videos, first = [], 0
    for found, part in kept:
        count, about = part.shape[0], part.about
        goes_on = short if count < clip_frames and short != "leave-out" else None
        split = found.split or "train"
        videos.append(Video(found.source, folders.index(found.label), split, first, count, goes_on,
                            **about))  # fmt: skip
        first += count
    temporary = folder / "frames.new"
    digest = _write_frames(temporary, [part for _, part in kept], (first, side, side, channels))
    manifest = Manifest(
        naming.name, naming.title, naming.licence, naming.credits, fps,
        ClipShape(clip_frames, channels, side, side), class_names(folders, naming.loops),
        "", "", naming.sources, naming.settings, tuple(videos), (*left_out, *out),
    )  # fmt: skip
    mark = fingerprint(digest, manifest)
    manifest = dataclasses.replace(manifest, fingerprint=mark, frames=f"frames-{mark[:16]}.npy")
    temporary.replace(folder / manifest.frames)
    write_bytes(folder / MANIFEST, manifest.to_json())
    return manifest


def _usable(
    parts: Sequence[tuple[Found, Part]], clip_frames: int, fps: float, short: Short
) -> tuple[list[tuple[Found, Part]], list[tuple[str, str]]]:
    """Return the parts that clips can be cut from, each with its split, and what is left out."""
    kept, out = [], []
    for found, part in parts:
        count = part.shape[0]
        if count < clip_frames and short == "leave-out":
            have = f"{count} frame{'s' * (count != 1)} at {fps:g} a second"
            out.append((found.source, f"has {have}; a clip has {clip_frames} (see --short)"))
        else:
            kept.append((found, part))
    settled, homeless = with_splits([found for found, _ in kept])
    if not settled:
        raise DataError(
            f"none of {len(parts)} videos has {clip_frames} frames at {fps:g} a second; legal are "
            "fewer --frames, a higher --fps, or --short loop or ping-pong"
        )
    gone = {found.label for found, _ in parts} - {found.label for found in settled}
    out += homeless + [(label, "is a class of which nothing is left") for label in sorted(gone)]
    of_source = {found.source: part for found, part in kept}
    return [(found, of_source[found.source]) for found in settled], out


def _write_frames(path: Path, parts: Sequence[Part], shape: tuple[int, int, int, int]) -> str:
    """Write all parts' frames as one .npy of ``shape``, a part at a time; return their sha256."""
    digest = hashlib.sha256()
    head = {"descr": "|u1", "fortran_order": False, "shape": shape}
    try:
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, head)
            for part in parts:
                frames = part_frames(part)
                if frames is None:
                    part.path.unlink()
                    raise DataError("a decoded file was damaged on disk; run the same once more")
                data = np.ascontiguousarray(frames[..., 1:2] if shape[3] == 1 else frames)
                digest.update(data.data)
                file.write(data.data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def class_sheet(frames: NDArray[np.uint8], manifest: Manifest, label: int) -> NDArray[np.uint8]:
    """Draw up to eight videos of a class (rows), eight moments of each: uint8 [H, W, C].

    The videos are spread over all, the moments over a clip's first frames.
    """
    own = [v for v in manifest.videos if v.label == label]
    shown = [own[i] for i in np.unique(np.linspace(0, len(own) - 1, 8).round().astype(int))]
    rows = []
    for video in shown:
        last = min(video.count, manifest.clip.frames) - 1
        moments = video.first + np.linspace(0, last, 8).round().astype(int)
        rows.append(np.concatenate(list(frames[moments]), axis=1))
    return np.concatenate(rows, axis=0)
