"""Preparing videos from the page: data sets of one folder, made by processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vidgen.datasets import MANIFEST, DataSet, list_datasets
from vidgen.jobs import JobError, free_name
from vidgen.legal import RequestError
from vidgen.notes import note
from vidgen.plan import demand_name
from vidgen.preparation import named_after, read_preparation


class Preparing:
    """The data sets of one folder. May be called from any thread.

    Args:
        folder: of the data sets.
        program: what prepares.
        user: names the run that trains on a folder now, if any.
    """

    def __init__(
        self, folder: Path, program: Sequence[str], user: Callable[[Path], str | None]
    ) -> None:
        self._folder, self._program, self._user = folder, list(program), user
        self._beginning = threading.Lock()  # one thing is begun at a time
        self._lock = threading.Lock()  # over what this remembers
        self._known: dict[str, tuple[object, dict[str, Any] | None]] = {}

    def sets(self) -> list[DataSet]:
        """Return all data sets, the newest first."""
        return list_datasets(self._folder)

    def set(self, name: object) -> DataSet:
        """Return a data set by name; RequestError where there is none."""
        found = next((each for each in self.sets() if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in self.sets()[:8]) or "-"
            raise RequestError("set", name, (f"one of {names}", f"{names} 之一"))
        return found

    def describe(self, found: DataSet) -> dict[str, Any]:
        """Return how a data set stands, for the page."""
        standing, progress = found.standing, found.progress
        done, of = progress or (None, None)
        return {
            "name": found.name,
            "root": str(found.folder),
            "standing": standing,
            "done": done,
            "of": of,
            "said": found.last_words() if standing == "failed" else "",
            "goes_on": found.goes_on,
            "deletable": found.own and standing not in ("preparing", "stopping"),
        }

    def summary(self, found: DataSet) -> dict[str, Any] | None:
        """Return what is in a data set; a manifest is read again only when it is another one."""
        try:
            status = (found.folder / MANIFEST).stat()
        except OSError:
            return None
        mark = (status.st_ino, status.st_size, status.st_mtime_ns)
        with self._lock:
            if found.name not in self._known or self._known[found.name][0] != mark:
                self._known[found.name] = (mark, found.summary())
            return self._known[found.name][1]

    def start(self, asked: dict[str, Any]) -> DataSet:
        """Begin a preparation as asked; see ``read_preparation``, and ``name``.

        Raises:
            RequestError: something asked is not legal.
            JobError: another preparation is at work, or none can be started.
        """
        plan = read_preparation(asked)
        name = demand_name(asked.get("name") or named_after(plan.source))
        with self._beginning:
            self._demand_rest()
            found = DataSet(self._folder / free_name(self._folder, name))
            found.write_plan(plan)
            self._launch(found)
        return found

    def resume(self, name: object) -> DataSet:
        """Let a preparation go on; raises as ``start`` does."""
        found = self.set(name)
        with self._beginning:
            self._demand_rest()
            if not found.goes_on:
                raise JobError(note("preparing-done", found.name))
            self._launch(found)
        return found

    def stop(self, name: object) -> DataSet:
        """Ask a preparation to end; what is decoded stays, and it can go on later."""
        found = self.set(name)
        if not found.stop():
            raise JobError(note("preparing-idle", found.name))
        return found

    def delete(self, name: object) -> str:
        """Take a data set away; the videos it was made of stay. Returns its name.

        Raises:
            RequestError: no such data set.
            JobError: it is worked on or trained on, or its folder is a link or of no preparation.
        """
        found = self.set(name)
        with self._beginning:
            if run := self._user(found.folder):
                raise JobError(note("preparing-used", found.name, run=run))
            found.remove()
        return found.name

    def _demand_rest(self) -> None:
        for found in self.sets():
            if found.process is not None:
                raise JobError(note("preparing-busy", found.name))

    def _launch(self, found: DataSet) -> None:
        plan = found.plan
        assert plan is not None, "it was written just now"
        try:
            found.launch([*self._program, *plan.words(), f"--out={found.folder}"])
        except OSError as error:
            raise JobError(note("training-missing", found.name, why=error.strerror)) from error
