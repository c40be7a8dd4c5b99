"""What ships: whole, small, measured, and continuous in time."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from train.measured import read_metrics, read_report
from vidgen.engine import Engine
from vidgen.families import CONFIGS
from vidgen.hub import CHECKPOINTS, open_shelf
from vidgen.index import read_index
from vidgen.release import load_generator, read_info, sha256_of
from vidgen.request import ClipRequest

NAMES = ("digits-64", "phenomena-64", "sprites-64")
SEEDS = 64
KEYS = {
    "alignment", "alignment_real", "motion_ratio", "num_clips", "seed", "release_sha256",
}  # fmt: skip
TOLD = ("frozen", "shuffled", "noise")


ROWS, _ = read_index(CHECKPOINTS)


@pytest.fixture(scope="module")
def shelf():
    return open_shelf(CHECKPOINTS, extra="")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_on_the_shelf_and_loads(shelf, name):
    path = shelf.path(name)
    assert path.stat().st_size <= 10 * 10**6
    generator, info = load_generator(path)
    assert info.name == name
    assert (info.model.clip.height, info.model.clip.width, info.model.clip.frames) == (64, 64, 16)
    assert generator.content_mean.abs().sum() > 0, "psi has no means to pull towards"


def own_distances(metrics):
    """The Fréchet distance of real clips, and of controls, on the features of the judge."""
    rows = metrics["distances"]
    row = next(row for name, row in rows.items() if name.startswith("fd_clip@own_"))
    return row["floor"][0], [row["controls"][control][0] for control in TOLD]


@pytest.mark.parametrize("name", NAMES)
def test_it_was_measured_as_it_is(shelf, name):
    metrics = json.loads((CHECKPOINTS / f"{name}.metrics.json").read_text())
    assert set(metrics) >= KEYS
    assert metrics["release_sha256"] == sha256_of(shelf.path(name))
    assert all(math.isfinite(metrics[key]) for key in KEYS - {"release_sha256"})
    # The judge must be able to tell: its controls are worse than real clips are.
    floor, controls = own_distances(metrics)
    assert all(control > floor for control in controls)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_release_knows_its_classes_is_small_and_has_its_report(row):
    path = CHECKPOINTS / f"{row.name}.safetensors"
    metrics = read_metrics(path, row.sha256)
    assert metrics is not None
    assert metrics["alignment"] >= 3 / len(row.classes)
    if row.name == f"{row.family}-32":
        assert path.stat().st_size <= 6 * 10**6
    assert read_report(path, row.sha256) is not None


def test_every_family_is_shipped_small():
    assert {f"{family}-32" for family in CONFIGS} <= {row.name for row in ROWS}


@pytest.mark.parametrize("name", NAMES)
def test_half_a_time_step_lies_between_its_neighbours(shelf, name):
    """Continuous time: on average the middle is nearer to both ends than they to each other."""
    path, classes = shelf.path(name), read_info(shelf.path(name)).model.classes
    requests = [
        ClipRequest(name, ((seed % classes, 1.0),), ((seed, 1.0),), ((seed, 1.0),),
                    frames=9, step=0.5, start=4.0)
        for seed in range(SEEDS)
    ]  # fmt: skip
    clips = np.stack(Engine("cpu").render(path, requests)).astype(np.float32)  # [N, T, H, W, C]
    before, middle, after = clips[:, :-2:2], clips[:, 1:-1:2], clips[:, 2::2]
    whole = np.abs(after - before).mean()
    assert np.abs(middle - before).mean() < whole
    assert np.abs(after - middle).mean() < whole
    assert whole > 0


@pytest.mark.parametrize("name", NAMES)
def test_content_and_motion_are_apart(shelf, name):
    """Another motion seed moves a thing otherwise; another content seed changes the picture."""
    path = shelf.path(name)
    base = ClipRequest(name, ((3, 1.0),), ((1, 1.0),), ((1, 1.0),))
    changes = [base, replace(base, motion=((2, 1.0),)), replace(base, content=((2, 1.0),))]
    one, moved, other = Engine("cpu").render(path, changes)
    assert not np.array_equal(one, moved)
    assert not np.array_equal(one, other)
    assert len(np.unique(one.reshape(len(one), -1), axis=0)) == len(one), "a frame stands still"
