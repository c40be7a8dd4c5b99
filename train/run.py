"""`python -m train run`: train a preset, watch it, stop and go on."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import torch

from train.arguments import count, duration
from train.auto import AUTO, choose
from train.config import TrainConfig
from train.data import SOURCES, DataError, open_source
from train.data.store import has_manifest
from train.devices import best_device, prefers_bf16
from train.loop import Loop, RunError
from train.pace import Pace
from train.presets import PRESETS, preset
from train.ranks import Ranks
from train.state import StateError, has_state, load_state, saved_config
from train.trainer import Trainer
from train.transfer import TransferError, find_start, model_of, start_from
from vidgen.config import ConfigError
from vidgen.plan import Plan
from vidgen.release import ReleaseError


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("run", help="train a preset, or go on with it")
    parser.add_argument("--preset", required=True, help=f"{AUTO}, {', '.join(PRESETS)}")
    parser.add_argument("--data", metavar="NAME", help=f"for {AUTO}: {', '.join(SOURCES)}, folder")
    parser.add_argument(
        "--flips", action="store_true", help=f"for {AUTO}: no class has a left or a right"
    )
    parser.add_argument("--data-root", type=Path, help="folder of the data set's files")
    parser.add_argument("--download", action="store_true", help="fetch missing data files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--max-steps", type=count, metavar="STEPS", help="stop at this step")
    parser.add_argument("--time-limit", type=duration, metavar="TIME", help="such as 90s, 9m, 2h")
    parser.add_argument("--save-every", type=duration, default=300.0, metavar="TIME")
    parser.add_argument("--sheet-every", type=count, default=250, metavar="STEPS")
    parser.add_argument(
        "--device", choices=("cuda", "cpu", "mps"), help="default: the best there is"
    )
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--threads", type=count, help="of the CPU; default: all")
    parser.add_argument(
        "--accumulate", type=count, default=1, metavar="PARTS",
        help="work on a batch in so many parts; what memory forces is found by itself",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out")
    parser.add_argument(
        "--init-from",
        metavar="START",
        help="start from the weights of this release (a file or a name), or of the run in this "
        "folder, critics too",
    )
    parser.add_argument(
        "--watch", action=argparse.BooleanOptionalAction, default=True,
        help="write what the page shows of a run: fixed seeds, the critics' opinion",
    )  # fmt: skip
    parser.add_argument("--tensorboard", action="store_true", help="write its event files too")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Run; returns the exit code: 0 done, 1 failed, 2 refused, 128 + n stopped by signal n.

    A process that torchrun has started ends here.
    """
    ranks = None
    try:
        ranks = Ranks.from_environment(args.device or best_device())
        root = args.data_root and str(args.data_root.absolute())
        plan = Plan(args.preset, root, args.max_steps, args.time_limit, args.data)
        code = Run(configured(args, ranks), args, ranks).go(plan)
    except (RunError, StateError, TransferError) as error:
        code = _refused(error, ranks, 1)
    except (ConfigError, DataError, ReleaseError) as error:
        code = _refused(error, ranks, 2)
    if ranks:
        ranks.leave(code)
    return code


def _refused(error: Exception, ranks: Ranks | None, code: int) -> int:
    who = f"process {ranks.number} of {ranks.count}: " if ranks and ranks.count > 1 else ""
    print(f"train run: {who}{error}", file=sys.stderr)
    return code


def configured(args: argparse.Namespace, ranks: Ranks) -> TrainConfig:
    """Return the config of the preset; `auto` chooses one and says why, or goes on with its own.

    Raises:
        ConfigError: no such preset, or one that goes with other words.
        DataError: `auto` can't open the data set that it is to look at.
    """
    if args.preset != AUTO:
        for word in ("data", "flips"):
            if getattr(args, word):
                raise ConfigError(f"--{word} is for --preset {AUTO}; {args.preset} has its own")
        return preset(args.preset)
    if args.resume:  # what was chosen then, not what would be chosen now
        saved = ranks.from_first(lambda: saved_config(args.out / "state"))
        demand_agreement(args, saved)
        return saved
    demand_fresh(args.out)
    if args.data is None and has_manifest(args.data_root):
        args.data = "folder"
    if args.data is None:
        raise ConfigError(f"--preset {AUTO} needs --data: {', '.join(SOURCES)} or folder")
    if args.threads:  # before a step is timed
        torch.set_num_threads(args.threads)
    source = ranks.in_turn(
        lambda: open_source(args.data, args.data_root, ranks.device, args.download)
    )
    bf16 = in_bf16(args.precision, ranks.device)
    like = model_of(find_start(args.init_from)) if args.init_from else None
    choice = ranks.from_first(
        lambda: choose(source, ranks.device, bf16, args.time_limit, ranks.count, args.flips, like)
    )
    if ranks.first:
        print("\n".join(choice.reasons), flush=True)
    return choice.config


