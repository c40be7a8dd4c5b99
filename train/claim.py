"""A run's folder has one process at a time; whoever looks into it finds which, and how it ended."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from vidgen.config import ConfigError
from vidgen.plan import Plan
from vidgen.runs import Run

_LOCK = "lock"


@contextlib.contextmanager
def claimed(out: Path, plan: Plan | None = None, last: int | None = None) -> Iterator[Run]:
    """Hold a folder, and write down who does; ``leave`` of what this gives says how it ended.

    The lock is the system's, so it is gone with the process, however that ends. An error that
    passes is an end too. ``plan`` is written down where the folder knows of none, and with it what
    is new each time: its seconds, and ``last``, the step at which the run is done.

    Raises:
        ConfigError: another process trains there.
        OSError: the folder can't be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    run = Run(out)
    with (out / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = run.process
            raise ConfigError(
                f"--out is {out}, where process {who.pid if who else 'unknown'} trains already; "
                "legal is a folder of its own"
            ) from error
        run.claim(os.getpid())
        if asked := run.plan or plan:
            seconds = plan.seconds if plan else asked.seconds
            run.write_plan(dataclasses.replace(asked, seconds=seconds, last=last))
        try:
            yield run
        except BaseException:
            with contextlib.suppress(OSError):  # a full disk, say: what passes tells it
                run.leave(1)
            raise
