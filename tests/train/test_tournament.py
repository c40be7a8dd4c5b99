"""The tournament: every row trains, ends, resumes, fails by itself, and stands in the table."""

import json
from dataclasses import replace
from typing import get_args

import pytest
import torch
from bars import Bars

from train import budget, features, run, tournament
from train.__main__ import main
from train.config import Optimizer, Slope, TrainConfig
from train.contestants import CONTESTS, contestants
from train.data import open_source
from train.methods import ORIGINAL
from train.run import Run, RunError
from train.standings import collapses, differences, number, table, weakest
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
    monkeypatch.setattr(tournament, "installed", lambda device: [])


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
    assert {c.optimizer for c in configs} == set(get_args(Optimizer))
    assert {c.slope for c in configs} == set(get_args(Slope))


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
    assert rows[SMALL_ROWS[1]]["weakest"] is None
    value, low, high = rows[SMALL_ROWS[0]]["judge"]["alignment"]
    assert 0 <= rows[SMALL_ROWS[0]]["weakest"]["alignment"] <= value
    assert rows[SMALL_ROWS[0]]["weakest"]["class"].startswith("bar ")
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
            self.cut = config.model.family == "stgan"
            if self.cut:
                self.loop.pace = replace(self.loop.pace, last=1)

        def go(self):
            super().go()
            return 130 if self.cut else 0

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


def test_a_budget_of_time_becomes_steps_and_stretches_the_run(tmp_path, monkeypatch):
    ((name, config),) = contestants("families", PHENOMENA, ["progressive:wasserstein"]).items()
    args = tournament_args(tmp_path, budget=20.0)
    planned = []
    for cost in (0.5, 5.0):  # a busier machine changes no plan
        monkeypatch.setattr(tournament, "step_seconds", lambda *_, cost=cost: [cost])
        row = Contestant(name, config, args)
        tournament.plan([row], PHENOMENA)
        planned.append(row.config)
    assert (planned[0].steps, planned[0].burn_in, planned[0].growth) == (40, 20, 10)
    assert planned[1] == planned[0]


def tournament_args(out, **changes):
    from argparse import Namespace

    return Namespace(
        **{"out": out, "clips": None, "budget": None, "device": "cpu", "precision": "fp32",
           "threads": 1, "measured": 40, "again": False, "data_root": None, "download": False}
        | changes
    )  # fmt: skip


def test_a_step_costs_the_same_beside_other_load_and_whenever_it_is_planned(tmp_path, monkeypatch):
    """The clock goes on by what each thing costs: more in the first round, and later in a run."""
    now, order, load = [0.0], [], [1.0]

    class Steps:
        def __init__(self, config, *words):
            self.config, self.step_number, self.not_finite = config, 0, torch.zeros(())

        def step(self):
            order.append(self.config.batch)
            late = self.step_number >= self.config.steps / 2
            now[0] += load[0] * self.config.batch * (2 if late else 1)

    class Reference:
        def __init__(self, device):
            pass

        def seconds(self):
            now[0] += 0.1 * load[0]
            return 0.1 * load[0]

    monkeypatch.setattr(budget, "Trainer", Steps)
    monkeypatch.setattr(budget, "Reference", Reference)
    monkeypatch.setattr(budget, "clock", lambda device: now[0])
    config = CONTESTS["families"](PHENOMENA)["stgan:relativistic"]
    configs = [replace(config, batch=batch) for batch in (1, 2)]
    for load[0] in (1.0, 1.5):
        costs = budget.step_seconds(
            configs, PHENOMENA, torch.device("cpu"), False, tmp_path / "reference.json"
        )
        assert costs == pytest.approx([1.6, 3.2]), "three of five moments are late ones"
    assert order[:20] == [1] * 10 + [2] * 10 == order[20:40], "in turn"
    (tmp_path / "reference.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"reference\.json is damaged"):
        budget.step_seconds(
            configs, PHENOMENA, torch.device("cpu"), False, tmp_path / "reference.json"
        )


def test_the_reference_is_real_work_that_takes_time():
    reference = budget.Reference(torch.device("cpu"))
    assert reference.seconds() > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--clips", "64"), "clips 96, asked is 64"),
     (("--threads", "2"), "threads 1, asked is 2"),
     (("--measured", "50"), "measured 40, asked is 50")],
)  # fmt: skip
def test_a_plan_of_other_terms_is_refused(tmp_path, bars, capsys, words, said):
    rows = SMALL_ROWS[:1]
    assert hold(tmp_path, rows=rows) == 0
    table = (tmp_path / "table.md").read_bytes()
    assert hold(tmp_path, *words, rows=rows) == 2
    said = f"row vgan-non-saturating was planned with {said}; ask for the same, or choose another"
    assert said in capsys.readouterr().err
    assert (tmp_path / "table.md").read_bytes() == table


