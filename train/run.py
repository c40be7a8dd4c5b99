"""`python -m train run`: train a preset, watch it, stop and go on."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import torch
from torch import Tensor
from tqdm import tqdm

from train.arguments import count, duration
from train.config import TrainConfig
from train.data import DataError, open_source
from train.devices import best_device, clock, prefers_bf16
from train.diversity import CollapseWatch, batch_diversity
from train.presets import PRESETS, preset
from train.provenance import write_release
from train.sheets import contact_sheet, write_sheet
from train.state import StateError, has_state, load_state, save_state, trainer_tensors
from train.trainer import Trainer
from vidgen.config import ConfigError
from vidgen.families import StganConfig
from vidgen.release import ReleaseError, load_generator

CHECK_EVERY = 50  # steps between looks at the not-finite flag: a look stalls a GPU


class RunError(Exception):
    """A run that can't start or go on; the message says why and what stays."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("run", help="train a preset, or go on with it")
    parser.add_argument("--preset", required=True, help=", ".join(PRESETS))
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
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out")
    parser.add_argument("--init-from", type=Path, metavar="RELEASE", help="start from its weights")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Run; returns the exit code: 0 done, 1 failed, 2 refused, 128 + n stopped by signal n."""
    try:
        return Run(preset(args.preset), args).go()
    except (RunError, StateError) as error:
        print(f"train run: {error}", file=sys.stderr)
        return 1
    except (ConfigError, DataError, ReleaseError) as error:
        print(f"train run: {error}", file=sys.stderr)
        return 2


class Run:
    """One run and its folder: log.jsonl, sheet-*.png, state/, release.safetensors.

    ``args`` has what ``add_parser`` adds, but for the preset.
    """

    def __init__(self, config: TrainConfig, args: argparse.Namespace) -> None:
        self.args = args
        self.out: Path = args.out
        self.last = min(args.max_steps or config.steps, config.steps)
        device = torch.device(args.device or best_device())
        if args.threads:
            torch.set_num_threads(args.threads)
        source = open_source(config.data, args.data_root, device, args.download)
        if not args.resume and has_state(self.out / "state"):
            raise RunError(f"{self.out} holds a run already; add --resume, or choose another --out")
        bf16 = args.precision == "bf16" or (args.precision == "auto" and prefers_bf16(device))
        self.trainer = Trainer(config, source, device, bf16)
        self.seconds = 0.0  # that the steps took so far, see ``clock``
        self.watch = CollapseWatch(config.steps)
        if args.resume:
            self.seconds = load_state(self.out / "state", self.trainer)
            self.watch.replay(self.out / "log.jsonl", self.trainer.step_number)
        elif args.init_from:
            self.start_from(args.init_from)
        self.stopped_by = 0
        self.saved_step = self.trainer.step_number if args.resume else -1

    def start_from(self, release: Path) -> None:
        """Begin with a release's weights: generator and average; the critics start anew."""
        weights, info = load_generator(release)
        model = info.model
        if isinstance(model, StganConfig):  # how far a coarse run had come is not the model's
            model = dataclasses.replace(model, coarse=0.0)
        if model != self.trainer.config.model:
            raise RunError(f"{release} holds another model than the preset; legal is the same")
        self.trainer.generator.load_state_dict(weights.state_dict())
        self.trainer.average.load_state_dict(weights.state_dict())

    def go(self) -> int:
        """Train until done, out of time, or told to stop; whatever happens, keep a good state."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            log = (self.out / "log.jsonl").open("a")
        except OSError as error:
            raise RunError(f"--out {self.out} can't be written: {error.strerror}") from error
        kept = {s: signal.signal(s, self.stop) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            pace = 0.5 if sys.stderr.isatty() else 60.0  # seconds between two looks at the bar
            with (
                log,
                tqdm(
                    total=self.last, initial=self.trainer.step_number, unit="step", mininterval=pace
                ) as bar,
            ):
                self.loop(log, bar)
        except OSError as error:
            raise RunError(
                f"can't write to {self.out}: {error.strerror}; {self.what_stays}"
            ) from error
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
        if self.stopped_by:
            return 128 + self.stopped_by
        return 0

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Remember a signal; the loop ends after the step it is in."""
        self.stopped_by = number

    def loop(self, log, bar: tqdm) -> None:  # noqa: ANN001 - a text file
        """Check, log, show, save, stop or step: in this order, so the last step gets it all."""
        trainer, args = self.trainer, self.args
        started = saved = time.monotonic()
        every = 50 if trainer.device.type == "cuda" else 10
        sums: dict[str, Tensor] = {}
        while True:
            step, now = trainer.step_number, time.monotonic()
            out_of_time = args.time_limit is not None and now - started > args.time_limit
            done = step >= self.last or out_of_time or bool(self.stopped_by)
            saving = done or now - saved > args.save_every
            if saving or step % CHECK_EVERY == 0:
                self.check(step, saving=saving)
            if sums and (step % every == 0 or done):
                self.log(log, bar, sums)
                sums = {}
            if step % args.sheet_every == 0 or done:
                self.show(step)
            if saving:
                self.save(step)
                saved = time.monotonic()
            if done:
                break
            begun = clock(trainer.device)
            statistics = trainer.step()
            self.seconds += clock(trainer.device) - begun
            sums = {k: v + sums.get(k, 0) for k, v in statistics.items()} | {
                "steps": sums.get("steps", torch.zeros(())) + 1
            }
            bar.update()

    def log(self, log, bar: tqdm, sums: dict[str, Tensor]) -> None:  # noqa: ANN001
        """Write the means since the last line to the log and the bar."""
        count = sums.pop("steps").item()
        means = {name: total.item() / count for name, total in sums.items()}
        means["batch_diversity"] = batch_diversity(means["scatter_fakes"], means["scatter_reals"])
        values = {name: round(mean, 4) for name, mean in means.items()}
        config = self.trainer.config
        bar.set_postfix(
            g=values["loss_g"], d=values["loss_d"], gap=values[f"gap_{config.critics[-1].kind}"],
            div=values["batch_diversity"], refresh=False,
            clips_s=round(config.clips_a_step * (bar.format_dict["rate"] or 0), 1),
        )  # fmt: skip
        step, level = self.trainer.step_number, values["batch_diversity"]
        clips = step * config.clips_a_step
        line = {"step": step, "clips": clips, "seconds": round(self.seconds, 1), **values}
        event = self.watch.see(step, level)
        log.writelines(json.dumps(entry) + "\n" for entry in (line, event) if entry)
        log.flush()
        if event:
            bar.write(f"{event['event']} at step {step}: batch diversity {level}", sys.stderr)

    def show(self, step: int) -> None:
        """Write the contact sheet of the average's fixed seeds."""
        sheet = contact_sheet(self.trainer.average, self.trainer.device)
        caption = f"step {step}, batch diversity {self.watch.last:.2f}"
        write_sheet(self.out / f"sheet-{step:06}.png", sheet, caption)

    def check(self, step: int, *, saving: bool = False) -> None:
        """Stop at the first sign of a number that is not finite; the last good state stays.

        The sign is a loss, which tells of the step before; so before a save all tensors are looked
        at too, and only then, because that waits for the device.
        """
        if not (saving or self.trainer.not_finite.item()):
            return
        broken = [
            name
            for name, value in trainer_tensors(self.trainer).items()
            if not torch.isfinite(value).all()
        ]
        if broken or self.trainer.not_finite.item():
            raise RunError(
                f"not finite between step {max(step - CHECK_EVERY, 0)} and {step}: "
                f"{broken[0] if broken else 'a loss'}; {self.what_stays}"
            )

    @property
    def what_stays(self) -> str:
        """What a run that fails leaves to go on from."""
        if self.saved_step < 0:
            return "no state was saved yet"
        return f"the state of step {self.saved_step} stays"

    def save(self, step: int) -> None:
        """Write the state, and a release that a later run can start from."""
        if step == self.saved_step:
            return
        save_state(self.out / "state", self.trainer, self.seconds)
        name = self.trainer.source.name
        write_release(self.out / "release.safetensors", self.trainer, name, self.seconds)
        self.saved_step = step
