"""Measures from slider to pixel in a real Chromium, here and on a plain page; writes bench.json.

A drag is 120 real mouse moves over the seed slider, 30 a second, whether or not the page keeps up.

slider_to_pixel_*_ms: from the input event of a value that came on screen to the animation frame
that first shows it; a value under Gradio's opaque loading sheet is not on screen.
lag_p50_ms: from every input event to the frame that shows its value or a later one.
ratio, lag_ratio: the plain page's p50 over ours, from drags in turns in this run.
first_picture_s: from navigation to a picture that has moved; the server has just started.
generator_p50_ms, encode_p50_ms: a clip of 16 frames, the engine on the CPU and its sheet.
macs_per_frame: multiply-accumulates of convolutions and matrix products.
drag_*: the same drag over the page with its real generator, warm.
plain_page_mp4_p50_ms: what of the plain page's time its video writer takes.

Of several releases the top level holds the worst of each number. Numbers are worth as much as the
machine is idle: load_at_start tells.
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
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from cost import STAND_IN, cost_of, p50_ms, releases
from measure import (
    MOVES,
    PACE,
    PLAIN,
    REAL,
    REAL_GENERATOR,
    BenchError,
    Drag,
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


async def measure(
    browser: Browser, folder: Path, rows: list[Row], rounds: int
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Run all that needs a browser: numbers of the page, and of each release by name."""
    first = []
    for _ in range(STARTS):
        with serving("real_page.py", str(folder), "generator") as address:
            first.append(await first_picture_s(browser, address))
            if len(first) == STARTS:  # this server has its model soon, so it is used on
                drags = {row.name: await drag_generator(browser, address, row) for row in rows}
    pairs = []
    with (
        serving("real_page.py", str(folder), "stub") as ours,
        serving("plain_page.py") as theirs,
    ):
        for motion in range(rounds):  # another key: no round finds what an earlier one has cached
            real = await drag(browser, f"{ours}?t=0&motion={motion}", REAL)
            pairs.append((real, await drag(browser, theirs, PLAIN)))
    real, plain = zip(*pairs, strict=True)
    return {**compare(real, plain), "first_picture_s": round(median(first), 3)}, drags


async def drag_generator(browser: Browser, address: str, row: Row) -> dict[str, float]:
    """Drag over the real page with its real generator: once to warm it, and once more."""
    for motion in (1, 2):
        address_now = f"{address}?release={row.name}&t=0&motion={motion}"
        made = await drag(browser, address_now, REAL_GENERATOR)
    return {
        "drag_updates_per_s": made.updates_per_s,
        "drag_slider_to_pixel_p50_ms": median(made.latencies),
    }


def compare(real: Sequence[Drag], plain: Sequence[Drag]) -> dict[str, Any]:
    """Put the drags over both pages into the words of bench.json."""
    ours, theirs = summary(real), summary(plain)
    p50 = "slider_to_pixel_p50_ms"
    return {
        **ours,
        "stub_ms": STUB_MS,
        "plain_page_p50_ms": theirs[p50],
        "ratio": round(theirs[p50] / ours[p50], 2),
        "lag_ratio": round(theirs["lag_p50_ms"] / ours["lag_p50_ms"], 2),
        "plain_page": theirs,
    }


def summary(drags: Sequence[Drag]) -> dict[str, Any]:
    """Sum up drags over one page; percentiles are over all its drags together."""
    latencies = [each for drag in drags for each in drag.latencies]
    if not latencies:
        raise BenchError("a page showed none of the values that its slider took")
    return {
        "slider_to_pixel_p50_ms": round(median(latencies), 1),
        "slider_to_pixel_p95_ms": round(float(np.quantile(latencies, 0.95)), 1),
        "lag_p50_ms": round(median(each for drag in drags for each in drag.lags), 1),
        "updates_per_s": round(mean(drag.updates_per_s for drag in drags), 2),
        "last_value_shown": all(drag.last_value_shown for drag in drags),
        "values_shown": len(latencies),
        "values_said": sum(len(drag.lags) for drag in drags),
    }


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


async def bench(rounds: int) -> dict[str, Any]:
    """Measure everything; see the top of this file for the words."""
    from plain_page import write

    load = [round(each, 2) for each in os.getloadavg()]
    with releases() as (folder, rows, shipped):
        found = costs(folder, rows)
        mp4 = p50_ms(lambda: Path(write(draw(0))).unlink(), 10)
        async with chromium() as browser:
            await demand_h264(browser)
            result, drags = await measure(browser, folder, rows, rounds)
            where = machine(browser)
    found = {name: {**found[name], **drags[name]} for name in found}
    worst = {
        key: (min if key == "drag_updates_per_s" else max)(each[key] for each in found.values())
        for key in next(iter(found.values()))
    }
    return {
        **result,
        "plain_page_mp4_p50_ms": round(mp4, 1),
        **rounded(worst),
        "release": ", ".join(found) if shipped else f"random weights, preset {STAND_IN}",
        "releases": {name: rounded(numbers) for name, numbers in found.items()},
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
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end with us
    try:
        result = asyncio.run(bench(args.rounds))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    text = json.dumps(result, indent=1, ensure_ascii=False)
    args.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
