"""The evaluation measures what it says: laws of its numbers on a real judge, and its border."""

import argparse
import io
import json
import math
import re
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from bars import Bars
from PIL import Image

from train import evaluate, features
from train.data.heldout import held_out
from train.inversion import Inversion, likeness
from train.judge import bench, distances, slow
from train.judge.bench import Bench, Findings, Subject
from train.judge.controls import freeze, shuffle
from train.judge.distances import Estimate
from train.judge.measure import STAGES, measure
from train.judge.memory import Past
from train.judge.verdicts import weakest
from train.levels import to_levels
from train.measured import read_report, report_path, report_pictures
from train.ship import ship
from vidgen.config import ClipShape
from vidgen.families import StganConfig
from vidgen.generators import build
from vidgen.release import ReleaseInfo, save_release, sha256_of
from vidgen.scores import read_scores

CPU = torch.device("cpu")
COUNT = 640
MODEL = StganConfig(
    ClipShape(16, 1, 16, 16), classes=4, content_dim=4, motion_dim=4, tape_dim=2,
    latent=8, oscillators=2, canonical=8, canonical_width=8, groups=2, free_width=4,
    synthesis_width=8,
)  # fmt: skip
KEYS = {
    "alignment", "alignment_real", "alignment_shifted", "motion_ratio",
    "spectrum_error", "spectrum_error_floor",
    "warping_error", "warping_error_real", "warping_seen", "warping_seen_real",
    "diversity", "nearest_ratio", "nearest_low_ratio", "copied", "cas", "cas_real",
    "psnr", "ssim", "class_found", "training_clips", "training_clips_seen",
    "identity_drift", "identity_drift_real", "loop_seam", "num_clips", "seed",
}  # fmt: skip


def bars(labels, times, loop=0.0):
    """What a perfect generator makes: bars that nobody has seen."""
    times = torch.tensor(times).expand(len(labels), -1)
    clips = Bars().render(3, 7, torch.arange(len(labels)), times, labels).clips
    return to_levels(clips)


def twins(real):
    """What a perfect generator finds: the same clips, but for a grain of noise."""
    made = (real.float() + torch.randn(real.shape)).clamp(0, 255).to(torch.uint8)
    return Inversion(made, torch.arange(len(real)) % 4, *likeness(made, real))


@pytest.fixture(scope="module")
def found(bars_judge, tmp_path_factory):
    """Everything that is measured of a perfect generator that closes no loops."""
    cache = tmp_path_factory.mktemp("held-out")
    real = held_out(Bars(), 2 * COUNT, 16, cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slow, "_LESSONS", 60)
        patch.setattr(distances, "_FEW", 40)
        patch.setattr(slow, "_MOVING", 32)
        patch.setattr(slow, "_TRAINING", 500)
        bench = Bench(Bars(), bars_judge, real, (), cache, 0, CPU, Past(0, 20, 32))
        return measure(Subject(4, 64, False, bars, twins), bench)


def test_a_perfect_generator_is_as_good_as_real_clips(found):
    numbers = found.numbers
    assert numbers["alignment"] > 0.95 and numbers["alignment_real"] > 0.95
    assert numbers["motion_explained"] > 0.8
    for name in ("motion_ratio", "diversity"):
        assert 0.85 < numbers[name] < 1.15, name
    for name, row in numbers["distances"].items():
        assert row["value"][1] <= row["floor"][2], name
    assert numbers["spectrum_error"] < 0.1 + numbers["spectrum_error_floor"]
    assert 0.8 < numbers["warping_error"] / numbers["warping_error_real"] < 1.25
    assert numbers["psnr"] > 40 and numbers["ssim"] > 0.9 and numbers["class_found"] == 1
    assert numbers["cas"] > numbers["cas_real"] - 0.2
    assert [row["alignment"] > 0.9 for row in numbers["per_class"]] == [True] * 4


def test_every_control_of_a_clip_metric_lies_above_the_real_floor(found):
    rows = found.numbers["distances"]
    assert set(rows) == {
        f"{d}_{k}_{f}f"
        for d in ("fd", "kid")
        for k, f in (("clip@own_640", 16), ("frame@own_640", 1))
    }
    for name, row in rows.items():
        told = ("frozen", "shuffled", "noise", "blur") if "clip" in name else ("noise",)
        for control in told:
            assert row["controls"][control][1] > row["floor"][2], (name, control)
        assert not set(told) & set(row["controls_failed"])
    assert all("frame" in failed for failed in found.numbers["controls_failed"])


def test_labels_shifted_by_one_drop_alignment(found):
    assert found.numbers["alignment_shifted"] < 0.05
    assert found.intervals["alignment_shifted"][1] < found.intervals["alignment_real"][0]
    assert "alignment: relabelled" not in found.numbers["controls_failed"]


