"""Measures from slider to pixel in a real Chromium, here and on a plain page; writes bench.json."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from cost import STAND_IN, Cost, cost_of, p50_ms, releases
from measure import (
    MOVES,
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
from playwright.sync_api import Browser
from stub import STUB_MS, draw

from vidgen.rows import Row

ROUNDS = 4  # drags over each page, in turns
STARTS = 3  # servers started anew for the first picture
PACKAGES = ("gradio", "torch", "numpy", "pillow", "imageio-ffmpeg", "playwright")


def measure(browser: Browser, folder: Path, rows: list[Row], rounds: int) -> dict[str, Any]:
    """Run everything that needs a browser; see README's numbers for what the keys mean."""
    first = []
    for _ in range(STARTS):
        with serving("real_page.py", str(folder), "generator") as address:
            first.append(first_picture_s(browser, address))
            if len(first) == STARTS:  # warm by now, so it is used on
                drags = {row.name: drag_generator(browser, address, row) for row in rows}
    with (
        serving("real_page.py", str(folder), "stub") as ours,
        serving("plain_page.py") as theirs,
    ):
        pairs = [
            # Another motion seed is another key: no round finds what an earlier one has cached.
            (drag(browser, f"{ours}?t=0&motion={k}", REAL), drag(browser, theirs, PLAIN))
            for k in range(rounds)
        ]
    real, plain = zip(*pairs, strict=True)
    return {**compare(real, plain), "first_picture_s": round(median(first), 3), "drags": drags}


def drag_generator(browser: Browser, address: str, row: Row) -> dict[str, float]:
    """Drag over the real page with its real generator, until it is warm and once more."""
    for motion in (1, 2):
        made = drag(browser, f"{address}?release={row.name}&t=0&motion={motion}", REAL_GENERATOR)
    return {
        "drag_updates_per_s": round(made.updates_per_s, 2),
        "drag_slider_to_pixel_p50_ms": round(median(made.latencies), 1),
    }


def compare(real: tuple[Drag, ...], plain: tuple[Drag, ...]) -> dict[str, Any]:
    """Put the drags over both pages into the words of bench.json."""
    ours, theirs = summary(real), summary(plain)
    return {
        "slider_to_pixel_p50_ms": ours["p50_ms"],
        "slider_to_pixel_p95_ms": ours["p95_ms"],
        "stub_ms": STUB_MS,
        "plain_page_p50_ms": theirs["p50_ms"],
        "plain_page_p95_ms": theirs["p95_ms"],
        "ratio": round(theirs["p50_ms"] / ours["p50_ms"], 2),
        "updates_per_s": ours["updates_per_s"],
        "plain_page_updates_per_s": theirs["updates_per_s"],
        "last_value_shown": ours["last_value_shown"],
        "plain_page_last_value_shown": theirs["last_value_shown"],
        "shown_values": ours["shown_values"],
        "plain_page_shown_values": theirs["shown_values"],
    }


def summary(drags: tuple[Drag, ...]) -> dict[str, Any]:
    """Sum up drags over one page; percentiles are over all values that were shown."""
    latencies = [each for drag in drags for each in drag.latencies]
    if len(latencies) < 2:
        raise BenchError("a page showed next to none of the values that its slider took")
    cuts = quantiles(latencies, n=100, method="inclusive")
    return {
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "updates_per_s": round(mean(drag.updates_per_s for drag in drags), 2),
        "last_value_shown": all(drag.last_value_shown for drag in drags),
        "shown_values": len(latencies),
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


def costs(folder: Path, rows: list[Row]) -> dict[str, Cost]:
    """Measure every release without a page."""
    return {row.name: cost_of(folder / str(row.file), row) for row in rows}


def bench(rounds: int) -> dict[str, Any]:
    """Measure everything; of several releases the top level holds the worst of each number."""
    from plain_page import write

    load = [round(each, 2) for each in os.getloadavg()]
    with releases() as (folder, rows, shipped), chromium() as browser:
        demand_h264(browser)
        found = {name: dataclasses.asdict(cost) for name, cost in costs(folder, rows).items()}
        mp4 = p50_ms(lambda: Path(write(draw(0))).unlink(), 10)
        result = measure(browser, folder, rows, rounds)
        for name, numbers in result.pop("drags").items():
            found[name] |= numbers
        worst = {
            key: (min if key == "drag_updates_per_s" else max)(each[key] for each in found.values())
            for key in found[rows[0].name]
        }
        return {
            **result,
            "plain_page_mp4_p50_ms": round(mp4, 1),
            **rounded(worst),
            "release": ", ".join(found) if shipped else f"random weights, preset {STAND_IN}",
            "releases": {name: rounded(numbers) for name, numbers in found.items()},
            "moves": MOVES,
            "rounds": rounds,
            "machine": {**machine(browser), "load_at_start": load},
        }


def rounded(numbers: dict[str, float]) -> dict[str, float]:
    """Keep what can be told apart on a real machine."""
    return {key: round(value, 2) for key, value in numbers.items()}


def main() -> int:
    """Run the bench; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="default: bench.json")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    args = parser.parse_args()
    try:
        result = bench(args.rounds)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    text = json.dumps(result, indent=1, ensure_ascii=False)
    args.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
