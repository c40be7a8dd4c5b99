"""Small releases of every family, with random weights, all of the same made-up data."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from lively_release import INFO

from vidgen.config import ClipShape
from vidgen.families import CONFIGS
from vidgen.generators import build, class_means
from vidgen.index import write_row
from vidgen.release import save_release, sha256_of
from vidgen.rows import Row, row_of

CLIP = ClipShape(16, 3, 16, 16)


def ship_family(folder: Path, family: str) -> tuple[Row, Path]:
    """Put a release of a family into a checkpoints folder; return its row and its file."""
    torch.manual_seed(0)
    config = CONFIGS[family](CLIP, 3)
    generator = build(config).eval().requires_grad_(False)
    for parameter in generator.parameters():  # zero-initialised tails would hide their paths
        parameter.add_(0.02 * torch.randn_like(parameter))
    noise = torch.randn(64, config.content_dim)
    generator.content_mean.copy_(class_means(generator, noise))
    title = {"en": f"Small {family}", "zh": f"小 {family}"}
    made = {"train": {"batch": 32, "loss": "hinge"}, "step": 40, "seconds": 120, "device": "cpu"}
    info = dataclasses.replace(INFO, name=family, title=title, model=config, **made)
    path = folder / f"{family}.safetensors"
    save_release(path, generator, info)
    row = row_of(info, path, sha256_of(path), file=path.name)
    write_row(folder, row)
    return row, path
