"""One training step: critics, generator, average. No files, no printing, no host sync."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from train.adaptive import Augmentation
from train.config import CriticConfig, TrainConfig
from train.critics import build_critic
from train.critics.growing import GrowingCritic
from train.data import ClipBatch, ClipSource
from train.dealer import Dealer, Draw, Drawn
from train.devices import autocast, out_of_memory
from train.diversity import scatter
from train.ema import ema_decay, update_ema
from train.losses import LOSSES
from train.optimizers import gradient_norm, optimizer
from train.penalties import batch_penalty
from train.ranks import Ranks
from train.schedules import coarse_at, gamma_at, grown_at, rates_at
from vidgen.config import ConfigError
from vidgen.document import Ancestor
from vidgen.generators import build
from vidgen.generators.progressive import Progressive
from vidgen.generators.stgan import Stgan
from vidgen.nn.blocks import channels_last

# And gap_KIND, penalty_KIND for each critic; augment, overfit where the augmentation adapts.
STATISTICS = ("loss_g", "loss_d", "gradient_g", "gradient_d", "scatter_fakes", "scatter_reals")


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
        self.step_number = self.draw_number = 0
        self.ancestors: tuple[Ancestor, ...] = ()  # whose weights it began with
        self.dealer = Dealer(config, source, self.generator, device, bf16)
        self.indices = self.ranks.share(config.batch)  # the rows at hand: those of one part
        self.parts = [self.indices]
        self.drawn: Drawn | None = None  # what both players work on in this step
        self.augmentation = Augmentation(config).to(device)
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
        self.begin_step()
        for turn in range(self.config.critic_steps):
            self.draw_number = self.step_number * self.config.critic_steps + turn
            last = turn == self.config.critic_steps - 1
            statistics = self.within_memory(partial(self.critic_step, last))
        statistics |= self.within_memory(self.generator_step)
        self.not_finite += 1 - torch.isfinite(torch.stack(list(statistics.values()))).all().float()
        self.end_step()
        return statistics

    def begin_step(self) -> None:
        """Show the players how far they are, set their rates, and take the step's first draw."""
        c = self.config
        self.grow()
        self.draw_number = self.step_number * c.critic_steps
        optimizers = self.generator_optimizer, self.critic_optimizer
        for each, rate in zip(optimizers, rates_at(c, self.step_number), strict=True):
            for group in each.param_groups:
                group["lr"] = rate

    def end_step(self) -> None:
        """Move the average after the generator, and count the step."""
        decay = ema_decay(self.step_number, self.config.ema_half_life)
        update_ema(self.average, self.generator, decay)
        self.step_number += 1

    def within_memory(self, work: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """Do what ends with an update; where memory is short do it anew, in twice the parts."""
        while True:
            try:
                return work()
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                rows = len(self.parts[0])
                if rows % 2 or not out_of_memory(error):
                    raise
            self.drawn = None  # and with it the way back through the generator
            self.split(2 * len(self.parts))

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

    @property
    def draw(self) -> Draw:
        """The draw at hand: its number, and the rows of the part that is worked on."""
        return Draw(self.step_number, self.draw_number, self.indices)

    def draw_both(self, slopes: bool) -> Drawn:
        """Draw real clips and their partners, with or without the way back to the generator."""
        real = self.dealer.real(self.draw)
        with torch.set_grad_enabled(slopes):
            return Drawn(real, self.dealer.fakes(self.draw, real))

    def critic_step(self, last: bool) -> dict[str, Tensor]:
        """Teach the critics; the last draw is kept for the generator where it is in one part."""
        self.critics.requires_grad_(True)
        self.critic_optimizer.zero_grad(set_to_none=True)
        told, apart = [], []
        for part in self.parts:
            self.indices = part
            # The last draw's fakes serve both players: drawing them twice costs a tenth.
            shared = last and len(self.parts) == 1
            drawn = self.draw_both(slopes=shared)
            told.append(self.teach_critics(drawn.real, drawn.fakes.detach()))
            if self.augmentation.looks(self.draw_number):
                apart.append(self.held_apart(drawn))
            self.drawn = drawn if shared else None
        self.ranks.average_gradients(self.critics)
        self.critic_optimizer.step()
        if apart:
            self.augmentation.adapt(*self.ranks.mean(torch.stack(apart).mean(dim=0)))
        means = {key: torch.stack([t[key] for t in told]).mean() for key in told[0]}
        means["gradient_d"] = gradient_norm(self.critics)
        return means | self.augmentation.statistics()

    @torch.no_grad()
    def held_apart(self, drawn: Drawn) -> Tensor:
        """How far above held-out clips, and above generated ones, critics place real clips: [2]."""
        real, fakes = drawn
        held = self.dealer.held_out(self.draw, real)
        apart = []
        for critic in self.config.critics:
            looks = [(real.clips, real.times), (held.clips, held.times), (fakes, real.times)]
            shown = (self.dealer.shown(self.draw, critic, *look) for look in looks)
            on = [self.judge(critic, *look, real.labels).mean() for look in shown]
            apart.append(torch.stack([on[0] - on[1], on[0] - on[2]]))
        return torch.stack(apart).mean(dim=0)

    def teach_critics(self, real: ClipBatch, fakes: Tensor) -> dict[str, Tensor]:
        """Add to the critics' gradients: real above fake, and flat where the penalty says.

        Real under the right name above real under a wrong one, where the config wants it: the
        matching-aware critic of Reed et al. 2016 (arXiv 1605.05396, section 4.1).
        """
        draw, total = self.draw, torch.zeros((), device=self.device)
        others = self.dealer.other_labels(draw, real) if self.config.mismatch else real.labels
        statistics = {}
        for critic in self.config.critics:
            both = torch.cat([real.clips, fakes])
            both, times = self.dealer.shown(draw, critic, both, real.times)
            both.requires_grad_(self.config.penalty in ("R1+R2", "R1", "R2"))
            logits = self.judge(critic, both, times, real.labels)
            on_real, on_fake = logits.chunk(2)
            judge = partial(self.judge, critic, times=times, labels=real.labels)
            penalty = batch_penalty(self.config, draw.number, draw.rows, judge, both, logits)
            loss = LOSSES[self.config.loss].critic(on_real, on_fake).mean()
            if self.config.mismatch:
                misnamed = self.judge(critic, both.detach()[: len(on_real)], times, others)
                told = LOSSES[self.config.loss].critic(on_real, misnamed).mean()
                loss = loss + self.config.mismatch * told
            total = total + loss + gamma_at(self.config, critic, self.step_number) * penalty
            statistics[f"gap_{critic.kind}"] = (on_real - on_fake).detach().mean()
            statistics[f"penalty_{critic.kind}"] = penalty.detach()
        (total / len(self.parts)).backward()
        for name, clips in (("scatter_fakes", fakes), ("scatter_reals", real.clips)):
            statistics[name] = scatter(clips, real.labels, self.config.model.classes)
        return statistics | {"loss_d": total.detach()}

    def generator_step(self) -> dict[str, Tensor]:
        """Teach the generator by what the critics saw, or by each part of it drawn anew."""
        self.critics.requires_grad_(False)
        self.generator_optimizer.zero_grad(set_to_none=True)
        told = []
        for part in self.parts:
            self.indices = part
            drawn = self.drawn or self.draw_both(slopes=True)
            told.append(self.teach_generator(*drawn))
            self.drawn = None
        self.ranks.average_gradients(self.generator)
        self.generator_optimizer.step()
        return {"loss_g": torch.stack(told).mean(), "gradient_g": gradient_norm(self.generator)}

    def teach_generator(self, real: ClipBatch, fakes: Tensor) -> Tensor:
        """Add to the generator's gradients: fake above real, for every critic by its weight."""
        loss = LOSSES[self.config.loss]
        total = torch.zeros((), device=self.device)
        for critic in self.config.critics:
            clips, times = self.dealer.shown(self.draw, critic, fakes, real.times)
            on_fake = on_real = self.judge(critic, clips, times, real.labels)
            if loss.paired:
                with torch.no_grad():
                    clips, times = self.dealer.shown(self.draw, critic, real.clips, real.times)
                    on_real = self.judge(critic, clips, times, real.labels)
            total = total + critic.weight * loss.generator(on_real, on_fake).mean()
        (total / len(self.parts)).backward()
        return total.detach()

    def judge(self, critic: CriticConfig, clips: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Logits [N] of clips: a batch, or two that are partners row by row (N = B or 2B).

        Partners have the same labels, time stamps and augmentation.
        """
        batches = len(clips) // len(self.indices)
        clips = self.augmentation(clips, self.draw_number, self.indices.repeat(batches))
        with autocast(self.device, self.bf16):
            return self.critics[critic.kind](
                clips, times.repeat(batches, 1), labels.repeat(batches)
            )