def demand_agreement(args: argparse.Namespace, saved: TrainConfig) -> None:
    """Refuse words that ask for something else than what a run was begun with."""
    kind = saved.data if saved.data in SOURCES else "folder"  # prepared videos have their own name
    if args.data not in (None, saved.data, kind):
        raise ConfigError(
            f"--data is {args.data!r:.80}; the run in {args.out} was begun on {saved.data} and "
            "goes on with that: leave --data away, or choose another --out"
        )
    if args.flips and saved.augment_target and not saved.flips:
        raise ConfigError(f"--flips is given; the run in {args.out} was begun without and stays so")


def demand_fresh(out: Path) -> None:
    """Refuse a folder that holds a run."""
    if has_state(out / "state"):
        raise RunError(f"{out} holds a run already; add --resume, or choose another --out")


def in_bf16(precision: str, device: torch.device) -> bool:
    """Whether to work in bfloat16: as told, or where the device is made for it."""
    return precision == "bf16" or (precision == "auto" and prefers_bf16(device))


class Run:
    """A trainer with its data, started or gone on with, and the loop that drives it.

    ``args`` has what ``add_parser`` adds, but for the preset; ``ranks`` are the processes.
    """

    def __init__(
        self, config: TrainConfig, args: argparse.Namespace, ranks: Ranks | None = None
    ) -> None:
        self.out: Path = args.out
        self.ranks = ranks or Ranks(args.device or best_device())
        device = self.ranks.device
        if args.threads:
            torch.set_num_threads(args.threads)
        # The first fetches what is missing, the others find it.
        source = self.ranks.in_turn(
            lambda: open_source(config.data, args.data_root, device, args.download)
        )
        if not args.resume:
            demand_fresh(self.out)
        bf16 = in_bf16(args.precision, device)
        self.trainer = Trainer(config, source, device, bf16, self.ranks)
        self.trainer.split(args.accumulate)
        pace = Pace(
            min(args.max_steps or config.steps, config.steps),
            args.save_every,
            args.sheet_every,
            args.time_limit,
            args.watch,
            args.tensorboard,
        )
        self.loop = Loop(self.trainer, self.out, pace)
        if args.resume:
            self.go_on()
        elif args.init_from:
            lines = start_from(find_start(args.init_from), self.trainer)
            if self.ranks.first:
                print("\n".join(lines), flush=True)

    def go_on(self) -> None:
        """Begin where the state in the folder ends; say it, where it was made by other ranks."""
        saved = load_state(self.out / "state", self.trainer)
        self.loop.resumed(saved.seconds, saved.wall)
        now = self.ranks.count
        if saved.processes != now and self.ranks.first:
            print(
                f"saved by {saved.processes} process(es), {now} go on: each now works on "
                f"{self.trainer.config.batch // now} of a batch's {self.trainer.config.batch} "
                "clips; the batches and the schedule stay, sums are rounded in another order",
                file=sys.stderr,
            )

    def go(self, plan: Plan | None = None) -> int:
        """Train; see ``Loop.go``. Says in the end what a run has not come to."""
        if plan and plan.seconds:  # of this call; what the folder keeps is of all of them
            plan = dataclasses.replace(plan, seconds=self.loop.wall + plan.seconds)
        code = self.loop.go(plan)
        config, step = self.trainer.config, self.trainer.step_number
        if self.ranks.first and step < config.steps:
            half = " It still draws at half the side." if step < config.coarse_steps else ""
            print(
                f"stopped at step {step:,} of {config.steps:,}.{half} The same command with "
                "--resume goes on",
                file=sys.stderr,
            )
        return code
