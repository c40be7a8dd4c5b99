"""Data sets. Each one renders or reads clips; all of them keep the contract below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import torch
from torch import Tensor

from vidgen.config import ClassName, ClipShape

Split = Literal["train", "held-out"]


class DataError(Exception):
    """Data that is missing or broken; the message says where it was looked for and the remedy."""


@dataclass(frozen=True)
class ClipBatch:
    """Real clips with what is known about them.

    Attributes:
        clips: float32 in [-1, 1], [B, T, C, H, W].
        labels: int64 [B].
        times: float32 [B, T], in frames.
        motion: float32 [B, M], the clip's true motion, scaled to about [-1, 1]; what a judge that
            looks at time can predict.
        params: true parameters by name, each float32 [B]; NaN where a class has no such parameter.
    """

    clips: Tensor
    labels: Tensor
    times: Tensor
    motion: Tensor
    params: Mapping[str, Tensor]


class ClipSource(Protocol):
    """What training and evaluation ask of a data set."""

    @property
    def name(self) -> str:
        """Of the data set, as --data names it."""
        ...

    @property
    def title(self) -> tuple[str, str]:
        """English and Chinese."""
        ...

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """The names of the classes."""
        ...

    @property
    def clip_shape(self) -> ClipShape:
        """The size of a clip."""
        ...

    @property
    def fps(self) -> float:
        """Frames a second at a time step of 1."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hex; changes when any clip would change."""
        ...

    @property
    def licence(self) -> str:
        """SPDX name for a release that is trained on it."""
        ...

    @property
    def credits(self) -> str:
        """Who made the data."""
        ...

    def render(
        self,
        seed: int,
        step: int,
        indices: Tensor,
        times: Tensor,
        labels: Tensor | None = None,
        split: Split = "train",
    ) -> ClipBatch:
        """Make one clip for each of ``indices`` [B] at the time stamps ``times`` [B, T] (frames).

        Clip i depends on (seed, step, i), its label and its time stamps alone. Runs on the device
        of ``indices``. Labels are drawn uniformly unless given (int64 [B]).
        """
        ...


SOURCES = ("digits", "phenomena", "sprites", "digits-32", "phenomena-32", "sprites-32")


def open_source(
    name: str, root: Path | None, device: torch.device | str, download: bool = False
) -> ClipSource:
    """Open a data set by name; it renders on ``device``.

    Prepared videos are "folder", or go by the name that they were given.

    Raises:
        DataError: no such data set, or its files are missing; says what is expected where.
    """
    if name in SOURCES and name.endswith("-32"):
        from train.data.resized import Halved

        return Halved(open_source(name.removesuffix("-32"), root, device, download))
    if name == "digits":
        from train.data.digits import Digits

        if root is None:
            raise DataError("digits need --data-root: the folder that holds MNIST/raw")
        return Digits(root, device, download)
    if name == "phenomena":
        from train.data.phenomena import Phenomena

        return Phenomena()
    if name == "sprites":
        from train.data.sprites import Sprites

        if root is None:
            raise DataError(
                "sprites need --data-root: a clone of https://github.com/YingzhenLi/Sprites"
            )
        return Sprites(root, device)
    from train.data.folder import Folder
    from train.data.store import has_manifest

    if name == "folder" and root is None:
        raise DataError("videos need --data-root: what `python -m train prepare` made of them")
    if root is not None and (name == "folder" or has_manifest(root)):
        source = Folder(root, device)
        if name in ("folder", source.name):
            return source
    raise DataError(
        f"data set is {name!r}; legal are {', '.join(SOURCES)}, or folder for prepared videos"
    )
