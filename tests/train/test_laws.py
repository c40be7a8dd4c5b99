"""Laws on the simulator: its own clips pass, clips whose physics is broken do not.

Motion that turns back is held where that shows: at a turning point, or where a ball touches the
floor, to turn back is what the law says (LOG.md has the shares of all).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from broken_physics import BROKEN
from scipy import ndimage
from torch import Tensor

from train.data import ClipBatch
from train.data.phenomena import Phenomena
from train.laws import (
    LAWS,
    Limit,
    fit_limits,
    measure_laws,
    median_residual,
    residuals,
    share_lawful,
    share_tracked,
)

NAMES = [name.en for name in Phenomena.classes]
FRAMES = torch.arange(16, dtype=torch.float32)
TO_FIT, TO_TEST, TO_BREAK = torch.arange(80), torch.arange(1000, 1080), torch.arange(10_000, 10_030)
SIZES = (False, True)  # as drawn, and halved to 32 pixels


def batch_of(name: str, indices: Tensor, times: Tensor) -> ClipBatch:
    labels = torch.full_like(indices, NAMES.index(name))
    return Phenomena().render(5, 0, indices, times.expand(len(indices), -1), labels, "held-out")


def render(name: str, indices: Tensor, times: Tensor = FRAMES) -> np.ndarray:
    """Held-out clips, uint8 [N, 16, 64, 64, 3]; real ones unless ``times`` are others."""
    clips = batch_of(name, indices, times).clips.permute(0, 1, 3, 4, 2)
    return ((clips + 1) * 127.5).round().to(torch.uint8).numpy()


def periods(name: str, indices: Tensor) -> Tensor:
    """Of each clip, in frames, [N, 1]; of the beads, which have none, 18."""
    return batch_of(name, indices, FRAMES[:1]).params["period"].nan_to_num(18.0)[:, None]


def halve(clips: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels."""
    count, frames, side = clips.shape[:3]
    cells = clips.reshape(count, frames, side // 2, 2, side // 2, 2, 3)
    return cells.mean(axis=(3, 5)).round().astype(np.uint8)


@cache
def real(name: str) -> np.ndarray:
    return render(name, TO_TEST)


def measured(name: str, clips: np.ndarray) -> np.ndarray:
    return measure_laws(clips, labels_of(name, clips), NAMES)


def labels_of(name: str, clips: np.ndarray) -> np.ndarray:
    return np.full(len(clips), NAMES.index(name))


@cache
def limits(name: str) -> tuple[dict[str, Limit], ...]:
    """Of clips of 64 and of 32 pixels."""
    clips = render(name, TO_FIT)
    sizes = (clips, halve(clips))
    return tuple(fit_limits(measured(name, c), labels_of(name, c), NAMES) for c in sizes)


def share(name: str, clips: np.ndarray, small: bool) -> float:
    found, labels = measured(name, halve(clips) if small else clips), labels_of(name, clips)
    ratios = residuals(found, labels, NAMES, limits(name)[small])
    return share_lawful(ratios, labels, NAMES)[name]


@pytest.mark.parametrize("name", LAWS)
def test_real_clips_keep_their_law(name):
    # These limits are of 80 clips; with the judge's, of 400, test_limits.py asks for 97 %.
    assert share(name, real(name), False) >= 0.95
    assert share(name, real(name), True) >= 0.93


def shuffled(clips: np.ndarray) -> np.ndarray:
    random = np.random.RandomState(0)
    return np.stack([clip[random.permutation(16)] for clip in clips])


@pytest.mark.parametrize("name", LAWS)
def test_blur_noise_and_pale_colours_break_no_law(name):
    clips = real(name)[:30].astype(np.float32)
    blurred = ndimage.gaussian_filter(clips, (0, 0, 1, 1, 0))
    noise = np.random.RandomState(0).normal(0, 8, clips.shape)
    spoilt = (128 + 0.7 * (blurred - 128) + noise).clip(0, 255).round().astype(np.uint8)
    assert share(name, spoilt, False) >= 0.9


@pytest.mark.parametrize("name", LAWS)
def test_clips_out_of_time_break_their_law(name):
    indices = TO_BREAK[:20]
    broken = {
        "frozen": render(name, indices, 0 * FRAMES),
        "shuffled": shuffled(render(name, indices)),
        "faster midway": render(name, indices, FRAMES + 1.5 * (FRAMES - 8).clamp(0)),
        "faster and faster": render(name, indices, FRAMES + FRAMES**2 / 12),
        "teleports": render(name, indices, FRAMES + periods(name, indices) / 2 * (FRAMES >= 8)),
    }
    shares = {(how, s): share(name, clips, s) for how, clips in broken.items() for s in SIZES}
    assert not {how: found for how, found in shares.items() if found > 0.1}


def turned_back(name: str, indices: Tensor) -> np.ndarray:
    """Clips retraced from that frame in the middle from where it changes them the most."""
    forth = render(name, indices).astype(np.float32)
    turns = np.arange(5, 11)
    back = 2 * turns[:, None] - np.arange(16)  # [turn, T]
    back = np.where(back < turns[:, None], back, np.arange(16))
    changes = [np.abs(forth - forth[:, order]).mean(axis=(1, 2, 3, 4)) for order in back]
    times = torch.from_numpy(back[np.argmax(changes, axis=0)]).float()
    return render(name, indices, times)


@pytest.mark.parametrize("name", LAWS)
def test_what_turns_back_on_its_way_breaks_its_law(name):
    clips = turned_back(name, TO_BREAK)
    assert share(name, clips, False) <= 0.1
    assert share(name, clips, True) <= 0.1


@pytest.mark.parametrize(("name", "owner", "part", "broken"), BROKEN)
def test_other_physics_breaks_the_law(name, owner, part, broken, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(owner, part, broken)
        clips = render(name, TO_BREAK)
    assert share(name, clips, False) <= 0.1
    assert share(name, clips, True) <= 0.1


def test_what_cannot_be_tracked_is_not_lawful():
    random = np.random.RandomState(0)
    clips = random.randint(0, 256, (len(LAWS) * 2, 16, 64, 64, 3), np.uint8)
    clips[::2] = 128
    labels = np.array([NAMES.index(name) for name in LAWS]).repeat(2)
    known = {name: limits(name)[False][name] for name in LAWS}
    found = residuals(measure_laws(clips, labels, NAMES), labels, NAMES, known)
    assert share_lawful(found, labels, NAMES) == dict.fromkeys(LAWS, 0.0)
    assert share_tracked(found[::2], labels[::2], NAMES) == dict.fromkeys(LAWS, 0.0)
    assert median_residual(found[::2], labels[::2], NAMES) == dict.fromkeys(LAWS)


def test_the_median_residual_is_of_the_clips_that_could_be_tracked():
    ratios = np.array([np.inf, 2, 8, 0.5, np.nan])
    labels = np.array([NAMES.index("Pendulum")] * 4 + [NAMES.index("Draining tank")])
    assert median_residual(ratios, labels, NAMES) == {"Pendulum": 2.0}


def test_clips_without_a_law_have_no_residual():
    clips = np.zeros((2, 16, 64, 64, 3), np.uint8)
    labels, names = np.array([0, 1]), ["0", "1"]
    ratios = residuals(measure_laws(clips, labels, names), labels, names, {})
    assert np.isnan(ratios).all()
    assert share_lawful(ratios, labels, names) == {}


@pytest.mark.parametrize("name", LAWS)
def test_what_is_measured_depends_on_its_clip_alone_and_on_no_number_format(name):
    clips = real(name)[:5]
    whole = measured(name, clips)
    np.testing.assert_allclose(measured(name, clips[3:4]), whole[3:4], rtol=1e-6)
    np.testing.assert_allclose(measured(name, clips / 127.5 - 1), whole, rtol=1e-3)
