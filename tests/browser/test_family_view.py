"""The families: the same class and seeds through every family, of real generators, on one clock."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import address_of, wait_for, wait_for_picture

from vidgen.families import CONFIGS
from vidgen.ui.text import TEXT

ORDER = ["framegan", "vgan", "mocogan", "progressive", "convgru", "stgan"]
LINK = "?release=mocogan&class=1&seed=5&motion=7&view=family"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def tile(page: Page, name: str):
    return page.locator(f".vg-tiles li[data-release={name}]")


def forms(page: Page) -> dict[str, dict[str, str]]:
    """Return the form whose clip each tile shows."""
    page.wait_for_function(
        "(n) => document.querySelectorAll('.vg-tiles li[data-shown]').length === n",
        arg=len(CONFIGS),
    )
    shown = page.locator(".vg-tiles li").evaluate_all("all => all.map((li) => li.dataset.shown)")
    found = [{key: each[0] for key, each in parse_qs(query).items()} for query in shown]
    return {form["release"]: form for form in found}


def wait_for_tile(page: Page, name: str, text: str) -> None:
    page.wait_for_selector(f".vg-tiles li[data-release={name}][data-shown*='{text}']")


def pictures(page: Page) -> list[bytes]:
    """Fetch again, as the page did, what stands in the tiles."""
    shown = page.locator(".vg-tiles li").evaluate_all("all => all.map((li) => li.dataset.shown)")
    return [page.request.get(f"{page.url.split('?')[0]}clip?{query}").body() for query in shown]


def test_every_family_shows_the_same_class_and_seed(open_page, families):
    page = open_page(f"{families}/{LINK}")
    seen = forms(page)
    assert [*seen] == ORDER
    assert {(form["class"], form["seed"]) for form in seen.values()} == {("1", "5")}
    assert {name: form["motion"] for name, form in seen.items() if form["motion"] == "7"} == {
        "mocogan": "7", "convgru": "7", "stgan": "7",
    }  # fmt: skip
    assert len(set(pictures(page))) == len(ORDER)
    expect(tile(page, "vgan")).to_contain_text("Vondrick, Pirsiavash, Torralba, 2016.")
    expect(tile(page, "vgan")).to_contain_text("Parameters")
    expect(tile(page, "vgan")).to_contain_text(" ms")
    expect(tile(page, "vgan")).to_contain_text("90% (80%–95%)")
    expect(tile(page, "vgan")).to_contain_text("5.5×")
    expect(tile(page, "vgan")).to_contain_text("25% (20%–30%)")
    expect(tile(page, "vgan")).to_contain_text("0.31 (0.29–0.33)")
    expect(tile(page, "framegan")).to_contain_text("90%")
    expect(tile(page, "framegan")).not_to_contain_text("Keeps its law")  # 7 is no share
    expect(tile(page, "stgan")).not_to_contain_text("Shows its class")
    page.get_by_role("slider", name="Seed A", exact=True).fill("6")
    for name in ORDER:
        wait_for_tile(page, name, "seed=6&")


def test_a_tile_goes_to_the_stage_by_keyboard(open_page, families):
    page = open_page(f"{families}/{LINK}")
    forms(page)
    button = page.get_by_role("button", name="VGAN, open on the stage")
    button.focus()
    page.keyboard.press("Enter")
    wait_for_picture(page)
    wait_for(page, release="vgan", seed="5", **{"class": "1"})
    expect(page.get_by_label("Model", exact=True)).to_have_value("vgan")


def test_a_link_brings_back_every_tile_and_what_is_seen_inside_to_the_byte(open_page, families):
    page = open_page(f"{families}/{LINK}")
    whole = forms(page)
    page.get_by_label("Look inside VGAN").select_option("mask")
    page.get_by_label("Look inside MoCoGAN").select_option("content")
    wait_for_tile(page, "vgan", "part=mask")
    wait_for_tile(page, "mocogan", "part=content")
    assert forms(page)["stgan"] == whole["stgan"]
    page.wait_for_function("() => location.search.includes('inside=mocogan:content,vgan:mask')")
    friend = open_page(address_of(page))
    assert forms(friend) == forms(page)
    assert pictures(friend) == pictures(page)
    friend.get_by_role("slider", name="Seed A", exact=True).fill("6")
    wait_for_tile(friend, "vgan", "seed=6&")
    assert "view=family" in urlsplit(address_of(friend)).query
    tile(friend, "vgan").get_by_role("button").click()
    wait_for(friend, release="vgan", part="mask", seed="6")


def test_a_strange_part_in_a_link_is_told_and_nothing_is_shown_of_it(open_page, families):
    page = open_page(f"{families}/{LINK}&inside=vgan:soul")
    assert "part" not in forms(page)["vgan"]
    expect(page.locator("[data-role=status]")).to_contain_text("“inside” cannot be “vgan:soul”")


def test_one_family_alone_is_no_view(open_page, address):
    page = open_page(f"{address}/?view=family")
    wait_for_picture(page)
    assert page.get_by_role("button", name="Families", exact=True).count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_it_is_for_everyone(open_page, families, theme, lang, options):
    page = open_page(f"{families}/{LINK}&__theme={theme}&lang={lang}&part=motion", **options)
    forms(page)
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"]) for each in serious for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator(".vg").inner_text()
    assert not [key for key in TEXT["en"] if "_" in key and key in text]
