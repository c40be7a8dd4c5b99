"""What every family of generators keeps: the contract."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vidgen.config import ModelConfig
from vidgen.nn.blocks import linear


class Generator(nn.Module):
    """Noise, class and times to clips.

    All mixing (interpolation, morphs of classes, truncation) is linear in w, and the clips of a
    batch know nothing of each other: no normalisation over the batch.
    """

    content_mean: Tensor  # [K, latent], the mean of w for each class; what psi pulls towards

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("content_mean", torch.zeros(config.classes, config.latent))

    def map_content(self, content: Tensor, classes: Tensor) -> Tensor:
        """Map content noise [B, Zc] and class weights [B, K] to w [B, latent]."""
        raise NotImplementedError

    def map_motion(self, motion: Tensor) -> Tensor:
        """Map motion noise [B, Zm] to the motion code m [B, M]."""
        raise NotImplementedError

    def synthesize(self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor) -> Tensor:
        """Render clips.

        Args:
            w: content codes [B, latent].
            m: motion codes [B, M].
            tape: noise tape [B, A, Zt], an anchor every ``tape_spacing`` frames.
            times: [B, T] in frames; fractional where the config has ``continuous_time``.
            loop: [B], the period in frames at which the motion closes exactly; 0 = no loop.
                Families whose config does not have ``loops`` take no notice.

        Returns:
            [B, T, C, H, W] in about [-1, 1], not clamped.
        """
        raise NotImplementedError

    def parts(
        self, w: Tensor, m: Tensor, tape: Tensor, times: Tensor, loop: Tensor
    ) -> dict[str, Tensor]:
        """What there is to see inside: a clip as of ``synthesize`` for each of ``config.parts``."""
        return {}

    def forward(
        self,
        content: Tensor,
        motion: Tensor,
        tape: Tensor,
        classes: Tensor,
        times: Tensor,
        loop: Tensor,
    ) -> Tensor:
        """Noise to clips: content [B, Zc], motion [B, Zm], tape [B, A, Zt]; see ``synthesize``."""
        w = self.map_content(content, classes)
        return self.synthesize(w, self.map_motion(motion), tape, times, loop)


class Unmapped(Generator):
    """A family without mapping nets: w is the noise itself beside the class, m the noise itself.

    So psi, which pulls w towards the mean of its class, scales the noise.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        label = config.latent - config.content_dim
        # As loud as the noise beside it.
        self.embedding = linear(config.classes, label, gain=math.sqrt(config.classes / 2))

    def map_content(self, content: Tensor, classes: Tensor) -> Tensor:
        """Put content noise [B, Zc] and embedded class weights [B, K] together: w [B, latent]."""
        assert content.shape[1:] == (self.config.content_dim,), content.shape
        assert classes.shape[1:] == (self.config.classes,), classes.shape
        return torch.cat([content, self.embedding(classes)], dim=1).float()

    def map_motion(self, motion: Tensor) -> Tensor:
        """Return motion noise [B, Zm] as it is."""
        assert motion.shape[1:] == (self.config.motion_dim,), motion.shape
        return motion


def at(frames: Tensor, times: Tensor) -> Tensor:
    """Pick from frames [B, F, ...] those at whole times [B, T], or the last: [B, T, ...]."""
    places = times.round().long().clamp(0, frames.shape[1] - 1)
    return frames[torch.arange(len(frames), device=frames.device)[:, None], places]
