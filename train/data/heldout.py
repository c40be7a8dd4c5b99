"""The fixed held-out clips of a data set: rendered once on the CPU, then mapped from disk."""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from train.data import ClipSource, DataError
from train.levels import to_levels

SEED = 20260731  # of every held-out split; no run may have it
_CHUNK = 64  # clips that are rendered at a time


@dataclass(frozen=True)
class HeldOut:
    """Real clips that training never shows, N of them, clip i of class i modulo K.

    Attributes:
        clips: uint8 [N, T, H, W, C], mapped from disk and read-only.
        labels: int64 [N].
        motion: float32 [N, M], see ``ClipBatch.motion``.
    """

    clips: np.ndarray
    labels: np.ndarray
    motion: np.ndarray


def held_out(source: ClipSource, count: int, frames: int, cache: Path) -> HeldOut:
    """Return the first ``count`` held-out clips at the times 0, 1 ... frames - 1.

    They are kept in the folder ``cache``; files that are missing or damaged are made again.

    Raises:
        DataError: the folder cannot be written to.
    """
    stem = f"{source.name}-{source.fingerprint[:16]}-{count}x{frames}"
    files = (cache / f"{stem}.clips.npy", cache / f"{stem}.truth.npz")
    shape = source.clip_shape
    size = (count, frames, shape.height, shape.width, shape.channels)
    motion = _motion_if_sound(*files, size)
    if motion is None:
        try:
            cache.mkdir(parents=True, exist_ok=True)
            motion = _render(source, size, *files)
        except OSError as error:
            raise DataError(f"cannot keep held-out clips in {cache}: {error.strerror}") from error
    labels = np.arange(count, dtype=np.int64) % len(source.classes)
    return HeldOut(np.load(files[0], mmap_mode="r"), labels, motion)


def _motion_if_sound(
    clips_file: Path, truth_file: Path, size: tuple[int, ...]
) -> np.ndarray | None:
    """The motion, if both files are whole and belong together."""
    try:
        with np.load(truth_file, allow_pickle=False) as truth:
            motion, checksum = truth["motion"], int(truth["checksum"])
        clips = np.load(clips_file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile):
        return None
    sound = clips.shape == size and clips.dtype == np.uint8 and len(motion) == size[0]
    return motion if sound and _checksum(clips) == checksum else None


def _render(
    source: ClipSource, size: tuple[int, ...], clips_file: Path, truth_file: Path
) -> np.ndarray:
    """Render all clips into both files and return their motion; the truth is written last."""
    count, frames = size[:2]
    part = clips_file.with_name(f"{clips_file.name}.{os.getpid()}.part")
    truth_part = truth_file.with_name(f"{truth_file.name}.{os.getpid()}.part")
    motions = []
    try:
        clips = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=size)
        for indices in torch.arange(count).split(_CHUNK):
            times = torch.arange(frames, dtype=torch.float32).expand(len(indices), -1)
            labels = indices % len(source.classes)
            batch = source.render(SEED, 0, indices, times, labels, split="held-out")
            pixels = to_levels(batch.clips)
            clips[indices[0] : indices[-1] + 1] = pixels.permute(0, 1, 3, 4, 2).numpy()
            motions.append(batch.motion.numpy())
        clips.flush()
        motion = np.concatenate(motions)
        with truth_part.open("wb") as file:
            np.savez(file, motion=motion, checksum=np.int64(_checksum(clips)))
        os.replace(part, clips_file)
        os.replace(truth_part, truth_file)
    finally:
        part.unlink(missing_ok=True)
        truth_part.unlink(missing_ok=True)
    return motion


def _checksum(clips: np.ndarray) -> int:
    """CRC-32 of all pixels, read a few clips at a time."""
    total = 0
    for start in range(0, len(clips), _CHUNK):
        total = zlib.crc32(clips[start : start + _CHUNK].tobytes(), total)
    return total
