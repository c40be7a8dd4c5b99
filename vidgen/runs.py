"""The folders of training runs: what each was asked, which process works on it, how it stands."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from vidgen.alive import Process, process_of
from vidgen.config import ConfigError
from vidgen.plan import Plan, is_name
from vidgen.release import write_bytes

VARIABLE = "VIDGEN_RUNS"
RUNS = Path(__file__).resolve().parent.parent / "runs"
FORMAT = 1
OUTPUT = "output.txt"  # what the process said
_PLAN, _PROCESS, _SHIPPED = "asked.json", "process.json", "shipped.json"
_MAX_BYTES = 2**16  # of such a file
_TAIL = 4096  # bytes of what a process said last
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)

Standing = Literal["starting", "running", "pausing", "paused", "finished", "failed", "cut"]


class Run:
    """One run's folder; it need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, folder.name

    @property
    def plan(self) -> Plan | None:
        """What it was asked; None where nobody wrote that down."""
        try:
            words = _read(self.folder / _PLAN)
            plan = Plan(**{key: words[key] for key in Plan.__annotations__ if key in words})
            return plan if isinstance(plan.preset, str) else None
        except _UNREADABLE:
            return None

    def write_plan(self, plan: Plan) -> None:
        """Write down what it is asked to do."""
        _write(self.folder / _PLAN, asdict(plan))

    def claim(self, pid: int, asked_to_stop: bool = False) -> None:
        """Write down which process works on it."""
        process = process_of(pid)
        if process is not None:
            _write(self.folder / _PROCESS, {**asdict(process), "stopping": asked_to_stop})

    def leave(self, code: int, pid: int | None = None) -> None:
        """Write down with which exit code its process ended: a signal n is 128 + n.

        Who says it of another process names that one: what it said itself stays, and so does a
        later process.
        """
        if pid is not None:
            with contextlib.suppress(*_UNREADABLE):
                if _read(self.folder / _PROCESS).get("pid") != pid:
                    return
        _write(self.folder / _PROCESS, {"ended": code})

    @property
    def process(self) -> Process | None:
        """Who works on it now; None where nobody does."""
        try:
            words = _read(self.folder / _PROCESS)
            process = Process(int(words["pid"]), str(words["born"]))
        except _UNREADABLE:
            return None
        return process if process.alive else None

    def stop(self) -> bool:
        """Ask its process to save and end; says whether there was one to ask."""
        process = self.process
        if process is None or not process.send(signal.SIGTERM):
            return False
        self.claim(process.pid, asked_to_stop=True)
        return True

    @property
    def standing(self) -> Standing:
        """How it stands: "cut" is a run whose process is gone without a word."""
        try:
            words: Mapping[str, Any] = _read(self.folder / _PROCESS)
        except _UNREADABLE:
            words = {}
        if self.process is not None:
            if words.get("stopping"):
                return "pausing"
            return "running" if self._speaks() else "starting"
        code = words.get("ended")
        if code == 0:
            return "finished"
        if code in (128 + signal.SIGINT, 128 + signal.SIGTERM):
            return "paused"
        return "cut" if self.has_state and (code is None or code > 128) else "failed"

    @property
    def has_state(self) -> bool:
        """Whether there is something to go on from."""
        return any((self.folder / name).exists() for name in ("state", "state.old"))

    @property
    def release(self) -> Path | None:
        """The release that it saved last; None before the first one."""
        path = self.folder / "release.safetensors"
        return path if path.is_file() else None

    @property
    def shipped(self) -> dict[str, str]:
        """The sha256 of each release that it became, by name."""
        try:
            return {str(k): str(v) for k, v in _read(self.folder / _SHIPPED)["releases"].items()}
        except _UNREADABLE:
            return {}

    def note_shipped(self, name: str, sha256: str) -> None:
        """Write down that it became a release."""
        others = {key: value for key, value in self.shipped.items() if key != name}
        _write(self.folder / _SHIPPED, {"releases": {**others, name: sha256}})

    @property
    def log(self) -> Path:
        """Where its lines of numbers are."""
        return self.folder / "log.jsonl"

    def last_words(self) -> str:
        """Return the last line that its process said."""
        try:
            with (self.folder / OUTPUT).open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        lines = [part.strip() for line in text.splitlines() for part in line.split("\r")]
        return next((line for line in reversed(lines) if line), "")[:300]

    def _speaks(self) -> bool:
        """Whether its log has grown since its process began."""
        with contextlib.suppress(OSError):
            return self.log.stat().st_mtime >= (self.folder / _PROCESS).stat().st_mtime
        return False


def runs_folder(env: Mapping[str, str]) -> Path:
    """Return where runs lie: VIDGEN_RUNS, or runs/ beside the code.

    Raises:
        ConfigError: VIDGEN_RUNS is no folder.
    """
    said = env.get(VARIABLE, "").strip()
    folder = Path(said).expanduser().absolute() if said else RUNS
    if "\0" in said or (folder.exists() and not folder.is_dir()):
        raise ConfigError(f"{VARIABLE} is {said!r:.120}; legal is a folder")
    return folder


def list_runs(folder: Path) -> list[Run]:
    """Return the runs of a folder, the newest first; a run is what has a plan or a log."""
    try:
        found = [each for each in folder.iterdir() if is_name(each.name) and each.is_dir()]
    except OSError:
        return []
    runs = [Run(each) for each in found]
    runs = [run for run in runs if run.log.exists() or (run.folder / _PLAN).exists()]
    return sorted(runs, key=lambda run: (-_age(run), run.name))


def _age(run: Run) -> float:
    times = [0.0]
    for path in (run.log, run.folder / _PLAN):
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        words = json.loads(file.read(_MAX_BYTES))
    if words["format"] != FORMAT:
        raise ConfigError(f"{path} has format {words['format']!r:.20}; legal is {FORMAT}")
    return words


def _write(path: Path, words: Mapping[str, Any]) -> None:
    write_bytes(path, (json.dumps({"format": FORMAT, **words}, indent=1) + "\n").encode())
