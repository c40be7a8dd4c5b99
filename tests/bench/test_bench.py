"""The bench's own parts: pictures tell their value through every codec, and its sums are right."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from bench import compare
from cost import cost_of, request_of, ship_random
from measure import (
    HERE,
    REAL,
    REAL_GENERATOR,
    Drag,
    chromium,
    drag,
    first_picture_s,
    match,
    serving,
)
from plain_page import write
from stub import FRAMES, STUB_MS, TOP, draw

from vidgen.engine import Engine
from vidgen.media import Frames, encode_png, sheet_bytes
from vidgen.rows import Row
from vidgen.video import read_video

# Shows each frame of a 4 x 4 sheet as large as a page does, and asks probe.js for its value.
TELL = """async (data) => {
  const sheet = await createImageBitmap(await (await fetch(`data:;base64,${data}`)).blob());
  const told = [];
  for (let frame = 0; frame < 16; frame++) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 430;
    const [left, top] = [64 * (frame % 4), 64 * Math.floor(frame / 4)];
    canvas.getContext("2d").drawImage(sheet, left, top, 64, 64, 0, 0, 430, 430);
    told.push(bench.tell(canvas));
  }
  return told;
}"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> tuple[Path, Row]:
    folder = tmp_path_factory.mktemp("releases")
    return folder, ship_random(folder)


def as_png(frames: Frames, _: Path | None = None) -> bytes:
    return encode_png(frames, 8)


CODECS: dict[str, Callable[[Frames, Path], bytes]] = {
    "none": as_png,
    "the page's": lambda frames, _: sheet_bytes(frames)[0],
    "the plain page's": lambda frames, _: as_png(read_video(Path(write(frames)))),
}


def told(sheets: Sequence[bytes]) -> list[list[int | None]]:
    """Ask probe.js in a real Chromium for the value of every frame of some sheets."""

    async def ask() -> list[list[int | None]]:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.evaluate((HERE / "probe.js").read_text() + "\nprobe({});")
            return [await page.evaluate(TELL, base64.b64encode(data).decode()) for data in sheets]

    return asyncio.run(ask())


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_tells_its_value(tmp_path, codec):
    values = (0, 1, 341, 682, TOP)
    sheets = [CODECS[codec](draw(value), tmp_path) for value in values]
    assert told(sheets) == [[value] * FRAMES for value in values]


def test_what_is_no_picture_of_the_stub_tells_nothing(tmp_path):
    frames = draw(7)
    others = [frames * 0, frames * 0 + 255, frames // 2, frames[:, ::-1]]
    assert told([as_png(other, tmp_path) for other in others]) == [[None] * FRAMES] * len(others)


def test_a_drag_over_the_page_is_seen_to_its_last_value(shelf):
    async def drag_twice(address: str) -> list[Drag]:
        async with chromium() as browser:
            assert await first_picture_s(browser, address) > 0
            return [
                await drag(browser, f"{address}?t=0&motion={motion}", target, moves=12)
                for motion, target in enumerate((REAL, REAL_GENERATOR))
            ]

    with serving("real_page.py", str(shelf[0]), "stub") as address:
        drags = asyncio.run(drag_twice(address))
    for seen in drags:
        assert seen.last_value_shown and seen.updates_per_s > 0
        assert len(seen.latencies) <= len(seen.lags) and min(seen.latencies) > STUB_MS


def test_the_cost_counts_every_multiplication(shelf):
    folder, row = shelf
    path = folder / str(row.file)
    macs = 0

    def count(module: torch.nn.Module, _: object, out: torch.Tensor) -> None:
        nonlocal macs
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            macs += out.numel() * module.weight[0].numel()

    hook = torch.nn.modules.module.register_module_forward_hook(count)
    Engine("cpu").render(path, [request_of(row, 0)])
    hook.remove()
    cost = cost_of(path, row, times=1)
    assert cost.macs_per_frame == pytest.approx(macs / 16, rel=0.01) and macs > 0
    assert cost.generator_p50_ms > 0 and cost.encode_p50_ms > 0


def test_a_value_that_is_never_shown_lags_until_a_later_one_is():
    inputs = [(10.0, 0.0), (20.0, 100.0), (30.0, 200.0), (40.0, 300.0)]
    shown = [(5.0, 20.0), (10.0, 50.0), (30.0, 260.0), (40.0, 350.0)]
    seen = match([inputs, shown], last_value_shown=True)
    assert seen.latencies == [50, 60, 50] and seen.lags == [50, 160, 60, 50]
    assert seen.updates_per_s == pytest.approx(3 / 0.35)


def test_the_ratio_is_their_median_over_ours():
    ours = [Drag([20.0, 30.0], [20.0, 30.0], 10.0, True), Drag([40.0], [40.0], 20.0, True)]
    theirs = [Drag([600.0], [900.0, 600.0], 2.0, True), Drag([], [], 4.0, False)]
    found = compare(ours, theirs)
    assert found["slider_to_pixel_p50_ms"] == 30 and found["plain_page_p50_ms"] == 600
    assert found["ratio"] == 20 and found["lag_ratio"] == 25 and found["updates_per_s"] == 15
    assert found["last_value_shown"] and not found["plain_page"]["last_value_shown"]
