"""The families: the same class and seeds through every family, of real generators, on one clock."""

from __future__ import annotations

import json
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


def told(page: Page, name: str):
    return page.locator(f".vg-told > [data-release={name}]")


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
    expect(told(page, "vgan")).to_contain_text("Vondrick, Pirsiavash, Torralba, 2016.")
    expect(told(page, "vgan")).to_contain_text("Parameters")
    expect(told(page, "vgan")).to_contain_text(" ms")
    expect(told(page, "vgan")).to_contain_text("90% (80–95%)")
    expect(told(page, "vgan")).to_contain_text("5.5 (5.1–6) × real")
    expect(told(page, "vgan")).to_contain_text("25% (20–30%)")
    expect(told(page, "vgan")).to_contain_text("0.31 (0.29–0.33)")
    expect(told(page, "framegan")).to_contain_text("90%")
    expect(told(page, "framegan")).not_to_contain_text("Keeps its law")  # 7 is no share
    expect(told(page, "stgan")).not_to_contain_text("Shows its class")
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
    tile(friend, "vgan").get_by_role("button", name="VGAN, open on the stage").click()
    wait_for(friend, release="vgan", part="mask", seed="6")


def test_a_strange_part_in_a_link_is_told_and_nothing_is_shown_of_it(open_page, families):
    page = open_page(f"{families}/{LINK}&inside=vgan:soul")
    assert "part" not in forms(page)["vgan"]
    expect(page.locator("[data-role=status]")).to_contain_text("“inside” cannot be “vgan:soul”")


def titles(page: Page) -> list[str]:
    page.locator(".vg-told h2").first.wait_for()
    return page.locator(".vg-told h2").all_inner_texts()


TOYS = [
    "VGAN · toys-vgan", "VGAN · toys-again", "stgan · hinge", "stgan · relativistic",
    "stgan · relativistic · without labels",
]  # fmt: skip


def test_models_of_one_family_are_told_apart(open_page, laboratory):
    page = open_page(f"{laboratory}/?release=toys-stgan&class=2&seed=5&motion=7&view=family")
    assert titles(page) == TOYS
    wait_for_tile(page, "toys-any", "class=0&")  # it knows no other
    expect(told(page, "toys-any")).to_contain_text("Trained without labels")
    chosen = page.get_by_label("Model", exact=True).locator("option").all_inner_texts()
    assert chosen[0] == "Balls · 16×16" and len(set(chosen)) == len(chosen) == 8
    assert "stgan · hinge · Toys · 16×16" in chosen
    page.get_by_role("button", name="About stgan · hinge").click()
    heading = page.get_by_role("dialog").get_by_role("heading", level=2)
    expect(heading).to_have_text("stgan · hinge · Toys · 16×16")


def test_the_visitor_chooses_the_data(open_page, laboratory):
    page = open_page(f"{laboratory}/?release=alone&class=2&seed=5&motion=7")
    wait_for_picture(page)
    page.get_by_role("button", name="Families", exact=True).click()
    assert titles(page) == TOYS  # those with the same family first
    wait_for_tile(page, "toys-hinge", "class=2&seed=5&")
    expect(page.get_by_label("Model", exact=True)).to_have_value("toys-hinge")
    data = page.get_by_label("Data", exact=True)
    options = data.locator("option").all_inner_texts()
    assert options == ["Toys · 16×16 · 5 models", "kites · 16×16 · 2 models"]
    data.select_option("kites · 16×16 · 2 models")
    wait_for_tile(page, "kites-framegan", "seed=5&")
    assert titles(page) == ["FrameGAN", "MoCoGAN"]
    page.get_by_role("button", name="Undo").click()
    wait_for_tile(page, "toys-vgan", "seed=5&")


def test_a_link_to_the_view_shows_families_and_one_to_a_lone_model_shows_that(
    open_page, laboratory
):
    assert titles(open_page(f"{laboratory}/?view=family")) == TOYS
    page = open_page(f"{laboratory}/?release=alone&class=2&seed=5&motion=7&view=family")
    assert titles(page) == ["stgan"]
    expect(page.locator(".vg-room:visible")).to_contain_text("These data have one model only.")
    page.get_by_label("Data", exact=True).select_option("Toys · 16×16 · 5 models")
    wait_for_tile(page, "toys-vgan", "class=2&seed=5&")


def test_what_a_clip_takes_is_not_what_loading_its_model_took(open_page, families):
    def timed(route):
        answer = route.fetch()
        meta = json.loads(answer.headers["x-sheet"])
        first = "seed=5&" in route.request.url
        meta |= {"cold": first, "model_ms": 999 if first else 7}
        route.fulfill(response=answer, headers={**answer.headers, "x-sheet": json.dumps(meta)})

    page = open_page("about:blank")
    page.route("**/clip?*", timed)
    page.goto(f"{families}/{LINK}")
    for name in ORDER:
        expect(told(page, name)).to_contain_text("7.0 ms")
        expect(told(page, name)).not_to_contain_text("999")


def test_on_a_phone_the_clips_stay_in_sight_of_what_is_said_and_of_the_sliders(open_page, families):
    page = open_page(f"{families}/{LINK}", **PHONE)
    forms(page)
    about = page.locator(".vg-told > [data-release=stgan]")
    for seen in (about, page.get_by_role("slider", name="Typical to varied")):
        seen.scroll_into_view_if_needed()
        for name in ORDER:
            box = tile(page, name).locator("canvas").bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= 844 and box["width"] > 90
        over = "(node) => { const { x, y } = node.getBoundingClientRect(); return node.contains(" \
               "document.elementFromPoint(x + 20, y + 5)); }"  # fmt: skip
        assert seen.evaluate(over)  # nothing lies over it
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
