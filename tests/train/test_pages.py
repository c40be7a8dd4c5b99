"""A process that trains keeps its memory; one that only imports is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Allocates and frees tensors of 48 MB; prints how many pages the system had to empty for them.
WORK = """
import resource
import torch
for number in range(12):
    torch.ones(12_000_000)
    if number == 1:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages(first: str) -> int:
    unset = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "THP_", "GLIBC_"))}
    out = subprocess.run(
        [sys.executable, "-c", first + WORK], cwd=ROOT, env=unset, capture_output=True, check=True
    )
    return int(out.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_memory_that_was_given_back_is_not_emptied_anew():
    before = pages("")
    kept = pages("from train.pages import keep_pages; keep_pages()\n")
    assert before > 10 * 11_000  # 48 MB are 11,719 pages of 4 KiB
    assert kept < before / 10


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_a_setting_of_the_user_stays():
    code = "import os; os.environ['THP_MEM_ALLOC_ENABLE'] = '0'\n"
    code += "from train.pages import keep_pages; keep_pages()\n"
    code += "print(os.environ['THP_MEM_ALLOC_ENABLE'])"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert out.stdout == b"0\n"


def test_elsewhere_it_does_nothing(monkeypatch):
    import ctypes

    from train.pages import keep_pages

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: pytest.fail("asked for the C library"))
    monkeypatch.delenv("THP_MEM_ALLOC_ENABLE", raising=False)
    keep_pages()
    assert "THP_MEM_ALLOC_ENABLE" not in os.environ
