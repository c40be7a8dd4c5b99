"""Moments of a run, which its training writes for those who watch: clips, and what critics think.

`train.watch` says what is in them; here they are read, and nothing in them is taken on trust.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidgen.beside import UNREADABLE, read_shape

FORMAT = 1
FOLDER = "watch"
KINDS = ("clips", "heat")
SHAPE_KEYS = ("frames", "columns", "rows", "width", "height", "clips", "across")
_MAX_BYTES = 2**18  # of a description
_MAX_PICTURE = 2**24
_STEP = re.compile(r"moment-(\d{7,12})\.json")


def list_moments(run: Path) -> list[int]:
    """Return the steps at which a run was looked at, in order."""
    try:
        found = [_STEP.fullmatch(path.name) for path in (run / FOLDER).iterdir()]
    except OSError:
        return []
    return sorted(int(match[1]) for match in found if match)


def read_moment(run: Path, step: int) -> dict[str, Any] | None:
    """Read what is to be said of a moment; None where there is none, or it is damaged.

    Returns:
        step, clips (seen in training), fps, shape and shown ((class, seed) of each clip) of the
        sheet of clips, heat (the shape of the other sheet), each (clips of a kind that it shows for
        each critic) and critics: kind, scores of real and of fake clips, and the percent of each
        frame of the clips that are shown.
    """
    try:
        path = run / FOLDER / f"moment-{step:07}.json"
        if path.stat().st_size > _MAX_BYTES:
            return None
        words = json.loads(path.read_bytes())
        if words["format"] != FORMAT:
            return None
        shape, fps = read_shape(words["shape"] | {"fps": words["fps"]}, SHAPE_KEYS)
        heat, _ = read_shape(words["heat"] | {"fps": words["fps"]}, SHAPE_KEYS)
        shown = [(int(label), int(seed)) for label, seed in words["shown"]]
        critics = [_critic(each) for each in words["critics"]]
        each = int(words["heat"]["each"])
        if len(shown) != shape["clips"] or heat["clips"] != 2 * each * len(critics):
            return None
        return {
            "step": step, "clips": int(words["clips"]), "fps": fps, "shape": shape,
            "shown": shown, "heat": heat, "each": each, "critics": critics,
        }  # fmt: skip
    except (*UNREADABLE, RecursionError, OverflowError):
        return None


def read_picture(run: Path, step: int, kind: str) -> bytes | None:
    """Return a sheet of a moment, a JPEG; None where there is none."""
    assert kind in KINDS, kind
    path = run / FOLDER / f"{kind}-{step:07}.jpg"
    try:
        return path.read_bytes() if path.stat().st_size <= _MAX_PICTURE else None
    except OSError:  # it was removed: a later one took its place
        return None


def _critic(words: Mapping[str, Any]) -> dict[str, Any]:
    scores = {
        kind: [float(score) for score in words[kind] if math.isfinite(score)]
        for kind in ("real", "fake")
    }
    frames = [[int(share) for share in clip] for clip in words["frames"]]
    return {"kind": str(words["kind"])[:20], **scores, "frames": frames}
