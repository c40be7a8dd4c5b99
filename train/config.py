"""What decides a training run: one frozen config."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args

from vidgen.config import ConfigError, ModelConfig, closed_fields, within
from vidgen.families import read_model

CriticKind = Literal["frame", "moments", "sequence", "volume", "temporal", "growing"]
LossName = Literal["minimax", "non-saturating", "hinge", "wasserstein", "relativistic"]
Penalty = Literal["R1+R2", "R1", "R2", "between", "none"]
Slope = Literal["exact", "finite-difference"]
Optimizer = Literal["adam", "rmsprop"]


@dataclass(frozen=True)
class CriticConfig:
    """One critic: what it looks at, its widths (channels by stage), its weight, its penalty.

    ``kind`` is a row of ``train.critics.KINDS``; ``frames`` is how many frames of a clip the kinds
    "frame" and "moments" see, the others see all. ``weight`` is the critic's share in what the
    generator hears. The penalty's weight gamma falls from ``gamma_start`` to ``gamma_end`` on half
    a cosine over the run's burn-in: strong first, or the critic runs away; weak later, or it
    sleeps.
    """

    kind: CriticKind
    widths: tuple[int, ...]
    gamma_start: float
    gamma_end: float
    weight: float = 1.0
    frames: int = 1

    @property
    def whole(self) -> bool:
        """Does it see every frame of a clip?"""
        return self.kind not in ("frame", "moments")


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a run depends on, besides its data folder and its device.

    ``critic_steps`` are the critics' steps for each of the generator's. ``penalty`` is on real and
    generated clips (R1+R2), on one of both, on mixtures of the two (between), or nowhere; ``slope``
    is how its derivative is found, with the step ``sigma``. ``beta1`` is Adam's alone; ``beta2`` is
    RMSprop's smoothing too. ``spectral`` divides each of the critics' weights by its norm. Without
    ``labels`` neither player is told a class, and the model has one. With a weight ``mismatch`` the
    critics also learn that a real clip under another class' name is none of it. Critics see clips
    changed with probability ``augment``, which adapts to their overfitting where there is an
    ``augment_target`` (``train.adaptive``); ``flips`` lets it mirror clips. For ``coarse_steps``
    the flagship draws, and its critics see, clips of half the side; with ``restart`` rate and gamma
    then begin anew, or what is new at the whole side is learned at a rate that has fallen already.
    A growing model gets a stage more every ``growth`` steps. For ``head_start`` steps the
    generator stays as it is and only the critics learn: what ``--init-from`` a release wants, whose
    critics are gone, because fresh ones would first unlearn what it knows.
    """

    data: str
    model: ModelConfig
    critics: tuple[CriticConfig, ...]
    steps: int
    batch: int = 32
    loss: LossName = "relativistic"
    penalty: Penalty = "R1+R2"
    slope: Slope = "exact"
    sigma: float = 0.05
    burn_in: int = 1500
    critic_steps: int = 1
    optimizer: Optimizer = "adam"
    learning_rate: float = 4e-4
    learning_rate_end: float = 1e-4
    critic_rate: float = 1.0
    beta1: float = 0.0
    beta2: float = 0.99
    spectral: bool = False
    ema_half_life: float = 500.0
    labels: bool = True
    mismatch: float = 0.0
    augment: float = 0.0
    augment_target: float = 0.0
    flips: bool = False
    loop_share: float = 0.2
    coarse_steps: int = 0
    restart: bool = False
    growth: int = 0
    head_start: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, legal in (("loss", LossName), ("penalty", Penalty), ("slope", Slope),
                            ("optimizer", Optimizer)):  # fmt: skip
            _one_of(name, getattr(self, name), get_args(legal))
        for name in ("augment", "augment_target"):
            within(name, getattr(self, name), 0, 1, float)
        if not self.critics:
            raise ConfigError("critics is empty; legal is one or more")
        for critic in self.critics:
            _one_of("kind", critic.kind, get_args(CriticKind))
        if len({critic.kind for critic in self.critics}) < len(self.critics):
            raise ConfigError("critics has a kind twice; legal is one of each kind")
        if self.penalty == "between" and self.slope != "exact":
            raise ConfigError(f"slope is {self.slope!r}; legal for a penalty between is 'exact'")
        if self.mismatch and self.model.classes == 1:
            raise ConfigError(f"mismatch is {self.mismatch}; legal for one class is 0")
        if not self.labels and self.model.classes != 1:
            raise ConfigError(f"classes is {self.model.classes}; legal without labels is 1")
        if self.coarse_steps and self.model.family != "stgan":
            raise ConfigError(
                f"coarse_steps is {self.coarse_steps}; legal for {self.model.family} is 0"
            )
        if self.restart and not 0 < self.coarse_steps < self.steps:
            raise ConfigError(
                f"coarse_steps is {self.coarse_steps}; legal with restart are 1 to {self.steps - 1}"
            )
        if self.growth and self.model.family != "progressive":
            raise ConfigError(f"growth is {self.growth}; legal for {self.model.family} is 0")

    @property
    def whole_clips(self) -> bool:
        """Is the generator trained on all frames 0, 1 ... of a clip, not on scattered moments?"""
        return not self.model.continuous_time or any(critic.whole for critic in self.critics)

    @property
    def clips_a_step(self) -> int:
        """How many real clips the critics see in a step."""
        return self.batch * self.critic_steps

    def stage(self, step: int) -> tuple[int, int]:
        """How far a step is in what rate and gamma go through, and how many steps that has."""
        first = self.coarse_steps if self.restart else 0
        return (step, first) if step < first else (step - first, self.steps - first)

    def lasting(self, steps: int) -> TrainConfig:
        """Return the same run in another number of steps, stretched in all its parts."""
        stretch = steps / self.steps
        coarse = round(self.coarse_steps * stretch)
        return dataclasses.replace(
            self,
            steps=steps,
            burn_in=round(self.burn_in * stretch),
            ema_half_life=self.ema_half_life * stretch,
            coarse_steps=coarse,
            restart=self.restart and 0 < coarse < steps,
            growth=max(round(self.growth * stretch), 1) if self.growth else 0,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``from_dict`` reads back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> TrainConfig:
        """Build from a JSON object with exactly these keys."""
        fields = closed_fields(cls, data, "train")
        fields["model"] = read_model(fields["model"])
        critics = [closed_fields(CriticConfig, critic, "critic") for critic in fields["critics"]]
        fields["critics"] = tuple(
            CriticConfig(**{**critic, "widths": tuple(critic["widths"])}) for critic in critics
        )
        return cls(**fields)


def _one_of(name: str, value: object, legal: tuple[str, ...]) -> None:
    if value not in legal:
        raise ConfigError(f"{name} is {value!r}; legal are {', '.join(legal)}")
