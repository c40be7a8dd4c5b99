"""Drives a real Chromium over a page: drags its slider, and reads off when its pictures follow."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from tools.chromium import REMEDY, find

HERE = Path(__file__).resolve().parent
ARGUMENTS = [  # a bare browser: no sandbox (as root there is none), no GPU, no talk of its own
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-dev-shm-usage",
]  # fmt: skip
MOVES, PACE = 120, 1 / 60  # mouse moves of a drag, and seconds between two
_PATIENCE = 120.0  # seconds for a server to start, a page to open
_LAST = 15.0  # seconds after a drag in which the last value must be shown
_CALM = 0.5  # seconds in which it must then stay
_H264 = """document.createElement('video').canPlayType('video/mp4; codecs="avc1.42E01E"')"""


class BenchError(Exception):
    """Something that the bench needs is not there, or does not start; the message says what."""


@dataclass(frozen=True)
class Target:
    """What probe.js watches on a page: two selectors, and who tells the value that is shown."""

    slider: str
    picture: str
    told: str = "pixels"


REAL = Target("#vg-seed", ".vg canvas")
REAL_GENERATOR = Target("#vg-seed", ".vg canvas", told="page")
PLAIN = Target("input[type=range]", "video")


@dataclass(frozen=True)
class Drag:
    """What one drag showed: a latency in ms for each value that came on screen, in order."""

    latencies: list[float]
    updates_per_s: float
    last_value_shown: bool


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium that plays H.264.

    Raises:
        BenchError: there is none.
    """
    path = find()
    if path is None:
        raise BenchError(REMEDY)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def demand_h264(browser: Browser) -> None:
    """Refuse (BenchError) a Chromium without H.264, which the plain page needs."""
    page = browser.new_page()
    if not page.evaluate(_H264):
        raise BenchError("this Chromium plays no H.264: name one that does in VIDGEN_CHROMIUM")
    page.close()


@contextlib.contextmanager
def serving(script: str, *arguments: str) -> Iterator[str]:
    """Run a page in a process of its own and give its address as soon as it is there.

    Raises:
        BenchError: it does not start; the message holds what it said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="vidgen-bench-") as scratch:
        log = Path(scratch, "log")
        command = [sys.executable, str(HERE / script), port, *arguments]
        with log.open("wb") as out:
            server = subprocess.Popen(command, env=_env(scratch), stdout=out, stderr=out)
        try:
            end = time.monotonic() + _PATIENCE
            while address not in (said := log.read_text("utf-8", "replace")):
                if server.poll() is not None or time.monotonic() > end:
                    raise BenchError(f"{script} did not start: {said[-2000:]}")
                time.sleep(0.02)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _env(scratch: str) -> dict[str, str]:
    """Return an environment in which a page is as everywhere, and speaks to nobody."""
    ours = ("GRADIO_", "VIDGEN_", "HF_", "SPACE", "SYSTEM")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)} | {
        "PYTHONPATH": str(HERE.parent.parent),
        "PYTHONUNBUFFERED": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(Path(scratch, "gradio")),
        "TMPDIR": scratch,
        "HF_HUB_OFFLINE": "1",
    }


@contextlib.contextmanager
def opened(browser: Browser, address: str, target: Target) -> Iterator[Page]:
    """Open a page in a fresh profile, watched by probe.js from the start."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
    context.set_default_timeout(1000 * _PATIENCE)
    source = (HERE / "probe.js").read_text("utf-8")
    context.add_init_script(f"{source}\nprobe({json.dumps(vars(target))});")
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def first_picture_s(browser: Browser, address: str) -> float:
    """Return the seconds from navigation until the picture has moved for the first time."""
    with opened(browser, address, REAL) as page:
        page.wait_for_function("bench.moved_ms !== null")
        return page.evaluate("bench.moved_ms") / 1000


def drag(browser: Browser, address: str, target: Target, moves: int = MOVES) -> Drag:
    """Open a page and drag its slider from left to right, with real mouse moves."""
    with opened(browser, address, target) as page:
        slider = page.locator(target.slider)
        slider.scroll_into_view_if_needed()
        time.sleep(1)  # what a page does once, it has done
        box = slider.bounding_box()
        assert box, target.slider
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.02 * box["width"], middle)
        page.mouse.down()
        _wait_for_last(page, slider.input_value())  # the first one is no part of the drag
        page.evaluate("() => { bench.inputs.length = bench.shown.length = 0; }")
        begun = time.perf_counter()
        for move in range(1, moves + 1):
            page.mouse.move(box["x"] + (0.02 + 0.96 * move / moves) * box["width"], middle)
            time.sleep(max(0.0, begun + move * PACE - time.perf_counter()))
        page.mouse.up()
        there = _wait_for_last(page, slider.input_value())
        time.sleep(_CALM)  # an older picture that comes late would take its place
        there = there and page.evaluate("bench.value()") == float(slider.input_value())
        return _drag(page.evaluate("[bench.inputs, bench.shown]"), there)


def _wait_for_last(page: Page, value: str) -> bool:
    try:
        page.wait_for_function(f"bench.value() === {float(value)}", timeout=1000 * _LAST)
    except TimeoutError:
        return False
    return True


def _drag(seen: list[list[list[float]]], last_value_shown: bool) -> Drag:
    """Match each value on screen with the input event that said it."""
    inputs, shown = seen
    if not inputs:
        raise BenchError("the drag moved no slider")
    said = {value: at for value, at in reversed(inputs)}  # of equal values the earliest
    pairs = {value: at for value, at in reversed(shown) if value in said}
    if not pairs:
        return Drag([], 0.0, last_value_shown)
    seconds = (max(pairs.values()) - inputs[0][1]) / 1000
    latencies = [at - said[value] for value, at in sorted(pairs.items())]
    return Drag(latencies, len(pairs) / seconds, last_value_shown)
