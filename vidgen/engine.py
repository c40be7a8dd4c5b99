"""Canonical requests to frames: where the demo runs a generator, on a CPU or a GPU.

float32 on a CPU, bfloat16 convolutions on CUDA. Clips are mapped one by one, and on a CPU rendered
one by one too (their frames fill it), so that neighbours never change a picture there. On a GPU
clips of the same length are rendered together, which may move a pixel by one level of 255.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vidgen.generators import Generator
from vidgen.latent import class_weights, content_noise, motion_noise, tape_anchors, tape_noise
from vidgen.media import Frames
from vidgen.release import load_generator
from vidgen.request import ClipRequest

_ROOM = 64_000_000  # weights in memory, of all releases together: a quarter of a gigabyte
# A clip is rendered in whole groups of frames: how a vector unit treats the end of an array depends
# on its length, and would move a pixel of a longer clip by a level.
_FRAMES_TOGETHER = 16
_GPU_SECONDS = 5  # what a call may take on a borrowed GPU, for its queue


class Engine:
    """Renders clips from release files; each is loaded once, and kept as long as there is room.

    Args:
        device: "cpu", "cuda" or "mps"; None = CUDA where there is one of our own, else the CPU. A
            borrowed one (ZeroGPU) is for whole paths that a visitor asks for; a single clip is
            faster on the CPU than in its queue.
    """

    def __init__(self, device: str | None = None) -> None:
        own_gpu = torch.cuda.is_available() and not os.environ.get("SPACES_ZERO_GPU")
        self.device = device or ("cuda" if own_gpu else "cpu")

    def holds(self, path: Path) -> bool:
        """Say whether a release is in memory; the next clip of another takes longer."""
        return _MEMORY.holds((str(path), path.stat().st_mtime_ns, self.device))

    def render(self, path: Path, requests: Sequence[ClipRequest]) -> list[Frames]:
        """Make one clip for each canonical request, uint8 [T, H, W, C], all from one release file.

        Raises:
            ReleaseError: the file is not a release.
        """
        render = render_on_cpu if self.device == "cpu" else render_on_gpu
        return render(str(path), tuple(requests), self.device)


def render_on_cpu(path: str, requests: Sequence[ClipRequest], device: str) -> list[Frames]:
    """Render clip by clip; see ``Engine.render``."""
    with torch.inference_mode():
        generator = load(path, Path(path).stat().st_mtime_ns, device)
        return [to_frames(synthesize(generator, [request]))[0] for request in requests]


def borrowing(function: Callable[..., list[Frames]]) -> Callable[..., list[Frames]]:
    """On ZeroGPU, have a function run in a process that has the GPU; elsewhere change nothing."""
    if os.environ.get("SPACES_ZERO_GPU"):
        with contextlib.suppress(ImportError):
            import spaces  # pyright: ignore[reportMissingImports]

            return spaces.GPU(duration=_GPU_SECONDS)(function)
    return function


@borrowing
def render_on_gpu(path: str, requests: Sequence[ClipRequest], device: str) -> list[Frames]:
    """Render clips of one length and part together; all that this takes can be pickled."""
    clips: dict[int, Frames] = {}
    kinds = {(request.frames, request.part) for request in requests}
    with torch.inference_mode():
        generator = load(path, Path(path).stat().st_mtime_ns, device)
        for kind in sorted(kinds):
            places = [k for k, each in enumerate(requests) if (each.frames, each.part) == kind]
            made = synthesize(generator, [requests[k] for k in places])
            clips.update(zip(places, to_frames(made), strict=True))
    return [clips[k] for k in range(len(requests))]


_Key = tuple[str, int, str]


class _Memory:
    """The generators that were asked for last, up to a number of weights; for any thread."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._held: OrderedDict[_Key, tuple[Generator, int]] = OrderedDict()

    def holds(self, key: _Key) -> bool:
        with self._lock:
            return key in self._held

    def get(self, key: _Key) -> Generator:
        """Return a generator; where it has to be loaded, those that nobody asked for longest go."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
            path, _, device = key
            generator, _ = load_generator(path, device)
            weights = sum(value.numel() for value in generator.state_dict().values())
            self._held[key] = generator, weights
            while len(self._held) > 1 and sum(each for _, each in self._held.values()) > self._room:
                self._held.popitem(last=False)
            return generator


_MEMORY = _Memory(_ROOM)


def load(path: str, changed: int, device: str) -> Generator:
    """Load a generator, or return it if that was done; ``changed`` tells versions of a file apart.

    Raises:
        ReleaseError: the file is not a release.
    """
    return _MEMORY.get((path, changed, device))


def synthesize(generator: Generator, requests: Sequence[ClipRequest]) -> Tensor:
    """Render canonical requests of one length and part: [B, T, C, H, W] in about [-1, 1]."""
    device = generator.content_mean.device
    w, m, tape = (
        torch.cat(part) for part in zip(*(codes(generator, r) for r in requests), strict=True)
    )
    frames = requests[0].frames
    rendered = -(-frames // _FRAMES_TOGETHER) * _FRAMES_TOGETHER
    times = [r.start + r.step * np.arange(rendered) for r in requests]
    loop = [r.frames * r.step if r.loop else 0.0 for r in requests]
    stamps = torch.tensor(np.stack(times), dtype=torch.float32, device=device)
    periods = torch.tensor(loop, dtype=torch.float32, device=device)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        if part := requests[0].part:
            return generator.parts(w, m, tape, stamps, periods)[part][:, :frames]
        return generator.synthesize(w, m, tape, stamps, periods)[:, :frames]


def codes(generator: Generator, request: ClipRequest) -> tuple[Tensor, Tensor, Tensor]:
    """Map and mix the seeds of a request.

    Returns:
        w [1, latent], pulled towards the mean of its class mix by psi; m [1, M]; the noise
        tape [1, A, Zt], always as long as the longest clip needs.
    """
    config, device = generator.config, generator.content_mean.device

    def tensor(noise: np.ndarray) -> Tensor:
        return torch.from_numpy(noise)[None].to(device)

    mix = tensor(class_weights(request.classes, config.classes))  # [1, K]
    w = _weighted(
        (weight, generator.map_content(tensor(content_noise(seed, config.content_dim)), mix))
        for seed, weight in request.content
    )
    w = torch.lerp(mix @ generator.content_mean, w, request.psi)
    m = _weighted(
        (weight, generator.map_motion(tensor(motion_noise(seed, config.motion_dim))))
        for seed, weight in request.motion
    )
    anchors = tape_anchors(config.max_frames, config.tape_spacing)
    # A weighted sum of independent noise is weaker than noise; this keeps its variance at one.
    strength = sum(weight**2 for _, weight in request.motion) ** 0.5
    tape = _weighted(
        (weight / strength, tensor(tape_noise(seed, anchors, config.tape_dim)))
        for seed, weight in request.motion
    )
    return w, m, tape


def _weighted(parts: Iterable[tuple[float, Tensor]]) -> Tensor:
    return torch.stack([weight * value for weight, value in parts]).sum(dim=0)


def to_frames(clips: Tensor) -> list[Frames]:
    """Turn clips [B, T, C, H, W] in [-1, 1] (clamped to it) into B arrays uint8 [T, H, W, C]."""
    levels = ((clips.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return list(levels.permute(0, 1, 3, 4, 2).cpu().contiguous().numpy())
