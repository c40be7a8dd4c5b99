"""How the page's server asks the program of slow motion: one at a time, and none is left behind."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from standin import wait_until

from vidgen.alive import process_of
from vidgen.jobs import JobError
from vidgen.slow import Slow

# Answers each line with it and its own number; leaves at some words, as the real one may.
PROGRAM = """
import json, os, sys
for line in sys.stdin:
    if line.startswith("critic"):
        sys.exit("no memory left")
    if line.startswith("generator"):
        print("not JSON", flush=True)
        continue
    print(json.dumps({"stage": line.strip(), "pid": os.getpid()}), flush=True)
"""


@pytest.fixture
def slow():
    slow = Slow((sys.executable, "-c", PROGRAM))
    yield slow
    slow.end()


def test_a_new_game_takes_the_place_of_the_old_one(slow):
    first = process_of(slow.begin({"data": "phenomena-32"})["pid"])
    assert first and slow.go({"go": "rounds"}) == {"stage": "rounds 10", "pid": first.pid}
    second = process_of(slow.begin({"data": "phenomena-32"})["pid"])
    assert second and second.alive and not first.alive
    assert slow.now()["told"] == {"stage": "draw", "pid": second.pid}
    slow.end()
    assert not second.alive and slow.now()["told"] is None


def test_a_game_that_is_gone_is_said_to_be_over(slow):
    os.kill(slow.begin({"data": "phenomena-32"})["pid"], signal.SIGKILL)
    wait_until(lambda: slow.now()["told"] is None)
    for _ in range(2):
        with pytest.raises(JobError, match="begin again"):
            slow.go({"go": "draw"})


def test_what_went_wrong_is_said_and_the_game_is_over(slow):
    for step, words in (("critic", "no memory left"), ("generator", "has ended")):
        process = process_of(slow.begin({"data": "phenomena-32"})["pid"])
        with pytest.raises(JobError, match=words):
            slow.go({"go": step})
        assert process and not process.alive and slow.now()["told"] is None
