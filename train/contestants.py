"""Who plays in a tournament: rows by name, each a way to train on the same data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from train.config import CriticConfig, LossName, TrainConfig
from train.data import ClipSource
from train.methods import ORIGINAL, method
from vidgen.config import ConfigError
from vidgen.families import StganConfig

Rows = dict[str, TrainConfig]

_STEPS = 1000  # a run is stretched when its budget is known


def families(source: ClipSource) -> Rows:
    """Every family by its paper's loss, the flagship by every loss, some rows without labels.

    And one row each with what no paper of these has: RMSprop (Arjovsky et al. 2017 took it, because
    a memory of the slope unsettled their critic), and penalties by finite differences (Lin et al.
    2025). They are the rows whose names theirs begin with, but for that.
    """
    losses: tuple[LossName, ...] = get_args(LossName)
    others = [family for family in ORIGINAL if family != "stgan"]
    rows: list[tuple[str, LossName, bool]] = [
        *((family, loss, True) for family, loss in ORIGINAL.items()),
        *(("stgan", loss, True) for loss in losses if loss != ORIGINAL["stgan"]),
        ("stgan", ORIGINAL["stgan"], False),
        ("vgan", ORIGINAL["vgan"], False),
        *((family, "relativistic", True) for family in others),
    ]
    played = {
        f"{family}:{loss}" + ("" if labels else ":no-labels"): method(
            family, loss, source.name, source.clip_shape, len(source.classes), _STEPS, labels
        )
        for family, loss, labels in rows
    }
    # RMSprop begins with no slope known: at the Adam row's 0.999 its first step is 32 rates long.
    rmsprop = replace(played["framegan:non-saturating"], optimizer="rmsprop", beta2=0.99)
    differences = replace(played["stgan:relativistic"], slope="finite-difference")
    return played | {
        "framegan:non-saturating:rmsprop": rmsprop,
        "stgan:relativistic:finite-difference": differences,
    }


def ablation(source: ClipSource) -> Rows:
    """The flagship, and what becomes of it when one thing is changed."""
    whole = method(
        "stgan", "relativistic", source.name, source.clip_shape, len(source.classes), _STEPS
    )
    model = whole.model
    assert isinstance(model, StganConfig)
    of_frames, of_clips = whole.critics

    def moments(frames: int) -> tuple[CriticConfig, ...]:
        return of_frames, replace(of_clips, frames=frames)

    def penalty(factor: float) -> tuple[CriticConfig, ...]:
        return tuple(
            replace(c, gamma_start=factor * c.gamma_start, gamma_end=factor * c.gamma_end)
            for c in whole.critics
        )

    models = {
        "no-movers": replace(model, groups=0),
        "half-the-movers": replace(model, groups=model.groups // 2),
        "twice-the-movers": replace(model, groups=2 * model.groups),
        "no-oscillators": replace(model, oscillators=0),
        "tape": replace(model, tape_dim=8),
        "no-waves": replace(model, maps=0),
        "no-cycles": replace(model, fundamentals=0),
        "no-cycles-but-tape": replace(model, fundamentals=0, tape_dim=8),
        f"patch-{3 - model.patch}": replace(model, patch=3 - model.patch),
    }
    seeds = {f"another-seed-{seed}": replace(whole, seed=seed) for seed in (1, 2)}
    return {
        "flagship": whole,
        **seeds,  # by how much a row differs from its own twin
        **{name: replace(whole, model=changed) for name, changed in models.items()},
        "2-moments": replace(whole, critics=moments(2)),
        "6-moments": replace(whole, critics=moments(6)),
        "no-frame-critic": replace(whole, critics=(of_clips,)),
        "penalty-x0.1": replace(whole, critics=penalty(0.1)),
        "penalty-x10": replace(whole, critics=penalty(10)),
        "fine-from-the-start": replace(whole, coarse_steps=0),
        "augmented": replace(whole, augment=0.3),
        "mismatch": replace(whole, mismatch=1.0),
        "short-average": replace(whole, ema_half_life=_STEPS / 80),
        "long-average": replace(whole, ema_half_life=_STEPS / 5),
    }


CONTESTS: dict[str, Callable[[ClipSource], Rows]] = {"families": families, "ablation": ablation}


def contestants(contest: str, source: ClipSource, names: Sequence[str] | None) -> Rows:
    """Return the rows of a contest, all or those that are named, in the order of the names.

    Raises:
        ConfigError: the contest has no row of that name.
    """
    rows = CONTESTS[contest](source)
    for name in names or ():
        if name not in rows:
            raise ConfigError(f"row is {name!r}; legal are {', '.join(rows)}")
    return {name: rows[name] for name in names or rows}
