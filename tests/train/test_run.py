"""Runs: exact resume, stops that lose nothing, and faults that say what stays."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from train.__main__ import main
from train.claim import claimed
from train.config import TrainConfig
from train.data import ClipSource
from train.journal import Journal
from train.presets import PRESETS
from train.sheets import sample
from train.state import StateError, load_state, save_state, trainer_tensors
from train.trainer import STATISTICS, Trainer
from vidgen.config import ClipShape
from vidgen.families import StganConfig
from vidgen.index import read_index
from vidgen.lapse import read_lapse
from vidgen.moments import list_moments, read_moment, read_picture
from vidgen.plan import Plan
from vidgen.release import load_generator, read_info, sha256_of
from vidgen.runs import Run

STATE_BYTES = 96 * 10**6


def run(out, root, *words):
    return main(["run", "--preset", "smoke", "--data-root", str(root), "--out", str(out),
                 "--threads", "1", "--device", "cpu", "--precision", "fp32", "--no-watch",
                 *words])  # fmt: skip


def tensors_in(out):
    tensors = {}
    for part in (out / "state").glob("part-*.safetensors"):
        tensors |= load_file(part)
    return tensors


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, digits_root):
    """A run of eight steps in one go, which is watched."""
    out = tmp_path_factory.mktemp("unbroken") / "run"
    assert run(out, digits_root, "--max-steps", "8", "--watch") == 0
    return out


def test_a_run_leaves_a_log_sheets_a_state_and_a_release(unbroken):
    lines = [json.loads(line) for line in (unbroken / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 8
    assert lines[-1]["clips"] == 8 * PRESETS["smoke"].batch
    assert set(STATISTICS) <= set(lines[-1])
    assert (unbroken / "sheet-000008.png").read_bytes().startswith(b"\x89PNG")
    generator, info = load_generator(unbroken / "release.safetensors")
    assert info.step == 8
    assert info.dataset["name"] == "digits"
    assert info.train == json.loads(json.dumps(PRESETS["smoke"].to_dict()))
    assert generator.content_mean.abs().sum() > 0


def test_a_run_can_be_watched(unbroken):
    assert list_moments(unbroken) == [0, 8]
    for step in (0, 8):
        words = read_moment(unbroken, step)
        assert words and words["step"] == step and len(words["shown"]) == 10
        assert [critic["kind"] for critic in words["critics"]] == ["frame", "moments"]
        for kind, shape in (("clips", words["shape"]), ("heat", words["heat"])):
            picture = Image.open(io.BytesIO(read_picture(unbroken, step, kind) or b""))
            assert picture.width == shape["across"] * shape["columns"] * shape["width"]


def test_a_folder_knows_what_was_asked_and_how_it_ended(unbroken, digits_root):
    folder = Run(unbroken)
    assert folder.plan == Plan("smoke", str(digits_root), 8, last=8)
    assert (folder.standing, folder.process) == ("finished", None)


def test_the_time_lapse_of_a_run_ships_with_its_release(unbroken, tmp_path):
    ship = ["ship", "--release", str(unbroken / "release.safetensors"), "--folder", str(tmp_path)]
    assert main([*ship, "--name", "mine"]) == 0
    (row,), _ = read_index(tmp_path)
    lapse = read_lapse(tmp_path, row)
    assert lapse and lapse.steps == (0, 8) and lapse.shape["clips"] == 2 * len(lapse.shown) == 10
    assert len(lapse.data) <= 600_000
    assert Image.open(io.BytesIO(lapse.data)).width == lapse.shape["across"] * 3 * 64
    again = ["ship", "--release", str(tmp_path / "mine.safetensors"), "--folder", str(tmp_path)]
    assert main(again) == 0 and read_lapse(tmp_path, row) == lapse  # in place, with its numbers
    assert main([*again, "--half"]) == 0
    (other,), _ = read_index(tmp_path)
    assert read_lapse(tmp_path, other) is None and not list(tmp_path.glob("*.lapse.*"))


def test_a_folder_has_one_run_at_a_time(unbroken, digits_root, capsys):
    with claimed(unbroken):
        assert run(unbroken, digits_root, "--resume") == 2
    assert f"where process {os.getpid()} trains already" in capsys.readouterr().err


def test_who_wants_tensorboard_and_lacks_it_is_told(tmp_path, digits_root, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert run(tmp_path / "run", digits_root, "--max-steps", "1", "--tensorboard") == 2
    assert "pip install tensorboard" in capsys.readouterr().err
    assert Run(tmp_path / "run").standing == "failed"


def test_tensorboard_is_told_what_the_log_says(tmp_path):
    journal = Journal(tmp_path, tensorboard=True)
    journal.write({"step": 10, "clips": 40, "seconds": 1.0, "loss_g": 0.5})
    journal.write({"event": "collapse", "step": 20})
    journal.close()
    assert [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").open()] == [10, 20]
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss_g")] == [(10, 0.5)]
    assert events.Tags()["scalars"] == ["loss_g"], "where a line stands is no curve"
    (event,) = events.Tensors("events/text_summary")
    assert event.step == 20 and b"collapse" in event.tensor_proto.string_val[0]


def test_an_interrupted_run_gives_the_same_weights(unbroken, tmp_path, digits_root):
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "3") == 0
    assert run(out, digits_root, "--max-steps", "8", "--resume") == 0
    for part in sorted((unbroken / "state").glob("part-*")):
        assert sha256_of(part) == sha256_of(out / "state" / part.name)


def test_a_resumed_run_knows_what_was_logged_before(tmp_path, digits_root, monkeypatch):
    monkeypatch.setitem(PRESETS, "smoke", replace(PRESETS["smoke"], steps=60))
    monkeypatch.setattr("train.loop.batch_diversity", lambda *_: 0.01)
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "20") == 0
    assert run(out, digits_root, "--max-steps", "30", "--resume") == 0
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [(line["since"], line["step"]) for line in lines if "event" in line] == [(10, 30)]


def test_bf16_learns_too_and_resumes_exactly(tmp_path, digits_root):
    for name, stops in (("one", ["4"]), ("two", ["2", "4"])):
        for stop in stops:
            words = ["--max-steps", stop, "--precision", "bf16"]
            words += ["--resume"] if (tmp_path / name).exists() else []
            assert run(tmp_path / name, digits_root, *words) == 0
    parts = [sha256_of(tmp_path / n / "state" / "part-0.safetensors") for n in ("one", "two")]
    assert parts[0] == parts[1]


@pytest.mark.parametrize(
    "changes",
    [{"loss": "wasserstein", "penalty": "between", "critic_steps": 2, "optimizer": "rmsprop"},
     {"loss": "hinge", "penalty": "none", "spectral": True},
     {"slope": "finite-difference", "coarse_steps": 2},
     {"augment": 0.3, "augment_target": 0.1, "flips": True}],
)  # fmt: skip
def test_every_method_resumes_exactly(tmp_path, digits_root, monkeypatch, changes):
    monkeypatch.setitem(PRESETS, "smoke", replace(PRESETS["smoke"], **changes))
    assert resumed_as_unbroken(tmp_path, digits_root)


def test_a_growing_model_resumes_exactly(tmp_path, digits_root, monkeypatch):
    config = PRESETS["progressive-32-cpu"].lasting(4)  # a stage a step
    model = replace(config.model, clip=ClipShape(16, 1, 32, 32))
    config = replace(config, data="digits-32", model=model, batch=4)
    monkeypatch.setitem(PRESETS, "smoke", config)
    assert resumed_as_unbroken(tmp_path, digits_root)


def resumed_as_unbroken(folder, digits_root):
    """Is a run of four steps the same in one go as in two?"""
    one, two = folder / "one", folder / "two"
    assert run(one, digits_root, "--max-steps", "4") == 0
    assert run(two, digits_root, "--max-steps", "2") == 0
    assert run(two, digits_root, "--max-steps", "4", "--resume") == 0
    return all(
        sha256_of(part) == sha256_of(two / "state" / part.name)
        for part in sorted((one / "state").glob("part-*"))
    )


def test_the_seed_decides_the_run(unbroken, tmp_path, digits_root):
    again = tmp_path / "again"
    assert run(again, digits_root, "--max-steps", "8") == 0
    part = "state/part-0.safetensors"
    assert sha256_of(again / part) == sha256_of(unbroken / part)


def test_a_killed_process_keeps_the_state_of_its_signal(tmp_path, digits_root):
    out = tmp_path / "run"
    words = [sys.executable, "-m", "train", "run", "--preset", "smoke", "--data-root",
             str(digits_root), "--out", str(out), "--threads", "1", "--device", "cpu"]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(words, stderr=subprocess.PIPE, env=environment)
    try:
        while not (out / "sheet-000000.png").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 128 + signal.SIGTERM, errors.decode()
    step = json.loads((out / "state" / "manifest.json").read_text())["step"]
    assert step == read_info(out / "release.safetensors").step < PRESETS["smoke"].steps


def test_the_time_limit_saves(tmp_path, digits_root, capsys):
    out = tmp_path / "run"
    assert run(out, digits_root, "--time-limit", "0s") == 0
    assert json.loads((out / "state" / "manifest.json").read_text())["step"] == 0
    assert "stopped at step 0 of 20. The same command with --resume" in capsys.readouterr().err


def test_time_of_the_day_adds_up_over_all_calls(tmp_path, digits_root, capsys):
    """It is what a budget is of; a CPU's seconds are of all its threads."""
    out = tmp_path / "run"
    walls = []
    for stop in ("2", "20"):
        again = ["--resume"] if walls else []
        assert run(out, digits_root, "--max-steps", stop, "--time-limit", "9m", *again) == 0
        line = json.loads((out / "log.jsonl").read_text().splitlines()[-1])
        walls.append(line["wall"])
        plan = Run(out).plan
        assert plan is not None and plan.seconds is not None
        assert plan.seconds == pytest.approx(540 + (walls[-2] if again else 0), abs=0.2)
    assert 0 < walls[0] < walls[1]
    assert "stopped at step 20" not in capsys.readouterr().err


