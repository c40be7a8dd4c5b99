"""What a row of a tournament may cost: its time as steps, and the plan that keeps them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from train.config import TrainConfig
from train.data import ClipSource
from train.devices import clock
from train.standings import json_bytes
from train.trainer import Trainer
from vidgen.config import ConfigError
from vidgen.release import write_bytes

_MOMENTS = (0.05, 0.3, 0.55, 0.8, 0.95)  # of a run, at which the cost of a step is measured
_ROUNDS = 3


def step_seconds(
    configs: Sequence[TrainConfig],
    source: ClipSource,
    device: torch.device,
    bf16: bool,
    kept: Path,
) -> list[float]:
    """Return what a step of each costs on average over its run, because a model may grow.

    Beside other programs the same step takes a third longer, and who is measured then gets fewer
    steps. So each is compared with a reference that is timed before and after it and suffers with
    it, and what the reference takes is settled once, for all rows of a tournament.

    Args:
        configs: which take turns.
        source: of their clips.
        device: to work on.
        bf16: in bfloat16.
        kept: file with the reference's seconds; written where there is none.
    """
    trainers = [Trainer(config, source, device, bf16) for config in configs]
    reference = Reference(device)
    ratios: dict[tuple[int, float], list[float]] = {}
    seconds: list[float] = []
    for _ in range(_ROUNDS):
        for row, trainer in enumerate(trainers):
            for moment in _MOMENTS:
                trainer.step_number = int(moment * trainer.config.steps)
                trainer.step()  # memory is laid out anew where the model has grown
                before, begun = reference.seconds(), clock(device)
                trainer.step()
                float(trainer.not_finite)  # waits for the device
                spent = clock(device) - begun
                beside = (before + reference.seconds()) / 2
                ratios.setdefault((row, moment), []).append(spent / beside)
                seconds.append(beside)
    unit = _settled(kept, statistics.median(seconds))
    return [
        unit * statistics.fmean(statistics.median(ratios[row, moment]) for moment in _MOMENTS)
        for row in range(len(trainers))
    ]


class Reference:
    """Work that is always the same and of a step's kind: convolutions, and passes over memory."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.maps = torch.ones(32, 32, 32, 32, device=device)
        self.weight = torch.ones(32, 32, 3, 3, device=device)
        self.long = torch.ones(4_000_000, device=device)
        self.seconds()  # the first time is dearer

    def seconds(self) -> float:
        """Do it, and return what it took."""
        begun = clock(self.device)
        for _ in range(6):
            maps = F.conv2d(self.maps, self.weight, padding=1)
        for _ in range(4):
            long = F.leaky_relu(self.long, 0.2)
        float(maps[0, 0, 0, 0] + long[0])  # waits for the device
        return clock(self.device) - begun


def _settled(path: Path, seconds: float) -> float:
    if not path.exists():
        write_bytes(path, json_bytes({"seconds": seconds}))
    try:
        return float(json.loads(path.read_text())["seconds"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is damaged; choose another --out") from error


def write_plan(path: Path, terms: Mapping[str, Any], config: TrainConfig) -> None:
    """Write what a row is trained by, and the terms of the tournament that it was planned for."""
    write_bytes(path, json_bytes({"terms": terms, "config": config.to_dict()}))


def read_plan(path: Path, terms: Mapping[str, Any]) -> TrainConfig | None:
    """Read a row's plan; None where there is none yet.

    Raises:
        ConfigError: it is no plan, or was made on other terms than these.
    """
    if not path.exists():
        return None
    try:
        plan = json.loads(path.read_text())
        stored = {term: plan["terms"][term] for term in terms}
        config = TrainConfig.from_dict(plan["config"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no plan of this version; choose another --out") from error
    for term, value in stored.items():
        if value != terms[term]:
            raise ConfigError(
                f"row {path.parent.name} was planned with {term} {value}, asked is {terms[term]}; "
                "ask for the same, or choose another --out"
            )
    return config
