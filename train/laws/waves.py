"""The law of a string fixed at both ends: one mode, its nodes evenly spaced, one frequency."""

from __future__ import annotations

import numpy as np

from train.data.phenomena.drawing import SIZE
from train.laws.bodies import extent, measured, swings
from train.laws.fits import jump
from train.laws.tracking import Array, as_pictures, colour, cover, from_ground, without_specks

ENDS = (6.0, 58.0)  # of the string, in pixels of 64
REST = 32.0
MODES = range(1, 6)
DOT = 3.0  # nearer to a node a dot hides the string
LEAST_STRING = 0.8  # pixels of string in a column; with less, it is not seen there
LEAST_COLUMNS = 0.6  # share of the columns where a frame shows the string


def standing_wave(clips: Array) -> Array:
    """The string is A(t) sin(n pi x / L) with A a harmonic of constant period about the rest.

    The string's height is taken in every column between the dots, for each mode n; the mode that
    leaves least counts.
    """
    side = clips.shape[2]
    centres = (np.arange(side) + 0.5) * SIZE / side
    vivid = cover(np.linalg.norm(from_ground(colour(as_pictures(clips))), axis=-1))
    covered = without_specks(vivid)
    mass = covered.sum(axis=2)  # [N, T, W]
    height = np.einsum("nthw,h->ntw", covered, centres) / np.maximum(mass, 1e-6) - REST
    there = mass * SIZE / side > LEAST_STRING
    results = np.stack([_mode(n, height, there, centres) for n in MODES])
    return results[results[..., 0].argmin(axis=0), np.arange(len(clips))]


def _mode(n: int, height: Array, there: Array, centres: Array) -> Array:
    """What is measured [N, 3] if it swings in mode n; heights and where they are, [N, T, W]."""
    low, high = ENDS
    spacing = (high - low) / n
    along = (centres - low) / spacing
    clear = np.abs(along - np.round(along)) * spacing > DOT
    clear &= (centres > low) & (centres < high)
    weight = (there & clear).astype(float)
    shape = np.sin(np.pi * along)
    amplitude = (weight * height * shape).sum(axis=2)
    amplitude /= np.maximum((weight * shape**2).sum(axis=2), 1e-6)  # [N, T]
    seen = weight.sum(axis=2) >= LEAST_COLUMNS * clear.sum()
    missed, lead = swings(amplitude, seen, (9.0, 32.0), offset=False)
    swing = amplitude - missed
    wrong = (height - swing[..., None] * shape) ** 2 * weight
    squared = wrong.sum(axis=2) / np.maximum(weight.sum(axis=2), 1)
    far = extent(amplitude[..., None], seen)
    return measured(squared, far, seen, jump(missed, seen), lead)
