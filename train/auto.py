"""`--preset auto`: a config from what the data look like, the device and the time there is."""

from __future__ import annotations

import dataclasses
import time
from typing import NamedTuple

import torch

from train.config import CriticConfig, TrainConfig
from train.data import ClipSource
from train.look import Look, look
from train.trainer import Trainer
from vidgen.config import ClipShape, ConfigError, ModelConfig
from vidgen.families import StganConfig

AUTO = "auto"  # the name of this preset
AUGMENT_TARGET = 0.3
FEW = 200  # clips; with fewer, critics learn them by heart before the generator learns anything
_MADE_OF_CYCLES = ("digits", "phenomena", "sprites")  # their motion, as their equations say
_STEPS = {"small": 10_000, "medium": 10_000, "wide": 60_000}  # of the rows of presets
_SHARP = 0.07  # sprites have 0.09, phenomena 0.04, digits 0.02
_MOSTLY = 0.8  # digits have 0.96, phenomena 0.07, sprites 0.01
_SHAPES_AFTER = 20_000  # clips
# Channels of canonical features, free ones, synthesis; of w; of the critics at 64 pixels.
_WIDTHS: dict[str, tuple[int, int, int, int, tuple[int, ...]]] = {
    "small": (32, 16, 16, 96, (8, 24, 48, 64)),
    "medium": (64, 32, 32, 128, (16, 48, 96, 128)),
    "wide": (80, 40, 56, 160, (32, 96, 160, 208)),
}
_LEAST_STEPS = 20


class Choice(NamedTuple):
    """A config, and a line for each thing that was chosen, with its reason."""

    config: TrainConfig
    reasons: list[str]