def test_a_run_starts_from_a_release(unbroken, tmp_path, digits_root):
    release = unbroken / "release.safetensors"
    out = tmp_path / "run"
    assert run(out, digits_root, "--time-limit", "0s", "--init-from", str(release)) == 0
    old, new = (load_generator(path)[0] for path in (release, out / "release.safetensors"))
    for name, value in old.state_dict().items():
        assert torch.equal(value, new.state_dict()[name]), name
    assert read_info(out / "release.safetensors").step == 0


def test_a_run_starts_from_another_run_critics_too(unbroken, tmp_path, digits_root, capsys):
    shorter = replace(PRESETS["smoke"], steps=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "smoke", shorter)
        words = ("--time-limit", "0s", "--init-from", str(unbroken))
        assert run(tmp_path / "run", digits_root, *words) == 0
    assert f"from step 8 of {unbroken}: generator, average and critics" in capsys.readouterr().out
    old, new = (tensors_in(folder) for folder in (unbroken, tmp_path / "run"))
    players = {name for name in old if "optimizer" not in name}
    assert players and all(torch.equal(old[name], new[name]) for name in players)
    assert not any("optimizer" in name for name in new), "their memory starts anew"


def test_a_run_of_other_players_or_data_is_no_start(unbroken, tmp_path, digits_root, capsys):
    smoke = PRESETS["smoke"]
    narrower = replace(smoke, critics=(replace(smoke.critics[0], widths=(8, 8, 8, 8)),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "smoke", narrower)
        assert run(tmp_path / "run", digits_root, "--init-from", str(unbroken)) == 1
    assert "does not fit the model" in capsys.readouterr().err
    manifest = unbroken / "state" / "manifest.json"
    other = shutil.copytree(unbroken, tmp_path / "other") / "state" / "manifest.json"
    other.write_text(manifest.read_text().replace('"data": "', '"data": "0', 2))
    assert run(tmp_path / "run", digits_root, "--init-from", str(other.parent.parent)) == 1
    assert "was trained on other data" in capsys.readouterr().err


def test_a_release_of_a_coarse_run_draws_what_the_run_has_learned(tmp_path, digits_root):
    preset = replace(PRESETS["smoke"], coarse_steps=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "smoke", preset)
        assert run(tmp_path / "run", digits_root, "--max-steps", "2") == 0
        release = tmp_path / "run" / "release.safetensors"
        words = ("--time-limit", "0s", "--init-from", str(release))
        assert run(tmp_path / "next", digits_root, *words) == 0
    generator, info = load_generator(release)
    assert (info.step, info.model) == (2, replace(preset.model, coarse=1.0))
    clips = sample(generator, [3], [0], [0.0, 5.0], torch.device("cpu"))
    assert clips.shape == (1, 2, 1, 64, 64) and clips.std() > 0
    corners = (clips[..., row::2, column::2] for row in (0, 1) for column in (0, 1))
    assert len({corner.numpy().tobytes() for corner in corners}) == 1, "squares of four pixels"


def test_numbers_that_are_not_finite_stop_the_run(tmp_path, digits_root, monkeypatch, capsys):
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "2") == 0
    before = sha256_of(out / "state" / "part-0.safetensors")
    step = Trainer.step

    def poisoned(self):
        statistics = step(self)
        with torch.no_grad():
            self.generator.to_pixels.bias.fill_(float("nan"))
        return statistics

    monkeypatch.setattr(Trainer, "step", poisoned)
    assert run(out, digits_root, "--resume", "--max-steps", "6") == 1
    words = capsys.readouterr().err
    assert "not finite between step" in words
    assert "generator/" in words or "average/" in words
    assert "the state of step 2 stays" in words
    assert sha256_of(out / "state" / "part-0.safetensors") == before


