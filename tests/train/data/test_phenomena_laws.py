"""Laws of physics, held by the equations and read back from the pictures."""

import math

import numpy as np
import pytest
import torch
from scipy.special import ellipk

from train.data.phenomena import Phenomena, equations, fields, tables

CPU = torch.device("cpu")
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


def integrate(slope, state, span, steps):
    """Classical Runge-Kutta in float64, state [S, n]."""
    for _ in range(steps):
        state = tables.runge_kutta(slope, state, span / steps)
    return state


# Pendulum


def test_the_pendulum_solves_its_equation():
    amplitude = torch.tensor([[0.05], [0.7], [1.35], [2.8]])
    turns = torch.tensor([[0.0, 0.31, 0.77, 1.9]])
    angle, speed, quarter = equations.pendulum(turns, amplitude)
    greatest = 2 * np.sin(amplitude[:, 0].double().numpy() / 2)  # in units of w0
    state = np.stack([np.zeros(4), greatest])
    for column, turn in enumerate(turns[0].tolist()):
        # Each pendulum has its own period, so time is counted in its own periods.
        period = 4 * quarter[:, 0].double().numpy()
        end = integrate(
            lambda s, p=period: np.stack([s[1] * p, -np.sin(s[0]) * p]), state, turn, 800
        )
        assert np.allclose(angle[:, column].numpy(), end[0], atol=3e-4)
        assert np.allclose(speed[:, column].numpy() * greatest, end[1], atol=3e-4)


def test_the_pendulum_keeps_its_energy():
    amplitude = torch.linspace(0.1, 2.5, 20)[:, None]
    angle, speed, _ = equations.pendulum(torch.linspace(0, 5, 200)[None], amplitude)
    kinetic = 2 * (torch.sin(amplitude / 2) * speed).square()  # theta'^2 / 2, units of w0^2
    energy = kinetic + 1 - torch.cos(angle)
    assert torch.allclose(energy, (1 - torch.cos(amplitude)).expand_as(energy), atol=2e-5)


def test_the_pendulums_period_is_the_elliptic_integral_and_at_small_angles_two_pi():
    amplitude = torch.tensor([[1e-3], [0.5], [1.5], [3.0]])
    quarter = equations.pendulum(torch.zeros(1, 1), amplitude)[2].numpy()
    assert np.allclose(quarter, ellipk(np.sin(amplitude.numpy() / 2) ** 2), rtol=1e-5)
    assert np.isclose(quarter[0], math.pi / 2)
    params = show("Pendulum", [0.0], count=40).params
    harmonic = 2 * math.pi * torch.sqrt(params["length"] / params["g"])
    correction = 1 + params["amplitude"] ** 2 / 16 + 11 * params["amplitude"] ** 4 / 3072
    assert torch.allclose(params["period"], harmonic * correction, rtol=1e-2)


# What pictures show


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


# Kepler


def test_kepler_solves_newtons_equation():
    eccentricity = torch.tensor([[0.0], [0.2], [0.55]])
    turns = torch.tensor([[0.13, 0.5, 0.81]])
    x, y, speed = equations.kepler(turns, eccentricity)
    e = eccentricity[:, 0].double().numpy()
    mu = 4 * np.pi**2  # a = period = 1: Kepler's third law
    fastest = np.sqrt(mu * (1 + e) / (1 - e))
    start = np.stack([1 - e, 0 * e, 0 * e, fastest])

    def slope(s):
        pull = -mu / (s[0] ** 2 + s[1] ** 2) ** 1.5
        return np.stack([s[2], s[3], pull * s[0], pull * s[1]])

    for column, turn in enumerate(turns[0].tolist()):
        end = integrate(slope, start, turn, 1000)
        assert np.allclose(torch.stack([x, y])[..., column].numpy(), end[:2], atol=1e-5)
        assert np.allclose(speed[:, column].numpy() * fastest, np.hypot(end[2], end[3]), rtol=1e-4)


def test_a_planet_keeps_its_energy():
    eccentricity = torch.linspace(0.1, 0.55, 8)[:, None]
    x, y, speed = equations.kepler(torch.linspace(0, 2, 101)[None], eccentricity)
    squared = speed.square() * (1 + eccentricity) / (1 - eccentricity)  # units of mu / a
    energy = squared / 2 - 1 / torch.sqrt(x.square() + y.square())
    assert torch.allclose(energy, torch.full_like(energy, -0.5), atol=1e-5)


