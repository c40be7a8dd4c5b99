"""The spread of a batch, and the watch over it."""

import json
import math

import pytest
import torch

from train.diversity import CollapseWatch, batch_diversity, scatter

LABELS = torch.arange(40) % 4
LOW, HIGH = CollapseWatch.SHARE / 2, CollapseWatch.SHARE * 2


def clips(spread, seed=0):
    """A clip for each label: the class's own grey, and a grey of its own with that spread."""
    own = torch.randn(40, generator=torch.Generator().manual_seed(seed))
    return (LABELS * 0.4 - 0.6 + spread * own).view(-1, 1, 1, 1, 1).expand(-1, 2, 3, 16, 16)


def diversity(fakes, reals, labels=LABELS, classes=4):
    """Of one batch."""
    return batch_diversity(*(float(scatter(clips, labels, classes)) for clips in (fakes, reals)))


def test_as_different_as_real_clips_is_one():
    assert diversity(clips(0.2, 1), clips(0.2, 2)) == pytest.approx(1, abs=0.35)
    assert diversity(clips(0.2), clips(0.2)) == 1
    assert diversity(clips(0.1), clips(0.2)) == pytest.approx(0.5, abs=0.01)


def test_one_clip_a_class_is_a_collapse_although_classes_differ():
    assert diversity(clips(0.0), clips(0.2)) < 0.01
    assert diversity(clips(0.0), clips(0.2), torch.zeros_like(LABELS), 1) > 0.5


def test_a_batch_without_two_of_a_class_says_one():
    few = torch.arange(4)
    assert diversity(clips(0.3, 1)[:4], clips(0.2)[:4], few) == pytest.approx(1)


def logged(true, seed, size=6, lines=60, every=10):
    """Levels that a log has of a generator whose clips spread by ``true`` of the real ones.

    Batches are of a few clips in four classes: some steps have no class twice, some two pairs.
    """
    dice = torch.Generator().manual_seed(seed)
    levels = []
    for _ in range(lines):
        sums = torch.zeros(2)
        for _ in range(every):
            labels = torch.randint(4, (size,), generator=dice)
            own = torch.randn(2, size, 1, 1, 1, 1, generator=dice) * torch.tensor(
                [true * 0.3, 0.3]
            ).view(2, 1, 1, 1, 1, 1)
            sums += torch.stack([scatter(own[k].expand(-1, 1, 1, 8, 8), labels, 4) for k in (0, 1)])
        levels.append(batch_diversity(*(sums / every).tolist()))
    return levels


def watched(levels, steps=1000, every=10):
    """A watch over a run whose log has these levels."""
    watch = CollapseWatch(steps)
    for number, level in enumerate(levels):
        watch.see(every * number, level)
    return watch


def test_a_level_is_right_in_the_mean_however_small_the_batch():
    for true in (0.1, 0.5):
        levels = torch.tensor(logged(true, seed=0))
        assert levels.mean() == pytest.approx(true, rel=0.1)
        assert levels.std() > 0.05 * true  # and single ones scatter


@pytest.mark.parametrize("seed", range(5))
def test_noise_of_small_batches_neither_hides_nor_feigns_a_collapse(seed):
    hidden = logged(0.07, seed)
    assert [event["event"] for event in watched(hidden).events] == ["collapse"]
    feigned = logged(0.14, seed)
    assert watched(feigned).events == []


def test_one_lucky_line_among_low_ones_hides_no_collapse():
    lucky = [LOW] * 12 + [HIGH] + [LOW] * 40
    assert [event["event"] for event in watched(lucky).events] == ["collapse"]


def test_the_watch_tells_once_of_a_collapse_and_of_its_end():
    watch = watched([LOW] * 50)
    told = {"event": "collapse", "step": 150, "since": 100, "batch_diversity": LOW}
    assert watch.events == [told]
    back = [watch.see(500 + 10 * k, HIGH) for k in range(10)]
    assert [event["event"] for event in back if event] == ["recovered"]
    assert watch.see(600, LOW) is None
    assert [event["event"] for event in watch.events] == ["collapse", "recovered"]


def test_a_short_dip_is_no_collapse():
    dips = [LOW if number % 10 < 3 else HIGH for number in range(100)]
    assert watched(dips).events == []


def test_a_short_run_is_watched_too():
    assert watched([HIGH] * 3 + [LOW] * 7, steps=100).events[0]["since"] == 30
    assert watched([HIGH] * 10, steps=100).could_tell


def test_a_run_that_is_too_short_to_know_says_so():
    assert not watched([LOW] * 2, steps=10).could_tell
    assert not watched([LOW], steps=100, every=50).could_tell


@pytest.mark.parametrize("name", ["batch_diversity", "diversity"])
def test_a_watch_goes_on_where_the_log_of_a_cut_run_ends(tmp_path, name):
    log = tmp_path / "log.jsonl"
    levels = [HIGH] * 20 + [LOW] * 30
    lines = [json.dumps({"step": 10 * k, name: level}) for k, level in enumerate(levels)]
    # The run was cut after step 220 and had been saved at 200: two lines, an event and a half.
    cut = [json.dumps({"step": 210, name: HIGH}), json.dumps({"event": "collapse", "step": 220})]
    log.write_text("\n".join([*lines[:21], *cut, '{"step": 230, "batch_d', *lines[21:]]) + "\n")
    resumed = CollapseWatch(1000)
    resumed.replay(log, 230)
    unbroken = watched(levels[:24])
    assert resumed.last == unbroken.last == LOW and resumed.events == unbroken.events == []
    event = resumed.see(240, LOW)
    assert event and event == unbroken.see(240, LOW)


def test_there_is_nothing_to_replay_without_a_log(tmp_path):
    watch = CollapseWatch(1000)
    watch.replay(tmp_path / "log.jsonl", 100)
    assert math.isnan(watch.last) and not watch.could_tell
