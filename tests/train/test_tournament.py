"""The tournament: every row trains, ends, resumes, fails by itself, and stands in the table."""

import json
from dataclasses import replace

import pytest
import torch
from bars import Bars

from train import features, run, tournament
from train.__main__ import main
from train.config import TrainConfig
from train.contestants import CONTESTS, contestants
from train.data import open_source
from train.methods import ORIGINAL
from train.run import Run, RunError
from train.standings import collapses, number, table
from train.tournament import Contestant
from train.trainer import Trainer
from vidgen.config import ConfigError
from vidgen.release import load_generator, sha256_of

SMALL_ROWS = ["vgan:non-saturating", "stgan:relativistic:no-labels"]
PHENOMENA = open_source("phenomena-32", None, "cpu")
ROWS = [(contest, name) for contest, rows in CONTESTS.items() for name in rows(PHENOMENA)]


@pytest.fixture
def bars(monkeypatch):
    """The bars in place of every data set, and a judge of theirs that is made in no time."""
    for module in (run, tournament):
        monkeypatch.setattr(module, "open_source", lambda *words: Bars())
    monkeypatch.setitem(features.PRESETS, "bars", features.JudgeConfig(steps=3, batch=8))


def hold(out, *words, rows=SMALL_ROWS):
    return main(["tournament", "--data", "bars", "--clips", "96", "--rows", *rows, "--out",
                 str(out), "--cache", str(out / "cache"), "--measured", "40", "--device", "cpu",
                 "--precision", "fp32", *words])  # fmt: skip


