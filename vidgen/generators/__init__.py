"""The generator families: a table by name."""

from __future__ import annotations

import torch
from torch import Tensor

from vidgen.config import ConfigError, ModelConfig
from vidgen.generators.stgan import Stgan

Generator = Stgan  # the contract that every family keeps; the flagship states it

FAMILIES: dict[str, type[Stgan]] = {"stgan": Stgan}


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
