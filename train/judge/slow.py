"""What costs most to measure: optical flow, training clips, lessons, inversion, long clips."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from train.data.heldout import SEED
from train.features import FRAMES
from train.judge import motion, pupil, variety
from train.judge.bench import Bench, Findings, View
from train.judge.clips import TIMES
from train.judge.distances import (
    Sample,
    of_excess,
    of_mean,
    of_median,
    of_quantile_ratio,
    of_ratio,
    of_share,
)
from train.judge.kept import kept
from train.judge.memory import search
from train.judge.tables import FLOOR, MADE, REAL
from train.judge.words import NO_FLOW, NO_LABELS, NO_LOOPS, NO_PAST, too_short
from train.levels import to_levels

_SHOWN = 64  # clips that are shown beside their nearest training clips
_TRAINING = 20_000  # training clips that are looked through: 3 to 5 ms of a core each
_LOW = 0.01  # share of the clips that are nearest to training clips
_MOVING = 100  # clips for what costs much a clip: optical flow, long clips, loops
_LONGER = 4  # times the trained length
_IMITATED = 20  # real clips that the generator is made to imitate: 3 minutes of a core at 32x32
_ALIKE = 100.0  # dB; one level in one pixel of a clip is about as far from none
_LESSONS = 300  # steps of the classifier that learns from generated clips


def follow(view: View, found: Findings) -> None:
    """Does it move as smoothly, and do things stay themselves while they move?"""
    made, real, floor = view.pixels, view.bench.half(True), view.bench.half(False)
    power = {MADE: motion.spectrum(made), REAL: motion.spectrum(real)}
    found.numbers |= {
        "spectrum": {name: values.tolist() for name, values in power.items()},
        "spectrum_error": motion.spectrum_error(power[MADE], power[REAL]),
        "spectrum_error_floor": motion.spectrum_error(motion.spectrum(floor), power[REAL]),
    }
    for name, pixels, suffix in ((MADE, made, ""), (REAL, real, "_real")):
        error, seen = motion.warping_error(pixels[:_MOVING])
        known = seen > 0
        if known.any():
            sample = Sample(error[known], view.labels[name][: len(known)][known])
            found.add(f"warping_error{suffix}", of_mean(sample, view.seed))
        else:
            found.omit(f"warping_error{suffix}", NO_FLOW)
        found.add(f"warping_seen{suffix}", of_mean(view.sample(name, seen), view.seed))


def vary(view: View, found: Findings) -> None:
    """Are the clips of a class as different as real ones?"""
    if not view.labelled:
        return found.omit("diversity", NO_LABELS)
    ours, theirs = (view.sample(name, view.seen[name].features) for name in (MADE, REAL))
    found.add("diversity", variety.diversity(ours, theirs, view.seed))


def remember(view: View, found: Findings) -> None:
    """Are its clips the training clips again?

    Held-out clips are never training clips, so how near they come is how near chance comes.
    """
    bench, past = view.bench, view.bench.past
    if past is None:
        return found.omit("nearest_ratio", NO_PAST)
    sought = {name: view.seen[name].features for name in (MADE, REAL)}
    nearest, count = search(bench.source, past, bench.judge, sought, _TRAINING, bench.device)
    made, real = (view.sample(name, nearest[name].away) for name in (MADE, REAL))
    found.add("nearest_ratio", of_quantile_ratio(made, real, 0.5, view.seed))
    found.add("nearest_low_ratio", of_quantile_ratio(made, real, _LOW, view.seed))
    found.add("copied", of_share(made.values < real.values.min()))
    found.numbers |= {"training_clips": count, "training_clips_seen": past.count}
    likest = made.values.argsort(stable=True)[:_SHOWN]
    found.clips["nearest_made"] = view.pixels[likest]
    found.clips["nearest"] = nearest[MADE].clips(bench.source, past, likest)


def teach(view: View, found: Findings) -> None:
    """Can a classifier learn the classes from it?"""
    bench, labels = view.bench, view.labels
    if not view.labelled:
        return found.omit("cas", NO_LABELS)

    def learn(pixels: Tensor, name: str) -> Tensor:
        shown, asked = (pixels, labels[name]), (bench.half(True), labels[REAL])
        classes = len(bench.source.classes)
        return pupil.classification_accuracy(shown, asked, classes, _LESSONS, bench.device)

    found.add("cas", of_share(learn(view.pixels, MADE)))
    source = bench.source
    path = bench.cache / (
        f"cas-v{pupil.VERSION}-{source.name}-{source.fingerprint[:16]}-{bench.count}-"
        f"{_LESSONS}.safetensors"
    )
    real = kept(path, {"right": lambda: learn(bench.half(False), FLOOR)})
    found.add("cas_real", of_share(real["right"]))


def imitate(view: View, found: Findings) -> None:
    """Are real clips among those that it can make?"""
    real = view.bench.half(True)[:_IMITATED]
    made = view.subject.imitate(real)
    together = torch.zeros(len(real), dtype=torch.int64)  # too few of a class to draw within it
    for key, values in (("psnr", made.psnr.clamp(max=_ALIKE)), ("ssim", made.ssim)):
        found.add(key, of_median(Sample(values, together), view.seed))
        found.numbers[f"{key}_by_clip"] = values.tolist()
    if view.labelled:
        found.add("class_found", of_share(made.classes == view.labels[REAL][: len(real)]))
    else:
        found.omit("class_found", NO_LABELS)
    chosen = list(made.examples())
    found.clips |= {"real": real[chosen], "imitated": made.clips[chosen]}


def drift(view: View, found: Findings) -> None:
    """Does it keep what it shows, over several times the trained length?

    Real clips decide what moves and what lasts, and how far even a thing that lasts seems to go;
    other real clips, measured in the same way, are 0 but for their scatter.
    """
    bench, length = view.bench, _LONGER * FRAMES
    if view.subject.max_frames < length:
        return found.omit("identity_drift", too_short(view.subject.max_frames))
    times = torch.arange(length, dtype=torch.float32).tolist()
    labels = {name: view.labels[name][:_MOVING] for name in (MADE, REAL, FLOOR)}
    clips = {
        MADE: view.subject.make(labels[MADE], times, 0.0),
        FLOOR: _long_real(bench, labels[FLOOR], bench.count, times),
        REAL: _long_real(bench, labels[REAL], 0, times),
    }
    codes = {name: _recognised(view, name, clips[name], labels[name], found) for name in clips}
    ruler = motion.lasting(codes[FLOOR])
    pairs = {}
    for name in clips:
        away = motion.drift(codes[name] @ ruler, labels[name], FRAMES)
        pairs[name] = Sample(away[0], labels[name]), Sample(away[1], labels[name])
    found.add("identity_drift", of_excess(pairs[MADE], pairs[FLOOR], view.seed))
    found.add("identity_drift_real", of_excess(pairs[REAL], pairs[FLOOR], view.seed))


def _long_real(bench: Bench, labels: Tensor, first: int, times: Sequence[float]) -> Tensor:
    """Render held-out clips, from one on, for longer: uint8 [N, T, C, H, W]."""
    rows = []
    for indices in torch.arange(len(labels)).split(10):
        stamps = torch.tensor(times).expand(len(indices), -1)
        batch = bench.source.render(
            SEED, 0, indices + first, stamps, labels[indices], split="held-out"
        )
        rows.append(to_levels(batch.clips))
    return torch.cat(rows)


def _recognised(view: View, name: str, clips: Tensor, labels: Tensor, found: Findings) -> Tensor:
    """Look at long clips stretch by stretch, and keep the share that is recognised in each."""
    parts = [view.bench.look(part, "long clips") for part in clips.split(FRAMES, dim=1)]
    key = {MADE: "alignment_over_time", REAL: "alignment_over_time_real"}.get(name)
    if key and view.labelled:
        named = [float((part.named == labels).double().mean()) for part in parts]
        found.numbers[key] = named
    return torch.cat([part.codes for part in parts], dim=1)


def seam(view: View, found: Findings) -> None:
    """Does a loop close without a jerk?"""
    if not view.subject.loops:
        return found.omit("loop_seam", NO_LOOPS)
    loops = [k for k, name in enumerate(view.bench.source.classes) if name.loops]
    labels = torch.tensor(loops)[torch.arange(_MOVING) % len(loops)] % view.subject.classes
    step, others = motion.seam(view.subject.make(labels, TIMES, float(FRAMES)))
    both = Sample(step, labels), Sample(others, labels)
    found.add("loop_seam", of_ratio(*both, view.seed, paired=True))
