"""Training state on disk: all that a run needs to go on exactly, in small files, never half.

A state is a folder of safetensors parts of at most 16 MB beside a manifest that lists their sha256.
It is trusted no further than the machine that wrote it, and never shipped.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from train.config import TrainConfig
from train.trainer import Trainer
from vidgen.config import ConfigError
from vidgen.document import Ancestor
from vidgen.release import sha256_of

FORMAT = 1
PART_BYTES = 16 * 10**6


class StateError(Exception):
    """A state that is missing, damaged or of another run; the message says what to do."""


def trainer_tensors(trainer: Trainer) -> dict[str, Tensor]:
    """All tensors of a state by name; the tensors are the trainer's own, not copies."""
    modules = _modules(trainer)
    tensors = {
        f"{m}/{k}": v for m, module in modules.items() for k, v in module.state_dict().items()
    }
    for name, optimizer in (
        ("generator_optimizer", trainer.generator_optimizer),
        ("critic_optimizer", trainer.critic_optimizer),
    ):
        # In an order of its own: that of a state that was loaded would part the files otherwise.
        for number, entry in sorted(optimizer.state_dict()["state"].items()):
            tensors |= {f"{name}/{number}/{key}": entry[key] for key in sorted(entry)}
    return tensors


def _modules(trainer: Trainer) -> dict[str, nn.Module]:
    modules = {
        "generator": trainer.generator,
        "average": trainer.average,
        "critics": trainer.critics,
    }
    if trainer.config.augment_target:
        modules["augmentation"] = trainer.augmentation
    return modules