def test_an_update_that_is_not_finite_is_never_saved(tmp_path, digits_root, monkeypatch, capsys):
    """The losses of a step are from before its last update: they don't tell when that fails."""
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "2") == 0
    files = (out / "state" / "part-0.safetensors", out / "release.safetensors")
    before = [sha256_of(path) for path in files]
    step = Trainer.step

    def overflows(self):
        for group in self.generator_optimizer.param_groups:
            group["weight_decay"] = float("nan")
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", overflows)
        assert run(out, digits_root, "--resume", "--max-steps", "3") == 1
    words = capsys.readouterr().err
    assert "and 3: generator/" in words and "the state of step 2 stays" in words
    assert [sha256_of(path) for path in files] == before
    assert run(out, digits_root, "--resume", "--max-steps", "3") == 0


def test_a_run_that_breaks_before_its_first_save_says_that_nothing_stays(
    tmp_path, digits_root, monkeypatch, capsys
):
    config = replace(PRESETS["smoke"], learning_rate=float("inf"))
    monkeypatch.setitem(PRESETS, "smoke", config)
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "3") == 1
    assert "no state was saved yet" in capsys.readouterr().err
    assert not (out / "state").exists() and not (out / "release.safetensors").exists()


def test_a_full_disk_keeps_the_last_good_state(tmp_path, digits_root, monkeypatch, capsys):
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "2") == 0
    before = sha256_of(out / "state" / "part-0.safetensors")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("train.state.save_file", full)
    assert run(out, digits_root, "--resume", "--max-steps", "4") == 1
    assert "No space left on device; the state of step 2 stays" in capsys.readouterr().err
    assert sha256_of(out / "state" / "part-0.safetensors") == before


