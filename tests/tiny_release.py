"""Releases that are made in milliseconds: a real header, and as few weights as possible."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

from vidgen.config import ClassName, ClipShape
from vidgen.families import StganConfig
from vidgen.hub import Shelf
from vidgen.index import write_row
from vidgen.release import ReleaseInfo
from vidgen.rows import Row, row_of

MODEL = StganConfig(
    ClipShape(4, 1, 16, 16), classes=2, content_dim=4, motion_dim=4, tape_dim=2, latent=8,
    oscillators=2, canonical=8, canonical_width=8, groups=2, free_width=4, synthesis_width=8,
)  # fmt: skip


def tiny_info(name: str = "tiny") -> ReleaseInfo:
    """Say what a tiny release says of itself."""
    return ReleaseInfo(
        name=name,
        title={"en": "Tiny", "zh": "小小"},
        model=MODEL,
        classes=(ClassName("up", "上"), ClassName("down", "下", loops=False)),
        fps=8.0,
        dataset={"name": "none", "fingerprint": "0" * 64},
        train={"steps": 0},
        step=0,
        seed=0,
        revision="0" * 40,
        packages={"torch": "2.13.0"},
        licence="CC-BY-SA-3.0",
        credits="Nobody, CC BY-SA 3.0",
    )


def header_only(name: str = "tiny") -> bytes:
    """Return a release file without weights: enough for everything that does not run it."""
    document = json.dumps(tiny_info(name).to_dict(), ensure_ascii=False)
    header = json.dumps({"__metadata__": {"format": "pt", "vidgen": document}}).encode()
    return struct.pack("<Q", len(header)) + header


FILE = header_only()
SHA256 = hashlib.sha256(FILE).hexdigest()


def ship_tiny(folder: Path) -> Row:
    """Make a checkpoints folder with one release, "tiny"; return its row."""
    folder.mkdir()
    path = folder / "tiny.safetensors"
    path.write_bytes(FILE)
    row = row_of(tiny_info(), path, SHA256, file=path.name)
    write_row(folder, row)
    return row


def names(shelf: Shelf) -> list[str]:
    """Name the releases that can be had."""
    return [row.name for row in shelf.rows()]


def kinds(shelf: Shelf) -> list[str]:
    """Say what kinds of notes there are."""
    return [note.kind for note in shelf.notes()]


def write_tiny(path: Path, name: str = "tiny") -> Path:
    """Write a release that runs: the smallest generator, with weights from a fixed seed."""
    import torch

    from vidgen.generators import build
    from vidgen.release import save_release

    torch.manual_seed(0)
    save_release(path, build(MODEL), tiny_info(name))
    return path
