"""bfloat16 is chosen where a processor has instructions for it, not where it is imitated."""

from __future__ import annotations

import platform

import pytest
import torch

from train.devices import prefers_bf16

CPU = torch.device("cpu")


@pytest.fixture
def machine(monkeypatch):
    def pretend(name: str, library: bool, avx512_bf16: bool, amx: bool) -> None:
        monkeypatch.setattr(platform, "machine", lambda: name)
        monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: library)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)

    return pretend


@pytest.mark.parametrize(
    ("name", "library", "avx512_bf16", "amx", "prefers"),
    [
        ("x86_64", True, True, False, True),
        ("AMD64", True, False, True, True),
        ("x86_64", True, False, False, False),  # AVX-512 without them: oneDNN imitates
        ("x86_64", False, False, False, False),
        ("aarch64", True, False, False, True),
        ("aarch64", False, False, False, False),
    ],
)
def test_a_cpu_is_asked_for_its_instructions(machine, name, library, avx512_bf16, amx, prefers):
    machine(name, library, avx512_bf16, amx)
    assert prefers_bf16(CPU) is prefers


def test_other_devices_stay_with_float32():
    assert prefers_bf16(torch.device("mps")) is False
