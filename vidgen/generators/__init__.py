"""The generator families: a table by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vidgen.config import ConfigError, ModelConfig
from vidgen.generators.convgru import Convgru
from vidgen.generators.framegan import Framegan
from vidgen.generators.generator import Generator
from vidgen.generators.mocogan import Mocogan
from vidgen.generators.progressive import Progressive
from vidgen.generators.stgan import Stgan
from vidgen.generators.vgan import Vgan

__all__ = ["FAMILIES", "Generator", "build", "class_means"]

FAMILIES: dict[str, Callable[[Any], Generator]] = {
    "framegan": Framegan,
    "vgan": Vgan,
    "mocogan": Mocogan,
    "convgru": Convgru,
    "progressive": Progressive,
    "stgan": Stgan,
}


def build(config: ModelConfig) -> Generator:
    """Build a generator with fresh weights from its config.

    Raises:
        ConfigError: no family has that name.
    """
    if config.family not in FAMILIES:
        raise ConfigError(f"family is {config.family!r:.60}; legal are {sorted(FAMILIES)}")
    return FAMILIES[config.family](config)


@torch.no_grad()
def class_means(generator: Generator, content: Tensor) -> Tensor:
    """Return the mean of w for each class over content noise [N, Zc]: float32 [K, latent]."""
    count = generator.config.classes
    one_hot = torch.eye(count, device=content.device)
    means = [
        generator.map_content(content, one_hot[k].expand(len(content), -1)).mean(dim=0)
        for k in range(count)
    ]
    return torch.stack(means)
