"""What the players get in a step: real clips, generated partners, and the frames a critic sees."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.config import CriticConfig, TrainConfig
from train.data import ClipBatch, ClipSource
from train.data.draws import normal, uniform
from train.data.resized import halved
from train.devices import autocast
from train.stamps import draw_frames, draw_loops, draw_stamps
from vidgen.config import MAX_FRAMES
from vidgen.latent import tape_anchors


class Draw(NamedTuple):
    """Which draw of a run, and which rows of its batch; all that is random follows from these."""

    step: int
    number: int  # a step has as many draws as the critics have steps
    rows: Tensor  # int64 [B]


class Drawn(NamedTuple):
    """Real clips, and generated ones of the same labels and times."""

    real: ClipBatch
    fakes: Tensor


class Dealer:
    """Deals clips by the run's config; it holds no state, so a draw is the same every time."""

    def __init__(
        self,
        config: TrainConfig,
        source: ClipSource,
        generator: nn.Module,
        device: torch.device,
        bf16: bool,
    ) -> None:
        self.config, self.source, self.generator = config, source, generator
        self.device, self.bf16 = device, bf16
        loops = [name.loops for name in source.classes]
        self.may_loop = torch.tensor(loops if config.labels else [all(loops)], device=device)

    def real(self, draw: Draw) -> ClipBatch:
        """Render a draw's real clips, at all their frames or at its time stamps."""
        c = self.config
        if c.whole_clips:
            line = torch.arange(c.model.clip.frames, dtype=torch.float32, device=self.device)
            times = line.expand(len(draw.rows), -1)
        else:
            moments = max(critic.frames for critic in c.critics)
            times = draw_stamps(c.seed, draw.number, draw.rows, moments)
        return self._as_played(draw, self.source.render(c.seed, draw.number, draw.rows, times))

    def held_out(self, draw: Draw, real: ClipBatch) -> ClipBatch:
        """Render held-out clips of a draw, with the labels and moments of its real ones."""
        labels = real.labels if self.config.labels else None
        seed, times = self.config.seed, real.times
        return self._as_played(
            draw, self.source.render(seed, draw.number, draw.rows, times, labels, "held-out")
        )

    def other_labels(self, draw: Draw, real: ClipBatch) -> Tensor:
        """Draw for each real clip a class that it is not, all others alike: int64 [B]."""
        classes = self.config.model.classes
        further = uniform(self.config.seed, draw.number, draw.rows, 1, stream=32)[:, 0]
        return (real.labels + 1 + (further * (classes - 1)).long()) % classes

    def _as_played(self, draw: Draw, clips: ClipBatch) -> ClipBatch:
        """Clips at the side and with the labels that the players know."""
        if draw.step < self.config.coarse_steps:
            clips = dataclasses.replace(clips, clips=halved(clips.clips))
        if not self.config.labels:
            clips = dataclasses.replace(clips, labels=torch.zeros_like(clips.labels))
        return clips

    def fakes(self, draw: Draw, real: ClipBatch) -> Tensor:
        """Generate the partners of real clips: same labels, same time stamps, fresh noise."""
        c, m = self.config, self.config.model
        anchors = tape_anchors(MAX_FRAMES, m.tape_spacing)
        sizes = [m.content_dim, m.motion_dim, anchors * m.tape_dim]
        noise = normal(c.seed, draw.number, draw.rows, sum(sizes), stream=20)
        content, motion, tape = noise.split(sizes, dim=1)
        may_loop = self.may_loop[real.labels]
        loops = draw_loops(c.seed, draw.number, draw.rows, may_loop, c.loop_share)
        classes = F.one_hot(real.labels, m.classes).float()
        tape = tape.view(len(tape), anchors, m.tape_dim)
        with autocast(self.device, self.bf16):
            clips = self.generator(content, motion, tape, classes, real.times, loops)
        return halved(clips) if draw.step < c.coarse_steps else clips

    def shown(
        self, draw: Draw, critic: CriticConfig, clips: Tensor, times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What a critic gets to see of clips [N, T, C, H, W] and their times [B, T], N = B or 2B.

        Frames are drawn for each clip, the same for partners.
        """
        if critic.whole or critic.frames == clips.shape[1]:
            return clips, times
        chosen = draw_frames(
            self.config.seed, draw.number, draw.rows, clips.shape[1], critic.frames
        )
        rows = torch.arange(len(clips), device=self.device)[:, None]
        partners = chosen.repeat(len(clips) // len(chosen), 1)
        return clips[rows, partners], times.gather(1, chosen)
