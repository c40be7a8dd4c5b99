"""Two beads between two walls: finds the motion that keeps momentum and energy nearest to a track.

Masses go with the squares of the radii. At a wall a bead's velocity turns round; where the beads
touch, both velocities turn round in the frame of their common centre of mass, which is what keeping
momentum and energy leaves to them (Landau and Lifshitz, Mechanics, section 17).
"""

from __future__ import annotations

import numpy as np

from train.data.phenomena.tables import TRACK
from train.laws.tracking import Array

EVENTS = 8  # at most, from one frame to the next
STEPS = 6  # of Gauss and Newton
GUESSES = 4  # of each clip that are followed up


NUDGE = 0.02  # pixels, and pixels a frame, to see how a motion depends on where it starts


def run(state: Array, radii: Array, frames: int) -> Array:
    """Let beads go from state [M, 4] (two places, two velocities): places [M, frames, 2]."""
    place, velocity = state[:, :2].copy(), state[:, 2:].copy()
    mass = radii**2
    shown = [place.copy()]
    for _ in range(frames - 1):
        left = np.ones(len(state))  # of this frame
        for _ in range(EVENTS):
            event, wait = _next_event(place, velocity, radii)
            place += velocity * np.minimum(wait, left)[:, None]
            met = wait < left
            drift = (mass * velocity).sum(axis=1) / mass.sum(axis=1)
            for wall in (0, 1):
                velocity[:, wall] *= np.where(met & (event == wall), -1, 1)
            touched = (met & (event == 2))[:, None]
            velocity = np.where(touched, 2 * drift[:, None] - velocity, velocity)
            left = np.maximum(left - wait, 0)
            if not met.any():
                break
        shown.append(place.copy())
    return np.stack(shown, axis=1)


def _next_event(place: Array, velocity: Array, radii: Array) -> tuple[Array, Array]:
    """What comes next (0 left wall, 1 right wall, 2 the beads touch) and in how many frames."""
    low, high = TRACK[0] + radii[:, 0], TRACK[1] - radii[:, 1]
    gaps = [place[:, 0] - low, high - place[:, 1], place[:, 1] - place[:, 0] - radii.sum(axis=1)]
    closing = np.stack([-velocity[:, 0], velocity[:, 1], velocity[:, 0] - velocity[:, 1]], axis=1)
    reach = np.stack(gaps, axis=1).clip(min=0) / np.maximum(closing, 1e-9)
    waits = np.where(closing > 1e-9, reach, np.inf)
    return waits.argmin(axis=1), waits.min(axis=1)


def collisions(track: Array, seen: Array, radii: Array) -> Array:
    """Fit the motion of two beads to their places.

    The guesses are the places and velocities of each two neighbouring frames, right unless
    something was met in between; the best few are improved by Gauss's and Newton's method.

    Args:
        track: [N, T, 2], the left bead's and the right bead's place along the wire.
        seen: [N, T], weights.
        radii: [N, 2].

    Returns:
        The places minus the best motion's, [N, T, 2].
    """
    clips, frames = track.shape[:2]
    guesses = np.concatenate([track[:, :-1], np.diff(track, axis=1)], axis=2)  # [N, T - 1, 4]
    base = np.broadcast_to(np.arange(frames - 1), (clips, frames - 1))
    cost = _squares(_errors(track, radii, guesses, base), seen)
    rows, order = np.arange(clips)[:, None], np.argsort(cost, axis=1, kind="stable")[:, :GUESSES]
    state, start = guesses[rows, order], base[rows, order]
    error = _errors(track, radii, state, start)
    for _ in range(STEPS):
        step = _newton_step(track, seen, radii, state, start, error)
        for size in (1.0, 0.3):  # the shorter one where a bounce lies in the way
            tried = state + size * step
            theirs = _errors(track, radii, tried, start)
            better = _squares(theirs, seen) < _squares(error, seen)
            state = np.where(better[..., None], tried, state)
            error = np.where(better[..., None, None], theirs, error)
    return error[np.arange(clips), _squares(error, seen).argmin(axis=1)]


def _errors(track: Array, radii: Array, states: Array, start: Array) -> Array:
    """Places minus those of motions with states [N, G, 4] at frames ``start`` [N, G].

    The laws hold backwards as well, so a motion is followed both ways. [N, G, T, 2].
    """
    (clips, count), frames = states.shape[:2], track.shape[1]
    flat, sizes = states.reshape(-1, 4), radii.repeat(count, axis=0)
    ahead, back = run(flat, sizes, frames), run(flat * [1, 1, -1, -1], sizes, frames)
    after = np.arange(frames) - start.reshape(-1, 1)  # [N * G, T]
    rows = np.arange(len(flat))[:, None]
    later = (after >= 0)[..., None]
    there = np.where(later, ahead[rows, after.clip(0)], back[rows, (-after).clip(0)])
    return track[:, None] - there.reshape(clips, count, frames, 2)


def _squares(errors: Array, seen: Array) -> Array:
    """Sums of squared errors [N, G, T, 2] over the frames seen, [N, G]."""
    return (errors**2 * seen[:, None, :, None]).sum(axis=(2, 3))


def _newton_step(
    track: Array, seen: Array, radii: Array, state: Array, start: Array, error: Array
) -> Array:
    """The step of states [N, G, 4] that would cancel their errors if these were linear."""
    weight = seen[:, None, :, None]
    moved = [_errors(track, radii, state + nudge, start) for nudge in NUDGE * np.eye(4)]
    slopes = np.stack([(error - other) / NUDGE * weight for other in moved], axis=-1)
    slopes = slopes.reshape(*state.shape[:2], -1, 4)
    aim = np.swapaxes(slopes, -1, -2) @ (error * weight).reshape(*state.shape[:2], -1, 1)
    normal = np.swapaxes(slopes, -1, -2) @ slopes + 1e-3 * np.eye(4)
    return np.linalg.solve(normal, aim)[..., 0]
