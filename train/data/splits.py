"""Which sources are trained on and which are held out: by source, never by frame."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

from train.data import Split
from train.data.scan import Found

_HELD_OUT = 10  # one source in so many, at least one a class


def with_splits(found: list[Found]) -> tuple[list[Found], list[tuple[str, str]]]:
    """Give each source a split: as told, else by a hash of its group, one in ten held out.

    A class with two groups or more has one in each split at least. A class that was told to be held
    out as a whole can't be trained on: it is returned as what is left out.
    """
    split: dict[str, Split] = {}
    left_out = []
    for label in dict.fromkeys(f.label for f in found):
        own = [f for f in found if f.label == label]
        told = {f.split for f in own}
        if told == {"held-out"}:
            left_out += [(f.source, "is of a class without videos to train on") for f in own]
        elif "held-out" in told:
            split |= {f.source: f.split or "train" for f in own}
        else:
            keys = {f.group: hashlib.sha256(os.fsencode(f.group)).digest() for f in own}
            order = sorted(keys, key=keys.__getitem__)
            held = {group for group in order if keys[group][0] < 256 / _HELD_OUT} or {order[0]}
            held.discard(order[-1])
            split |= {f.source: "held-out" if f.group in held else "train" for f in own}
    return [replace(f, split=split[f.source]) for f in found if f.source in split], left_out
