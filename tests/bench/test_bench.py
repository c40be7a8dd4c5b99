"""The bench's own parts: pictures tell their value through every codec, and its sums are right."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from bench import compare
from cost import cost_of, request_of, ship_random
from measure import HERE, REAL, REAL_GENERATOR, Drag, chromium, drag, first_picture_s, serving
from plain_page import write
from playwright.sync_api import Browser
from stub import FRAMES, STUB_MS, TOP, draw

from vidgen.engine import Engine
from vidgen.media import Frames, read_video, sheet_bytes, write_png_sheet
from vidgen.rows import Row

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
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> tuple[Path, Row]:
    folder = tmp_path_factory.mktemp("releases")
    return folder, ship_random(folder)


def as_png(frames: Frames, folder: Path) -> bytes:
    write_png_sheet(frames, folder / "sheet.png")
    return (folder / "sheet.png").read_bytes()


CODECS: dict[str, Callable[[Frames, Path], bytes]] = {
    "none": as_png,
    "the page's": lambda frames, folder: sheet_bytes(frames)[0],
    "the plain page's": lambda frames, folder: as_png(read_video(Path(write(frames))), folder),
}


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_tells_its_value(browser, tmp_path, codec):
    page = browser.new_page()
    page.evaluate((HERE / "probe.js").read_text() + "\nprobe({});")
    for value in (0, 1, 341, 682, TOP):
        data = base64.b64encode(CODECS[codec](draw(value), tmp_path)).decode()
        assert page.evaluate(TELL, data) == [value] * FRAMES
    page.close()


def test_what_is_no_picture_of_the_stub_tells_nothing(browser, tmp_path):
    page = browser.new_page()
    page.evaluate((HERE / "probe.js").read_text() + "\nprobe({});")
    frames = draw(7)
    for other in (frames * 0, frames * 0 + 255, frames // 2, frames[:, ::-1]):
        data = base64.b64encode(as_png(other, tmp_path)).decode()
        assert page.evaluate(TELL, data) == [None] * FRAMES
    page.close()


def test_a_drag_over_the_page_is_seen_to_its_last_value(browser, shelf):
    folder, _ = shelf
    with serving("real_page.py", str(folder), "stub") as address:
        assert first_picture_s(browser, address) > 0
        drags = [
            drag(browser, f"{address}?t=0&motion={told}", target, moves=12)
            for told, target in enumerate((REAL, REAL_GENERATOR))
        ]
    for seen in drags:
        assert seen.last_value_shown and seen.updates_per_s > 0
        assert seen.latencies and min(seen.latencies) > STUB_MS


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


def test_the_ratio_is_their_median_over_ours():
    ours = (Drag([20.0, 30.0], 10.0, True), Drag([40.0], 20.0, True))
    theirs = (Drag([300.0, 600.0], 2.0, True), Drag([900.0], 4.0, False))
    found = compare(ours, theirs)
    assert found["slider_to_pixel_p50_ms"] == 30 and found["plain_page_p50_ms"] == 600
    assert found["ratio"] == 20 and found["updates_per_s"] == 15
    assert found["last_value_shown"] and not found["plain_page_last_value_shown"]
