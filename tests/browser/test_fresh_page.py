"""What a view shows, its link shows to somebody else: asked alike, and the same to the byte."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from stage import wait_for, wait_for_picture, wait_for_status

START = "?release=first&class=0&seed=5&motion=7"
OPEN = ".vg-room:visible"
SHOWN = """() => {
  const root = document.querySelector('.vg');
  if (!root) return []; // the page is still on its way
  if (root.dataset.open === 'stage') return [`clip?${root.dataset.shown}`];
  const seen = [...root.querySelectorAll('[data-shown]')].filter((each) => each.checkVisibility());
  return seen.map(({ dataset }) => `${dataset.side ? 'clip' : 'clips'}?${dataset.shown}`);
}"""


def slide(page: Page, **values: str) -> None:
    """Move the sliders of these keys, in folds too."""
    page.evaluate("document.querySelectorAll('.vg details').forEach((fold) => (fold.open = true))")
    for key, value in values.items():
        page.locator(f"#vg-{key}").fill(value)


def choose(page: Page, what: str, value: str) -> None:
    page.get_by_role("combobox", name=what).select_option(value)


def plane(page: Page) -> None:
    point = {"seed_b": "9", "seed_c": "21", "seed_d": "34", "t": "0.3", "u": "0.6", "psi": "0.7"}
    slide(page, **point)
    wait_for(page, **point)


def mixes(page: Page) -> None:
    mix = {"class": "0.5", "class_b": "1.5", "mix": "0.25", "motion_b": "12", "motion_t": "0.4"}
    slide(page, **mix)
    wait_for(page, **mix)


def times(page: Page) -> None:
    time = {"frames": "24", "step": "0.5", "start": "3"}
    slide(page, **time)
    page.get_by_role("switch").check()
    wait_for(page, **time, loop="1")


def walk(page: Page) -> None:
    page.get_by_role("button", name="Path", exact=True).click()
    choose(page, "Along", "walk")
    box = page.get_by_role("textbox", name="Seeds with commas between them")
    box.fill("4, 9, 16")
    box.press("Enter")
    page.wait_for_selector(f"{OPEN}[data-shown*='walk=4,9,16'], {OPEN}[data-shown*='4%2C9%2C16']")
    page.get_by_role("button", name="Stop 3 of 15").click()
    wait_for(page, walk="4,9,16", at="0.4")


def place(page: Page) -> None:
    page.get_by_role("button", name="Path", exact=True).click()
    choose(page, "Along", "mix")
    choose(page, "Clips", "12")
    page.wait_for_selector(f"{OPEN}[data-shown*='mix:0,0.091']")
    page.get_by_role("slider", name="Place on the path").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")


def pinned(page: Page) -> None:
    page.get_by_role("button", name="Grid", exact=True).click()
    choose(page, "What varies: Rows", "step")
    page.wait_for_selector(f"{OPEN}[data-shown*='x=seed:5,6,7,8&y=step:0.25,0.5,1,2']")
    for axis in ("Columns", "Rows"):
        page.get_by_role("button", name=f"Random: {axis}").click()
    page.wait_for_selector(
        f"{OPEN}[data-shown*='y=step:']:not([data-shown*='step:0.25,0.5,1,2'])"
        ":not([data-shown*='seed:5,6,7,8'])"
    )


def compared(page: Page) -> None:
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector("[data-side='2'][data-shown]")
    page.get_by_role("radio", name="Picture 2").check()
    slide(page, psi="0.25", t="0.5", u="0.5", frames="12")
    page.wait_for_selector(
        "[data-side='2'][data-shown*='psi=0.25'][data-shown*='u=0.5'][data-shown*='frames=12']"
    )


def pictures(page: Page) -> list[bytes]:
    """Fetch again all that is seen."""
    asked = page.evaluate(SHOWN)
    answers = [page.request.get(f"{page.url.split('?')[0]}{each}") for each in asked]
    assert answers and all(each.status == 200 for each in answers)
    return [each.body() for each in answers]


@pytest.mark.parametrize("go", [plane, mixes, times, walk, place, pinned, compared])
def test_a_link_shows_the_same_bytes_on_a_fresh_page(open_page, address, go):
    page = open_page(f"{address}/{START}", permissions=["clipboard-read", "clipboard-write"])
    wait_for_picture(page)
    go(page)
    page.get_by_role("button", name="Copy link").click()
    wait_for_status(page, "clipboard")
    link = page.evaluate("navigator.clipboard.readText()")
    friend = open_page(link)
    friend.wait_for_function(
        f"(asked) => ({SHOWN})().join() === asked.join()", arg=page.evaluate(SHOWN)
    )
    assert pictures(friend) == pictures(page)
    if go is place:
        expect(friend.get_by_role("slider", name="Place on the path")).to_have_value("4")
    assert friend.evaluate("location.search") == page.evaluate("location.search")
    expect(friend.locator("[data-role=status]")).to_have_text("")
