"""The data sets at half the size."""

import pytest
import torch
import torch.nn.functional as F

from train.data import SOURCES, open_source
from train.data.heldout import held_out


@pytest.fixture(scope="module")
def sources(digits_root, sprites_root):
    """Every data set by its name."""
    return {
        name: open_source(name, sprites_root if "sprites" in name else digits_root, "cpu")
        for name in SOURCES
    }


def test_each_pixel_is_the_mean_of_four_and_the_rest_is_the_same(sources):
    indices, times = torch.arange(6), torch.tensor([[0.0, 1.5, 9.0]]).expand(6, -1)
    for name in ("digits", "phenomena", "sprites"):
        whole, half = sources[name], sources[f"{name}-32"]
        for split in ("train", "held-out"):
            large = whole.render(3, 5, indices, times, split=split)
            small = half.render(3, 5, indices, times, split=split)
            wanted = torch.stack([F.avg_pool2d(clip, 2) for clip in large.clips])
            torch.testing.assert_close(small.clips, wanted)
            assert torch.equal(small.labels, large.labels)
            assert torch.equal(small.motion, large.motion)


def test_a_halved_source_is_another_data_set(sources):
    assert tuple(source.name for source in sources.values()) == SOURCES
    assert len({source.fingerprint for source in sources.values()}) == len(SOURCES)
    for source in sources.values():
        times = torch.zeros(2, 1)
        shape = source.clip_shape
        size = (shape.channels, shape.height, shape.width)
        assert source.render(0, 0, torch.arange(2), times).clips.shape[2:] == size


def test_held_out_clips_are_kept_at_half_the_size(tmp_path, sources):
    assert held_out(sources["digits-32"], 10, 16, tmp_path).clips.shape == (10, 16, 32, 32, 1)
