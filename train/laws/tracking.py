"""Finds the thing that moves in clips: its centre to a fraction of a pixel, its size, its colour.

Lengths are in pixels of a picture of 64 pixels, whatever the clips' side, as in the simulator; x
grows to the right, y downwards, and the first pixel's centre of a 64-pixel clip is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import ndimage

from train.data.phenomena.drawing import SIZE

Array = np.ndarray

VIVID = 0.006  # share of a clip's pixels that surely lie inside what is vivid
LEAST_VIVID = 0.12  # distance in colour (sRGB spans 1) from the ground; below, nothing is there
LEAST_SHARE = 0.6  # of all things' area in a frame: below, there are several
SPECK = 0.1  # of the largest thing's area: what is smaller is not counted among them
HUES = 36  # that are told apart
SIZES = (0.5, 2.0)  # a thing's area over its median one: outside, it fades or swells
_IN_PLANE = np.zeros((3, 3, 3))  # pixels touch their eight neighbours, never another frame
_IN_PLANE[1] = 1


@dataclass(frozen=True)
class Track:
    """Where one thing is.

    Attributes:
        place: its centre (x, y), float64 [N, T, 2].
        area: float64 [N, T], in square pixels.
        seen: bool [N, T]; elsewhere, place and area mean nothing.
    """

    place: Array
    area: Array
    seen: Array


def as_pictures(clips: Array) -> Array:
    """Turn clips, uint8 or floats in [-1, 1], into float32 in [0, 1], [N, T, H, W, 3]."""
    assert clips.ndim == 5 and clips.shape[-1] == 3, clips.shape
    assert clips.shape[2] == clips.shape[3], clips.shape
    if clips.dtype == np.uint8:
        return clips.astype(np.float32) / 255
    return (clips.astype(np.float32).clip(-1, 1) + 1) / 2


def colour(pictures: Array) -> Array:
    """Return what remains of colours beside lightness, [N, T, H, W, 2].

    Red against green and yellow against blue, linear in the values that shapes are mixed in, so
    that half-covered pixels count half.
    """
    red, green, blue = np.moveaxis(pictures, -1, 0)
    return np.stack([red - green, (red + green) / 2 - blue], axis=-1)


def from_ground(colours: Array) -> Array:
    """Return each colour [N, T, H, W, 2] less the ground's, which is the median of its clip."""
    ground = np.median(colours[:, ::2, ::2, ::2], axis=(1, 2, 3), keepdims=True)
    return colours - ground


def cover(strength: Array) -> Array:
    """Return how much of each pixel a vivid thing covers, [N, T, H, W], 0 to 1.

    The thing's own strength is that of the clip's strongest pixels. What has less than a quarter
    of it is ground: blur and faint artefacts have no weight.
    """
    return (2 * strength / strongest(strength) - 0.5).clip(0, 1)


def strongest(strength: Array) -> Array:
    """Return the mean of each clip's strongest pixels, [N, 1, 1, 1], from [N, T, H, W]."""
    flat = strength.reshape(len(strength), -1)
    count = max(round(VIVID * flat.shape[1]), 1)
    own = np.partition(flat, -count, axis=1)[:, -count:].mean(axis=1)
    return np.maximum(own, LEAST_VIVID)[:, None, None, None]


def track(covered: Array) -> Track:
    """Follow the largest connected thing of each frame, given its cover [N, T, H, W]."""
    count, frames, side = covered.shape[:3]
    stack = covered.reshape(-1, side, side)
    things = _Things(stack)
    mine = things.largest
    near = ndimage.binary_dilation(things.marks == mine[:, None, None], _IN_PLANE)  # its soft edge
    weight = stack * near * (mine > 0)[:, None, None]
    area = weight.sum(axis=(1, 2))
    centres = np.arange(side) + 0.5
    safe = np.maximum(area, 1e-9)
    x = weight.sum(axis=1) @ centres / safe
    y = weight.sum(axis=2) @ centres / safe
    counted = np.where(things.large(), things.sums, 0)
    total = np.bincount(things.frame[1:], counted[1:], len(stack))
    alone = (mine > 0) & (things.sums[mine] >= LEAST_SHARE * total)
    scale = SIZE / side
    area = (area * scale**2).reshape(count, frames)
    typical = np.median(area, axis=1, keepdims=True)
    seen = alone.reshape(count, frames)
    seen &= (area >= SIZES[0] * typical) & (area <= SIZES[1] * typical)
    place = np.stack([x, y], axis=-1).reshape(count, frames, 2) * scale
    return Track(place, area, seen)


