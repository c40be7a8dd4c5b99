"""Drives a real Chromium over a page: drags its controls, and reads off when pictures follow."""

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
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from figures import BenchError, Drag, match
from memory import resident_mb
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


@dataclass(frozen=True)
class Target:
    """What probe.js watches on a page.

    Attributes:
        slider: selector of what is dragged.
        picture: selector of what follows.
        key: what the drag changes: "seed", "class", "t", or the "plane", which is dragged on the
            picture itself.
        told: who tells the value that is shown, the picture's "pixels" or the "page".
        cover: selector of what hides the picture at times; "" where nothing does.
    """

    slider: str
    picture: str
    key: str = "seed"
    told: str = "pixels"
    cover: str = ""


REAL = Target("#vg-seed", ".vg [data-role=canvas]")
REAL_GENERATOR = replace(REAL, told="page")
# A hand on each of these; the stub's pictures tell all of them.
HANDS = (
    REAL,
    replace(REAL, slider="#vg-class", key="class"),
    replace(REAL, slider="#vg-t", key="t"),
    replace(REAL, slider=REAL.picture, key="plane"),
)
# Gradio lays an opaque sheet with a spinner over an output whose event is under way.
PLAIN = Target("input[type=range]", "video", cover=".block:has(video) [data-testid=status-tracker]")


@dataclass(frozen=True)
class Server:
    """A page that is served by a process of its own, at an address."""

    address: str
    process: subprocess.Popen[bytes]

    def rss_mb(self) -> float:
        """Return what it keeps in memory."""
        return resident_mb(self.process.pid)

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answers(self) -> bool:
        """Tell whether anybody listens at its address."""
        port = int(self.address.rsplit(":", 1)[1])
        with contextlib.closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


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
def serving(script: str, *arguments: str) -> Iterator[Server]:
    """Run a page in a process of its own and give it as soon as it answers.

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
            process = subprocess.Popen(command, env=_env(scratch), stdout=out, stderr=out)
        server = Server(address, process)
        try:
            end = time.monotonic() + _PATIENCE
            while address not in (said := log.read_text("utf-8", "replace")):
                if process.poll() is not None or time.monotonic() > end:
                    raise BenchError(f"{script} did not start: {said[-2000:]}")
                time.sleep(0.02)
            yield server
        finally:
            server.stop()


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
    """Open a page and drag a control of it from one end to the other."""
    async with opened(browser, address, target) as page:
        await settled(page, target)
        return await sweep(page, target, moves)


async def settled(page: Page, target: Target) -> None:
    """Wait until what a page does once is done, with the control in sight."""
    await page.locator(target.slider).first.scroll_into_view_if_needed()
    await asyncio.sleep(1)


async def sweep(page: Page, target: Target, moves: int = MOVES) -> Drag:
    """Drag a control once, with real mouse moves."""
    to = await _way(page, target)
    await page.mouse.move(*to(-0.02))
    await page.mouse.down()
    await page.mouse.move(*to(0))
    await _wait_for_last(page)  # this one is no part of the drag
    await page.evaluate("() => { bench.inputs.length = bench.shown.length = 0; }")
    await move_along(page, [to((move + 1) / moves) for move in range(moves)], PACE)
    await page.mouse.up()
    there = await _wait_for_last(page)
    await asyncio.sleep(_CALM)  # an older picture that comes late would take its place
    there = there and await page.evaluate("bench.value() === bench.asked()")
    return match(await page.evaluate("[bench.inputs, bench.shown]"), there)


async def move_along(page: Page, places: list[tuple[float, float]], pace: float) -> None:
    """Move the mouse from place to place, whether or not the page keeps up."""
    hand = []  # does not wait for the page to answer: moves come when they come
    for place in places:
        hand.append(asyncio.create_task(page.mouse.move(*place)))
        await asyncio.sleep(pace)
    await asyncio.gather(*hand)


async def _way(page: Page, target: Target) -> Callable[[float], tuple[float, float]]:
    """Return where the mouse is at a share of the way: along a slider, or right and down."""
    box = await page.locator(target.slider).first.bounding_box()
    assert box, target.slider

    def to(share: float) -> tuple[float, float]:
        along = 0.03 + 0.95 * share
        down = along if target.key == "plane" else 0.5
        return box["x"] + along * box["width"], box["y"] + down * box["height"]

    return to


async def _wait_for_last(page: Page) -> bool:
    told = "bench.value() !== null && bench.value() === bench.asked()"
    try:
        await page.wait_for_function(told, timeout=1000 * _LAST)
    except TimeoutError:
        return False
    return True
