"""What is measured of a release: `measure` asks every question, here and in slow.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.data.heldout import SEED
from train.features import FRAMES
from train.judge import slow
from train.judge.bench import Bench, Findings, Subject, View
from train.judge.controls import CONTROLS, RELABELLED, spoil
from train.judge.distances import kid, of_ratio, of_share
from train.judge.nets import Net, features
from train.judge.tables import FLOOR, MADE, REAL, known_features, net_table, on_a_scale, own_table
from train.judge.words import NO_LABELS, NO_LAWS
from train.laws import (
    LAWS,
    measure_laws,
    median_residual,
    residuals,
    share_lawful,
    share_tracked,
)
from train.laws.limits import CLIPS, known_limits


def measure(subject: Subject, bench: Bench) -> Findings:
    """Measure a generator.

    Classes are balanced. All distances are from the first half of the real clips: the floor is that
    of the second half, and the controls are made of the second half, so a control is the floor plus
    what was done to it.

    Args:
        subject: what is judged.
        bench: what by.
    """
    found = Findings(bench)
    with found.timed("generating"):
        view = View(subject, bench)
    found.clips[MADE] = view.pixels
    for stage, ask in STAGES.items():
        with found.timed(stage):
            ask(view, found)
    return found


def measure_quickly(subject: Subject, bench: Bench) -> Findings:
    """Measure what takes seconds: alignment, KID of clips on every net's features, laws, motion."""
    found, view = Findings(bench), View(subject, bench)
    align(view, found)
    features_of = {"own": {name: view.seen[name].features for name in (MADE, REAL, FLOOR)}}
    for net in bench.nets:
        clips = _seen_by(net, bench, ()) | {MADE: features(net, view.pixels, bench.device)}
        features_of[net.name] = on_a_scale(net, clips)
    found.numbers["distances"] = {}
    for name, values in features_of.items():
        made, real, floor = (view.sample(n, values[n]) for n in (MADE, REAL, FLOOR))
        table = {"value": kid(real, made, view.seed), "floor": kid(real, floor, view.seed)}
        found.numbers["distances"][f"kid_clip@{name}_{len(real.values)}_{FRAMES}f"] = {
            key: estimate.to_list() for key, estimate in table.items()
        }
    obey(view, found)
    compare_change(view, found)
    return found


def align(view: View, found: Findings) -> None:
    """Does it show what it was asked for?"""
    made, real, labels = view.seen[MADE], view.seen[REAL], view.labels[MADE]
    found.add("alignment_real", of_share(real.named == view.labels[REAL]))
    if not view.labelled:
        return found.omit("alignment", NO_LABELS)
    found.add("alignment", of_share(made.named == labels))
    names = [name.en for name in view.bench.source.classes]
    named = torch.zeros(len(names), len(names), dtype=torch.int64)
    named.index_put_((labels, made.named), torch.ones_like(labels), accumulate=True)
    found.numbers["confusion"] = named.tolist()
    found.numbers["per_class"] = [_of_class(k, names, named[k], view) for k in range(len(names))]


def _of_class(k: int, names: Sequence[str], named: Tensor, view: View) -> dict[str, Any]:
    """One class: alignment, what its misses are named most often, and its motion ratio."""
    made, real = view.labels[MADE] == k, view.labels[REAL] == k
    missed = named.clone()
    missed[k] = 0
    mistaken = int(missed.argmax())
    change = view.seen[MADE].change[made].mean() / view.seen[REAL].change[real].mean()
    return {
        "class": names[k],
        "alignment": int(named[k]) / int(made.sum()),
        "alignment_real": float((view.seen[REAL].named[real] == k).double().mean()),
        "mistaken_for": names[mistaken] if missed[mistaken] else None,
        "mistaken_share": int(missed[mistaken]) / int(made.sum()),
        "motion_ratio": float(change),
    }


