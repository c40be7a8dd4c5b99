"""Which process it was: its number alone may be another one's by now, so its birth goes with it."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Process:
    """A process for good: its number, and when that one was born, in the words of the system."""

    pid: int
    born: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return birth_of(self.pid) == self.born

    def send(self, number: signal.Signals) -> bool:
        """Send it a signal; nothing is sent to whoever else has its number. Says whether it was."""
        try:
            if not hasattr(os, "pidfd_open"):  # not on Linux: between look and signal lies a moment
                if self.alive:
                    os.kill(self.pid, number)
                    return True
                return False
            handle = os.pidfd_open(self.pid)  # from here on it is nobody else
            try:
                if self.alive:
                    signal.pidfd_send_signal(handle, number)
                    return True
                return False
            finally:
                os.close(handle)
        except OSError:
            return False


def process_of(pid: int) -> Process | None:
    """Return the process that has a number now; None where there is none."""
    born = birth_of(pid)
    return None if born is None else Process(pid, born)


def birth_of(pid: int) -> str | None:
    """Return when a process was born; None where there is none, or where it has ended."""
    if not _BOOT.exists():
        return _birth_by_ps(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        state, ticks = fields[0], fields[19]  # of proc(5): fields 3 and 22
        return None if state in "ZX" else f"{_BOOT.read_text().strip()} {ticks}"
    except (OSError, IndexError):
        return None


def _birth_by_ps(pid: int) -> str | None:
    """Ask ps, where there is no /proc (macOS)."""
    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = done.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()
