"""Handwritten digits that fly over a canvas and bounce off its walls."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data import ClipBatch, DataError, Split
from train.data.draws import uniform
from train.data.mnist import read_mnist
from train.levels import from_levels
from vidgen.config import ClassName, ClipShape

SIDE = 64  # of the canvas, in pixels
DIGIT = 28  # side of a digit image, in pixels
SLOWEST, FASTEST = 0.5, 3.0  # speed along each axis' share, in pixels a frame
_CHINESE = "零一二三四五六七八九"
_VERSION = "digits-1"  # raise when any clip would change


class Digits:
    """Moving MNIST with a class: one digit a clip, sub-pixel, mirrored at the walls.

    The digit moves on a straight line at constant speed (uniform in 0.5 to 3 pixels a frame, any
    direction) and is reflected where its 28x28 box meets the canvas' edge, so each coordinate is a
    triangle wave of time. Training clips show training digits, held-out clips show test digits.
    """

    name = "digits"
    title = ("Handwritten digits", "手写数字")
    classes = tuple(ClassName(str(d), f"{d}（{_CHINESE[d]}）".replace("（", " ").replace("）", ""))
                    for d in range(10))  # fmt: skip
    clip_shape = ClipShape(frames=16, channels=1, height=SIDE, width=SIDE)
    fps = 8.0
    licence = "CC-BY-SA-3.0"
    credits = "MNIST, Yann LeCun and Corinna Cortes, CC BY-SA 3.0"

    def __init__(
        self, root: Path, device: torch.device | str = "cpu", download: bool = False
    ) -> None:
        self._images: dict[Split, Tensor] = {}
        self._by_class: dict[Split, tuple[Tensor, Tensor, Tensor]] = {}
        digest = hashlib.sha256(_VERSION.encode())
        for split in ("train", "held-out"):
            images, labels = read_mnist(root, split == "train", download)
            digest.update(images.numpy().tobytes() + labels.numpy().tobytes())
            order = torch.argsort(labels, stable=True)  # by class, so that a class is a range
            counts = torch.bincount(labels, minlength=10)
            if (counts == 0).any():
                raise DataError(f"{root}: the {split} digits lack a class; legal is all of 0 to 9")
            self._images[split] = from_levels(images[order]).to(device)
            self._by_class[split] = (
                (counts.cumsum(0) - counts).to(device),
                counts.to(device),
                order.to(device),
            )
        self.fingerprint = digest.hexdigest()

    def render(
        self,
        seed: int,
        step: int,
        indices: Tensor,
        times: Tensor,
        labels: Tensor | None = None,
        split: Split = "train",
    ) -> ClipBatch:
        """Make clips; see ``ClipSource.render``. Motion is (|vx|, |vy|) over 3 pixels a frame."""
        draws = uniform(seed, step, indices, 6, stream=0)  # [B, 6]
        if labels is None:
            labels = (draws[:, 0] * 10).long()
        first, counts, _ = self._by_class[split]
        which = first[labels] + (draws[:, 1] * counts[labels]).long()
        digits = self._images[split][which]  # [B, 28, 28]
        angle = draws[:, 2] * 2 * torch.pi
        speed = SLOWEST + (FASTEST - SLOWEST) * draws[:, 3]
        velocity = speed[:, None] * torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
        room = SIDE - DIGIT
        start = draws[:, 4:6] * room  # the box's corner, in pixels
        path = start[:, None] + velocity[:, None] * times[..., None]  # [B, T, 2]
        corner = room - (torch.remainder(path, 2 * room) - room).abs()  # mirrored into 0..room
        clips = _place(digits, corner)
        params = {"vx": velocity[:, 0], "vy": velocity[:, 1], "x0": start[:, 0], "y0": start[:, 1]}
        return ClipBatch(clips, labels, times, velocity.abs() / FASTEST, params)


def _place(digits: Tensor, corner: Tensor) -> Tensor:
    """Draw digits [B, 28, 28] with their box's corner (x, y) at [B, T, 2] pixels, bilinear.

    Separable: row and column weights are hat functions of the distance to a pixel's centre.
    """
    frames = corner.shape[1]
    canvas = torch.arange(SIDE, device=corner.device)[:, None]
    box = torch.arange(DIGIT, device=corner.device)[None]

    def weights(offset: Tensor) -> Tensor:  # [B, T] -> [B, T, SIDE, DIGIT]
        return F.relu(1 - (canvas - box - offset[..., None, None]).abs())

    ink = (digits[:, None].expand(-1, frames, -1, -1) + 1) / 2
    placed = weights(corner[..., 1]) @ ink @ weights(corner[..., 0]).transpose(-1, -2)
    return (placed * 2 - 1)[:, :, None]  # [B, T, 1, SIDE, SIDE]
