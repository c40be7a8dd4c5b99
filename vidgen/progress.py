"""How a run goes, from its log.jsonl: its curves, its pace, the time that is left."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POINTS = 300  # of a curve, at most
_RECENT = 20  # lines that the pace is taken from
_BLOCK = 2**20  # bytes read at a time
_PLACES = ("step", "clips", "seconds", "wall")  # what says where a line stands, and is no curve


@dataclass
class Log:
    """The lines of a log, read on from where the last look ended.

    A run that goes on after it was cut writes steps again that the log has already: the later line
    counts. A line that is not whole yet is left for the next look; one that is no JSON is left out.
    """

    path: Path
    lines: list[dict[str, float]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    _offset: int = 0
    _inode: int = 0

    def read(self) -> bool:
        """Read what is new; says whether anything was."""
        try:
            status = self.path.stat()
        except OSError:
            return self._forget()
        if status.st_ino != self._inode or status.st_size < self._offset:  # another file
            self._forget()
            self._inode = status.st_ino
        if status.st_size == self._offset:
            return False
        with self.path.open("rb") as file:
            file.seek(self._offset)
            rest = b""
            while block := file.read(_BLOCK):
                whole, mark, rest = (rest + block).rpartition(b"\n")
                self._offset += len(whole) + len(mark)
                for line in whole.splitlines():
                    self._take(line)
        return True

    def _forget(self) -> bool:
        known = bool(self.lines or self.events)
        self.lines, self.events, self._offset, self._inode = [], [], 0, 0
        return known

    def _take(self, line: bytes) -> None:
        try:
            words = json.loads(line)
            step = float(words["step"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if "event" in words:
            _drop(self.events, step)
            self.events.append({"step": step, "event": str(words["event"])[:40]})
        else:
            _drop(self.lines, step)
            numbers = {k: float(v) for k, v in words.items() if isinstance(v, (int, float))}
            self.lines.append(numbers)


def _drop(known: list[dict[str, Any]], step: float) -> None:
    while known and known[-1]["step"] >= step:
        known.pop()


def curves(log: Log, points: int = POINTS) -> dict[str, list[float | None]]:
    """Return each number of a log over its steps, as means of equal shares of its lines.

    Returns:
        By name as many values as under "step"; None where a line lacks one or it is not finite.
    """
    lines = log.lines
    width = max(math.ceil(len(lines) / points), 1)
    groups = [lines[start : start + width] for start in range(0, len(lines), width)]
    names = list(dict.fromkeys(name for line in lines for name in line))
    return {
        name: [group[-1].get(name) if name in _PLACES else _mean(name, group) for group in groups]
        for name in names
    }


def _mean(name: str, group: list[dict[str, float]]) -> float | None:
    values = [line[name] for line in group if math.isfinite(line.get(name, math.nan))]
    return round(sum(values) / len(values), 5) if values else None


def spent_in(line: Mapping[str, float]) -> float:
    """Return the seconds of the day that a run took up to a line; older logs have the steps' own.

    The steps' own seconds are those of all threads on a CPU, and say nothing of when it will end.
    """
    return line.get("wall", line.get("seconds", 0.0))


def pace(log: Log, last: int | None, seconds: float | None = None) -> Mapping[str, float | None]:
    """Return where a run stands and how fast it goes.

    Args:
        log: was read.
        last: the step at which it is done; None where nobody knows.
        seconds: of training after which it is done, if there is such a limit.

    Returns:
        step, clips, seconds (all of training so far), clips_a_second (over the last lines) and
        left (seconds of training to go); None where it is not known yet.
    """
    if not log.lines:
        return {"step": 0, "clips": 0, "seconds": 0, "clips_a_second": None, "left": None}
    now = log.lines[-1]
    before = log.lines[max(len(log.lines) - 1 - _RECENT, 0)] if len(log.lines) > 1 else {"step": 0}
    spent = spent_in(now)
    took = spent - spent_in(before)
    steps, clips = (now.get(key, 0) - before.get(key, 0) for key in ("step", "clips"))
    moving = took > 0 and steps > 0
    limits = [] if last is None or not moving else [max(last - now["step"], 0) * took / steps]
    if seconds is not None:
        limits.append(max(seconds - spent, 0))
    return {
        "step": now["step"], "clips": now.get("clips", 0), "seconds": spent,
        "clips_a_second": clips / took if moving else None,
        "left": min(limits) if limits else None,
    }  # fmt: skip
