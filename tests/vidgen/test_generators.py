"""Laws of the flagship generator, on small models whose every path is awake."""

import copy
import dataclasses
from itertools import pairwise

import pytest
import torch

from vidgen.config import ClipShape
from vidgen.families import StganConfig
from vidgen.generators import build
from vidgen.nn.motion import Cycles, Oscillators

CONFIG = StganConfig(
    ClipShape(8, 3, 32, 32), 3, canonical_width=8, groups=2, free_width=8,
    synthesis_width=8, latent=16, oscillators=4, content_dim=8, motion_dim=4,
)  # fmt: skip


@pytest.fixture(scope="module", params=[0, 2], ids=["by-frame-codes", "by-cycles"])
def generator(request):
    torch.manual_seed(0)
    config = dataclasses.replace(CONFIG, fundamentals=request.param)
    model = build(config).eval().requires_grad_(False)
    for parameter in model.parameters():  # zero-initialised tails would hide their paths
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    return model


def noise(batch, anchors=10, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(batch, CONFIG.content_dim, generator=generator),
        torch.randn(batch, CONFIG.motion_dim, generator=generator),
        torch.randn(batch, anchors, CONFIG.tape_dim, generator=generator),
        torch.eye(3)[torch.arange(batch) % 3],
    ]


def frames(count, batch, step=1.0, start=0.0):
    return (start + step * torch.arange(count)).expand(batch, -1)


def test_shape_and_liveliness(generator):
    clip = generator(*noise(4), frames(8, 4), torch.zeros(4))
    assert clip.shape == (4, 8, 3, 32, 32)
    assert torch.isfinite(clip).all()
    assert (clip[:, 1:] - clip[:, :-1]).abs().mean() > 1e-3


def test_only_places_waves_and_free_features_move(generator):
    """Where the codes of all frames are one, the clip stands still: nothing else knows the time."""
    w = generator.map_content(*[noise(2)[i] for i in (0, 3)])
    m = generator.map_motion(noise(2)[1])
    still = copy.deepcopy(generator)
    still.movers.place.weight.zero_()
    if still.cycles is not None:
        torch.nn.init.zeros_(still.cycles.weights.weight)
        torch.nn.init.zeros_(still.cycles.weights.bias)
    still.coordinates.affine.weight.zero_()
    still.coordinates.loudness.weight.zero_()
    still.free_seed.weight.zero_()
    clip = still.synthesize(w, m, noise(2)[2], frames(8, 2), torch.zeros(2))
    torch.testing.assert_close(clip, clip[:, :1].expand_as(clip), atol=1e-5, rtol=0)
    assert (clip[0] - clip[1]).abs().mean() > 1e-3, "what stands still is still the seed's own"


@pytest.mark.parametrize("shortest", [2.0, 8.0, 32.0])
def test_no_oscillator_is_faster_than_the_shortest_period(shortest):
    oscillators = Oscillators(4, 8, shortest)
    code = 20 * torch.randn(64, 4, generator=torch.Generator().manual_seed(3))
    frequencies = oscillators.frequencies(code, torch.zeros(64))
    assert frequencies.max() <= 1 / shortest + 1e-6
    assert frequencies.min() >= 1 / 64 - 1e-6
    assert (frequencies > 0.9 / shortest).any(), "and the range is used up to its end"


def test_cycles_come_back_after_their_period_and_only_then():
    cycles = Cycles(4, 1, 4, 3)
    code = torch.randn(16, 4, generator=torch.Generator().manual_seed(3))
    period = 1 / cycles.fundamentals.frequencies(code, torch.zeros(16))
    assert (period >= 8).all() and (period <= 64).all()
    assert period.max() > 1.3 * period.min(), "clips differ in their period"
    times = torch.linspace(0, 20, 9)[None] + torch.zeros(16, 1)
    here, back, half = (
        cycles(code, times + shift * period, torch.zeros(16)) for shift in (0, 2, 0.5)
    )
    torch.testing.assert_close(here, back, atol=1e-4, rtol=0)
    assert (here - half).abs().mean() > 0.1 * here.abs().mean()


def test_a_cycle_is_drawn_without_what_a_frame_cannot_show():
    """At 8 frames a period the fourth harmonic would be half a cycle a frame: it is silent."""
    cycles = Cycles(1, 1, 4, 1)
    torch.nn.init.constant_(cycles.fundamentals.base, 100.0)  # the fastest
    torch.nn.init.zeros_(cycles.weights.weight)
    for order, silent in ((1, False), (2, False), (4, True)):
        torch.nn.init.zeros_(cycles.weights.bias)
        cycles.weights.bias.data[2 * (order - 1)] = 1.0
        drawn = cycles(torch.ones(1, 1), frames(8, 1), torch.zeros(1))
        assert (drawn.abs().max() < 1e-4) == silent, order


