"""Slow motion: the program that plays a tiny game in single steps, and how it is asked."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from vidgen.jobs import CODE, JobError
from vidgen.legal import RequestError
from vidgen.notes import note
from vidgen.plan import is_folder
from vidgen.process import call_limited

DATA = {"phenomena-32": False, "digits-32": True, "sprites-32": True}  # whether files are needed
STEPS = {"draw": "draw", "critic": "critic", "generator": "generator", "rounds": "rounds 10"}
_PATIENCE = 180.0  # seconds for an answer
_MAX_BYTES = 2**23  # of an answer
_GRACE = 10.0  # seconds to end in


class Slow:
    """One game at a time, shared by all who look. May be called from any thread.

    The program reads from a pipe that only this process holds: it ends with it, however that ends,
    and by itself when nobody asks for a while.
    """

    def __init__(self, program: Sequence[str]) -> None:
        self._program = list(program)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._told: dict[str, Any] | None = None

    def now(self) -> dict[str, Any]:
        """Return what was told last; ``told`` is None where no game is on."""
        process = self._process
        on = process is not None and process.poll() is None
        return {"told": self._told if on else None, "data": DATA}

    def begin(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a new game, in place of the one that is on, and draw its first clips.

        Raises:
            RequestError: no such data, or no folder where it needs one.
            JobError: the program can't be run, or ended.
        """
        data, root = asked.get("data"), asked.get("root")
        if not isinstance(data, str) or data not in DATA:
            names = ", ".join(DATA)
            raise RequestError("data", data, (f"one of {names}", f"{names} 之一"))
        if DATA[data] and not is_folder(root):
            raise RequestError("root", root, ("a folder that is there", "一个存在的文件夹"))
        words = ["slow", "--data", data]
        if DATA[data]:
            words += ["--data-root", str(Path(str(root)).expanduser().absolute())]
        with self._lock:
            self._end()
            self._start(words)
            return self._ask("draw")

    def go(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do a step of the game and return what it came to; raises as ``begin`` does."""
        step = asked.get("go")
        if not isinstance(step, str) or step not in STEPS:
            names = ", ".join(STEPS)
            raise RequestError("go", step, (f"one of {names}", f"{names} 之一"))
        with self._lock:
            return self._ask(STEPS[step])

    def end(self) -> None:
        """End the game, if one is on."""
        with self._lock:
            self._end()

    def _start(self, words: Sequence[str]) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the game is on
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                [*self._program, *words], cwd=CODE, stdin=pipe, stdout=pipe, stderr=self._said,
                start_new_session=True,  # Ctrl-C at the page's server is not meant for it
            )  # fmt: skip
        except OSError as error:
            self._said.close()
            raise JobError(note("training-missing", "", why=error.strerror)) from error

    def _ask(self, words: str) -> dict[str, Any]:
        process = self._process
        if process is None or (process.poll() is not None and self._told is not None):
            self._end()
            raise JobError(note("slow-over", ""))
        assert process.stdin and process.stdout
        try:
            process.stdin.write(f"{words}\n".encode())
            process.stdin.flush()
            stdout = process.stdout
            told = json.loads(call_limited(lambda: stdout.readline(_MAX_BYTES), _PATIENCE))
        except (OSError, ValueError, TimeoutError) as error:
            raise JobError(note("slow-failed", "", why=self._end() or str(error))) from error
        self._told = told
        return told

    def _end(self) -> str:
        """End the program, if there is one; returns the last line that it said."""
        process, self._process, self._told = self._process, None, None
        if process is None:
            return ""
        assert process.stdin and process.stdout and self._said
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        with self._said as said:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""
