"""Laws of physics, read back from the pictures alone and held against each clip's parameters."""

import pytest
import torch

from train.data.phenomena import Phenomena

SOURCE = Phenomena()
NUMBER = {name.en: number for number, name in enumerate(SOURCE.classes)}


def show(name, times, count=6, seed=1):
    """Clips of one class and their parameters; times are [T] or [count, T]."""
    times = torch.as_tensor(times, dtype=torch.float32).expand(count, -1)
    labels = torch.full((count,), NUMBER[name])
    return SOURCE.render(seed, 0, torch.arange(count), times, labels)


def centre_of_change(batch, below=64):
    """Centre of what differs from the background, (x, y), each [B, T]; rows above ``below``."""
    clips = batch.clips[..., :below, :]
    weight = (clips - clips[..., :1, :1]).abs().sum(dim=2)  # [B, T, H, W]
    total = weight.sum(dim=(2, 3))
    at = torch.arange(64) + 0.5
    return (weight.sum(2) * at).sum(2) / total, (weight.sum(3) * at[:below]).sum(2) / total


@pytest.mark.parametrize(
    "name",
    ["Pendulum", "Bouncing ball", "Mass on a spring", "Kepler orbit", "Two-source interference",
     "Standing wave"],
)  # fmt: skip
def test_a_picture_comes_back_after_one_period_and_no_sooner(name):
    period = show(name, [0.0]).params["period"][:, None]
    start = torch.tensor([[0.0, 1.7, 5.2]])
    first = show(name, start).clips
    assert (show(name, start + period).clips - first).abs().max() < 0.02
    for part in (0.25, 0.37, 0.5):
        early = (show(name, start + part * period).clips - first).abs().amax(dim=(2, 3, 4))
        assert (early.amax(dim=1) > 0.2).all()


@pytest.mark.parametrize(("name", "axis"), [("Pendulum", -1), ("Standing wave", -2)])
def test_half_a_period_later_the_picture_is_mirrored(name, axis):
    period = show(name, [0.0]).params["period"][:, None]
    times = torch.tensor([[0.0, 2.3, 9.1]])
    later = show(name, times + period / 2).clips
    assert torch.allclose(show(name, times).clips.flip(axis), later, atol=0.02)


def test_a_ball_falls_with_the_g_that_its_parameters_say():
    batch = show("Bouncing ball", torch.arange(64))
    y = centre_of_change(batch, below=55)[1]
    bend = (y[:, 2:] - 2 * y[:, 1:-1] + y[:, :-2]).median(dim=1).values
    assert torch.allclose(bend, batch.params["g"], rtol=0.05)


@pytest.mark.parametrize(("name", "below"), [("Pendulum", 64), ("Mass on a spring", 45)])
def test_motion_names_the_direction_at_the_start(name, below):
    batch = show(name, [0.0, 0.3], count=20)
    x = centre_of_change(batch, below)[0]
    clear = batch.motion[:, 1].abs() > 0.3
    assert clear.sum() > 8
    assert torch.equal((x[:, 1] - x[:, 0]).sign()[clear], batch.motion[:, 1].sign()[clear])


def test_the_nodes_of_a_string_stay_still():
    batch = show("Standing wave", torch.arange(24) * 1.37, count=6)
    restless = batch.clips.std(dim=1).amax(dim=(1, 2))  # [B, W]
    mode = batch.params["mode"]
    for clip, nodes in enumerate(mode.int().tolist()):
        place = 6 + 52 * (torch.arange(nodes) + 0.5) / nodes  # the antinodes
        assert (restless[clip, place.long()] > 0.3).all()
        between = (6 + 52 * torch.arange(1, nodes) / nodes).long()
        still = batch.clips[clip, ..., 30:34, :].std(dim=0).amax(dim=(0, 1))
        assert (still[between] < 0.3 * restless[clip, place.long()].max()).all()
    speed = 2 * 52 / (mode * batch.params["period"])
    assert torch.allclose(batch.params["wave_speed"], speed)


def test_a_tank_follows_torricellis_law():
    batch = show("Draining tank", torch.arange(40) * 0.5)
    column = batch.clips[..., :43, 14]  # [B, T, C, 43], above the hole
    paper, water = column[..., :1], batch.clips[..., 43:44, 14]
    height = ((column - paper) / (water - paper)).nan_to_num(0, 0, 0).mean(dim=2).sum(dim=2)
    params = batch.params
    left = 1 - batch.times / params["empty_after"][:, None]
    assert torch.allclose(
        height.sqrt(), params["level"].sqrt()[:, None] * left.clamp(min=0), atol=0.1
    )
    # dh/dt = -(a / A) sqrt(2 g h) at the start
    outflow = params["hole"] * torch.sqrt(2 * params["g"] * params["level"])
    assert torch.allclose(outflow, 2 * params["level"] / params["empty_after"], rtol=1e-5)


def test_the_jet_leaves_at_torricellis_speed():
    batch = show("Draining tank", [0.0], count=12)
    row = 53  # 10.5 pixels below the hole at its centre
    part = (batch.clips[:, 0, :, row, 26:] - batch.clips[:, 0, :, 5:6, 40]).abs().sum(dim=1)
    reach = (part * (torch.arange(26, 64) + 0.5)).sum(1) / part.sum(1) - 25
    # x = v t and y = g t^2 / 2 with v = sqrt(2 g h), so x = 2 sqrt(h y)
    assert torch.allclose(reach, 2 * torch.sqrt(batch.params["level"] * 10.5), rtol=0.03)