def test_waves_that_are_too_fine_for_half_the_side_come_in_slowly(generator):
    coordinates, code = generator.coordinates, torch.zeros(1, CONFIG.latent)
    drawn = [coordinates(code, 16, 8 / 2**coarse) for coarse in (1, 0.99, 0.5, 0)]
    steps = [(now - before).abs().max() for before, now in pairwise(drawn)]
    assert 0 < steps[0] < 0.1 * max(steps)
    slow = slice(None, None, coordinates.maps)  # of each kind of wave the one of the first map
    torch.testing.assert_close(drawn[0][:, slow], drawn[-1][:, slow])


def test_a_longer_clip_keeps_its_first_frames(generator):
    short = generator(*noise(2, anchors=3), frames(8, 2), torch.zeros(2))
    longer = generator(*noise(2, anchors=3), frames(12, 2), torch.zeros(2))
    torch.testing.assert_close(longer[:, :8], short, atol=2e-4, rtol=0)


def test_time_is_continuous(generator):
    inputs = noise(3)
    near = generator(*inputs, frames(2, 3, step=1e-3, start=5.0), torch.zeros(3))
    far = generator(*inputs, frames(2, 3, step=1.0, start=5.0), torch.zeros(3))
    assert (near[:, 1] - near[:, 0]).abs().mean() < 0.05 * (far[:, 1] - far[:, 0]).abs().mean()


def test_half_a_frame_later_is_the_same_clip_at_other_stamps(generator):
    inputs = noise(2)
    fine = generator(*inputs, frames(9, 2, step=0.5), torch.zeros(2))
    coarse = generator(*inputs, frames(5, 2), torch.zeros(2))
    torch.testing.assert_close(fine[:, ::2], coarse, atol=2e-4, rtol=0)


@pytest.mark.parametrize("period", [8.0, 13.0, 33.0])
def test_a_loop_closes_at_every_time(generator, period):
    inputs, loop = noise(3), torch.full((3,), period)
    times = frames(6, 3, step=0.7)
    once, again = (generator(*inputs, times + shift, loop) for shift in (0, period))
    torch.testing.assert_close(once, again, atol=1e-3, rtol=0)
    assert (once[:, 1:] - once[:, :-1]).abs().mean() > 1e-3


def test_without_a_loop_it_does_not_close(generator):
    inputs = noise(3)
    once, again = (generator(*inputs, frames(3, 3) + s, torch.zeros(3)) for s in (0, 13.0))
    assert (once - again).abs().mean() > 1e-2


def test_frequencies_stay_below_nyquist_and_loops_have_whole_cycles(generator):
    code = 100 * torch.randn(64, 2 * CONFIG.latent, generator=torch.Generator().manual_seed(2))
    free = generator.oscillators.frequencies(code, torch.zeros(64))
    assert ((free >= 1 / 64) & (free <= 1 / 2)).all()
    cycles = 20 * generator.oscillators.frequencies(code, torch.full((64,), 20.0))
    torch.testing.assert_close(cycles, cycles.round(), atol=1e-4, rtol=0)
    assert (cycles.round() >= 1).all()


@pytest.mark.parametrize(
    ("switch", "parts"),
    [
        ({"groups": 0}, ("scene", "drawn", "free")),
        ({"maps": 0}, ("scene", "placed", "free")),
        ({"groups": 0, "maps": 0}, ("scene", "free")),
        ({"oscillators": 0}, CONFIG.parts),
        ({"tape_dim": 0}, CONFIG.parts),
        ({"patch": 1}, CONFIG.parts),
    ],
)
def test_it_works_without_a_part_which_then_has_no_weights(switch, parts):
    torch.manual_seed(0)
    config = dataclasses.replace(CONFIG, **switch)
    model = build(config)
    inputs = noise(2)
    inputs[2] = inputs[2][:, :, : config.tape_dim]
    clips = model(*inputs, frames(8, 2), torch.zeros(2))
    assert clips.shape == (2, 8, 3, 32, 32)
    assert (clips[:, 1:] - clips[:, :-1]).abs().mean() > 1e-4
    clips.sum().backward()
    assert all(p.grad is not None for p in model.parameters()), "every weight is used"
    assert model.config.parts == parts
    whole = sum(p.numel() for p in build(CONFIG).parameters())
    assert switch == {"patch": 1} or sum(p.numel() for p in model.parameters()) < whole
