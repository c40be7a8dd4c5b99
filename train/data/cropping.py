"""How a picture of any shape becomes a square: its middle, all of it, or where something moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vidgen.preparation import Crop

WIDEST = 3  # sides that a smart crop looks at along the long side, from the middle


def crop_filter(crop: Crop, side: int) -> str:
    """Return ffmpeg's filters that make a square of ``side`` pixels; pixels may be oblong.

    A smart crop gets a strip whose short side is ``side`` instead: ``busiest`` chooses from it.
    Cutting comes before scaling, so that no picture grows large on the way.
    """
    if crop == "fit":
        return (
            f"scale=w='max(1,trunc({side}*min(1,dar)+0.5))':h='max(1,trunc({side}*min(1,1/dar)+0.5))'"
            f",pad={side}:{side}:(ow-iw)/2:(oh-ih)/2:black,setsar=1"
        )
    wide = 1 if crop == "center" else WIDEST
    cut = f"crop=w='max(1,min(iw,{wide}*ih/sar))':h='max(1,min(ih,{wide}*iw*sar))':exact=1"
    if crop == "center":
        return f"{cut},scale={side}:{side},setsar=1"
    return (
        f"{cut},scale=w='trunc({side}*max(1,dar)+0.5)':h='trunc({side}*max(1,1/dar)+0.5)',setsar=1"
    )


def busiest(frames: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Cut a square out of frames [T, H, W, C] where most changes; where nothing does, most detail.

    One place for all frames: a window that moved would add a motion of its own.
    """
    count, height, width, _ = frames.shape
    if (height, width) == (side, side):
        return frames
    axis = 2 if width > height else 1
    change = np.zeros((height, width))
    for index in range(1, count):
        change += np.abs(frames[index].astype(np.int16) - frames[index - 1]).mean(axis=-1)
    if change.mean() < 0.5 * max(count - 1, 1):  # a still: half a level is noise
        light = frames[count // 2].astype(np.float64).mean(axis=-1)
        rows, columns = np.gradient(light) if min(light.shape) > 1 else (light * 0, light * 0)
        change = np.hypot(rows, columns)
    line = change.sum(axis=2 - axis)  # [places along the long side]
    sums = np.convolve(line, np.ones(side), "valid")
    # Of windows that are as good, the one nearest the middle.
    best = np.flatnonzero(sums >= sums.max() - 1e-6 * abs(sums.max()))
    first = int(best[np.abs(best - (len(sums) - 1) / 2).argmin()])
    return frames.take(range(first, first + side), axis=axis)
