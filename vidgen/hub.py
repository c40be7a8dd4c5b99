"""Find a release: shipped file, local Hub cache, Hub; pinned revision; always checked."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vidgen.config import ConfigError
from vidgen.fetch import Hub, fetch
from vidgen.index import VARIABLE, read_index, read_pins
from vidgen.notes import HubError, Note, note
from vidgen.release import ReleaseError, read_info, sha256_of
from vidgen.rows import HubPin, Row, row_of

__all__ = ["Hub", "HubError", "HubPin", "Note", "Row", "Shelf", "open_shelf", "read_pins"]

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"
Origin = Literal["shipped", "hub"]
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class _Wanted:
    """A release that may lie in the cache or on the Hub."""

    pin: HubPin
    sha256: str | None
    row: Row | None  # None = read it from the file


@dataclass(frozen=True)
class _Held:
    """A release whose file was checked; ``stamp`` tells whether the file changed since."""

    row: Row
    path: Path
    stamp: _Stamp
    origin: Origin


class Shelf:
    """The releases that can be had now, and what is known about those that can't.

    Every method may be called from any thread. Nothing here waits for the Hub but ``wait``.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._names: list[str] = []  # in the order of the page
        self._held: dict[str, _Held] = {}
        self._wanted: dict[str, _Wanted] = {}
        self._notes: dict[str, Note] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._folder = CHECKPOINTS

    def rows(self) -> list[Row]:
        """Return the releases whose files are here and were checked; the shipped ones first."""
        with self._lock:
            return [self._held[name].row for name in self._names if name in self._held]

    def notes(self) -> list[Note]:
        """Return a sentence for each thing that could not be had, or not yet."""
        with self._lock:
            return list(self._notes.values())

    def path(self, name: str) -> Path:
        """Return the checked file of a release; it is checked again if it changed on disk.

        Raises:
            HubError: there is no such release, or its file is not what it was.
        """
        with self._lock:
            held, known = self._held.get(name), self._notes.get(name)
            names = ", ".join(self._held)
        if held is None:
            raise HubError(known or note("unknown", name, known=names or "none"))
        if _stamp(held.path) == held.stamp:
            return held.path
        if _problem(held.path, held.row) is None:
            self._hold(held.row, held.path, held.origin)
            return held.path
        lost = note("changed", name)
        with self._lock:
            self._held.pop(name, None)
            self._notes[name] = lost
        raise HubError(lost)

    def origin(self, name: str) -> Origin:
        """Say where the file of a release came from: shipped with the code, or the Hub.

        Raises:
            HubError: there is no such release.
        """
        self.path(name)
        with self._lock:
            return self._held[name].origin

    def start(self) -> None:
        """Begin to fetch what is missing, in the background; call again to try again."""
        with self._lock:
            for name, wanted in self._wanted.items():
                thread = self._threads.get(name)
                if name in self._held or (thread is not None and thread.is_alive()):
                    continue
                self._notes[name] = note("pending", name)
                thread = threading.Thread(target=self._settle, args=(name, wanted), daemon=True)
                self._threads[name] = thread
                thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait ``timeout`` seconds at most for what ``start`` began; say whether all is settled."""
        end = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def renew(self) -> None:
        """Look at the index of the shipped releases again: take in what is new in it or changed."""
        self._add_shipped(self._folder)

    def _settle(self, name: str, wanted: _Wanted) -> None:
        try:
            path, sha256 = fetch(self._hub, name, wanted.pin, wanted.sha256)
            row = wanted.row or row_of(read_info(path), path, sha256, hub=wanted.pin, name=name)
        except (HubError, ReleaseError, ConfigError) as error:
            with self._lock:
                known = isinstance(error, HubError)
                self._notes[name] = error.note if known else note("no-release", name)
            return
        self._hold(row, path, "hub")

    def _hold(self, row: Row, path: Path, origin: Origin) -> None:
        stamp = _stamp(path)
        with self._lock:
            self._held[row.name] = _Held(row, path, stamp, origin)
            self._notes.pop(row.name, None)

    def _add_shipped(self, folder: Path) -> None:
        self._folder = folder
        rows, notes = read_index(folder)
        with self._lock:
            self._notes.update({item.name: item for item in notes})
            known = [held.row for held in self._held.values()]
        for row in rows:
            if row in known:
                continue
            with self._lock:
                if row.name not in self._names:
                    self._names.append(row.name)
            problem = "pending" if row.file is None else _problem(folder / row.file, row)
            if problem is None:
                self._hold(row, folder / str(row.file), "shipped")
                continue
            self._notes[row.name] = note(problem, row.name, file=row.file)
            if row.hub is not None:
                self._wanted[row.name] = _Wanted(row.hub, row.sha256, row)

    def _add_named(self, text: str) -> None:
        pins, notes = read_pins(text)
        self._notes.update({item.name: item for item in notes})
        for pin, sha256 in pins:
            taken = pin.repo_id in self._wanted
            name = f"{pin.repo_id}@{pin.revision[:8]}" if taken else pin.repo_id
            self._names.append(name)
            self._wanted[name] = _Wanted(pin, sha256, None)
            self._notes[name] = note("pending", name)


def open_shelf(
    folder: Path = CHECKPOINTS, extra: str | None = None, hub: Hub | None = None
) -> Shelf:
    """Open the shipped releases and list those that are named by hand; asks nothing of a network.

    Args:
        folder: holds index.json and the shipped release files.
        extra: releases on the Hub, as VIDGEN_RELEASES names them; None = read that variable.
        hub: how the Hub is reached; None = as the environment says.

    Returns:
        A shelf that holds the shipped releases; ``start`` begins to fetch the others.
    """
    shelf = Shelf(hub or Hub())
    shelf._add_shipped(folder)
    shelf._add_named(os.environ.get(VARIABLE, "") if extra is None else extra)
    return shelf


def _stamp(path: Path) -> _Stamp:
    """Return what changes when a file does; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _problem(path: Path, row: Row) -> str | None:
    """Check a file against its row: None, or the kind of note that says what is wrong."""
    try:
        good = path.stat().st_size == row.bytes and sha256_of(path) == row.sha256
    except OSError:
        return "missing"
    return None if good else "damaged"
