"""`python -m train tournament`: many methods on the same data, each for the same cost; a table."""

from __future__ import annotations

import argparse
import json
import operator
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from train.arguments import count, duration
from train.budget import read_plan, step_seconds, write_plan
from train.config import TrainConfig
from train.contestants import CONTESTS, contestants
from train.data import ClipSource, DataError, open_source
from train.devices import best_device, clock, prefers_bf16
from train.judge.nets import installed
from train.judge.quick import judge_quick
from train.loop import RunError
from train.provenance import code_revision
from train.run import Run
from train.sheets import sample
from train.standings import json_bytes, summary, write_sheet_of_all, write_table
from train.state import StateError, has_state
from vidgen.config import ConfigError
from vidgen.generators import Generator
from vidgen.release import load_generator, write_bytes

TERMS = ("budget", "clips", "threads", "measured")  # what all rows of a table have in common


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "tournament", help="train many methods for the same cost, measure them, make a table"
    )
    parser.add_argument("--data", required=True, help="the data set that all rows are trained on")
    parser.add_argument("--data-root", type=Path, help="folder of the data set's files")
    parser.add_argument("--download", action="store_true", help="fetch missing data files")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument(
        "--budget", type=duration, metavar="TIME", help="of each row's steps, such as 5m"
    )
    budget.add_argument("--clips", type=count, metavar="N", help="real clips that each row sees")
    parser.add_argument("--contest", choices=sorted(CONTESTS), default="families")
    parser.add_argument("--rows", nargs="+", metavar="ROW", help="of the contest; default: all")
    parser.add_argument("--measured", type=count, default=500, metavar="N", help="clips a row")
    parser.add_argument(
        "--again", action="store_true", help="measure rows that are done once more, train none anew"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of table, sheet and runs")
    parser.add_argument("--device", choices=("cuda", "cpu", "mps"))
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--threads", type=count, default=1, help="of the CPU; default: 1")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/vidgen"), help="folder of judges and real clips"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Hold the tournament; returns the exit code: 0 done, 1 a row failed, 2 refused, 128 + n."""
    try:
        torch.set_num_threads(args.threads)
        source = open_source(args.data, args.data_root, "cpu", args.download)
        rows = contestants(args.contest, source, args.rows)
        args.out.mkdir(parents=True, exist_ok=True)
        entered = [Contestant(name, config, args) for name, config in rows.items()]
        plan(entered, source)
    except (ConfigError, DataError) as error:
        print(f"train tournament: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"train tournament: --out {args.out}: {error.strerror}", file=sys.stderr)
        return 2
    results: dict[str, dict[str, Any]] = {}
    for row in entered:
        stopped = row.play(source)
        if stopped:
            return stopped
        results[row.name] = row.result
        write_table(args.out, results, heading(args, source))
        write_sheet_of_all(args.out, results, len(source.classes))
        print(f"{row.name}: {row.result.get('failed') or summary(row.result)}", flush=True)
    return int(any("failed" in result for result in results.values()))


def plan(rows: Sequence[Contestant], source: ClipSource) -> None:
    """Give every row the steps that its budget allows, all before the first is trained.

    Raises:
        ConfigError: a row was planned on other terms than are asked for now.
    """
    new = [row for row in rows if not row.recall()]
    if not new:
        return
    args = new[0].args
    if args.clips:
        steps = [args.clips // row.config.clips_a_step for row in new]
    else:
        kept = args.out / "reference.json"
        costs = step_seconds([row.config for row in new], source, *new[0].where(), kept)
        steps = [int(args.budget / cost) for cost in costs]
    for row, lasting in zip(new, steps, strict=True):
        row.config = row.config.lasting(max(lasting, 1))
        row.commit()


class Contestant:
    """One row: its config, its run's folder, and its result once there is one.

    A row that is done is not done again, one that was cut goes on: ``plan.json`` is written before
    its first step, ``result.json`` after its last.
    """

    def __init__(self, name: str, config: TrainConfig, args: argparse.Namespace) -> None:
        self.name, self.config, self.args = name, config, args
        self.terms = {term: getattr(args, term) for term in TERMS}
        self.folder: Path = args.out / "rows" / name.replace(":", "-")
        self.plan = self.folder / "plan.json"
        self.result: dict[str, Any] = {}

    def play(self, source: ClipSource) -> int:
        """Train and measure, or take the result that is there; returns 128 + n after signal n.

        A row that failed is tried again, from its last good state: a disk may have been full.
        """
        done = self.folder / "result.json"
        if done.exists():
            self.result = json.loads(done.read_text())
        if self.result and "failed" not in self.result:
            if self.args.again:
                self.result |= self.measure(source)
                write_bytes(done, json_bytes(self.result))
                self.commit()
            return 0
        try:
            run = Run(self.config, self.run_args())
            stopped = run.go()
            if stopped:
                return stopped
            self.result = facts(run) | self.measure(source)
        except (RunError, StateError, ConfigError) as error:
            self.result = {"failed": str(error)}
        write_bytes(done, json_bytes(self.result))
        self.commit()
        return 0

    def recall(self) -> bool:
        """Take up the plan that is there, if there is one; measuring again may be of more clips.

        Raises:
            ConfigError: it is no plan, or was made on other terms.
        """
        free = {"measured"} if self.args.again else set()
        fixed = {term: value for term, value in self.terms.items() if term not in free}
        config = read_plan(self.plan, fixed)
        self.config = config or self.config
        return config is not None

    def commit(self) -> None:
        """Settle how the row is trained, and on what terms."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_plan(self.plan, self.terms, self.config)

    def where(self) -> tuple[torch.device, bool]:
        """The device, and whether it works in bfloat16."""
        device = torch.device(self.args.device or best_device())
        auto = self.args.precision == "auto" and prefers_bf16(device)
        return device, auto or self.args.precision == "bf16"

    def run_args(self) -> argparse.Namespace:
        """What `train run` would be told."""
        a = self.args
        return argparse.Namespace(
            out=self.folder, max_steps=None, time_limit=None, save_every=60.0,
            sheet_every=max(self.config.steps // 4, 1), device=a.device, precision=a.precision,
            threads=a.threads, resume=has_state(self.folder / "state"), init_from=None,
            data_root=a.data_root, download=a.download, accumulate=1,
            watch=True, tensorboard=False,  # a row that ships shows how it learned
        )  # fmt: skip

    def measure(self, source: ClipSource) -> dict[str, Any]:
        """Measure the release: what it costs, and what the judge says."""
        release = self.folder / "release.safetensors"
        generator, _ = load_generator(release)
        nets = installed(torch.device("cpu"))
        judged = judge_quick(release, source, self.args.cache, self.args.measured, nets=nets)
        return {
            "parameters": sum(p.numel() for p in generator.parameters()),
            "bytes": release.stat().st_size,
            "ms_a_clip": round(clip_ms(generator), 2),
            "judge": numbers_of(judged),
            "weakest": min(
                judged.get("per_class", ()), key=operator.itemgetter("alignment"), default=None
            ),
        }


def numbers_of(judged: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out what the judge found: by name a number with its interval, or None."""
    intervals, distances = judged["intervals"], judged["distances"]
    found = {
        key: [value, *intervals[key]] if key in intervals else None
        for key, value in judged.items()
        if key in intervals or value is None
    }
    for name, table in distances.items():
        found |= {name: table["value"], f"{name}, real": table["floor"]}
    return found


def facts(run: Run) -> dict[str, Any]:
    """What a finished run says of itself: its cost, and whether it collapsed."""
    config, step = run.trainer.config, run.trainer.step_number
    return {
        "family": config.model.family,
        "loss": config.loss,
        "penalty": config.penalty,
        "labels": config.labels,
        "steps": step,
        "clips": step * config.clips_a_step,
        "seconds": round(run.loop.seconds, 1),
        "batch_diversity": run.loop.watch.last,
        "collapse": run.loop.watch.events if run.loop.watch.could_tell else None,
        "revision": code_revision(),
    }


def clip_ms(generator: Generator) -> float:
    """Return the median time of a clip on the CPU, in ms of its own time: others may work too."""
    cpu = torch.device("cpu")
    times = [float(t) for t in range(generator.config.clip.frames)]
    spent = []
    for seed in range(12):
        begun = clock(cpu)
        sample(generator, [0], [seed], times, cpu)
        spent.append(1000 * (clock(cpu) - begun))
    return statistics.median(spent[2:])


def heading(args: argparse.Namespace, source: ClipSource) -> str:
    """Say what all rows have in common."""
    budget = f"{args.clips} clips" if args.clips else f"{args.budget:g} s of a CPU's time"
    if args.budget and torch.device(args.device or best_device()).type != "cpu":
        budget = f"{args.budget:g} s"
    return (
        f"{args.contest} on {source.name}: {budget} a row, {args.threads} thread(s), batch and "
        f"rates as in train/methods.py, {args.measured} clips measured a row"
    )
