"""The stage: playing, stopping, stepping and keeping a clip, on a desk and on a phone."""

from __future__ import annotations

import itertools

from playwright.sync_api import expect
from stage import pixels, wait_for_movement, wait_for_picture, wait_for_status

from vidgen.video import read_video


def test_the_stage_can_be_stopped_stepped_and_scrubbed(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    count = page.locator("[data-role=count]")
    page.locator("[data-role=scrub]").fill("5")
    expect(count).to_have_text("6 / 16")
    still = pixels(page)
    page.get_by_role("button", name="One frame forward").click()
    expect(count).to_have_text("7 / 16")
    assert pixels(page) != still
    page.get_by_role("button", name="One frame back").click()
    expect(count).to_have_text("6 / 16")
    assert pixels(page) == still
    page.get_by_role("img").focus()
    page.keyboard.press("ArrowLeft")
    expect(count).to_have_text("5 / 16")
    page.keyboard.press(" ")
    wait_for_movement(page)


def test_once_stops_at_the_end_and_back_and_forth_turns(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_label("Speed").select_option("4")
    page.get_by_label("Repeat", exact=True).select_option("once")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-role=count]")).to_have_text("16 / 16")
    page.get_by_label("Repeat", exact=True).select_option("pingpong")
    page.get_by_role("button", name="Play", exact=True).click()
    page.evaluate(
        """() => {
          const count = document.querySelector('[data-role=count]');
          window.frames_seen = [];
          new MutationObserver(() => window.frames_seen.push(parseInt(count.textContent)))
            .observe(count, { childList: true });
        }"""
    )
    page.wait_for_function("() => window.frames_seen.length > 40")
    seen = page.evaluate("() => window.frames_seen")
    assert any(a > b for a, b in itertools.pairwise(seen))
    assert any(a < b for a, b in itertools.pairwise(seen))
    assert max(seen) <= 16 and min(seen) >= 1


def test_who_wants_less_motion_begins_with_a_still_picture(open_page, address):
    page = open_page(address, reduced_motion="reduce")
    wait_for_picture(page)
    still = pixels(page)
    page.wait_for_timeout(700)
    assert pixels(page) == still
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_movement(page, still)


def test_the_download_is_the_clip_on_the_stage(open_page, address, tmp_path):
    page = open_page(f"{address}/?seed=5&class=1&frames=12")
    wait_for_picture(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download mp4").click()
    path = tmp_path / "got.mp4"
    download.value.save_as(path)
    assert download.value.suggested_filename == "first-class-1-seed-5.mp4"
    assert len(read_video(path)) == 12
    wait_for_status(page, "in your downloads")


def test_a_phone_shows_stage_and_sliders_without_scrolling_sideways(open_page, address):
    page = open_page(address, viewport={"width": 390, "height": 844}, has_touch=True)
    wait_for_picture(page)
    page.get_by_role("slider", name="Typical to varied", exact=True).scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stage = page.get_by_role("img").bounding_box()
    assert stage and stage["y"] >= 0 and stage["y"] + stage["height"] <= 844
    slider = page.get_by_role("slider", name="Typical to varied", exact=True).bounding_box()
    assert slider and slider["y"] > stage["y"] + stage["height"]


def test_every_control_has_a_name(open_page, address):  # other views name theirs when opened
    page = open_page(address)
    wait_for_picture(page)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('.vg :is(input, select, button, a, canvas)')]
          .filter((node) => !node.closest('[aria-hidden], [hidden]'))
          .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() ||
            (node.labels && [...node.labels].some((label) => label.textContent.trim()))))
          .map((node) => node.outerHTML)"""
    )
    assert nameless == []
