"""The limits of the laws, from real clips that nothing else is measured on; kept in a folder."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch

from train.data import ClipSource
from train.laws import LAWS, MEASURES, Limit, fit_limits, measure_laws
from train.levels import to_levels
from vidgen.release import write_bytes

CLIPS = 400  # real ones of each class: each limit is near the second worst
_FIRST = 10**6  # index of the first; held-out clips to compare with begin at 0
_SEED, _FRAMES = 20260731, 16
_VERSION = 2  # raise when what is measured changes: limits are fitted again


def known_limits(source: ClipSource, cache: Path) -> dict[str, Limit]:
    """Return the limits of each class of a data set that has a law.

    They are the same for every evaluation, however many clips it has: fitted once, within minutes,
    and then read from the cache folder. A file that is no such thing is said to be damaged.
    """
    names = [name.en for name in source.classes]
    lawful = [name for name in names if name in LAWS]
    path = cache / f"limits-{source.name}-{source.fingerprint[:16]}-{CLIPS}-v{_VERSION}.json"
    try:
        known = json.loads(path.read_bytes())
        if isinstance(known, dict) and [*known] == lawful and all(map(_is_limit, known.values())):
            return known
        print(f"{path} is damaged; fitting the limits again", file=sys.stderr)
    except FileNotFoundError:
        pass
    except ValueError as error:
        print(f"{path} is damaged ({error}); fitting the limits again", file=sys.stderr)
    limits: dict[str, Limit] = {}
    for name in lawful:
        labels = np.full(CLIPS, names.index(name))
        measured = measure_laws(_real(source, names.index(name)), labels, names)
        limits |= fit_limits(measured, labels, names)
    write_bytes(path, (json.dumps(limits, indent=1) + "\n").encode())
    return limits


def _is_limit(value: object) -> bool:
    if not isinstance(value, dict) or [*value] != [*MEASURES]:
        return False
    return all(isinstance(part, float) and 0 < part < math.inf for part in value.values())


def _real(source: ClipSource, label: int) -> np.ndarray:
    """Held-out clips of a class: uint8 [N, T, H, W, C]."""
    rows = []
    for indices in torch.arange(_FIRST, _FIRST + CLIPS).split(50):
        times = torch.arange(_FRAMES, dtype=torch.float32).expand(len(indices), -1)
        labels = torch.full_like(indices, label)
        clips = source.render(_SEED, 0, indices, times, labels, split="held-out").clips
        rows.append(to_levels(clips))
    return torch.cat(rows).permute(0, 1, 3, 4, 2).numpy()
