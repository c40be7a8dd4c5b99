"""The folders of training runs: what each was asked, which process works on it, how it stands."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from vidgen.config import ConfigError
from vidgen.jobs import ASKED, PROCESS, UNREADABLE, Job, read_words, write_words
from vidgen.plan import Plan, is_name

VARIABLE = "VIDGEN_RUNS"
RUNS = Path(__file__).resolve().parent.parent / "runs"
_SHIPPED = "shipped.json"

Standing = Literal["starting", "running", "pausing", "paused", "finished", "failed", "cut"]


class Run(Job):
    """One run's folder; it need not be there yet."""

    @property
    def own(self) -> bool:
        """Whether this folder is a run's."""
        return self.plan is not None

    @property
    def plan(self) -> Plan | None:
        """What it was asked; None where nobody wrote that down."""
        try:
            words = read_words(self.folder / ASKED)
            plan = Plan(**{key: words[key] for key in Plan.__annotations__ if key in words})
            return plan if isinstance(plan.preset, str) else None
        except UNREADABLE:
            return None

    def write_plan(self, plan: Plan) -> None:
        """Write down what it is asked to do."""
        write_words(self.folder / ASKED, asdict(plan))

    @property
    def standing(self) -> Standing:
        """How it stands: "cut" is a run whose process is gone without a word."""
        if self.process is not None:
            if self.stopping:
                return "pausing"
            return "running" if self._speaks() else "starting"
        code = self.ended
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
            return {
                str(k): str(v) for k, v in read_words(self.folder / _SHIPPED)["releases"].items()
            }
        except UNREADABLE:
            return {}

    def note_shipped(self, name: str, sha256: str) -> None:
        """Write down that it became a release."""
        others = {key: value for key, value in self.shipped.items() if key != name}
        write_words(self.folder / _SHIPPED, {"releases": {**others, name: sha256}})

    @property
    def log(self) -> Path:
        """Where its lines of numbers are."""
        return self.folder / "log.jsonl"

    def _speaks(self) -> bool:
        """Whether its log has grown since its process began."""
        with contextlib.suppress(OSError):
            return self.log.stat().st_mtime >= (self.folder / PROCESS).stat().st_mtime
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
    runs = [run for run in runs if run.log.exists() or (run.folder / ASKED).exists()]
    return sorted(runs, key=lambda run: (-_age(run), run.name))


def _age(run: Run) -> float:
    times = [0.0]
    for path in (run.log, run.folder / ASKED):
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)
