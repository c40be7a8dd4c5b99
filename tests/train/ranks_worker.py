"""What torchrun starts in test_ranks.py: a few steps, and then what each rank has in its hands.

python ranks_worker.py FAMILY LOSS STEPS FOLDER writes FOLDER/COUNT-NUMBER.safetensors.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import save_file

import train.adaptive
from train.config import LossName
from train.data.phenomena import Phenomena
from train.data.resized import Halved
from train.methods import method
from train.ranks import Ranks
from train.trainer import Trainer

torch.set_num_threads(1)
family, loss, steps, folder = sys.argv[1:]
ranks = Ranks.from_environment("cpu")
source = Halved(Phenomena())
config = method(
    family, cast(LossName, loss), source.name, source.clip_shape, len(source.classes), int(steps)
)
if family == "stgan":  # through what augments, by a probability that adapts
    config = replace(config, augment=0.1, augment_target=0.9)
train.adaptive._RAMP = 1e4  # up or down may be rounding's choice, so by next to nothing
trainer = Trainer(replace(config, batch=8), source, ranks.device, False, ranks)
for optimizer in (trainer.generator_optimizer, trainer.critic_optimizer):
    for group in optimizer.param_groups:
        # Adam's first steps are signs of slopes, and where a slope is next to nothing its sign is
        # rounding's choice: with this eps they are slopes, and what is compared is their mean.
        group["eps"] = 0.1
found: dict[str, torch.Tensor] = {}
for step in range(int(steps)):
    trainer.step()
    for name, player in (("critics", trainer.critics), ("generator", trainer.generator)):
        gradients = [p.grad.flatten() for p in player.parameters() if p.grad is not None]
        found[f"gradient/{name}/{step}"] = torch.cat(gradients)
for name in ("critics", "generator", "average"):
    weights = [p.detach().flatten() for p in getattr(trainer, name).parameters()]
    found[f"weights/{name}"] = torch.cat(weights)
found["weights/augmentation"] = torch.stack([*trainer.augmentation.buffers()])
save_file(found, Path(folder) / f"{ranks.count}-{ranks.number}.safetensors")
ranks.leave(0)
