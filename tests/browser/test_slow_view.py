"""Slow motion on the page: one player's step at a time changes its numbers and pictures."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 120_000  # ms; a loaded machine is slow, not broken
STRIP = """(index) => {
  const canvas = document.querySelectorAll('.vg-strips canvas')[index];
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return Array.from(data.filter((_, k) => k % 97 === 0));
}"""


def press(page: Page, name: str, stage: str, number: int) -> None:
    page.get_by_role("button", name=name, exact=True).press("Enter")
    page.wait_for_selector(f".vg-slow[data-stage={stage}][data-round='{number}']:not([data-busy])")


def numbers(page: Page) -> list[str]:
    return page.locator(".vg-slow dd:not(.vg-help)").all_inner_texts()


def see_the_critic_learn(page: Page) -> None:
    before = numbers(page)
    press(page, "Next", "critic", 1)
    assert len(numbers(page)) == 5 and numbers(page)[0].startswith(f"{before[0]} → ")
    expect(page.locator(".vg-strips canvas")).to_have_count(4)
    assert page.evaluate(STRIP, 1) != page.evaluate(STRIP, 0)  # where it looks
    assert page.locator(".vg-lanes b[data-when=before]").count() == 16


def see_the_generator_learn(page: Page) -> None:
    press(page, "Generator step", "generator", 1)
    page.keyboard.press("Home")
    assert page.evaluate(STRIP, 2) != page.evaluate(STRIP, 0)  # after and before
    moved = page.locator(".vg-lanes b[data-when=before]")
    assert {each.get_attribute("data-kind") for each in moved.all()} == {"fake"}
    expect(page.locator(".vg-slow [data-role=slow-where]")).to_have_text(
        "Round 1: the generator has learned"
    )


def test_both_players_learn_step_by_step(open_page, workshop):
    with workshop() as address:
        page = open_page(f"{address}?view=train", reduced_motion="reduce")
        page.wait_for_selector("[data-role=slow-data] option", state="attached")
        page.get_by_text("Slow motion", exact=True).first.click()
        page.get_by_role("button", name="Begin a game").click()
        page.wait_for_selector(".vg-slow[data-stage=draw]:not([data-busy])", timeout=PATIENCE)
        see_the_critic_learn(page)
        see_the_generator_learn(page)
        press(page, "10 rounds", "generator", 11)
        expect(page.locator("[data-role=slow-charts] path")).to_have_count(2)
        press(page, "New clips", "draw", 12)
        page.goto(f"{address}?view=train&lang=zh-CN")  # the game is still on
        page.get_by_role("button", name="查看这一局").click()
        page.wait_for_selector(".vg-slow[data-round='12']")
        found = Axe().run(page).response["violations"]
        grave = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [(each["id"], each["nodes"]) for each in grave] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
