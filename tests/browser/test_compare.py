"""The comparison: two states on one clock, moved one by one or together, and whole in a link."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import address_of, alike, drag, shown, status, wait_for, wait_for_picture, wait_until
from standin import ROWS, colour_of

from vidgen.request import from_form
from vidgen.ui.text import TEXT

LINK = "?release=first&class=0&seed=5&motion=7&view=compare"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FRAME = """() => [1, 2].map((side) => {
  const canvas = document.querySelector(`[data-side="${side}"] canvas`);
  const small = document.createElement('canvas');
  small.width = small.height = 64;
  const context = small.getContext('2d');
  context.drawImage(canvas, 0, 0, 64, 64);
  const line = context.getImageData(0, 34, 64, 1).data;
  const white = [...Array(64).keys()].filter((x) => line[4 * x + 1] > 225);
  return { corner: [...context.getImageData(2, 2, 1, 1).data].slice(0, 3), left: white[0] ?? -1 };
})"""


def side(page: Page, number: int) -> dict[str, str]:
    """Return the form whose clip stands on a side."""
    query = page.locator(f"[data-side='{number}']").get_attribute("data-shown") or ""
    return {key: values[0] for key, values in parse_qs(query).items()}


def wait_for_side(page: Page, number: int, **form: str) -> None:
    """Wait until the clip of these values stands on a side."""
    page.wait_for_function(
        """([side, wanted]) => {
          const { shown } = document.querySelector(`[data-side="${side}"]`).dataset;
          const form = new URLSearchParams(shown || '');
          return Object.entries(wanted).every(([key, value]) => form.get(key) === value);
        }""",
        arg=[number, form],
    )


def wait_for_both(page: Page) -> None:
    for number in (1, 2):
        page.wait_for_selector(f"[data-side='{number}'][data-shown]")


def pictures(page: Page) -> list[bytes]:
    """Fetch again, as the page did, what stands on both sides."""
    page.context.set_offline(False)
    queries = [page.locator(f"[data-side='{k}']").get_attribute("data-shown") for k in (1, 2)]
    return [page.request.get(f"{page.url.split('?')[0]}clip?{query}").body() for query in queries]


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def radio(page: Page, number: int):
    return page.get_by_role("radio", name=f"Picture {number}")


def test_key_c_opens_another_draw_of_the_same_and_leads_back(open_page, address):
    page = open_page(f"{address}/?release=first&class=1&seed=5&motion=7&psi=0.5")
    wait_for_picture(page)
    page.keyboard.press("c")
    wait_for_side(page, 1, seed="5")
    wait_for_side(page, 2, seed="6")
    one, two = side(page, 1), side(page, 2)
    assert {key for key in one if one[key] != two[key]} == {"seed"}
    for form, seen in zip((one, two), page.evaluate(FRAME), strict=True):
        wanted = colour_of(from_form(form, ROWS))
        assert alike(seen["corner"], wanted)
    room = page.locator(".vg-room[data-view=compare]")
    expect(room).to_contain_text("First model · swing · seed 5 · motion 7 · Typical to varied 0.5")
    expect(room).to_contain_text("They differ in: Seed A 5\u00a0/ 6")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text(TEXT["en"]["key_compare"])
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(room).to_be_hidden()
    wait_for(page, seed="5")
    page.keyboard.press("C")
    wait_for_side(page, 2, seed="6")


def test_a_picture_in_which_the_seed_weighs_nothing_is_compared_with_one_where_it_does(
    open_page, address
):
    page = open_page(f"{address}/{LINK}&t=1&seed_b=9")
    wait_for_both(page)
    assert from_form(side(page, 1), ROWS).content != from_form(side(page, 2), ROWS).content


def test_both_play_on_one_clock_and_the_shorter_repeats(open_page, address):
    page = open_page(
        f"{address}/{LINK}&frames=8&with=release:first,class:0,seed:6,motion:7,frames:20",
        reduced_motion="reduce",
    )
    wait_for_both(page)
    expect(button(page, "Play")).to_be_visible()  # a still page stays still
    count = page.locator("[data-role=count]")
    expect(count).to_have_text("1 / 20")
    for frame in range(1, 11):
        button(page, "One frame forward").click()
        expect(count).to_have_text(f"{frame + 1} / 20")
        lefts = [each["left"] for each in page.evaluate(FRAME)]
        # The stand-in draws its square at 16 + 6 x frame + motion, within 48.
        wanted = [(16 + 6 * at + 7) % 48 for at in (frame % 8, frame)]
        assert all(abs(a - b) <= 1 for a, b in zip(lefts, wanted, strict=True)), (frame, lefts)
    button(page, "Play").click()
    same = page.evaluate(
        f"""async () => {{
          const frame = () => new Promise(requestAnimationFrame);
          const seen = new Set();
          while (seen.size < 4) {{
            await frame();
            const count = document.querySelector('[data-role=count]').textContent;
            const at = Number(count.split(' ')[0]) - 1;
            const [one, two] = ({FRAME})().map((each) => each.left);
            seen.add(JSON.stringify([at, one, two]));
          }}
          return [...seen].map((each) => JSON.parse(each));
        }}"""
    )
    for at, one, two in same:
        assert abs(one - (23 + 6 * (at % 8)) % 48) <= 1 and abs(two - (23 + 6 * at) % 48) <= 1


def test_the_controls_move_the_chosen_side_alone(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    expect(radio(page, 1)).to_be_checked()
    drag(page, "Typical to varied", 0.6, 0.2)
    psi = page.get_by_role("slider", name="Typical to varied", exact=True).input_value()
    assert psi != "1"
    wait_for_side(page, 1, psi=psi)
    assert side(page, 2)["psi"] == "1"
    page.locator("[data-side='2'] canvas").click()
    expect(radio(page, 2)).to_be_checked()
    slider = page.get_by_role("slider", name="Typical to varied", exact=True)
    expect(slider).to_have_value("1")
    expect(page.get_by_text("The controls move: Picture 2")).to_be_visible()
    drag(page, "Seed A", 0.1, 0.7)
    seed = page.get_by_role("slider", name="Seed A", exact=True).input_value()
    wait_for_side(page, 2, seed=seed, psi="1")
    assert side(page, 1).items() >= {"seed": "5", "psi": psi}.items()
    for _ in range(3):  # the drag, the choice of the side, the first drag
        button(page, "Undo").click()
    wait_for_side(page, 1, psi="1", seed="5")
    wait_for_side(page, 2, psi="1", seed="6")
    expect(radio(page, 1)).to_be_checked()


def test_linked_controls_move_both_and_two_draws_stay_two(open_page, address, engine):
    page = open_page(f"{address}/{LINK}&with=release:second,class:1,seed:9,motion:2")
    wait_for_both(page)
    button(page, "Move both").click()
    expect(button(page, "Move both")).to_have_attribute("aria-pressed", "true")
    drag(page, "Typical to varied", 0.6, 0.2)
    psi = page.get_by_role("slider", name="Typical to varied", exact=True).input_value()
    for number in (1, 2):
        wait_for_side(page, number, psi=psi)
    asked = {request.release for request in engine.asked if request.psi == float(psi)}
    assert asked == {"first", "second"}
    drag(page, "Seed A", 0.1, 0.5)
    seed = int(page.get_by_role("slider", name="Seed A", exact=True).input_value())
    wait_for_side(page, 1, seed=str(seed), release="first", motion="7")
    wait_for_side(page, 2, seed=str(seed + 4), release="second", motion="2")
    button(page, "Undo").click()
    wait_for_side(page, 1, seed="5")
    wait_for_side(page, 2, seed="9", psi=psi)
    button(page, "Move both").click()
    drag(page, "Typical to varied", 0.2, 0.5)
    wait_until(page, lambda: side(page, 1)["psi"] != psi)
    assert side(page, 2)["psi"] == psi


def test_swap_and_copy(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    button(page, "Swap").click()
    wait_for_side(page, 1, seed="6")
    wait_for_side(page, 2, seed="5")
    expect(radio(page, 2)).to_be_checked()  # what the controls moved, they move
    slider = page.get_by_role("slider", name="Seed A", exact=True)
    expect(slider).to_have_value("5")
    button(page, "Copy 2 to 1").click()
    wait_for_side(page, 1, seed="5")
    expect(page.get_by_text(TEXT["en"]["compare_same"])).to_be_visible()
    button(page, "Undo").click()
    button(page, "Undo").click()
    wait_for_side(page, 1, seed="5")
    wait_for_side(page, 2, seed="6")


def test_a_drag_on_a_picture_walks_the_plane_of_that_side(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    box = page.locator("[data-side='2'] canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.25 * box["height"], steps=8)
    page.mouse.up()
    wait_for_side(page, 2, t="0.5", u="0.25")
    assert side(page, 1)["t"] == "0"
    expect(page.locator(".vg")).to_have_attribute("data-playing", "true")  # and it was no press
    page.locator("[data-side='2'] canvas").click()
    expect(page.locator(".vg")).to_have_attribute("data-playing", "false")


@pytest.mark.parametrize("active", [1, 2])
def test_a_link_brings_back_both_sides_to_the_byte(open_page, address, active):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    radio(page, 2).check()
    page.get_by_label("Model", exact=True).select_option("second")
    page.get_by_role("slider", name="Class", exact=True).fill("1.5")
    page.get_by_role("slider", name="A to B", exact=True).fill("0.25")
    page.get_by_role("slider", name="Typical to varied", exact=True).fill("0.5")
    radio(page, active).check()
    button(page, "Move both").click()
    wait_for_side(page, 2, release="second", t="0.25", psi="0.5", **{"class": "1.5"})
    page.wait_for_function("() => location.search.includes('linked=1')")
    friend = open_page(address_of(page))
    wait_for_both(friend)
    assert [side(friend, k) for k in (1, 2)] == [side(page, k) for k in (1, 2)]
    assert pictures(friend) == pictures(page)
    expect(radio(friend, active)).to_be_checked()
    expect(button(friend, "Move both")).to_have_attribute("aria-pressed", "true")
    assert urlsplit(address_of(friend)).query == urlsplit(address_of(page)).query


def test_a_walk_keeps_its_commas_in_a_link(open_page, address):
    walk = "release:first,class:0,seed:0,walk:3,14,15,at:1.5,motion:7"
    page = open_page(f"{address}/{LINK}&with={walk}")
    wait_for_both(page)
    assert side(page, 2).items() >= {"walk": "3,14,15", "at": "1.5"}.items()
    page.get_by_role("slider", name="Typical to varied", exact=True).fill("0.5")
    wait_for_side(page, 1, psi="0.5")
    page.wait_for_function("() => location.search.includes('psi=0.5')")
    friend = open_page(address_of(page))
    wait_for_both(friend)
    assert side(friend, 2) == side(page, 2)


def test_a_short_link_is_laid_over_the_other_side(open_page, address):
    page = open_page(f"{address}/{LINK}&psi=0.5&with=class:2")
    wait_for_both(page)
    assert side(page, 2) == {**side(page, 1), "class": "2"}


@pytest.mark.parametrize(
    ("said", "told", "near"),
    [
        ("release:gone,class:1,seed:4,motion:0", "release is gone", {"seed": "4", "class": "1"}),
        ("class:99,seed:4", "class is 99", {"class": "2", "seed": "4"}),
        ("<img src=x onerror=window.pwned=1>", "with is", {"seed": "5", "class": "0"}),
        ("seed:<b>,psi:NaN", "psi is NaN", {"seed": "5", "psi": "1"}),
    ],
)
def test_what_is_not_legal_of_the_other_side_is_told_and_the_nearest_shown(
    open_page, address, said, told, near
):
    page = open_page(f"{address}/{LINK}&with={said}")
    wait_for_both(page)
    assert side(page, 2).items() >= near.items() and side(page, 1)["seed"] == "5"
    assert TEXT["en"]["link_nearest"] in status(page) and told in status(page)
    assert page.evaluate("window.pwned") is None and page.locator(".vg img").count() == 0


def test_by_keyboard_alone(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    seen: list[str] = []

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            seen.append(page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.labels?.[0]?.textContent || at.ariaLabel || at.textContent.trim(); }"
            ))  # fmt: skip
            if seen[-1].startswith(name):
                return
        raise AssertionError(f"no {name} among {seen}")

    tab_to("Move both")
    tab_to("Swap")
    page.keyboard.press("Enter")
    wait_for_side(page, 1, seed="6")
    tab_to("Picture 2")
    page.keyboard.press("ArrowUp")
    expect(radio(page, 1)).to_be_checked()
    page.keyboard.press("c")  # a choice is no typing
    expect(page.locator(".vg-pair")).to_be_hidden()
    page.keyboard.press("c")
    tab_to("Class")
    page.keyboard.press("ArrowRight")
    wait_for_side(page, 1, **{"class": "0.05"})
    wait_for_side(page, 2, **{"class": "0"})


def test_what_is_compared_is_said_once_the_hand_rests(open_page, address):
    page = open_page(f"{address}/{LINK}")
    live = page.locator("[data-role=live]")
    expect(live).to_contain_text("Picture 1: First model · stone · seed 5 · motion 7")
    expect(live).to_contain_text("They differ in: Seed A 5\u00a0/ 6")
    name = page.locator("[data-side='2'] canvas").get_attribute("aria-label") or ""
    assert name.startswith("Picture 2, moving picture: First model · stone · seed 6")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_it_is_for_everyone(open_page, address, theme, lang, options):
    other = "release:second,class:1.5,seed:9,t:0.5,seed_b:12,motion:2,frames:24,loop:1"
    page = open_page(f"{address}/{LINK}&__theme={theme}&lang={lang}&with={other}", **options)
    wait_for_both(page)
    page.locator(".vg-differs", has_text="24").wait_for()
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"]) for each in serious for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator(".vg").inner_text()
    assert not [key for key in TEXT["en"] if "_" in key and key in json.dumps(text)]
    boxes = [page.locator(f"[data-side='{k}'] canvas").bounding_box() for k in (1, 2)]
    assert all(boxes)
    bottom = max(box["y"] + box["height"] for box in boxes if box)
    assert bottom <= 844 and boxes[0]["width"] >= 140
    if options:
        assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]  # under each other


def test_what_the_hand_rested_on_before_is_left_as_it_was(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_both(page)
    button(page, "Move both").click()
    button(page, "Stage").click()
    page.get_by_role("slider", name="Typical to varied", exact=True).fill("0.5")
    wait_for(page, psi="0.5")
    assert shown(page)["seed"] == "5"
    button(page, "Compare").click()
    wait_for_side(page, 1, psi="0.5")
    wait_for_side(page, 2, psi="1", seed="6")  # nobody saw it, so nothing moved it
