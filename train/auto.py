"""`--preset auto`: a config from what the data look like, the device and the time there is."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from train.config import CriticConfig, TrainConfig
from train.data import ClipSource, Split
from train.trainer import Trainer
from vidgen.config import MAX_FRAMES, ClipShape, ConfigError
from vidgen.families import StganConfig

FEW = 200  # clips; with fewer, critics learn them by heart before the generator learns anything
_LOOKED_AT = 96  # clips
_MADE_OF_CYCLES = ("digits", "phenomena", "sprites")  # their motion, as their equations say
_STEPS = {"cpu": 10_000, "cuda": 60_000}  # of the rows of presets for such a device
_LEAST_STEPS = 20


@runtime_checkable
class Recorded(Protocol):
    """A data set of so many videos of such lengths, where others make clips without end."""

    counts: Mapping[Split, tuple[int, ...]]  # videos by class
    longest: int  # frames that a clip of any class can have


class Look(NamedTuple):
    """What some clips of a data set look like.

    Attributes:
        common: share of pixels that hardly differ from the data set's median picture.
        edge: mean step between neighbours of a picture with 64 pixels a side, of a range of 2.
        clips: how many videos there are to train on; None where clips are made without end.
        longest: how many frames a clip can have.
    """

    common: float
    edge: float
    clips: int | None
    longest: int


class Choice(NamedTuple):
    """A config, and a line for each thing that was chosen, with its reason."""

    config: TrainConfig
    reasons: list[str]


def look(source: ClipSource, device: torch.device) -> Look:
    """Look at a few clips, the same ones each time."""
    frames = source.clip_shape.frames
    times = torch.tensor([0.0, frames // 2], device=device).expand(_LOOKED_AT, -1)
    clips = source.render(0, 0, torch.arange(_LOOKED_AT, device=device), times).clips
    pictures = clips.flatten(0, 1)  # [N, C, H, W]
    apart = (pictures - pictures.median(dim=0).values).abs().amax(dim=1)
    edge = torch.diff(pictures.mean(dim=1), dim=-1).abs().mean()
    count, longest = None, MAX_FRAMES
    if isinstance(source, Recorded):
        count, longest = sum(source.counts["train"]), source.longest
    finer = source.clip_shape.width / 64
    return Look((apart < 0.1).float().mean().item(), edge.item() * finer, count, longest)


def choose(
    source: ClipSource,
    device: torch.device,
    bf16: bool,
    seconds: float | None = None,
    processes: int = 1,
    flips: bool = False,
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

    Raises:
        ConfigError: the clips are not square.
    """
    shape = source.clip_shape
    if shape.width != shape.height:
        raise ConfigError(
            f"clips are {shape.width}x{shape.height}; legal for --preset auto is a square"
        )
    seen = look(source, device)
    few = seen.clips is not None and seen.clips < FEW
    config, reasons = _sized(source, seen, device)
    batch = -(-config.batch // processes) * processes
    config = dataclasses.replace(
        config, batch=batch, augment_target=0.6 if few else 0.0, flips=flips and few
    )
    reasons.append(f"precision {'bf16' if bf16 else 'fp32'}: {_precision(device, bf16)}")
    reasons += _about_few(seen, flips) if few else []
    if seconds is None:
        steps = _STEPS["cuda" if device.type == "cuda" else "cpu"] // (2 if few else 1)
        reasons.append(f"{steps:,} steps: no --time-limit; LOG.md has what such runs gave")
        return Choice(_lasting(config, steps), reasons)
    cost = _seconds_a_step(config, source, device, bf16) / processes
    steps = max(int(seconds / cost), _LEAST_STEPS)
    reasons.append(
        f"{steps:,} steps: one takes {cost:.2f} s here on average, and there are {seconds:.0f} s"
    )
    if steps * config.batch < 20_000:
        reasons.append("warning: things take shape after 20,000 clips or so; expect blobs")
    return Choice(_lasting(config, steps), reasons)


def _sized(source: ClipSource, seen: Look, device: torch.device) -> tuple[TrainConfig, list[str]]:
    """Sizes, batch and penalties; the steps are those of a run without limit."""
    shape, classes = source.clip_shape, len(source.classes)
    fast = device.type == "cuda"
    sharp = seen.edge > 0.07
    mostly_one = seen.common > 0.8
    batch = _batch(device)
    model = _model(source, fast, sharp, seen.longest)
    frame, moments = _gammas(shape, mostly_one)
    widths = _critic_widths(shape, fast, sharp)
    config = TrainConfig(
        source.name, model,
        (CriticConfig("frame", widths, *frame),
         CriticConfig("moments", widths, *moments, frames=min(4, shape.frames))),
        steps=_STEPS["cuda" if fast else "cpu"], batch=batch, learning_rate_end=5e-5,
        loop_share=0.1 if any(name.loops for name in source.classes) else 0.0,
    )  # fmt: skip
    colours = "colour" if shape.channels == 3 else "grey"
    count = f"{seen.clips:,} clips" if seen.clips is not None else "clips made without end"
    return config, [
        f"data {source.name}: {shape.height}x{shape.width}, {shape.frames} frames, {colours}, "
        f"{classes} classes, {count}",
        f"width {model.synthesis_width} (critics {'-'.join(map(str, widths))}): a "
        f"{'GPU' if fast else 'CPU'}, and pictures in {colours} with "
        f"{'hard' if sharp else 'soft'} edges ({seen.edge:.3f})",
        f"penalty {frame[0]:.3g} falling to {frame[1]:.3g}, of clips {moments[0]:.3g} to "
        f"{moments[1]:.3g}: {seen.common:.0%} of the pixels are the same in nearly all clips"
        + (", which needs little once things move" if mostly_one else ", so critics need a bound"),
        f"batch {batch}: {_room(device)}",
    ]


def _model(source: ClipSource, fast: bool, sharp: bool, longest: int) -> StganConfig:
    shape, classes = source.clip_shape, len(source.classes)
    canonical, free, synthesis = (80, 40, 56) if fast else (64, 32, 32)
    if shape.channels == 1:  # 48, 24, 24 on a CPU
        canonical, free, synthesis = (
            3 * canonical // 4 // 8 * 8,
            3 * free // 4,
            3 * synthesis // 4,
        )
    cycles = source.name.removesuffix("-32") in _MADE_OF_CYCLES
    return StganConfig(
        shape, classes, canonical_width=canonical, free_width=free, synthesis_width=synthesis,
        latent=(160 if fast else 128) + (64 if classes > 32 else 0),
        canonical=32 if (sharp and shape.height >= 64) or shape.height >= 128 else 16,
        patch=4 if shape.height >= 128 else 2, shortest_period=8.0, fundamentals=3,
        tape_dim=0 if cycles else 8, max_frames=longest,
    )  # fmt: skip


def _critic_widths(shape: ClipShape, fast: bool, sharp: bool) -> tuple[int, ...]:
    """Channels from half the side to 4x4 cells."""
    widths = (32, 96, 160, 208) if fast else (16, 48, 96, 128)
    if sharp and not fast:  # as the row for sprites
        widths = (24, 64, 96, 128)
    finer = (widths[0] // 4, widths[0] // 2)  # for 256 and 128 pixels
    stages = shape.height.bit_length() - 3
    return (*finer[max(0, 6 - stages) :], *widths)[:stages] if stages > 4 else widths[:stages]


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


def _room(device: torch.device) -> str:
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
    return dataclasses.replace(
        config, steps=steps, burn_in=min(round(0.15 * steps), 5_000),
        coarse_steps=round(0.6 * steps) if config.model.clip.height >= 32 else 0,
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
