"""Training from the page: start, watch, pause, go on, ship and play; and who may not."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from running import running_app
from stage import wait_for, wait_for_picture
from standin import wait_until

from vidgen.moments import list_moments
from vidgen.runs import Run

PATIENCE = 120_000  # ms; a loaded machine is slow, not broken
SLOW = (sys.executable, str(Path(__file__).parents[1] / "slow_training.py"))


def standing(page: Page, *wanted: str) -> None:
    page.wait_for_selector(",".join(f".vg-train[data-standing={each}]" for each in wanted))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def begin(page: Page, root: Path) -> None:
    """Start the smallest run, and see its numbers move."""
    page.get_by_role("combobox", name="Data", exact=True).select_option("digits")
    page.get_by_role("combobox", name="Preset", exact=True).select_option("smoke")
    page.get_by_label("Folder of its files").fill("/no/such/folder")
    press(page, "Start")
    expect(page.locator("[data-role=status]")).to_contain_text(
        "root is /no/such/folder", timeout=PATIENCE
    )
    page.get_by_label("Folder of its files").fill(str(root))
    press(page, "Start")
    standing(page, "running")
    page.wait_for_selector(".vg-train[data-step='10']")
    expect(page.locator("[data-role=run-where]")).to_contain_text("step 10 of 20", timeout=PATIENCE)
    assert page.locator(".vg-chart:visible path").count() >= 7


def test_a_run_is_started_watched_paused_gone_on_with_and_played(
    open_page, workshop, tmp_path, digits_root
):
    with workshop(SLOW) as address:
        page = open_page(f"{address}?view=train")
        page.wait_for_selector("[data-role=run-preset] option", state="attached")
        begin(page, digits_root)
        press(page, "Pause the run")
        standing(page, "paused")
        run = Run(tmp_path / "runs" / "smoke")
        assert run.process is None and run.has_state
        stopped = json.loads((run.folder / "state" / "manifest.json").read_text())["step"]
        assert 10 <= stopped < 20
        press(page, "Go on")
        standing(page, "starting", "running")
        wait_until(lambda: run.process is not None)
    process = run.process
    assert process, "it ends with the server"
    with workshop(SLOW) as address:  # another server finds it by its folder
        page = open_page(f"{address}?view=train")
        standing(page, "finished")
        wait_until(lambda: not process.alive)
        assert list_moments(run.folder)[::2] == [0, 20]
        watch_it(page)
        press(page, "Make a release")
        press(page, "Play it on the stage")
        wait_for(page, release="smoke")
        press(page, "How it learned")
        lapse = page.locator("[data-role=lapse]")
        expect(lapse).to_have_attribute("data-moment", "2", timeout=PATIENCE)
        page.locator(".vg-room:visible").get_by_role("slider").press("Home")
        expect(page.locator(".vg-room:visible output")).to_have_text("step 0", timeout=PATIENCE)
        expect(lapse).to_have_attribute("data-moment", "0", timeout=PATIENCE)
        page.get_by_role("button", name=", seed 0").first.click()
        wait_for(page, release="smoke", seed="0")
        page.goto(f"{address}?release=smoke&class=3&seed=5&motion=5&view=compare")
        page.wait_for_selector(".vg-room:visible [data-shown]")
        page.goto(f"{address}?view=train&lang=zh-CN")
        page.wait_for_selector(".vg-critic canvas")
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(f"{address}?view=train")
        for answer in ("Keep it", "Delete"):
            press(page, "Delete")
            page.locator("dialog[open]").get_by_role("button", name=answer).click()
            expect(page.locator("dialog[open]")).to_have_count(0)
            assert run.folder.exists() or answer == "Delete"
        page.get_by_text("There is none yet.").wait_for()
        assert not run.folder.exists() and (tmp_path / "checkpoints/smoke.safetensors").is_file()


def watch_it(page: Page) -> None:
    """Look at the same seeds from noise to now, and at what the critics think."""
    lapse = page.locator("[data-role=run-lapse]")
    expect(lapse).to_have_attribute("data-moment", "20", timeout=PATIENCE)
    page.get_by_role("slider", name="Moment of the training").press("Home")
    expect(lapse).to_have_attribute("data-moment", "0", timeout=PATIENCE)
    press(page, "Play how it learned")
    expect(lapse).to_have_attribute("data-moment", "20", timeout=PATIENCE)
    critics = page.locator(".vg-critic")
    expect(critics).to_have_count(2, timeout=PATIENCE)
    assert critics.first.locator("b").count() == 16  # a dot for each clip
    page.wait_for_function(
        """() => [...document.querySelectorAll('.vg-critic canvas')].every((canvas) =>
          canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
            .some((level, k) => k % 4 < 3 && level > 90))"""
    )


@pytest.mark.parametrize("env", [{"VIDGEN_HOST": "0.0.0.0"}, {"SPACE_ID": "owner/vidgen"}])
def test_a_public_server_has_no_training(open_page, tmp_path, env):
    runs = tmp_path / "runs"
    with running_app(tmp_path, VIDGEN_RUNS=str(runs), **env) as app:
        page = open_page(f"{app.address}?view=train")
        wait_for_picture(page)
        assert page.get_by_role("button", name="Train", exact=True).count() == 0
        assert page.locator("[data-role=run-form]").count() == 0
        assert "createTrain(" not in page.content().replace("createTrain(root", "")
        paths = ("presets", "runs", "begin", "pause", "resume", "ship", "delete", "sets")
        for path in (*paths, "prepare/begin", "prepare/delete", "slow/begin", "slow/go"):
            request = urllib.request.Request(
                f"{app.address}/train/{path}",
                data=None if path in ("presets", "runs", "sets") else b'{"preset": "stgan-32-cpu"}',
                headers={"Content-Type": "application/json"},
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=60)
            assert refused.value.code in (404, 405)
    assert not runs.exists() and os.listdir(tmp_path)