def save_state(folder: Path, trainer: Trainer, seconds: float = 0.0, wall: float = 0.0) -> None:
    """Write the state to ``folder``; the older one stays until the new one is complete.

    ``seconds`` is what the steps took, ``wall`` the time of day: the run's, not the trainer's.
    """
    new, old = folder.with_name(folder.name + ".new"), _older(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    parts: dict[str, str] = {}
    for number, part in enumerate(_parts(trainer_tensors(trainer))):
        path = new / f"part-{number}.safetensors"
        save_file(part, path)
        parts[path.name] = sha256_of(path)
    manifest = {
        "format": FORMAT,
        "step": trainer.step_number,
        "seconds": seconds,
        "wall": wall,
        "processes": trainer.ranks.count,
        "config": trainer.config.to_dict(),
        "data": trainer.source.fingerprint,
        "ancestors": [dataclasses.asdict(each) for each in trainer.ancestors],
        "torch": torch.__version__,
        "parts": parts,
    }
    with (new / "manifest.json").open("w") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def has_state(folder: Path) -> bool:
    """Is there something to resume? Also where a save was cut between its two renames."""
    return folder.exists() or _older(folder).exists()


def _older(folder: Path) -> Path:
    return folder.with_name(folder.name + ".old")


def _parts(tensors: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    parts: list[dict[str, Tensor]] = [{}]
    room = PART_BYTES
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        if size > room and parts[-1]:
            parts.append({})
            room = PART_BYTES
        parts[-1][name] = tensor.detach().cpu().contiguous()
        room -= size
    return parts


class Saved(NamedTuple):
    """What a state tells of the run that saved it."""

    seconds: float  # that the steps took
    wall: float  # seconds of the day that went by
    processes: int


def load_state(folder: Path, trainer: Trainer) -> Saved:
    """Put a saved state into a fresh trainer of the same config.

    Of several processes the first reads it, however many there were when it was saved.

    Raises:
        StateError: no state, a damaged one, or one of another preset, data set or version.
    """
    manifest, tensors = trainer.ranks.from_first(lambda: _read_state(folder, trainer))
    _install(trainer, tensors)
    trainer.step_number, trainer.ancestors = manifest["step"], manifest["ancestors"]
    return Saved(manifest["seconds"], manifest["wall"], manifest["processes"])


def start_players(folder: Path, trainer: Trainer) -> int:
    """Begin a new run with the players of another one, critics too; returns at what step it was.

    The other run becomes an ancestor, after its own. Players alone, no optimizers: a run that goes
    on under another config wants its own rate.

    Raises:
        StateError: no state, a damaged one, one of other data, or of players of another shape.
    """
    manifest, tensors = trainer.ranks.from_first(lambda: _read_state(folder, trainer, other=True))
    _install(trainer, tensors, optimizers=False)
    source, config = trainer.source, _config(folder, manifest)
    other = Ancestor(
        folder.absolute().parent.name, source.name, source.licence, source.credits,
        clips=manifest["step"] * config.clips_a_step, seconds=round(manifest["seconds"], 1),
        device=trainer.device.type,
    )  # fmt: skip
    trainer.ancestors = (*manifest["ancestors"], other)
    return manifest["step"]


def _read_state(
    folder: Path, trainer: Trainer, other: bool = False
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Manifest and tensors of a state: of this very run, or of an other one on the same data."""
    if not folder.exists() and has_state(folder):
        folder = _older(folder)
    manifest = _read_manifest(folder)
    if not other:
        _same_config(folder, manifest, trainer)
    _same_data(folder, manifest, trainer)
    tensors: dict[str, Tensor] = {}
    for name, digest in manifest["parts"].items():
        path = folder / Path(name).name
        try:
            if sha256_of(path) != digest:
                raise StateError(f"{path} is damaged: its sha256 is not the manifest's")
            tensors |= load_file(path)
        except (OSError, SafetensorError) as error:
            raise StateError(f"{path} can't be read: {error}") from error
    return manifest, tensors


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        # Older states are of one process, of no ancestors, and know the seconds of steps alone.
        manifest = json.loads(path.read_text())
        manifest = {"processes": 1, "ancestors": [], "wall": manifest["seconds"], **manifest}
        if manifest["format"] != FORMAT:
            raise StateError(f"{path} has format {manifest['format']}; this version reads {FORMAT}")
        manifest["ancestors"] = tuple(map(Ancestor.from_dict, manifest["ancestors"]))
        keys = ("step", "seconds", "wall", "processes", "ancestors", "config", "data", "parts")
        return {key: manifest[key] for key in keys}
    except OSError as error:
        raise StateError(
            f"no state to resume in {folder.parent}: {error.strerror}; "
            "leave --resume out to start, or name a release with --init-from"
        ) from error
    except (ConfigError, ValueError, KeyError, TypeError) as error:
        raise StateError(f"{path} is damaged: {error!r}") from error


def _same_config(folder: Path, manifest: dict[str, Any], trainer: Trainer) -> None:
    now, saved = trainer.config.to_dict(), _config(folder, manifest).to_dict()
    changed = sorted(key for key in now if now[key] != saved[key])
    if changed:
        raise StateError(
            f"the state in {folder.parent} is of another run: {', '.join(changed)} differ from "
            "this preset; choose another --out, or start from that folder with --init-from"
        )


def _same_data(folder: Path, manifest: dict[str, Any], trainer: Trainer) -> None:
    if manifest["data"] != trainer.source.fingerprint:
        raise StateError(
            f"the state in {folder.parent} was trained on other data: its fingerprint is "
            f"{manifest['data'][:12]}, the data's is {trainer.source.fingerprint[:12]}"
        )


def saved_config(folder: Path) -> TrainConfig:
    """Read what a state was trained by; a key that is younger than the state has its default.

    Raises:
        StateError: no state, a damaged one, or one of another version.
    """
    folder = folder if folder.exists() else _older(folder)
    return _config(folder, _read_manifest(folder))


def _config(folder: Path, manifest: dict[str, Any]) -> TrainConfig:
    try:
        return TrainConfig.from_dict(manifest["config"])
    except (ConfigError, TypeError, KeyError) as error:
        raise StateError(f"the config in {folder} is not of this version: {error}") from error


def _install(trainer: Trainer, tensors: dict[str, Tensor], optimizers: bool = True) -> None:
    def under(prefix: str) -> dict[str, Tensor]:
        start = f"{prefix}/"
        return {k[len(start) :]: v for k, v in tensors.items() if k.startswith(start)}

    try:
        for name, module in _modules(trainer).items():
            module.load_state_dict(under(name))
        if not optimizers:
            return
        for name, optimizer in (
            ("generator_optimizer", trainer.generator_optimizer),
            ("critic_optimizer", trainer.critic_optimizer),
        ):
            entries: dict[int, dict[str, Tensor]] = {}
            for key, value in under(name).items():
                number, field = key.split("/")
                entries.setdefault(int(number), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
    except (RuntimeError, ValueError, KeyError) as error:
        raise StateError(f"the state does not fit the model: {error}") from error
