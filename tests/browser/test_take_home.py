"""Taking it home: every format through the page, read again, and made again from what it says."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageSequence
from playwright.sync_api import Page, expect
from running import Running, running_app
from stage import wait_for_picture, wait_until

from vidgen.export import FORMATS
from vidgen.recipe import read_recipe
from vidgen.ui.text import TEXT
from vidgen.video import read_video

FORM = "release=lively&class=1&seed=3&motion=5&frames=12"
STAND_IN = "?release=first&class=1&seed=5&motion=0&frames=12"
SCALE = 3
FRAME = 5


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Running]:
    """The page over a generator that runs."""
    with running_app(tmp_path_factory.mktemp("home")) as app:
        yield app


def choice(page: Page, name: str):
    return page.locator(f"dialog[open] input[value={name}]")


def download(page: Page, folder: Path) -> Path:
    """Press the dialog's button; return the file, under the name that it was given."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download", exact=True).click()
    name = waiting.value.suggested_filename
    expect(page.locator("[data-role=home-status]")).to_have_text(f"{name} is in your downloads.")
    path = folder / name
    waiting.value.save_as(path)
    return path


def frames_of(path: Path) -> np.ndarray:
    """Decode the frames [T, H, W, 3] of a file."""
    if path.suffix in (".mp4", ".webm"):
        return read_video(path, 600)
    with Image.open(path) as picture:
        return np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(picture)])


