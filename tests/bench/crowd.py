"""Ten at once on one worker, with the real generator: a browser and nine who only ask."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from figures import Drag, Visit, crowded, p95, spread
from measure import MOVES, PACE, REAL_GENERATOR, Server, opened, serving, settled, sweep
from playwright.async_api import Browser, Page, Response

from vidgen.rows import Row

OTHERS = 9
BURSTS = 10
SECONDS = MOVES * PACE  # of a visit: as long as a drag
HAND = 1 / 60  # seconds between two values of a hand without a browser: no clip waits for it


async def visit(
    client: httpx.AsyncClient, address: Callable[[int], str], seconds: float = SECONDS
) -> Visit:
    """Drag as the page does: one request on its way, and then the newest value.

    Args:
        client: speaks to the server.
        address: what is asked for at the hand's nth value.
        seconds: how long the hand moves.
    """
    begun, latencies = time.perf_counter(), []
    last, had = round(seconds / HAND), -1
    while had < last:
        value = min(int((time.perf_counter() - begun) / HAND), last)
        said = begun + value * HAND
        if value == had:
            await asyncio.sleep(max(0, said + HAND - time.perf_counter()))
            continue
        answer = await client.get(address(value))
        if answer.status_code == 503:  # the hand goes on meanwhile
            await asyncio.sleep(float(answer.headers["Retry-After"]))
            continue
        if answer.status_code != 200 or not answer.content:
            break
        had = value
        latencies.append(1000 * (time.perf_counter() - said))
    return Visit(latencies, time.perf_counter() - begun, had == last)


def clips_of(row: Row, motion: int) -> Callable[[int], str]:
    """Return the addresses of a visitor's clips; a motion seed of their own keeps them new."""
    return lambda value: f"clip?release={row.name}&class=0&seed={value}&motion={motion}"


@contextlib.asynccontextmanager
async def guests(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Open connections, one for each who asks at once."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=server.address, timeout=60, limits=limits, trust_env=False
    ) as client:
        yield client


async def together(
    page: Page, client: httpx.AsyncClient, row: Row, motions: Iterator[int]
) -> tuple[Drag, list[Visit]]:
    """Let the page and all others drag at once."""
    await turn(page, next(motions))
    visits = [visit(client, clips_of(row, next(motions))) for _ in range(OTHERS)]
    return await asyncio.gather(sweep(page, REAL_GENERATOR), asyncio.gather(*visits))


async def turn(page: Page, motion: int) -> None:
    """Give the page another motion: none of its pictures has been made then."""
    await page.locator(".vg-field-motion .vg-number").fill(str(motion))


async def burst_ms(client: httpx.AsyncClient, row: Row, motion: int) -> float:
    """Return the milliseconds until all of ten clips are there that are asked for at once."""
    address, begun = clips_of(row, motion), time.perf_counter()
    for answer in await asyncio.gather(*(client.get(address(n)) for n in range(OTHERS + 1))):
        answer.raise_for_status()
    return 1000 * (time.perf_counter() - begun)


async def grids(
    client: httpx.AsyncClient, row: Row, motions: Iterator[int], enough: asyncio.Event
) -> int:
    """Ask for one new grid of 4 x 4 clips after the other; return how many came."""
    count = 0
    while not enough.is_set():
        lines = ",".join(str(next(motions)) for _ in range(4))
        axes = f"x=seed:0,1,2,3&y=motion:{lines}"
        answer = await client.get(f"clips?release={row.name}&class=1&{axes}")
        answer.raise_for_status()
        count += 1
    return count


async def beside_grids(
    page: Page, client: httpx.AsyncClient, row: Row, motions: Iterator[int], rounds: int
) -> dict[str, Any]:
    """Drag alone and beside somebody's grids, in turns."""
    alone, beside, came = [], [], 0
    waits: list[float] = []
    models: list[float] = []

    def note(response: Response) -> None:
        if "/clip?" in response.url and "x-sheet" in response.headers:
            meta = json.loads(response.headers["x-sheet"])
            waits.append(meta["queue_ms"])
            models.append(meta["model_ms"])

    for _ in range(rounds):
        await turn(page, next(motions))
        alone += (await sweep(page, REAL_GENERATOR)).latencies
        await turn(page, next(motions))
        enough = asyncio.Event()
        asking = asyncio.create_task(grids(client, row, motions, enough))
        page.on("response", note)
        beside += (await sweep(page, REAL_GENERATOR)).latencies
        page.remove_listener("response", note)
        enough.set()
        came += await asking
    return {
        **spread(beside),
        "alone": spread(alone),
        "queue_p95_ms": round(p95(waits), 1),
        "queue_highest_ms": round(max(waits), 1),
        "model_p95_ms": round(p95(models), 1),
        "grids_of_16": came,
    }


async def crowd(browser: Browser, folder: Path, row: Row, rounds: int = 2) -> dict[str, Any]:
    """Measure all of this file with one release."""
    motions = itertools.count(1000)
    one, drags, visits = [], [], []
    with serving("real_page.py", str(folder), "generator") as server:
        link = f"{server.address}?release={row.name}&class=0&t=0&motion=0"
        async with guests(server) as client, opened(browser, link, REAL_GENERATOR) as page:
            await settled(page, REAL_GENERATOR)
            await sweep(page, REAL_GENERATOR)  # warm
            memory = [server.rss_mb()]
            bursts = [await burst_ms(client, row, next(motions)) for _ in range(BURSTS)]
            for _ in range(rounds):
                one.append(await visit(client, clips_of(row, next(motions))))
                made, others = await together(page, client, row, motions)
                drags.append(made)
                visits.append(others)
            beside = await beside_grids(page, client, row, motions, rounds)
            memory.append(server.rss_mb())
    alone = sum(len(each.latencies) for each in one) / sum(each.seconds for each in one)
    ten = sum(rate(*each) for each in zip(drags, visits, strict=True)) / rounds
    return {
        "release": row.name,
        "visitors": OTHERS + 1,
        **crowded(drags, [each for others in visits for each in others], median(bursts)),
        "slider_beside_grid": beside,
        "clips_per_s": {"one_visitor": round(alone, 1), "ten_visitors": round(ten, 1)},
        "batching_gain": round(ten / alone, 2),
        "server_rss_mb": dict(zip(("first", "last"), memory, strict=True)),
    }


def rate(made: Drag, others: list[Visit]) -> float:
    """Return the clips a second of all who dragged at once."""
    return made.updates_per_s + sum(len(each.latencies) / each.seconds for each in others)
