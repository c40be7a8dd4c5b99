"""Run what may hang, with a time limit: a program is killed then, a call is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TypeVar

_Result = TypeVar("_Result")


class ProcessError(Exception):
    """A program that failed or took too long; the message is its own last line, or says so."""


def run_limited(command: list[str], data: bytes, timeout: float, cwd: Path | None = None) -> bytes:
    """Run a program with ``data`` on its standard input and return its standard output.

    Args:
        command: the program and its arguments; no shell reads them.
        data: what it is given to read.
        timeout: seconds after which it and all its children are killed.
        cwd: where it runs; None = here.

    Raises:
        ProcessError: it is not there, ends with another status than 0, or takes too long.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, cwd=cwd
        )
    except OSError as error:
        raise ProcessError(f"{command[0]} can't be run: {error.strerror}") from error
    try:
        output, errors = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise ProcessError(f"it took more than {timeout:g} s") from error
    finally:
        if process.poll() is None:  # also on Ctrl-C
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        raise ProcessError(lines[-1][:200] if lines else f"status {process.returncode}")
    return output


def call_limited(call: Callable[[], _Result], timeout: float) -> _Result:
    """Call what cannot be interrupted, and return or raise what it does.

    Args:
        call: is run on a thread of its own, which ends with this process at the latest.
        timeout: seconds after which it is left behind there.

    Raises:
        TimeoutError: it takes too long; what it comes to after that is lost.
    """
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # whoever waits hears of it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if not wait([future], timeout).done:
        raise TimeoutError(f"it took more than {timeout:g} s")
    return future.result()