def test_what_it_cannot_do_is_left_out_with_the_reason(found):
    assert found.numbers["loop_seam"] is None
    assert set(found.left_out["loop_seam"]) == {"en", "zh"}


def test_identity_drift_of_real_clips_is_none_but_for_their_scatter(found):
    for name in ("identity_drift", "identity_drift_real"):
        low, high = found.intervals[name]
        assert low < 0 < high and high - low < 0.6, (name, low, high)


def test_intervals_hold_what_is_true_of_a_perfect_generator(found):
    ends = found.intervals
    for name in ("motion_ratio", "diversity", "nearest_ratio"):
        assert ends[name][0] < 1 < ends[name][1], name
    for name in ("alignment", "warping_error", "warping_seen", "identity_drift"):
        made, real = ends[name], ends[f"{name}_real"]
        assert made[0] <= real[1] and real[0] <= made[1], name
    for name in ("alignment", "alignment_real", "cas", "cas_real", "class_found"):
        assert 0 <= ends[name][0] < ends[name][1] <= 1, name


def test_what_is_not_finite_is_left_out_with_the_reason():
    found = Findings(cast("Bench", SimpleNamespace(count=2, seed=0)))
    found.add("still", Estimate(math.nan, math.nan, math.nan))
    found.add("infinite", math.inf)
    found.add("finite", Estimate(0.5, 0.25, 1.0))
    assert (found.numbers["still"], found.numbers["infinite"]) == (None, None)
    assert set(found.left_out) == {"still", "infinite"}
    assert found.to_dict()["finite"] == 0.5 and found.intervals == {"finite": [0.25, 1.0]}


def test_controls_keep_the_frames_that_they_are_made_of():
    indices = torch.arange(6)
    clips = bars(indices % 4, range(16)).float()
    mixed = shuffle(clips, indices, seed=0)
    assert not torch.equal(mixed, clips)
    totals = [frames.flatten(2).sum(dim=2).sort(dim=1).values for frames in (clips, mixed)]
    assert torch.equal(*totals)
    assert torch.equal(shuffle(clips[3:], indices[3:], seed=0), mixed[3:])
    assert (freeze(clips) == clips[:, :1]).all()


