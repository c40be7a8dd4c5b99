"""How clips move: spectrum of change, optical flow, identity over time, the seam of a loop."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.judge.clips import as_input, batches

_FLOW_SIDE = 64  # the flow needs room; smaller clips are enlarged for it
_ASTRAY = 1.0  # pixels by which flow there and back may miss; beyond, something was hidden
_GRAIN = 1e-2  # of the mean variance: directions that hardly vary are not blown up
FAINT = 1e-12  # power below that of one level in one pixel of a thousand clips: nothing moves


def steps(pixels: Tensor) -> Tensor:
    """Mean absolute change from each frame to the next, clips span 2: float32 [N, T - 1]."""
    rows = []
    for part in batches(len(pixels), "measuring change"):
        clips = as_input(pixels[part], torch.device("cpu"))
        rows.append((clips[:, 1:] - clips[:, :-1]).abs().mean(dim=(2, 3, 4)))
    return torch.cat(rows)


def spectrum(pixels: Tensor) -> Tensor:
    """Mean power of frame differences over pixels and clips, at 1/15 to 7/15 cycles for 16 frames.

    The spectrum of jitter is flat, of smooth motion steep: float64 [(T - 1) // 2] for T frames.
    """
    total = torch.zeros((pixels.shape[1] - 1) // 2, dtype=torch.float64)
    for part in batches(len(pixels), "measuring spectra"):
        clips = as_input(pixels[part], torch.device("cpu"))
        change = clips[:, 1:] - clips[:, :-1]
        window = torch.hann_window(change.shape[1], periodic=False)[:, None, None, None]
        power = torch.fft.rfft(change * window, dim=1).abs().square()[:, 1:]
        total += power.mean(dim=(2, 3, 4)).sum(dim=0).double()
    return total / len(pixels)


def spectrum_error(power: Tensor, real: Tensor) -> float:
    """Root mean square of the natural logarithm of their ratio: 0 is right, 0.7 a factor of 2."""
    ratio = power.clamp(min=FAINT) / real.clamp(min=FAINT)
    return float(ratio.log().square().mean().sqrt())


def warping_error(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """What optical flow does not explain of each next frame, as Lai et al. 2018 ask it.

    Each frame is warped to the next by the flow between them (here DIS, Kroeger et al. 2016; arXiv
    1808.00449 has another), and the error is the mean absolute difference, clips span 2, over the
    pixels where flow there and back agree, so nothing that was hidden counts. It grows when things
    flicker or change while they move. Of what tears or jumps flow there and back do not agree: that
    makes the share of such pixels fall, so neither number says much alone.

    Returns:
        Of each clip the error, NaN where flow agrees nowhere, and the share of pixels where it
        agrees: float64 [N] each.
    """
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    scale = max(1, _FLOW_SIDE // min(pixels.shape[-2:]))
    large = pixels.repeat_interleave(scale, dim=3).repeat_interleave(scale, dim=4)
    clips = large.permute(0, 1, 3, 4, 2).numpy()  # [N, T, H, W, C]
    grey = clips.mean(axis=-1).round().astype(np.uint8)
    y, x = np.mgrid[: clips.shape[2], : clips.shape[3]].astype(np.float32)

    def warp(picture: NDArray, away: NDArray) -> NDArray:
        return cv2.remap(picture, x + away[..., 0], y + away[..., 1], cv2.INTER_LINEAR)

    def between(first: NDArray, second: NDArray) -> NDArray:
        return flow.calc(first, second, np.zeros((*first.shape, 2), np.float32))

    def explained(n: int, t: int) -> tuple[float, float]:
        back = between(grey[n, t + 1], grey[n, t])  # where each pixel came from
        forth = between(grey[n, t], grey[n, t + 1])
        seen = np.linalg.norm(back + warp(forth, back), axis=-1) < _ASTRAY
        warped = warp(clips[n, t].astype(np.float32), back).reshape(clips[n, t].shape)
        missed = np.abs(clips[n, t + 1] - warped).mean(axis=-1)
        return missed[seen].sum() / 127.5, seen.sum()

    pairs = range(clips.shape[1] - 1)
    found = torch.tensor([[explained(n, t) for t in pairs] for n in range(len(clips))])
    missed, seen = found.double().sum(dim=1).unbind(dim=-1)
    return missed / seen, seen / (len(pairs) * x.size)


def lasting(codes: Tensor) -> Tensor:
    """The directions of frame codes that stay as they are while real clips move: [F', F'].

    In ``codes @ lasting(codes)``, what the frames of a clip do round the clip's own mean has the
    same variance in every direction; so what moves counts little, and what a thing is counts much.

    Args:
        codes: of each frame of long real clips, float64 [N, T, F'].
    """
    moved = (codes - codes.mean(dim=1, keepdim=True)).flatten(0, 1)
    variance, directions = torch.linalg.eigh(moved.T @ moved / len(moved))
    return directions / (variance + _GRAIN * variance.mean()).sqrt()


def drift(codes: Tensor, labels: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """How far identity goes, and how far it could: distances of mean frame codes, [N] each.

    Args:
        codes: of each frame of long clips, [N, T, F'].
        labels: of the clips, [N].
        window: frames of the first and the last part, which are compared.

    Returns:
        The distance of each clip's last part from its own first, and from the first parts of other
        clips of its class.
    """
    first, last = codes[:, :window].mean(dim=1), codes[:, -window:].mean(dim=1)
    away = torch.cdist(last, first)
    others = (labels[:, None] == labels) & ~torch.eye(len(labels), dtype=torch.bool)
    return away.diagonal(), (away * others).sum(dim=1) / others.sum(dim=1).clamp(min=1)


def seam(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The step from the last frame of closed loops back to the first, and the mean other step: [N].

    They are alike when the loop closes.
    """
    ends = torch.stack([pixels[:, -1], pixels[:, 0]], dim=1)
    return steps(ends)[:, 0], steps(pixels).mean(dim=1)
