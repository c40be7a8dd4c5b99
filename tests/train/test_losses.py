"""Losses and penalties against their closed forms."""

import math

import pytest
import torch

from train.losses import finite_difference_penalty, relativistic_loss, zero_centred_penalty


def linear_critic(weight):
    return lambda clips: (clips * weight).flatten(1).sum(dim=1)


def test_at_a_draw_both_players_lose_log_two():
    logits = torch.tensor([1.5, -2.0])
    assert relativistic_loss(logits, logits).tolist() == pytest.approx([math.log(2)] * 2)


def test_the_players_losses_mirror_each_other():
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 5.0])
    # softplus(x) - softplus(-x) = x
    difference = relativistic_loss(fake, real) - relativistic_loss(real, fake)
    torch.testing.assert_close(difference, real - fake)


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
