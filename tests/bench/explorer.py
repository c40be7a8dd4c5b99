"""The explorer in the browser, over the stub: four hands, a long drag, a path without a server."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from figures import ends, scrubbed, summary
from measure import (
    HANDS,
    REAL,
    Server,
    Target,
    drag,
    move_along,
    opened,
    serving,
    settled,
    sweep,
)
from memory import browser_mb, heap_mb
from playwright.async_api import Browser, Page

UPDATES = 2000  # of the long drag; the first and the last 200 are set against each other
FRAMES = 300  # of the scrub
# Corners whose share in a picture the stub can tell.
CORNERS = "class=0&seed=0&seed_b=1&seed_c=2&seed_d=3"
_PATH = ".vg-room[data-view=path]"
PATH = Target("[data-role=place]", f"{_PATH} .vg-screen canvas")


async def drags(browser: Browser, server: Server, rounds: int) -> dict[str, Any]:
    """Drag three sliders and the plane, in turns."""
    seen = {target.key: [] for target in HANDS}
    for motion in range(rounds):
        for target in HANDS:
            # A motion of its own: nothing is found that another drag has had made.
            link = f"{server.address}?{CORNERS}&motion={10 * motion + HANDS.index(target)}"
            seen[target.key].append(await drag(browser, link, target))
    return {key: _brief(summary(found)) for key, found in seen.items()}


def _brief(found: dict[str, Any]) -> dict[str, Any]:
    kept = ("updates_per_s", "last_value_shown", "values_shown")
    times = {key: found[f"slider_to_pixel_{key}"] for key in ("p50_ms", "p95_ms")}
    return {**times, **{key: found[key] for key in kept}}


async def endurance(browser: Browser, server: Server, updates: int = UPDATES) -> dict[str, Any]:
    """Drag the seed on one page until it has shown so many pictures, all of them new ones."""
    latencies: list[float] = []
    memory: dict[str, list[float]] = {}
    shown = True
    async with opened(browser, f"{server.address}?class=0&t=0", REAL) as page:
        await settled(page, REAL)
        sweeps = 0
        while len(latencies) < updates:
            await page.locator(".vg-field-motion .vg-number").fill(str(1000 + sweeps))
            made = await sweep(page, REAL)
            sweeps += 1
            latencies += made.latencies
            shown = shown and made.last_value_shown
            if len(latencies) < min(200, updates):
                continue  # caches fill first
            for name, value in (
                ("page_heap_mb", await heap_mb(page)),
                ("browser_rss_mb", await browser_mb(browser)),
                ("server_rss_mb", server.rss_mb()),
            ):
                memory.setdefault(name, []).append(value)
    bounds = {
        name: {"first": values[0], "last": values[-1], "highest": max(values)}
        for name, values in memory.items()
    }
    return {**ends(latencies), "last_values_shown": shown, **bounds}


async def path_scrub(browser: Browser, server: Server, frames: int = FRAMES) -> dict[str, Any]:
    """Scrub a path that stands on the screen after its server has been ended."""
    async with path(browser, server) as page:
        calls: list[str] = []
        page.on("request", lambda request: calls.append(request.url))
        server.stop()
        box = await page.locator(PATH.picture).bounding_box()
        assert box, PATH.picture
        await page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + 0.5 * box["height"])
        await page.mouse.down()
        await page.evaluate("() => { window.told = bench.watchScrub(); }")
        turns = [abs((move / 75 + 1) % 2 - 1) for move in range(1, frames + 1)]  # to and fro
        places = [
            (box["x"] + (0.03 + 0.94 * turn) * box["width"], box["y"] + 0.5 * box["height"])
            for turn in turns
        ]
        await move_along(page, places, 1 / 60)
        seen = await page.evaluate("told()")
        await page.mouse.up()
    return {**scrubbed(seen), "requests": len(calls), "server_stopped": not server.answers()}


@contextlib.asynccontextmanager
async def path(browser: Browser, server: Server) -> AsyncIterator[Page]:
    """Open the path from A to B and wait for its pictures; only the hand moves them."""
    link = f"{server.address}?{CORNERS}&motion=0&view=path&along=t&clips=16"
    async with opened(browser, link, PATH) as page:
        await page.wait_for_selector(f"{_PATH}[data-shown]")
        await page.locator("[data-act=play]").click()
        yield page


async def explore(browser: Browser, folder: Path, rounds: int) -> dict[str, Any]:
    """Measure all of this file."""
    with serving("real_page.py", str(folder), "stub") as server:
        found = {
            "drags": await drags(browser, server, rounds),
            "endurance": await endurance(browser, server),
        }
        return {**found, "path_scrub": await path_scrub(browser, server)}
