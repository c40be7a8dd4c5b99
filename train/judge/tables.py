"""The table of distances: each with its floor, its interval and its controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from train.features import FRAMES
from train.judge.controls import CONTROLS, MUST_TELL, RELABELLED
from train.judge.distances import Estimate, Sample, frechet, kid
from train.judge.kept import kept
from train.judge.nets import Net, features
from train.judge.sight import Seen, one_frame, standardise
from train.judge.words import Words, too_few

REAL, FLOOR, MADE = "real", "floor", "generated"  # sets of clips, beside those of CONTROLS
LEAST = 2  # clips a feature: with fewer, a covariance says nothing
_Distance = Callable[[Sample, Sample, int], Estimate]


class Table(NamedTuple):
    """Rows of distances by name, and why others are missing."""

    rows: dict[str, dict[str, Any]]
    left_out: dict[str, Words]

    def __or__(self, other: Table) -> Table:
        return Table(self.rows | other.rows, self.left_out | other.left_out)


def compare(
    samples: Mapping[str, Sample], distance: _Distance, kind: str, seed: int
) -> dict[str, Any]:
    """Measure all sets of clips from the real ones, and name the controls that it fails.

    A spoilt control is told when its whole interval lies above the floor's. Real clips under the
    label of the next class are no control of that kind: their distance may not move.
    """
    real, floor = samples[REAL], samples[FLOOR]
    found = {name: distance(real, other, seed) for name, other in samples.items() if name != REAL}
    classes = int(floor.labels.max()) + 1
    found[RELABELLED] = distance(real, Sample(floor.values, (floor.labels + 1) % classes), seed)
    failed = [name for name in MUST_TELL[kind] if not found[name].above(found[FLOOR])]
    if found[RELABELLED].above(found[FLOOR]) or found[FLOOR].above(found[RELABELLED]):
        failed.append(RELABELLED)
    return {
        "value": found[MADE].to_list(),
        "floor": found[FLOOR].to_list(),
        "controls": {name: found[name].to_list() for name in (*CONTROLS, RELABELLED)},
        "controls_failed": failed,
    }


def _both(
    samples: Mapping[str, Sample], fd_name: str, kid_name: str, kind: str, seed: int
) -> Table:
    """Compare by both distances; by the Fréchet distance only where there are clips enough."""
    count, features = samples[REAL].values.shape
    rows, left_out = {}, {}
    if count < LEAST * features:
        left_out[fd_name] = too_few(count, features, LEAST * features)
    else:
        rows[fd_name] = compare(samples, frechet, kind, seed)
    rows[kid_name] = compare(samples, kid, kind, seed)
    return Table(rows, left_out)


def own_table(seen: Mapping[str, Seen], labels: Mapping[str, Tensor], seed: int) -> Table:
    """Distances on the own classifier, of clips and of one frame each."""
    count = len(labels[REAL])
    frames = standardise({name: one_frame(s.codes) for name, s in seen.items()}, (REAL, FLOOR))
    clips = {name: s.features for name, s in seen.items()}
    table = Table({}, {})
    for kind, length, values in (("clip", FRAMES, clips), ("frame", 1, frames)):
        samples = {name: Sample(values[name], labels[name]) for name in values}
        name = f"{kind}@own_{count}_{length}f"
        table |= _both(samples, f"fd_{name}", f"kid_{name}", kind, seed)
    return table


def net_table(
    net: Net, clips: Mapping[str, Tensor], labels: Mapping[str, Tensor], seed: int
) -> Table:
    """Distances of clips on a feature net that was not trained here, from its features."""
    count = len(clips[REAL])
    values = on_a_scale(net, clips)
    samples = {name: Sample(values[name], labels[name][:count]) for name in values}
    name = f"clip@{net.name}_{count}_{FRAMES}f"
    fd_name = f"fvd{count}_{FRAMES}f" if net.name == "i3d" else f"fd_{name}"
    return _both(samples, fd_name, f"kid_{name}", "clip", seed)


def on_a_scale(net: Net, clips: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give a net's features a common scale, unless a published protocol has its own."""
    return standardise(dict(clips), (REAL, FLOOR)) if net.standardised else dict(clips)


def known_features(
    net: Net, name: str, sets: Mapping[str, Callable[[], Tensor]], cache: Path, device: torch.device
) -> dict[str, Tensor]:
    """Show a net sets of clips that stay the same, once: what it saw is kept in the cache folder.

    Args:
        net: the feature net.
        name: of the clips, which says everything that they depend on.
        sets: makers of clips, uint8 [N, T, C, H, W].
        cache: the folder.
        device: to look on.
    """
    looks = {key: lambda make=make: features(net, make(), device) for key, make in sets.items()}
    return kept(cache / f"{net.name}-{net.version}-{name}.safetensors", looks)
