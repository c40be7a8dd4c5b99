"""Single steps: the same game as without them, told in numbers that hold; and it always ends."""

from __future__ import annotations

import base64
import io
import json
import math
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from bars import Bars
from PIL import Image

from train.rounds import Rounds
from train.slow import slow_config
from train.state import trainer_tensors
from train.trainer import Trainer

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "train", "slow", "--data", "phenomena-32")


def make_trainer() -> Trainer:
    source = Bars()
    return Trainer(slow_config(source), source, torch.device("cpu"), bf16=False)


def same_weights(one: Trainer, other: Trainer) -> bool:
    ours, theirs = trainer_tensors(one), trainer_tensors(other)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


def losses(real: list[float], fake: list[float]) -> float:
    """The critic's loss by the equation that the page shows."""
    pairs = zip(real, fake, strict=True)
    return sum(math.log(1 + math.exp(f - r)) for r, f in pairs) / len(real)


def test_slow_steps_leave_the_weights_of_fast_ones():
    fast, slow = make_trainer(), make_trainer()
    for _ in range(4):
        fast.step()
    rounds = Rounds(slow)
    rounds.draw()
    rounds.critic()
    rounds.generator()
    rounds.draw()
    assert rounds.critic()["next"] == "generator"
    told = rounds.play(2)  # the one that has begun, and two more
    assert (told["stage"], told["round"], told["next"]) == ("generator", 4, "draw")
    assert told["history"]["step"] == [1, 2, 3, 4] and None not in told["history"]["loss_g"]
    rounds.next_round()
    assert slow.step_number == fast.step_number and same_weights(slow, fast)


def test_what_is_told_can_be_worked_out():
    rounds = Rounds(make_trainer())
    drawn, critic, generator = rounds.draw(), rounds.critic(), rounds.generator()
    for when in (0, 1):
        real, fake = ([pair[when] for pair in critic["scores"][kind]] for kind in ("real", "fake"))
        assert math.isclose(critic["numbers"]["loss"][when], losses(real, fake), rel_tol=1e-3)
        real, fake = ([pair[when] for pair in generator["scores"][k]] for k in ("real", "fake"))
        assert math.isclose(generator["numbers"]["loss"][when], losses(fake, real), rel_tol=1e-3)
    told = critic["numbers"]
    total = told["loss"][0] + told["gamma"] * told["penalty"]
    assert math.isclose(told["total"], total, rel_tol=1e-3)
    assert told["loss"][1] < told["loss"][0] == drawn["numbers"]["loss_d"]
    assert generator["numbers"]["loss"][1] < generator["numbers"]["loss"][0]
    assert [pair[1] for pair in critic["scores"]["fake"]] == [
        pair[0] for pair in generator["scores"]["fake"]
    ]
    for each in (drawn, critic, generator):
        sheet = each["sheet"]
        picture = Image.open(io.BytesIO(base64.b64decode(each["picture"])))
        assert sheet["clips"] == 8 * len(each["rows"])
        assert picture.width == sheet["across"] * sheet["columns"] * sheet["width"]


def test_each_player_can_be_trained_alone():
    rounds = Rounds(make_trainer())
    before = {k: v.clone() for k, v in rounds.trainer.generator.state_dict().items()}
    names = [rounds.critic()["names"] for _ in range(3)]
    after = rounds.trainer.generator.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert rounds.trainer.step_number == 2 and len({str(each) for each in names}) > 1
    told = rounds.play(1)
    assert told["history"]["loss_g"][:2] == [None, None] and told["round"] == 4


def ask(process: subprocess.Popen, words: str) -> dict:
    assert process.stdin and process.stdout
    process.stdin.write(f"{words}\n".encode())
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@pytest.fixture
def start():
    """Start the program, with a pipe to ask it through; what is left of it is killed."""
    started = []

    def start_(*words: str) -> subprocess.Popen:
        pipe = subprocess.PIPE
        process = subprocess.Popen([*PROGRAM, *words], cwd=ROOT, stdin=pipe, stdout=pipe)
        started.append(process)
        return process

    yield start_
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_program_answers_refuses_and_ends_with_the_questions(start):
    process = start()
    assert "legal is draw, critic" in ask(process, "leap")["error"]
    assert "rounds 101" in ask(process, "rounds 101")["error"]
    assert "legal is" in ask(process, "")["error"]
    process.stdin.write(b"draw\ncritic\n")  # both wait at once
    process.stdin.flush()
    stages = [json.loads(process.stdout.readline())["stage"] for _ in range(2)]
    assert stages == ["draw", "critic"]
    process.stdin.close()
    assert process.wait(60) == 0


def test_the_program_ends_when_nobody_asks(start):
    process = start("--idle", "0.3s")
    assert process.wait(120) == 0


def test_the_program_ends_with_who_asked():
    program = f"""
import subprocess, time
process = subprocess.Popen({list(PROGRAM)!r}, stdin=subprocess.PIPE, start_new_session=True)
print(process.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert select.select([child], [], [], 120)[0], "an orphan goes on"
    os.close(child)


def test_without_its_files_it_says_where_they_were_looked_for(tmp_path):
    words = [*PROGRAM[:-1], "digits-32", "--data-root", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and f"no MNIST digits under {tmp_path}" in done.stderr
