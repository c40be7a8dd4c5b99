"""The table of distances: what is left out, which controls fail, and that labels move nothing."""

import pytest
import torch

from train.judge.controls import CONTROLS
from train.judge.nets import Net
from train.judge.tables import FLOOR, MADE, REAL, net_table

FEATURES = 6


def features(count, seed, shift=0.0):
    dice = torch.Generator().manual_seed(seed)
    return shift + torch.randn(count, FEATURES, generator=dice, dtype=torch.float64)


def table(count, name="eye", blind_to=()):
    """Distances on a net that sees every control two away from real, but for some."""
    net = Net(name, count, standardised=True, look=lambda clips: clips, version="1")
    clips = {REAL: features(count, 0), FLOOR: features(count, 1), MADE: features(count, 2, 0.5)}
    for number, control in enumerate(CONTROLS):
        clips[control] = features(count, 3 + number, 0.0 if control in blind_to else 2.0)
    labels = dict.fromkeys(clips, torch.arange(2 * count) % 5)
    return net_table(net, clips, labels, seed=0)


def test_a_frechet_distance_needs_twice_as_many_clips_as_features():
    few = table(2 * FEATURES - 1)
    assert list(few.rows) == ["kid_clip@eye_11_16f"]
    (name, reason), *others = few.left_out.items()
    assert name == "fd_clip@eye_11_16f" and not others
    assert "from 12 on" in reason.en and "12 个" in reason.zh
    enough = table(2 * FEATURES)
    assert list(enough.rows) == ["fd_clip@eye_12_16f", "kid_clip@eye_12_16f"]
    assert enough.left_out == {}


def test_only_the_distance_on_i3d_is_called_after_fvd():
    assert list(table(60, "i3d").rows) == ["fvd60_16f", "kid_clip@i3d_60_16f"]


def test_a_metric_names_the_controls_that_it_fails():
    assert [row["controls_failed"] for row in table(200).rows.values()] == [[], []]
    for row in table(200, blind_to=("blur", "reversed")).rows.values():
        assert row["controls_failed"] == ["blur"]  # backwards is reported, not judged
        assert row["controls"]["frozen"][1] > row["floor"][2] > row["controls"]["reversed"][0]


def test_shifted_labels_leave_a_distance_where_it_is():
    for row in table(200).rows.values():
        assert row["controls"]["relabelled"][0] == pytest.approx(row["floor"][0], rel=1e-9)
