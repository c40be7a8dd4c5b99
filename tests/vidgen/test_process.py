"""Nothing that hangs holds up its caller, and what went wrong is said in a line."""

import threading
import time
from pathlib import Path

import pytest

from vidgen.process import ProcessError, call_limited, run_limited


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


def test_a_call_that_hangs_is_left_behind():
    hang = threading.Event()
    with pytest.raises(TimeoutError, match=r"more than 0\.1 s"):
        call_limited(hang.wait, 0.1)
    hang.set()


def test_a_call_in_time_returns_or_raises_what_it_does():
    assert call_limited(lambda: 7, 60) == 7
    with pytest.raises(ZeroDivisionError):
        call_limited(lambda: 1 // 0, 60)
