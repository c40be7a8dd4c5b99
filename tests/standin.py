"""A stand-in for the generator: a white square that moves over a colour that tells the request."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from vidgen.config import ClassName, ClipShape
from vidgen.hub import Hub, Note, Shelf
from vidgen.request import ClipRequest
from vidgen.rows import Row
from vidgen.service import Service
from vidgen.training import Training

SECONDS = 0.015  # what a clip takes
SHAPE = ClipShape(16, 3, 64, 64)


def standin_row(name: str, en: str, zh: str, mark: str) -> Row:
    """Describe a release that has no file; its last class cannot loop."""
    classes = (
        ClassName("stone", "石头"),
        ClassName("swing", "秋千"),
        ClassName("drop", "水滴", loops=False),
    )
    title = {"en": en, "zh": zh}
    return Row(name, title, f"{name}.safetensors", 1, mark * 64, classes, SHAPE, 8.0)


ROWS = (
    standin_row("first", "First model", "模型一", "a"),
    standin_row("second", "Second model", "模型二", "b"),
)


class StandInShelf(Shelf):
    """A shelf of releases that have no files."""

    def __init__(self, rows: Sequence[Row] = ROWS, notes: Sequence[Note] = ()) -> None:
        super().__init__(Hub())
        self._rows = list(rows)
        self._notes = {note.name: note for note in notes}

    def rows(self) -> list[Row]:
        return self._rows

    def path(self, name: str) -> Path:
        return Path(name)


def colour_of(request: ClipRequest) -> tuple[int, int, int]:
    """Return the colour behind the square: far apart for neighbouring seeds and classes."""
    seed = sum(seed * weight for seed, weight in request.content)
    label = sum(index * weight for index, weight in request.classes)
    return int(40 + (seed * 37) % 160), int(40 + (seed * 11) % 160), int(40 + (80 * label) % 200)


class StandInEngine:
    """Draws instead of a generator, and notes what it was asked.

    Args:
        seconds: how long a clip takes.
    """

    device = "cpu"

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.asked: list[ClipRequest] = []
        self.open = threading.Event()  # clear it to hold every clip back
        self.open.set()
        self.fault: Exception | None = None

    def holds(self, path: Path) -> bool:
        return True

    def render(self, path: Path, requests: Sequence[ClipRequest]) -> list[np.ndarray]:
        clips = []
        for request in requests:
            self.asked.append(request)
            time.sleep(self.seconds)
            self.open.wait()
            if self.fault:
                raise self.fault
            clip = np.empty((request.frames, SHAPE.height, SHAPE.width, 3), np.uint8)
            clip[:] = colour_of(request)
            for frame in range(request.frames):
                left = (16 + 6 * frame + request.motion[0][0]) % 48
                clip[frame, 28:40, left : left + 12] = 255
            clips.append(clip)
        return clips


@contextlib.contextmanager
def served(
    service: Service,
    shelf: Shelf,
    folder: Path,
    port: int | None = None,
    training: Training | None = None,
) -> Iterator[str]:
    """Serve the page in this process, as app.py does but with any service; gives its address."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from vidgen.ui.page import build_page, launch_options

    page = build_page(service, training=training is not None)
    page.launch(
        server_name="127.0.0.1",
        server_port=port or free_port(),
        prevent_thread_lock=True,
        **launch_options(service, shelf, folder, training=training),
    )
    try:
        yield f"http://127.0.0.1:{page.server_port}"
    finally:
        page.close(verbose=False)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(happened, seconds: float = 60.0) -> None:
    """Wait for a condition; the limit is for what never happens, not a bar."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "this never happened"
        time.sleep(0.02)
