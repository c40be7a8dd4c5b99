"""Faults of a run on real processes and disks: killed at any moment, full, not to be written to."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from disks import disk, make_read_only
from safetensors.torch import load_file

from train.__main__ import main
from vidgen.release import load_generator, sha256_of

STEPS = 12


def words(out, root, *more):
    return ["run", "--preset", "smoke", "--data-root", str(root), "--out", str(out), "--threads",
            "1", "--device", "cpu", "--precision", "fp32", *more]  # fmt: skip


def state_step(out: Path) -> int:
    """Read the whole state as a resumed run would; returns its step, -1 where there is none."""
    folder = out / "state" if (out / "state").exists() else out / "state.old"
    if not folder.exists():
        return -1
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["parts"].items():
        assert sha256_of(folder / name) == digest
        load_file(folder / name)
    return manifest["step"]


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_at_any_moment_goes_on_as_if_it_never_was(
    tmp_path, digits_root, kills
):
    """Saving after every step, so that most kills hit a save."""
    out, unbroken = tmp_path / "run", tmp_path / "unbroken"
    moments = random.Random(kills)
    reached = -1
    for number in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "train"]
            + words(out, digits_root, "--save-every", "0s", "--max-steps", str(STEPS - 1))
            + (["--resume"] if state_step(out) >= 0 else []),
            env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while process.poll() is None and state_step_loosely(out) <= reached:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.5))
        process.kill()
        process.wait()
        step = state_step(out)
        assert step >= reached, "nothing is lost beyond the last save"
        reached = step
        if (out / "release.safetensors").exists():
            load_generator(out / "release.safetensors")
        assert number < 2 or reached > 0
    assert main(words(out, digits_root, "--resume", "--max-steps", str(STEPS))) == 0
    assert main(words(unbroken, digits_root, "--max-steps", str(STEPS))) == 0
    for part in sorted((unbroken / "state").glob("part-*")):
        assert sha256_of(part) == sha256_of(out / "state" / part.name)


def state_step_loosely(out: Path) -> int:
    """The step of the state while a process may be replacing it."""
    try:
        return json.loads((out / "state" / "manifest.json").read_text())["step"]
    except (OSError, ValueError):
        return -1


def test_a_disk_that_fills_up_keeps_the_last_good_state(tmp_path, digits_root, capsys):
    with disk(tmp_path / "disk", "4m") as at:
        out = at / "run"
        assert main(words(out, digits_root, "--max-steps", "2")) == 0
        room = os.statvfs(at).f_bavail * os.statvfs(at).f_frsize
        (at / "ballast").write_bytes(bytes(room - 200_000))  # a log fits, a state does not
        assert main(words(out, digits_root, "--resume", "--max-steps", "4")) == 1
        assert "No space left on device; the state of step 2 stays" in capsys.readouterr().err
        assert state_step(out) == 2
        load_generator(out / "release.safetensors")
        (at / "ballast").unlink()
        assert main(words(out, digits_root, "--resume", "--max-steps", "4")) == 0
        assert state_step(out) == 4


def test_a_disk_that_can_t_be_written_to_is_said_at_once(tmp_path, digits_root, capsys):
    with disk(tmp_path / "disk", "4m") as at:
        out = at / "run"
        assert main(words(out, digits_root, "--max-steps", "2")) == 0
        make_read_only(at)
        assert main(words(out, digits_root, "--resume", "--max-steps", "4")) == 1
        assert f"--out {out} can't be written: Read-only file system" in capsys.readouterr().err
        assert state_step(out) == 2
