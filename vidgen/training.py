"""Training from the page: presets to choose from, runs as processes of their own, releases."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidgen.datasets import datasets_folder
from vidgen.hub import Shelf
from vidgen.index import read_index
from vidgen.jobs import CODE, JobError, free_name
from vidgen.legal import RequestError
from vidgen.notes import note
from vidgen.plan import Plan, demand_name, read_plan
from vidgen.preparing import Preparing
from vidgen.process import ProcessError, run_limited
from vidgen.progress import Log, pace, spent_in
from vidgen.release import sha256_of
from vidgen.runs import Run, list_runs
from vidgen.slow import Slow

PROGRAM = (sys.executable, "-m", "train")
_PATIENCE = 120.0  # seconds for a program that lists or ships
_WORKING = ("starting", "running", "pausing")


class Training:
    """Runs of one folder, and the releases that they become. May be called from any thread.

    Nothing of a run lives in this process: a run goes on when this one ends, and is found again by
    what lies in its folder.

    Args:
        folder: of the runs.
        checkpoints: where releases go; the shelf's own folder.
        shelf: is told of new releases.
        program: what trains, and prepares videos.

    Attributes:
        preparing: makes data sets of videos, in a folder beside that of the runs.
        slow: plays a tiny game in single steps.
    """

    def __init__(
        self, folder: Path, checkpoints: Path, shelf: Shelf, program: Sequence[str] = PROGRAM
    ) -> None:
        self._folder, self._checkpoints, self._shelf = folder, checkpoints, shelf
        self._program = list(program)
        self._beginning = threading.Lock()  # one thing is begun at a time
        self._lock = threading.Lock()  # over what this remembers
        self.preparing = Preparing(datasets_folder(folder), program, self._trains_on)
        self.slow = Slow(program)
        self._presets: list[dict[str, Any]] = []
        self._logs: dict[str, Log] = {}

    def presets(self) -> list[dict[str, Any]]:
        """Return what can be trained: name, data, steps, whether it needs a folder of files ...

        Raises:
            JobError: nothing can be trained here.
        """
        with self._lock:
            if not self._presets:
                self._presets = json.loads(self._ask("presets", "--json"))
            return self._presets

    def runs(self) -> list[Run]:
        """Return all runs, the newest first."""
        return list_runs(self._folder)

    def run(self, name: object) -> Run:
        """Return a run by name; RequestError where there is none."""
        found = next((run for run in self.runs() if run.name == name), None)
        if found is None:
            names = ", ".join(run.name for run in self.runs()[:8]) or "-"
            raise RequestError("run", name, (f"one of {names}", f"{names} 之一"))
        return found

    def log(self, run: Run) -> Log:
        """Return a run's log, read up to now."""
        with self._lock:
            log = self._logs.setdefault(run.name, Log(run.log))
            log.read()
            return log

    def last_step(self, run: Run) -> int | None:
        """Return the step at which a run is done; None where nobody knows."""
        plan = run.plan
        if plan is None or plan.last or plan.steps:
            return plan and (plan.last or plan.steps)
        return next((p["steps"] for p in self.presets() if p["name"] == plan.preset), None)

    def describe(self, run: Run) -> dict[str, Any]:
        """Return how a run stands, for the page."""
        plan, log = run.plan, self.log(run)
        last, standing = self.last_step(run), run.standing
        where = pace(log, last, plan.seconds if plan else None)
        return {
            "name": run.name,
            "preset": plan and plan.preset,
            "standing": standing,
            "said": run.last_words() if standing in ("failed", "cut") else "",
            "last": last,
            **where,
            "goes_on": bool(
                plan and run.has_state and standing not in _WORKING and not _is_done(where, last)
            ),
            "saved": run.release is not None,
            "deletable": run.own and standing not in _WORKING,
            "release": self._shipped_as(run),
        }

    def start(self, asked: dict[str, Any]) -> Run:
        """Begin a run as asked: preset, and perhaps root, steps, seconds and name.

        Raises:
            RequestError: something asked is not legal.
            JobError: another run is in training, or none can be started.
        """
        plan = read_plan(asked, self.presets())
        name = demand_name(asked.get("name") or plan.preset)
        with self._beginning:
            self._demand_rest()
            run = Run(self._folder / free_name(self._folder, name))
            run.write_plan(plan)
            self._launch(run, plan, resume=False)
        return run

    def resume(self, name: object) -> Run:
        """Let a run go on from what it saved; raises as ``start`` does.

        One whose time is over gets as much again.
        """
        run = self.run(name)
        plan = run.plan
        if plan is None or not run.has_state:
            raise JobError(note("training-new", run.name))
        if plan.seconds is not None:
            lines = self.log(run).lines
            left = plan.seconds - (spent_in(lines[-1]) if lines else 0)
            plan = dataclasses.replace(plan, seconds=left if left >= 1 else plan.seconds)
        with self._beginning:
            self._demand_rest()
            self._launch(run, plan, resume=True)
        return run

    def pause(self, name: object) -> Run:
        """Ask a run to save and end; it can go on later, also after this machine was off."""
        run = self.run(name)
        if not run.stop():
            raise JobError(note("training-idle", run.name))
        return run

    def delete(self, name: object) -> str:
        """Take a run away with all it saved; releases made of it stay. Returns its name.

        Raises:
            RequestError: no such run.
            JobError: it is in training, or its folder is a link or no run's.
        """
        run = self.run(name)
        with self._beginning:
            run.remove()
        with self._lock:
            self._logs.pop(run.name, None)
        return run.name

    def ship(self, name: object, called: object) -> str:
        """Make a release of what a run saved last, and put it on the shelf; returns its name.

        Raises:
            RequestError: no such run, or a name that is not legal or another release's.
            JobError: it saved nothing yet, or shipping failed.
        """
        run = self.run(name)
        if run.release is None:
            raise JobError(note("training-new", run.name))
        called = demand_name(called)
        with self._beginning:
            rows = {row.name: row for row in read_index(self._checkpoints)[0]}
            if called in rows and rows[called].sha256 != run.shipped.get(called):
                raise RequestError(
                    "name", called, ("a name that no release has", "尚未被其他模型使用的名称")
                )
            words = ("--release", str(run.release), "--folder", str(self._checkpoints))
            self._ask("ship", *words, "--name", called, about=run.name)
            run.note_shipped(called, sha256_of(self._checkpoints / f"{called}.safetensors"))
            self._shelf.renew()
        return called

    def _demand_rest(self) -> None:
        for run in self.runs():
            if run.process is not None:
                raise JobError(note("training-busy", run.name))

    def _trains_on(self, folder: Path) -> str | None:
        """Return the run that reads a folder now, if any."""
        for run in self.runs():
            plan = run.plan
            if plan and plan.root and run.process and Path(plan.root).resolve() == folder.resolve():
                return run.name
        return None

    def _launch(self, run: Run, plan: Plan, resume: bool) -> None:
        words = ["run", "--preset", plan.preset, "--out", str(run.folder)]
        for option, value in (
            ("--data", plan.data),
            ("--data-root", plan.root),
            ("--max-steps", plan.steps),
            ("--time-limit", plan.seconds and f"{plan.seconds:.0f}s"),
        ):
            words += [option, str(value)] if value else []
        words += ["--resume"] if resume else []
        try:
            run.launch([*self._program, *words])
        except OSError as error:
            raise JobError(note("training-missing", run.name, why=error.strerror)) from error

    def _shipped_as(self, run: Run) -> str | None:
        """Return the name of the release that a run became, if it is still there."""
        rows = {row.name: row.sha256 for row in self._shelf.rows()}
        names = [name for name, sha in run.shipped.items() if rows.get(name) == sha]
        return names[-1] if names else None

    def _ask(self, *words: str, about: str = "") -> bytes:
        try:
            return run_limited([*self._program, *words], b"", _PATIENCE, cwd=CODE)
        except ProcessError as error:
            kind = "training-failed" if about else "training-missing"
            raise JobError(note(kind, about, why=error)) from error


def _is_done(where: Any, last: int | None) -> bool:  # noqa: ANN401 - what pace returns
    return last is not None and where["step"] >= last
