"""Seeds to noise: frozen streams, apart from each other, longer ones begin like shorter ones."""

import numpy as np
import pytest

from vidgen import latent


def test_streams_are_frozen_for_ever():
    # numpy's RandomState promises these for every version; if they move, every link breaks.
    assert latent.content_noise(7, 3).tolist() == pytest.approx(
        np.random.RandomState([7, 0, 0]).standard_normal(3).astype(np.float32).tolist()
    )
    first = latent.content_noise(0, 2)
    assert first.dtype == np.float32
    assert np.array_equal(first, latent.content_noise(0, 2))


def test_parts_and_seeds_are_apart():
    rows = [
        latent.content_noise(3, 8), latent.motion_noise(3, 8), latent.tape_noise(3, 1, 8)[0],
        latent.content_noise(4, 8), latent.content_noise(latent.MAX_SEED, 8),
    ]  # fmt: skip
    for i, a in enumerate(rows):
        for b in rows[i + 1 :]:
            assert not np.allclose(a, b)


def test_a_longer_tape_begins_like_a_shorter_one():
    assert np.array_equal(latent.tape_noise(5, 9, 4)[:3], latent.tape_noise(5, 3, 4))


def test_noise_is_standard_normal():
    draws = np.concatenate([latent.content_noise(seed, 64) for seed in range(200)])
    assert abs(draws.mean()) < 0.03
    assert abs(draws.std() - 1) < 0.03


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="legal is 0 to 4294967295"):
        latent.content_noise(seed, 4)


def test_class_weights_add_up_where_a_class_is_named_twice():
    assert latent.class_weights([(1, 0.25), (2, 0.5), (1, 0.25)], 4).tolist() == [0, 0.5, 0.5, 0]
