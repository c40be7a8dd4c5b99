"""The critics: what each kind looks at. All map (clips, time stamps, labels) to logits."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from train.config import CriticConfig
from train.critics.frame import FrameCritic
from train.critics.growing import GrowingCritic
from train.critics.moments import MomentsCritic
from train.critics.sequence import SequenceCritic
from train.critics.temporal import TemporalCritic
from train.critics.volume import VolumeCritic
from vidgen.config import ClipShape

KINDS = {
    "frame": FrameCritic,
    "moments": MomentsCritic,
    "sequence": SequenceCritic,
    "volume": VolumeCritic,
    "temporal": TemporalCritic,
    "growing": GrowingCritic,
}


def build_critic(
    shape: ClipShape, classes: int, config: CriticConfig, spectral: bool = False
) -> nn.Module:
    """Build a critic with fresh weights, each of spectral norm 1 if that is asked for."""
    critic = KINDS[config.kind](shape, classes, config)
    if spectral:
        normalise(critic)
    return critic


def normalise(critic: nn.Module) -> None:
    """Divide every weight by its largest singular value (Miyato et al. 2018, arXiv 1802.05957)."""
    kinds = (nn.Conv2d, nn.Conv3d, nn.Linear, nn.Embedding)
    for layer in [module for module in critic.modules() if isinstance(module, kinds)]:
        with torch.no_grad():
            if not layer.weight.any():  # a silent start has no norm to divide by
                nn.init.orthogonal_(layer.weight)
        spectral_norm(layer)
