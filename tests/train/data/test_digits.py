"""The digits fly straight, bounce off the walls, and depend on their names alone."""

import pytest
import torch

from train.data import DataError, open_source
from train.data.digits import DIGIT, SIDE, Digits


@pytest.fixture(scope="module")
def digits(digits_root):
    return Digits(digits_root)


def centre(clips):
    """Centre of the ink in pixels, [B, T, 2] as (x, y)."""
    ink = (clips[:, :, 0] + 1) / 2
    line = torch.arange(SIDE, dtype=torch.float32) + 0.5
    mass = ink.sum(dim=(2, 3))
    x = (ink.sum(dim=2) * line).sum(dim=2) / mass
    y = (ink.sum(dim=3) * line).sum(dim=2) / mass
    return torch.stack([x, y], dim=-1)


def times(frames, batch, step=1.0):
    return (step * torch.arange(frames)).expand(batch, -1)


def test_contract(digits):
    batch = digits.render(0, 3, torch.arange(12), times(16, 12))
    assert batch.clips.shape == (12, 16, 1, SIDE, SIDE)
    assert batch.clips.min() >= -1
    assert batch.clips.max() <= 1
    assert batch.motion.shape == (12, 2)
    assert len(digits.classes) == 10


def test_a_clip_does_not_depend_on_its_neighbours(digits):
    many = digits.render(0, 3, torch.arange(8), times(4, 8))
    one = digits.render(0, 3, torch.tensor([5]), times(4, 1))
    assert torch.equal(one.clips[0], many.clips[5])
    other = digits.render(0, 4, torch.tensor([5]), times(4, 1))
    assert not torch.equal(one.clips, other.clips)


def test_labels_can_be_asked_for_and_are_drawn_evenly(digits):
    labels = torch.arange(10)
    assert torch.equal(digits.render(0, 0, labels, times(2, 10), labels).labels, labels)
    drawn = digits.render(0, 0, torch.arange(2000), times(1, 2000)).labels
    assert (torch.bincount(drawn, minlength=10) - 200).abs().max() < 60


def test_digits_move_with_their_velocity_until_they_bounce(digits):
    batch = digits.render(1, 0, torch.arange(64), times(2, 64, step=0.25))
    moved = (centre(batch.clips)[:, 1] - centre(batch.clips)[:, 0]) / 0.25
    velocity = torch.stack([batch.params["vx"], batch.params["vy"]], dim=-1)
    straight = (moved - velocity).abs().amax(dim=1) < 0.02
    assert straight.float().mean() > 0.9  # the rest meets a wall within the quarter frame


def test_a_box_never_leaves_the_canvas_and_its_ink_is_kept(digits):
    batch = digits.render(2, 0, torch.arange(16), times(64, 16))
    ink = (batch.clips + 1).sum(dim=(2, 3, 4))
    torch.testing.assert_close(ink, ink[:, :1].expand_as(ink), rtol=1e-3, atol=1e-2)


def test_motion_is_periodic_in_each_axis(digits):
    indices = torch.arange(8)
    first = digits.render(3, 0, indices, torch.zeros(8, 1))
    period = 2 * (SIDE - DIGIT) / first.params["vx"].abs()
    later = digits.render(3, 0, indices, period[:, None])
    torch.testing.assert_close(
        centre(later.clips)[..., 0], centre(first.clips)[..., 0], atol=1e-2, rtol=0
    )


def test_half_a_pixel_is_half_way(digits):
    # Sub-pixel: a shift by a small time changes the picture by a small amount, never by none.
    batch = digits.render(4, 0, torch.arange(8), torch.tensor([[0.0, 0.05]]).expand(8, -1))
    change = (batch.clips[:, 1] - batch.clips[:, 0]).abs().amax(dim=(1, 2, 3))
    assert (change > 0).all()
    assert (change < 0.5).all()


def test_splits_show_other_digits(digits):
    labels = torch.arange(10)
    train = digits.render(0, 0, labels, times(1, 10), labels, split="train")
    held = digits.render(0, 0, labels, times(1, 10), labels, split="held-out")
    assert not torch.equal(train.clips, held.clips)


def test_missing_data_say_what_is_expected_where(tmp_path):
    with pytest.raises(DataError, match=r"MNIST/raw.*--data-root"):
        Digits(tmp_path)
    with pytest.raises(DataError, match="--data-root"):
        open_source("digits", None, "cpu")
    with pytest.raises(DataError, match=r"legal are digits, phenomena"):
        open_source("cats", None, "cpu")


def test_damaged_data_are_refused(tmp_path, digits_root):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in (digits_root / "MNIST" / "raw").iterdir():
        (raw / file.name).write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match=r"can't be read|no MNIST"):
        Digits(tmp_path)
