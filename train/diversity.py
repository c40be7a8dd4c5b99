"""How different the clips of a training batch are from each other: what a collapse takes away.

It is of pixels, and of the generator as it is; the judge's diversity is of features, and of the
average that is released.
"""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import torch.nn.functional as F
from torch import Tensor

_FLOOR = 1e-3  # of a spread, clips span 2: two stills are alike
_SIDE = 8  # of the pictures that are compared, in cells: what happens, not how it is grained


def scatter(clips: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The mean square of clips round the mean of their class, over 8x8 cells a frame.

    Args:
        clips: [B, T, C, H, W].
        labels: int64 [B].
        classes: how many there are.

    Returns:
        A number on the device. Of a few clips it is mostly chance: average it over steps.
    """
    small = F.adaptive_avg_pool2d(clips.float().flatten(0, 1), _SIDE).reshape(len(clips), -1)
    member = F.one_hot(labels, classes).float()  # [B, K]
    means = member.t() @ small / member.sum(dim=0).clamp(min=1)[:, None]
    return (small - means[labels]).square().mean()


def batch_diversity(fakes: float, reals: float) -> float:
    """The spread of generated clips over that of real ones, from the means of their ``scatter``.

    1 is as different from each other as real clips of the same class are, 0 is one clip a class.
    The means are over the same steps, with the same labels: what a class's own mean takes away from
    a small batch, it takes from both. A mean of ratios would be led by the batches whose real clips
    happen to be alike.
    """
    return (math.sqrt(fakes) + _FLOOR) / (math.sqrt(reals) + _FLOOR)


class CollapseWatch:
    """Tells when batch diversity has been below a share for long, and when it is back.

    What counts is the root mean square of a while: one lucky line of the log among low ones hides
    no collapse, and a few unlucky ones feign none. A generator starts with clips that hardly
    differ, so the watch begins after a tenth of a run.

    Attributes:
        begins: the first step that counts.
        needs: steps of the while.
        events: what was told, for the log.
        last: the level that was seen last.
    """

    SHARE = 0.1
    BACK = 0.15  # the end of a collapse: well above, or noise at the border would tell many

    def __init__(self, steps: int) -> None:
        self.begins, self.needs = steps // 10, max(20, steps // 20)
        self.events: list[dict[str, object]] = []
        self.last = math.nan
        self._lately: list[tuple[int, float]] = []  # steps that count, and their levels
        self._first: int | None = None
        self._collapsed = False

    @property
    def could_tell(self) -> bool:
        """Whether it has watched for long enough to know of a collapse."""
        return self._first is not None and self._lately[-1][0] - self._first >= self.needs

    def see(self, step: int, level: float) -> dict[str, object] | None:
        """Take the level up to a step; returns an event for the log where one happens."""
        self.last = level
        if step < self.begins:
            return None
        self._first = step if self._first is None else self._first
        self._lately = [(s, x) for s, x in self._lately if step - s <= self.needs]
        self._lately.append((step, level))
        event = self._judge(step) if self.could_tell else None
        self.events += [event] if event else []
        return event

    def _judge(self, step: int) -> dict[str, object] | None:
        levels = [level for _, level in self._lately]
        mean = math.sqrt(sum(level * level for level in levels) / len(levels))
        told = {"step": step, "batch_diversity": round(mean, 4)}
        if self._collapsed and mean >= self.BACK:
            self._collapsed = False
            return {"event": "recovered", **told}
        if not self._collapsed and mean < self.SHARE:
            self._collapsed = True
            return {"event": "collapse", "since": self._lately[0][0], **told}
        return None

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
