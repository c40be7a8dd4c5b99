"""Adversarial losses and gradient penalties: pure functions of tensors, the equation above each.

D is a critic's logit, r a real clip, f a fake one; s is the sigmoid. All are minimised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

Critic = Callable[[Tensor], Tensor]  # clips [B, ...] -> logits [B]


# -log s(D(r)) - log(1 - s(D(f)))        (Goodfellow et al. 2014, arXiv 1406.2661, eq. 1)
def cross_entropy(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the critic's side of the value function, [B]: name what is real and what is not."""
    return F.softplus(-on_real) + F.softplus(on_fake)


# log(1 - s(D(f)))                       (the same eq. 1, the generator's side)
def minimax(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the generator's side of the value function, [B]; saturates where the critic wins."""
    return -F.softplus(on_fake)


# -log s(D(f))                           (the same paper, section 3, last paragraph)
def non_saturating(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the generator's loss with the same fixed point and a slope where it loses, [B]."""
    return F.softplus(-on_fake)


# max(0, 1 - D(r)) + max(0, 1 + D(f))    (Lim and Ye 2017, arXiv 1705.02894, eq. 12)
def hinge(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the critic's loss that forgets clips which are told apart by a margin of 1, [B]."""
    return F.relu(1 - on_real) + F.relu(1 + on_fake)


# D(f) - D(r)                            (Arjovsky et al. 2017, arXiv 1701.07875, eq. 2, negated)
def wasserstein(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the critic's estimate of the earth mover's distance, negated, [B]."""
    return on_fake - on_real


# -D(f)                                  (the generator's side of both, hinge and Wasserstein)
def raised(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the generator's loss that asks for high logits, [B]."""
    return -on_fake


# -log s(D(r) - D(f))                    (Huang et al. 2024, arXiv 2501.05441, eq. 2)
def real_above(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the critic's side of relativistic pairing, [B]; a draw costs log 2."""
    return F.softplus(on_fake - on_real)


# -log s(D(f) - D(r))                    (the same eq. 2, the generator's side)
def fake_above(on_real: Tensor, on_fake: Tensor) -> Tensor:
    """Return the generator's side of relativistic pairing, [B]; a draw costs log 2."""
    return F.softplus(on_real - on_fake)


class Loss(NamedTuple):
    """Both players' losses of (D(r), D(f)); ``paired``: the generator's depends on D(r) too."""

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    paired: bool = False


LOSSES: dict[str, Loss] = {
    "minimax": Loss(cross_entropy, minimax),
    "non-saturating": Loss(cross_entropy, non_saturating),
    "hinge": Loss(hinge, raised),
    "wasserstein": Loss(wasserstein, raised),
    "relativistic": Loss(real_above, fake_above, paired=True),
}


# |grad_x D(x)|^2                        (Mescheder et al. 2018, arXiv 1801.04406, eq. 9)
def zero_centred_penalty(logits: Tensor, clips: Tensor) -> Tensor:
    """Exact zero-centred gradient penalty, [B], to be differentiated again.

    Summed over each whole clip: R1 on real clips, R2 on fake ones.

    Args:
        logits: [B], from ``clips`` by a critic that treats the rows of a batch apart.
        clips: [B, ...], with requires_grad.
    """
    return _squared_slope(logits, clips)


# E_n (D(x + sigma n) - D(x))^2 / sigma^2        (Lin et al. 2025, arXiv 2501.08316, APT)
def finite_difference_penalty(
    critic: Critic, clips: Tensor, logits: Tensor, noise: Tensor, sigma: float
) -> Tensor:
    """Estimate the same penalty with one more look instead of a second derivative, [B].

    For n standard normal and small sigma it tends to |grad_x D(x)|^2; the paper's form is not
    divided by sigma^2. The difference is taken in float32: in bfloat16 it would cancel.

    Args:
        critic: clips to logits.
        clips: [B, ...].
        logits: critic(clips), [B].
        noise: standard normal, the shape of ``clips``.
        sigma: the step, in units of the clip's range [-1, 1].
    """
    return ((critic(clips + sigma * noise).float() - logits.float()) / sigma).square()


# (|grad_x D(x)| - 1)^2 at x = u r + (1 - u) f   (Gulrajani et al. 2017, arXiv 1704.00028, eq. 3)
def between_penalty(
    critic: Critic, real: Tensor, fake: Tensor, share: Tensor, scale: float = 1.0
) -> Tensor:
    """Two-sided gradient penalty on the way from fake to real, [B], to be differentiated again.

    Args:
        critic: clips to logits, treating the rows of a batch apart.
        real: [B, ...].
        fake: its partners, the same shape.
        share: of the real clip in each mixture, in [0, 1], [B].
        scale: of the gradient's length, where the clips are not in the units of the slope of 1.
    """
    share = share.view(-1, *[1] * (real.dim() - 1))
    clips = (share * real + (1 - share) * fake).detach().requires_grad_(True)
    squared = _squared_slope(critic(clips), clips)
    return (scale * torch.sqrt(squared + 1e-12) - 1).square()  # a root has no slope at 0


def _squared_slope(logits: Tensor, clips: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(logits.sum(), clips, create_graph=True)
    return gradient.float().square().flatten(1).sum(dim=1)
