"""Memory: training clips are found again, all of them, and who copies them is caught."""

from types import SimpleNamespace
from typing import cast

import pytest
import torch
from bars import Bars

from train.config import CriticConfig, TrainConfig
from train.data.heldout import held_out
from train.features import stamps
from train.judge.bench import Bench, Findings, Subject, View
from train.judge.clips import TIMES
from train.judge.memory import Past, search, training_clips
from train.judge.slow import remember
from train.levels import to_levels
from train.trainer import Trainer
from vidgen.families import VganConfig
from vidgen.release import ReleaseInfo

CPU = torch.device("cpu")
COUNT = 200
PAST = Past(5, draws=40, batch=25)  # a thousand clips, all of which are looked through


def past_of(**known):
    return Past.of(cast("ReleaseInfo", SimpleNamespace(seed=5, **known)))


class Shown(Bars):
    """Bars that remember what was rendered."""

    def __init__(self):
        super().__init__()
        self.clips = []

    def render(self, seed, step, indices, times, labels=None, split="train"):
        batch = super().render(seed, step, indices, times, labels, split)
        self.clips.append(batch.clips)
        return batch


def test_training_clips_are_those_that_the_run_saw():
    model = VganConfig(Bars.clip_shape, 4, content_dim=4, latent=8, width=8)
    critics = (CriticConfig("frame", (8, 8), 1.0, 1.0),)
    config = TrainConfig("bars", model, critics, steps=9, batch=4, critic_steps=2, seed=5)
    source = Shown()
    trainer = Trainer(config, source, CPU, bf16=False)
    for _ in range(3):
        trainer.step()
    past = past_of(step=3, train=config.to_dict())
    assert past == Past(5, draws=6, batch=4) and past is not None and past.count == 24
    again = [training_clips(Bars(), past, draw) for draw in past.spread(1000)]
    assert torch.equal(torch.cat(again), to_levels(torch.cat(source.clips)))


def test_a_long_run_is_looked_through_from_end_to_end():
    assert Past(5, draws=1001, batch=4).spread(10) == [0, 500, 1000]
    assert PAST.spread(10_000) == [*range(40)]


def test_what_a_release_was_trained_on_may_not_be_on_record():
    assert past_of(step=0, train={"batch": 4}) is None
    assert past_of(step=9, train={}) is None
    assert past_of(step=9, train={"batch": 4}) == Past(5, draws=9, batch=4)


def test_every_training_clip_is_found_again(bars_judge):
    rows = torch.tensor([0, 24, 7])
    clips = torch.cat([training_clips(Bars(), PAST, draw, rows) for draw in (0, 39, 21)])
    with torch.inference_mode():
        codes = bars_judge(clips.float() / 127.5 - 1).double()
    found, count = search(Bars(), PAST, bars_judge, {"made": codes}, 10_000, CPU)
    nearest = found["made"]
    assert count == PAST.count and nearest.away.max() < 1e-3
    assert nearest.draw.tolist() == [0] * 3 + [39] * 3 + [21] * 3
    assert nearest.row.tolist() == rows.tolist() * 3
    assert torch.equal(nearest.clips(Bars(), PAST, torch.tensor([4, 2])), clips[[4, 2]])


def fresh(labels):
    times = torch.tensor(TIMES).expand(len(labels), -1)
    return to_levels(Bars().render(3, 7, torch.arange(len(labels)), times, labels).clips)


def copies(share):
    """Who shows training clips from all over the run in a share of its clips."""

    def make(labels, times, loop):
        made = fresh(labels)
        for i in range(0, len(labels), round(1 / share)):
            rows, draw = torch.arange(PAST.batch), i % PAST.draws
            batch = Bars().render(PAST.seed, draw, rows, stamps(PAST.batch, CPU))
            (same,) = torch.nonzero(batch.labels == labels[i], as_tuple=True)
            made[i] = to_levels(batch.clips[same[:1]])[0]
        return made

    return make


@pytest.fixture(scope="module")
def remembered(bars_judge, tmp_path_factory):
    cache = tmp_path_factory.mktemp("held-out")
    bench = Bench(Bars(), bars_judge, held_out(Bars(), 2 * COUNT, 16, cache), (), cache, 0, CPU,
                  PAST)  # fmt: skip

    def call(make):
        found = Findings(bench)
        remember(View(Subject(4, 64, False, make, lambda real: pytest.fail("not asked")), bench),
                 found)  # fmt: skip
        return found

    return call


def test_new_clips_are_as_far_from_training_as_held_out_ones(remembered):
    found = remembered(lambda labels, times, loop: fresh(labels))
    for name in ("nearest_ratio", "nearest_low_ratio"):
        low, high = found.intervals[name]
        assert low < 1 < high, name
    assert found.numbers["copied"] < 0.05
    assert found.numbers["training_clips"] == found.numbers["training_clips_seen"] == PAST.count


def test_a_copying_generator_is_caught_and_shown_beside_what_it_copied(remembered):
    found = remembered(copies(share=0.5))
    for name in ("nearest_ratio", "nearest_low_ratio"):
        assert found.intervals[name][1] < 0.6, name
    assert torch.equal(found.clips["nearest_made"], found.clips["nearest"])


def test_one_that_copies_one_clip_in_twenty_is_caught_by_its_nearest(remembered):
    found = remembered(copies(share=0.05))
    assert found.intervals["nearest_ratio"][1] > 0.6  # a median says nothing
    assert found.intervals["nearest_low_ratio"][1] < 0.01
    assert found.intervals["copied"][0] > 0.02
    shown = found.clips["nearest_made"], found.clips["nearest"]
    assert torch.equal(shown[0][:10], shown[1][:10])
