"""What all views have in common: usable by everybody, in both languages, light and dark."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from vidgen.ui.text import TEXT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
VIEWS = ["path&along=walk", "grid&rows=class*3"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("lang", "theme", "options"), [("en", "light", {}), ("zh-CN", "dark", PHONE)]
)
def test_a_view_is_for_everyone(open_page, address, view, lang, theme, options):
    page = open_page(f"{address}/?view={view}&lang={lang}&__theme={theme}", **options)
    page.wait_for_selector(".vg-room[data-shown]")
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    told = [(each["id"], node["html"][:200]) for each in serious for node in each["nodes"]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    said = page.locator(".vg-room:visible").evaluate(
        """(room) => [room.innerText, ...[...room.querySelectorAll('*')].flatMap((node) =>
          ['aria-label', 'title', 'aria-valuetext'].map((name) => node.getAttribute(name)))]"""
    )
    text = json.dumps(said, ensure_ascii=False)
    assert not [key for key in TEXT["en"] if "_" in key and key in text]
    assert "{" not in text and "undefined" not in text and "NaN" not in text
    if lang == "zh-CN":
        left = [words for words in TEXT["en"].values() if len(words) > 7 and words in text]
        assert left == []


def test_the_view_and_its_language_change_without_another_call(open_page, address):
    page = open_page(f"{address}/?view=path&release=first&class=0&seed=3&motion=5")
    page.wait_for_selector(".vg-room[data-shown]")
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="第 2 站，共 16 站", exact=False)).to_be_visible()
    assert not [url for url in urls if "clip" in url]
