"""Folders that a process works on: which one, what it said, how it ended; and taking them away."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vidgen.alive import Process, process_of
from vidgen.config import ConfigError
from vidgen.notes import Note, note
from vidgen.release import write_bytes

FORMAT = 1
CODE = Path(__file__).resolve().parent.parent
OUTPUT = "output.txt"  # what the process said
ASKED = "asked.json"  # what it was asked to do
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
PROCESS = "process.json"
_MAX_BYTES = 2**16  # of such a file
_TAIL = 4096  # bytes of what a process said last
_GONE = ".deleted-"  # a folder that is on its way out


class JobError(Exception):
    """Something that can't be done now; ``note`` says why in both languages."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.en)
        self.note = note


class Job:
    """A folder with one process at a time, here, in a shell or none; it need not be there yet.

    Nothing of it lives in the process that looks at it. A subclass says which file its processes
    lock, and how to tell a folder that they made.
    """

    LOCK = "lock"

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, folder.name

    @property
    def own(self) -> bool:
        """Whether this folder was made by such a job."""
        return (self.folder / ASKED).is_file()

    def claim(self, pid: int, asked_to_stop: bool = False) -> None:
        """Write down which process works on it."""
        process = process_of(pid)
        if process is not None:
            write_words(self.folder / PROCESS, {**asdict(process), "stopping": asked_to_stop})

    def leave(self, code: int, pid: int | None = None) -> None:
        """Write down with which exit code its process ended: a signal n is 128 + n.

        Who says it of another process names that one: what it said itself stays, and so does a
        later process.
        """
        if pid is not None:
            with contextlib.suppress(*UNREADABLE):
                if read_words(self.folder / PROCESS).get("pid") != pid:
                    return
        write_words(self.folder / PROCESS, {"ended": code})

    @property
    def process(self) -> Process | None:
        """Who works on it now; None where nobody does."""
        try:
            words = read_words(self.folder / PROCESS)
            process = Process(int(words["pid"]), str(words["born"]))
        except UNREADABLE:
            return None
        return process if process.alive else None

    @property
    def ended(self) -> int | None:
        """The exit code of its last process; None where nobody wrote it down."""
        code = self._said().get("ended")
        return code if isinstance(code, int) else None

    @property
    def stopping(self) -> bool:
        """Whether its process was asked to end."""
        return bool(self._said().get("stopping"))

    def stop(self) -> bool:
        """Ask its process to save and end; says whether there was one to ask."""
        process = self.process
        if process is None or not process.send(signal.SIGTERM):
            return False
        self.claim(process.pid, asked_to_stop=True)
        return True

    def launch(self, command: Sequence[str]) -> None:
        """Start its process, which goes on when this one ends.

        Raises:
            OSError: the program can't be started, or the folder can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / OUTPUT).open("ab") as said:
            process = subprocess.Popen(
                list(command),
                cwd=CODE,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C at the page's server is not meant for it
            )
        self.claim(process.pid)
        name = f"await {process.pid}"
        threading.Thread(target=self._await, args=(process,), name=name, daemon=True).start()

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

    def remove(self) -> None:
        """Take the folder away with all that is in it; what a link in it leads to stays.

        Raises:
            JobError: somebody works on it, or the folder is a link, or of no such job.
            OSError: it can't be removed.
        """
        if self.folder.is_symlink() or not self.own:
            raise JobError(note("job-foreign", self.name))
        with self._alone():
            holder = Path(tempfile.mkdtemp(prefix=_GONE, dir=self.folder.parent))
            self.folder.rename(holder / self.name)  # at once: nobody ever sees half of it
        for gone in self.folder.parent.glob(f"{_GONE}*"):  # also of who was killed right here
            if not gone.is_symlink():
                shutil.rmtree(gone, ignore_errors=gone != holder)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock that its processes hold, if there is one."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(FileNotFoundError):
                lock = os.open(self.folder / self.LOCK, os.O_RDWR | os.O_NOFOLLOW)
                held.callback(os.close, lock)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise JobError(note("job-busy", self.name)) from error
            if self.process is not None:
                raise JobError(note("job-busy", self.name))
            yield

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        """Write down how a process ended, as long as this one lives to hear of it."""
        code = process.wait()
        if not self.folder.is_dir():  # it was taken away just now, and stays away
            return
        with contextlib.suppress(OSError):  # a full disk, say
            self.leave(code if code >= 0 else 128 - code, process.pid)

    def _said(self) -> Mapping[str, Any]:
        try:
            return read_words(self.folder / PROCESS)
        except UNREADABLE:
            return {}


def free_name(folder: Path, wanted: str) -> str:
    """Return a name that nothing in a folder has: the one that is wanted, or with a number."""
    name, number = wanted, 1
    while (folder / name).exists() or (folder / name).is_symlink():
        number += 1
        name = f"{wanted[:44]}-{number}"
    return name


def read_words(path: Path) -> dict[str, Any]:
    """Read one of a job's small files; one of UNREADABLE where it is missing or damaged."""
    with path.open("rb") as file:
        words = json.loads(file.read(_MAX_BYTES))
    if words["format"] != FORMAT:
        raise ConfigError(f"{path} has format {words['format']!r:.20}; legal is {FORMAT}")
    return words


def write_words(path: Path, words: Mapping[str, Any]) -> None:
    """Write one of a job's small files, whole or not at all."""
    write_bytes(path, (json.dumps({"format": FORMAT, **words}, indent=1) + "\n").encode())
