"""What costs most to measure: optical flow, training clips, lessons, inversion, long clips."""

from __future__ import annotations

import torch

from train.data.heldout import SEED
from train.features import FRAMES
from train.judge import motion, variety
from train.judge.bench import Findings, View
from train.judge.clips import TIMES
from train.judge.distances import Sample, of_mean, of_median, of_median_ratio, of_ratio, of_share
from train.judge.tables import FLOOR, MADE, REAL
from train.judge.words import NO_FLOW, NO_LABELS, NO_LOOPS, NO_PAST, too_short
from train.levels import to_levels

_SHOWN = 64  # clips whose nearest training clips are looked for
_TRAINING = 2000  # training clips that are looked through
_MOVING = 100  # clips for what costs much a clip: optical flow, long clips, loops
_LONGER = 4  # times the trained length
_IMITATED = 20  # real clips that the generator is made to imitate: 3 minutes of a core at 32x32
_ALIKE = 100.0  # dB; one level in one pixel of a clip is about as far from none
_LESSONS = 200  # steps of the classifier that learns from generated clips


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


def vary(view: View, found: Findings, past: variety.Past | None) -> None:
    """Are the clips of a class as different as real ones, and not the training clips again?"""
    bench, seen = view.bench, view.seen
    if view.labelled:
        ours, theirs = (view.sample(name, seen[name].features) for name in (MADE, REAL))
        found.add("diversity", variety.diversity(ours, theirs, view.seed))
    else:
        found.omit("diversity", NO_LABELS)
    if past is None:
        return found.omit("nearest_ratio", NO_PAST)
    training = variety.training_clips(bench.source, past, _TRAINING)
    learned = bench.look(training, "training clips").features
    near, which = variety.nearest(seen[MADE].features[:_SHOWN], learned)
    real_near, _ = variety.nearest(seen[REAL].features[:_SHOWN], learned)
    both = view.sample(MADE, near), view.sample(REAL, real_near)
    found.add("nearest_ratio", of_median_ratio(*both, view.seed))
    found.numbers["training_clips"] = len(training)
    found.clips["nearest"] = training[which]


def teach(view: View, found: Findings) -> None:
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
        found.add(key, of_share(right))


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
        REAL: to_levels(batch.clips),
    }
    for name, key in ((MADE, "identity_drift"), (REAL, "identity_drift_real")):
        parts = [bench.look(part, "long clips") for part in clips[name].split(FRAMES, dim=1)]
        codes = torch.cat([part.codes for part in parts], dim=1)
        away, others = motion.drift(codes, labels[name], FRAMES)
        both = Sample(away, labels[name]), Sample(others, labels[name])
        found.add(key, of_ratio(*both, view.seed, paired=True))
        if view.labelled:
            named = [float((part.named == labels[name]).double().mean()) for part in parts]
            found.numbers[key.replace("identity_drift", "alignment_over_time")] = named


def seam(view: View, found: Findings) -> None:
    """Does a loop close without a jerk?"""
    if not view.subject.loops:
        return found.omit("loop_seam", NO_LOOPS)
    loops = [k for k, name in enumerate(view.bench.source.classes) if name.loops]
    labels = torch.tensor(loops)[torch.arange(_MOVING) % len(loops)] % view.subject.classes
    step, others = motion.seam(view.subject.make(labels, TIMES, float(FRAMES)))
    both = Sample(step, labels), Sample(others, labels)
    found.add("loop_seam", of_ratio(*both, view.seed, paired=True))
