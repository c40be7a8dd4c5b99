"""What decides a training run: one frozen config, and the table of presets."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from vidgen.config import ClipShape, ConfigError, ModelConfig, closed_fields
from vidgen.families import StganConfig, read_model


@dataclass(frozen=True)
class CriticConfig:
    """One critic: its widths (channels by stage), its weight for the generator, its penalty.

    The penalty weight gamma falls from ``gamma_start`` to ``gamma_end`` on half a cosine over the
    run's burn-in: strong first, or the critic runs away; weak later, or it sleeps.
    """

    widths: tuple[int, ...]
    gamma_start: float
    gamma_end: float
    weight: float = 1.0


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a run depends on, besides its data folder and its device."""

    data: str
    model: ModelConfig
    steps: int
    batch: int = 32
    frame_critic: CriticConfig = CriticConfig((16, 48, 96, 128), gamma_start=30.0, gamma_end=3.0)
    clip_critic: CriticConfig = CriticConfig((16, 56, 96, 128), gamma_start=60.0, gamma_end=6.0)
    critic_frames: int = 3
    burn_in: int = 1500
    learning_rate: float = 4e-4
    learning_rate_end: float = 1e-4
    beta2: float = 0.99
    ema_half_life: float = 500.0
    penalty: Literal["exact", "finite-difference"] = "exact"
    sigma: float = 0.05
    augment: float = 0.0
    loop_share: float = 0.2
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``from_dict`` reads back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> TrainConfig:
        """Build from a JSON object with exactly these keys."""
        fields = closed_fields(cls, data, "train")
        fields["model"] = read_model(fields["model"])
        for name in ("frame_critic", "clip_critic"):
            critic = closed_fields(CriticConfig, fields[name], name)
            fields[name] = CriticConfig(**{**critic, "widths": tuple(critic["widths"])})
        return cls(**fields)


def _digits(**changes: Any) -> ModelConfig:  # noqa: ANN401 - fields of the config
    return StganConfig(ClipShape(16, 1, 64, 64), 10, **changes)


def _phenomena(**changes: Any) -> ModelConfig:  # noqa: ANN401 - fields of the config
    return StganConfig(ClipShape(16, 3, 64, 64), 10, **changes)


_SMALL = {"canonical_width": 8, "groups": 2, "free_width": 8, "synthesis_width": 8,
          "latent": 32, "oscillators": 4}  # fmt: skip
_WIDE = {"canonical_width": 80, "free_width": 40, "synthesis_width": 56, "latent": 160}
_SMOKE_CRITIC = CriticConfig((8, 8, 16, 16), gamma_start=10.0, gamma_end=1.0)

PRESETS: dict[str, TrainConfig] = {
    # A row says what it is for, and ends with what it cost and gave; LOG.md has the story.
    #
    # Seconds on a CPU: shows that the chain works, learns nothing.
    "smoke": TrainConfig(
        "digits", _digits(**_SMALL), steps=20, batch=4, burn_in=10,
        frame_critic=_SMOKE_CRITIC, clip_critic=_SMOKE_CRITIC,
    ),
    # Mostly black pictures need a penalty that falls a hundredfold. 175,400 clips, 1.6 hours of an
    # idle core: alignment 0.93 of 0.97, motion ratio 0.78, by way of other gammas.
    "digits-64-cpu": TrainConfig(
        "digits", _digits(canonical_width=48, groups=4, free_width=16, synthesis_width=24),
        steps=9_000, burn_in=700,
        frame_critic=CriticConfig((16, 48, 96, 128), gamma_start=10.0, gamma_end=0.1),
        clip_critic=CriticConfig((16, 56, 96, 128), gamma_start=15.0, gamma_end=0.15),
    ),
    # Below 6 and 12 the critics run away; at a rate of 3e-4 things leave the canvas after 100,000
    # clips, so it falls sooner. 96,000 clips, 70 minutes of an idle core: alignment 0.99 of 1.00,
    # motion ratio 1.23, by way of another rate for the first half, and a shortest period of 8.
    "phenomena-64-cpu": TrainConfig(
        "phenomena", _phenomena(synthesis_width=32, shortest_period=12.0), steps=3_000,
        learning_rate_end=5e-5,
        frame_critic=CriticConfig((16, 48, 96, 128), gamma_start=30.0, gamma_end=6.0),
        clip_critic=CriticConfig((16, 56, 96, 128), gamma_start=60.0, gamma_end=12.0),
    ),
    # For a GPU; never trained, so no cost and no result: the gammas are what the CPU's rows found.
    "digits-64": TrainConfig(
        "digits", _digits(**_WIDE), steps=60_000, batch=64, burn_in=5_000,
        frame_critic=CriticConfig((32, 96, 160, 208), gamma_start=10.0, gamma_end=0.1),
        clip_critic=CriticConfig((32, 96, 160, 208), gamma_start=15.0, gamma_end=0.15),
    ),
    "phenomena-64": TrainConfig(
        "phenomena", _phenomena(**_WIDE, shortest_period=8.0),
        steps=100_000, batch=64, burn_in=5_000,
        frame_critic=CriticConfig((32, 96, 160, 208), gamma_start=30.0, gamma_end=6.0),
        clip_critic=CriticConfig((32, 96, 160, 208), gamma_start=60.0, gamma_end=12.0),
    ),
}  # fmt: skip


def preset(name: str) -> TrainConfig:
    """Return a preset by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in PRESETS:
        raise ConfigError(f"preset is {name!r}; legal are {', '.join(PRESETS)}")
    return PRESETS[name]
