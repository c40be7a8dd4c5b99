"""The device to train on, what it is good at, and the clock that goes with it."""

from __future__ import annotations

import platform
import time

import torch


def clock(device: torch.device) -> float:
    """What a run's seconds are counted by.

    On a CPU the time that all threads of this process have worked, which is the same on a busy
    machine; else the time of day, because a device works on its own.
    """
    return time.process_time() if device.type == "cpu" else time.monotonic()


def best_device() -> str:
    """Return cuda, mps or cpu: the fastest that this machine has."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def prefers_bf16(device: torch.device) -> bool:
    """True on CUDA devices that have bfloat16, and on CPUs with instructions for it.

    oneDNN says yes on any x86 with AVX-512 and then imitates it, at a quarter of float32's speed
    (LOG.md, 2026-12-01), so there the instructions themselves are looked for.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if device.type != "cpu" or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    return not x86 or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def out_of_memory(error: BaseException) -> bool:
    """Does an error mean that a device or this machine has no memory left?"""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return "can't allocate memory" in str(error)  # a CPU's RuntimeError has no class of its own


def autocast(device: torch.device, bf16: bool) -> torch.autocast:
    """bfloat16 where it is asked for; float32 otherwise. Never float16: it cripples GANs."""
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16)
