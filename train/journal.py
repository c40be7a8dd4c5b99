"""The log of a run: a line of JSON at a time, which is the truth; TensorBoard may see it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidgen.config import ConfigError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

LOG = "log.jsonl"
EVENTS = "tensorboard"
_PLACES = ("step", "clips", "seconds")  # what says where a line stands


class Journal:
    """Adds lines to a run's log.jsonl, each at once; as event files too, if that is wanted.

    Raises:
        ConfigError: TensorBoard is wanted and not installed.
    """

    def __init__(self, out: Path, tensorboard: bool = False) -> None:
        self._board = _board(out / EVENTS) if tensorboard else None
        self._log = (out / LOG).open("a")

    def write(self, line: Mapping[str, Any]) -> None:
        """Add a line: numbers by name at a step, or an event at one."""
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()
        if self._board is None:
            return
        if "event" in line:
            self._board.add_text("events", json.dumps(line), line["step"])
            return
        for name, value in line.items():
            if name not in _PLACES:
                self._board.add_scalar(name, value, line["step"])

    def close(self) -> None:
        """Write out what is still in memory, and end."""
        self._log.close()
        if self._board is not None:
            self._board.close()


def _board(folder: Path) -> SummaryWriter:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "--tensorboard needs TensorBoard: pip install tensorboard; the log needs nothing"
        ) from error
    return SummaryWriter(str(folder))
