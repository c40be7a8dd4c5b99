"""What is measured of a release: each question is a function below, `measure` asks them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.data.heldout import SEED
from train.features import FRAMES
from train.judge import motion, variety
from train.judge.bench import Bench, Findings, Subject, View
from train.judge.clips import TIMES
from train.judge.controls import CONTROLS, spoil
from train.judge.distances import Sample, kid, of_mean, of_ratio
from train.judge.nets import Net, features
from train.judge.tables import FLOOR, MADE, REAL, known_features, net_table, own_table
from train.judge.words import NO_LABELS, NO_LAWS, NO_LOOPS, too_short
from train.laws import LAWS, fit_limits, measure_laws, share_lawful

_SHOWN = 64  # clips whose nearest training clips are looked for
_TRAINING = 2000  # training clips that are looked through
_MOVING = 100  # clips for what costs much a clip: optical flow, long clips, loops
_LONGER = 4  # times the trained length
_IMITATED = 10  # real clips that the generator is made to imitate
_LESSONS = 200  # steps of the classifier that learns from generated clips


def measure(subject: Subject, bench: Bench, run_seed: int) -> Findings:
    """Measure a generator.

    Classes are balanced. All distances are from the first half of the real clips: the floor is that
    of the second half, and the controls are made of the second half, so a control is the floor plus
    what was done to it.

    Args:
        subject: what is judged.
        bench: what by.
        run_seed: of the run that trained it, for its training clips.
    """
    found, view = Findings(bench), View(subject, bench)
    found.clips[MADE] = view.pixels
    align(view, found)
    tell_apart(view, found)
    obey(view, found)
    compare_change(view, found)
    _follow(view, found)
    _vary(view, found, run_seed)
    _teach(view, found)
    _imitate(view, found)
    _last(view, found)
    _close(view, found)
    return found


def measure_quickly(subject: Subject, bench: Bench) -> Findings:
    """Measure what takes seconds: alignment, KID of clips on the own features, motion ratio."""
    found, view = Findings(bench), View(subject, bench)
    align(view, found)
    ours, theirs, floor = (view.sample(n, view.seen[n].features) for n in (MADE, REAL, FLOOR))
    name = f"kid_clip@own_{bench.count}_{FRAMES}f"
    table = {"value": kid(theirs, ours, view.seed), "floor": kid(theirs, floor, view.seed)}
    found.numbers["distances"] = {name: {key: e.to_list() for key, e in table.items()}}
    obey(view, found)
    compare_change(view, found)
    return found


def align(view: View, found: Findings) -> None:
    """Does it show what it was asked for?"""
    made, real, labels = view.seen[MADE], view.seen[REAL], view.labels[MADE]
    found.add(
        "alignment_real", of_mean(view.sample(REAL, real.named == view.labels[REAL]), view.seed)
    )
    if not view.labelled:
        return found.omit("alignment", NO_LABELS)
    found.add("alignment", of_mean(view.sample(MADE, made.named == labels), view.seed))
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
        clips = _seen_by(net, bench) | {MADE: features(net, view.pixels, bench.device)}
        table |= net_table(net, clips, labels, view.seed)
    shifted = (view.labels[FLOOR] + 1) % len(bench.source.classes)
    found.numbers |= {
        "distances": table,
        "controls_failed": [
            f"{name}: {control}"
            for name, row in table.items()
            for control in row["controls_failed"]
        ],
        "alignment_shifted": float((seen[FLOOR].named == shifted).double().mean()),
        "motion_explained": _explained(view),
    }
    row = table[f"fd_clip@own_{bench.count}_{FRAMES}f"]
    found.numbers |= {"fd_own": row["value"][0], "fd_floor": row["floor"][0]}
    for control in ("frozen", "shuffled", "noise"):
        found.numbers[f"fd_{control}"] = row["controls"][control][0]


def _explained(view: View) -> float:
    """The share of the variance of real motion that the classifier explains: it looks at time."""
    truth = torch.from_numpy(view.bench.real.motion[: view.bench.count])
    missed = (view.seen[REAL].motion - truth).square().mean(dim=0)
    return float((1 - missed / truth.var(dim=0)).mean())


def _seen_by(net: Net, bench: Bench) -> dict[str, Tensor]:
    """What a net sees in real clips and in their controls; they are the same for every release."""
    second = bench.half(False)[: net.clips]
    sets = {
        REAL: lambda: bench.half(True),
        FLOOR: lambda: second,
        **{name: lambda name=name: spoil(second, name, SEED) for name in CONTROLS},
    }
    source, count = bench.source, min(net.clips, bench.count)
    name = f"{source.name}-{source.fingerprint[:16]}-{count}of{bench.count}"
    return known_features(net, name, sets, bench.cache, bench.device)


def obey(view: View, found: Findings) -> None:
    """Does it keep the laws of what it shows?"""
    names = [name.en for name in view.bench.source.classes]
    if not set(names) & set(LAWS):
        return found.omit("laws", NO_LAWS)
    if not view.labelled:
        return found.omit("laws", NO_LABELS)
    halves = {FLOOR: view.bench.half(False), REAL: view.bench.half(True)}
    residuals = {
        name: measure_laws(pixels.permute(0, 1, 3, 4, 2).numpy(), view.labels[name].numpy(), names)
        for name, pixels in {**halves, MADE: view.pixels}.items()
    }
    limits = fit_limits(residuals[FLOOR], view.labels[FLOOR].numpy(), names)
    for name, key in ((MADE, "laws"), (REAL, "laws_real")):
        labels = view.labels[name]
        shares = share_lawful(residuals[name], labels.numpy(), names, limits)
        found.numbers[f"{key}_by_class"] = shares
        judged = torch.tensor([names[label] in limits for label in labels.tolist()])
        most = [limits.get(names[label], 0.0) for label in labels.tolist()]
        lawful = torch.from_numpy(residuals[name] <= np.array(most))
        found.add(key, of_mean(Sample(lawful[judged], labels[judged]), view.seed))


def compare_change(view: View, found: Findings) -> None:
    """Does it move as much as real clips do?"""
    made, real = (view.sample(name, view.seen[name].change) for name in (MADE, REAL))
    found.add("motion_ratio", of_ratio(made, real, view.seed))


def _follow(view: View, found: Findings) -> None:
    """Does it move as smoothly, and do things stay themselves while they move?"""
    made, real, floor = view.pixels, view.bench.half(True), view.bench.half(False)
    power = {MADE: motion.spectrum(made), REAL: motion.spectrum(real)}
    found.numbers |= {
        "spectrum": {name: values.tolist() for name, values in power.items()},
        "spectrum_error": motion.spectrum_error(power[MADE], power[REAL]),
        "spectrum_error_floor": motion.spectrum_error(motion.spectrum(floor), power[REAL]),
    }
    torn = {
        name: view.sample(name, motion.warping_error(pixels[:_MOVING]))
        for name, pixels in ((MADE, made), (REAL, real))
    }
    found.add("warping_error", of_mean(torn[MADE], view.seed))
    found.add("warping_error_real", of_mean(torn[REAL], view.seed))


def _vary(view: View, found: Findings, run_seed: int) -> None:
    """Are the clips of a class as different as real ones, and not the training clips again?"""
    bench, seen = view.bench, view.seen
    spread = {
        name: view.sample(name, variety.diversity(seen[name].features, view.labels[name]))
        for name in (MADE, REAL)
    }
    if view.labelled:
        found.add("diversity", of_ratio(spread[MADE], spread[REAL], view.seed))
    else:
        found.omit("diversity", NO_LABELS)
    training = variety.training_clips(bench.source, run_seed, _TRAINING)
    learned = bench.look(training, "training clips").features
    near, which = variety.nearest(seen[MADE].features[:_SHOWN], learned)
    real_near, _ = variety.nearest(seen[REAL].features[:_SHOWN], learned)
    found.numbers["nearest_ratio"] = float(near.median() / real_near.median())
    found.clips["nearest"] = training[which]


def _teach(view: View, found: Findings) -> None:
    """Can a classifier learn the classes from it?"""
    bench = view.bench
    if not view.labelled:
        return found.omit("cas", NO_LABELS)
    asked = bench.half(True), view.labels[REAL]
    lessons = {
        "cas": (view.pixels, view.labels[MADE]),
        "cas_real": (bench.half(False), view.labels[FLOOR]),
    }
    for key, shown in lessons.items():
        right = variety.classification_accuracy(bench.source, shown, asked, _LESSONS, bench.device)
        found.add(key, of_mean(view.sample(REAL, right), view.seed))


def _imitate(view: View, found: Findings) -> None:
    """Are real clips among those that it can make?"""
    real = view.bench.half(True)[:_IMITATED]
    made = view.subject.imitate(real, view.labels[REAL][:_IMITATED])
    found.numbers |= {
        "psnr": float(made.psnr.median()),
        "ssim": float(made.ssim.median()),
        "psnr_by_clip": made.psnr.tolist(),
        "ssim_by_clip": made.ssim.tolist(),
    }
    chosen = list(made.examples())
    found.clips |= {"real": real[chosen], "imitated": made.clips[chosen]}


def _last(view: View, found: Findings) -> None:
    """Does it keep what it shows, over several times the trained length?"""
    bench, length = view.bench, _LONGER * FRAMES
    if view.subject.max_frames < length:
        return found.omit("identity_drift", too_short(view.subject.max_frames))
    times = torch.arange(length, dtype=torch.float32)
    labels = {MADE: view.labels[MADE][:_MOVING], REAL: view.labels[REAL][:_MOVING]}
    index = torch.arange(len(labels[REAL]))
    batch = bench.source.render(
        SEED, 0, index, times.expand(len(index), -1), labels[REAL], split="held-out"
    )
    clips = {
        MADE: view.subject.make(labels[MADE], times.tolist(), 0.0),
        REAL: ((batch.clips.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8),
    }
    for name, key in ((MADE, "identity_drift"), (REAL, "identity_drift_real")):
        parts = [bench.look(part, "long clips") for part in clips[name].split(FRAMES, dim=1)]
        codes = torch.cat([part.codes for part in parts], dim=1)
        away, others = motion.drift(codes, labels[name], FRAMES)
        found.add(
            key, of_ratio(Sample(away, labels[name]), Sample(others, labels[name]), view.seed)
        )
        if view.labelled:
            named = [float((part.named == labels[name]).double().mean()) for part in parts]
            found.numbers[key.replace("identity_drift", "alignment_over_time")] = named


def _close(view: View, found: Findings) -> None:
    """Does a loop close without a jerk?"""
    if not view.subject.loops:
        return found.omit("loop_seam", NO_LOOPS)
    loops = [k for k, name in enumerate(view.bench.source.classes) if name.loops]
    labels = torch.tensor(loops)[torch.arange(_MOVING) % len(loops)] % view.subject.classes
    step, others = motion.seam(view.subject.make(labels, TIMES, float(FRAMES)))
    found.add("loop_seam", of_ratio(Sample(step, labels), Sample(others, labels), view.seed))