@pytest.fixture
def release(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        generator = build(MODEL).eval()
    info = ReleaseInfo(
        name="bars", title={"en": "Bars", "zh": "条"}, model=MODEL, classes=Bars.classes, fps=8.0,
        dataset={"name": "bars", "fingerprint": Bars().fingerprint}, train={"batch": 8}, step=8,
        seed=0, revision="0" * 40, packages={}, licence="Apache-2.0", credits="Drawn by a test.",
    )  # fmt: skip
    path = tmp_path / "bars.safetensors"
    save_release(path, generator, info)
    return path


@pytest.fixture
def run(tmp_path, release, monkeypatch):
    """Call the verb as its command line would; returns the exit code and what was written."""
    monkeypatch.setattr(evaluate, "open_source", lambda *_: Bars())
    monkeypatch.setitem(features.PRESETS, "bars", features.JudgeConfig(steps=3, batch=8))
    monkeypatch.setattr(evaluate, "installed", lambda device: [])
    monkeypatch.setattr(distances, "_FEW", 10)
    for name, few in (("_LESSONS", 2), ("_IMITATED", 3), ("_MOVING", 8), ("_TRAINING", 64)):
        monkeypatch.setattr(slow, name, few)
    monkeypatch.setattr(bench, "_SEARCH", 2)
    parser = argparse.ArgumentParser()
    evaluate.add_parser(parser.add_subparsers())

    def call(*words, out=tmp_path / "made" / "bars.metrics.json"):
        fixed = ["--out", str(out), "--cache", str(tmp_path / "cache"), "--device", "cpu"]
        args = parser.parse_args(["evaluate", "--release", str(release), *fixed, *words])
        code = args.main(args)
        return code, json.loads(out.read_text()) if out.is_file() else None

    return call


def test_numbers_and_report_are_complete_and_the_same_again(run, release, tmp_path, capsys):
    code, metrics = run("--clips", "128", "--seed", "5")
    assert code == 0
    flat = {key for key, value in metrics.items() if isinstance(value, int | float)}
    assert flat == KEYS
    assert all(math.isfinite(metrics[key]) for key in KEYS)
    assert metrics["release_sha256"] == sha256_of(release)
    assert (metrics["num_clips"], metrics["seed"]) == (128, 5)
    printed = capsys.readouterr().out
    assert "alignment_real" in printed and "worst classes" in printed
    page = (tmp_path / "made" / "bars.report.html").read_text("utf-8")
    speaks_two_languages_and_needs_nothing_else(page)
    assert len(metrics["alignment_over_time"]) == 4 and "<th scope='col'>48–63</th>" in page
    says_the_weakest_class_and_verdicts_with_counts(page, metrics)
    has_pictures_that_a_card_can_show(page, release)
    seconds = metrics.pop("seconds")
    assert [*seconds] == ["real clips and their judge", "generating", *STAGES]
    again = run("--clips", "128", "--seed", "5")[1]
    assert again.pop("seconds").keys() == seconds.keys() and again == metrics
    assert (tmp_path / "made" / "bars.report.html").read_text("utf-8") == page


def speaks_two_languages_and_needs_nothing_else(page):
    assert len(page.encode()) < 500_000
    assert not re.search(r"(src|href)=.(?!data:)", page)
    english, chinese = (re.findall(f"<span lang='{c}'>([^<]+)", page) for c in ("en", "zh-CN"))
    assert len(english) == len(chinese) > 50
    assert all(re.search("[一-鿿]", text) for text in chinese if text not in ("English",))
    assert page.count("<img ") == page.count(" alt='") == 3


def says_the_weakest_class_and_verdicts_with_counts(page, metrics):
    k = min(range(4), key=lambda i: metrics["per_class"][i]["alignment"])
    said = f"Weakest class: bar {k}, recognised in {metrics['confusion'][k][k]} of 32 clips"
    assert said in page[: page.index("<section>")] and said in weakest(metrics)[0].en
    assert "Of 128 generated clips and as many real ones." in page
    moved = sum("relabelled" in row["controls_failed"] for row in metrics["distances"].values())
    assert f"of {len(metrics['distances'])} distances {moved} moved" in page


def has_pictures_that_a_card_can_show(page, release):
    report_path(release).write_text(page, "utf-8")
    assert read_report(release, sha256_of(release)) == page
    shown = report_pictures(page)
    assert list(shown) == ["samples", "nearest", "inversion"]
    frames = []
    for data in shown.values():
        with Image.open(io.BytesIO(data)) as picture:
            frames.append(getattr(picture, "n_frames", 1))
    assert frames == [16, 1, 1]


def test_a_quick_evaluation_writes_its_numbers_and_no_report(run, tmp_path, capsys):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "bars.report.html").write_text("of an older evaluation")
    code, metrics = run("--clips", "128", "--quick")
    assert code == 0
    assert {"alignment", "motion_ratio", "distances", "release_sha256"} <= set(metrics)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["bars.metrics.json"]
    assert "kid_clip@own_128_16f" in capsys.readouterr().out
    assert run("--clips", "128", "--quick", "--seed", "1")[1]["distances"] != metrics["distances"]


def test_what_a_quick_evaluation_finds_ships_into_the_pages_tile(run, release, tmp_path):
    assert run("--clips", "128", "--quick", out=release.with_name("bars.metrics.json"))[0] == 0
    row = ship(release, tmp_path / "shelf")
    scores = read_scores(tmp_path / "shelf", row)
    assert set(scores) == {"alignment", "kid_clip@own", "motion_ratio"}  # bars keep no law
    for value, low, high in scores.values():
        assert low <= value <= high
    named = ship(release, tmp_path / "shelf", "other")  # another file: nothing is known of it
    assert read_scores(tmp_path / "shelf", named) == {}


def test_what_cannot_be_evaluated_is_refused_by_name(run, release, tmp_path, capsys):
    missing, wrong = tmp_path / "none.safetensors", tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"these are no weights, whatever the name says")
    for words, said in (
        (("--release", str(missing)), "none.safetensors"),
        (("--release", str(wrong)), "wrong.safetensors"),
        (("--clips", "5"), "--clips is 5; legal is 128 or more"),
        (("--seed", "-1"), "--seed is -1; legal is 0 to 4294967295"),
    ):
        code, metrics = run(*words)
        assert (code, metrics) == (2, None)
        assert said in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_before_the_work(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(evaluate, "measure", lambda *_, **__: pytest.fail("measured first"))
    (tmp_path / "file").write_text("in the way")
    code, _ = run(out=tmp_path / "file" / "bars.metrics.json")
    assert code == 1
    assert "file" in capsys.readouterr().err


def test_missing_data_are_said_with_the_remedy(run, monkeypatch, capsys):
    from train.data import open_source

    monkeypatch.setattr(evaluate, "open_source", lambda _, *rest: open_source("digits", *rest))
    code, metrics = run()
    assert (code, metrics) == (2, None)
    assert "--data-root" in capsys.readouterr().err
