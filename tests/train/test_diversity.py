"""The spread of a batch, and the watch over it."""

import pytest
import torch

from train.diversity import CollapseWatch, diversity

LABELS = torch.arange(40) % 4


def clips(spread, seed=0):
    """A clip for each label: the class's own grey, and a grey of its own with that spread."""
    own = torch.randn(40, generator=torch.Generator().manual_seed(seed))
    return (LABELS * 0.4 - 0.6 + spread * own).view(-1, 1, 1, 1, 1).expand(-1, 2, 3, 16, 16)


def test_as_different_as_real_clips_is_one():
    assert diversity(clips(0.2, 1), clips(0.2, 2), LABELS, 4).item() == pytest.approx(1, abs=0.35)
    assert diversity(clips(0.2), clips(0.2), LABELS, 4).item() == 1
    assert diversity(clips(0.1), clips(0.2), LABELS, 4).item() == pytest.approx(0.5, abs=0.01)


def test_one_clip_a_class_is_a_collapse_although_classes_differ():
    assert diversity(clips(0.0), clips(0.2), LABELS, 4).item() < 0.01
    assert diversity(clips(0.0), clips(0.2), torch.zeros_like(LABELS), 1).item() > 0.5


def test_a_batch_without_two_of_a_class_says_one():
    few = torch.arange(4)
    assert diversity(clips(0.3, 1)[:4], clips(0.2)[:4], few, 4).item() == pytest.approx(1)


def test_the_watch_tells_once_of_a_collapse_and_of_its_end():
    watch = CollapseWatch()
    low, high = CollapseWatch.SHARE / 2, CollapseWatch.SHARE * 2
    seen = [(step, watch.see(step, low)) for step in range(0, 500, 10)]
    told = [event for _, event in seen if event]
    first = CollapseWatch.BEGINS + CollapseWatch.STEPS
    assert told == [
        {"event": "collapse", "step": first, "since": CollapseWatch.BEGINS, "diversity": low}
    ]
    assert watch.see(500, high) == {"event": "recovered", "step": 500, "diversity": high}
    assert watch.see(510, low) is None


def test_a_short_dip_is_no_collapse():
    watch = CollapseWatch()
    levels = [0.05 if step % 50 else 0.5 for step in range(200, 900, 10)]
    assert not any(watch.see(200 + 10 * k, level) for k, level in enumerate(levels))
