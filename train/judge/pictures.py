"""Pictures of clips for the report, small enough to lie inside the page."""

from __future__ import annotations

import io

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

_QUALITY = 60  # of WebP
_GAP = 2  # pixels between clips


def moving(rows: list[Tensor], fps: float) -> bytes:
    """Animate rows of clips, each uint8 [N, T, C, H, W], as WebP."""
    frames = [_sheet([row[:, t] for row in rows]) for t in range(rows[0].shape[1])]
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    first.save(
        file, "WEBP", save_all=True, append_images=others, duration=round(1000 / fps), loop=0,
        quality=_QUALITY, method=6,
    )  # fmt: skip
    return file.getvalue()


def pairs(upper: Tensor, lower: Tensor, columns: int) -> bytes:
    """Put pictures, uint8 [N, C, H, W], above others, in rows of ``columns``, as WebP."""
    rows: list[Tensor] = []
    for start in range(0, len(upper), columns):
        rows += [upper[start : start + columns], lower[start : start + columns]]
    return _still(rows)


def strips(clips: list[Tensor], frames: range) -> bytes:
    """Put some frames of each clip, uint8 [T, C, H, W], into a row, as WebP."""
    return _still([clip[list(frames)] for clip in clips])


def _still(rows: list[Tensor]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(_sheet(rows)).save(file, "WEBP", quality=_QUALITY, method=6)
    return file.getvalue()


def _sheet(rows: list[Tensor]) -> NDArray[np.uint8]:
    """Lay out rows of pictures [N, C, H, W], with gaps: [H', W', 3]."""
    side = max(1, 32 // rows[0].shape[-1])  # small ones are enlarged, pixel by pixel
    laid = []
    for row in rows:
        large = row.expand(-1, 3, -1, -1).repeat_interleave(side, 2).repeat_interleave(side, 3)
        padded = torch.nn.functional.pad(large, [0, _GAP, 0, _GAP], value=128)
        laid.append(torch.cat(list(padded), dim=2))
    width = max(row.shape[2] for row in laid)
    laid = [torch.nn.functional.pad(row, [0, width - row.shape[2]], value=128) for row in laid]
    return torch.cat(laid, dim=1).permute(1, 2, 0).contiguous().numpy()
