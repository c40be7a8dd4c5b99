"""How different a generator's clips are from each other: what a collapse takes away."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_SIDE = 8  # of the pictures that are compared, in cells: what happens, not how it is grained


def diversity(fakes: Tensor, reals: Tensor, labels: Tensor, classes: int) -> Tensor:
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
    """Tells when diversity has been below a share for many steps, and when it is back.

    A generator starts with clips that hardly differ, so the watch begins at a step.
    """

    SHARE, STEPS, BEGINS = 0.1, 100, 200

    def __init__(self) -> None:
        self.low_since: int | None = None
        self.collapsed = False

    def see(self, step: int, diversity: float) -> dict[str, object] | None:
        """Take the mean diversity up to a step; returns an event for the log where one happens."""
        if step < self.BEGINS:
            return None
        if diversity >= self.SHARE:
            was, self.low_since, self.collapsed = self.collapsed, None, False
            return {"event": "recovered", "step": step, "diversity": diversity} if was else None
        if self.low_since is None:
            self.low_since = step
        if self.collapsed or step - self.low_since < self.STEPS:
            return None
        self.collapsed = True
        return {"event": "collapse", "step": step, "since": self.low_since, "diversity": diversity}
