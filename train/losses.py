"""Adversarial losses and gradient penalties: pure functions of tensors."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Critic = Callable[[Tensor], Tensor]  # clips [B, ...] -> logits [B]


def relativistic_loss(own: Tensor, other: Tensor) -> Tensor:
    """Relativistic pairing loss, [B]: the own side is asked to stand above its partner.

    softplus(-(D(own) - D(other))) (Huang et al. 2024, arXiv 2501.05441, eq. 2). The critic's own
    side is the real clip, the generator's the fake; at a draw both lose log 2.
    """
    return F.softplus(other - own)


def zero_centred_penalty(logits: Tensor, clips: Tensor) -> Tensor:
    """Exact zero-centred gradient penalty, [B], to be differentiated again.

    ||grad_x D(x)||^2 summed over each whole clip (Mescheder et al. 2018, arXiv 1801.04406, eq. 9):
    R1 on real clips, R2 on fake ones.

    Args:
        logits: [B], from ``clips`` by a critic that treats the rows of a batch apart.
        clips: [B, ...], with requires_grad.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), clips, create_graph=True)
    return gradient.float().square().flatten(1).sum(dim=1)


def finite_difference_penalty(
    critic: Critic, clips: Tensor, logits: Tensor, noise: Tensor, sigma: float
) -> Tensor:
    """Estimate the same penalty with one more look instead of a second derivative, [B].

    E_n (D(x + sigma n) - D(x))^2 / sigma^2 -> ||grad_x D(x)||^2 for n standard normal and small
    sigma (the form of APT, Lin et al. 2025, arXiv 2501.08316, divided by sigma^2). The difference
    is taken in float32: in bfloat16 it would cancel.

    Args:
        critic: clips to logits.
        clips: [B, ...].
        logits: critic(clips), [B].
        noise: standard normal, the shape of ``clips``.
        sigma: the step, in units of the clip's range [-1, 1].
    """
    return ((critic(clips + sigma * noise).float() - logits.float()) / sigma).square()
