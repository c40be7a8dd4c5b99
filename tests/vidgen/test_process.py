"""A program never outlives its call, and what went wrong is said in a line."""

import time
from pathlib import Path

import pytest

from vidgen.process import ProcessError, run_limited


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path):
    mark = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {mark}; wait"
    with pytest.raises(ProcessError, match=r"more than 0\.5 s"):
        run_limited(["/bin/sh", "-c", script], b"", 0.5)
    child = Path(f"/proc/{mark.read_text().strip()}/stat")
    for _ in range(100):  # until init has taken note
        if not child.exists() or child.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child is still running")


def test_a_program_that_is_not_there_or_fails_is_said():
    with pytest.raises(ProcessError, match="can't be run"):
        run_limited(["/nowhere/ffmpeg"], b"", 1)
    with pytest.raises(ProcessError, match="the last line"):
        run_limited(["/bin/sh", "-c", "echo first >&2; echo the last line >&2; exit 3"], b"", 5)
    assert run_limited(["/bin/cat"], b"x" * 300_000, 5) == b"x" * 300_000