def test_a_save_that_was_cut_between_its_renames_is_found(tmp_path, digits_root):
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "2") == 0
    (out / "state").rename(out / "state.old")
    assert run(out, digits_root, "--max-steps", "3") == 1, "not overwritten without --resume"
    assert run(out, digits_root, "--resume", "--max-steps", "3") == 0
    assert json.loads((out / "state" / "manifest.json").read_text())["step"] == 3


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(),
     RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)  # fmt: skip
@pytest.mark.parametrize("player", ["teach_critics", "teach_generator"])
def test_where_memory_is_short_a_batch_is_worked_on_in_parts(
    tmp_path, digits_root, monkeypatch, capsys, unbroken, error, player
):
    teach = getattr(Trainer, player)

    def short(self, real, fakes):
        if len(real.labels) > 2:
            raise error
        return teach(self, real, fakes)

    monkeypatch.setattr(Trainer, player, short)
    out = tmp_path / "run"
    assert run(out, digits_root, "--max-steps", "2") == 0
    assert "from now on a batch is 2 parts of 2 clips" in capsys.readouterr().err
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert {"event": "out of memory", "step": 1, "parts": 2} in lines
    monkeypatch.undo()
    whole = tmp_path / "whole"
    assert run(whole, digits_root, "--max-steps", "2") == 0
    assert apart(out, whole) < 1e-3


