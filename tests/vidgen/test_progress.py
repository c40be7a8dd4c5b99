"""How a run goes, from its log: torn lines, steps written twice, numbers that are none."""

from __future__ import annotations

import json

import pytest

from vidgen.progress import Log, curves, pace


def line(step: int, **values: float) -> str:
    return json.dumps({"step": step, "clips": 4 * step, "seconds": step / 2, **values}) + "\n"


@pytest.fixture
def log(tmp_path) -> Log:
    return Log(tmp_path / "log.jsonl")


def test_a_log_is_read_on_and_a_torn_line_waits(log):
    assert not log.read() and curves(log) == {}
    log.path.write_text(line(10, loss_g=1.0) + '{"step": 20, "lo')
    assert log.read() and curves(log)["loss_g"] == [1.0]
    with log.path.open("a") as file:
        file.write('ss_g": 3.0}\nno json\n[1]\n{"loss_g": 2}\n')
        file.write('{"event": "collapse", "step": 20, "since": 5}\n')
    assert log.read() and not log.read()
    assert curves(log)["loss_g"] == [1.0, 3.0] and log.events == [{"step": 20, "event": "collapse"}]


def test_steps_that_are_written_again_count_once(log):
    log.path.write_text("".join(line(step, loss_g=step) for step in (10, 20, 30)))
    log.read()
    with log.path.open("a") as file:  # it was cut, and went on from step 15
        file.write(line(20, loss_g=-1))
    log.read()
    assert (curves(log)["step"], curves(log)["loss_g"]) == ([10, 20], [10, -1])


def test_another_log_of_that_name_is_read_anew(log):
    log.path.write_text(line(10) + line(20))
    log.read()
    log.path.unlink()
    assert log.read() and not log.lines
    log.path.write_text(line(10))
    log.read()
    assert curves(log)["step"] == [10]


def test_a_long_log_becomes_few_points_and_nan_none(log):
    log.path.write_text("".join(line(k, a=k % 2) for k in range(1000)) + line(1000, a=float("nan")))
    log.read()
    told = curves(log, points=100)
    assert len(told["step"]) == 91 and told["step"][-1] == 1000
    assert told["a"][0] == pytest.approx(0.5, abs=0.1) and told["a"][-1] == 0.5
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_the_time_that_is_left_follows_the_pace_and_the_budget(log):
    assert pace(log, 100)["left"] is None
    log.path.write_text(line(10))
    log.read()
    first = pace(log, 110)
    assert (first["step"], first["left"], first["clips_a_second"]) == (10, 50, 8)
    log.path.write_text("".join(line(step) for step in range(10, 60, 10)))
    log.read()
    assert pace(log, 110)["left"] == 30
    assert pace(log, 110, seconds=30)["left"] == 5
    assert pace(log, None)["left"] is None


def test_time_is_that_of_the_day_where_a_log_has_it(log):
    """A CPU's own seconds are of all its threads: eight in each second, or half of one."""
    log.path.write_text("".join(line(step, wall=step / 16) for step in (80, 160)))
    log.read()
    found = pace(log, 320, seconds=60)
    assert (found["seconds"], found["clips_a_second"], found["left"]) == (10, 64, 10)
    assert pace(log, None, seconds=60)["left"] == 50
