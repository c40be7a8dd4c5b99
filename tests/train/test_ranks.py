"""Several processes train one model: real ones, started as a user starts them, on the CPU."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from train.ranks import Ranks
from vidgen.config import ConfigError

ROOT = Path(__file__).parents[2]
STEPS = 5  # the flagship is coarse in two, a progressive model has grown by then


def torchrun(processes: int, *words: str, **kept) -> subprocess.CompletedProcess[str]:
    """Run a program in so many processes; one starts without torchrun."""
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [*start, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        text=True, capture_output=True, timeout=300, **kept,
    )  # fmt: skip


def apart(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(a - b) / torch.linalg.vector_norm(a))


@pytest.mark.parametrize(
    ("family", "loss", "processes"),
    [
        ("stgan", "relativistic", 2),  # second derivatives of both penalties
        ("progressive", "wasserstein", 2),  # weights that get no gradient yet
        pytest.param("stgan", "relativistic", 4, marks=pytest.mark.slow),
        pytest.param("convgru", "hinge", 4, marks=pytest.mark.slow),  # spectral norms
    ],
)
def test_several_find_what_one_finds(tmp_path, family, loss, processes):
    worker = str(Path(__file__).with_name("ranks_worker.py"))
    for count in (1, processes):
        run = torchrun(count, worker, family, loss, str(STEPS), str(tmp_path))
        assert run.returncode == 0, run.stderr
    alone = load_file(tmp_path / "1-0.safetensors")
    ranks = [load_file(tmp_path / f"{processes}-{n}.safetensors") for n in range(processes)]
    for other in ranks[1:]:
        assert all(torch.equal(ranks[0][name], other[name]) for name in alone)
    for name in ("critics", "generator"):
        first = f"gradient/{name}/0"
        # The generator's first gradient comes after the critics' first step, which is rounded.
        assert apart(alone[first], ranks[0][first]) < {"critics": 1e-5, "generator": 1e-3}[name]
    for name in ("weights/critics", "weights/generator", "weights/average"):
        assert apart(alone[name], ranks[0][name]) < 1e-3


@pytest.mark.parametrize("rows", [31, 33, 1])
def test_a_batch_is_dealt_evenly_or_not_at_all(rows):
    with pytest.raises(ConfigError, match=f"a batch of {rows} can't be dealt to 2 processes"):
        Ranks("cpu", 1, 2).share(rows)


def test_all_rows_are_dealt_and_none_twice():
    shares = [Ranks("cpu", number, 4).share(32) for number in range(4)]
    assert torch.equal(torch.cat(shares), torch.arange(32))


@pytest.mark.parametrize("size", ["0", "two", "-1"])
def test_a_count_of_processes_that_is_none_is_refused(monkeypatch, size):
    monkeypatch.setenv("WORLD_SIZE", size)
    with pytest.raises(ConfigError, match=f"WORLD_SIZE is '{size}'; legal is a count"):
        Ranks.from_environment("cpu")
