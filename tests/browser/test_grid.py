"""The grid: one call, all cells in step, and each of them is a clip of the stage."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from stage import (
    address_of,
    alike,
    corner,
    shown,
    status,
    wait_for,
    wait_for_picture,
    wait_for_status,
    wait_until,
)
from standin import ROWS, colour_of

from vidgen.axes import read_cells
from vidgen.legal import LIMITS
from vidgen.request import from_form
from vidgen.ui.text import TEXT

LINK = "?release=first&class=0&seed=3&motion=5&view=grid"
ROOM = ".vg-room[data-view=grid]"
# The colour in the middle of the upper edge of each cell, where the stand-in's square never is.
COLOURS = """([room, across, down]) => {
  const canvas = document.querySelector(`${room} canvas`);
  const context = canvas.getContext('2d');
  const colours = [];
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const x = Math.round(((column + 0.5) * canvas.width) / across);
      const y = Math.round(((row + 0.2) * canvas.height) / down);
      colours.push(Array.from(context.getImageData(x, y, 1, 1).data.slice(0, 3)));
    }
  }
  return colours;
}"""


def asked(page: Page) -> dict[str, str]:
    """Return the query of the grid that is seen, less its version; wait until there is one."""
    page.wait_for_selector(f"{ROOM}[data-shown]")
    query = page.locator(ROOM).get_attribute("data-shown") or ""
    return {key: values[0] for key, values in parse_qs(query).items() if key != "v"}


def wait_for_axes(page: Page, words: str) -> None:
    """Wait until a grid is seen whose query holds these words."""
    page.wait_for_function(
        "([room, words]) => (document.querySelector(room).dataset.shown || '').includes(words)",
        arg=[ROOM, words],
    )


def cell(page: Page, content: int, motion: int):
    return page.get_by_role("button", name=f"Content seed {content}, Motion seed {motion}")


def choose(page: Page, what: str, value: str) -> None:
    page.get_by_role("combobox", name=what).select_option(value)


def test_content_by_motion_comes_in_one_call_and_every_cell_shows_its_own(open_page, address):
    page = open_page("about:blank")
    urls: list[str] = []
    page.on("request", lambda request: urls.append(urlsplit(request.url).path))
    page.goto(f"{address}/{LINK}&cols=seed*3&rows=class:0,2")
    form = asked(page)
    assert form["x"] == "seed:3,4,5" and form["y"] == "class:0,2"
    assert [url for url in urls if "clip" in url] == ["/clips"]
    expected = [colour_of(request) for request in read_cells(form, ROWS)]
    assert len(expected) == 6
    wait_until(page, lambda: all(map(alike, page.evaluate(COLOURS, [ROOM, 3, 2]), expected)))
    headings = page.locator(f"{ROOM} [role=columnheader], {ROOM} [role=rowheader]")
    assert headings.all_inner_texts() == ["3", "4", "5", "stone", "drop"]


@pytest.mark.parametrize("by", ["click", "keys"])
def test_a_cell_opens_on_the_stage_and_the_grid_stays_as_it_was(open_page, address, by):
    page = open_page(f"{address}/{LINK}")
    before = asked(page)
    assert before["x"] == "seed:3,4,5,6" and before["y"] == "motion:5,6,7,8"
    if by == "click":
        cell(page, 5, 6).click()
    else:
        cell(page, 3, 5).focus()
        for key in ("ArrowRight", "ArrowDown", "End", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
    wait_for(page, seed="5", motion="6")
    expect(page.locator("[data-role=canvas]")).to_be_focused()  # where the next key is pressed
    expected = colour_of(from_form({"seed": "5"}, ROWS))
    assert alike(corner(page), expected)
    page.get_by_role("button", name="Grid", exact=True).click()
    expect(page.locator(ROOM)).to_be_visible()
    assert asked(page) == before
    page.get_by_role("button", name="Reset: Columns").click()  # from the controls on
    wait_for_axes(page, "x=seed:5,6,7,8")


def test_any_two_can_vary_and_a_link_leads_back(open_page, address):
    page = open_page(f"{address}/{LINK}")
    asked(page)
    choose(page, "What varies: Columns", "motion")  # they change places
    wait_for_axes(page, "x=motion:5,6,7,8&y=seed:3,4,5,6")
    choose(page, "What varies: Rows", "psi")
    wait_for_axes(page, "x=motion:5,6,7,8&y=psi:0,0.333,0.667,1")
    choose(page, "What varies: Columns", "step")
    wait_for_axes(page, "x=step:0.25,0.5,1,2&y=psi")
    choose(page, "How many: Rows", "2")
    wait_for_axes(page, "y=psi:0,1")
    choose(page, "What varies: Rows", "class")
    choose(page, "How many: Rows", "8")
    wait_for_axes(page, "y=class:0,1,2&")  # no more than there are
    page.get_by_role("button", name="Random: Columns").click()
    page.wait_for_function(
        "(room) => !document.querySelector(room).dataset.shown.includes('x=step:0.25,0.5,1,2')",
        arg=ROOM,
    )
    rolled = [float(value) for value in asked(page)["x"].removeprefix("step:").split(",")]
    low, high = LIMITS["step"]
    assert rolled == sorted(set(rolled)) and low <= rolled[0] and rolled[-1] <= high
    wait_until(page, lambda: "cols=step:" in address_of(page))
    friend = open_page(address_of(page))
    assert asked(friend) == asked(page)


def test_what_a_teacher_hid_does_not_vary(open_page, address):
    page = open_page(f"{address}/{LINK}&hide=psi,motion")
    query = asked(page)
    assert query["x"] == "seed:3,4,5,6" and query["y"] == "class:0,1,2"
    choice = page.get_by_role("combobox", name="What varies: Columns")
    offered = choice.evaluate(
        "all => [...all.options].filter((one) => !one.hidden).map((one) => one.value)"
    )
    assert offered == ["class", "seed", "step"]


def test_a_grid_in_which_one_class_cannot_loop_does_not(open_page, address):
    page = open_page(f"{address}/{LINK}&loop=1&rows=class*3")
    assert asked(page)["loop"] == "0"
    page.get_by_role("button", name="Content seed 3, Class stone").click()
    wait_for(page, **{"class": "0"})
    assert shown(page)["loop"] == "0"


@pytest.mark.parametrize(
    ("axes", "told"),
    [
        ("cols=rows", "“cols” cannot be “rows”"),
        ("cols=seed:1", "“cols” cannot be “seed:1”"),
        ("cols=psi:7,8", "“cols” cannot be “psi:7,8”"),
        ("cols=psi:0.25,8,1", "“cols” cannot be “psi:0.25,8,1”"),
        ("rows=seed*4", "“rows” cannot be “seed*4”"),
        ("cols=%00", "“cols” cannot be"),
    ],
)
def test_what_is_not_legal_in_a_link_is_left_out_and_told(open_page, address, axes, told):
    page = open_page(f"{address}/{LINK}&{axes}")
    assert len(read_cells(asked(page), ROWS)) in (8, 16)
    wait_for_status(page, told)
    assert status(page).startswith(TEXT["en"]["link_nearest"])


def test_of_axes_that_are_legal_nothing_is_told(open_page, address):
    page = open_page(f"{address}/{LINK}&cols=psi:0.250,1.5&rows=class*8")
    assert asked(page)["x"] == "psi:0.25,1.5"
    assert status(page) == ""


def test_a_lock_holds_the_values_of_an_axis_while_controls_move(open_page, address):
    page = open_page(f"{address}/{LINK}")
    asked(page)
    lock = page.get_by_role("button", name="Lock: Columns")
    seed = page.get_by_role("slider", name="Seed A", exact=True)
    expect(lock).to_have_attribute("aria-pressed", "false")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Surprise me").click()
    wait_until(page, lambda: "motion:5,6" not in asked(page)["y"])
    assert asked(page)["x"] == "seed:3,4,5,6"
    wait_until(page, lambda: "cols=seed:3,4,5,6" in address_of(page))
    lock.click()  # from the controls on again
    value = int(seed.input_value())
    wait_for_axes(page, f"x=seed:{value},{value + 1},")
    expect(lock).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+z")
    wait_for_axes(page, "x=seed:3,4,5,6")
    expect(lock).to_have_attribute("aria-pressed", "true")


def test_all_cells_play_in_step_and_stand_still_together(open_page, address):
    page = open_page(f"{address}/{LINK}", reduced_motion="reduce")
    asked(page)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-role=count]")).to_have_text("1 / 16")
    page.get_by_role("button", name="One frame forward").click()
    expect(page.locator("[data-role=count]")).to_have_text("2 / 16")
    white = page.evaluate(
        """(room) => {
          const canvas = document.querySelector(`${room} canvas`);
          const { width, height } = canvas;
          const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
          const cells = [];
          for (let row = 0; row < 4; row += 1) {
            const y = Math.round(((row + 0.53) * height) / 4);
            let left = 0;
            while (data[4 * (y * width + left)] < 240) left += 1;
            cells.push(left / (width / 4));
          }
          return cells;
        }""",
        ROOM,
    )
    # The stand-in draws its square at 16 + 6 x frame + motion of 64 pixels.
    assert all(abs(left - (16 + 6 + 5 + row) / 64) < 0.05 for row, left in enumerate(white))


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_on_a_phone_nothing_scrolls_sideways(open_page, address, lang):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page(f"{address}/{LINK}&lang={lang}&cols=seed*8&rows=class*3", **phone)
    asked(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def idle(page: Page) -> list[str]:
    sliders = page.locator("[data-idle=true]")
    return sliders.evaluate_all("all => all.map((one) => one.dataset.slider)")


def test_a_control_that_the_grid_sets_says_so(open_page, address):
    page = open_page(f"{address}/{LINK}&cols=seed:1,2,3&rows=psi*3&t=0.5&mix=0.5")
    asked(page)
    assert idle(page) == ["seed", "t", "seed_b", "psi", "u", "seed_c", "seed_d", "motion_b"]
    help_of_seed = page.locator("[data-slider=seed] .vg-help")
    expect(help_of_seed).to_have_text(TEXT["en"]["idle_grid"])
    page.get_by_role("button", name="中文").click()
    expect(help_of_seed).to_have_text(TEXT["zh-CN"]["idle_grid"])
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Reset: Columns").click()  # they follow the control again
    expect(help_of_seed).to_have_text(TEXT["en"]["seed_help"])
    assert "seed" not in idle(page) and "psi" in idle(page)
    page.get_by_role("button", name="Stage", exact=True).click()
    expect(page.locator("[data-slider=psi] .vg-help")).to_have_text(TEXT["en"]["psi_help"])
    assert idle(page) == ["seed_c", "seed_d", "motion_b"]


def test_a_call_that_nobody_waits_for_any_more_is_given_up(open_page, address, engine):
    page = open_page(f"{address}/?release=first&class=0&seed=31&motion=5")
    wait_for_picture(page)
    ended: list[str] = []
    page.on("requestfailed", lambda request: ended.append(urlsplit(request.url).path))
    engine.open.clear()
    with page.expect_request(lambda request: "/clips?" in request.url):
        page.get_by_role("button", name="Grid", exact=True).click()
    page.get_by_role("button", name="Stage", exact=True).click()
    wait_until(page, lambda: ended == ["/clips"])
    expect(page.locator("[data-role=status]")).not_to_have_attribute("data-kind", "trouble")
    engine.open.set()
    page.get_by_role("button", name="Grid", exact=True).click()
    assert asked(page)["x"] == "seed:31,32,33,34"
