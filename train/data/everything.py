"""Decode all that was found, several files at a time, and keep what is finished."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from train.data.decode import Settings, decode
from train.data.decoding import DecodeError
from train.data.partial import Part, part_path, read_part, write_part
from train.data.scan import Found, Scan

_TELL_S = 0.5  # between two times that it is told how far this is


def decode_all(
    found: Scan,
    settings: Settings,
    folder: Path,
    workers: int | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> list[tuple[Found, Part]]:
    """Decode every source that has no part in ``folder`` yet; what can't be is left out by name.

    Threads do it, since each waits for an ffmpeg of its own. ``tell`` is called now and then with
    how many sources are done, and of how many.

    Raises:
        OSError: a part can't be written; those that were stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {f.source: part_path(folder, f, settings) for f in found.found}
    wanted = {path.name for path in paths.values()}
    for old in folder.iterdir():  # of other settings, of other files, or half written
        if old.name not in wanted:
            old.unlink()
    todo = [f for f in found.found if read_part(paths[f.source]) is None]
    stop, failed = threading.Event(), {}

    def work(source: Found) -> tuple[str, str | None]:
        try:
            write_part(paths[source.source], decode(found.root, source, settings, stop))
        except DecodeError as error:
            return source.source, str(error)
        return source.source, None

    done = len(found.found) - len(todo)
    workers = workers or os.cpu_count()
    with (
        ThreadPoolExecutor(workers) as pool,
        tqdm(total=len(found.found), initial=done, unit="video", desc="decode") as bar,
    ):
        tell(done, len(found.found))
        told = time.monotonic()
        jobs = [pool.submit(work, source) for source in todo]
        try:
            for job in _as_finished(jobs):
                name, reason = job.result()
                if reason:
                    failed[name] = reason
                bar.update()
                done += 1
                if time.monotonic() - told > _TELL_S or done == len(found.found):
                    tell(done, len(found.found))
                    told = time.monotonic()
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    found.left_out += [(f.source, failed[f.source]) for f in found.found if f.source in failed]
    parts = [(f, read_part(paths[f.source])) for f in found.found if f.source not in failed]
    return [(f, part) for f, part in parts if part is not None]


def _as_finished(jobs: list) -> Iterator:
    """Yield jobs in the order in which they end; waiting can be interrupted."""
    ended: queue.SimpleQueue = queue.SimpleQueue()
    for job in jobs:
        job.add_done_callback(ended.put)
    for _ in jobs:
        yield ended.get()
