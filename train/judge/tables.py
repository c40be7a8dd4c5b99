"""The table of distances: each with its floor, its interval and its controls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from train.features import FRAMES
from train.judge.controls import CONTROLS, MUST_TELL
from train.judge.distances import Estimate, Sample, frechet, kid
from train.judge.nets import Net, features
from train.judge.sight import Seen, one_frame, standardise
from vidgen.release import write_bytes

REAL, FLOOR, MADE = "real", "floor", "generated"  # sets of clips, beside those of CONTROLS
_Distance = Callable[[Sample, Sample, int], Estimate]


def compare(
    samples: Mapping[str, Sample], distance: _Distance, kind: str, seed: int
) -> dict[str, Any]:
    """Measure all sets of clips from the real ones, and name the controls that were not told.

    A control is told when its whole interval lies above the floor's.
    """
    found = {
        name: distance(samples[REAL], sample, seed)
        for name, sample in samples.items()
        if name != REAL
    }
    missed = [name for name in MUST_TELL[kind] if not found[name].above(found[FLOOR])]
    return {
        "value": found[MADE].to_list(),
        "floor": found[FLOOR].to_list(),
        "controls": {name: found[name].to_list() for name in CONTROLS},
        "controls_failed": missed,
    }


def own_table(
    seen: Mapping[str, Seen], labels: Mapping[str, Tensor], seed: int
) -> dict[str, dict[str, Any]]:
    """Distances on the own classifier, of clips and of one frame each."""
    count = len(labels[REAL])
    frames = standardise({name: one_frame(s.codes) for name, s in seen.items()}, (REAL, FLOOR))
    clips = {name: s.features for name, s in seen.items()}
    table = {}
    for kind, length, values in (("clip", FRAMES, clips), ("frame", 1, frames)):
        samples = {name: Sample(values[name], labels[name]) for name in values}
        for word, distance in (("fd", frechet), ("kid", kid)):
            name = f"{word}_{kind}@own_{count}_{length}f"
            table[name] = compare(samples, distance, kind, seed)
    return table


def net_table(
    net: Net, clips: Mapping[str, Tensor], labels: Mapping[str, Tensor], seed: int
) -> dict[str, dict[str, Any]]:
    """Distances of clips on a feature net that was not trained here, from its features."""
    count = len(clips[REAL])
    values = standardise(dict(clips), (REAL, FLOOR)) if net.standardised else clips
    samples = {name: Sample(values[name], labels[name][:count]) for name in values}
    name = f"{net.name}_{count}_{FRAMES}f"
    fd = f"fvd{count}_{FRAMES}f" if net.name == "i3d" else f"fd_clip@{name}"
    return {
        fd: compare(samples, frechet, "clip", seed),
        f"kid_clip@{name}": compare(samples, kid, "clip", seed),
    }


def known_features(
    net: Net, name: str, sets: Mapping[str, Callable[[], Tensor]], cache: Path, device: torch.device
) -> dict[str, Tensor]:
    """Show a net sets of clips that stay the same, once: what it saw is kept in the cache folder.

    Args:
        net: the feature net.
        name: of the file, which says everything that the clips depend on.
        sets: makers of clips, uint8 [N, T, C, H, W].
        cache: the folder.
        device: to look on.
    """
    path = cache / f"{net.name}-{name}.safetensors"
    try:
        known = load_file(path)
        if set(known) == set(sets):
            return known
    except FileNotFoundError:
        pass
    except (SafetensorError, OSError) as error:
        print(f"{path} is damaged ({error}); looking again", file=sys.stderr)
    known = {name: features(net, make(), device) for name, make in sets.items()}
    write_bytes(path, save(known))
    return known
