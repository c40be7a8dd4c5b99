"""Laws of the phenomena's source: what a clip depends on, its range, its names and its truth."""

import pytest
import torch

from train.data import draws
from train.data.phenomena import COLUMNS, PARAMS, Phenomena, _fill
from train.data.phenomena.draw import Draw
from train.data.phenomena.tables import ROWS

SOURCE = Phenomena()
CLASSES = len(SOURCE.classes)


def render(count=2 * CLASSES, frames=4, seed=3, step=5, **options):
    indices = torch.arange(count)
    times = 64 * draws.uniform(seed, step, indices, frames, stream=9)  # fractional, unordered
    labels = indices % CLASSES
    return SOURCE.render(seed, step, indices, times, labels, **options)


def rows(batch, chosen):
    parts = (batch.clips, batch.labels, batch.times, batch.motion, *batch.params.values())
    return [part[chosen] for part in parts]


def identical(a, b):
    return all(torch.equal(x.nan_to_num(-9), y.nan_to_num(-9)) for x, y in zip(a, b, strict=True))


def test_a_clip_is_float32_within_range_and_moves():
    batch = render()
    assert batch.clips.shape == (2 * CLASSES, 4, 3, 64, 64) and batch.clips.dtype == torch.float32
    assert batch.clips.abs().max() <= 1 and batch.clips.isfinite().all()
    assert (batch.clips.std(dim=1).amax(dim=(1, 2, 3)) > 0.05).all()


def test_both_ends_of_time_can_be_asked_for():
    times = torch.tensor([[64.0, 0.0]]).expand(CLASSES, -1)
    clips = SOURCE.render(0, 0, torch.arange(CLASSES), times, torch.arange(CLASSES)).clips
    assert clips.isfinite().all()


@pytest.mark.parametrize("chosen", [[7], [0, 10], [19, 4, 3, 12, 8]])
def test_neighbours_never_change_a_clip(chosen):
    whole = render()
    picked = torch.tensor(chosen)
    part = SOURCE.render(3, 5, picked, whole.times[picked], picked % CLASSES)
    assert identical(rows(part, slice(None)), rows(whole, picked))


def test_a_frame_depends_on_its_own_time_alone():
    whole = render()
    indices = torch.arange(2 * CLASSES)
    for order in ([2], [3, 0, 1, 2]):
        part = SOURCE.render(3, 5, indices, whole.times[:, order], whole.labels)
        assert torch.equal(part.clips, whole.clips[:, order])


def test_choosing_on_an_accelerator_gives_the_same_clips_as_grouping():
    grouped = render(count=CLASSES + 3)
    chosen = render(count=CLASSES + 3)
    for part in (chosen.clips, chosen.motion, *chosen.params.values()):
        part.fill_(torch.nan)
    uniforms = draws.uniform(3, 5, torch.arange(CLASSES + 3), COLUMNS, stream=1)
    _fill(chosen, uniforms, held_out=False, grouped=False)
    assert identical(rows(chosen, slice(None)), rows(grouped, slice(None)))


@pytest.mark.parametrize("options", [{"seed": 4}, {"step": 6}, {"split": "held-out"}])
def test_another_seed_step_or_split_gives_other_clips(options):
    times = torch.zeros(CLASSES, 1)
    given = {"seed": 3, "step": 5, "split": "train"}
    one, other = (
        SOURCE.render(
            indices=torch.arange(CLASSES), times=times, labels=torch.arange(CLASSES), **kw
        )
        for kw in (given, given | options)
    )
    assert ((one.clips - other.clips).abs().mean(dim=(1, 2, 3, 4)) > 0.01).all()


def test_the_splits_share_no_motion_of_a_table():
    uniforms = torch.linspace(0, 1 - 2**-24, 500)[:, None].expand(-1, COLUMNS)
    train, held = (Draw(uniforms, split).row(ROWS) for split in (False, True))
    assert train.min() == 0 and train.max() < held.min() and held.max() == ROWS - 1


def test_a_moment_changes_a_clip_only_a_little():
    batch = render(frames=8)
    labels = batch.labels
    later = SOURCE.render(3, 5, torch.arange(len(labels)), batch.times + 0.01, labels)
    change = (later.clips - batch.clips).abs()
    assert change.mean() < 1e-3
    assert change.max() < 0.25  # an edge moves by hundredths of a pixel, nothing jumps


def test_labels_are_drawn_evenly():
    batch = SOURCE.render(1, 1, torch.arange(400), torch.zeros(400, 0))
    assert torch.bincount(batch.labels, minlength=CLASSES).min() > 20


def test_the_truth_is_named_and_absent_where_there_is_none():
    batch = render()
    assert tuple(batch.params) == PARAMS
    assert all(value.dtype == torch.float32 for value in batch.params.values())
    known = torch.stack([~value.isnan() for value in batch.params.values()])  # [P, B]
    assert torch.equal(known[:, :CLASSES], known[:, CLASSES:])  # decided by the class
    assert known.sum(dim=0).min() >= 2 and known.any(dim=1).all()


def test_motion_is_scaled_and_never_aliased():
    batch = render(count=400, frames=0)
    motion, period = batch.motion, batch.params["period"]
    assert motion[:, 0].min() > -1.9 and motion[:, 0].max() < 1.8
    assert motion[:, 1].abs().max() <= 1 and motion[:, 1].std() > 0.4
    rate, periodic = 2 ** motion[:, 0] / 20, ~period.isnan()  # cycles a frame
    assert torch.allclose(rate[periodic], 1 / period[periodic], rtol=1e-5)
    assert rate[periodic].max() < 0.15  # so the second harmonic stays below 0.3


def test_what_cannot_run_backwards_does_not_loop():
    assert [name.en for name in SOURCE.classes if not name.loops] == [
        "Spreading drop",
        "Draining tank",
    ]
