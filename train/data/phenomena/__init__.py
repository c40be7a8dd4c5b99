"""Ten phenomena of school physics, simulated and drawn on demand as clips of 64x64 pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch
from torch import Tensor

from train.data import ClipBatch, Split, draws
from train.data.phenomena import bodies, fields
from train.data.phenomena.draw import COLUMNS, Draw, Scene
from train.data.phenomena.drawing import SIZE
from vidgen.config import ClassName, ClipShape

VERSION = "1"  # goes up whenever a clip changes; the fingerprint is its hash

TABLE: tuple[tuple[ClassName, Callable[[Draw, Tensor], Scene]], ...] = (
    (ClassName("Pendulum", "单摆"), bodies.pendulum),
    (ClassName("Bouncing ball", "弹跳的小球"), bodies.bouncing_ball),
    (ClassName("Mass on a spring", "弹簧振子"), bodies.spring),
    (ClassName("Kepler orbit", "开普勒轨道"), bodies.kepler_orbit),
    (ClassName("Elastic collision", "弹性碰撞"), bodies.collision),
    (ClassName("Double pendulum", "双摆"), bodies.double_pendulum),
    (ClassName("Two-source interference", "双波源干涉"), fields.interference),
    (ClassName("Standing wave", "弦上的驻波"), fields.standing_wave),
    (ClassName("Spreading drop", "墨滴扩散", loops=False), fields.diffusion),
    (ClassName("Draining tank", "水箱小孔出流", loops=False), fields.draining_tank),
)
PARAMS = (
    "period", "g", "length", "amplitude", "stiffness", "mass_1", "mass_2", "velocity_1",
    "velocity_2", "mu", "semi_major", "eccentricity", "sense", "wavelength", "separation", "delta",
    "mode", "wave_speed", "diffusivity", "width", "level", "hole", "empty_after",
)  # fmt: skip
MIDDLE_RATE = 1 / 20  # cycles a frame; motion[:, 0] is 0 there and 1 at twice that
_LABELS, _LOTS = 0, 1  # streams of the draws; the held-out split has two of its own
_HELD_OUT = 2


class Phenomena:
    """Simulated clips (a ``ClipSource``); nothing is read from disk and nothing is downloaded.

    Units are pixels and frames. ``motion`` is [B, 2]: the characteristic rate f in cycles a frame
    as log2(20 f), from -1 (40 frames a cycle) to 1.3 (8 frames; a drop up to 1.7, a tank down to
    -1.8), and the velocity of the main quantity at frame 0 over its greatest velocity, in [-1, 1],
    which no single frame shows. What both mean for a phenomenon stands in its docstring in
    ``bodies`` and ``fields``.
    """

    name = "phenomena"
    title = ("Phenomena of physics", "物理现象")
    classes = tuple(name for name, _ in TABLE)
    clip_shape = ClipShape(frames=16, channels=3, height=SIZE, width=SIZE)
    fps = 8.0
    fingerprint = hashlib.sha256(f"phenomena {VERSION}".encode()).hexdigest()
    licence = "Apache-2.0"
    credits = "Simulated by vidgen from the equations of motion; no recorded data."

    def render(
        self,
        seed: int,
        step: int,
        indices: Tensor,
        times: Tensor,
        labels: Tensor | None = None,
        split: Split = "train",
    ) -> ClipBatch:
        """Make one clip for each of ``indices``; see ``ClipSource.render``.

        On a CPU each phenomenon renders its own clips only. On an accelerator every phenomenon
        renders the whole batch and the label chooses, because grouping would wait for the device.
        """
        held_out = split == "held-out"
        base = _HELD_OUT if held_out else 0
        if labels is None:
            lots = draws.uniform(seed, step, indices, 1, base + _LABELS)[:, 0]
            labels = (lots * len(self.classes)).long()
        times = times.to(torch.float32)
        assert times.shape[0] == labels.shape[0] == indices.shape[0], "one row a clip"
        uniforms = draws.uniform(seed, step, indices, COLUMNS, base + _LOTS)
        count, frames = times.shape
        batch = ClipBatch(
            clips=times.new_empty(count, frames, 3, SIZE, SIZE),
            labels=labels,
            times=times,
            motion=times.new_empty(count, 2),
            params={name: times.new_full((count,), torch.nan) for name in PARAMS},
        )
        _fill(batch, uniforms, held_out, grouped=labels.device.type == "cpu")
        return batch


def _fill(batch: ClipBatch, uniforms: Tensor, held_out: bool, grouped: bool) -> None:
    """Render every clip of an empty batch, by class or (not grouped) by choosing among all."""
    for number, (_, phenomenon) in enumerate(TABLE):
        chosen = batch.labels == number
        if grouped:
            rows = torch.nonzero(chosen)[:, 0]
            if len(rows):
                scene = phenomenon(Draw(uniforms[rows], held_out), batch.times[rows])
                _copy_rows(batch, rows, scene)
        else:
            _copy_chosen(batch, chosen, phenomenon(Draw(uniforms, held_out), batch.times))


def _motion(scene: Scene) -> Tensor:
    """The scene's scaled motion, [n, 2]."""
    return torch.cat([torch.log2(scene.rate / MIDDLE_RATE), scene.speed], dim=1)


def _copy_rows(batch: ClipBatch, rows: Tensor, scene: Scene) -> None:
    """Write a scene of n clips into the rows [n] of the batch."""
    batch.clips[rows] = scene.canvas.pixels
    batch.motion[rows] = _motion(scene)
    for name, value in scene.params.items():
        batch.params[name][rows] = value[:, 0]


def _copy_chosen(batch: ClipBatch, chosen: Tensor, scene: Scene) -> None:
    """Write a scene of the whole batch into the clips that are chosen [B], without a host sync."""
    every = chosen[:, None, None, None, None]
    torch.where(every, scene.canvas.pixels, batch.clips, out=batch.clips)
    torch.where(chosen[:, None], _motion(scene), batch.motion, out=batch.motion)
    for name, value in scene.params.items():
        torch.where(chosen, value[:, 0], batch.params[name], out=batch.params[name])
