"""Measures the page in a real Chromium, from the hand to the pixel; writes bench.json.

Three sections, each alone with --only; a drag is 120 real mouse moves, 30 a second, whether or not
the page keeps up.

page (3 minutes): the seed slider, here and on a plain page.
slider_to_pixel_*_ms: from the input event of a value that came on screen to the animation frame
that first shows it; a value under Gradio's opaque loading sheet is not on screen.
lag_p50_ms: from every input event to the frame that shows its value or a later one.
ratio, lag_ratio: the plain page's p50 over ours, from drags in turns in this run.
first_picture_s: from navigation to a picture that has moved; the server has just started.
generator_p50_ms, encode_p50_ms: a clip of 16 frames, the engine on the CPU and its sheet.
macs_per_frame: multiply-accumulates of convolutions and matrix products.
drag_*: the same drag over the page with its real generator, warm.
plain_page_mp4_p50_ms: what of the plain page's time its video writer takes.
Of several releases the top level holds the worst of each number.

explorer (2 minutes): the stub in the place of the generator; its pictures tell what was asked.
drags: slider to pixel of three sliders, and of the plane, dragged on the picture. t has 101 values.
endurance: one page shows 2,000 pictures that nobody has seen; the last 200 over the first, and the
memory of page (its heap without garbage), browser and server after 200 updates and at the end. The
server's cache is set so small that it is full by then.
path_scrub: a path is on screen, its server is ended, the hand moves over the picture 60 times a
second. Of the animation frames in which it moved: in how many was there a new picture?

crowd (1 minute): the real generator, one worker, one browser and nine who ask over HTTP as the page
does: one request on its way, then the newest value. Nothing they ask for is in a cache.
p50_ms, p95_ms: of all ten, from the hand at a value to its picture; over batch_of_ten_ms, which the
server takes for ten clips that are asked for at once, with nobody beside them.
slider_beside_grid: the browser's slider alone, and while somebody asks for grids without a pause;
queue_*_ms is how long its clips then waited for the worker, model_p95_ms what each took there: a
wait of one clip is right, a wait of many would be a grid's.
batching_gain: clips a second of all ten over those of one who asks over HTTP.
server_rss_mb: warm, and at the end; its cache has gathered the clips made meanwhile.

Numbers are worth as much as the machine is idle: load_at_start tells.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from cost import STAND_IN, cost_of, p50_ms, releases
from crowd import crowd
from explorer import explore
from figures import BenchError, compare
from measure import (
    MOVES,
    PACE,
    PLAIN,
    REAL,
    REAL_GENERATOR,
    chromium,
    demand_h264,
    drag,
    first_picture_s,
    serving,
)
from playwright.async_api import Browser
from stub import STUB_MS, draw

from vidgen.rows import Row

ROUNDS = 5  # drags over each page, in turns
STARTS = 3  # servers started anew for the first picture
PACKAGES = ("gradio", "torch", "numpy", "pillow", "imageio-ffmpeg", "playwright")


@dataclass(frozen=True)
class Bench:
    """What a section needs.

    Attributes:
        folder: where the releases lie.
        rows: the releases; shipped, or one of random weights.
        rounds: drags over each page.
    """

    browser: Browser
    folder: Path
    rows: list[Row]
    rounds: int


async def measure_page(bench: Bench) -> dict[str, Any]:
    """Measure from slider to pixel, here and on a plain page, and each release."""
    from plain_page import write

    await demand_h264(bench.browser)
    found = costs(bench.folder, bench.rows)
    mp4 = p50_ms(lambda: Path(write(draw(0))).unlink(), 10)
    first, drags = await start(bench)
    found = {name: {**found[name], **drags[name]} for name in found}
    worst = {
        key: (min if key == "drag_updates_per_s" else max)(each[key] for each in found.values())
        for key in next(iter(found.values()))
    }
    return {
        **await compare_pages(bench),
        "stub_ms": STUB_MS,
        "first_picture_s": first,
        "plain_page_mp4_p50_ms": round(mp4, 1),
        **rounded(worst),
        "releases": {name: rounded(numbers) for name, numbers in found.items()},
    }


async def start(bench: Bench) -> tuple[float, dict[str, dict[str, float]]]:
    """Start servers for the first picture; drag over the last one, each release by its name."""
    first, drags = [], {}
    for _ in range(STARTS):
        with serving("real_page.py", str(bench.folder), "generator") as server:
            first.append(await first_picture_s(bench.browser, server.address))
            if len(first) == STARTS:  # this server has its model soon, so it is used on
                for row in bench.rows:
                    drags[row.name] = await drag_generator(bench.browser, server.address, row)
    return round(median(first), 3), drags


async def drag_generator(browser: Browser, address: str, row: Row) -> dict[str, float]:
    """Drag over the real page with its real generator: once to warm it, and once more."""
    for motion in (1, 2):
        address_now = f"{address}?release={row.name}&t=0&motion={motion}"
        made = await drag(browser, address_now, REAL_GENERATOR)
    return {
        "drag_updates_per_s": made.updates_per_s,
        "drag_slider_to_pixel_p50_ms": median(made.latencies),
    }


async def compare_pages(bench: Bench) -> dict[str, Any]:
    """Drag over both pages in turns."""
    pairs = []
    with (
        serving("real_page.py", str(bench.folder), "stub") as ours,
        serving("plain_page.py") as theirs,
    ):
        for motion in range(bench.rounds):  # another key: nothing cached earlier is found
            real = await drag(bench.browser, f"{ours.address}?t=0&motion={motion}", REAL)
            pairs.append((real, await drag(bench.browser, theirs.address, PLAIN)))
    real, plain = zip(*pairs, strict=True)
    return compare(real, plain)


async def measure_explorer(bench: Bench) -> dict[str, Any]:
    """Measure the views and hands of the explorer."""
    return await explore(bench.browser, bench.folder, max(1, bench.rounds // 2))


async def measure_crowd(bench: Bench) -> dict[str, Any]:
    """Measure what visitors do to each other, with the first release."""
    return {"crowd": await crowd(bench.browser, bench.folder, bench.rows[0])}


SECTIONS = {"page": measure_page, "explorer": measure_explorer, "crowd": measure_crowd}


def machine(browser: Browser) -> dict[str, Any]:
    """Say what this was measured on."""
    import torch

    model = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(
            (line.split(": ")[1] for line in lines if line.startswith("model name")), model
        )
    return {
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "cpu": model,
        "system": platform.platform(),
        "versions": {"python": platform.python_version(), "chromium": browser.version}
        | {name: version(name) for name in PACKAGES},
    }


def costs(folder: Path, rows: list[Row]) -> dict[str, dict[str, float]]:
    """Measure every release without a page."""
    return {row.name: vars(cost_of(folder / str(row.file), row)) for row in rows}


async def bench(rounds: int, sections: Sequence[str]) -> dict[str, Any]:
    """Measure these sections; see the top of this file for the words."""
    load = [round(each, 2) for each in os.getloadavg()]
    result: dict[str, Any] = {}
    with releases() as (folder, rows, shipped):
        async with chromium() as browser:
            for name in sections:
                result |= await SECTIONS[name](Bench(browser, folder, rows, rounds))
            where = machine(browser)
    names = ", ".join(row.name for row in rows)
    return {
        **result,
        "release": names if shipped else f"random weights, preset {STAND_IN}",
        "moves": MOVES,
        "moves_per_s": round(1 / PACE),
        "rounds": rounds,
        "machine": {**where, "load_at_start": load},
    }


def rounded(numbers: dict[str, float]) -> dict[str, float]:
    """Keep what can be told apart on a real machine."""
    return {key: round(value, 2) for key, value in numbers.items()}


def main() -> int:
    """Run the bench; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="default: bench.json")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="a section; default: all")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end with us
    try:
        result = asyncio.run(bench(args.rounds, args.only or list(SECTIONS)))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    text = json.dumps(result, indent=1, ensure_ascii=False)
    args.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
