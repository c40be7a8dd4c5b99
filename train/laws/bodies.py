"""The laws of bodies that move: each function tracks them and measures its law.

To an error, root mean square over the frames, the greatest jump of a velocity that forces should
change evenly is added (as the root of the sum of squares), as what it moves in a frame. What can't
be tracked is infinitely wrong.
"""

from __future__ import annotations

import numpy as np

from train.laws import rivals
from train.laws.beads import collisions
from train.laws.fits import Periods, cyclic, harmonic, jump, squares
from train.laws.orbits import equal_areas
from train.laws.tracking import (
    Array,
    Track,
    as_pictures,
    colour,
    cover,
    from_ground,
    strongest,
    track,
    unmix,
)

LEAST_SEEN = 0.85  # share of the frames
PIVOT = (32.0, 8.0)  # of every pendulum, in pixels of 64
FLOOR = 55.0  # on which every ball bounces
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_STAR = 0.8  # of the brightest pixels' brightness: a star has more, a planet less


def measured(
    squared: Array,
    extent: Array,
    seen: Array,
    jumps: Array | float = 0.0,
    lead: Array | float = 0.0,
) -> Array:
    """Join what a law must tell of each clip, [N, 3]: see ``train.laws``.

    ``squared`` are the squares of errors [N, T] in pixels of 64, ``extent`` [N] and ``jumps`` [N]
    are such lengths, ``lead`` [N] is the error over that of the nearest rival.
    """
    weights = seen.astype(float)
    error = np.sqrt(squares(squared[:, None] ** 0.5, weights)[:, 0] + np.square(jumps))
    tracked = weights.mean(axis=1) >= LEAST_SEEN
    table = np.stack([error, extent, np.broadcast_to(lead, error.shape)], axis=1)
    return np.where(tracked[:, None], table, [np.inf, 0.0, np.inf])


def extent(places: Array, seen: Array) -> Array:
    """How far something goes along the axis where it goes farthest, [N], from [N, T, D]."""
    shown = seen[..., None]
    high = np.where(shown, places, -np.inf).max(axis=1)
    low = np.where(shown, places, np.inf).min(axis=1)
    return np.where(np.isfinite(high - low), high - low, 0).max(axis=1)


def swings(values: Array, seen: Array, periods: Periods, offset: bool) -> tuple[Array, Array]:
    """Return values [N, T] minus their best harmonic, and its lead over its rivals [N]."""
    swing = harmonic(values, seen, periods, offset)
    return swing, _over(swing, rivals.of_harmonic(values, seen, periods, offset), seen)


def pendulum(clips: Array) -> Array:
    """The angle is a harmonic of constant period about the vertical, the rod keeps its length.

    At the widest swing of the simulator, 77 degrees, the harmonic is within 1 % of the pendulum's
    own function.
    """
    bob = _vivid(clips)
    arm = bob.place - PIVOT
    length = np.linalg.norm(arm, axis=-1)
    own = _mean(length, bob.seen)
    way = np.arctan2(arm[..., 0], arm[..., 1]) * own
    swing, lead = swings(way, bob.seen, (12.0, 36.0), offset=False)
    squared = swing**2 + (length - own) ** 2
    return measured(squared, extent(bob.place, bob.seen), bob.seen, jump(swing, bob.seen), lead)


def bouncing_ball(clips: Array) -> Array:
    """It falls with constant acceleration, turns round on the floor without loss, and not aside."""
    ball = _vivid(clips)
    x, y = ball.place[..., 0], ball.place[..., 1]
    radius = np.sqrt(np.median(ball.area, axis=1, keepdims=True) / np.pi)
    heights, periods = FLOOR - radius - y, (10.0, 30.0)
    fall = cyclic(heights, ball.seen, rivals.arc, periods)
    lead = _over(fall, rivals.of_bounces(heights, ball.seen, periods), ball.seen)
    squared = fall**2 + (x - _mean(x, ball.seen)) ** 2
    return measured(squared, extent(ball.place, ball.seen), ball.seen, jump(fall, ball.seen), lead)


def spring(clips: Array) -> Array:
    """The block's place is a harmonic of constant period about some rest, on a level floor."""
    block = _vivid(clips)
    x, y = block.place[..., 0], block.place[..., 1]
    swing, lead = swings(x, block.seen, (9.0, 32.0), offset=True)
    squared = swing**2 + (y - _mean(y, block.seen)) ** 2
    far = extent(block.place, block.seen)
    return measured(squared, far, block.seen, jump(swing, block.seen), lead)


def kepler_orbit(clips: Array) -> Array:
    """The star stands in a focus of the planet's conic; equal areas are swept in equal times."""
    pictures = as_pictures(clips)
    luma = pictures @ _LUMA
    bright = ((luma / strongest(luma) - _STAR) * 5 + 0.5).clip(0, 1)
    star = track(bright)
    planet = track(cover(np.linalg.norm(from_ground(colour(pictures)), axis=-1) * (1 - bright)))
    # The median: where the planet is close, it hides part of the star.
    centre = np.median(star.place, axis=1, keepdims=True)
    seen = planet.seen & (star.seen.mean(axis=1, keepdims=True) >= LEAST_SEEN)
    squared = equal_areas(planet.place - centre, planet.seen)
    return measured(squared, extent(planet.place, seen), seen)


def collision(clips: Array) -> Array:
    """Momentum and energy before and after are the same, with masses by the beads' areas."""
    first, second = (track(part) for part in unmix(from_ground(colour(as_pictures(clips)))))
    seen = first.seen & second.seen
    places = np.stack([first.place, second.place], axis=2)  # [N, T, bead, axis]
    areas = np.stack([np.median(bead.area, axis=1) for bead in (first, second)], axis=1)
    order = places[..., 0].mean(axis=1).argsort(axis=1)  # the left one first: they can't pass
    x = np.take_along_axis(places[..., 0], order[:, None], axis=2)
    radii = np.sqrt(np.take_along_axis(areas, order, axis=1).clip(min=1) / np.pi)
    y = places[..., 1] - np.median(places[..., 1], axis=1, keepdims=True)
    squared = (collisions(x, seen, radii) ** 2 + y**2).mean(axis=2)
    return measured(squared, extent(x, seen), seen)


def _vivid(clips: Array) -> Track:
    """Track the one thing whose colour is strong."""
    return track(cover(np.linalg.norm(from_ground(colour(as_pictures(clips))), axis=-1)))


def _over(errors: Array, rival: Array, seen: Array) -> Array:
    """How great a law's errors [N, T] are in units of its rivals' error [N]."""
    return rivals.rms(errors[:, None], seen)[:, 0] / np.maximum(rival, 1e-6)


def _mean(values: Array, seen: Array) -> Array:
    return ((values * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1))[:, None]