def test_parts_give_what_the_whole_gives(tmp_path, digits_root):
    for parts in ("1", "4"):
        words = ("--max-steps", "3", "--accumulate", parts)
        assert run(tmp_path / parts, digits_root, *words) == 0
    assert apart(tmp_path / "1", tmp_path / "4") < 1e-3


def apart(one, two):
    """How far the generators of two runs are from each other, as a share of what they are."""
    a, b = (load_generator(out / "release.safetensors")[0].parameters() for out in (one, two))
    a, b = (torch.cat([weight.detach().flatten() for weight in w]) for w in (a, b))
    return float(torch.linalg.vector_norm(a - b) / torch.linalg.vector_norm(a))


def test_no_memory_for_a_single_clip_fails_and_says_so(tmp_path, digits_root, monkeypatch):
    def short(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Trainer, "teach_critics", short)
    with pytest.raises(torch.OutOfMemoryError):
        run(tmp_path / "run", digits_root, "--max-steps", "2")


def test_parts_that_no_batch_has_are_refused(tmp_path, digits_root, capsys):
    assert run(tmp_path / "run", digits_root, "--accumulate", "3") == 2
    assert "4 rows of a batch can't be split into 3 parts" in capsys.readouterr().err


def test_a_folder_that_holds_a_run_is_not_overwritten(unbroken, digits_root, capsys):
    assert run(unbroken, digits_root, "--max-steps", "9") == 1
    assert "add --resume" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda manifest: {**manifest, "format": 99}, "format 99"),
        (
            lambda manifest: {**manifest, "config": {**manifest["config"], "batch": 9}},
            "batch differ",
        ),
        (lambda manifest: {**manifest, "data": "f" * 64}, "other data"),
        (lambda manifest: {"format": 1}, "damaged"),
    ],
)
def test_a_state_of_another_run_is_refused(unbroken, tmp_path, digits_root, capsys, change, words):
    out = tmp_path / "run"
    shutil.copytree(unbroken, out)
    path = out / "state" / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    assert run(out, digits_root, "--resume") == 1
    assert words in capsys.readouterr().err


def test_a_state_older_than_a_key_of_the_config_goes_on(unbroken, tmp_path, digits_root, capsys):
    out = tmp_path / "run"
    shutil.copytree(unbroken, out)
    path = out / "state" / "manifest.json"
    manifest = json.loads(path.read_text())
    for key in ("augment_target", "flips"):
        del manifest["config"][key]
    del manifest["config"]["model"]["coarse"], manifest["processes"]
    path.write_text(json.dumps(manifest))
    assert run(out, digits_root, "--resume", "--max-steps", "9") == 0
    manifest["config"]["hat"] = 1
    path.write_text(json.dumps(manifest))
    assert run(out, digits_root, "--resume") == 1
    assert "not of this version: train has unknown keys ['hat']" in capsys.readouterr().err


def test_what_chose_itself_goes_on_by_what_was_chosen(tmp_path, digits_root, monkeypatch, capsys):
    words = ["run", "--preset", "auto", "--data-root", str(digits_root), "--threads", "1",
             "--device", "cpu", "--precision", "fp32"]  # fmt: skip
    out = tmp_path / "run"
    new = [*words, "--out", str(out), "--data", "digits-32"]
    assert main([*new, "--max-steps", "1"]) == 0
    said = capsys.readouterr().out
    assert "data digits-32: 32x32, 16 frames, grey, 10 classes" in said and "steps:" in said
    assert main(new) == 1, "not overwritten, and nothing is measured for it"
    monkeypatch.setattr("train.run.choose", None)
    again = [*words, "--out", str(out), "--resume", "--max-steps", "2", "--data"]
    for other in ("folder", "digits", "no such"):
        assert main([*again, other]) == 2
        assert f"--data is {other!r}; the run in {out} was begun on digits-32" in (
            capsys.readouterr().err
        )
    assert main([*again, "digits-32"]) == 0
    info = read_info(out / "release.safetensors")
    assert info.step == 2 and info.train["data"] == "digits-32"
    path = out / "state" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "data": "f" * 64}))
    assert main([*words, "--out", str(out), "--resume"]) == 1
    assert "trained on other data" in capsys.readouterr().err
    assert main([*words, "--out", str(tmp_path / "new"), "--resume"]) == 1
    assert "no state to resume" in capsys.readouterr().err


