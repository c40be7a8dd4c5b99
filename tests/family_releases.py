"""Small releases of every family, with random weights, of made-up data."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from lively_release import INFO

from vidgen.config import ClassName, ClipShape
from vidgen.document import Ancestor
from vidgen.families import CONFIGS
from vidgen.generators import build, class_means
from vidgen.index import write_row
from vidgen.release import save_release, sha256_of
from vidgen.rows import Row, row_of

CLIP = ClipShape(16, 3, 16, 16)
ANY = ClassName("any", "任意")
OLDER = Ancestor("older", "stripes", "MIT", "Somebody", clips=640, seconds=60, device="cpu")


def ship_family(folder: Path, family: str) -> tuple[Row, Path]:
    """Put a release of a family into a checkpoints folder; return its row and its file."""
    return ship_method(folder, family, family, {"en": f"Small {family}", "zh": f"小 {family}"})


def ship_method(
    folder: Path, name: str, family: str, title: dict[str, str], data: str = "none",
    loss: str = "hinge", labels: bool = True,
) -> tuple[Row, Path]:  # fmt: skip
    """Likewise, of a family that was trained on some data in some way."""
    torch.manual_seed(0)
    config = CONFIGS[family](CLIP, 3 if labels else 1)
    generator = build(config).eval().requires_grad_(False)
    for parameter in generator.parameters():  # zero-initialised tails would hide their paths
        parameter.add_(0.02 * torch.randn_like(parameter))
    noise = torch.randn(64, config.content_dim)
    generator.content_mean.copy_(class_means(generator, noise))
    info = dataclasses.replace(
        INFO, name=name, title=title, model=config, classes=INFO.classes if labels else (ANY,),
        dataset={"name": data, "fingerprint": "0" * 64}, train={"batch": 32, "loss": loss},
        step=40, seconds=120, device="cpu",
        ancestors=(OLDER,),
    )  # fmt: skip
    path = folder / f"{name}.safetensors"
    save_release(path, generator, info)
    row = row_of(info, path, sha256_of(path), file=path.name)
    write_row(folder, row)
    return row, path


def ship_laboratory(folder: Path) -> None:
    """Ship what a laboratory has: models of several data, of one family trained in several ways."""
    toys = {"en": "Toys", "zh": "玩具"}
    ship_method(folder, "alone", "stgan", {"en": "Balls", "zh": "球"}, "balls")
    ship_method(folder, "toys-vgan", "vgan", toys, "toys")
    ship_method(folder, "toys-hinge", "stgan", toys, "toys")
    ship_method(folder, "toys-stgan", "stgan", toys, "toys", "relativistic")
    ship_method(folder, "toys-any", "stgan", toys, "toys", "relativistic", labels=False)
    ship_method(folder, "toys-again", "vgan", toys, "toys")
    for family in ("framegan", "mocogan"):
        title = {"en": f"Kites, {family}", "zh": f"风筝 {family}"}
        ship_method(folder, f"kites-{family}", family, title, "kites")
