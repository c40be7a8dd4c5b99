"""The keyboard: single keys for what the hand does most, and never in the way of typing."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from stage import shown, status, wait_for, wait_for_picture, wait_until


def still(page: Page) -> bool:
    return page.locator(".vg").get_attribute("data-playing") == "false"


def test_single_keys_do_what_the_hand_does_most(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    count = page.locator("[data-role=count]")
    page.keyboard.press(" ")
    wait_until(page, lambda: still(page))
    at = int(count.inner_text().split(" / ")[0])
    page.keyboard.press("ArrowRight")
    expect(count).to_have_text(f"{at % 16 + 1} / 16")
    page.keyboard.press("ArrowLeft")
    expect(count).to_have_text(f"{at} / 16")
    page.keyboard.press("]")
    wait_for(page, seed="6")
    page.keyboard.press("[")
    page.keyboard.press("[")
    wait_for(page, seed="4")
    page.keyboard.press("l")
    wait_for(page, loop="1")
    page.keyboard.press("r")
    wait_until(page, lambda: shown(page)["motion"] != "7")
    page.get_by_role("button", name="drop", exact=True).click()
    page.keyboard.press("l")
    wait_until(page, lambda: "cannot run backwards" in status(page))


def test_keys_are_never_taken_from_typing_from_modifiers_or_from_what_has_the_focus(
    open_page, address
):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    page.get_by_label("Seed A, any number").focus()
    for key in ("r", "l", " ", "]", "?"):
        page.keyboard.press(key)
    page.get_by_label("Model", exact=True).focus()
    page.keyboard.press("r")
    for key in ("Control+]", "Alt+r", "Meta+l", "Control+ArrowRight"):
        page.get_by_role("img").focus()
        page.keyboard.press(key)
    page.get_by_role("slider", name="A to B", exact=True).focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, t="0.01")
    assert shown(page).items() >= {"seed": "5", "motion": "7", "loop": "0"}.items()
    assert not still(page) and page.get_by_role("dialog").count() == 0
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press(" ")  # the button's own: it is pressed once, not twice
    wait_until(page, lambda: still(page))


def test_the_list_of_keys_opens_closes_and_turns_them_off(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Surprise me")
    assert "_" not in dialog.inner_text()
    page.keyboard.press("r")  # nothing happens behind it
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keys", exact=True).click()
    dialog.get_by_role("switch", name="Single keys do this").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("r")
    page.get_by_role("slider", name="A to B", exact=True).fill("0.5")
    wait_for(page, t="0.5", motion="7")
    page.reload()
    wait_for_picture(page)
    page.keyboard.press("r")
    page.get_by_role("slider", name="A to B", exact=True).fill("0.2")
    wait_for(page, t="0.2", motion="7")
