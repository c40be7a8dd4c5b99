"""For everyone: by keyboard, by ear, in small, in the dark; only what can be used is there."""

from __future__ import annotations

import dataclasses
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stage import shown, wait_for, wait_for_picture
from standin import ROWS

from vidgen.ui.answers import described
from vidgen.ui.text import TEXT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
UNFOLD = "document.querySelectorAll('.vg details').forEach((fold) => (fold.open = true))"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_axe_finds_nothing_serious(open_page, address, theme, lang, options):
    page = open_page(f"{address}/?__theme={theme}&lang={lang}&t=0.5", **options)
    wait_for_picture(page)
    page.evaluate(UNFOLD)
    page.get_by_role("slider").first.focus()
    for look in ("page", "dialog"):
        if look == "dialog":
            page.keyboard.press("?")
        found = Axe().run(page).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        told = [(each["id"], node["html"][:200]) for each in serious for node in each["nodes"]]
        assert told == [], look
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    names: list[str] = []

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            names.append(page.evaluate(
                """() => {
                  const at = document.activeElement;
                  return at.getAttribute('aria-label') || at.labels?.[0]?.textContent
                    || at.textContent.trim();
                }"""
            ))  # fmt: skip
            if names[-1] == name:
                return
        raise AssertionError(f"no {name} among {names}")

    for name in ("Pause", "Model", "Surprise me", "Class"):
        tab_to(name)
    page.keyboard.press("ArrowRight")
    wait_for(page, **{"class": "0.05"})
    page.keyboard.press("Shift+Tab")  # the tools of a control stand between its name and slider
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    wait_for(page, **{"class": "0"})
    tab_to("Lock: Class")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Lock: Class")).to_have_attribute("aria-pressed", "true")
    tab_to("Mix two classes")
    page.keyboard.press("Enter")
    tab_to("Share of B")
    page.keyboard.press("End")
    wait_for(page, mix="1")
    assert all(names), "something without a name has the focus"


