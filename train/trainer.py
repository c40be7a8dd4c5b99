"""One training step: critics, generator, average. No files, no printing, no host sync."""

from __future__ import annotations

import copy
import dataclasses
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.augment import augment
from train.config import CriticConfig, TrainConfig
from train.critics import build_critic
from train.critics.growing import GrowingCritic
from train.data import ClipBatch, ClipSource
from train.data.draws import normal, uniform
from train.diversity import batch_diversity
from train.ema import ema_decay, update_ema
from train.losses import LOSSES, between_penalty, finite_difference_penalty, zero_centred_penalty
from train.stamps import draw_frames, draw_loops, draw_stamps
from vidgen.config import MAX_FRAMES
from vidgen.generators import build
from vidgen.generators.progressive import Progressive
from vidgen.generators.stgan import Stgan
from vidgen.latent import tape_anchors
from vidgen.nn.blocks import channels_last

STATISTICS = ("loss_g", "loss_d", "batch_diversity")  # and gap_KIND, penalty_KIND for each critic


class Trainer:
    """The players and their optimizers; ``step()`` is one round of the game.

    Everything random is drawn by name from (seed, draw, clip), where a step has as many draws as
    the critics have steps; so the state is the weights, the optimizers and the step number: a
    resumed run goes on exactly.
    """

    def __init__(
        self, config: TrainConfig, source: ClipSource, device: torch.device, bf16: bool
    ) -> None:
        self.config, self.source, self.device, self.bf16 = config, source, device, bf16
        torch.manual_seed(config.seed)  # initial weights only
        model = config.model
        self.generator = channels_last(build(model).to(device))
        critics = {
            critic.kind: build_critic(model.clip, model.classes, critic, config.spectral)
            for critic in config.critics
        }
        self.critics = channels_last(nn.ModuleDict(critics).to(device))
        self.average = copy.deepcopy(self.generator).requires_grad_(False).eval()
        self.generator_optimizer = self.optimizer(self.generator)
        self.critic_optimizer = self.optimizer(self.critics)
        self.step_number = self.draw = 0
        loops = [name.loops for name in source.classes]
        self.may_loop = torch.tensor(loops if config.labels else [all(loops)], device=device)
        self.indices = torch.arange(config.batch, device=device)
        self.not_finite = torch.zeros((), device=device)

    def optimizer(self, player: nn.Module) -> torch.optim.Optimizer:
        """Return a player's optimizer, as the config names it."""
        c = self.config
        if c.optimizer == "rmsprop":
            return torch.optim.RMSprop(player.parameters(), c.learning_rate, c.beta2)
        return torch.optim.Adam(player.parameters(), c.learning_rate, (c.beta1, c.beta2), eps=1e-8)

    def step(self) -> dict[str, Tensor]:
        """Play one round; returns statistics as tensors on the device (see STATISTICS)."""
        c = self.config
        self.grow()
        rate = anneal(self.step_number, c.steps, c.learning_rate, c.learning_rate_end)
        for optimizer, share in (
            (self.generator_optimizer, 1.0),
            (self.critic_optimizer, c.critic_rate),
        ):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
        for turn in range(c.critic_steps):
            self.draw = self.step_number * c.critic_steps + turn
            real = self.draw_real()
            # The last draw's fakes serve both players: drawing them twice costs a tenth.
            with torch.set_grad_enabled(turn == c.critic_steps - 1):
                fakes = self.draw_fakes(real)
            statistics = self.critic_step(real, fakes.detach())
        statistics |= self.generator_step(real, fakes)
        statistics["batch_diversity"] = batch_diversity(
            fakes.detach(), real.clips, real.labels, c.model.classes
        )
        update_ema(self.average, self.generator, ema_decay(self.step_number, c.ema_half_life))
        self.not_finite += 1 - torch.isfinite(torch.stack(list(statistics.values()))).all().float()
        self.step_number += 1
        return statistics

    def grow(self) -> None:
        """Show the players how far they are, where that decides what they draw or see."""
        if isinstance(self.generator, Stgan) and isinstance(self.average, Stgan):
            coarse = coarse_at(self.step_number, self.config.coarse_steps)
            self.generator.coarse = self.average.coarse = coarse
        if not self.config.growth:
            return
        grown = grown_at(self.step_number, self.config.growth)
        for generator in (self.generator, self.average):
            assert isinstance(generator, Progressive)
            generator.grown.fill_(min(grown, len(generator.stages)))
        for critic in self.critics.values():
            if isinstance(critic, GrowingCritic):
                critic.grow(grown)

    def draw_real(self) -> ClipBatch:
        """Render this draw's real clips, at all its frames or at its time stamps."""
        c = self.config
        if c.whole_clips:
            line = torch.arange(c.model.clip.frames, dtype=torch.float32, device=self.device)
            times = line.expand(c.batch, -1)
        else:
            moments = max(critic.frames for critic in c.critics)
            times = draw_stamps(c.seed, self.draw, self.indices, moments)
        real = self.source.render(c.seed, self.draw, self.indices, times)
        if self.step_number < c.coarse_steps:  # as the generator then draws them
            real = dataclasses.replace(real, clips=F.avg_pool3d(real.clips, (1, 2, 2)))
        if not c.labels:
            real = dataclasses.replace(real, labels=torch.zeros_like(real.labels))
        return real

    def draw_fakes(self, real: ClipBatch) -> Tensor:
        """Generate the partners of the real clips: same labels, same time stamps, fresh noise."""
        c, m = self.config, self.config.model
        anchors = tape_anchors(MAX_FRAMES, m.tape_spacing)
        sizes = [m.content_dim, m.motion_dim, anchors * m.tape_dim]
        noise = normal(c.seed, self.draw, self.indices, sum(sizes), stream=20)
        content, motion, tape = noise.split(sizes, dim=1)
        loops = draw_loops(
            c.seed, self.draw, self.indices, self.may_loop[real.labels], c.loop_share
        )
        classes = F.one_hot(real.labels, m.classes).float()
        with self.autocast():
            return self.generator(
                content, motion, tape.view(c.batch, anchors, m.tape_dim), classes, real.times, loops
            )

    def critic_step(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Teach the critics: real above fake, and flat where the penalty says."""
        self.critics.requires_grad_(True)
        total = torch.zeros((), device=self.device)
        statistics = {}
        for critic in self.config.critics:
            both, times = self.shown(critic, torch.cat([real.clips, fakes]), real.times)
            both.requires_grad_(self.config.penalty in ("R1+R2", "R1", "R2"))
            logits = self.judge(critic, both, times, real.labels)
            on_real, on_fake = logits.chunk(2)
            penalty = self.penalty(critic, both, logits, times, real.labels)
            gamma = anneal(
                self.step_number, self.config.burn_in, critic.gamma_start, critic.gamma_end
            )
            # The same picture in a quarter of the pixels has four times the squared slope.
            gamma *= (both.shape[-1] / self.config.model.clip.width) ** 2
            loss = LOSSES[self.config.loss].critic(on_real, on_fake).mean() + gamma * penalty
            total = total + loss
            statistics[f"gap_{critic.kind}"] = (on_real - on_fake).detach().mean()
            statistics[f"penalty_{critic.kind}"] = penalty.detach()
        self.critic_optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.critic_optimizer.step()
        return statistics | {"loss_d": total.detach()}

    def generator_step(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Teach the generator: fake above real, for every critic by its weight."""
        self.critics.requires_grad_(False)
        loss = LOSSES[self.config.loss]
        total = torch.zeros((), device=self.device)
        for critic in self.config.critics:
            clips, times = self.shown(critic, fakes, real.times)
            on_fake = on_real = self.judge(critic, clips, times, real.labels)
            if loss.paired:
                with torch.no_grad():
                    clips, times = self.shown(critic, real.clips, real.times)
                    on_real = self.judge(critic, clips, times, real.labels)
            total = total + critic.weight * loss.generator(on_real, on_fake).mean()
        self.generator_optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.generator_optimizer.step()
        return {"loss_g": total.detach()}

    def shown(self, critic: CriticConfig, clips: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """What a critic gets to see of clips [N, T, C, H, W] and their times [B, T], N = B or 2B.

        Frames are drawn for each clip, the same for partners.
        """
        c = self.config
        if critic.whole or critic.frames == clips.shape[1]:
            return clips, times
        chosen = draw_frames(c.seed, self.draw, self.indices, clips.shape[1], critic.frames)
        rows = torch.arange(len(clips), device=self.device)[:, None]
        partners = chosen.repeat(len(clips) // c.batch, 1)
        return clips[rows, partners], times.gather(1, chosen)

    def judge(self, critic: CriticConfig, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Logits [N] of clips: a batch, or two that are partners row by row (N = B or 2B).

        Partners have the same labels, time stamps and augmentation.
        """
        c, batches = self.config, len(clips) // self.config.batch
        clips = augment(clips, c.seed, self.draw, self.indices.repeat(batches), c.augment)
        with self.autocast():
            return self.critics[critic.kind](
                clips, times.repeat(batches, 1), labels.repeat(batches)
            )

    def penalty(
        self, critic: CriticConfig, both: Tensor, logits: Tensor, times: Tensor, labels: Tensor
    ) -> Tensor:
        """The mean penalty of a batch of partners: (R1 + R2) / 2, half of one, or that between."""
        c = self.config

        def judge(clips: Tensor) -> Tensor:
            return self.judge(critic, clips, times, labels)

        if c.penalty == "none":
            return torch.zeros((), device=self.device)
        if c.penalty == "between":
            share = uniform(c.seed, self.draw, self.indices, 1, stream=31)[:, 0]
            real, fake = both.chunk(2)
            return between_penalty(judge, real, fake, share).mean()
        if c.slope == "exact":
            penalties = zero_centred_penalty(logits, both)
        else:
            rows = torch.cat([self.indices, self.indices + c.batch])
            noise = normal(c.seed, self.draw, rows, both[0].numel(), stream=30).view_as(both)
            penalties = finite_difference_penalty(judge, both, logits, noise, c.sigma)
        r1, r2 = penalties.chunk(2)
        kept = {"R1": (r1,), "R2": (r2,), "R1+R2": (r1, r2)}[c.penalty]
        return torch.stack([half.mean() for half in kept]).sum() / 2

    def autocast(self) -> torch.autocast:
        """bfloat16 where it is asked for; float32 otherwise. Never float16: it cripples GANs."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


def grown_at(step: int, steps: int) -> float:
    """How many stages have come on the first: one every ``steps``, half of which it fades in."""
    stage, progress = divmod(step / steps, 1)
    return max(stage - 1 + min(2 * progress, 1), 0)


def coarse_at(step: int, steps: int) -> float:
    """How coarse the flagship draws: 1 for ``steps``, then down to 0 in a quarter as many."""
    return min(max(1 - (step + 1 - steps) / (steps / 4), 0.0), 1.0) if steps else 0.0


def anneal(step: int, steps: int, start: float, end: float) -> float:
    """Half a cosine from ``start`` to ``end`` over ``steps``, then ``end``."""
    progress = min(step / max(steps, 1), 1.0)
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
