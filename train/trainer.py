"""One training step: critics, generator, average. No files, no printing, no host sync."""

from __future__ import annotations

import copy
import dataclasses
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.augment import augment
from train.config import CriticConfig, TrainConfig
from train.critics import build_critic
from train.critics.growing import GrowingCritic
from train.data import ClipBatch, ClipSource
from train.data.draws import normal
from train.data.resized import halved
from train.diversity import scatter
from train.ema import ema_decay, update_ema
from train.losses import LOSSES
from train.optimizers import optimizer
from train.penalties import batch_penalty
from train.ranks import Ranks
from train.schedules import anneal, coarse_at, grown_at
from train.stamps import draw_frames, draw_loops, draw_stamps
from vidgen.config import MAX_FRAMES, ConfigError
from vidgen.generators import build
from vidgen.generators.progressive import Progressive
from vidgen.generators.stgan import Stgan
from vidgen.latent import tape_anchors
from vidgen.nn.blocks import channels_last

STATISTICS = ("loss_g", "loss_d", "scatter_fakes", "scatter_reals")  # and gap_KIND, penalty_KIND


class Drawn(NamedTuple):
    """Real clips, and generated ones of the same labels and times."""

    real: ClipBatch
    fakes: Tensor


class Trainer:
    """The players and their optimizers; ``step()`` is one round of the game.

    Everything random is drawn by name from (seed, draw, clip), where a step has as many draws as
    the critics have steps; so the state is the weights, the optimizers and the step number: a
    resumed run goes on exactly.

    A batch's rows are dealt out to the processes of ``ranks``, and in each to ``parts``, which are
    worked on one after the other where memory is short: gradients are the whole batch's either way.
    """

    def __init__(
        self,
        config: TrainConfig,
        source: ClipSource,
        device: torch.device,
        bf16: bool,
        ranks: Ranks | None = None,
    ) -> None:
        self.config, self.source, self.device, self.bf16 = config, source, device, bf16
        self.ranks = ranks or Ranks(str(device))
        torch.manual_seed(config.seed)  # initial weights only
        model = config.model
        self.generator = channels_last(build(model).to(device))
        critics = {
            critic.kind: build_critic(model.clip, model.classes, critic, config.spectral)
            for critic in config.critics
        }
        self.critics = channels_last(nn.ModuleDict(critics).to(device))
        self.average = copy.deepcopy(self.generator).requires_grad_(False).eval()
        self.generator_optimizer = optimizer(config, self.generator)
        self.critic_optimizer = optimizer(config, self.critics)
        self.step_number = self.draw = 0
        loops = [name.loops for name in source.classes]
        self.may_loop = torch.tensor(loops if config.labels else [all(loops)], device=device)
        self.indices = self.ranks.share(config.batch)  # the rows at hand: those of one part
        self.parts = [self.indices]
        self.not_finite = torch.zeros((), device=device)

    def split(self, parts: int) -> None:
        """Work on a batch in so many parts, one after the other.

        Raises:
            ConfigError: this process has fewer rows than parts, or a number they don't divide.
        """
        rows = self.ranks.share(self.config.batch)
        if parts < 1 or len(rows) % parts:
            raise ConfigError(f"{len(rows)} rows of a batch can't be split into {parts} parts")
        self.parts = list(rows.chunk(parts))

    def step(self) -> dict[str, Tensor]:
        """Play one round; returns statistics as tensors on the device (see STATISTICS)."""
        c = self.config
        self.grow()
        rate = anneal(self.step_number, c.steps, c.learning_rate, c.learning_rate_end)
        for group in self.generator_optimizer.param_groups:
            group["lr"] = rate
        for group in self.critic_optimizer.param_groups:
            group["lr"] = rate * c.critic_rate
        for turn in range(c.critic_steps):
            self.draw = self.step_number * c.critic_steps + turn
            drawn, statistics = self.critic_step(last=turn == c.critic_steps - 1)
        statistics |= self.generator_step(drawn)
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

    def draw_both(self, slopes: bool) -> Drawn:
        """Draw real clips and their partners, with or without the way back to the generator."""
        real = self.draw_real()
        with torch.set_grad_enabled(slopes):
            return Drawn(real, self.draw_fakes(real))

    def draw_real(self) -> ClipBatch:
        """Render this draw's real clips, at all its frames or at its time stamps."""
        c = self.config
        if c.whole_clips:
            line = torch.arange(c.model.clip.frames, dtype=torch.float32, device=self.device)
            times = line.expand(len(self.indices), -1)
        else:
            moments = max(critic.frames for critic in c.critics)
            times = draw_stamps(c.seed, self.draw, self.indices, moments)
        real = self.source.render(c.seed, self.draw, self.indices, times)
        if self.step_number < c.coarse_steps:
            real = dataclasses.replace(real, clips=halved(real.clips))
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
        tape = tape.view(len(tape), anchors, m.tape_dim)
        with self.autocast():
            clips = self.generator(content, motion, tape, classes, real.times, loops)
        return halved(clips) if self.step_number < c.coarse_steps else clips

    def critic_step(self, last: bool) -> tuple[Drawn, dict[str, Tensor]]:
        """Teach the critics; returns what was drawn last, and statistics."""
        self.critics.requires_grad_(True)
        self.critic_optimizer.zero_grad(set_to_none=True)
        told = []
        for part in self.parts:
            self.indices = part
            # The last draw's fakes serve both players: drawing them twice costs a tenth.
            drawn = self.draw_both(slopes=last and len(self.parts) == 1)
            told.append(self.teach_critics(drawn.real, drawn.fakes.detach()))
        self.ranks.average_gradients(self.critics)
        self.critic_optimizer.step()
        return drawn, {key: torch.stack([t[key] for t in told]).mean() for key in told[0]}

    def teach_critics(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Add to the critics' gradients: real above fake, and flat where the penalty says."""
        total = torch.zeros((), device=self.device)
        statistics = {}
        for critic in self.config.critics:
            both, times = self.shown(critic, torch.cat([real.clips, fakes]), real.times)
            both.requires_grad_(self.config.penalty in ("R1+R2", "R1", "R2"))
            logits = self.judge(critic, both, times, real.labels)
            on_real, on_fake = logits.chunk(2)
            judge = partial(self.judge, critic, times=times, labels=real.labels)
            penalty = batch_penalty(self.config, self.draw, self.indices, judge, both, logits)
            gamma = anneal(
                self.step_number, self.config.burn_in, critic.gamma_start, critic.gamma_end
            )
            loss = LOSSES[self.config.loss].critic(on_real, on_fake).mean() + gamma * penalty
            total = total + loss
            statistics[f"gap_{critic.kind}"] = (on_real - on_fake).detach().mean()
            statistics[f"penalty_{critic.kind}"] = penalty.detach()
        (total / len(self.parts)).backward()
        for name, clips in (("scatter_fakes", fakes), ("scatter_reals", real.clips)):
            statistics[name] = scatter(clips, real.labels, self.config.model.classes)
        return statistics | {"loss_d": total.detach()}

    def generator_step(self, drawn: Drawn) -> dict[str, Tensor]:
        """Teach the generator by what was drawn, or by each part drawn anew."""
        self.critics.requires_grad_(False)
        self.generator_optimizer.zero_grad(set_to_none=True)
        told = []
        for part in self.parts:
            self.indices = part
            if len(self.parts) > 1:
                drawn = self.draw_both(slopes=True)
            told.append(self.teach_generator(*drawn))
        self.ranks.average_gradients(self.generator)
        self.generator_optimizer.step()
        return {"loss_g": torch.stack(told).mean()}

    def teach_generator(self, real: ClipBatch, fakes: Tensor) -> Tensor:
        """Add to the generator's gradients: fake above real, for every critic by its weight."""
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
        (total / len(self.parts)).backward()
        return total.detach()

    def shown(self, critic: CriticConfig, clips: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """What a critic gets to see of clips [N, T, C, H, W] and their times [B, T], N = B or 2B.

        Frames are drawn for each clip, the same for partners.
        """
        c = self.config
        if critic.whole or critic.frames == clips.shape[1]:
            return clips, times
        chosen = draw_frames(c.seed, self.draw, self.indices, clips.shape[1], critic.frames)
        rows = torch.arange(len(clips), device=self.device)[:, None]
        partners = chosen.repeat(len(clips) // len(chosen), 1)
        return clips[rows, partners], times.gather(1, chosen)

    def judge(self, critic: CriticConfig, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Logits [N] of clips: a batch, or two that are partners row by row (N = B or 2B).

        Partners have the same labels, time stamps and augmentation.
        """
        c, batches = self.config, len(clips) // len(self.indices)
        clips = augment(clips, c.seed, self.draw, self.indices.repeat(batches), c.augment)
        with self.autocast():
            return self.critics[critic.kind](
                clips, times.repeat(batches, 1), labels.repeat(batches)
            )

    def autocast(self) -> torch.autocast:
        """bfloat16 where it is asked for; float32 otherwise. Never float16: it cripples GANs."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)