def test_what_is_shown_is_said_once_the_hand_rests(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    live = page.locator("[data-role=live]")
    expect(live).to_have_text(
        "Moving picture: First model, stone, seed 5, motion seed 7, 16 frames"
    )
    said = page.evaluate(
        """async () => {
          const said = [];
          const live = document.querySelector('[data-role=live]');
          const hear = () => said.push(live.textContent);
          new MutationObserver(hear).observe(live, { childList: true });
          const slider = document.querySelector('#vg-seed');
          for (let seed = 10; seed < 20; seed += 1) {
            slider.value = seed;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            await new Promise((go) => setTimeout(go, 60));
          }
          while (!said.length) await new Promise((go) => setTimeout(go, 50));
          return said;
        }"""
    )
    assert len(said) == 1 and "seed 19," in said[0]


def able_to_do_little(route) -> None:
    """Answer the start of a server that knows fewer keys, with releases of one class."""
    start = route.fetch().json()
    for release in start["releases"]:
        release["classes"] = release["classes"][-1:]
        release["max_time"] = 8
        release["frames"], release["start"], release["step"] = [8, 8], [0, 0], [1, 1]
    for key in ("mix", "seed_c", "seed_d", "u", "motion_b", "motion_t", "at"):
        del start["limits"][key]
    start["form"] = {"release": "first"}
    route.fulfill(json=start)


def test_what_the_release_cannot_do_is_not_shown(open_page, address):
    page = open_page("about:blank")
    page.route("**/start*", able_to_do_little)
    page.goto(address)
    page.get_by_role("slider", name="Seed A", exact=True).wait_for()
    page.evaluate(UNFOLD)
    seen = page.locator("[data-slider] input[type=range]").evaluate_all(
        "all => all.filter((each) => each.checkVisibility()).map((each) => each.name)"
    )
    assert seen == ["seed", "t", "seed_b", "psi", "motion"]
    assert page.get_by_role("switch").count() == 0
    assert page.get_by_text("The plane of four seeds").is_hidden()
    page.get_by_role("slider", name="Seed A", exact=True).fill("6")
    page.wait_for_function("() => location.search.includes('seed=6')")
    assert page.evaluate("location.search") == "?release=first&class=0&seed=6&motion=0"


def of_a_poor_family(route) -> None:
    """Answer a start whose releases neither loop nor take motion seeds."""
    start = route.fetch().json()
    row = dataclasses.replace(ROWS[0], loops=False, motion=False, max_frames=16,
                              continuous_time=False, family="vgan", parts=("mask",))  # fmt: skip
    start["releases"] = [described(row, {}, wall=False)]
    start["form"] = {"release": "first"}
    route.fulfill(json=start)


def test_what_the_family_cannot_do_is_not_shown(open_page, address):
    page = open_page("about:blank")
    page.route("**/start*", of_a_poor_family)
    page.goto(f"{address}?part=mask&seed=4")
    page.get_by_role("slider", name="Seed A", exact=True).wait_for()
    page.evaluate(UNFOLD)
    seen = page.locator("[data-slider] input[type=range]").evaluate_all(
        "all => all.filter((each) => each.checkVisibility()).map((each) => each.name)"
    )
    assert "seed" in seen and "frames" in seen
    assert not {"motion", "motion_b", "motion_t", "start", "step"} & set(seen)
    assert page.get_by_role("switch", name="Loop").count() == 0
    page.get_by_role("slider", name="Seed A", exact=True).fill("6")
    page.wait_for_function("() => location.search.includes('seed=6')")
    assert page.evaluate("location.search") == "?release=first&class=0&seed=6&motion=0"


def test_no_view_offers_what_the_release_cannot_do(open_page, address):
    page = open_page("about:blank")
    page.route("**/start*", able_to_do_little)
    page.goto(f"{address}/?view=grid&cols=class*3&rows=seed*2")

    def offered(role: str) -> list[str]:
        options = page.locator(f"[data-role={role}] option")
        return options.evaluate_all("all => all.filter((one) => !one.hidden).map((o) => o.value)")

    # One class is nothing to spread: something else stands in its place, and the rows stay.
    page.wait_for_selector(".vg-room[data-shown*='x=motion:'][data-shown*='&y=seed:0,1&']")
    assert offered("cols-vary") == offered("rows-vary") == ["seed", "motion", "psi"]
    page.get_by_role("button", name="Path", exact=True).click()
    page.wait_for_selector(".vg-room[data-view=path][data-shown]")
    assert offered("along") == ["t", "psi"]
    assert "“cols” cannot be “class*3”" in page.locator("[data-role=status]").inner_text()


def test_folds_stay_as_this_browser_left_them_and_say_what_they_hide(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7&frames=24&step=0.5")
    wait_for_picture(page)
    fold = page.locator("details[data-fold=time]")
    expect(fold.locator("summary output")).to_have_text("Frames 24, Time step 0.5")
    box = fold.locator("summary").bounding_box()
    assert box and box["height"] >= 24
    assert page.get_by_role("slider", name="Frames", exact=True).count() == 0
    fold.locator("summary").click()
    expect(fold.locator("summary output")).to_have_text("")
    page.get_by_role("slider", name="Frames", exact=True).fill("20")
    wait_for(page, frames="20")
    page.wait_for_function("() => location.search.includes('frames=20')")
    page.reload()
    wait_for_picture(page)
    assert page.get_by_role("slider", name="Frames", exact=True).input_value() == "20"
    assert page.evaluate("document.querySelector('[data-fold=mix]').open") is False


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_no_raw_key_and_no_brace_is_seen_or_heard(open_page, address, lang):
    page = open_page(f"{address}/?lang={lang}&t=0.5&u=0.5&mix=0.3&class=9")
    wait_for_picture(page)
    page.evaluate(UNFOLD)
    page.get_by_role("img").focus()
    page.keyboard.press("?")
    said = page.evaluate(
        """() => {
          const root = document.querySelector('.vg');
          const names = ['aria-label', 'title', 'aria-valuetext', 'placeholder'];
          const told = [...root.querySelectorAll('*')].flatMap((node) =>
            names.map((name) => node.getAttribute(name)).filter(Boolean));
          return [root.textContent, ...told];
        }"""
    )
    keys = {key for key in TEXT["en"] if "_" in key}
    text = json.dumps(said, ensure_ascii=False)
    assert not [key for key in keys if key in text]
    assert "{" not in text and "undefined" not in text and "NaN" not in text
    if lang == "zh-CN":
        left = [words for words in TEXT["en"].values() if len(words) > 7 and words in text]
        assert left == []


def test_storage_that_is_refused_is_no_trouble(open_page, address):
    page = open_page("about:blank")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } });"
    )
    page.goto(f"{address}/?release=first&class=0&seed=5&motion=7")
    wait_for_picture(page)
    page.get_by_text("Mix two classes").click()
    page.get_by_role("slider", name="Share of B").fill("0.5")
    wait_for(page, mix="0.5")
    assert shown(page)["class_b"] == "1"
