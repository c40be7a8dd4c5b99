"""torchvision's MNIST, also where torchvision's compiled operators can't be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor

from train.data import DataError


def read_mnist(root: Path, train: bool, download: bool = False) -> tuple[Tensor, Tensor]:
    """Read the digits of a split: images uint8 [N, 28, 28] and labels int64 [N].

    Raises:
        DataError: the files are not there, or broken; says where they are looked for.
    """
    import_torchvision()
    from torchvision.datasets import MNIST

    try:
        data = MNIST(root=str(root), train=train, download=download)
    except RuntimeError as error:
        raise DataError(
            f"no MNIST digits under {root}: expected {root}/MNIST/raw/*-ubyte; name their folder "
            "with --data-root, or add --download where there is a network"
        ) from error
    except (ValueError, OSError) as error:
        raise DataError(f"the MNIST files under {root} can't be read: {error}") from error
    return data.data, data.targets


def import_torchvision() -> None:
    """Import torchvision, also a CUDA build beside a CPU torch.

    The registries' torchvision for Linux is built for CUDA. Beside a CPU torch its operators do not
    load, and then its import fails where it describes two of them, which no data set needs.
    Declaring the schemas of those lets the import pass.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in ("nms", "qnms"):
            _SCHEMAS.define(f"{operator}(Tensor dets, Tensor scores, float threshold) -> Tensor")
        import torchvision  # noqa: F401


_SCHEMAS = torch.library.Library("torchvision", "FRAGMENT")  # kept: its end would undo them
