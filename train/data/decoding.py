"""Run ffmpeg on a file that nobody vouches for: no other file, no network, limited otherwise."""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import time
from pathlib import Path
from threading import Event

from train.data import DataError

MAX_PIXELS = 9 * 2**20  # of a frame: 4096 x 2304
TIMEOUT_S = 300.0  # for one file
_MEMORY = 2 * 2**30  # of ffmpeg's address space; 4K HEVC takes 0.6
_TALK = 2**18  # bytes of its messages that are kept
_LOOK_S = 0.5  # how often it is seen whether to stop
_CONTAINERS = "mov,matroska,avi,gif,mpeg,mpegvideo,mpegts,asf,flv,ogg"  # none can name another file


class DecodeError(Exception):
    """A file that can't be used; the message is one line that says why."""


class Stopped(Exception):
    """The work was told to stop."""


def run_ffmpeg(
    path: Path, output: list[str], most: int, stop: Event, decoder: str = ""
) -> tuple[bytearray, str]:
    """Let ffmpeg read a file and return what it writes to its standard output, and its messages.

    The file is opened here and ffmpeg gets the open file, which is all that it may read.

    Args:
        path: of the file.
        output: ffmpeg's arguments after the input's, without the name of an output.
        most: bytes of output at which it is cut off.
        stop: ends the work when it is set.
        decoder: the one that is used, if not ffmpeg's choice.

    Raises:
        DecodeError: the file can't be opened, or ffmpeg takes too long.
        Stopped: ``stop`` was set.
        DataError: there is no ffmpeg.
    """
    limits = f"-protocol_whitelist fd -format_whitelist {_CONTAINERS} -max_pixels {MAX_PIXELS} "
    limits += f"-max_alloc {_MEMORY // 8} -threads 1 -fd 0 -i fd:"
    if decoder:
        limits = f"-c:v {decoder} {limits}"
    talk = "-hide_banner -nostdin -nostats -v level+info"
    command = [_program(), *talk.split(), *limits.split(), *output, "pipe:1"]
    pipe = subprocess.PIPE
    try:
        with path.open("rb") as source:
            process = subprocess.Popen(
                command, stdin=source, stdout=pipe, stderr=pipe, start_new_session=True
            )
    except OSError as error:
        raise DecodeError(f"can't be opened: {error.strerror}") from error
    try:
        _limit(process.pid)
        return _listen(process, most, stop)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
        process.wait()


def _program() -> str:
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise DataError("videos need ffmpeg: pip install imageio-ffmpeg") from error


def _limit(pid: int) -> None:
    """Bound a process' memory and time, where the system can; it opens nothing before that."""
    if not hasattr(resource, "prlimit"):  # Linux alone; elsewhere ffmpeg's own limits must do
        return
    seconds = 2 * int(TIMEOUT_S + 1)  # its threads work side by side; for when nobody waits
    try:
        resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
    except ProcessLookupError:  # it has ended by itself
        return


def _listen(process: subprocess.Popen[bytes], most: int, stop: Event) -> tuple[bytearray, str]:
    """Read both of a process' streams until they end, it has said enough, or its time is up."""
    deadline = time.monotonic() + TIMEOUT_S
    said, talk = bytearray(), bytearray()
    assert process.stdout and process.stderr
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, (said, most))
        selector.register(process.stderr, selectors.EVENT_READ, (talk, _TALK))
        while selector.get_map() and len(said) < most:
            if stop.is_set():
                raise Stopped
            if time.monotonic() > deadline:
                raise DecodeError(f"takes more than {TIMEOUT_S:g} s to decode")
            for key, _ in selector.select(_LOOK_S):
                data = os.read(key.fd, 2**16)
                kept, room = key.data
                kept += data[: room - len(kept)]
                if not data:
                    selector.unregister(key.fileobj)
    words = talk.decode("utf-8", "replace")
    if len(said) < most and (status := process.wait()):
        words += f"\n[fatal] ffmpeg ended with status {status}\n"
    return said, words
