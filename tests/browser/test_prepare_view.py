"""Preparing videos from the page: from a folder to a training that runs, in two buttons."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from standin import wait_until

from vidgen.plan import Plan
from vidgen.runs import Run

PATIENCE = 120_000  # ms; a loaded machine is slow, not broken


def film(path: Path, colour: str) -> None:
    """Make a video of a second and a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = f"testsrc2=s=32x24:r=8:d=1.5,colorize=hue={colour}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(path)], check=True)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def prepare(page: Page, root: Path) -> None:
    """Prepare a folder, one that is not there first."""
    page.get_by_text("Prepare videos", exact=True).click()
    page.get_by_label("Side, pixels").fill("16")
    page.get_by_label("Frames of a clip").fill("8")
    for source in ("/no/such/folder", str(root)):
        page.get_by_label("Folder of the videos").fill(source)
        press(page, "Prepare")
        if source != str(root):
            expect(page.locator("[data-role=status]")).to_contain_text("source is /no/such/folder")
    standing = page.locator("[data-role=set-standing]")
    expect(standing).to_have_text("ready", timeout=PATIENCE)


def see_what_is_in_it(page: Page) -> None:
    """Read the counts, what was left out, and look at the sheets."""
    rows = page.locator("[data-role=set-found] tr")
    expect(rows).to_have_text(["ClassVideosClipsSecondsHeld out", "one334.51", "two2231"])
    page.get_by_text("Left out: 1").click()
    page.get_by_text("two/empty.mp4: is empty").wait_for()
    expect(page.locator(".vg-sheets img")).to_have_count(2)
    page.wait_for_function(  # eight moments of 16 pixels
        "[...document.querySelectorAll('.vg-sheets img')].every((one) => one.naturalWidth === 128)"
    )


def test_a_folder_of_videos_is_prepared_and_trained_on(open_page, workshop, tmp_path):
    videos = tmp_path / "videos"
    for label, colours in (("one", ("0", "60", "120")), ("two", ("180", "240"))):
        for colour in colours:
            film(videos / label / f"{colour}.mp4", colour)
    (videos / "two" / "empty.mp4").touch()
    with workshop() as address:
        page = open_page(f"{address}?view=train")
        page.wait_for_selector("[data-role=run-preset] option", state="attached")
        prepare(page, videos)
        see_what_is_in_it(page)
        root = tmp_path / "data" / "videos"
        press(page, "Start")
        run = Run(tmp_path / "runs" / "videos")
        wait_until(lambda: run.plan is not None)
        assert run.plan == Plan("auto", str(root), seconds=600, data="folder")
        shutil.copytree(root, root.with_name("by-hand"))  # as if it was prepared in a shell
        hand = page.locator("[data-role=sets]").get_by_role("button", name="by-hand")
        hand.click()
        press(page, "Train on it")
        expect(page.locator("[data-role=run-data]")).to_have_value("set/by-hand")
        press(page, "Delete")
        page.locator("dialog[open]").get_by_role("button", name="Delete").click()
        expect(hand).to_have_count(0)
        assert root.is_dir() and not root.with_name("by-hand").exists()
        page.wait_for_selector(".vg-train[data-standing=running]")
        page.goto(f"{address}?view=train&lang=zh-CN")
        page.get_by_text("准备视频", exact=True).click()
        page.locator("[data-role=sets]").get_by_role("button", name="videos").click()
        page.wait_for_selector(".vg-sheets img")
        found = Axe().run(page).response["violations"]
        grave = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [(each["id"], each["nodes"]) for each in grave] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
