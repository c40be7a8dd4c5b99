"""How clips move, as laws: jitter, tearing, drift and seams are told from smooth motion."""

import torch

from train.judge import motion
from train.judge.controls import freeze
from train.judge.motion import drift, seam, spectrum, spectrum_error, steps, warping_error

FRAMES = 16


def sliding(count=4, side=64, period=None, flicker=0.0):
    """Textured squares that slide to the right; in a period they come round the edge again."""
    dice = torch.Generator().manual_seed(0)
    texture = torch.randint(0, 256, (count, 1, side // 4, side // 4), generator=dice).float()
    picture = torch.nn.functional.interpolate(texture, (side, side), mode="bicubic").clamp(0, 255)
    pace = side // period if period else 2
    frames = [picture.roll(pace * t, dims=3) for t in range(FRAMES)]
    clips = torch.stack(frames, dim=1)
    noise = flicker * torch.randn(clips.shape, generator=dice)
    return (clips + noise).clamp(0, 255).to(torch.uint8)


def test_jitter_has_a_flatter_spectrum_than_smooth_motion():
    time = torch.arange(FRAMES).view(1, FRAMES, 1, 1, 1) / FRAMES
    phase = torch.rand(1, 1, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    swing = (torch.sin(2 * torch.pi * (time + phase)) * 100 + 128).to(torch.uint8)
    shuffled = swing[:, torch.randperm(FRAMES, generator=torch.Generator().manual_seed(2))]
    smooth, jitter = spectrum(swing), spectrum(shuffled)
    assert smooth.shape == (7,) and smooth[0] > 100 * smooth[-1]
    assert jitter[-1] > 10 * smooth[-1]
    assert spectrum_error(smooth, smooth) == 0 < spectrum_error(jitter, smooth)


def test_the_spectrum_of_what_stands_still_is_wrong_by_a_finite_number():
    power = spectrum(sliding())
    assert 10 < spectrum_error(spectrum(freeze(sliding())), power) < 100
    assert spectrum_error(power * 0, power * 0) == 0


def test_flow_explains_what_slides_and_not_what_flickers():
    (smooth, seen), (flickering, _) = warping_error(sliding()), warping_error(sliding(flicker=30.0))
    assert (seen > 0.7).all()
    assert (smooth < 0.3 * steps(sliding()).mean(dim=1)).all()
    assert (flickering > 3 * smooth).all()


def test_flow_has_room_in_small_clips():
    clear, flickering = sliding(side=16), sliding(side=16, flicker=40.0)
    assert (warping_error(clear)[0] < warping_error(flickering)[0]).all()


def test_flow_follows_little_of_what_jumps_and_says_so():
    dice = torch.Generator().manual_seed(0)
    texture = torch.randint(0, 256, (2 * FRAMES, 1, 16, 16), generator=dice).float()
    pictures = torch.nn.functional.interpolate(texture, (64, 64), mode="bicubic").clamp(0, 255)
    _, seen = warping_error(pictures.view(2, FRAMES, 1, 64, 64).to(torch.uint8))
    assert (seen < 0.5 * warping_error(sliding())[1][:2]).all()


def test_where_flow_follows_nothing_there_is_no_error(monkeypatch):
    monkeypatch.setattr(motion, "_ASTRAY", -1.0)
    error, seen = warping_error(sliding(count=1))
    assert error.isnan().all() and seen.tolist() == [0]


def test_drift_is_none_for_what_stays_itself_and_one_for_what_becomes_another():
    dice = torch.Generator().manual_seed(0)
    codes = torch.randn(8, 1, 5, generator=dice).expand(-1, 64, -1)
    labels = torch.arange(8) % 2
    own, others = drift(codes, labels, FRAMES)
    assert own.max() < 1e-5 < others.min()
    swapped = codes.clone()
    swapped[:, 32:] = codes.roll(2, dims=0)[:, 32:]  # a neighbour of the same class
    own, others = drift(swapped, labels, FRAMES)
    assert 0.5 < own.mean() / others.mean() < 2


def test_the_seam_of_what_comes_round_is_a_step_like_others():
    step, others = seam(sliding(period=FRAMES))
    torch.testing.assert_close(step, others, rtol=0.05, atol=0)
    step, others = seam(sliding())
    assert (step > 1.3 * others).all()
