"""Looking inside: the parts of a clip, on the stage, of real generators with random weights."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import address_of, shown, wait_for, wait_for_picture

LINK = "?release=vgan&class=0&seed=5&motion=0"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def part(page: Page, name: str):
    return page.get_by_role("group", name="Look inside").get_by_role("button", name=name)


def picture(page: Page) -> bytes:
    """Fetch again, as the page did, what stands on the stage."""
    query = page.locator(".vg").get_attribute("data-shown")
    return page.request.get(f"{page.url.split('?')[0]}clip?{query}").body()


def test_a_part_takes_the_place_of_the_clip_and_lies_in_the_link(open_page, families):
    page = open_page(f"{families}/{LINK}")
    wait_for_picture(page)
    expect(part(page, "The clip")).to_have_attribute("aria-pressed", "true")
    whole = picture(page)
    part(page, "Mask").press("Enter")
    wait_for(page, part="mask")
    assert picture(page) != whole
    expect(part(page, "Mask")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("img", name="Mask of swing")).to_be_visible()
    page.wait_for_function("() => location.search.includes('part=mask')")
    friend = open_page(address_of(page))
    wait_for_picture(friend)
    assert shown(friend) == shown(page) and picture(friend) == picture(page)
    friend.get_by_role("button", name="Reset", exact=True).click()
    expect(part(friend, "The clip")).to_have_attribute("aria-pressed", "true")


def test_another_model_shows_its_own_parts_and_none_where_it_has_none(open_page, families):
    page = open_page(f"{families}/{LINK}&part=mask")
    wait_for_picture(page)
    wait_for(page, part="mask")
    model = page.get_by_label("Model", exact=True)
    model.select_option("mocogan")
    wait_for(page, release="mocogan")
    assert "part" not in shown(page)
    names = page.get_by_role("group", name="Look inside").get_by_role("button").all_inner_texts()
    assert names == ["The clip", "Content code", "Motion code"]
    model.select_option("progressive")
    part(page, "Stage 8×8").click()
    wait_for(page, release="progressive", part="8")
    model.select_option("framegan")
    wait_for(page, release="framegan")
    assert page.get_by_role("group", name="Look inside").count() == 0


def test_a_teacher_may_hide_it(open_page, families):
    page = open_page(f"{families}/{LINK}&part=mask&hide=part")
    wait_for_picture(page)
    wait_for(page, part="mask")
    assert page.get_by_role("group", name="Look inside").count() == 0


@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_it_is_for_everyone(open_page, families, lang, options):
    page = open_page(f"{families}/{LINK}&part=foreground&lang={lang}", **options)
    wait_for_picture(page)
    wait_for(page, part="foreground")
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"]) for each in serious for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
