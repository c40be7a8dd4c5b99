"""What is measured of a release: each question is a function below, `measure` asks them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.data import ClipSource
from train.data.heldout import SEED, HeldOut
from train.features import FRAMES, Judge
from train.judge import motion, variety
from train.judge.clips import TIMES, generate, real_clips
from train.judge.controls import CONTROLS, spoil
from train.judge.distances import Estimate, Sample, kid, of_mean, of_ratio
from train.judge.nets import Net, features
from train.judge.sight import Seen, see
from train.judge.tables import FLOOR, MADE, REAL, known_features, net_table, own_table
from train.judge.words import NO_LABELS, NO_LOOPS, Words, too_short
from vidgen.generators import Generator

_SHOWN = 64  # clips whose nearest training clips are looked for
_TRAINING = 2000  # training clips that are looked through
_MOVING = 100  # clips for what costs much a clip: optical flow, long clips, loops
_LONGER = 4  # times the trained length
_LESSONS = 300  # steps of the classifier that learns from generated clips


@dataclass(frozen=True)
class Subject:
    """A generator, as far as the judge is concerned.

    Attributes:
        classes: how many it knows; 1 = it has no labels.
        max_frames: the longest clip that it makes.
        loops: whether it can close a loop.
        make: clips of labels [N] at some times with some period (0 = no loop), as the same clips
            each time: uint8 [N, T, C, H, W].
    """

    classes: int
    max_frames: int
    loops: bool
    make: Callable[[Tensor, Sequence[float], float], Tensor]

    @classmethod
    def of(cls, generator: Generator, seed: int, device: torch.device) -> Subject:
        """Judge a generator at psi 1; clip i has the noise of seed + i."""
        config = generator.config
        return cls(
            config.classes, config.max_frames, config.loops,
            lambda labels, times, loop: generate(generator, labels, seed, device, times, loop),
        )  # fmt: skip

    def asked(self, count: int) -> Tensor:
        """Ask for class i modulo K: int64 [N]."""
        return torch.arange(count) % self.classes


@dataclass(frozen=True)
class Bench:
    """What a generator is measured by.

    Attributes:
        source: real clips, on the CPU.
        judge: the own classifier of these data.
        real: an even number of held-out clips; the first half is what is compared with.
        nets: feature nets that were not trained here.
        cache: folder for what those saw in real clips and in controls.
        seed: of all draws here.
        device: to look on.
    """

    source: ClipSource
    judge: Judge
    real: HeldOut
    nets: Sequence[Net]
    cache: Path
    seed: int
    device: torch.device

    @property
    def count(self) -> int:
        """Clips of each kind."""
        return len(self.real.labels) // 2

    def half(self, first: bool) -> Tensor:
        """One half of the real clips: uint8 [N, T, C, H, W]."""
        return real_clips(self.real, 0 if first else self.count, self.count)

    def look(self, pixels: Tensor, name: str) -> Seen:
        """Let the own classifier look."""
        return see(self.judge, pixels, self.device, name)


class View:
    """A generator's clips and the real ones, with what the own classifier sees in them.

    Attributes:
        pixels: generated clips, uint8 [N, T, C, H, W].
        labels: of each set of clips, int64 [N].
        seen: of each set of clips; the controls are made where they are asked for.
    """

    def __init__(self, subject: Subject, bench: Bench) -> None:
        asked, truth = subject.asked(bench.count), torch.from_numpy(bench.real.labels)
        self.subject, self.bench, self.seed = subject, bench, bench.seed
        self.pixels = subject.make(asked, TIMES, 0.0)
        self.labels = {REAL: truth[: bench.count], FLOOR: truth[bench.count :], MADE: asked}
        self.seen = {
            REAL: bench.look(bench.half(True), "real clips"),
            FLOOR: bench.look(bench.half(False), "more real clips"),
            MADE: bench.look(self.pixels, "generated clips"),
        }

    @property
    def labelled(self) -> bool:
        """Whether the generator was asked for classes."""
        return self.subject.classes > 1

    def sample(self, name: str, values: Tensor) -> Sample:
        """Put numbers of a set of clips, or of the first of them, beside their labels."""
        return Sample(values, self.labels[name][: len(values)])


class Findings:
    """What came out.

    Attributes:
        numbers: by name; None is what could not be measured.
        intervals: 95 % intervals of numbers: low, high.
        left_out: why a number is None.
        clips: to show, uint8 [N, T, C, H, W].
    """

    def __init__(self) -> None:
        self.numbers: dict[str, Any] = {}
        self.intervals: dict[str, list[float]] = {}
        self.left_out: dict[str, dict[str, str]] = {}
        self.clips: dict[str, Tensor] = {}

    def add(self, name: str, found: Estimate) -> None:
        """Keep a number with its interval."""
        self.numbers[name], *self.intervals[name] = found.to_list()

    def omit(self, name: str, reason: Words) -> None:
        """Say why a number is missing."""
        self.numbers[name] = None
        self.left_out[name] = reason._asdict()

    def to_dict(self) -> dict[str, Any]:
        """Put it all into a JSON file."""
        return {**self.numbers, "intervals": self.intervals, "left_out": self.left_out}


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
    found, view = Findings(), View(subject, bench)
    found.clips[MADE] = view.pixels
    align(view, found)
    tell_apart(view, found)
    compare_change(view, found)
    _follow(view, found)
    _vary(view, found, run_seed)
    _teach(view, found)
    _last(view, found)
    _close(view, found)
    return found


def measure_quickly(subject: Subject, bench: Bench) -> Findings:
    """Measure what takes seconds: alignment, KID of clips on the own features, motion ratio."""
    found, view = Findings(), View(subject, bench)
    align(view, found)
    ours, theirs, floor = (view.sample(n, view.seen[n].features) for n in (MADE, REAL, FLOOR))
    name = f"kid_clip@own_{bench.count}_{FRAMES}f"
    table = {"value": kid(theirs, ours, view.seed), "floor": kid(theirs, floor, view.seed)}
    found.numbers["distances"] = {name: {key: e.to_list() for key, e in table.items()}}
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
    for key, name in (("own", "value"), ("floor", "floor")):
        found.numbers[f"fd_{key}"] = table[f"fd_clip@own_{bench.count}_{FRAMES}f"][name][0]
    for control in ("frozen", "shuffled", "noise"):
        row = table[f"fd_clip@own_{bench.count}_{FRAMES}f"]
        found.numbers[f"fd_{control}"] = row["controls"][control][0]


def _explained(view: View) -> float:
    """The share of the variance of real motion that the classifier explains: it looks at time."""
    motion = torch.from_numpy(view.bench.real.motion[: view.bench.count])
    missed = (view.seen[REAL].motion - motion).square().mean(dim=0)
    return float((1 - missed / motion.var(dim=0)).mean())


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
    bench, names = view.bench, (MADE, FLOOR)
    if not view.labelled:
        return found.omit("cas", NO_LABELS)
    lessons = {MADE: view.pixels, FLOOR: bench.half(False)}
    asked = bench.half(True), view.labels[REAL]
    for name, key in zip(names, ("cas", "cas_real"), strict=True):
        right = variety.classification_accuracy(
            bench.source, (lessons[name], view.labels[name]), asked, _LESSONS, bench.device
        )
        found.add(key, of_mean(view.sample(REAL, right), view.seed))


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
