"""Drives a real Chromium over a page: drags its slider, and reads off when its pictures follow."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, TimeoutError, async_playwright

from tools.chromium import REMEDY, find

HERE = Path(__file__).resolve().parent
ARGUMENTS = [  # a bare browser: no sandbox (as root there is none), no GPU, no talk of its own
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-dev-shm-usage",
]  # fmt: skip
MOVES, PACE = 120, 1 / 30  # mouse moves of a drag, and seconds between two: a hand that looks
_PATIENCE = 120.0  # seconds for a server to start, a page to open
_LAST = 15.0  # seconds after a drag in which the last value must be shown
_CALM = 0.5  # seconds in which it must then stay
_H264 = """document.createElement('video').canPlayType('video/mp4; codecs="avc1.42E01E"')"""


class BenchError(Exception):
    """Something that the bench needs is not there, or does not start; the message says what."""


@dataclass(frozen=True)
class Target:
    """What probe.js watches on a page.

    Attributes:
        slider: selector of what is dragged.
        picture: selector of what follows.
        told: who tells the value that is shown, the picture's "pixels" or the "page".
        cover: selector of what hides the picture at times; "" where nothing does.
    """

    slider: str
    picture: str
    told: str = "pixels"
    cover: str = ""


REAL = Target("#vg-seed", ".vg canvas")
REAL_GENERATOR = Target("#vg-seed", ".vg canvas", told="page")
# Gradio lays an opaque sheet with a spinner over an output whose event is under way.
PLAIN = Target("input[type=range]", "video", cover=".block:has(video) [data-testid=status-tracker]")


@dataclass(frozen=True)
class Drag:
    """What one drag showed.

    Attributes:
        latencies: of each value that came on screen: ms from its input event to its picture.
        lags: of each input event: ms until its value or a later one was on screen. Values that are
            never shown count here, and only here.
        updates_per_s: values shown a second, from the first input to the last picture.
        last_value_shown: whether the last value came, and stayed.
    """

    latencies: list[float]
    lags: list[float]
    updates_per_s: float
    last_value_shown: bool


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a Chromium.

    Raises:
        BenchError: there is none.
    """
    path = find()
    if path is None:
        raise BenchError(REMEDY)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def demand_h264(browser: Browser) -> None:
    """Refuse (BenchError) a Chromium without H.264, which the plain page needs."""
    page = await browser.new_page()
    if not await page.evaluate(_H264):
        raise BenchError("this Chromium plays no H.264: name one that does in VIDGEN_CHROMIUM")
    await page.close()


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


@contextlib.asynccontextmanager
async def opened(browser: Browser, address: str, target: Target) -> AsyncIterator[Page]:
    """Open a page in a fresh profile, watched by probe.js from the start."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
    context.set_default_timeout(1000 * _PATIENCE)
    source = (HERE / "probe.js").read_text("utf-8")
    await context.add_init_script(f"{source}\nprobe({json.dumps(vars(target))});")
    page = await context.new_page()
    await page.goto(address)
    yield page
    await context.close()


async def first_picture_s(browser: Browser, address: str) -> float:
    """Return the seconds from navigation until the picture has moved for the first time."""
    async with opened(browser, address, REAL) as page:
        await page.wait_for_function("bench.moved_ms !== null")
        return await page.evaluate("bench.moved_ms") / 1000


async def drag(browser: Browser, address: str, target: Target, moves: int = MOVES) -> Drag:
    """Open a page and drag its slider from left to right, with real mouse moves."""
    async with opened(browser, address, target) as page:
        slider = page.locator(target.slider)
        await slider.scroll_into_view_if_needed()
        await asyncio.sleep(1)  # what a page does once, it has done
        box = await slider.bounding_box()
        assert box, target.slider

        def to(share: float) -> tuple[float, float]:
            return box["x"] + (0.02 + 0.96 * share) * box["width"], box["y"] + box["height"] / 2

        await page.mouse.move(*to(0))
        await page.mouse.down()
        await _wait_for_last(page, await slider.input_value())  # this one is no part of the drag
        await page.evaluate("() => { bench.inputs.length = bench.shown.length = 0; }")
        hand = []  # does not wait for the page to answer: moves come when they come
        for move in range(moves):
            hand.append(asyncio.create_task(page.mouse.move(*to((move + 1) / moves))))
            await asyncio.sleep(PACE)
        await asyncio.gather(*hand)
        await page.mouse.up()
        last = await slider.input_value()
        there = await _wait_for_last(page, last)
        await asyncio.sleep(_CALM)  # an older picture that comes late would take its place
        there = there and await page.evaluate("bench.value()") == float(last)
        return match(await page.evaluate("[bench.inputs, bench.shown]"), there)


async def _wait_for_last(page: Page, value: str) -> bool:
    try:
        await page.wait_for_function(f"bench.value() === {float(value)}", timeout=1000 * _LAST)
    except TimeoutError:
        return False
    return True


def match(seen: list[list[tuple[float, float]]], last_value_shown: bool) -> Drag:
    """Match what was shown with the input events that said it; a drag to the right only grows."""
    inputs, shown = seen
    if not inputs:
        raise BenchError("the drag moved no slider")
    said = {value: at for value, at in sorted(inputs, reverse=True)}  # of equal values the earliest
    first = {value: at for value, at in reversed(shown) if value in said}
    latencies = [at - said[value] for value, at in sorted(first.items())]
    lags = []
    for value, at in sorted(said.items()):
        followed = [then for other, then in first.items() if other >= value]
        if followed:
            lags.append(min(followed) - at)
    seconds = (max(first.values(), default=inputs[-1][1]) - inputs[0][1]) / 1000
    return Drag(latencies, lags, len(latencies) / seconds, last_value_shown)
