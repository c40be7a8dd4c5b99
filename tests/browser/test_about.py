"""About a model: its card, and the judge's report with its pictures, which can do no harm."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect
from stage import wait_for_picture, wait_until

from vidgen.ui.text import TEXT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def about(page: Page, label: str = "About this model"):
    """Open the card; return its dialog."""
    wait_for_picture(page)
    page.get_by_role("button", name=label, exact=True).click()
    page.locator("[data-role=about-card] h3").first.wait_for()
    return page.get_by_role("dialog")


def report_in(page: Page, label: str = "The judge's report") -> Frame:
    page.get_by_role("button", name=label).click()
    wait_until(page, lambda: len(page.frames) == 2 and "report?" in page.frames[1].url)
    page.frames[1].wait_for_load_state()
    return page.frames[1]


def test_the_card_says_what_it_is_how_good_and_how_it_was_made(open_page, families):
    card = about(open_page(f"{families}/?release=vgan&class=1&seed=5&motion=0"))
    expect(card.get_by_role("heading", level=2)).to_have_text("Small vgan · 16×16")
    row = card.get_by_role("row", name="alignment 0.9 (0.8–0.95)")
    expect(row).to_contain_text("share of generated clips that the judge recognises")
    expect(card.get_by_role("row", name="kid_clip@own_48_16f")).to_contain_text("0.31 (0.29–0.33)")
    expect(card.get_by_role("row", name="Spread")).to_have_text("Spread75%100%–")
    expect(card).to_contain_text("VGAN (Vondrick, Pirsiavash, Torralba, 2016), told its classes")
    expect(card).to_contain_text("1,280 real clips seen in 40 steps, 2 minutes of a CPU")
    expect(card).to_contain_text("One seed decides both looks and movement.")
    expect(card).to_contain_text("CC0-1.0. Credits: Nobody.")
    expect(card).to_contain_text(
        "older, trained on stripes, 640 real clips seen, 1 minutes of a CPU"
    )
    expect(card).to_contain_text("It began with the weights of older: MIT. Credits: Somebody.")


def test_the_report_comes_when_it_is_asked_for_and_shows_its_pictures(open_page, families):
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{families}/?release=vgan&class=1&seed=5&motion=0")
    dialog = about(page)
    assert not [url for url in asked if "/report?" in url]
    frame = report_in(page)
    assert frame.locator("html").get_attribute("lang") == "en"
    pictures = frame.locator("img").evaluate_all(
        "all => Promise.all(all.map((img) => img.decode().then(() => img.naturalWidth)))"
    )
    assert len(pictures) == 3 and min(pictures) > 60
    frame.get_by_role("button").click()  # its own script runs
    expect(frame.get_by_role("heading", name="评测报告")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("iframe")).to_have_count(0)


def test_on_a_tab_of_its_own_it_has_no_origin_either(open_page, families):
    page = open_page(f"{families}/?release=vgan&class=1&seed=5&motion=0&lang=zh-CN&__theme=dark")
    dialog = about(page, "关于此模型")
    with page.expect_popup() as popup:
        dialog.get_by_role("link", name="在新标签页打开报告").click()
    expect(popup.value.get_by_role("heading", name="评测报告")).to_be_visible()
    assert popup.value.evaluate("[origin, opener]") == ["null", None]
    assert popup.value.evaluate("matchMedia('all') && getComputedStyle(document.documentElement)"
                                ".colorScheme") == "dark"  # fmt: skip


def test_a_hostile_report_gets_nothing(open_page, families):
    page = open_page("about:blank")
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(f"{families}/?release=framegan&class=1&seed=5&motion=0")
    about(page)
    said = report_in(page).locator("#said")
    expect(said).to_contain_text("fetch-refused")
    names = ("parent", "storage", "cookie", "top", "window")
    assert said.inner_text().split() == [
        "harmless", *(f"{name}-refused" for name in names), "fetch-refused",
    ]  # fmt: skip
    assert page.title() != "mine" and page.get_by_role("dialog").is_visible()
    assert not [url for url in answered if url.endswith(("seed=77", "seed=78"))]
    assert sum("/start" in url for url in answered) == 1  # the page's own


def test_without_a_report_there_is_no_dead_link(open_page, families):
    dialog = about(open_page(f"{families}/?release=stgan&class=1&seed=5&motion=0"))
    expect(dialog).to_contain_text("It was not measured yet.")
    assert dialog.get_by_role("link").count() == 0
    assert dialog.get_by_role("button", name="The judge's report").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_the_card_is_for_everyone(open_page, families, theme, lang, options):
    page = open_page(f"{families}/?release=vgan&seed=5&__theme={theme}&lang={lang}", **options)
    dialog = about(page, TEXT[lang]["about"])
    dialog.locator("summary").click()
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"]) for each in serious for node in each["nodes"]] == []
    assert dialog.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keys = [key for key in TEXT["en"] if key.startswith(("about_", "loss_"))]
    assert not [key for key in keys if key in dialog.inner_text()]
