"""Import torchvision where its compiled operators do not fit the torch beside it."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch

_defined: list[torch.library.Library] = []  # the declarations live as long as this list


def torchvision_or_its_python() -> ModuleType:
    """Return torchvision, without its compiled operators if they cannot be loaded.

    The registry's torchvision is built for the registry's torch; beside a CPU-only torch its
    library does not load, and its import fails over the declarations of two operators that are
    never called here. Data sets, and torchmetrics which imports torchvision, need its Python only.

    Raises:
        ImportError: torchvision is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error) or _defined:
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # left half-imported by the failure
    library = torch.library.Library("torchvision", "DEF")
    _defined.append(library)
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision")