def test_keplers_third_law():
    params = show("Kepler orbit", [0.0], count=40).params
    ratio = params["semi_major"] ** 3 / params["period"] ** 2
    assert torch.allclose(ratio, params["mu"] / (4 * math.pi**2), rtol=1e-5)


# Tables


def test_double_pendulums_keep_their_energy_and_never_alias():
    table = tables.swings(CPU)
    row = torch.arange(0, tables.ROWS, 4)
    time = torch.linspace(0, tables.SPAN, 571)[:-1].expand(len(row), -1)  # every node
    angles, speeds = (part.double() for part in table.at(row, time))
    (a1, a2), (v1, v2) = angles.unbind(-1), speeds.unbind(-1)
    ratio = table.ratio[row].double()[:, None]
    kinetic = (1 + ratio) * v1**2 / 2 + ratio * (v2**2 / 2 + v1 * v2 * torch.cos(a1 - a2))
    energy = kinetic - (1 + ratio) * torch.cos(a1) - ratio * torch.cos(a2)
    assert (energy - energy[:, :1]).abs().max() < 1e-3
    fastest = table.speeds.abs().max() / 20  # cycles a frame at the shortest period, 20 frames
    assert fastest < 0.3


def test_between_nodes_a_double_pendulum_moves_at_its_speed():
    table = tables.swings(CPU)
    row, h = torch.arange(64), 0.01
    time = torch.linspace(0.3, 27, 100).expand(64, -1)
    slope = (table.at(row, time + h)[0] - table.at(row, time - h)[0]) / (2 * h)
    assert torch.allclose(slope, table.at(row, time)[1], atol=0.02)


def test_colliding_beads_keep_momentum_and_energy():
    table = tables.beads(CPU)
    mass = table.radii.double().square()[:, None]
    velocity = table.velocity.double()
    energy = (mass * velocity**2).sum(2)
    assert torch.allclose(energy, energy[:, :1].expand_as(energy), rtol=1e-5)
    both = (velocity[:, 1:] != velocity[:, :-1]).all(dim=2)  # a wall turns one bead round
    gap = table.where[..., 1] - table.where[..., 0] - table.radii.sum(1, keepdim=True)
    assert both.float().mean() > 0.2 and gap[:, 1:][both].abs().max() < 1e-3
    momentum = (mass * velocity).sum(2)
    change = (momentum[:, 1:] - momentum[:, :-1]).abs() / mass.sum(2)
    assert change[both].max() < 1e-5


def test_beads_stay_between_their_walls_and_apart():
    table = tables.beads(CPU)
    row = torch.arange(tables.ROWS)
    longest = 60 + 3.2 * 64  # the last start and the fastest pace
    assert table.when[:, -1].min() > longest
    place, _ = table.at(row, torch.linspace(0, longest, 150).expand(tables.ROWS, -1))
    left, right = tables.TRACK
    radii = table.radii[:, None]
    assert (place - radii).min() > left - 1e-3 and (place + radii).max() < right + 1e-3
    assert (place[..., 1] - place[..., 0] - radii.sum(2)).min() > -1e-3


# Fluids


def test_a_drop_spreads_and_loses_nothing():
    x, y = torch.tensor([[32.0], [24.0]]), torch.tensor([[32.0], [40.0]])
    width, diffusivity = torch.tensor([[3.5], [5.0]]), torch.tensor([[0.5], [2.0]])
    times = torch.tensor([[0.0, 3.5, 20.0, 64.0]])
    density = fields.drop_density(times, x, y, width, diffusivity)[:, :, 0]
    low, high = (int(wall) for wall in fields.BASIN)
    mass = density[..., low:high, low:high].sum(dim=(2, 3))
    assert torch.allclose(mass, 2 * math.pi * width.square().expand_as(mass), rtol=2e-3)
    sigma = equations.spread(times, width, diffusivity)
    assert torch.allclose(sigma.square() - width.square(), 2 * diffusivity * times, atol=1e-3)


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
