"""`python app.py` as a real process, in a copy of the house with a small release of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lively_release import ship_lively
from standin import free_port, wait_until

ROOT = Path(__file__).parents[1]


@dataclass
class Running:
    """A running page: where it is, its process and what it said."""

    address: str
    process: subprocess.Popen
    log: Path
    house: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def faults(self) -> list[str]:
        """Return the lines of tracebacks that passed through our code."""
        return [line for line in self.said().splitlines() if f'File "{self.house}' in line]


def copy_house(folder: Path) -> Path:
    """Copy what a Space checks out, with one small release that runs; return its root."""
    house = folder / "house"
    shutil.copytree(ROOT / "vidgen", house / "vidgen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", house)
    checkpoints = house / "checkpoints"
    checkpoints.mkdir()
    ship_lively(checkpoints)
    return house


@contextlib.contextmanager
def running_app(folder: Path, **env: str) -> Iterator[Running]:
    """Start the page in a copy of the house; see ``running_house``."""
    with running_house(copy_house(folder), folder / "log.txt", **env) as running:
        yield running


@contextlib.contextmanager
def running_house(house: Path, log: Path, **env: str) -> Iterator[Running]:
    """Start the page on a free port and wait until it answers; end it if the test did not."""
    port = free_port()
    ports = {"VIDGEN_PORT": str(port), "GRADIO_SERVER_PORT": str(port)}
    settings = {**os.environ, **ports, "CUDA_VISIBLE_DEVICES": "", **env}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=house, env=settings, stdout=said, stderr=said
        )
    running = Running(f"http://127.0.0.1:{port}", process, log, house)

    def answers() -> bool:
        assert process.poll() is None, f"it ended with {process.poll()}: {running.said()}"
        try:
            with urllib.request.urlopen(f"{running.address}/start", timeout=30):
                return True
        except (urllib.error.URLError, OSError):
            return False

    try:
        wait_until(answers, 180)
        yield running
    finally:
        process.kill()
        process.wait()