def choose(
    source: ClipSource,
    device: torch.device,
    bf16: bool,
    seconds: float | None = None,
    processes: int = 1,
    flips: bool = False,
    like: ModelConfig | None = None,
) -> Choice:
    """Choose how the flagship is trained on a data set, and say why.

    Gammas and sizes are those of the presets, which LOG.md found on this project's own data sets;
    what decides among them is measured here.

    Args:
        source: whose clips are square.
        device: to train on.
        bf16: whether it works in bfloat16.
        seconds: of wall time that all steps together may take; a few steps are timed then.
        processes: that share the work.
        flips: whether few clips may be mirrored: only if no class has a left or a right.
        like: a model whose sizes are to be kept, because its weights are what is begun with.

    Raises:
        ConfigError: the clips are not square, or ``like`` is of another family.
    """
    if like is not None and not isinstance(like, StganConfig):
        raise ConfigError(f"family is {like.family}; legal to start --preset {AUTO} from is stgan")
    shape = source.clip_shape
    if shape.width != shape.height:
        raise ConfigError(
            f"clips are {shape.width}x{shape.height}; legal for --preset auto is a square"
        )
    seen = look(source, device)
    few = seen.clips is not None and seen.clips < FEW
    small = {
        "augment_target": AUGMENT_TARGET if few else 0.0,
        "flips": flips and few,
    }

    def sized(size: str) -> tuple[TrainConfig, list[str]]:
        config, reasons = _sized(source, seen, device, size, like)
        batch = -(-config.batch // processes) * processes
        return dataclasses.replace(config, batch=batch, **small), reasons

    size = "wide" if device.type == "cuda" else "medium"
    config, reasons = sized(size)
    about = [f"precision {'bf16' if bf16 else 'fp32'}: {_precision(device, bf16)}"]
    about += _about_few(seen, flips) if few else []
    if seconds is None:
        steps = _STEPS[size] // (2 if few else 1)
        about.append(f"{steps:,} steps: no --time-limit; LOG.md has what such runs gave")
        return Choice(_lasting(config, steps), reasons + about)
    cost = _seconds_a_step(config, source, device, bf16) / processes
    if size == "medium" and seconds / cost * config.batch < _SHAPES_AFTER:
        config, reasons = sized("small")
        cost = _seconds_a_step(config, source, device, bf16) / processes
    steps = max(int(seconds / cost), _LEAST_STEPS)
    about.append(
        f"{steps:,} steps: one takes {cost:.2f} s here on average, and there are {seconds:.0f} s"
    )
    if steps * config.batch < _SHAPES_AFTER:
        about.append(
            f"warning: things take shape after {_SHAPES_AFTER:,} clips or so, and this is "
            f"{steps * config.batch:,}; expect blobs"
        )
    return Choice(_lasting(config, steps), reasons + about)


def _sized(
    source: ClipSource, seen: Look, device: torch.device, size: str, like: StganConfig | None
) -> tuple[TrainConfig, list[str]]:
    """Sizes, batch and penalties; the steps are those of a run without limit."""
    shape, classes = source.clip_shape, len(source.classes)
    sharp, mostly_one = seen.edge > _SHARP, seen.common > _MOSTLY
    model = _kept(source, seen, like) if like else _model(source, seen, size)
    frame, moments = _gammas(shape, mostly_one)
    widths = _critic_widths(shape, size, sharp)
    batch = 16 if size == "small" else _batch(device)
    config = TrainConfig(
        source.name, model,
        (CriticConfig("frame", widths, *frame),
         CriticConfig("moments", widths, *moments, frames=min(4, shape.frames))),
        steps=_STEPS[size], batch=batch, learning_rate_end=5e-5,
        loop_share=0.1 if any(name.loops for name in source.classes) else 0.0,
    )  # fmt: skip
    colours = "colour" if shape.channels == 3 else "grey"
    count = f"{seen.clips:,} clips" if seen.clips is not None else "clips made without end"
    why = {"small": "little time on", "medium": "for", "wide": "for"}[size]
    return config, [
        f"data {source.name}: {shape.height}x{shape.width}, {shape.frames} frames, {colours}, "
        f"{classes} classes, {count}",
        f"width {model.synthesis_width}{' as the release' if like else ''} (critics "
        f"{'-'.join(map(str, widths))}): {why} a "
        f"{'GPU' if size == 'wide' else 'CPU'}, {colours}, "
        f"{'hard' if sharp else 'soft'} edges ({seen.edge:.3f})",
        f"penalty {frame[0]:.3g} falling to {frame[1]:.3g}, of clips {moments[0]:.3g} to "
        f"{moments[1]:.3g}: {seen.common:.0%} of the pixels are the same in nearly all clips"
        + (", which needs little once things move" if mostly_one else ", so critics need a bound"),
        f"batch {batch}: {_room(device, size)}",
    ]


def _model(source: ClipSource, seen: Look, size: str) -> StganConfig:
    shape, classes = source.clip_shape, len(source.classes)
    canonical, free, synthesis, latent = _WIDTHS[size][:4]
    if shape.channels == 1:  # three quarters; what moves in groups of 8 stays a multiple
        canonical, free, synthesis = 6 * canonical // 64 * 8, 3 * free // 4, 3 * synthesis // 4
    cycles = source.name.removesuffix("-32") in _MADE_OF_CYCLES
    finer = shape.height >= 128 or (shape.height >= 64 and seen.edge > _SHARP)
    return StganConfig(
        shape, classes, canonical_width=canonical, free_width=free, synthesis_width=synthesis,
        latent=latent + (64 if classes > 32 else 0), canonical=32 if finer else 16,
        patch=4 if shape.height >= 128 else 2, shortest_period=8.0, fundamentals=3,
        tape_dim=0 if cycles else 8, max_frames=seen.longest,
    )  # fmt: skip


def _kept(source: ClipSource, seen: Look, like: StganConfig) -> StganConfig:
    """Another model's sizes for these clips; how far its run had come is not its own."""
    return dataclasses.replace(
        like, clip=source.clip_shape, classes=len(source.classes), max_frames=seen.longest,
        coarse=0.0,
    )  # fmt: skip


def _critic_widths(shape: ClipShape, size: str, sharp: bool) -> tuple[int, ...]:
    """Channels from half the side to 4x4 cells."""
    widths = _WIDTHS[size][4]
    if sharp and size != "wide":  # as the row for sprites
        widths = (3 * widths[0] // 2, 4 * widths[1] // 3, *widths[2:])
    stages = shape.height.bit_length() - 3
    finer = (widths[0] // 4, widths[0] // 2)[max(6 - stages, 0) :]  # for 256 and 128 pixels
    return (*finer, *widths)[:stages]


def _gammas(shape: ClipShape, mostly_one: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """Penalties of frames and of clips at first and in the end, by the square of the side."""
    scale = (shape.height / 64) ** 2
    frame, clip = ((10, 0.1), (15, 0.15)) if mostly_one else ((30, 5), (60, 10))
    return (frame[0] * scale, frame[1] * scale), (clip[0] * scale, clip[1] * scale)


def _batch(device: torch.device) -> int:
    if device.type != "cuda":
        return 32
    free = torch.cuda.mem_get_info(device)[0] / 2**30
    return 64 if free >= 8 else 32 if free >= 4 else 16


def _room(device: torch.device, size: str) -> str:
    if size == "small":
        return "more steps for the time"
    if device.type != "cuda":
        return "what all runs on a CPU had; more would mean fewer steps"
    return f"{torch.cuda.mem_get_info(device)[0] / 2**30:.0f} GB are free on the GPU"


def _precision(device: torch.device, bf16: bool) -> str:
    return (
        f"this {device.type} {'has instructions for it' if bf16 else 'was told so or has no other'}"
    )


def _about_few(seen: Look, flips: bool) -> list[str]:
    return [
        f"augmentation by a probability that adapts, {'flips too' if flips else 'no flips'}: only "
        f"{seen.clips} clips, fewer than {FEW}"
        + ("" if flips else "; --flips if no class has a left or a right"),
        f"warning: {seen.clips} clips can be learned by heart: the report of `train evaluate` "
        "shows the nearest training clip beside what is generated",
    ]


def _lasting(config: TrainConfig, steps: int) -> TrainConfig:
    """The same in so many steps, its schedules as shares of them."""
    coarse = round(0.6 * steps) if config.model.clip.height >= 32 else 0
    return dataclasses.replace(
        config, steps=steps, burn_in=min(round(0.15 * steps), 5_000),
        coarse_steps=coarse, restart=0 < coarse < steps,
        ema_half_life=min(500.0, steps / 20),
    )  # fmt: skip


def _seconds_a_step(
    config: TrainConfig, source: ClipSource, device: torch.device, bf16: bool
) -> float:
    """Time a step at half the side and one at the whole, each after one that lays out memory.

    On a CPU, where a step costs by the clip, with a quarter of the rows.
    """
    rows = max(config.batch // 4, 1) if device.type == "cpu" else config.batch
    trial = dataclasses.replace(_lasting(config, 100), batch=rows)
    trainer = Trainer(trial, source, device, bf16)
    spent = []
    for step in (0, 98):
        trainer.step_number = step
        trainer.step()
        begun = time.monotonic()
        float(trainer.step()["loss_g"])  # waits for the device
        spent.append(time.monotonic() - begun)
    coarse = trial.coarse_steps / trial.steps
    return (coarse * spent[0] + (1 - coarse) * spent[1]) * config.batch / rows
