"""The bench's own parts: pictures tell their value through every codec, and its sums are right."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from cost import cost_of, request_of, ship_random
from crowd import clips_of, guests, visit
from explorer import CORNERS, endurance, path_scrub
from figures import Drag, Visit, compare, crowded, ends, match, scrubbed
from measure import HANDS, HERE, REAL_GENERATOR, chromium, drag, first_picture_s, serving
from plain_page import write
from stub import FRAMES, STUB_MS, TOP, draw, told_of

from vidgen.engine import Engine
from vidgen.media import Frames, encode_png, sheet_bytes
from vidgen.request import from_form
from vidgen.rows import Row
from vidgen.video import read_video

T = TypeVar("T")

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


def run(work: Coroutine[object, object, T]) -> T:
    """Run it in a thread of its own: in that of the tests the browser of others may have a loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def told(sheets: Sequence[bytes]) -> list[list[dict | None]]:
    """Ask probe.js in a real Chromium what every frame of some sheets tells."""

    async def ask() -> list[list[dict | None]]:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.evaluate((HERE / "probe.js").read_text() + "\nprobe({});")
            return [await page.evaluate(TELL, base64.b64encode(data).decode()) for data in sheets]

    return run(ask())


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_tells_what_was_asked_for(tmp_path, codec):
    asked = [(0, 0, 0, 0), (1, 8.95, 0.3, 1), (341, 9, 1, 0.99), (682, 0.05, 0, 0), (TOP, 3, 1, 1)]
    sheets = [CODECS[codec](draw(*parts), tmp_path) for parts in asked]
    keys = ("seed", "class", "t", "u")
    assert told(sheets) == [[dict(zip(keys, parts, strict=True))] * FRAMES for parts in asked]


def test_the_stub_tells_where_on_the_plane_a_request_is(shelf):
    form = {"class": "8.95", "seed": "0", "seed_b": "1", "seed_c": "2", "seed_d": "3"}
    asked = told_of(from_form({**form, "t": "0.37", "u": "0.61"}, [shelf[1]]))
    assert asked == (0, pytest.approx(8.95), pytest.approx(0.37), pytest.approx(0.61, abs=0.002))


def test_what_is_no_picture_of_the_stub_tells_nothing(tmp_path):
    frames = draw(7)
    others = [frames * 0, frames * 0 + 255, frames // 2, frames[:, ::-1]]
    assert told([as_png(other, tmp_path) for other in others]) == [[None] * FRAMES] * len(others)


def test_every_hand_on_the_page_is_seen_to_its_last_value(shelf):
    async def drag_all(address: str) -> list[Drag]:
        async with chromium() as browser:
            assert await first_picture_s(browser, address) > 0
            return [
                await drag(browser, f"{address}?{CORNERS}&motion={motion}", target, moves=12)
                for motion, target in enumerate((*HANDS, REAL_GENERATOR))
            ]

    with serving("real_page.py", str(shelf[0]), "stub") as server:
        drags = run(drag_all(server.address))
    for seen in drags:
        assert seen.last_value_shown and seen.updates_per_s > 0
        assert len(seen.latencies) <= len(seen.lags) and min(seen.latencies) > STUB_MS


def test_a_long_drag_and_a_scrub_with_the_server_gone(shelf):
    async def go() -> tuple[dict, dict]:
        async with chromium() as browser:
            return await endurance(browser, server, 20), await path_scrub(browser, server, 60)

    with serving("real_page.py", str(shelf[0]), "stub") as server:
        long, scrub = run(go())
    assert long["updates"] >= 20 and long["last_values_shown"]
    for kind in ("page_heap_mb", "browser_rss_mb", "server_rss_mb"):
        assert 0 < long[kind]["first"] <= long[kind]["highest"] >= long[kind]["last"]
    assert scrub["server_stopped"] and scrub["requests"] == 0
    assert 0 < scrub["pictures_shown"] == scrub["animation_frames"]


def test_visitors_without_a_browser_get_their_last_value(shelf):
    folder, row = shelf

    async def go() -> list[Visit]:
        async with guests(server) as client:
            return await asyncio.gather(*(visit(client, clips_of(row, k), 0.2) for k in (1, 2, 3)))

    with serving("real_page.py", str(folder), "stub") as server:
        visits = run(go())
    for seen in visits:
        assert seen.last_value_arrived and seen.latencies
        assert min(seen.latencies) > STUB_MS and seen.seconds >= 0.2


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


def test_a_long_drag_is_judged_by_its_ends():
    found = ends([10.0] * 3 + [50.0] * 4 + [15.0] * 3, count=3)
    assert found == {"updates": 10, "first_3_p50_ms": 10, "last_3_p50_ms": 15, "ratio": 1.5}


def test_a_scrub_counts_frames_in_which_the_hand_moved():
    frames = [(0.0, True), (1.0, True), (1.0, True), (2.0, False), (3.0, True)]
    assert scrubbed(frames) == {"animation_frames": 3, "pictures_shown": 2, "share": 0.667}
    assert scrubbed(frames[:1])["share"] == 0


def test_a_crowd_is_all_of_its_visitors():
    drags = [Drag([100.0], [100.0], 5.0, True)]
    visits = [Visit([300.0, 300.0], 1.0, True), Visit([500.0], 1.0, False)]
    found = crowded(drags, visits, batch_ms=200)
    assert found["p50_ms"] == 300 and found["p95_ms"] == 470 and found["p95_over_batch"] == 2.35
    assert found["browser"]["p50_ms"] == 100 and not found["last_values_arrived"]
    assert crowded(drags, visits[:1], 200)["last_values_arrived"]