def test_words_that_do_not_go_with_a_preset_are_refused(tmp_path, digits_root, capsys):
    assert run(tmp_path / "new", digits_root, "--data", "digits") == 2
    assert "--data is for --preset auto" in capsys.readouterr().err
    assert main(["run", "--preset", "auto", "--out", str(tmp_path / "new")]) == 2
    assert "--preset auto needs --data: digits, phenomena" in capsys.readouterr().err
    assert run(tmp_path / "new", digits_root, "--init-from", "nosuch") == 2
    assert "nosuch is no file and no release" in capsys.readouterr().err
    assert run(tmp_path / "new", digits_root, "--init-from", "mocogan-32") == 1
    assert "is a mocogan; legal for this preset is a stgan" in capsys.readouterr().err


def test_a_damaged_part_is_refused(unbroken, tmp_path, digits_root, capsys):
    out = tmp_path / "run"
    shutil.copytree(unbroken, out)
    part = out / "state" / "part-0.safetensors"
    part.write_bytes(part.read_bytes()[:-1] + b"\0\0")
    assert run(out, digits_root, "--resume") == 1
    assert "damaged" in capsys.readouterr().err


def test_nothing_to_resume_and_missing_data_are_said(tmp_path, digits_root, capsys):
    assert run(tmp_path / "new", digits_root, "--resume") == 1
    assert "no state to resume" in capsys.readouterr().err
    assert run(tmp_path / "new", tmp_path) == 2
    assert "MNIST/raw" in capsys.readouterr().err
    assert main(["run", "--preset", "nosuch", "--out", str(tmp_path / "new")]) == 2
    assert "preset is 'nosuch'; legal are smoke" in capsys.readouterr().err


def test_an_unwritable_folder_is_said(tmp_path, digits_root, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert run(blocked / "run", digits_root, "--max-steps", "1") == 1
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json_and_its_state_can_travel(name, tmp_path):
    config = PRESETS[name]
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    trainer = _built(config)
    for optimizer in (trainer.generator_optimizer, trainer.critic_optimizer):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
    save_state(tmp_path / "state", trainer)
    sizes = [path.stat().st_size for path in (tmp_path / "state").iterdir()]
    assert sum(sizes) <= STATE_BYTES
    assert max(sizes) < 16 * 2**20
    before = {key: value.clone() for key, value in trainer_tensors(trainer).items()}
    again = _built(config)
    load_state(tmp_path / "state", again)
    after = trainer_tensors(again)
    assert set(after) == set(before)
    assert all(torch.equal(after[key], before[key]) for key in before)


@pytest.mark.parametrize(
    "name", [f"{data}-64{size}" for data in ("digits", "phenomena") for size in ("", "-cpu")]
)
def test_the_flagship_starts_small_and_moves_by_cycles_as_the_log_found_best(name):
    config = PRESETS[name]
    assert isinstance(config.model, StganConfig)
    assert (config.model.fundamentals, config.model.tape_dim) == (3, 0)
    assert 0.6 <= config.coarse_steps / config.steps <= 0.7


class _Named:
    """As much of a data set as a trainer needs before its first step."""

    fingerprint = "0" * 64

    def __init__(self, classes):
        from vidgen.config import ClassName

        self.classes = tuple(ClassName(str(k), str(k)) for k in range(classes))


def _built(config):
    source = cast(ClipSource, _Named(config.model.classes))
    return Trainer(config, source, torch.device("cpu"), bf16=False)


def test_a_missing_state_is_a_state_error(tmp_path):
    with pytest.raises(StateError, match="no state to resume"):
        load_state(Path(tmp_path) / "state", _built(PRESETS["smoke"]))
