"""A data set for tests of the judge: bars of four kinds that move over 16x16 pixels."""

import hashlib

import torch

from train.data import ClipBatch
from train.data.draws import uniform
from vidgen.config import ClassName, ClipShape

SIDE = 16
KINDS = ((False, 1.0), (True, 1.0), (False, 3.0), (True, 3.0))  # lying?, half the thickness in px


class Bars:
    """Bars that drift along their normal; motion is the signed speed over 1.5 px a frame."""

    name = "bars"
    title = ("Bars", "条")
    classes = tuple(ClassName(f"bar {k}", f"条 {k}") for k in range(4))
    clip_shape = ClipShape(16, 1, SIDE, SIDE)
    fps = 8.0
    licence = "Apache-2.0"
    credits = "Drawn by a test."

    def __init__(self, version="1"):
        self.fingerprint = hashlib.sha256(f"bars {version}".encode()).hexdigest()

    def render(self, seed, step, indices, times, labels=None, split="train"):
        draws = uniform(seed, step, indices, 3, stream=int(split == "held-out"))
        if labels is None:
            labels = (draws[:, 0] * 4).long()
        speed = 3 * draws[:, 1] - 1.5
        place = torch.remainder(draws[:, 2:] * SIDE + speed[:, None] * times, SIDE)  # [B, T]
        away = (torch.arange(SIDE) + 0.5 - place[..., None]).abs()
        away = torch.minimum(away, SIDE - away)  # it leaves at one side and enters at the other
        lying, half = (torch.tensor(column)[labels] for column in zip(*KINDS, strict=True))
        ink = (half[:, None, None] + 0.5 - away).clamp(0, 1) * 2 - 1  # [B, T, SIDE]
        clips = ink[..., None, :].expand(-1, -1, SIDE, -1)
        clips = torch.where(lying[:, None, None, None], clips.transpose(-1, -2), clips)
        motion = speed[:, None] / 1.5
        return ClipBatch(clips[:, :, None], labels, times, motion, {"speed": speed})
