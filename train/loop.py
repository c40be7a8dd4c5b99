"""What a run does between its steps: look for faults, log, show, save, stop."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import torch
from torch import Tensor
from tqdm import tqdm

from train.claim import claimed
from train.devices import clock
from train.diversity import CollapseWatch, batch_diversity
from train.journal import Journal
from train.pace import Pace
from train.provenance import write_release
from train.ranks import RanksError
from train.sheets import contact_sheet, write_sheet
from train.state import save_state, trainer_tensors
from train.trainer import Trainer
from train.watch import Watch
from vidgen.plan import Plan

CHECK_EVERY = 50  # steps between looks at the not-finite flag: a look stalls a GPU
AGREE_EVERY = 10  # steps between two times that several processes ask each other


class RunError(Exception):
    """A run that can't start or go on; the message says why and what stays."""


class Loop:
    """One run and its folder: log.jsonl, sheet-*.png, state/, release.safetensors.

    All processes of ``trainer.ranks`` go through it together; the first one alone writes.

    Attributes:
        seconds: that the steps took so far, see ``train.devices.clock``.
        wall: seconds of the day that training took so far, with all it writes.
        watch: for a collapse.
        saved_step: step of the state in the folder, -1 for none.
        stopped_by: number of the signal that ended it, 0 for none.
    """

    def __init__(self, trainer: Trainer, out: Path, pace: Pace) -> None:
        self.trainer, self.out, self.pace = trainer, out, pace
        self.seconds = self.wall = 0.0
        self.watch = CollapseWatch(trainer.config.steps)
        self.saved_step, self.stopped_by = -1, 0
        self._parts = len(trainer.parts)
        self._journal: Journal | None = None
        self._moments: Watch | None = None

    def resumed(self, seconds: float, wall: float) -> None:
        """Go on from the state that the trainer holds now, which took so long."""
        self.seconds, self.wall, self.saved_step = seconds, wall, self.trainer.step_number
        self.watch.replay(self.out / "log.jsonl", self.trainer.step_number)

    def go(self, plan: Plan | None = None) -> int:
        """Train until done, out of time, or told to stop; whatever happens, keep a good state.

        Args:
            plan: what was asked; the folder keeps it, if it knows of none.

        Returns:
            0, or 128 + the number of the signal that ended it.

        Raises:
            RunError: a number is not finite, a file can't be written, or another process is gone.
            ConfigError: another run holds the folder, or TensorBoard is missing.
        """
        kept = {s: signal.signal(s, self.stop) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            with self.opened(plan), self.bar() as bar:
                self.turn(bar)
        except OSError as error:
            raise RunError(
                f"can't write to {self.out}: {error.strerror}; {self.what_stays}"
            ) from error
        except RanksError as error:
            raise RunError(f"{error}; {self.what_stays}") from error
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
        return self.code

    @contextlib.contextmanager
    def opened(self, plan: Plan | None):  # noqa: ANN201 - a context
        """Hold the folder and what is written there; the first process alone."""
        if not self.trainer.ranks.first:
            yield
            return
        with contextlib.ExitStack() as held:
            try:
                folder = held.enter_context(claimed(self.out, plan, self.pace.last))
                self._journal = Journal(self.out, self.pace.tensorboard)
                held.callback(self._journal.close)
            except OSError as error:
                raise RunError(f"--out {self.out} can't be written: {error.strerror}") from error
            self._moments = Watch(self.out, self.trainer) if self.pace.moments else None
            yield
            folder.leave(self.code)

    @property
    def code(self) -> int:
        """The exit code: 0, or 128 + the number of the signal that ended it."""
        return 128 + self.stopped_by if self.stopped_by else 0

    def bar(self) -> tqdm:
        """Show on a terminal how far it is; the first process alone."""
        pace = 0.5 if sys.stderr.isatty() else 60.0  # seconds between two looks at the bar
        return tqdm(
            total=self.pace.last, initial=self.trainer.step_number, unit="step", mininterval=pace,
            disable=not self.trainer.ranks.first,
        )  # fmt: skip

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Remember a signal; the loop ends after the step it is in."""
        self.stopped_by = number

    def turn(self, bar: tqdm) -> None:
        """Check, log, show, save, stop or step: in this order, so the last step gets it all."""
        trainer = self.trainer
        started = saved = time.monotonic()
        earlier = self.wall
        every = 50 if trainer.device.type == "cuda" else 10
        sums: dict[str, Tensor] = {}
        while True:
            step, now = trainer.step_number, time.monotonic()
            self.wall = earlier + now - started
            late = self.pace.time_limit is not None and now - started > self.pace.time_limit
            done, saving = self.agreed(late, now - saved > self.pace.save_every)
            if saving or step % CHECK_EVERY == 0:
                self.check(step, saving=saving)
            if sums and (step % every == 0 or done):
                self.log(bar, sums)
                sums = {}
            if trainer.ranks.first and (step % self.pace.sheet_every == 0 or done):
                self.show(step)
            if self._moments:
                self._moments.look(saving)
            if saving:
                self.save(step)
                saved = time.monotonic()
            if done:
                break
            begun = clock(trainer.device)
            statistics = trainer.step()
            self.seconds += clock(trainer.device) - begun
            self.tell_parts(bar)
            sums = {k: v + sums.get(k, 0) for k, v in statistics.items()} | {
                "steps": sums.get("steps", torch.zeros(())) + 1
            }
            bar.update()

    def agreed(self, late: bool, saving: bool) -> tuple[bool, bool]:
        """Whether to end and whether to save now: the same in all processes.

        They have clocks and signals of their own, and asking waits for the device, so they ask
        each other now and then.
        """
        ranks, step = self.trainer.ranks, self.trainer.step_number
        ends = step >= self.pace.last
        if ranks.count > 1 and not ends:
            if step % AGREE_EVERY:
                return False, False
            wishes = torch.tensor([late, saving, self.stopped_by], device=ranks.device)
            late, saving, stopped = (bool(wish) for wish in ranks.mean(wishes.float()).tolist())
            if stopped and not self.stopped_by:
                self.stopped_by = int(signal.SIGTERM)
        done = ends or late or bool(self.stopped_by)
        return done, done or saving

    def log(self, bar: tqdm, sums: dict[str, Tensor]) -> None:
        """Write the means since the last line, over all processes, to the log and the bar."""
        count = sums.pop("steps").item()
        means = self.trainer.ranks.mean(torch.stack([total.float() for total in sums.values()]))
        if not self._journal:
            return
        values = {name: mean / count for name, mean in zip(sums, means.tolist(), strict=True)}
        values["batch_diversity"] = batch_diversity(
            values["scatter_fakes"], values["scatter_reals"]
        )
        values = {name: round(value, 4) for name, value in values.items()}
        config = self.trainer.config
        bar.set_postfix(
            g=values["loss_g"], d=values["loss_d"], gap=values[f"gap_{config.critics[-1].kind}"],
            div=values["batch_diversity"], refresh=False,
            clips_s=round(config.clips_a_step * (bar.format_dict["rate"] or 0), 1),
        )  # fmt: skip
        step, level = self.trainer.step_number, values["batch_diversity"]
        clips = step * config.clips_a_step
        spent = {"seconds": round(self.seconds, 1), "wall": round(self.wall, 1)}
        self._journal.write({"step": step, "clips": clips, **spent, **values})
        event = self.watch.see(step, level)
        if event:
            self._journal.write(event)
            bar.write(f"{event['event']} at step {step}: batch diversity {level}", sys.stderr)

    def tell_parts(self, bar: tqdm) -> None:
        """Say that memory was short, and how a batch is worked on from now on."""
        parts = len(self.trainer.parts)
        if parts == self._parts:
            return
        self._parts, step = parts, self.trainer.step_number
        rows = len(self.trainer.parts[0])
        if self._journal:
            self._journal.write({"event": "out of memory", "step": step, "parts": parts})
        bar.write(
            f"out of memory at step {step}: from now on a batch is {parts} parts of {rows} clips, "
            "one after the other; the gradients are the whole batch's", sys.stderr,
        )  # fmt: skip

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
        trainer = self.trainer
        flagged = trainer.ranks.any(bool(trainer.not_finite.item()))
        if not (saving or flagged):
            return
        tensors = trainer_tensors(trainer).items()
        broken = [name for name, value in tensors if not torch.isfinite(value).all()]
        if broken or flagged:
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
        if step != self.saved_step and self.trainer.ranks.first:
            save_state(self.out / "state", self.trainer, self.seconds, self.wall)
            name = self.trainer.source.name
            write_release(self.out / "release.safetensors", self.trainer, name, self.seconds)
        self.saved_step = step
