"""What a run writes for those who watch: at some steps its fixed seeds, and the critics' opinion.

Each such moment is `watch/moment-STEP.json` with a sheet of clips and a sheet of what the critics
look at. Moments lie ever farther apart, so their number is bounded: some thirty in a long run.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.data import ClipBatch
from train.levels import to_levels
from train.opinion import Opinion, heated, opinions
from train.sheets import clip_sheet, sample, sheet_shape
from train.trainer import Trainer
from vidgen.release import write_bytes

FORMAT = 1
WATCH = "watch"
_FIRST = 16  # step of the second moment
_SHOWN = 10  # clips of fixed seeds
_ASKED = 8  # clips of each kind that critics are asked about
_HEATED = 3  # of which so many are shown with what was looked at


def is_moment(step: int) -> bool:
    """Whether a step is kept for good: 0, and 16, 24, 32, 48, 64 ..."""
    if step < _FIRST:
        return step == 0
    while step > 2 * _FIRST:
        if step % 2:
            return False
        step //= 2
    return step in (_FIRST, 3 * _FIRST // 2, 2 * _FIRST)


class Watch:
    """Writes moments of one trainer into one run's folder. It changes nothing of the training."""

    def __init__(self, out: Path, trainer: Trainer) -> None:
        self.folder, self.trainer = out / WATCH, trainer
        self.clip = trainer.config.model.clip
        classes = trainer.config.model.classes
        chosen = np.linspace(0, classes - 1, min(classes, _SHOWN)).round().astype(int).tolist()
        seeds = max(_SHOWN // len(chosen), 1)
        self.shown = [(label, seed) for label in chosen for seed in range(seeds)]
        self._real: ClipBatch | None = None
        for step, path in self._moments():  # of a run that was cut, and had come farther
            if step > trainer.step_number:
                self._remove(step, path)

    def look(self, saving: bool) -> None:
        """Write the moment of now, if it is one that is kept, or the run is being saved."""
        step = self.trainer.step_number
        if (saving or is_moment(step)) and step not in dict(self._moments()):
            self.write()

    def write(self) -> None:
        """Write the moment of now; the one before goes, unless it is kept for good."""
        trainer, step = self.trainer, self.trainer.step_number
        times = [float(time) for time in range(self.clip.frames)]
        labels, seeds = ([pair[k] for pair in self.shown] for k in (0, 1))
        clips = sample(trainer.average, labels, seeds, times, trainer.device)
        files = {f"clips-{step:07}.jpg": clip_sheet(to_levels(clips))}
        told = self._opinions(times)
        heat = [picture for each in told for picture in each.pop("pictures")]
        files[f"heat-{step:07}.jpg"] = clip_sheet(torch.stack(heat))
        words = {
            "format": FORMAT,
            "step": step,
            "clips": step * trainer.config.clips_a_step,
            "fps": trainer.source.fps,
            "shape": sheet_shape(len(self.shown), self.clip),
            "shown": self.shown,
            "heat": {**sheet_shape(len(heat), self.clip), "each": _HEATED},
            "critics": told,
        }
        for name, data in files.items():
            write_bytes(self.folder / name, data)
        text = json.dumps(words, separators=(",", ":")) + "\n"
        write_bytes(self.folder / f"moment-{step:07}.json", text.encode())
        for other, path in self._moments():
            if other < step and not is_moment(other):
                self._remove(other, path)

    def _opinions(self, times: list[float]) -> list[dict[str, Any]]:
        """Ask the critics about real clips and generated ones of the same classes."""
        trainer = self.trainer
        real = self._real = self._real or self._real_clips(times)
        seeds = range(100, 100 + _ASKED)  # others than those that are shown
        fakes = sample(trainer.average, real.labels.tolist(), list(seeds), times, trainer.device)
        clips = torch.cat([real.clips, fakes.to(trainer.device)])
        both = ClipBatch(
            clips, real.labels.repeat(2), real.times.repeat(2, 1), real.motion, real.params
        )
        return [_told(kind, each, clips) for kind, each in opinions(trainer, both).items()]

    def _real_clips(self, times: list[float]) -> ClipBatch:
        trainer = self.trainer
        device, classes = trainer.device, len(trainer.source.classes)
        rows = torch.arange(_ASKED, device=device)
        stamps = torch.tensor(times, device=device).expand(_ASKED, -1)
        real = trainer.source.render(trainer.config.seed, 0, rows, stamps, rows % classes)
        labels = real.labels if trainer.config.labels else torch.zeros_like(real.labels)
        return ClipBatch(real.clips, labels, real.times, real.motion, real.params)

    def _moments(self) -> list[tuple[int, Path]]:
        paths = self.folder.glob("moment-*.json")
        return [(int(path.stem.split("-")[1]), path) for path in paths]

    def _remove(self, step: int, path: Path) -> None:
        for each in (path, *(self.folder / f"{kind}-{step:07}.jpg" for kind in ("clips", "heat"))):
            with contextlib.suppress(OSError):  # whoever reads it now may keep it
                each.unlink()


def _told(kind: str, opinion: Opinion, clips: Tensor) -> dict[str, Any]:
    chosen = [*range(_HEATED), *range(_ASKED, _ASKED + _HEATED)]
    rounded = [round(score, 3) for score in opinion.scores.tolist()]
    frames = (100 * opinion.by_frame[chosen]).round().int().tolist()
    return {
        "kind": kind,
        "real": rounded[:_ASKED],
        "fake": rounded[_ASKED:],
        "frames": frames,
        "pictures": list(heated(clips[chosen].cpu(), opinion.heat[chosen])),
    }
