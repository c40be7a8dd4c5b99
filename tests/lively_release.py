"""A small release with random weights whose every path shows in the picture."""

from __future__ import annotations

from pathlib import Path

import torch

from vidgen.config import ClassName, ClipShape
from vidgen.engine import synthesize
from vidgen.families import StganConfig
from vidgen.generators import class_means
from vidgen.generators.stgan import Stgan
from vidgen.index import write_row
from vidgen.release import ReleaseInfo, save_release, sha256_of
from vidgen.request import ClipRequest
from vidgen.rows import Row, row_of

MODEL = StganConfig(
    ClipShape(4, 3, 16, 16), classes=3, content_dim=8, motion_dim=8, tape_dim=4, latent=16,
    oscillators=4, canonical=8, canonical_width=8, groups=2, free_width=8, synthesis_width=8,
)  # fmt: skip
INFO = ReleaseInfo(
    name="lively",
    title={"en": "Lively", "zh": "活泼"},
    model=MODEL,
    classes=(
        ClassName("swing", "摆动"),
        ClassName("Spread", "扩散", loops=False),
        ClassName("orbit", "轨道"),
    ),
    fps=8.0,
    dataset={"name": "none", "fingerprint": "0" * 64},
    train={},
    step=0,
    seed=0,
    revision="0" * 40,
    packages={},
    licence="CC0-1.0",
    credits="Nobody",
)
PLAIN = ClipRequest("lively", ((1, 1.0),), ((3, 1.0),), ((5, 1.0),), frames=8)


def lively_generator(seed: int = 0) -> Stgan:
    """Make a generator with random weights; most of its pixels are inside the range."""
    torch.manual_seed(seed)
    generator = Stgan(MODEL)
    with torch.no_grad():
        for value in generator.parameters():
            value.add_(0.1 * torch.randn_like(value))  # tails start at zero and would hide much
        generator.content_mean.copy_(class_means(generator, torch.randn(64, MODEL.content_dim)))
        level = synthesize(generator, [PLAIN]).std()
        for value in generator.to_pixels.parameters():
            value.mul_(0.3 / level)
    return generator.eval()


def ship_lively(folder: Path) -> tuple[Row, Path]:
    """Put the release into a checkpoints folder; return its row and its file."""
    path = folder / "lively.safetensors"
    save_release(path, lively_generator(), INFO)
    row = row_of(INFO, path, sha256_of(path), file=path.name)
    write_row(folder, row)
    return row, path
