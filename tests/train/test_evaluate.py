"""The evaluation measures what it says: laws of its numbers on a real judge, and its border."""

import argparse
import json
import math

import pytest
import torch
from bars import Bars

from train import evaluate, features
from train.data.heldout import held_out
from train.features import stamps
from train.measures import frechet, freeze, measure, see, shuffle
from vidgen.config import ClipShape
from vidgen.families import StganConfig
from vidgen.generators import build
from vidgen.release import ReleaseInfo, save_release, sha256_of

CPU = torch.device("cpu")
COUNT = 160
MODEL = StganConfig(
    ClipShape(16, 1, 16, 16), classes=4, content_dim=4, motion_dim=4, tape_dim=2,
    latent=8, oscillators=2, canonical=8, canonical_width=8, groups=2, free_width=4,
    synthesis_width=8,
)  # fmt: skip
KEYS = {
    "alignment", "alignment_real", "fd_own", "fd_floor", "fd_frozen", "fd_shuffled", "fd_noise",
    "motion_ratio", "num_clips", "seed", "release_sha256",
}  # fmt: skip


def bars(indices, labels, pace=1.0, step=7):
    """A perfect generator: bars that nobody has seen, at ``pace`` times their speed."""
    times = stamps(len(indices), CPU) * pace
    return Bars().render(3, step, indices, times, labels).clips


@pytest.fixture(scope="module")
def numbers(bars_judge, tmp_path_factory):
    """Measure a maker of bars."""
    real = held_out(Bars(), 2 * COUNT, 16, tmp_path_factory.mktemp("held-out"))
    names = [name.en for name in Bars.classes]
    return lambda make: measure(bars_judge, real, names, make, 0, CPU)


@pytest.fixture(scope="module")
def of_bars(numbers):
    return numbers(bars)


def test_a_perfect_generator_is_as_good_as_real_clips(of_bars):
    assert of_bars["alignment"] > 0.95 and of_bars["alignment_real"] > 0.95
    assert 0.85 < of_bars["motion_ratio"] < 1.15
    assert of_bars["fd_own"] < 1.5 * of_bars["fd_floor"]
    assert of_bars["motion_explained"] > 0.8
    assert [row["alignment"] > 0.9 for row in of_bars["per_class"]] == [True] * 4


def test_frozen_and_shuffled_clips_and_noise_lie_beyond_the_floor(of_bars):
    for control in ("fd_frozen", "fd_shuffled", "fd_noise"):
        assert of_bars[control] > 2 * of_bars["fd_floor"], control


def test_a_cyclic_shift_of_the_labels_drops_alignment_and_leaves_the_distance(numbers, of_bars):
    def shifted(indices, labels):  # the same clips, each under the label of its neighbour
        return bars((indices + 1) % COUNT, (labels + 1) % 4)

    found = numbers(shifted)
    assert found["alignment"] < 0.05
    assert found["fd_own"] == pytest.approx(of_bars["fd_own"], rel=1e-4)
    worst = found["per_class"][0]
    assert worst["mistaken_for"] == "bar 1" and worst["mistaken_share"] > 0.9


def test_motion_ratio_follows_the_speed_of_the_clips(numbers, of_bars):
    slow = numbers(lambda i, k: bars(i, k, pace=0.5))
    still = numbers(lambda i, k: bars(i, k, pace=0.0))
    assert slow["motion_ratio"] == pytest.approx(0.5 * of_bars["motion_ratio"], rel=0.1)
    assert still["motion_ratio"] == 0
    assert still["fd_own"] > slow["fd_own"] > of_bars["fd_own"]


def test_the_distance_of_clips_from_themselves_is_nothing(bars_judge, of_bars):
    seen = see(bars_judge, bars, torch.arange(COUNT) % 4, CPU, "bars").features
    assert abs(frechet(seen, seen)) < 1e-3 * of_bars["fd_floor"]


def test_the_distance_has_its_closed_form():
    # Equal covariances: only the means count. Scaled by s about the mean: (s - 1)^2 tr(S).
    draw = torch.randn(500, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    shift = torch.arange(6).double()
    assert frechet(draw, draw + shift) == pytest.approx(float(shift.square().sum()), rel=1e-6)
    centred = draw - draw.mean(dim=0)
    spread = float(centred.T.cov().trace())
    assert frechet(centred, 3 * centred) == pytest.approx(4 * spread, rel=1e-6)


def test_controls_keep_the_frames_that_they_are_made_of():
    indices = torch.arange(6)
    clips = bars(indices, indices % 4)
    mixed = shuffle(clips, indices, seed=0)
    assert not torch.equal(mixed, clips)
    by_code = (2 ** torch.arange(16.0)).view(16, 1)  # names a frame whatever its place
    code = clips.flatten(2)[..., :16] @ by_code
    mixed_code = mixed.flatten(2)[..., :16] @ by_code
    assert torch.equal(code.sort(dim=1).values, mixed_code.sort(dim=1).values)
    assert torch.equal(shuffle(clips[3:], indices[3:], seed=0), mixed[3:])
    assert (freeze(clips) == clips[:, :1]).all()


@pytest.fixture
def release(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        generator = build(MODEL).eval()
    info = ReleaseInfo(
        name="bars", title={"en": "Bars", "zh": "条"}, model=MODEL, classes=Bars.classes, fps=8.0,
        dataset={"name": "bars", "fingerprint": Bars().fingerprint}, train={}, step=0, seed=0,
        revision="0" * 40, packages={}, licence="Apache-2.0", credits="Drawn by a test.",
    )  # fmt: skip
    path = tmp_path / "bars.safetensors"
    save_release(path, generator, info)
    return path


@pytest.fixture
def run(tmp_path, release, monkeypatch):
    """Call the verb as its command line would; returns the exit code and what was written."""
    monkeypatch.setattr(evaluate, "open_source", lambda *_: Bars())
    monkeypatch.setitem(features.PRESETS, "bars", features.JudgeConfig(steps=3, batch=8))
    parser = argparse.ArgumentParser()
    evaluate.add_parser(parser.add_subparsers())

    def call(*words, out=tmp_path / "made" / "bars.metrics.json"):
        fixed = ["--out", str(out), "--cache", str(tmp_path / "cache"), "--device", "cpu"]
        args = parser.parse_args(["evaluate", "--release", str(release), *fixed, *words])
        code = args.main(args)
        return code, json.loads(out.read_text()) if out.is_file() else None

    return call


def test_the_metrics_file_has_its_keys_and_the_release_it_speaks_of(run, release, capsys):
    code, metrics = run("--clips", "128", "--seed", "5")
    assert code == 0
    assert metrics.keys() - {"per_class", "classifier"} == KEYS
    assert all(math.isfinite(metrics[key]) for key in KEYS - {"release_sha256"})
    assert metrics["release_sha256"] == sha256_of(release)
    assert (metrics["num_clips"], metrics["seed"]) == (128, 5)
    printed = capsys.readouterr().out
    assert "alignment_real" in printed and "worst classes" in printed


def test_a_seed_repeats_the_numbers_and_another_changes_them(run):
    first = run("--clips", "128")
    assert run("--clips", "128") == first
    assert run("--clips", "128", "--seed", "1")[1]["fd_own"] != first[1]["fd_own"]


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
    monkeypatch.setattr(evaluate, "measure", lambda *_: pytest.fail("measured first"))
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
