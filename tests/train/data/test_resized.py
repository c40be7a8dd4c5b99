"""The data sets at half the size."""

import torch
import torch.nn.functional as F

from train.data import SOURCES, open_source
from train.data.heldout import held_out


def test_each_pixel_is_the_mean_of_four_and_the_rest_is_the_same(digits_root):
    indices, times = torch.arange(6), torch.tensor([[0.0, 1.5, 9.0]]).expand(6, -1)
    for name in ("digits", "phenomena"):
        whole, half = (open_source(n, digits_root, "cpu") for n in (name, f"{name}-32"))
        for split in ("train", "held-out"):
            large = whole.render(3, 5, indices, times, split=split)
            small = half.render(3, 5, indices, times, split=split)
            wanted = torch.stack([F.avg_pool2d(clip, 2) for clip in large.clips])
            torch.testing.assert_close(small.clips, wanted)
            assert torch.equal(small.labels, large.labels)
            assert torch.equal(small.motion, large.motion)


def test_a_halved_source_is_another_data_set(digits_root):
    sources = [open_source(name, digits_root, "cpu") for name in SOURCES]
    assert tuple(source.name for source in sources) == SOURCES
    assert len({source.fingerprint for source in sources}) == len(SOURCES)
    for source in sources:
        times = torch.zeros(2, 1)
        shape = source.clip_shape
        size = (shape.channels, shape.height, shape.width)
        assert source.render(0, 0, torch.arange(2), times).clips.shape[2:] == size


def test_held_out_clips_are_kept_at_half_the_size(tmp_path, digits_root):
    source = open_source("digits-32", digits_root, "cpu")
    assert held_out(source, 10, 16, tmp_path).clips.shape == (10, 16, 32, 32, 1)