@pytest.mark.parametrize(("contest", "name"), ROWS)
def test_every_row_trains_and_is_what_its_json_says(contest, name):
    config = CONTESTS[contest](PHENOMENA)[name]
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    trainer = Trainer(replace(config, batch=4), PHENOMENA, torch.device("cpu"), bf16=False)
    for step in (0, config.steps // 2 + 1):  # a growing model: before it grows, and while it does
        trainer.step_number = step
        statistics = trainer.step()
        assert all(torch.isfinite(value) for value in statistics.values()), statistics
    if contest == "ablation" and name != "flagship":
        assert config != CONTESTS[contest](PHENOMENA)["flagship"]


def test_each_family_plays_by_its_papers_loss_and_each_loss_plays_for_the_flagship():
    rows = CONTESTS["families"](PHENOMENA)
    assert {f"{family}:{loss}" for family, loss in ORIGINAL.items()} <= set(rows)
    configs = rows.values()
    of_flagship = {c.loss for c in configs if c.model.family == "stgan" and c.labels}
    assert of_flagship == {c.loss for c in configs} | {"minimax"}
    assert any(not c.labels for c in configs)


def test_an_unknown_row_is_refused_with_those_that_are(tmp_path, bars, capsys):
    with pytest.raises(ConfigError, match="row is 'stgan:luck'; legal are framegan:"):
        contestants("families", PHENOMENA, ["stgan:luck"])
    assert hold(tmp_path, rows=["stgan:luck"]) == 2
    assert "row is 'stgan:luck'" in capsys.readouterr().err


def test_a_tournament_leaves_a_table_a_sheet_and_a_release_of_each_row(tmp_path, bars):
    assert hold(tmp_path) == 0
    rows = json.loads((tmp_path / "table.json").read_text())["rows"]
    assert list(rows) == SMALL_ROWS
    for name, row in rows.items():
        release = tmp_path / "rows" / name.replace(":", "-") / "release.safetensors"
        generator, info = load_generator(release)
        assert generator.config.family == row["family"]
        assert info.step * 32 == row["clips"] == 96
        assert row["bytes"] == release.stat().st_size
        assert row["seconds"] > 0
    assert rows[SMALL_ROWS[1]]["judge"]["alignment"] is None
    value, low, high = rows[SMALL_ROWS[0]]["judge"]["alignment"]
    assert 0 <= low <= value <= high <= 1
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert sum(line.startswith("| ") for line in lines) == 3
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_a_row_that_is_done_is_not_done_again_and_one_that_was_cut_goes_on(
    tmp_path, bars, monkeypatch
):
    assert hold(tmp_path / "whole") == 0
    weights = [tmp_path / "whole" / "rows" / name.replace(":", "-") / "state" / "part-0.safetensors"
               for name in SMALL_ROWS]  # fmt: skip

    class Cut(Run):
        def __init__(self, config, args):
            super().__init__(config, args)
            self.last = 1 if config.model.family == "stgan" else self.last

        def go(self):
            super().go()
            return 130 if self.last == 1 else 0

    out = tmp_path / "cut"
    with monkeypatch.context() as patch:
        patch.setattr(tournament, "Run", Cut)
        assert hold(out) == 130
    assert not (out / "rows" / "stgan-relativistic-no-labels" / "result.json").exists()
    done = (out / "rows" / "vgan-non-saturating" / "release.safetensors").stat()
    assert hold(out) == 0
    assert (out / "rows" / "vgan-non-saturating" / "release.safetensors").stat() == done
    assert hold(out, "--again") == 0
    for path in weights:
        again = out / path.relative_to(tmp_path / "whole")
        assert sha256_of(again) == sha256_of(path)


def test_a_row_that_fails_says_so_and_the_others_play(tmp_path, bars, monkeypatch):
    class Breaks(Run):
        def go(self):
            if self.trainer.config.model.family == "vgan":
                raise RunError("not finite between step 0 and 50")
            return super().go()

    with monkeypatch.context() as patch:
        patch.setattr(tournament, "Run", Breaks)
        assert hold(tmp_path) == 1
    text = (tmp_path / "table.md").read_text()
    assert "| vgan:non-saturating | failed: not finite between step 0 and 50 |" in text
    rows = json.loads((tmp_path / "table.json").read_text())["rows"]
    assert rows[SMALL_ROWS[1]]["clips"] == 96
    assert hold(tmp_path) == 0, "what made it fail is gone"
    assert "failed" not in (tmp_path / "table.md").read_text()


def test_a_budget_of_time_becomes_steps_and_stretches_the_run(tmp_path, bars, monkeypatch):
    monkeypatch.setattr(tournament, "step_seconds", lambda *words: 0.5)
    config = contestants("families", PHENOMENA, ["progressive:wasserstein"])
    ((name, row),) = config.items()
    args = tournament_args(tmp_path, budget=20.0)
    contestant = Contestant(name, row, args)
    contestant.folder.mkdir(parents=True)
    plan = contestant.plan(Bars())
    assert (plan.steps, plan.burn_in, plan.growth) == (40, 20, 10)
    monkeypatch.setattr(tournament, "step_seconds", lambda *words: 5.0)
    assert Contestant(name, row, args).plan(Bars()) == plan  # a busier machine changes no plan


def tournament_args(out, **changes):
    from argparse import Namespace

    return Namespace(
        **{"out": out, "clips": None, "budget": None, "device": "cpu", "precision": "fp32",
           "threads": 1, "again": False, "data_root": None, "download": False} | changes
    )  # fmt: skip


def test_the_table_shows_intervals_collapses_and_what_there_is_not():
    row = {"parameters": 12345, "ms_a_clip": 3.21, "steps": 10, "clips": 320, "seconds": 9.6,
           "batch_diversity": 0.05, "collapse": [{"event": "collapse", "since": 200, "step": 300}],
           "judge": {"alignment": [0.5, 0.45, 0.55], "motion_ratio": 1.2345}}  # fmt: skip
    lines = table({"a": row, "b": row | {"judge": {"alignment": None}}}).splitlines()
    assert lines[2] == (
        "| a | 12k | 3.2 | 10 | 320 | 10 | 0.05 | from step 200 | 0.5 (0.45 to 0.55) | 1.23 |"
    )
    assert lines[3].endswith("| - | - |")
    assert collapses([*row["collapse"], {"event": "recovered", "step": 400}]) == (
        "from step 200 to 400"
    )
    assert collapses([]) == "no" and collapses(None) == "too short"


def test_a_row_from_before_batch_diversity_had_its_name_is_shown_too():
    row = {"parameters": 1000, "ms_a_clip": 1.0, "steps": 10, "clips": 320, "seconds": 9.6,
           "diversity": 0.25, "collapse": [], "judge": {}}  # fmt: skip
    assert table({"a": row}).splitlines()[2].endswith("| 0.25 | no |")
    assert number(0.123456) == "0.123"