def test_a_damaged_plan_is_refused(tmp_path, bars, capsys):
    folder = tmp_path / "rows" / "vgan-non-saturating"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text('{"data": "bars"}')
    assert hold(tmp_path, rows=SMALL_ROWS[:1]) == 2
    assert "plan.json is no plan of this version; choose another --out" in capsys.readouterr().err


def test_more_clips_may_be_measured_again(tmp_path, bars):
    rows = SMALL_ROWS[:1]
    assert hold(tmp_path, rows=rows) == 0
    assert hold(tmp_path, "--measured", "50", "--again", rows=rows) == 0
    assert "50 clips measured a row" in (tmp_path / "table.md").read_text()
    assert hold(tmp_path, "--measured", "50", rows=rows) == 0
    assert hold(tmp_path, rows=rows) == 2


def test_a_row_whose_save_was_cut_between_its_renames_goes_on(tmp_path, bars):
    assert hold(tmp_path, rows=SMALL_ROWS[:1]) == 0
    folder = tmp_path / "rows" / "vgan-non-saturating"
    (folder / "state").rename(folder / "state.old")
    (folder / "result.json").unlink()
    written = (folder / "release.safetensors").stat().st_mtime_ns
    assert hold(tmp_path, rows=SMALL_ROWS[:1]) == 0
    assert (folder / "release.safetensors").stat().st_mtime_ns == written, "not trained anew"


def test_the_table_shows_intervals_collapses_and_what_there_is_not():
    row = {"parameters": 12345, "ms_a_clip": 3.21, "steps": 10, "clips": 320, "seconds": 9.6,
           "batch_diversity": 0.05, "collapse": [{"event": "collapse", "since": 200, "step": 300}],
           "revision": "c0ffee123", "weakest": {"class": "Spring", "alignment": 0.01},
           "judge": {"alignment": [0.5, 0.45, 0.55], "motion_ratio": 1.2345}}  # fmt: skip
    lines = table({"a": row, "b": row | {"judge": {"alignment": None}}}).splitlines()
    assert lines[2] == (
        "| a | 12k | 3.2 | 10 | 320 | 10 | c0ffee1 | 0.05 | from step 200 | 0.01 Spring "
        "| 0.5 (0.45 to 0.55) | 1.23 |"
    )
    assert lines[3].endswith("| - | - |")
    assert weakest({"class": "Spring", "alignment": 1.0}) == "1.00", "no class is weaker"
    assert collapses([*row["collapse"], {"event": "recovered", "step": 400}]) == (
        "from step 200 to 400"
    )
    assert collapses([]) == "no" and collapses(None) == "too short"


def test_a_row_from_before_batch_diversity_had_its_name_is_shown_too():
    row = {"parameters": 1000, "ms_a_clip": 1.0, "steps": 10, "clips": 320, "seconds": 9.6,
           "diversity": 0.25, "collapse": [], "revision": "c0ffee123", "judge": {}}  # fmt: skip
    assert table({"a": row}).splitlines()[2].endswith("| 0.25 | no | - |")
    assert number(0.123456) == "0.123"


def test_the_heading_says_if_rows_are_of_other_code_or_took_longer(tmp_path):
    row = {"revision": "c0ffee1234", "seconds": 600.0}
    assert differences({"a": row, "b": row | {"seconds": 655.0}, "c": {"failed": "full"}}) == ""
    others = {"b": {"revision": "badcafe000+", "seconds": 600.0}, "c": row | {"seconds": 497.4}}
    assert differences({"a": row, **others}) == (
        "; of different revisions: c0ffee1, badcafe+; seconds differ: 497 to 600"
    )
    assert differences({}) == ""
