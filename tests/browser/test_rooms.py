"""What all views have in common: usable by everybody, in both languages, light and dark."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import wait_for, wait_for_picture

from vidgen.ui.text import TEXT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LINK = "?release=first&class=0&seed=3&motion=5"
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


TAKEN = """() => {
  const at = document.activeElement;
  return at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent.trim();
}"""


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go on by Tab alone until this has the focus."""
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press(key)
        seen.append(page.evaluate(TAKEN))
        assert seen[-1] and page.evaluate("document.activeElement.checkVisibility()")
        if seen[-1].startswith(name):
            return
    raise AssertionError(f"no {name} among {seen}")


def test_the_path_by_keyboard_alone(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    tab_to(page, "Path")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vg-room[data-shown]")
    tab_to(page, "Along")
    page.keyboard.press("End")
    page.wait_for_selector(".vg-room[data-shown*='x=at:0']")
    tab_to(page, "Seeds with commas between them")
    page.keyboard.press("Control+a")
    page.keyboard.type("4,9")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vg-room[data-shown*='walk=4,9&'], .vg-room[data-shown*='walk=4%2C9&']")
    tab_to(page, "Place on the path")
    page.keyboard.press("ArrowRight")
    tab_to(page, "Stop 1 of 16")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for(page, walk="4,9", at="0.25")


def test_the_grid_by_keyboard_alone(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    tab_to(page, "Grid")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vg-room[data-shown]")
    tab_to(page, "How many: Columns")
    page.keyboard.press("2")
    page.wait_for_selector(".vg-room[data-shown*='x=seed:3,4&']")
    tab_to(page, "What varies: Rows")
    page.keyboard.press("t")  # "typical to varied"
    page.wait_for_selector(".vg-room[data-shown*='y=psi:']")
    tab_to(page, "Content seed 3, Typical to varied 0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(page, seed="4", psi="0.333")


@pytest.mark.parametrize("view", [*VIEWS, "compare"])
def test_who_wants_less_motion_finds_every_view_still(open_page, address, view):
    page = open_page(f"{address}/?view={view}&seed=3&motion=5", reduced_motion="reduce")
    page.wait_for_selector(".vg-room [data-shown], .vg-room[data-shown]")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-role=count]")).to_have_text("1 / 16")
    drawn = page.evaluate(
        """async () => {
          const frame = () => new Promise(requestAnimationFrame);
          for (let k = 0; k < 10; k++) await frame(); // what was to be drawn once is drawn
          let drawn = 0;
          const draw = CanvasRenderingContext2D.prototype.drawImage;
          CanvasRenderingContext2D.prototype.drawImage = function (...what) {
            drawn += 1;
            return draw.apply(this, what);
          };
          for (let k = 0; k < 30; k++) await frame();
          const moving = document.getAnimations().filter((each) => each.playState === 'running');
          return [drawn, moving.length];
        }"""
    )
    assert drawn == [0, 0]
    expect(page.locator("[data-role=count]")).to_have_text("1 / 16")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("document.querySelector('[data-role=count]').textContent[0] !== '1'")


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("path&along=walk&through=4,9", "path_said"),
        ("grid&rows=class*3", "grid_said"),
    ],
)
def test_what_a_view_shows_is_said(open_page, address, view, said):
    page = open_page(f"{address}/?view={view}&seed=3")
    words = TEXT["en"]
    values = {
        "path_said": {"count": 16, "along": words["along_walk"]},
        "grid_said": {"columns": words["axis_seed"], "rows": words["class"]},
    }
    live = page.locator("[data-role=live]")
    expect(live).to_have_text(words[said].format(**values[said]))
