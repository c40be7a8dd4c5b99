"""Runs and their processes: found again from the folder alone, and never mistaken for another."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from standin import wait_until

from vidgen.alive import Process, birth_of, process_of
from vidgen.config import ConfigError
from vidgen.jobs import OUTPUT, JobError
from vidgen.plan import Plan
from vidgen.runs import Run, list_runs, runs_folder


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_known_by_number_and_birth(sleeper):
    process = process_of(sleeper.pid)
    assert process and process.alive and not Process(sleeper.pid, "another time").alive
    assert not Process(sleeper.pid, "another time").send(signal.SIGKILL)
    assert sleeper.poll() is None, "a stranger was killed"
    assert process.send(signal.SIGTERM)
    wait_until(lambda: birth_of(sleeper.pid) is None)  # though nobody has waited for it yet
    assert not process.alive and not process.send(signal.SIGTERM)
    assert process_of(2**22 + 1) is None


def test_a_run_is_found_again_by_its_folder(tmp_path, sleeper):
    run = Run(tmp_path / "mine")
    run.write_plan(Plan("smoke", steps=20))
    assert (run.standing, run.plan) == ("failed", Plan("smoke", steps=20))
    run.claim(sleeper.pid)
    again = list_runs(tmp_path)[0]
    assert (again.name, again.standing) == ("mine", "starting")
    os.utime(again.folder / "process.json", (0, 0))
    again.log.write_text("{}\n")
    assert again.standing == "running"
    assert again.stop() and again.standing in ("pausing", "failed")
    sleeper.wait()
    (again.folder / "state").mkdir()
    assert again.standing == "cut" and not again.stop()
    for code, standing in (
        (0, "finished"),
        (143, "paused"),
        (130, "paused"),
        (137, "cut"),
        (1, "failed"),
    ):
        again.leave(code)
        assert again.standing == standing


def test_a_foreign_process_of_the_same_number_is_left_alone(tmp_path, sleeper):
    run = Run(tmp_path)
    run.claim(sleeper.pid)
    path = tmp_path / "process.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "born": "before the last boot"}))
    assert run.process is None and not run.stop()
    assert sleeper.poll() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "pid": "x", "born": 1}']
)
def test_a_damaged_file_is_as_good_as_none(tmp_path, text):
    for name in ("process.json", "asked.json", "shipped.json"):
        (tmp_path / name).write_text(text)
    run = Run(tmp_path)
    assert (run.process, run.plan, run.shipped, run.standing) == (None, None, {}, "failed")


def test_only_what_is_a_run_is_listed_the_newest_first(tmp_path):
    for age, name in enumerate(("old", "new", ".hidden", "-x", "a b")):
        Run(tmp_path / name).write_plan(Plan("smoke"))
        os.utime(tmp_path / name / "asked.json", (age, age))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert [run.name for run in list_runs(tmp_path)] == ["new", "old"]
    assert list_runs(tmp_path / "nowhere") == []


def test_the_last_words_are_the_last_line(tmp_path):
    run = Run(tmp_path)
    assert run.last_words() == ""
    (tmp_path / OUTPUT).write_text("x" * 9000 + "\n 1/9\r 2/9\r\ntrain run: no such data\n\n")
    assert run.last_words() == "train run: no such data"


def test_a_run_is_taken_away_with_all_it_saved_and_nothing_else(tmp_path, sleeper):
    outside = tmp_path / "outside"
    Run(outside / "other").write_plan(Plan("smoke"))
    runs = tmp_path / "runs"
    run = Run(runs / "mine")
    run.write_plan(Plan("smoke"))
    (run.folder / "state").mkdir()
    (run.folder / "link").symlink_to(outside)
    run.claim(sleeper.pid)
    with pytest.raises(JobError, match="mine is being worked on"):
        run.remove()
    run.leave(143)
    with (run.folder / Run.LOCK).open("w") as lock:  # one that was started in a shell just now
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(JobError, match="mine is being worked on"):
            run.remove()
    (runs / ".deleted-killed" / "mine").mkdir(parents=True)
    run.remove()
    assert list(runs.iterdir()) == [] and (outside / "other" / "asked.json").exists()
    (runs / "away").symlink_to(outside / "other")
    (runs / "strange").mkdir()
    (runs / "strange" / "log.jsonl").touch()
    for name in ("away", "strange"):
        with pytest.raises(JobError, match=f"{name} was not deleted"):
            Run(runs / name).remove()
    assert (outside / "other" / "asked.json").exists() and (runs / "strange").is_dir()


def test_where_runs_lie_is_checked(tmp_path):
    assert runs_folder({}).name == "runs"
    assert runs_folder({"VIDGEN_RUNS": str(tmp_path / "new")}) == tmp_path / "new"
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"VIDGEN_RUNS is .*legal is a folder"):
        runs_folder({"VIDGEN_RUNS": str(tmp_path / "file")})


def test_nothing_half_written_is_left(tmp_path):
    Run(tmp_path).claim(os.getpid())
    assert [path.name for path in Path(tmp_path).iterdir()] == ["process.json"]


def test_a_folder_that_was_taken_away_stays_away(tmp_path):
    run = Run(tmp_path / "mine")
    run.write_plan(Plan("smoke"))
    run.launch([sys.executable, "-c", "import time; time.sleep(600)"])
    process = run.process
    assert process
    shutil.rmtree(run.folder)
    process.send(signal.SIGKILL)
    wait_until(lambda: not any(t.name == f"await {process.pid}" for t in threading.enumerate()))
    assert not run.folder.exists()
