"""Laws of physics that the equations and the tables hold."""

import math

import numpy as np
import torch
from scipy.special import ellipk

from train.data.phenomena import Phenomena, equations, fields, tables

CPU = torch.device("cpu")


def params_of(label, count=40):
    """The parameters of clips of one class."""
    batch = Phenomena().render(
        1, 0, torch.arange(count), torch.zeros(count, 0), torch.full((count,), label)
    )
    return batch.params


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
    params = params_of(0)
    harmonic = 2 * math.pi * torch.sqrt(params["length"] / params["g"])
    correction = 1 + params["amplitude"] ** 2 / 16 + 11 * params["amplitude"] ** 4 / 3072
    assert torch.allclose(params["period"], harmonic * correction, rtol=1e-2)


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
    params = params_of(3)
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
