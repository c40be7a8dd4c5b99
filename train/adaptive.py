"""Augmentation by a probability that follows how far the critics overfit."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.augment import augment
from train.config import TrainConfig

_MOST = 0.8  # above it what is done to real clips leaks into generated ones (section 2.2)
_RAMP = 0.1  # of a run: the shortest way from 0 to 1; the paper's is 500,000 of 25 million images
_EVERY = 4  # draws between two looks, as in the paper
_MEMORY = 0.2  # share of a look in the means that are compared


class Augmentation(nn.Module):
    """What the critics see clips through; with a target its probability adapts.

    Adaptive discriminator augmentation (Karras et al. 2020, arXiv 2006.06676, section 3): the
    probability rises by a fixed amount while a heuristic of overfitting is above its target, and
    falls while it is below. The paper has two of them (eq. 1): r_t = E[sign(D(real))], and
    r_v = (E[D(real)] - E[D(held out)]) / (E[D(real)] - E[D(fake)]), 0 for critics that judge real
    clips which they have never learned from as those that they have, 1 for critics that take them
    for fakes. Its choice is r_t, which needs no held-out clips but logits with a zero. Relativistic
    pairing trains differences alone, so there is none; compared with the partner's logit instead,
    the sign tells how weak the generator is (LOG.md: 0.85 with clips without end). So here it is
    r_v, of clips with the same labels and moments: what is added to all logits cancels.

    The held-out clips decide this one number and are never learned from. All numbers are tensors on
    the device, never waited for, and belong to the training state.
    """

    probability: Tensor
    learned: Tensor  # the mean of D(real) - D(held out)
    told: Tensor  # the mean of D(real) - D(fake)

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("probability", torch.tensor(config.augment))
        self.register_buffer("learned", torch.zeros(()))
        self.register_buffer("told", torch.zeros(()))

    def forward(self, clips: Tensor, draw: int, indices: Tensor) -> Tensor:
        """Change clips [N, T, C, H, W] by the draw and their rows' numbers [N]."""
        c = self.config
        if not (c.augment or c.augment_target):
            return clips
        return augment(clips, c.seed, draw, indices, self.probability, c.flips)

    def looks(self, draw: int) -> bool:
        """Is this a draw at which overfitting is measured?"""
        return self.config.augment_target > 0 and draw % _EVERY == 0

    @torch.no_grad()
    def adapt(self, learned: Tensor, told: Tensor) -> None:
        """Move the probability by the means of a whole draw: D(real) less held out, and less fake.

        Critics that don't tell real from fake have learned nothing, by heart or otherwise.
        """
        c = self.config
        self.learned.lerp_(learned, _MEMORY)
        self.told.lerp_(told, _MEMORY)
        over = self.learned > c.augment_target * self.told.clamp(min=0)
        way = torch.where(over & (self.told > 0), 1.0, -1.0)
        step = _EVERY / max(_RAMP * c.steps * c.critic_steps, _EVERY)
        self.probability.add_(way * step).clamp_(0, _MOST)

    def statistics(self) -> dict[str, Tensor]:
        """What the log tells: the probability, and the heuristic."""
        if not self.config.augment_target:
            return {}
        overfit = self.learned / self.told.clamp(min=1e-3)
        return {"augment": self.probability.clone(), "overfit": overfit.clamp(-1, 2)}
