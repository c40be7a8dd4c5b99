"""Start from another release or run: its weights wherever they fit, fresh ones elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from train.state import has_state, saved_config, start_players
from train.trainer import Trainer
from vidgen.card import ancestor_of
from vidgen.config import ClassName, ModelConfig
from vidgen.hub import CHECKPOINTS
from vidgen.index import read_index
from vidgen.release import ReleaseError, load_generator, read_info, sha256_of

_BY_CLASS = "embedding.weight"  # [width, classes], in every family
_LEAST = 0.05  # share of the numbers; below it there is nothing to start from
_NAMED = 4  # tensors that start anew which are named one by one


class TransferError(Exception):
    """A release that nothing can be taken from; the message says why."""


def find_release(name: str, folder: Path = CHECKPOINTS) -> Path:
    """Return the file that a path or a name of the index in ``folder`` means.

    Raises:
        ReleaseError: neither; or the file is not the one that the index lists.
    """
    path = Path(name)
    if path.is_file():
        return path
    rows = {row.name: row for row in read_index(folder)[0]}
    if name not in rows:
        raise ReleaseError(
            f"{name} is no file and no release of {folder.name}/; legal are a file and "
            f"{', '.join(rows) or 'no name, as there is no index'}"
        )
    file = rows[name].file
    path = folder / (file or "")
    if not file or not path.is_file():
        raise ReleaseError(
            f"{name} is not here; `python -m vidgen pull` fetches it, name that file"
        )
    if sha256_of(path) != rows[name].sha256:
        raise ReleaseError(f"{path} is damaged: its sha256 is not the index's")
    return path


def find_start(name: str) -> Path:
    """Return what a path or a name means: the folder of a run, or the file of a release.

    Raises:
        ReleaseError: neither; or the file is not the one that the index lists.
    """
    return Path(name) if has_state(Path(name) / "state") else find_release(name)


def model_of(start: Path) -> ModelConfig:
    """Return the model of a run's folder or a release's file.

    Raises:
        StateError: the folder's state can't be read.
        ReleaseError: the file is no release.
    """
    return saved_config(start / "state").model if start.is_dir() else read_info(start).model


def start_from(start: Path, trainer: Trainer) -> list[str]:
    """Begin with the weights of a release or of a run; returns lines that say which.

    A run gives all its players, critics too, and has to fit throughout: fresh critics would first
    unlearn what its generator knows (LOG.md, 2026-11-23). A release gives generator and average.

    Raises:
        TransferError: another family, or next to nothing in common.
        ReleaseError: the file is no release.
        StateError: the run is of other data, its players have other shapes, or it is damaged.
    """
    if start.is_dir():
        step = start_players(start / "state", trainer)
        return [f"from step {step:,} of {start}: generator, average and critics"]
    return start_from_release(start, trainer)


def start_from_release(release: Path, trainer: Trainer) -> list[str]:
    """Begin with a release's weights, generator and average; returns lines that say which.

    A tensor is taken where name and shape are the same; of the classes' embedding, the columns of
    the classes that both have by name. The rest, and all critics, start anew.

    Raises:
        TransferError: another family, or next to nothing in common.
        ReleaseError: the file is no release.
    """
    weights, info = load_generator(release)
    family = trainer.config.model.family
    if info.model.family != family:
        raise TransferError(
            f"{release} is a {info.model.family}; legal for this preset is a {family}"
        )
    theirs, ours = weights.state_dict(), trainer.generator.state_dict()
    names = trainer.source.classes if trainer.config.labels else ()
    taken, columns = _taken(theirs, ours, info.classes, names)
    share = sum(value.numel() for value in taken.values()) / _numbers(ours)
    if share < _LEAST:
        raise TransferError(
            f"{release} has {share:.1%} of this preset's weights by name and shape; legal is "
            f"{_LEAST:.0%} or more: choose the preset that it was trained by, or start without it"
        )
    for player in (trainer.generator, trainer.average):
        _install(player, taken)
    trainer.ancestors = (*info.ancestors, ancestor_of(info, sha256_of(release)))
    return _told(info.name, taken, theirs, ours, columns)


def _taken(
    theirs: Mapping[str, Tensor],
    ours: Mapping[str, Tensor],
    their_classes: tuple[ClassName, ...],
    our_classes: tuple[ClassName, ...],
) -> tuple[dict[str, Tensor], tuple[int, int]]:
    """What fits, and how many classes of ours were found in theirs, and had to be looked for."""
    fits = {
        name: value
        for name, value in theirs.items()
        if name in ours and value.shape == ours[name].shape
    }
    if their_classes == our_classes or not our_classes:
        return fits, (0, 0)
    fits.pop("content_mean", None)  # of each class; it is made anew with every release
    fits.pop(_BY_CLASS, None)
    known = {name.en: place for place, name in enumerate(their_classes)}
    pairs = [(k, known[name.en]) for k, name in enumerate(our_classes) if name.en in known]
    if _BY_CLASS in theirs and pairs and len(theirs[_BY_CLASS]) == len(ours[_BY_CLASS]):
        mixed = ours[_BY_CLASS].clone()
        for here, there in pairs:
            mixed[:, here] = theirs[_BY_CLASS][:, there]
        fits[_BY_CLASS] = mixed
    return fits, (len(pairs), len(our_classes))


def _numbers(tensors: Mapping[str, Tensor]) -> int:
    return sum(value.numel() for value in tensors.values())


@torch.no_grad()
def _install(player: nn.Module, taken: Mapping[str, Tensor]) -> None:
    own = player.state_dict()
    for name, value in taken.items():
        own[name].copy_(value)


def _told(
    release: str,
    taken: Mapping[str, Tensor],
    theirs: Mapping[str, Tensor],
    ours: Mapping[str, Tensor],
    columns: tuple[int, int],
) -> list[str]:
    lines = [
        f"from {release}: {len(taken)} of {len(ours)} tensors, {_numbers(taken):,} of "
        f"{_numbers(ours):,} numbers; the critics start anew"
    ]
    if columns[1]:
        lines.append(f"classes: {columns[0]} of {columns[1]} are known by name, the others anew")
    anew = [name for name in ours if name not in taken and name != "content_mean"]
    shapes = [
        f"{name} {list(ours[name].shape)}"
        + (f", there {list(theirs[name].shape)}" if name in theirs else ", not there")
        for name in anew[:_NAMED]
    ]
    if len(anew) > _NAMED:
        shapes.append(f"and {len(anew) - _NAMED} more")
    return lines + ([f"anew: {'; '.join(shapes)}"] if anew else [])
