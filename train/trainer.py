"""One training step: critics, generator, average. No files, no printing, no host sync."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor, nn

from train.augment import augment
from train.config import CriticConfig, TrainConfig
from train.critics import ClipCritic, FrameCritic
from train.data import ClipBatch, ClipSource
from train.data.draws import normal
from train.ema import ema_decay, update_ema
from train.losses import finite_difference_penalty, relativistic_loss, zero_centred_penalty
from train.stamps import draw_loops, draw_stamps
from vidgen.config import MAX_FRAMES
from vidgen.generators import build
from vidgen.latent import tape_anchors
from vidgen.nn.blocks import channels_last

STATISTICS = ("loss_g", "loss_d", "gap_frame", "gap_clip", "penalty_frame", "penalty_clip")


class Trainer:
    """The players and their optimizers; ``step()`` is one round of the game.

    Everything random is drawn by name from (seed, step, clip), so the state is the weights, the
    optimizers and the step number: a resumed run goes on exactly.
    """

    def __init__(
        self, config: TrainConfig, source: ClipSource, device: torch.device, bf16: bool
    ) -> None:
        self.config, self.source, self.device, self.bf16 = config, source, device, bf16
        torch.manual_seed(config.seed)  # initial weights only
        shape, classes = config.model.clip, config.model.classes
        self.generator = channels_last(build(config.model).to(device))
        self.critics = nn.ModuleDict(
            {
                "frame": FrameCritic(shape.channels, classes, config.frame_critic.widths),
                "clip": ClipCritic(
                    shape.channels, classes, config.critic_frames, config.clip_critic.widths
                ),
            }
        ).to(device)
        self.critics = channels_last(self.critics)
        self.average = copy.deepcopy(self.generator).requires_grad_(False).eval()
        options = {"lr": config.learning_rate, "betas": (0.0, config.beta2), "eps": 1e-8}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **options)
        self.critic_optimizer = torch.optim.Adam(self.critics.parameters(), **options)
        self.step_number = 0
        self.may_loop = torch.tensor([name.loops for name in source.classes], device=device)
        self.indices = torch.arange(config.batch, device=device)
        self.not_finite = torch.zeros((), device=device)

    def step(self) -> dict[str, Tensor]:
        """Play one round; returns statistics as tensors on the device (see STATISTICS)."""
        rate = anneal(self.step_number, self.config.steps, *_rates(self.config))
        for optimizer in (self.generator_optimizer, self.critic_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate
        real = self.draw_real()
        fakes = self.draw_fakes(real)  # once for both players: drawing them twice costs a tenth
        statistics = self.critic_step(real, fakes.detach())
        statistics |= self.generator_step(real, fakes)
        update_ema(
            self.average, self.generator, ema_decay(self.step_number, self.config.ema_half_life)
        )
        self.not_finite += 1 - torch.isfinite(torch.stack(list(statistics.values()))).all().float()
        self.step_number += 1
        return statistics

    def draw_real(self) -> ClipBatch:
        """Render this step's real clips at this step's time stamps."""
        c = self.config
        times = draw_stamps(c.seed, self.step_number, self.indices, c.critic_frames)
        return self.source.render(c.seed, self.step_number, self.indices, times)

    def draw_fakes(self, real: ClipBatch) -> Tensor:
        """Generate the partners of the real clips: same labels, same time stamps, fresh noise."""
        c, m = self.config, self.config.model
        anchors = tape_anchors(MAX_FRAMES, m.tape_spacing)
        sizes = [m.content_dim, m.motion_dim, anchors * m.tape_dim]
        noise = normal(c.seed, self.step_number, self.indices, sum(sizes), stream=20)
        content, motion, tape = noise.split(sizes, dim=1)
        loops = draw_loops(
            c.seed, self.step_number, self.indices, self.may_loop[real.labels], c.loop_share
        )
        classes = nn.functional.one_hot(real.labels, m.classes).float()
        with self.autocast():
            return self.generator(
                content, motion, tape.view(-1, anchors, m.tape_dim), classes, real.times, loops
            )

    def critic_step(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Teach the critics: real above fake, flat around both."""
        self.critics.requires_grad_(True)
        total = torch.zeros((), device=self.device)
        statistics = {}
        for name, settings in self.players():
            both = self.shown(name, torch.cat([real.clips, fakes])).requires_grad_(True)
            logits = self.judge(name, both, real)
            on_real, on_fake = logits.chunk(2)
            penalty = self.penalty(name, both, logits, real)
            gamma = anneal(
                self.step_number, self.config.burn_in, settings.gamma_start, settings.gamma_end
            )
            # R1 and R2 are the means over the two halves: gamma / 2 (R1 + R2).
            loss = relativistic_loss(on_real, on_fake).mean() + gamma * penalty.mean()
            total = total + loss
            statistics[f"gap_{name}"] = (on_real - on_fake).detach().mean()
            statistics[f"penalty_{name}"] = penalty.detach().mean()
        self.critic_optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.critic_optimizer.step()
        return statistics | {"loss_d": total.detach()}

    def generator_step(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Teach the generator: fake above real, for every critic by its weight."""
        self.critics.requires_grad_(False)
        total = torch.zeros((), device=self.device)
        for name, settings in self.players():
            with torch.no_grad():
                on_real = self.judge(name, self.shown(name, real.clips), real)
            on_fake = self.judge(name, self.shown(name, fakes), real)
            total = total + settings.weight * relativistic_loss(on_fake, on_real).mean()
        self.generator_optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.generator_optimizer.step()
        return {"loss_g": total.detach()}

    def players(self) -> list[tuple[str, CriticConfig]]:
        """The critics by name with their settings."""
        return [("frame", self.config.frame_critic), ("clip", self.config.clip_critic)]

    def shown(self, name: str, clips: Tensor) -> Tensor:
        """What a critic gets to see of clips [N, T, C, H, W]: the first moment, or all."""
        return clips[:, :1] if name == "frame" else clips

    def judge(self, name: str, clips: Tensor, real: ClipBatch) -> Tensor:
        """Logits [N] of clips: a batch, or two that are partners row by row (N = B or 2B).

        Partners have the same labels, time stamps and augmentation.
        """
        c, times = self.config, len(clips) // self.config.batch
        clips = augment(clips, c.seed, self.step_number, self.indices.repeat(times), c.augment)
        with self.autocast():
            return self.critics[name](clips, real.times.repeat(times, 1), real.labels.repeat(times))

    def penalty(self, name: str, both: Tensor, logits: Tensor, real: ClipBatch) -> Tensor:
        """Zero-centred penalty on each clip, [2B]."""
        c = self.config
        if c.penalty == "exact":
            return zero_centred_penalty(logits, both)
        rows = torch.cat([self.indices, self.indices + c.batch])
        noise = normal(c.seed, self.step_number, rows, both[0].numel(), stream=30)
        return finite_difference_penalty(
            lambda clips: self.judge(name, clips, real), both, logits, noise.view_as(both), c.sigma
        )

    def autocast(self) -> torch.autocast:
        """bfloat16 where it is asked for; float32 otherwise. Never float16: it cripples GANs."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


def anneal(step: int, steps: int, start: float, end: float) -> float:
    """Half a cosine from ``start`` to ``end`` over ``steps``, then ``end``."""
    progress = min(step / max(steps, 1), 1.0)
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def _rates(config: TrainConfig) -> tuple[float, float]:
    return config.learning_rate, config.learning_rate_end
