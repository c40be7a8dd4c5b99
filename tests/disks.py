"""Disks that are full or can't be written to: real ones, in memory, where this machine lets us."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def disk(at: Path, size: str) -> Iterator[Path]:
    """Mount an empty disk of ``size``, such as 3m, at a folder, or skip the test."""
    at.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at))
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def make_read_only(at: Path) -> None:
    """Forbid writing to a mounted disk, also to the superuser."""
    _mount("-o", "remount,ro", str(at))


def _mount(*words: str) -> None:
    try:
        done = subprocess.run(["mount", *words], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no mount on this machine")
    if done.returncode:
        pytest.skip(f"can't mount a disk here: {done.stderr.strip()}")
