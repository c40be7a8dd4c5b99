"""The presets: what is trained, by name."""

from __future__ import annotations

from typing import Any, get_args

from train.config import CriticConfig, LossName, TrainConfig
from train.methods import ORIGINAL, method
from vidgen.config import ClipShape, ConfigError, ModelConfig
from vidgen.families import StganConfig


def _digits(**changes: Any) -> ModelConfig:  # noqa: ANN401 - fields of the config
    return StganConfig(ClipShape(16, 1, 64, 64), 10, **changes)


def _phenomena(**changes: Any) -> ModelConfig:  # noqa: ANN401 - fields of the config
    return StganConfig(ClipShape(16, 3, 64, 64), 10, **changes)


def _sprites(**changes: Any) -> ModelConfig:  # noqa: ANN401 - fields of the config
    # Every action takes 16 frames and changes its pose in steps, so few fundamentals, many
    # harmonics; pixel art has edges and no waves, so fine canonical features, and no maps.
    return StganConfig(
        ClipShape(16, 3, 64, 64), 21, shortest_period=6.0, fundamentals=2, harmonics=6, tape_dim=0,
        canonical=32, maps=0, **changes,
    )  # fmt: skip


def _two(
    frame: tuple[int, ...],
    frame_gamma: tuple[float, float],
    moments: tuple[int, ...],
    moments_gamma: tuple[float, float],
    seen: int = 3,
) -> tuple[CriticConfig, ...]:
    """The flagship's critics: of single frames, and of a few moments of a clip."""
    return (
        CriticConfig("frame", frame, *frame_gamma),
        CriticConfig("moments", moments, *moments_gamma, frames=seen),
    )


def _small(family: str, loss: LossName) -> TrainConfig:
    return method(family, loss, "phenomena-32", ClipShape(16, 3, 32, 32), 10, steps=6_000)


_SMALL = {"canonical_width": 8, "groups": 2, "free_width": 8, "synthesis_width": 8,
          "latent": 32, "oscillators": 4}  # fmt: skip
_CYCLES = {"fundamentals": 3, "tape_dim": 0}  # places by exact cycles: LOG.md, at 32 pixels
_WIDE = {"canonical_width": 80, "free_width": 40, "synthesis_width": 56, "latent": 160}

PRESETS: dict[str, TrainConfig] = {
    # A row says what it is for, and ends with what it cost and gave; LOG.md has the story.
    #
    # Seconds on a CPU: shows that the chain works, learns nothing.
    "smoke": TrainConfig(
        "digits", _digits(**_SMALL), steps=20, batch=4, burn_in=10,
        critics=_two((8, 8, 16, 16), (10.0, 1.0), (8, 8, 16, 16), (10.0, 1.0)),
    ),
    # Mostly black pictures need a penalty that falls a hundredfold. 175,400 clips, 1.6 hours of an
    # idle core: alignment 0.93 of 0.97, motion ratio 0.78, by way of other gammas; that was without
    # cycles, coarse steps and restart, with which it has not been run.
    "digits-64-cpu": TrainConfig(
        "digits",
        _digits(canonical_width=48, groups=4, free_width=16, synthesis_width=24, **_CYCLES),
        steps=7_500, coarse_steps=4_500, restart=True, burn_in=700, ema_half_life=250,
        critics=_two((16, 48, 96, 128), (10.0, 0.1), (16, 56, 96, 128), (15.0, 0.15)),
    ),
    # Below 6 and 12 the critics run away; at a rate of 3e-4 things leave the canvas after 100,000
    # clips, so it falls. Three moments fit any swing, six do not; half the side costs a quarter.
    # Not yet run to its end: the shipped release is of an earlier row, which LOG.md names.
    "phenomena-64-cpu": TrainConfig(
        "phenomena",
        _phenomena(synthesis_width=32, shortest_period=8.0, **_CYCLES),
        steps=7_500, coarse_steps=5_000, restart=True, learning_rate_end=5e-5, loop_share=0.1,
        burn_in=1_000, ema_half_life=250,
        critics=_two((16, 48, 96, 128), (30.0, 6.0), (16, 56, 96, 128), (60.0, 12.0), seen=6),
    ),
    # Hard edges want wider critics of pixels; poses are held, so four moments are enough.
    "sprites-64-cpu": TrainConfig(
        "sprites", _sprites(free_width=48, synthesis_width=40, synthesis_blocks=2),
        steps=3_800, coarse_steps=2_600, learning_rate_end=5e-5, loop_share=0.1, ema_half_life=250,
        critics=_two((24, 64, 96, 128), (30.0, 5.0), (24, 64, 96, 128), (60.0, 10.0), seen=4),
    ),
    # The second part, `--init-from` the first: there the rate had fallen when the whole side came,
    # and pixels stayed speckled. Critics hear wrong names too, which brought alignment from 0.85 to
    # 0.95 in 44,600 clips, 112 minutes of a CPU's time.
    "sprites-64-cpu-fine": TrainConfig(
        "sprites", _sprites(free_width=48, synthesis_width=40, synthesis_blocks=2),
        steps=1_400, head_start=30, learning_rate=2e-4, learning_rate_end=2e-5, critic_rate=2.0,
        loop_share=0.1, mismatch=1.0, burn_in=700, ema_half_life=100,
        critics=_two((24, 64, 96, 128), (4.0, 3.0), (24, 64, 96, 128), (8.0, 6.0), seen=4),
    ),
    # For a GPU; never trained, so no cost and no result: the gammas are what the CPU's rows found.
    "digits-64": TrainConfig(
        "digits", _digits(**_WIDE, **_CYCLES),
        steps=60_000, coarse_steps=36_000, batch=64, burn_in=5_000,
        critics=_two((32, 96, 160, 208), (10.0, 0.1), (32, 96, 160, 208), (15.0, 0.15)),
    ),
    "phenomena-64": TrainConfig(
        "phenomena", _phenomena(**_WIDE, shortest_period=8.0, **_CYCLES),
        steps=100_000, coarse_steps=60_000, batch=64, burn_in=5_000,
        critics=_two((32, 96, 160, 208), (30.0, 6.0), (32, 96, 160, 208), (60.0, 12.0)),
    ),
    "sprites-64": TrainConfig(
        "sprites",
        _sprites(canonical_width=80, free_width=64, synthesis_width=64, synthesis_blocks=2,
                 latent=160),
        steps=60_000, batch=64, burn_in=5_000, loop_share=0.1,
        critics=_two((32, 96, 160, 208), (30.0, 5.0), (32, 96, 160, 208), (60.0, 10.0), seen=4),
    ),
    # Every family by its paper's loss, and the flagship by every other: the tournament's rows, but
    # longer. LOG.md has the tournament's numbers.
    **{f"{family}-32-cpu": _small(family, loss) for family, loss in ORIGINAL.items()},
    **{f"{loss}-32-cpu": _small("stgan", loss) for loss in get_args(LossName)
       if loss != ORIGINAL["stgan"]},
}  # fmt: skip


def preset(name: str) -> TrainConfig:
    """Return a preset by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in PRESETS:
        raise ConfigError(f"preset is {name!r}; legal are {', '.join(PRESETS)}")
    return PRESETS[name]
