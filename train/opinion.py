"""What the critics think: scores of real and generated clips, and where in them they come from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from train.config import CriticConfig
from train.data import ClipBatch
from train.data.resized import halved
from train.trainer import Trainer

_FOR, _AGAINST = (53, 196, 184), (255, 138, 98)  # colours of heat


@dataclass(frozen=True)
class Opinion:
    """One critic's opinion of some clips, on the CPU.

    Attributes:
        scores: float32 [N]; a critic's logit, the mean over the looks that cover the clip.
        heat: float32 [N, T, H, W]; how much each pixel speaks for "real" (above 0) or against it.
    """

    scores: Tensor
    heat: Tensor

    @property
    def by_frame(self) -> Tensor:
        """How much each frame has to do with the score: [N, T], shares that sum to 1."""
        weight = self.heat.abs().sum(dim=(2, 3))
        return weight / weight.sum(dim=1, keepdim=True).clamp(min=1e-12)


def opinions(trainer: Trainer, batch: ClipBatch) -> dict[str, Opinion]:
    """Ask every critic about whole clips [N, T, C, H, W] in [-1, 1] at times 0, 1 ... T-1.

    Heat is gradient times input (Shrikumar et al. 2016, arXiv 1605.01713, section 3.2), the input
    taken from black, which most of a picture is: black then speaks neither for nor against.
    Nothing of the training changes: no gradient is kept, no random number drawn, and spectral
    normalisation takes no step, which it does in training mode.
    """
    modes = [(module, module.training) for module in trainer.critics.modules()]
    trainer.critics.eval()
    try:
        return {critic.kind: _ask(trainer, critic, batch) for critic in trainer.config.critics}
    finally:
        for module, mode in modes:
            module.training = mode


def looks(critic: CriticConfig, frames: int) -> list[list[int]]:
    """Return the frames of each look that a critic takes at a clip, so that every frame is seen."""
    if critic.whole or critic.frames >= frames:
        return [list(range(frames))]
    starts = [*range(0, frames - critic.frames, critic.frames), frames - critic.frames]
    return [list(range(start, start + critic.frames)) for start in starts]


def _ask(trainer: Trainer, critic: CriticConfig, batch: ClipBatch) -> Opinion:
    clips = batch.clips.detach().requires_grad_(True)
    coarse = trainer.step_number < trainer.config.coarse_steps
    with torch.enable_grad():
        seen = halved(clips) if coarse else clips
        logits = []
        for frames in looks(critic, clips.shape[1]):
            with torch.autocast(trainer.device.type, torch.bfloat16, enabled=trainer.bf16):
                logits.append(
                    trainer.critics[critic.kind](
                        seen[:, frames], batch.times[:, frames], batch.labels
                    )
                )
        scores = torch.stack(logits).float().mean(dim=0)
        (slope,) = torch.autograd.grad(scores.sum(), clips)
    heat = (slope * (clips.detach() + 1)).sum(dim=2)
    return Opinion(scores.detach().cpu(), heat.cpu())


def heated(clips: Tensor, heat: Tensor) -> Tensor:
    """Colour clips [N, T, C, H, W] by their heat [N, T, H, W]: uint8 [N, T, 3, H, W]."""
    soft = F.avg_pool2d(heat, 3, stride=1, padding=1)  # single pixels say little
    strength = (soft.abs() / soft.abs().quantile(0.99).clamp(min=1e-12)).clamp(0, 1)
    grey = (clips.float().mean(dim=2).clamp(-1, 1) + 1) * 70  # dim, so that colours stand out
    colours = torch.tensor([_FOR, _AGAINST], dtype=torch.float32)[(soft < 0).long()]
    colours = colours.movedim(-1, 2)  # [N, T, 3, H, W]
    return torch.lerp(grey[:, :, None].expand_as(colours), colours, strength[:, :, None]).to(
        torch.uint8
    )
