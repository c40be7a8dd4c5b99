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
from train.laws import LAWS, fit_limits, measure_laws, share_lawful, share_tracked

NAMES = [name.en for name in Phenomena.classes]
FRAMES = torch.arange(16, dtype=torch.float32)
TO_FIT, TO_TEST, TO_BREAK = torch.arange(80), torch.arange(1000, 1080), torch.arange(10_000, 10_200)
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


def brisk(name: str) -> Tensor:
    """Indices of clips that show at least two thirds of a period: enough to tell laws apart."""
    return TO_BREAK[periods(name, TO_BREAK)[:, 0] <= 24][:30]


def halve(clips: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels."""
    count, frames, side = clips.shape[:3]
    cells = clips.reshape(count, frames, side // 2, 2, side // 2, 2, 3)
    return cells.mean(axis=(3, 5)).round().astype(np.uint8)


def residuals_of(name: str, clips: np.ndarray) -> np.ndarray:
    return measure_laws(clips, np.full(len(clips), NAMES.index(name)), NAMES)


@cache
def limit(name: str, small: bool) -> dict[str, float]:
    clips = render(name, TO_FIT)
    labels = np.full(len(clips), NAMES.index(name))
    return fit_limits(residuals_of(name, halve(clips) if small else clips), labels, NAMES)


def share(name: str, clips: np.ndarray, small: bool) -> float:
    labels = np.full(len(clips), NAMES.index(name))
    found = residuals_of(name, halve(clips) if small else clips)
    return share_lawful(found, labels, NAMES, limit(name, small))[name]


@pytest.mark.parametrize("name", LAWS)
def test_real_clips_keep_their_law(name):
    clips = render(name, TO_TEST)
    assert share(name, clips, False) >= 0.97
    assert share(name, clips, True) >= 0.97


def shuffled(clips: np.ndarray) -> np.ndarray:
    random = np.random.RandomState(0)
    return np.stack([clip[random.permutation(16)] for clip in clips])


@pytest.mark.parametrize("name", LAWS)
def test_blur_noise_and_pale_colours_break_no_law(name):
    clips = render(name, TO_TEST[:30]).astype(np.float32)
    blurred = ndimage.gaussian_filter(clips, (0, 0, 1, 1, 0))
    noise = np.random.RandomState(0).normal(0, 8, clips.shape)
    spoilt = (128 + 0.7 * (blurred - 128) + noise).clip(0, 255).round().astype(np.uint8)
    assert share(name, spoilt, False) >= 0.9


@pytest.mark.parametrize("name", LAWS)
def test_clips_out_of_time_break_their_law(name):
    indices = TO_BREAK[:30]
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
    real = render(name, indices).astype(np.float32)
    turns = np.arange(5, 11)
    back = 2 * turns[:, None] - np.arange(16)  # [turn, T]
    back = np.where(back < turns[:, None], back, np.arange(16))
    changes = [np.abs(real - real[:, order]).mean(axis=(1, 2, 3, 4)) for order in back]
    times = torch.from_numpy(back[np.argmax(changes, axis=0)]).float()
    return render(name, indices, times)


@pytest.mark.parametrize("name", LAWS)
def test_what_turns_back_on_its_way_breaks_its_law(name):
    clips = turned_back(name, TO_BREAK[:30])
    assert share(name, clips, False) <= 0.1
    assert share(name, clips, True) <= 0.1


@pytest.mark.parametrize(("name", "owner", "part", "broken"), BROKEN)
def test_other_physics_breaks_the_law(name, owner, part, broken, monkeypatch):
    indices = brisk(name)
    with monkeypatch.context() as patch:
        patch.setattr(owner, part, broken)
        clips = render(name, indices)
    assert share(name, clips, False) <= 0.1
    assert share(name, clips, True) <= 0.1


def test_what_cannot_be_tracked_is_not_lawful():
    random = np.random.RandomState(0)
    clips = random.randint(0, 256, (len(LAWS) * 2, 16, 64, 64, 3), np.uint8)
    clips[::2] = 128
    labels = np.array([NAMES.index(name) for name in LAWS]).repeat(2)
    limits = {name: limit(name, False)[name] for name in LAWS}
    residuals = measure_laws(clips, labels, NAMES)
    assert share_lawful(residuals, labels, NAMES, limits) == dict.fromkeys(LAWS, 0.0)
    assert share_tracked(residuals[::2], labels[::2], NAMES) == dict.fromkeys(LAWS, 0.0)


def test_clips_without_a_law_have_no_residual():
    clips = np.zeros((2, 16, 64, 64, 3), np.uint8)
    assert np.isnan(measure_laws(clips, np.array([0, 1]), ["0", "1"])).all()
    assert share_lawful(np.full(2, np.nan), np.array([0, 1]), ["0", "1"], {}) == {}


@pytest.mark.parametrize("name", LAWS)
def test_a_residual_depends_on_its_clip_alone_and_on_no_number_format(name):
    clips = render(name, TO_TEST[:5])
    whole = residuals_of(name, clips)
    np.testing.assert_allclose(residuals_of(name, clips[3:4]), whole[3:4], rtol=1e-6)
    np.testing.assert_allclose(residuals_of(name, clips / 127.5 - 1), whole, rtol=1e-3)
