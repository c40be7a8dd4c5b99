"""Sheets of clips: contact sheets from fixed seeds, to see a run learn, and what the page plays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.levels import to_levels
from vidgen import latent
from vidgen.config import ClipShape
from vidgen.generators import Generator
from vidgen.media import blocks_across, sheet_bytes, sheet_grid
from vidgen.release import write_bytes

SHEET_TIMES = (0.0, 2.0, 4.0, 6.0, 8.0, 11.0)
_LINE = 16  # height of the caption, in pixels
_QUALITY = 90  # JPEG's; they may be encoded once more as a time-lapse


@torch.inference_mode()
def sample(
    generator: Generator,
    classes: Sequence[int],
    seeds: Sequence[int],
    times: Sequence[float],
    device: torch.device,
    loop: float = 0.0,
) -> torch.Tensor:
    """Generate a clip for each (class, seed): float32 [N, T, C, H, W] on the CPU, clamped.

    The seed is the content seed and the motion seed; ``loop`` is the period in frames, 0 = no loop.
    """
    c = generator.config
    anchors = latent.tape_anchors(max(times), c.tape_spacing)

    def stack(rows: list[NDArray[np.float32]]) -> torch.Tensor:
        return torch.from_numpy(np.stack(rows)).to(device)

    clips = generator(
        stack([latent.content_noise(seed, c.content_dim) for seed in seeds]),
        stack([latent.motion_noise(seed, c.motion_dim) for seed in seeds]),
        stack([latent.tape_noise(seed, anchors, c.tape_dim) for seed in seeds]),
        torch.eye(c.classes, device=device)[list(classes)],
        torch.tensor(times, device=device).expand(len(seeds), -1),
        torch.full((len(seeds),), loop, device=device),
    )
    return clips.float().clamp(-1, 1).cpu()


def contact_sheet(generator: Generator, device: torch.device, seeds: int = 3) -> NDArray[np.uint8]:
    """Draw up to ten classes (rows) by ``seeds`` clips of six frames: uint8 [H, W, C]."""
    shown = range(min(generator.config.classes, 10))
    rows = [
        sample(generator, [label] * seeds, range(seeds), SHEET_TIMES, device) for label in shown
    ]
    clips = torch.stack(rows)  # [K, S, T, C, H, W]
    sheet = clips.permute(0, 4, 1, 2, 5, 3).flatten(2, 4).flatten(0, 1)  # [K*H, S*T*W, C]
    return to_levels(sheet).numpy()


def write_sheet(path: Path, sheet: NDArray[np.uint8], caption: str) -> None:
    """Write a sheet [H, W, C] as PNG, with a line of text below."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    page = Image.new(picture.mode, (picture.width, picture.height + _LINE), "white")
    page.paste(picture)
    ImageDraw.Draw(page).text((4, picture.height + 2), caption, fill="black")
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())


def clip_sheet(clips: Tensor) -> bytes:
    """Encode uint8 clips [N, T, C, H, W] as one JPEG, a block of frames for each."""
    frames: list[NDArray[np.uint8]] = list(clips.movedim(2, -1).contiguous().numpy())
    return sheet_bytes(*frames, quality=_QUALITY)[0]


def sheet_shape(count: int, clip: ClipShape) -> dict[str, int]:
    """Return how a sheet of so many clips is laid out."""
    columns, rows = sheet_grid(clip.frames)
    across = blocks_across(count, columns * clip.width, rows * clip.height)
    return {
        "frames": clip.frames, "columns": columns, "rows": rows, "width": clip.width,
        "height": clip.height, "clips": count, "across": across,
    }  # fmt: skip
