"""The limits of the laws are fitted once, kept, and made again where the file is no such thing."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch

from train.data import open_source
from train.data.phenomena import Phenomena
from train.features import stamps
from train.judge.bench import Bench, Findings, View
from train.judge.controls import freeze
from train.judge.measure import obey
from train.judge.tables import MADE, REAL
from train.laws import LAWS, fit_limits, limits, measure_laws, residuals, share_lawful
from train.laws.limits import known_limits
from train.levels import to_levels

NAMES = [name.en for name in Phenomena.classes]
CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(limits, "CLIPS", 3)


def test_limits_are_fitted_once_and_kept(few, tmp_path, monkeypatch):
    found = known_limits(Phenomena(), tmp_path)
    assert set(found) == set(LAWS)
    assert all(0.5 <= limit["error"] < 2 and 5 < limit["extent"] < 60 for limit in found.values())
    monkeypatch.setattr(limits, "measure_laws", lambda *_: pytest.fail("measured again"))
    assert known_limits(Phenomena(), tmp_path) == found


def test_limits_are_what_is_measured_of_real_clips_of_their_class(few, tmp_path):
    found = known_limits(Phenomena(), tmp_path)
    label = NAMES.index("Mass on a spring")
    clips = limits._real(Phenomena(), label)
    assert clips.shape == (3, 16, 64, 64, 3) and clips.dtype == np.uint8
    measured = measure_laws(clips, np.full(3, label), NAMES)
    assert (
        found["Mass on a spring"]
        == fit_limits(measured, np.full(3, label), NAMES)["Mass on a spring"]
    )
    assert (residuals(measured, np.full(3, label), NAMES, found) < 1.1).all()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Pendulum": {"error": 1.0}}'])
def test_a_damaged_file_is_said_and_made_again(few, text, tmp_path, capsys):
    found = known_limits(Phenomena(), tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(text)
    assert known_limits(Phenomena(), tmp_path) == found
    assert "damaged" in capsys.readouterr().err
    assert '"Kepler orbit"' in file.read_text()


def test_what_stands_still_can_be_tracked_and_is_not_lawful(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "CLIPS", 40)
    indices = torch.arange(40)
    labels = indices % len(NAMES)
    times = stamps(40, CPU)
    clips = Phenomena().render(4, 0, indices, times, labels, split="held-out").clips
    real = ((clips + 1) * 127.5).round().to(torch.uint8)
    bench = SimpleNamespace(
        source=Phenomena(), cache=tmp_path, count=40, seed=0, half=lambda first: real
    )
    view = SimpleNamespace(
        bench=bench, labelled=True, seed=0, pixels=freeze(real), labels={MADE: labels, REAL: labels}
    )
    found = Findings(cast(Bench, bench))
    obey(cast(View, view), found)
    numbers = found.numbers
    assert numbers["laws"] == 0 and numbers["laws_real"] >= 0.9
    assert all(times <= 1 for times in numbers["laws_real_residual"].values())
    assert min(numbers["laws_residual"].values()) > 10
    assert numbers["laws_tracked"] == numbers["laws_real_tracked"] == dict.fromkeys(LAWS, 1.0)
    assert set(numbers["laws_limits"]) == set(LAWS)


@pytest.mark.slow
@pytest.mark.parametrize("data", ["phenomena", "phenomena-32"])
def test_real_clips_keep_their_law_by_the_limits_of_the_judge(data, tmp_path):
    source = open_source(data, None, "cpu")
    known = known_limits(source, tmp_path)
    for label, name in enumerate(NAMES):
        if name in LAWS:
            indices, labels = torch.arange(500), torch.full((500,), label)
            clips = source.render(11, 0, indices, stamps(500, CPU), labels, split="held-out").clips
            mine = labels.numpy()
            rows = measure_laws(to_levels(clips).permute(0, 1, 3, 4, 2).numpy(), mine, NAMES)
            ratios = residuals(rows, mine, NAMES, known)
            assert share_lawful(ratios, mine, NAMES)[name] >= 0.97, name
