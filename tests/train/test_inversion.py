"""Finding clips again in a generator: its own come back, and a result is its clip's alone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from tiny_release import MODEL

from train.inversion import _Search, invert, likeness
from train.levels import from_levels, to_levels
from train.sheets import sample
from vidgen.generators import Generator, build
from vidgen.latent import MAX_SEED

CPU = torch.device("cpu")
LABELS = torch.tensor([0, 1, 1])


def generator(**changes) -> Generator:
    torch.manual_seed(0)
    return build(replace(MODEL, **changes)).eval().requires_grad_(False)


def own(model: Generator, seeds=(101, 102, 103)) -> torch.Tensor:
    times = range(model.config.clip.frames)
    clips = sample(model, LABELS.tolist(), seeds, [float(t) for t in times], CPU)
    return to_levels(clips)


def test_clips_of_the_generator_come_back_and_their_classes():
    model = generator()
    start = invert(model, own(model), CPU, steps=0)
    found = invert(model, own(model), CPU, steps=80)
    assert (found.psnr > start.psnr + 3).all() and (found.psnr > 30).all()
    assert (found.ssim > start.ssim).all()
    assert found.clips.shape == own(model).shape and found.clips.dtype == torch.uint8
    assert torch.equal(found.classes, LABELS)


def test_a_wrong_class_to_start_from_may_be_left():
    model = generator()
    real = from_levels(own(model))[2:]
    search = _Search(model, [0], steps=80, frames=real.shape[1])
    _, started = search.start(real)
    _, found = search.run(real)
    assert (started.item(), found.item()) == (0, 1) == (0, LABELS[2].item())


def test_the_last_seed_is_followed_by_the_first():
    model = generator()
    found = invert(model, own(model, (MAX_SEED, 0, 1)), CPU, steps=0, draws=3, seed=MAX_SEED)
    assert torch.equal(found.clips, own(model, (MAX_SEED, 0, 1)))


def test_the_seed_of_a_clip_is_found_among_those_tried():
    model = generator()
    found = invert(model, own(model, (3, 5, 0)), CPU, steps=0, draws=6)
    assert torch.equal(found.clips, own(model, (3, 5, 0)))
    assert torch.equal(found.classes, LABELS)
    assert found.psnr.isinf().all() and torch.allclose(found.ssim, torch.ones(3))


def test_a_result_is_its_clip_s_alone_and_the_same_twice():
    model = generator()
    real = own(model)
    whole = invert(model, real, CPU, steps=20)
    part = invert(model, real[1:2], CPU, steps=20)
    torch.testing.assert_close(part.psnr, whole.psnr[1:2], rtol=1e-3, atol=0.05)
    assert torch.equal(invert(model, real, CPU, steps=20).clips, whole.clips)


@pytest.mark.parametrize("changes", [{"classes": 1}, {"tape_dim": 0}], ids=str)
def test_generators_without_labels_or_tape_are_inverted_too(changes):
    model = generator(**changes)
    real = own(generator())
    found = invert(model, real, CPU, steps=2)
    assert found.psnr.isfinite().all() and found.classes.max() < model.config.classes


def test_weights_are_left_alone():
    model = generator().requires_grad_()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    invert(model, own(model), CPU, steps=2)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_likeness_of_known_pairs():
    real = torch.full((2, 2, 1, 16, 16), 100, dtype=torch.uint8)
    made = real.clone()
    made[0] += 51  # a fifth of the range: 10 log10(25) decibels
    psnr, ssim = likeness(made, real)
    assert psnr[0].item() == pytest.approx(10 * math.log10(25), abs=1e-3) and psnr[1].isinf()
    # Flat pictures differ in luminance only: (2 m m' + c1) / (m^2 + m'^2 + c1), c1 = 0.01^2.
    m, n, c = 100 / 255, 151 / 255, 1e-4
    assert ssim[0].item() == pytest.approx((2 * m * n + c) / (m * m + n * n + c), abs=1e-4)
    assert ssim[1].item() == pytest.approx(1.0)


def test_examples_are_the_best_the_middle_and_the_worst():
    model = generator()
    found = invert(model, own(model), CPU, steps=1)
    best, middle, worst = found.examples()
    assert found.psnr[best] >= found.psnr[middle] >= found.psnr[worst]
    assert sorted((best, middle, worst)) == [0, 1, 2]
