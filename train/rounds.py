"""The game in single steps: clips are drawn, the critic learns, the generator learns; each is told.

What is told is a dict for JSON: numbers before and after, and a sheet of clips. The steps are the
trainer's own, so rounds that are played to their end leave what ``Trainer.step`` leaves.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from train.data import ClipBatch
from train.levels import to_levels
from train.losses import LOSSES
from train.opinion import heated, opinions
from train.schedules import gamma_at
from train.sheets import clip_sheet, sheet_shape
from train.trainer import Trainer

STAGES = ("draw", "critic", "generator")
_REMEMBERED = 400  # rounds of which the losses are told


class Look(NamedTuple):
    """The clips of a round and what the critic makes of them now.

    Attributes:
        real: the real clips.
        fakes: their generated partners, [B, T, C, H, W].
        scores: logits [2, B], of the real clips and of their partners.
    """

    real: ClipBatch
    fakes: Tensor
    scores: Tensor


class Rounds:
    """Plays a trainer whose one critic sees whole clips and learns once a round.

    Who has learned in a round learns again only in the next one, from other clips: so each player
    can be trained alone too.
    """

    def __init__(self, trainer: Trainer) -> None:
        (self.eye,) = trainer.config.critics
        assert self.eye.whole and trainer.config.critic_steps == 1
        self.trainer, self.loss = trainer, LOSSES[trainer.config.loss]
        self.done: set[str] = set()  # of STAGES, in this round
        self.losses: dict[int, dict[str, float]] = {}  # by round
        trainer.begin_step()

    def draw(self) -> dict[str, Any]:
        """Draw clips that nobody has seen yet: real ones and generated partners."""
        if self.done:
            self.next_round()
        self.done.add("draw")
        look = self.look()
        numbers = {"loss_d": self.pairs(look), "loss_g": self.pairs(look, "generator")}
        rows = {"real": to_levels(look.real.clips), "fake": to_levels(look.fakes)}
        return self.told("draw", (look, look), numbers, rows)

    def critic(self) -> dict[str, Any]:
        """Let the critic learn; shows where in the clips its scores come from."""
        self.begin("critic")
        before = self.look()
        gamma = gamma_at(self.trainer.config, self.eye, self.trainer.step_number)
        learned = _numbers(self.trainer.critic_step(last=True))
        self.note(learned)
        after = self.look()
        numbers = {
            "loss": [self.pairs(before), self.pairs(after)],
            "penalty": learned[f"penalty_{self.eye.kind}"],
            "gamma": gamma,
            "total": learned["loss_d"],
            "gradient": learned["gradient_d"],
        }
        real, clips = after.real, torch.cat([after.real.clips, after.fakes])
        both = ClipBatch(
            clips, real.labels.repeat(2), real.times.repeat(2, 1), real.motion, real.params
        )
        on_real, on_fake = heated(clips, opinions(self.trainer, both)[self.eye.kind].heat).chunk(2)
        rows = {"real": to_levels(real.clips), "real_heat": on_real,
                "fake": to_levels(after.fakes), "fake_heat": on_fake}  # fmt: skip
        return self.told("critic", (before, after), numbers, rows)

    def generator(self) -> dict[str, Any]:
        """Let the generator learn; shows its clips before and after, and what was asked of it."""
        self.begin("generator")
        before = self.look()
        wish = self.slopes(before)
        learned = _numbers(self.trainer.generator_step())
        self.note(learned)
        after = self.look()
        change = after.fakes - before.fakes
        (wished, _), (changed, factor) = _signed(wish), _signed(change)
        numbers = {
            "loss": [self.pairs(before, "generator"), self.pairs(after, "generator")],
            "gradient": learned["gradient_g"],
            "factor": factor,
            "levels": 127.5 * change.abs().mean().item(),
        }
        rows = {"real": to_levels(before.real.clips), "fake": to_levels(before.fakes),
                "wish": to_levels(wished), "after": to_levels(after.fakes),
                "change": to_levels(changed)}  # fmt: skip
        return self.told("generator", (before, after), numbers, rows)

    def play(self, count: int) -> dict[str, Any]:
        """Play this round to its end if it has begun, then so many more; tells the last one's."""
        if "critic" in self.done and "generator" not in self.done:
            self.generator()
        if self.done - {"draw"}:
            self.next_round()
        for _ in range(count - 1):
            step = self.trainer.step_number
            self.note(_numbers(self.trainer.step()), step)
        self.trainer.begin_step()
        self.critic()
        return self.generator()

    def begin(self, player: str) -> None:
        """Let a player learn from clips that it has not learned from."""
        if player in self.done:
            self.next_round()
        self.done.add(player)

    def next_round(self) -> None:
        """End a round, in which perhaps not both have learned."""
        self.trainer.end_step()
        self.trainer.drawn = None  # what the generator has not learned from
        self.trainer.begin_step()
        self.done = set()

    @torch.no_grad()
    def look(self) -> Look:
        """Show the critic the clips of this round, by the weights of now."""
        real, fakes = self.trainer.draw_both(slopes=False)
        both = torch.cat([real.clips, fakes])
        scores = self.trainer.judge(self.eye, both, real.times, real.labels)
        return Look(real, fakes, scores.unflatten(0, (2, -1)))

    def pairs(self, look: Look, player: str = "critic") -> float:
        """Return a player's loss of the scores, without the critic's penalty."""
        return getattr(self.loss, player)(*look.scores).mean().item()

    def slopes(self, look: Look) -> Tensor:
        """Return how each pixel of the generated clips would have to change to be scored higher."""
        fakes = look.fakes.requires_grad_(True)
        scores = self.trainer.judge(self.eye, fakes, look.real.times, look.real.labels)
        return torch.autograd.grad(scores.sum(), fakes)[0]

    def note(self, learned: Mapping[str, float], step: int | None = None) -> None:
        """Keep a player's loss of a round, this one's unless another is named."""
        row = self.losses.setdefault(self.trainer.step_number if step is None else step, {})
        row |= {key: learned[key] for key in ("loss_d", "loss_g") if key in learned}
        if len(self.losses) > _REMEMBERED:
            del self.losses[min(self.losses)]

    def told(
        self,
        stage: str,
        looks: tuple[Look, Look],
        numbers: Mapping[str, Any],
        rows: Mapping[str, Tensor],
    ) -> dict[str, Any]:
        """Put into words for JSON what has happened; ``rows`` are uint8 clips [B, T, C, H, W]."""
        before, after = looks
        scores = torch.stack([before.scores, after.scores], dim=-1)  # [2, B, 2]
        source, clip = self.trainer.source, self.trainer.config.model.clip
        clips = torch.cat([row.expand(-1, -1, 3, -1, -1) for row in rows.values()])
        steps = list(self.losses)
        curves = {key: [self.losses[step].get(key) for step in steps]
                  for key in ("loss_d", "loss_g")}  # fmt: skip
        return {
            "stage": stage,
            "next": self.following(),
            "round": self.trainer.step_number + 1,
            "data": source.title,
            "names": [(source.classes[k].en, source.classes[k].zh) for k in before.real.labels],
            "scores": {"real": _short(scores[0].tolist()), "fake": _short(scores[1].tolist())},
            "numbers": {key: _short(value) for key, value in numbers.items()},
            "history": {"step": [step + 1 for step in steps], **_short(curves)},
            "rows": list(rows),
            "sheet": {**sheet_shape(len(clips), clip), "fps": source.fps},
            "picture": base64.b64encode(clip_sheet(clips)).decode(),
        }

    def following(self) -> str:
        """Return the stage that comes next where both players take turns."""
        if "generator" in self.done:
            return "draw"
        return "generator" if "critic" in self.done else "critic"


def _numbers(statistics: Mapping[str, Tensor]) -> dict[str, float]:
    return {key: value.item() for key, value in statistics.items()}


def _signed(values: Tensor) -> tuple[Tensor, float]:
    """Stretch values, most of them, to [-1, 1]; returns the factor too."""
    most = values.abs().flatten().quantile(0.995).clamp(min=1e-8).item()
    return (values / most).clamp(-1, 1), 1 / most


def _short(value: Any) -> Any:  # noqa: ANN401 - numbers in lists and dicts
    """Round all numbers to five digits that count."""
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
