"""`python app.py` with a real generator, as it runs at home and as a Space would run it."""

from __future__ import annotations

from playwright.sync_api import expect
from proxy import framed, proxied
from running import running_app
from small_report import write_report
from stage import (
    drag,
    shown,
    wait_for,
    wait_for_movement,
    wait_for_picture,
    wait_for_status,
    wait_until,
)

from vidgen.index import read_index


def test_at_home(open_page, tmp_path):
    with running_app(tmp_path) as app:
        page = open_page(app.address)
        wait_for_picture(page)
        wait_for_movement(page, levels=8)
        drag(page, "Seed A", 0.1, 0.6)
        value = page.get_by_role("slider", name="Seed A", exact=True).input_value()
        wait_for(page, seed=value)
    assert not app.faults()


def test_as_a_space_would_run_it(open_page, tmp_path):
    path = "/spaces/owner/vidgen/"
    space = {
        "SYSTEM": "spaces",
        "SPACE_ID": "owner/vidgen",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_ROOT_PATH": path.rstrip("/"),
        "GRADIO_SSR_MODE": "True",
    }
    with (
        running_app(tmp_path, **space) as app,
        proxied(app.address, path) as address,
        framed(f"{address}?seed=5&lang=zh-CN") as around,
    ):
        page = open_page(around, permissions=["clipboard-read"])
        wait_until(page, lambda: len(page.frames) == 2)
        frame = page.frames[1]
        wait_for_picture(frame)
        wait_for_movement(frame, levels=8)
        assert shown(frame)["seed"] == "5"
        seed = frame.get_by_role("slider", name="种子 A", exact=True)
        seed.fill("6")
        wait_for(frame, seed="6")
        with page.expect_download() as download:
            frame.get_by_role("link", name="下载 mp4").click()
        frame.get_by_role("button", name="复制链接").click()
        wait_for_status(frame, "已复制")
        page.mouse.click(2, 2)  # outside of the frame: who reads the clipboard has the focus
        assert "&seed=6&" in page.evaluate("navigator.clipboard.readText()")
        assert download.value.suggested_filename.endswith("种子-6.mp4")
        write_report(app.house / "checkpoints", read_index(app.house / "checkpoints")[0][0])
        frame.get_by_role("button", name="关于此模型").click()
        frame.get_by_role("button", name="评测报告").click()
        wait_until(page, lambda: len(page.frames) == 3)
        expect(page.frames[2].get_by_role("heading", name="评测报告")).to_be_visible()
        assert page.frames[2].evaluate("origin") == "null"
    assert not app.faults()