def make_again(app: Running, recipe: Path, out: Path) -> bytes:
    """Run the command line on a file that was taken home."""
    words = ["-m", "vidgen", "generate", "--from", str(recipe), "--out", str(out)]
    done = subprocess.run([sys.executable, *words], cwd=app.house, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Save as…").click()
    page.wait_for_selector("dialog[open]")


def test_every_format_arrives_shows_the_clip_and_makes_itself_again(open_page, app, tmp_path):
    page = open_page(f"{app.address}/?{FORM}", reduced_motion="reduce")
    wait_for_picture(page)
    page.get_by_role("slider", name="Frame", exact=True).fill(str(FRAME))
    open_dialog(page)
    taken: dict[str, Path] = {}
    for name in FORMATS:
        choice(page, name).check()
        if name != "json":
            page.get_by_role("slider", name="Size").fill(str(SCALE))
            side = SCALE * 16 * (4 if name == "png" else 1)
            down = SCALE * 16 * (3 if name == "png" else 1)
            expect(page.locator("[data-role=home-pixels]")).to_have_text(
                f"{SCALE}× · {side} × {down} pixels"
            )
        taken[name] = download(page, tmp_path)
    clip = frames_of(taken["webp"])[:, ::SCALE, ::SCALE].astype(int)
    assert clip.shape == (12, 16, 16, 3) and clip.std() > 5
    for name in ("mp4", "webm", "gif", "webp"):
        shown = frames_of(taken[name])
        assert shown.shape == (12, 16 * SCALE, 16 * SCALE, 3), name
        assert np.abs(shown[:, 1::SCALE, 1::SCALE].astype(int) - clip).mean() < 9, name
    sheet = frames_of(taken["png"])[0, ::SCALE, ::SCALE]
    assert np.array_equal(sheet.reshape(3, 16, 4, 16, 3).swapaxes(1, 2).reshape(clip.shape), clip)
    assert np.array_equal(frames_of(taken["frame"])[0, ::SCALE, ::SCALE], clip[FRAME])
    for name, path in taken.items():
        recipe = read_recipe(path)
        assert recipe.scale == (None if name == "json" else SCALE), name
    for name in ("mp4", "frame"):  # the other formats: test_cli_from
        again = make_again(app, taken[name], tmp_path / f"again{taken[name].suffix}")
        assert again == taken[name].read_bytes()
    make_again(app, taken["json"], tmp_path / "again.webp")
    assert np.array_equal(frames_of(tmp_path / "again.webp"), clip)


def test_a_path_goes_home_as_one_file_in_every_format_that_has_room(open_page, app, tmp_path):
    page = open_page(f"{app.address}/?{FORM}&seed_b=8&view=path&clips=8")
    page.wait_for_selector(".vg-room[data-shown]")
    open_dialog(page)
    expect(page.locator("[data-role=home-what]")).to_have_text(
        "The whole path: 8 clips one after the other, 96 frames, 12 s."
    )
    offered = [name for name in FORMATS if choice(page, name).is_visible()]
    assert offered == ["mp4", "webm", "gif", "webp", "json"]
    for name in offered:
        choice(page, name).check()
        path = download(page, tmp_path)
        assert len(read_recipe(path).clips) == 8 and "8-clips" in path.name
        if name != "json":
            assert frames_of(path).shape == (96, 64, 64, 3)
    json_file = next(tmp_path.glob("*.json"))
    webp = next(tmp_path.glob("*.webp"))
    again = make_again(app, json_file, tmp_path / "again.webp")
    assert len(again) < webp.stat().st_size  # at 1x; the frames are the same
    assert np.array_equal(frames_of(tmp_path / "again.webp"), frames_of(webp)[:, ::4, ::4])


def test_the_last_format_is_remembered_and_a_stranger_in_its_place_is_none(open_page, address):
    page = open_page(f"{address}/{STAND_IN}")
    wait_for_picture(page)
    page.keyboard.press("s")
    choice(page, "png").check()
    page.get_by_role("slider", name="Size").fill("2")
    page.keyboard.press("Escape")
    page.reload()
    wait_for_picture(page)
    open_dialog(page)
    expect(choice(page, "png")).to_be_checked()
    expect(choice(page, "png")).to_be_focused()
    expect(page.get_by_role("slider", name="Size")).to_have_value("2")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Path", exact=True).click()
    page.wait_for_selector(".vg-room[data-shown]")
    open_dialog(page)
    expect(choice(page, "mp4")).to_be_checked()  # a path is no sheet
    for strange in ('{"format": "<b>", "scale": 1e9}', '"x"', "7", "[", '{"scale": "4"}'):
        page.evaluate("(text) => localStorage.setItem('vidgen:home', text)", strange)
        page.reload()
        page.wait_for_selector(".vg-room[data-shown]")
        open_dialog(page)
        expect(choice(page, "mp4")).to_be_checked()
        expect(page.get_by_role("slider", name="Size")).to_have_value("4")


def test_what_does_not_fit_is_said_before_and_what_goes_wrong_after(open_page, address, engine):
    page = open_page(f"{address}/?release=first&seed=5&frames=64&view=path&clips=8")
    page.wait_for_selector(".vg-room[data-shown]")
    open_dialog(page)
    size = page.get_by_role("slider", name="Size")
    expect(size).to_have_attribute("max", "2")  # 512 frames of 64 x 64, four times as many pixels
    expect(page.locator("[data-role=home-fits]")).to_contain_text("up to 2×")
    page.keyboard.press("Escape")
    engine.fault = RuntimeError("broken")
    page.goto(f"{address}/{STAND_IN}&psi=0.9&view=grid")
    expect(page.get_by_role("button", name="Save as…")).to_be_hidden()  # a grid is no file
    page.get_by_role("button", name="Stage", exact=True).click()
    status = page.locator("[data-role=home-status]")
    open_dialog(page)
    page.get_by_role("button", name="Download", exact=True).click()
    expect(status).to_contain_text("HTTP 500")
    page.context.set_offline(True)
    page.get_by_role("button", name="Download", exact=True).click()
    expect(status).to_have_text(TEXT["en"]["home_gone"])
    page.context.set_offline(False)
    engine.fault = None
    with page.expect_download():
        page.get_by_role("button", name="Download", exact=True).click()
    expect(status).to_have_attribute("data-kind", "good")


def test_while_a_file_is_written_it_says_so_and_closing_lets_go_of_it(open_page, address, engine):
    page = open_page(f"{address}/{STAND_IN}")
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).fill("9")
    open_dialog(page)
    engine.open.clear()
    gone = threading.Event()
    page.on("requestfailed", lambda request: "/export" in request.url and gone.set())
    button = page.get_by_role("button", name="Download", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-role=home-status]")).to_have_text(TEXT["en"]["home_busy"])
    page.keyboard.press("Enter")  # nothing is asked for twice
    page.keyboard.press("r")  # keys of the page mean nothing here
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    wait_until(page, gone.is_set)
    engine.open.set()
    expect(page.get_by_role("slider", name="Seed A", exact=True)).to_have_value("9")
    open_dialog(page)
    with page.expect_download():
        button.click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("zh-CN", 390)])
def test_the_dialog_is_for_everyone(open_page, address, lang, width, theme):
    where = f"{address}/{STAND_IN}&lang={lang}&__theme={theme}"
    page = open_page(where, viewport={"width": width, "height": 844})
    wait_for_picture(page)
    page.get_by_role("button", name=TEXT[lang]["home"]).click()
    page.keyboard.press("ArrowDown")
    expect(choice(page, "webm")).to_be_checked()
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"][:200]) for each in serious for node in each["nodes"]] == []
    box = page.locator("dialog[open]").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator("dialog[open]").inner_text()
    assert "_" not in text and "{" not in text and "undefined" not in json.dumps(text)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=TEXT[lang]["home_go"], exact=True).click()
    name = "first-class-1-seed-5.webm" if lang == "en" else "first-类别-1-种子-5.webm"
    assert waiting.value.suggested_filename == name
