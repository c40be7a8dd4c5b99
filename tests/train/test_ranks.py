"""Several processes train one model: real ones, started as a user starts them, on the CPU."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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
        ("stgan", "relativistic", 2),  # second derivatives of both penalties, augmented
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
        assert apart(alone[name], ranks[0][name]) < 2e-4
    # The probability, and the means that it follows; each rank saw its own half.
    assert apart(alone["weights/augmentation"] + 1, ranks[0]["weights/augmentation"] + 1) < 1e-3
    assert alone["weights/augmentation"].any() == (family == "stgan")


def trained(processes, out, digits_root, *words):
    """`train run` of the smoke preset, as a user starts it."""
    return torchrun(
        processes, "-m", "train", "run", "--preset", "smoke", "--data-root", str(digits_root),
        "--out", str(out), "--device", "cpu", "--precision", "fp32", "--threads", "1", *words,
    )  # fmt: skip


def average_of(out):
    parts = [load_file(part) for part in sorted((out / "state").glob("part-*"))]
    weights = {name: tensor for part in parts for name, tensor in part.items()}
    return torch.cat([weights[n].flatten() for n in sorted(weights) if n.startswith("average/")])


def test_a_run_goes_on_in_another_number_of_processes(tmp_path, digits_root):
    two = tmp_path / "two"
    first = trained(2, two, digits_root, "--max-steps", "2")
    assert first.returncode == 0, first.stderr
    assert "saved by" not in first.stderr
    second = trained(1, two, digits_root, "--max-steps", "4", "--resume")
    assert second.returncode == 0, second.stderr
    assert "saved by 2 process(es), 1 go on: each now works on 4 of a batch's 4" in second.stderr
    one = tmp_path / "one"
    assert trained(1, one, digits_root, "--max-steps", "4").returncode == 0
    assert apart(average_of(one), average_of(two)) < 1e-3
    assert sorted(path.name for path in two.glob("sheet-*")) == [
        "sheet-000000.png", "sheet-000002.png", "sheet-000004.png"
    ]  # fmt: skip
    lines = [json.loads(line) for line in (two / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4], "one of them writes"


def test_the_end_of_one_process_ends_all_with_its_message(tmp_path, digits_root):
    (tmp_path / "run").write_text("a file is in the way: the first can't write, the other waits")
    run = trained(2, tmp_path / "run", digits_root, "--max-steps", "50")
    assert run.returncode != 0
    assert "process 0 of 2: --out" in run.stderr and "can't be written" in run.stderr


def test_a_killed_process_ends_the_others(tmp_path, digits_root):
    out = tmp_path / "run"
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2",
             "-m", "train", "run", "--preset", "smoke", "--data-root", str(digits_root), "--out",
             str(out), "--device", "cpu", "--threads", "1", "--save-every", "0s"]  # fmt: skip
    process = subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    try:
        while not (out / "state").exists() and process.poll() is None:
            time.sleep(0.05)
        ranks = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
        os.kill(int(ranks.stdout.split()[-1]), signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode != 0
    assert "SIGKILL" in errors.decode()
    again = trained(2, out, digits_root, "--resume", "--max-steps", "20")
    assert again.returncode == 0, again.stderr


def test_a_batch_that_the_processes_don_t_divide_is_refused(tmp_path, digits_root):
    run = trained(3, tmp_path / "run", digits_root)
    assert run.returncode != 0
    assert "a batch of 4 can't be dealt to 3 processes" in run.stderr


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
