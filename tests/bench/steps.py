"""Where a training step goes: seconds of each part, work a clip, and launches a GPU would be asked.

``plain_memory`` is how many times longer a step takes where memory is not kept (train.pages).

PYTHONPATH=. python tests/bench/steps.py phenomena-64-cpu sprites-64 --batch 4 [--data-root DIR]
"""

from __future__ import annotations

import argparse
import ctypes
import dataclasses
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from train.data import ClipSource, open_source
from train.devices import best_device, clock, prefers_bf16
from train.ema import update_ema
from train.pages import keep_pages
from train.presets import preset
from train.trainer import Trainer


class Work(TorchDispatchMode):
    """Counts operations, and operators that make a tensor or write into one: a kernel each.

    FlopCounterMode follows modules by hooks on gradients, which second derivatives don't pass.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.launches = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.launches += not func.is_view
        count = flop_registry.get(func._overloadpacket)
        if count:
            self.flops += count(*args, **(kwargs or {}), out_val=result)
        return result


def built(name: str, source: ClipSource, device: torch.device, batch: int, **changes) -> Trainer:
    """A trainer of a preset with another batch, after a step that lays out its memory."""
    config = dataclasses.replace(preset(name), batch=batch, **changes)
    trainer = Trainer(config, source, device, prefers_bf16(device))
    trainer.step_number = changes.get("coarse_steps", config.coarse_steps)
    trainer.step()
    return trainer


def seconds(work: Callable[[], object], device: torch.device, rounds: int) -> float:
    """The median of a few rounds."""
    found = []
    for _ in range(rounds):
        begun = clock(device)
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        found.append(clock(device) - begun)
    return statistics.median(found)


def parts(trainer: Trainer, free: Trainer, rounds: int) -> dict[str, float]:
    """Seconds of each part of a step; ``free`` is the same trainer without a penalty."""

    def timed(work: Callable[[], object]) -> float:
        return seconds(work, trainer.device, rounds)

    draw, real = trainer.draw, trainer.dealer.real(trainer.draw)
    fakes = trainer.dealer.fakes(draw, real)

    def teach(which: Trainer) -> None:
        which.critics.requires_grad_(True)
        which.teach_critics(real, fakes.detach())

    def generator() -> None:
        trainer.critics.requires_grad_(False)
        trainer.teach_generator(real, trainer.dealer.fakes(draw, real))

    critics = timed(lambda: teach(free))
    found = {
        "data": timed(lambda: trainer.dealer.real(draw)),
        "generator": timed(generator),
        "critics": critics,
        "penalty": max(timed(lambda: teach(trainer)) - critics, 0.0),
        "optimizers": timed(trainer.critic_optimizer.step)
        + timed(trainer.generator_optimizer.step),
        "average": timed(lambda: update_ema(trainer.average, trainer.generator, 0.99)),
    }
    return found


def plain_memory(trainer: Trainer, rounds: int) -> float:
    """How many times longer a step takes where memory is not kept; in turn, so in one noise."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * rounds):
        plain = turn % 2 == 0
        give_back_pages() if plain else keep_pages()
        trainer.step()  # memory is laid out anew
        found[plain].append(seconds(trainer.step, trainer.device, 1))
    return statistics.median(found[True]) / statistics.median(found[False])


def give_back_pages() -> None:
    """Undo ``keep_pages``: glibc's own settings, as mallopt(3) has them."""
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(-4, 65536)  # M_MMAP_MAX
    mallopt(-1, 128 * 1024)  # M_TRIM_THRESHOLD


def measure(name: str, root: Path | None, batch: int, rounds: int) -> dict[str, object]:
    """Measure a preset at its whole side and, where it starts so, at half of it."""
    device = torch.device(best_device())
    source = open_source(preset(name).data, root, device)
    result: dict[str, object] = {"preset": name, "device": device.type, "batch": batch}
    for side, coarse in (("whole", 0), ("half", 10**6)):
        changes: dict[str, Any] = {"coarse_steps": coarse, "restart": False}
        if side == "half" and not preset(name).coarse_steps:
            continue
        trainer = built(name, source, device, batch, **changes)
        trainer.step_number = 0
        whole = seconds(trainer.step, device, rounds)
        memory = plain_memory(trainer, rounds) if sys.platform == "linux" else None
        with Work() as work:
            trainer.step()
        free = built(name, source, device, batch, **changes, penalty="none")
        free.step_number = trainer.step_number
        shares = parts(trainer, free, rounds)
        total = sum(shares.values())
        result[side] = {
            "seconds": round(whole, 3),
            "plain_memory": memory and round(memory, 2),
            "clips_s": round(batch / whole, 1),
            "gflop_a_clip": round(work.flops / batch / 1e9, 2),
            "launches": work.launches,
            "share": {part: round(value / total, 3) for part, value in shares.items()},
        }
    return result


def main() -> None:
    """Print a line of JSON for each preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="+")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data-root", type=Path)
    args = parser.parse_args()
    keep_pages()
    for name in args.presets:
        print(json.dumps(measure(name, args.data_root, args.batch, args.rounds)), flush=True)


if __name__ == "__main__":
    main()