def tell_apart(view: View, found: Findings) -> None:
    """All distances, with their floors and controls; and do the controls do what they must?"""
    bench, labels = view.bench, dict(view.labels)
    seen = dict(view.seen)
    for control in CONTROLS:
        seen[control] = bench.look(spoil(bench.half(False), control, view.seed), control)
        labels[control] = labels[FLOOR]
    table = own_table(seen, labels, view.seed)
    for net in bench.nets:
        clips = _seen_by(net, bench, CONTROLS)
        clips |= {MADE: features(net, view.pixels, bench.device)}
        table |= net_table(net, clips, labels, view.seed)
    found.left_out |= {name: reason._asdict() for name, reason in table.left_out.items()}
    failed = [f"{name}: {c}" for name, row in table.rows.items() for c in row["controls_failed"]]
    named, truth = seen[FLOOR].named, labels[FLOOR]
    shifted = of_share(named == (truth + 1) % len(bench.source.classes))
    found.add("alignment_shifted", shifted)
    if not of_share(named == truth).above(shifted):
        failed.append(f"alignment: {RELABELLED}")
    found.numbers |= {
        "distances": table.rows,
        "controls_failed": failed,
        "motion_explained": _explained(view),
    }


def _explained(view: View) -> float:
    """The share of the variance of real motion that the classifier explains: it looks at time."""
    truth = torch.from_numpy(view.bench.real.motion[: view.bench.count])
    missed = (view.seen[REAL].motion - truth).square().mean(dim=0)
    return float((1 - missed / truth.var(dim=0)).mean())


def _seen_by(net: Net, bench: Bench, controls: Collection[str]) -> dict[str, Tensor]:
    """What a net sees in real clips and in controls; they are the same for every release."""
    second = bench.half(False)[: net.clips]
    sets = {
        REAL: lambda: bench.half(True),
        FLOOR: lambda: second,
        **{name: lambda name=name: spoil(second, name, SEED) for name in controls},
    }
    source, count = bench.source, min(net.clips, bench.count)
    name = f"{source.name}-{source.fingerprint[:16]}-{count}of{bench.count}"
    name += "" if controls else "-real"
    return known_features(net, name, sets, bench.cache, bench.device)


def obey(view: View, found: Findings) -> None:
    """Does it keep the laws of what it shows?"""
    names = [name.en for name in view.bench.source.classes]
    if not set(names) & set(LAWS):
        return found.omit("laws", NO_LAWS)
    if not view.labelled:
        return found.omit("laws", NO_LABELS)
    limits = known_limits(view.bench.source, view.bench.cache)
    found.numbers["laws_limits"] = limits
    counts: dict[str, Any] = {"limits": CLIPS}
    found.numbers["laws_counts"] = counts
    for name, key, pixels in (
        (MADE, "laws", view.pixels),
        (REAL, "laws_real", view.bench.half(True)),
    ):
        labels = view.labels[name]
        clips = pixels.permute(0, 1, 3, 4, 2).numpy()
        measured = measure_laws(clips, labels.numpy(), names)
        ratios = residuals(measured, labels.numpy(), names, limits)
        found.numbers[f"{key}_by_class"] = share_lawful(ratios, labels.numpy(), names)
        found.numbers[f"{key}_tracked"] = share_tracked(ratios, labels.numpy(), names)
        found.numbers[f"{key}_residual"] = median_residual(ratios, labels.numpy(), names)
        judged, lawful = (torch.from_numpy(rows) for rows in (~np.isnan(ratios), ratios <= 1))
        found.add(key, of_share(lawful[judged]))
        counts[name] = [int(lawful[judged].sum()), int(judged.sum())]


def compare_change(view: View, found: Findings) -> None:
    """Does it move as much as real clips do?"""
    made, real = (view.sample(name, view.seen[name].change) for name in (MADE, REAL))
    found.add("motion_ratio", of_ratio(made, real, view.seed))


STAGES: dict[str, Callable[[View, Findings], None]] = {
    "alignment": align,
    "distances": tell_apart,
    "laws": obey,
    "change": compare_change,
    "optical flow": slow.follow,
    "diversity": slow.vary,
    "training clips": slow.remember,
    "lessons": slow.teach,
    "inversion": slow.imitate,
    "long clips": slow.drift,
    "loops": slow.seam,
}
