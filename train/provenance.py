"""What a release says of its making: code revision, package versions, data and config."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from train.data.draws import normal
from train.trainer import Trainer
from vidgen.config import ClassName
from vidgen.families import StganConfig
from vidgen.generators import class_means
from vidgen.generators.stgan import Stgan
from vidgen.release import ReleaseInfo, save_release

_PACKAGES = ("torch", "torchvision", "numpy", "safetensors")
_MEAN_SAMPLES = 1024


def write_release(path: Path, trainer: Trainer, name: str, seconds: float) -> None:
    """Write the trainer's average as a release, with the latent statistics for psi.

    ``seconds`` is what the run took so far, as ``train.devices.clock`` counts.
    """
    generator = copy.deepcopy(trainer.average)
    config = trainer.config
    draws = normal(config.seed, 0, torch.arange(_MEAN_SAMPLES), config.model.content_dim, stream=50)
    generator.content_mean.copy_(class_means(generator, draws.to(trainer.device)))
    model = config.model
    if isinstance(model, StganConfig) and isinstance(generator, Stgan):
        model = dataclasses.replace(model, coarse=generator.coarse)
    source = trainer.source
    info = ReleaseInfo(
        name=name,
        title={"en": source.title[0], "zh": source.title[1]},
        model=model,
        classes=source.classes if config.labels else (any_of(source.classes),),
        fps=source.fps,
        dataset={"name": source.name, "fingerprint": source.fingerprint},
        train=config.to_dict(),
        step=trainer.step_number,
        seed=config.seed,
        revision=code_revision(),
        packages=package_versions(),
        licence=source.licence,
        credits=source.credits,
        seconds=round(seconds, 1),
        device=trainer.device.type,
        ancestors=trainer.ancestors,
    )
    save_release(path, generator, info)


def any_of(classes: tuple[ClassName, ...]) -> ClassName:
    """Return the one class of a model that was trained without labels."""
    return ClassName("any", "任意", loops=all(name.loops for name in classes))


def code_revision() -> str:
    """Return the commit of this code, with a + where it is changed; unknown outside of git."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(here), *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that decide a run."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
