"""The judge: a small clip classifier trained on real clips here, for measuring generated ones."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from tqdm import tqdm

from train.data import ClipBatch, ClipSource
from vidgen.release import write_bytes

FRAMES = 16  # of every clip that the judge sees, at the times 0 to 15
_VERSION = 2  # raise when the architecture or the loss changes: judges are trained again


@dataclass(frozen=True)
class JudgeConfig:
    """How large the judge is and how it is trained.

    ``width`` is the channels of the first convolution; ``features`` the size of what distances are
    measured on; ``noise`` the strongest white noise that is added in training (standard deviation,
    clips span 2), so that the judge names what is shown and not how cleanly it is drawn.
    """

    steps: int = 600
    batch: int = 64
    width: int = 24
    features: int = 64
    rate: float = 3e-3
    motion_weight: float = 0.3
    noise: float = 0.2
    seed: int = 0


# A data set that has no row takes the defaults; one at half the size takes the whole one's.
PRESETS: dict[str, JudgeConfig] = {
    "digits": JudgeConfig(steps=1200, motion_weight=0.2),
    "phenomena": JudgeConfig(),
    # Pixel art is the easiest to name: 1.000 of 1,000 clips of held-out characters, and 0.99 of the
    # variance of where an action begins. A mirrored clip is another class (left is right), and some
    # actions come back as they went: backwards is legal there.
    "sprites": JudgeConfig(steps=300),
}


class Judge(nn.Module):
    """Names the class and the motion of a clip of 16 frames.

    A 2-D trunk shared by all frames, then convolutions over time ((2+1)-D, Tran et al. 2018,
    arXiv 1711.11248). The features have mean 0 and variance 1 over real clips, each by itself, so
    that a Fréchet distance on them has a scale that another training of the judge keeps.
    """

    def __init__(self, config: JudgeConfig, source: ClipSource, motion: int) -> None:
        super().__init__()
        shape = source.clip_shape
        self.config = config
        first = 4 if min(shape.height, shape.width) > 32 else 2  # a coarse eye is a fast one
        stages = round(math.log2(min(shape.height, shape.width) / 4 / first))
        widths = [config.width * 2**i for i in range(stages + 1)]
        self.trunk = nn.Sequential(*_shrink(shape.channels, widths[0], 7, first))
        for before, after in itertools.pairwise(widths):
            self.trunk.extend(_shrink(before, after, 3, 2))
        hidden = 2 * config.features
        self.frame = nn.Linear(16 * widths[-1], hidden)
        self.time = nn.Sequential(
            *_over_time(hidden, hidden), *_over_time(hidden, hidden), nn.AdaptiveAvgPool1d(4)
        )
        self.project = nn.Linear(4 * hidden, config.features)
        self.standardise = nn.BatchNorm1d(config.features, affine=False)
        self.to_class = nn.Linear(config.features, len(source.classes))
        self.to_motion = nn.Linear(config.features, motion)

    def forward(self, clips: Tensor) -> Tensor:
        """Map clips in [-1, 1], [B, 16, C, H, W], to features [B, config.features]."""
        assert clips.shape[1] == FRAMES, clips.shape
        return self.over_time(self.frame_codes(clips))

    def frame_codes(self, clips: Tensor) -> Tensor:
        """Map each frame of clips [B, T, C, H, W], by itself, to a code: [B, T, F']."""
        pictures = clips.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        maps = F.adaptive_avg_pool2d(self.trunk(pictures), 4)  # [B * T, C', 4, 4]
        return self.frame(maps.flatten(1)).unflatten(0, clips.shape[:2])

    def over_time(self, codes: Tensor) -> Tensor:
        """Map the codes of 16 frames, [B, 16, F'], to the features of their clip."""
        moving = self.time(codes.transpose(1, 2))  # [B, F', 4]
        return self.standardise(self.project(moving.flatten(1)))


def _shrink(before: int, after: int, side: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, side, stride, padding=side // 2, bias=False)
    return [convolution, nn.BatchNorm2d(after), nn.ReLU()]


def _over_time(before: int, after: int) -> list[nn.Module]:
    return [nn.Conv1d(before, after, 5, padding=2), nn.BatchNorm1d(after), nn.ReLU()]


def stamps(count: int, device: torch.device) -> Tensor:
    """Return the judge's time stamps, 0 to 15 frames: float32 [count, 16]."""
    return torch.arange(FRAMES, dtype=torch.float32, device=device).expand(count, -1)


def load_or_train(source: ClipSource, cache: Path, device: torch.device) -> Judge:
    """Return the judge of a data set, from the cache folder or trained now.

    The file's name is keyed by the data's fingerprint and the preset. A file that does not load
    exactly is said to be damaged and replaced.
    """
    config = PRESETS.get(source.name.removesuffix("-32"), JudgeConfig())
    motion = source.render(
        0, 0, torch.zeros(1, dtype=torch.int64, device=device), stamps(1, device)
    )
    judge = build(config, source, motion.motion.shape[1]).to(device)
    path = cache / f"judge-{source.name}-{_key(config, source)}.safetensors"
    if path.exists():
        try:
            _load(judge, path)
            return judge.eval()
        except (SafetensorError, RuntimeError, ValueError, OSError) as error:
            print(f"{path} is damaged ({error}); training the judge again", file=sys.stderr)
            judge = build(config, source, motion.motion.shape[1]).to(device)
    train(judge, config, source, device)
    weights = {name: tensor.cpu().contiguous() for name, tensor in judge.state_dict().items()}
    write_bytes(path, save(weights))
    return judge.eval()


def build(config: JudgeConfig, source: ClipSource, motion: int) -> Judge:
    """Build a judge with the fresh weights of its seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Judge(config, source, motion)


def _key(config: JudgeConfig, source: ClipSource) -> str:
    facts = [_VERSION, FRAMES, source.fingerprint, dataclasses.asdict(config)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _load(judge: Judge, path: Path) -> None:
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    broken = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise ValueError(f"{broken[0]} is not finite")
    judge.load_state_dict(tensors)


class Lessons(Protocol):
    """What a judge is trained on: a part of ``ClipSource``."""

    @property
    def name(self) -> str:
        """For the bar."""
        ...

    def render(self, seed: int, step: int, indices: Tensor, times: Tensor) -> ClipBatch:
        """Make one clip for each of ``indices`` [B]."""
        ...


def train(judge: Judge, config: JudgeConfig, source: Lessons, device: torch.device) -> None:
    """Train a judge in place on fresh clips at each step.

    Cross-entropy, plus the share of the motion's variance that is not explained.
    """
    optimizer = torch.optim.AdamW(judge.parameters(), lr=config.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.rate, config.steps)
    indices = torch.arange(config.batch, device=device)
    dice = torch.Generator(device).manual_seed(config.seed)
    times = stamps(config.batch, device)
    judge.train()
    for step in tqdm(range(config.steps), desc=f"judge of {source.name}", disable=None):
        batch = source.render(config.seed, step, indices, times)
        clips = batch.clips
        noise = torch.randn(clips.shape, generator=dice, device=device)
        strength = torch.rand(len(clips), 1, 1, 1, 1, generator=dice, device=device)
        features = judge(clips + config.noise * strength * noise)
        loss = F.cross_entropy(judge.to_class(features), batch.labels)
        missed = (judge.to_motion(features) - batch.motion).square().mean(dim=0)
        spread = batch.motion.var(dim=0).clamp(min=1e-6)  # else small numbers would not count
        loss = loss + config.motion_weight * (missed / spread).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
