"""Undo and redo over the whole state; reset, random and lock for each control and for all."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from stage import drag, shown, status, wait_for, wait_for_picture, wait_until


def tool(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_a_drag_is_one_step_and_every_step_can_be_undone_and_redone(open_page, address):
    page = open_page(f"{address}/?release=first&class=1&seed=5&motion=7")
    wait_for_picture(page)
    undo, redo = tool(page, "Undo"), tool(page, "Redo")
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    drag(page, "Seed A", 0.1, 0.7)
    seed = page.get_by_role("slider", name="Seed A", exact=True).input_value()
    wait_for(page, seed=seed)
    page.get_by_role("button", name="drop", exact=True).click()
    page.get_by_role("button", name="Pixels").click()
    page.get_by_label("Model", exact=True).select_option("second")
    wait_for(page, release="second")
    for _ in range(3):
        undo.click()
    expect(page.get_by_role("button", name="Pixels")).to_have_attribute("aria-pressed", "false")
    wait_for(page, release="first", seed=seed, **{"class": "1"})
    page.keyboard.press("Control+z")
    wait_for(page, seed="5")
    expect(undo).to_be_disabled()
    page.keyboard.press("Control+Shift+Z")
    wait_for(page, seed=seed)
    page.keyboard.press("Control+y")
    wait_for(page, **{"class": "2"})
    tool(page, "Surprise me").click()
    expect(redo).to_be_disabled()


def test_keys_that_are_pressed_one_by_one_are_steps_of_their_own(open_page, address):
    page = open_page(f"{address}/?release=first&class=1&seed=5&motion=7")
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for(page, seed="8")
    tool(page, "Undo").click()
    wait_for(page, seed="7")
    box = page.get_by_label("Seed A, any number")
    box.press_sequentially("12")  # while it is typed, Ctrl+Z belongs to the box
    wait_for(page, seed="712")
    tool(page, "Undo").click()
    wait_for(page, seed="7")
    expect(box).to_have_value("7")


def test_locked_controls_are_left_alone_by_surprise_and_reset(open_page, address):
    page = open_page(f"{address}/?release=first&class=2&seed=5&motion=7&psi=0.5")
    wait_for_picture(page)
    for name in ("Seed A", "Typical to varied"):
        tool(page, f"Lock: {name}").click()
        expect(tool(page, f"Lock: {name}")).to_have_attribute("aria-pressed", "true")
    tool(page, "Surprise me").click()
    wait_until(page, lambda: shown(page)["motion"] != "7")
    assert shown(page)["seed"] == "5"
    tool(page, "Reset").click()
    wait_for(page, motion="0", seed="5", psi="0.5", **{"class": "0"})
    tool(page, "Lock: Seed A").click()
    tool(page, "Reset").click()
    wait_for(page, seed="0", psi="0.5")


def test_each_control_can_be_tossed_and_reset_alone(open_page, address):
    page = open_page(f"{address}/?release=first&class=1&seed=5&motion=7&psi=0.5&t=0.5")
    wait_for_picture(page)
    before = shown(page)
    tool(page, "Reset: Typical to varied").click()
    wait_for(page, psi="1")
    tool(page, "Random: A to B").click()
    wait_until(page, lambda: shown(page)["t"] != "0.5")
    tool(page, "Random: Motion seed").click()
    wait_until(page, lambda: shown(page)["motion"] != "7")
    tool(page, "Reset: Class").click()
    wait_for(page, **{"class": "0"})
    assert {key for key, value in shown(page).items() if before.get(key) != value} <= {
        "psi", "t", "motion", "class", "seed_b",
    }  # fmt: skip
    page.locator(".vg-tool-dice").evaluate_all("all => all.forEach((each) => each.click())")
    page.wait_for_function(
        """() => {
          const shown = document.querySelector('.vg').dataset.shown;
          return new URLSearchParams(shown).get('u') === document.querySelector('#vg-u').value;
        }"""
    )
    assert status(page) == ""  # whatever is tossed is legal


def test_a_far_end_that_is_locked_does_not_follow_its_near_end(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    tool(page, "Lock: Seed B").click()
    tool(page, "Surprise me").click()
    wait_until(page, lambda: shown(page)["motion"] != "7")
    expect(page.get_by_role("spinbutton", name="Seed B, any number", exact=True)).to_have_value("6")
    tool(page, "Reset").click()
    wait_for(page, seed="0", motion="0")
    expect(page.get_by_role("spinbutton", name="Seed B, any number", exact=True)).to_have_value("6")


def test_views_and_what_they_show_are_steps_too(open_page, address):
    page = open_page(f"{address}/?release=first&class=1&seed=5&motion=7")
    wait_for_picture(page)
    tool(page, "Grid").click()
    page.get_by_role("combobox", name="What varies: Rows").select_option("psi")
    page.get_by_role("combobox", name="How many: Columns").select_option("3")
    grid = page.locator(".vg-room[data-view=grid]")

    def wait_for_axes(words: str) -> None:
        page.wait_for_function(
            "(words) => (document.querySelector('.vg-room[data-view=grid]').dataset.shown || '')"
            ".includes(words)",
            arg=words,
        )

    last = "x=seed:5,6,7&y=psi:0,0.333,0.667,1"
    wait_for_axes(last)
    tool(page, "Path").click()
    page.get_by_role("combobox", name="Along").select_option("psi")
    page.get_by_role("combobox", name="Repeat").select_option("once")
    for _ in range(3):
        tool(page, "Undo").click()
    expect(page.get_by_role("combobox", name="Repeat")).to_have_value("loop")
    expect(grid).to_be_visible()
    tool(page, "Undo").click()
    wait_for_axes("x=seed:5,6,7,8&y=psi:")
    tool(page, "Undo").click()
    wait_for_axes("y=motion:7,8,9,10")
    tool(page, "Undo").click()
    expect(grid).to_be_hidden()
    expect(tool(page, "Undo")).to_be_disabled()
    for _ in range(3):
        tool(page, "Redo").click()
    wait_for_axes(last)
    for _ in range(3):
        tool(page, "Redo").click()
    expect(tool(page, "Redo")).to_be_disabled()
    expect(page.get_by_role("combobox", name="Along")).to_have_value("psi")
    expect(page.get_by_role("combobox", name="Repeat")).to_have_value("once")