def without_specks(covered: Array) -> Array:
    """Return cover [N, T, H, W] without what is small beside the largest thing of its frame."""
    stack = covered.reshape(-1, *covered.shape[2:])
    things = _Things(stack)
    near = ndimage.binary_dilation(things.large()[things.marks], _IN_PLANE)
    return (stack * near).reshape(covered.shape)


class _Things:
    """The connected things of frames [F, H, W], numbered from 1; 0 is none.

    Attributes:
        marks: which thing each pixel belongs to, [F, H, W].
        sums: the cover of each thing.
        frame: that each thing is in.
        largest: thing of each frame, [F].
    """

    def __init__(self, stack: Array) -> None:
        self.marks, count = cast("tuple[Array, int]", ndimage.label(stack > 0.5, _IN_PLANE))
        self.sums = np.bincount(self.marks.ravel(), stack.ravel(), count + 1)
        self.sums[0] = 0
        self.frame = np.zeros(count + 1, int)
        self.frame[self.marks] = np.arange(len(stack))[:, None, None]
        self.largest = np.zeros(len(stack), int)
        order = np.argsort(self.sums[1:], kind="stable") + 1
        self.largest[self.frame[order]] = order  # the last one written is the largest

    def large(self) -> Array:
        """Whether each thing is more than a speck beside the largest one of its frame."""
        large = self.sums >= SPECK * self.sums[self.largest][self.frame]
        large[0] = False
        return large


def unmix(colours: Array) -> tuple[Array, Array]:
    """Tell two vivid things of different hue apart: the cover of each, [N, T, H, W].

    The two commonest hues among the strong pixels of a clip are what its colours [N, T, H, W, 2]
    (less the ground) are mixed of.
    """
    hues = np.stack([_two_hues(clip.reshape(-1, 2)) for clip in colours])  # [N, hue, colour]
    parts = colours @ np.linalg.pinv(hues)[:, None, None]  # [N, T, H, W, hue]
    first, second = np.moveaxis((2 * parts - 0.5).clip(0, 1), -1, 0)
    return first, second


def _two_hues(colours: Array) -> Array:
    """Find the two commonest hues, at least a seventh of a turn apart, in pixels [P, 2]: [2, 2]."""
    strength = np.linalg.norm(colours, axis=1)
    own = strongest(strength[None, :, None, None]).item()
    strong = strength > max(0.3 * own, LEAST_VIVID)
    colours, strength = colours[strong], strength[strong]
    angle = np.arctan2(colours[:, 1], colours[:, 0])
    counts = np.histogram(angle, HUES, (-np.pi, np.pi))[0]
    counts = counts + np.roll(counts, 1) + np.roll(counts, -1)
    first = counts.argmax()
    apart = np.abs((np.arange(HUES) - first + HUES // 2) % HUES - HUES // 2)
    second = np.where(apart * 7 > HUES, counts, -1).argmax()
    found = np.zeros((2, 2))
    for row, hue in enumerate((first, second)):
        turn = (hue + 0.5) * 2 * np.pi / HUES - np.pi
        near = np.cos(angle - turn) > 0.9
        if near.any():  # the inside of the thing, not its edge
            inside = near & (strength >= np.median(strength[near]))
            found[row] = colours[inside].mean(axis=0)
    return found
