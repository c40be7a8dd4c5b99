"""A call in a process of its own that is a copy of this one: to kill, to bound, to disempower."""

from __future__ import annotations

import ctypes
import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

_EFFECTIVE = 0x20080522  # version 3 of capset's head


def forked(call: Callable[[], int], said: Path, kill_after: float | None = None) -> int:
    """Call in a copy of this process; what it says goes to a file.

    Returns:
        The exit code, or minus the signal's number; the copy is killed after ``kill_after`` s.
    """
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.setsid()
            with said.open("wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
                os.environ["PYTHONUNBUFFERED"] = "1"
                import sys

                sys.stdout = sys.stderr = os.fdopen(1, "w", 1, closefd=False)
                code = call()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def without_privileges(call: Callable[[], int]) -> Callable[[], int]:
    """Make a call of one that obeys permissions even where tests run as root (Linux)."""

    def obeying() -> int:
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            libc = ctypes.CDLL(None, use_errno=True)
            head = (ctypes.c_uint32 * 2)(_EFFECTIVE, 0)
            none = (ctypes.c_uint32 * 6)()
            assert libc.capset(head, none) == 0, os.strerror(ctypes.get_errno())
        return call()

    return obeying
