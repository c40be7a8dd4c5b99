"""How each family is trained, by which loss: what the presets and the tournament are made of."""

from __future__ import annotations

from typing import Any

from train.config import CriticConfig, CriticKind, LossName, TrainConfig
from vidgen.config import ClipShape, ConfigError, ModelConfig
from vidgen.families import CONFIGS

# The loss of each family's paper. All papers but the flagship's source bound the critic by
# other means than R1 and R2, and so do these rows.
ORIGINAL: dict[str, LossName] = {
    "framegan": "non-saturating",
    "vgan": "non-saturating",
    "mocogan": "non-saturating",
    "convgru": "hinge",
    "progressive": "wasserstein",
    "stgan": "relativistic",
}

_CRITICS: dict[str, tuple[tuple[CriticKind, int], ...]] = {  # kind, frames that it sees
    "framegan": (("sequence", 1),),
    "vgan": (("volume", 1),),
    "mocogan": (("frame", 1), ("volume", 1)),
    "convgru": (("frame", 4), ("temporal", 1)),
    "progressive": (("growing", 1),),
    "stgan": (("frame", 1), ("moments", 3)),
}

# Channels at 16x16, 8x8 and 4x4 cells of 32x32 pixels, and of a stage more at 64x64.
_WIDTHS: dict[CriticKind, tuple[int, ...]] = {
    "frame": (16, 48, 96, 128),
    "moments": (16, 56, 96, 128),
    "sequence": (48, 64, 96, 128),
    "volume": (24, 48, 96, 128),
    "temporal": (16, 32, 64, 96),
    "growing": (16, 32, 64, 96),
}

_MODELS: dict[str, dict[str, Any]] = {
    "convgru": {"width": 48},
    "stgan": {"synthesis_width": 32, "shortest_period": 12.0, "fundamentals": 3, "tape_dim": 0},
}

# How strong R1 and R2 are at first and in the end, for critics of frames and of clips: mostly black
# pictures need little once things move.
_GAMMAS = {"digits": ((3.0, 0.03), (5.0, 0.05)), "phenomena": ((8.0, 1.5), (15.0, 3.0))}


def method(
    family: str,
    loss: LossName,
    data: str,
    shape: ClipShape,
    classes: int,
    steps: int,
    labels: bool = True,
) -> TrainConfig:
    """Return how a family is trained by a loss on a data set of that shape.

    By its paper's loss a family has that paper's bound on the critic and its Adam; by another, what
    the flagship has. Rates are the flagship's throughout: budgets here are too short for slow ones.
    Left out of the papers: DVD-GAN's two steps of the critics and spectral norms in the generator,
    the drift term of progressive growing, Gulrajani's five steps of the critic (here two).

    Raises:
        ConfigError: no family has that name.
    """
    if family not in CONFIGS:
        raise ConfigError(f"family is {family!r:.60}; legal are {', '.join(CONFIGS)}")
    model = CONFIGS[family](shape, classes if labels else 1, **_MODELS.get(family, {}))
    bound = _bound(family, loss)
    return TrainConfig(
        data, model, _critics(model, data, bound.get("penalty", "R1+R2")), steps,
        batch=32, loss=loss, labels=labels, burn_in=steps // 2, ema_half_life=steps / 20,
        growth=steps // 4 if family == "progressive" else 0,
        coarse_steps=2 * steps // 5 if family == "stgan" else 0, **bound,
    )  # fmt: skip


def _bound(family: str, loss: LossName) -> dict[str, Any]:
    """What keeps the critics within bounds, and Adam's memory where it belongs to that."""
    if loss == "wasserstein" and family == "progressive":  # Karras et al. 2018
        return {"penalty": "between"}
    if loss == "wasserstein":  # Gulrajani et al. 2017, but for their five steps of the critic
        return {"penalty": "between", "beta2": 0.9, "critic_steps": 2}
    if loss != ORIGINAL[family] or family == "stgan":
        return {}
    if loss == "hinge":  # Clark et al. 2019
        return {"penalty": "none", "spectral": True}
    return {"penalty": "none", "beta1": 0.5, "beta2": 0.999}  # Radford et al. 2016


def _critics(model: ModelConfig, data: str, penalty: str) -> tuple[CriticConfig, ...]:
    stages = model.clip.height.bit_length() - 3  # from half the side to 4x4 cells
    of_frames, of_clips = _GAMMAS["digits" if data.startswith("digits") else "phenomena"]
    if penalty == "between":
        of_frames = of_clips = (10.0, 10.0)
    return tuple(
        CriticConfig(
            kind, _WIDTHS[kind][:stages], *(of_frames if kind == "frame" else of_clips),
            frames=frames,
        )
        for kind, frames in _CRITICS[model.family]
    )  # fmt: skip
