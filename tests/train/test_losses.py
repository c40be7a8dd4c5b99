"""Losses and penalties against their closed forms."""

import math

import pytest
import torch

from train.losses import (
    LOSSES,
    between_penalty,
    finite_difference_penalty,
    zero_centred_penalty,
)

REAL, FAKE = torch.tensor([1.0, -2.0, 0.0]), torch.tensor([0.5, 3.0, 0.0])


def linear_critic(weight):
    return lambda clips: (clips * weight).flatten(1).sum(dim=1)


def test_the_value_function_is_that_of_two_coins():
    # V = log s(D(r)) + log(1 - s(D(f))); the critic climbs it, the generator goes down its half.
    minimax = LOSSES["minimax"]
    value = torch.sigmoid(REAL).log() + (1 - torch.sigmoid(FAKE)).log()
    torch.testing.assert_close(minimax.critic(REAL, FAKE), -value)
    torch.testing.assert_close(
        minimax.generator(REAL, FAKE), (1 - torch.sigmoid(FAKE)).log(), atol=1e-6, rtol=1e-5
    )


def test_where_the_critic_wins_only_the_minimax_generator_has_no_slope():
    lost = torch.tensor([-20.0], requires_grad=True)
    slopes = {}
    for name, loss in LOSSES.items():
        (slope,) = torch.autograd.grad(loss.generator(-lost.detach(), lost).sum(), lost)
        slopes[name] = slope.item()
    assert abs(slopes.pop("minimax")) < 1e-8
    assert all(slope == pytest.approx(-1.0) for slope in slopes.values()), slopes


@pytest.mark.parametrize("name", LOSSES)
def test_the_critic_wants_real_up_and_fake_down_and_the_generator_fake_up(name):
    # At a draw at 0 every loss has a slope for each player.
    real, fake = (torch.zeros(2, requires_grad=True) for _ in range(2))
    up, down = torch.autograd.grad(LOSSES[name].critic(real, fake).sum(), (real, fake))
    assert (up < 0).all()
    assert (down > 0).all()
    (climb,) = torch.autograd.grad(LOSSES[name].generator(real, fake).sum(), fake)
    assert (climb < 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_paired_if_its_generator_looks_at_real_clips(name):
    loss = LOSSES[name]
    changed = not torch.equal(loss.generator(REAL, FAKE), loss.generator(REAL + 1, FAKE))
    assert changed == loss.paired


def test_the_hinge_forgets_what_is_told_apart_by_its_margin():
    critic = LOSSES["hinge"].critic
    assert critic(torch.tensor([1.0, 7.0]), torch.tensor([-1.0, -7.0])).tolist() == [0.0, 0.0]
    assert critic(torch.tensor([0.0]), torch.tensor([0.5])).tolist() == [2.5]


def test_the_wasserstein_players_move_the_same_mean():
    loss = LOSSES["wasserstein"]
    assert loss.critic(REAL, FAKE).tolist() == (FAKE - REAL).tolist()
    assert loss.generator(REAL, FAKE).tolist() == (-FAKE).tolist()


def test_relativistic_players_lose_log_two_at_a_draw_and_mirror_each_other():
    loss = LOSSES["relativistic"]
    assert loss.critic(REAL, REAL).tolist() == pytest.approx([math.log(2)] * 3)
    # softplus(x) - softplus(-x) = x
    torch.testing.assert_close(loss.generator(REAL, FAKE) - loss.critic(REAL, FAKE), REAL - FAKE)


def test_the_penalty_of_a_linear_critic_is_its_squared_weight():
    # A wrong reduction of a 5-D clip broadcasts in silence: B, T, C, H and W all differ here.
    weight = torch.randn(3, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    clips = torch.randn(2, 3, 1, 4, 5).requires_grad_(True)
    penalty = zero_centred_penalty(linear_critic(weight)(clips), clips)
    assert penalty.shape == (2,)
    torch.testing.assert_close(penalty, weight.square().sum().expand(2))


def test_the_penalty_of_a_quadratic_critic_can_be_differentiated_again():
    scale = torch.tensor(3.0, requires_grad=True)
    clips = torch.randn(4, 2, 1, 3, 3, generator=torch.Generator().manual_seed(1))
    clips.requires_grad_(True)
    logits = (scale / 2 * clips.square()).flatten(1).sum(dim=1)
    penalty = zero_centred_penalty(logits, clips)  # = scale^2 ||x||^2
    norms = clips.detach().square().flatten(1).sum(dim=1)
    torch.testing.assert_close(penalty, 9 * norms)
    (slope,) = torch.autograd.grad(penalty.sum(), scale)
    torch.testing.assert_close(slope, 6 * norms.sum())


def test_finite_differences_agree_with_the_exact_penalty_on_average():
    weight = torch.randn(2, 1, 3, 3, generator=torch.Generator().manual_seed(2))
    clips = torch.zeros(4000, 2, 1, 3, 3)
    critic = linear_critic(weight)
    noise = torch.randn(clips.shape, generator=torch.Generator().manual_seed(3))
    estimate = finite_difference_penalty(critic, clips, critic(clips), noise, sigma=0.05)
    # For a linear critic the estimate is ||w||^2 times a chi-squared number: deviation sqrt(2).
    assert estimate.mean().item() == pytest.approx(weight.square().sum().item(), rel=0.07)


def test_the_penalty_between_asks_for_a_slope_of_one():
    weight = torch.randn(3, 1, 4, 5, generator=torch.Generator().manual_seed(4))
    real, fake = torch.randn(2, 2, 3, 1, 4, 5, generator=torch.Generator().manual_seed(5))
    share = torch.tensor([0.2, 0.9])
    found = between_penalty(linear_critic(weight), real, fake, share)
    torch.testing.assert_close(found, (weight.norm() - 1).square().expand(2))
    assert between_penalty(linear_critic(weight / weight.norm()), real, fake, share).max() < 1e-6
    scaled = between_penalty(linear_critic(weight), real, fake, share, scale=0.5)
    torch.testing.assert_close(scaled, (0.5 * weight.norm() - 1).square().expand(2))


def test_the_penalty_between_looks_at_the_mixtures_and_teaches_the_critic():
    real, fake = torch.ones(3, 1, 1, 2, 2), -torch.ones(3, 1, 1, 2, 2)
    scale = torch.tensor(1.0, requires_grad=True)

    def quadratic(clips):  # its slope is scale * x: the penalty tells where it was taken
        return (scale / 2 * clips.square()).flatten(1).sum(dim=1)

    # x = 2 u - 1 in each of four pixels, so a slope of 2 |2 u - 1|: 1, 0.4 and 2.
    found = between_penalty(quadratic, real, fake, torch.tensor([0.25, 0.6, 1.0]))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.36, 1.0]), atol=1e-4, rtol=0)
    (slope,) = torch.autograd.grad(found[2], scale)
    assert slope.item() == pytest.approx(2 * (2 - 1) * 2)
