"""How different the clips of a training batch are from each other: what a collapse takes away.

It is of pixels, and of the generator as it is; the judge's diversity is of features, and of the
average that is released.
"""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

_SIDE = 8  # of the pictures that are compared, in cells: what happens, not how it is grained


def batch_diversity(fakes: Tensor, reals: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The spread of generated clips over that of real ones, a number on the device.

    1 is as different from each other as real clips of the same class are, 0 is one clip a class.

    Args:
        fakes: [B, T, C, H, W].
        reals: of the same labels and times.
        labels: int64 [B].
        classes: how many there are.
    """
    return (spread(fakes, labels, classes) + 1e-3) / (spread(reals, labels, classes) + 1e-3)


def spread(clips: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The standard deviation of clips round the mean of their class, over 8x8 cells a frame."""
    small = F.adaptive_avg_pool2d(clips.float().flatten(0, 1), _SIDE).reshape(len(clips), -1)
    member = F.one_hot(labels, classes).float()  # [B, K]
    counts = member.sum(dim=0)
    means = member.t() @ small / counts.clamp(min=1)[:, None]
    squares = (small - means[labels]).square().mean(dim=1).sum()
    free = (len(clips) - (counts > 0).sum()).clamp(min=1)  # a class's own mean costs one each
    return torch.sqrt(squares / free)


class CollapseWatch:
    """Tells when batch diversity has been below a share for long, and when it is back.

    A generator starts with clips that hardly differ, so the watch begins after a tenth of a run.

    Attributes:
        begins: the first step that counts.
        needs: for how many steps it must be low.
        events: what was told, for the log.
        last: the level that was seen last.
    """

    SHARE = 0.1

    def __init__(self, steps: int) -> None:
        self.begins, self.needs = steps // 10, max(20, steps // 20)
        self.events: list[dict[str, object]] = []
        self.last = math.nan
        self._watched: list[int] = []  # the first step that counted, and the last
        self._low_since: int | None = None
        self._collapsed = False

    @property
    def could_tell(self) -> bool:
        """Whether it has watched for long enough to know of a collapse."""
        return bool(self._watched) and self._watched[-1] - self._watched[0] >= self.needs

    def see(self, step: int, level: float) -> dict[str, object] | None:
        """Take the mean up to a step; returns an event for the log where one happens."""
        self.last = level
        if step < self.begins:
            return None
        self._watched = [*self._watched[:1], step]
        event = self._judge(step, level)
        self.events += [event] if event else []
        return event

    def _judge(self, step: int, level: float) -> dict[str, object] | None:
        if level >= self.SHARE:
            was, self._low_since, self._collapsed = self._collapsed, None, False
            return {"event": "recovered", "step": step, "batch_diversity": level} if was else None
        since = self._low_since = step if self._low_since is None else self._low_since
        if self._collapsed or step - since < self.needs:
            return None
        self._collapsed = True
        return {"event": "collapse", "step": step, "since": since, "batch_diversity": level}

    def replay(self, log: Path, until: int) -> None:
        """See again what a run's log says up to the step that it goes on from.

        Later lines are of a run that was cut after its last save: they are written once more, and
        what is written twice counts once.
        """
        seen = {}
        for text in log.read_text().splitlines() if log.exists() else []:
            with contextlib.suppress(ValueError):  # a line that was cut
                line = json.loads(text)
                # Logs from before batch_diversity had its name call it diversity.
                level = line.get("batch_diversity", line.get("diversity"))
                if "event" not in line and level is not None and line["step"] <= until:
                    seen[line["step"]] = level
        for step in sorted(seen):
            self.see(step, seen[step])
