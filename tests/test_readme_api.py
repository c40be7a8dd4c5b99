"""The README's examples for programs, run as they stand against a real server."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from standin import ROWS, StandInEngine, StandInShelf, served

from vidgen.config import ClassName
from vidgen.request import from_form
from vidgen.service import Service
from vidgen.ui.endpoint import make_endpoints
from vidgen.video import read_video

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SECTION = README.split("## From a program\n")[1].split("\n## ")[0]
DIGITS = dataclasses.replace(
    ROWS[0], name="digits-64", classes=tuple(ClassName(f"{k}", f"{k}") for k in range(10))
)


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTION, re.S)
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A server where the examples look for one: (address, engine)."""
    shelf, engine = StandInShelf([DIGITS]), StandInEngine(seconds=0)
    service = Service(shelf, engine)
    with served(service, shelf, tmp_path_factory.mktemp("checkpoints")) as address:
        yield address, engine
    service.close()


def asked(*forms: dict[str, str]) -> list:
    return [from_form(form, [DIGITS]) for form in forms]


def test_the_python_example_runs(world, tmp_path):
    address, engine = world
    engine.asked.clear()
    code = block("python").replace("http://127.0.0.1:7860", address)
    code += "print(video, len(requests), understood['seed'], sep='\\n')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    video, clips, seed = done.stdout.splitlines()[-3:]
    assert (clips, seed) == ("6", "3.0") and len(read_video(Path(video), 100)) == 6 * 16
    mixes = [{"class": "3", "class_b": "8", "mix": f"{k / 5}"} for k in range(6)]
    assert engine.asked == asked({"class": "7", "seed": "3"}, *mixes)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_shell_example_runs(world, tmp_path):
    address, engine = world
    engine.asked.clear()
    script = block("sh").replace("http://127.0.0.1:7860", address)
    command = ["bash", "-eu", "-o", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(read_video(tmp_path / "seven.mp4")) == 16
    assert len(read_video(tmp_path / "sevens.mp4", 100)) == 6 * 16
    walk = [{"class": "7", "seed": "3", "seed_b": "9", "t": f"{k / 5}"} for k in range(6)]
    assert engine.asked == asked({"class": "7", "seed": "3"}, *walk)


def test_the_table_names_every_argument():
    rows = re.findall(r"^\| (`.*?) \|", SECTION, re.M)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    service = Service(StandInShelf(), StandInEngine())
    service.close()
    path = make_endpoints(service)["path"]
    assert sorted(named) == sorted(path.__annotations__)
