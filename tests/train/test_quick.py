"""The quick judge: its numbers with their intervals, twice the same, and what it leaves out."""

import dataclasses
from uuid import uuid4

import pytest
import torch
import torch.nn.functional as F
from bars import Bars

from train.features import stamps
from train.judge import bench
from train.judge.controls import shuffle
from train.judge.nets import Net
from train.judge.quick import judge_quick
from train.levels import to_levels
from vidgen.config import ClipShape
from vidgen.families import StganConfig
from vidgen.generators import build

COUNT = 320
KID = f"kid_clip@own_{COUNT}_16f"
MODEL = StganConfig(
    ClipShape(16, 1, 16, 16), classes=4, content_dim=4, motion_dim=4, tape_dim=2, latent=8,
    oscillators=2, canonical=8, canonical_width=8, groups=2, free_width=4, synthesis_width=8,
)  # fmt: skip


def levels(labels):
    """What a perfect generator makes: bars that nobody has seen."""
    times = stamps(len(labels), torch.device("cpu"))
    clips = Bars().render(3, 7, torch.arange(len(labels)), times, labels).clips
    return to_levels(clips)


@pytest.fixture
def judged(judges, bars_preset, monkeypatch):
    """Judge an untrained generator, or what stands in for its clips."""

    def call(make=None, model=MODEL, **rest):
        if make is not None:
            monkeypatch.setattr(bench, "generate", lambda generator, labels, *_: make(labels))
        with torch.random.fork_rng():
            torch.manual_seed(0)
            generator = build(model).eval()
        return judge_quick(generator, Bars(), judges, clips=COUNT, **rest)

    return call


def kid(found):
    """The kernel distance and its floor: value, low, high."""
    (row,) = found["distances"].values()
    return row["value"], row["floor"]


def test_a_perfect_generator_cannot_be_told_from_real_clips(judged):
    found = judged(levels)
    assert found["alignment"] > 0.95 and found["alignment_real"] > 0.95
    assert list(found["distances"]) == [f"kid_clip@own_{COUNT}_16f"]
    value, floor = kid(found)
    assert value[1] <= floor[2]
    assert found["intervals"]["motion_ratio"][0] < 1.05
    assert found["intervals"]["motion_ratio"][1] > 0.95
    for name, (low, high) in found["intervals"].items():
        assert low <= found[name] <= high, name


def test_shuffled_frames_are_told_by_their_distance_and_their_motion(judged):
    found = judged(lambda labels: shuffle(levels(labels), torch.arange(COUNT), seed=0))
    assert found["intervals"]["motion_ratio"][0] > 1.2
    value, floor = kid(found)
    assert value[1] > floor[2]


def test_shifted_labels_drop_alignment_and_leave_the_distance(judged):
    right, shifted = judged(levels), judged(lambda labels: levels(labels).roll(1, dims=0))
    assert shifted["alignment"] < 0.05
    assert kid(shifted)[0][0] == pytest.approx(kid(right)[0][0], rel=1e-6)


def test_another_net_is_asked_too_and_what_it_saw_in_real_clips_is_kept(judged, judges):
    looks = []

    def look(clips):
        looks.append(len(clips))
        return F.avg_pool3d(clips[:, :, 0], (1, 8, 8)).flatten(1)  # [B, T * H/8 * W/8]

    net = Net("mosaic", 200, standardised=True, look=look, version=uuid4().hex)
    found = judged(nets=[net])
    assert list(found["distances"]) == [KID, "kid_clip@mosaic_200_16f"]
    value, floor = found["distances"]["kid_clip@mosaic_200_16f"].values()
    assert floor[1] < 0.05 < value[1] and sum(looks) == 3 * 200
    assert judged(nets=[net]) == found and sum(looks) == 4 * 200
    assert len([*judges.glob(f"mosaic-{net.version}-bars-*-real.safetensors")]) == 1


def test_a_seed_repeats_the_numbers_of_a_generator(judged):
    first = judged(seed=2)
    assert judged(seed=2) == first
    assert judged(seed=3)["distances"] != first["distances"]


def test_a_generator_without_labels_is_measured_without_alignment(judged):
    found = judged(model=dataclasses.replace(MODEL, classes=1))
    assert found["alignment"] is None and "labels" in found["left_out"]["alignment"]["en"]
    assert kid(found)[0][0] > 0
