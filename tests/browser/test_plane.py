"""The plane of four seeds: walked on the picture, on the pad, by keys; the same everywhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from stage import pixels, shown, wait_for, wait_for_picture

LINK = "?release=first&class=0&seed=3&seed_b=8&seed_c=21&seed_d=34&motion=0&psi=0.5"
CORNERS = ".vg-corners >> nth=0"  # the stage comes before the comparison


def place(page: Page, t: float, u: float) -> tuple[float, float]:
    box = page.get_by_role("img").bounding_box()
    assert box
    return box["x"] + t * box["width"], box["y"] + u * box["height"]


def test_a_drag_on_the_picture_walks_and_shows_the_corners_meanwhile(open_page, address, engine):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    corners = page.locator(CORNERS)
    expect(corners).to_have_css("opacity", "0")
    page.mouse.move(*place(page, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 0.25, 0.75), steps=12)
    expect(corners).to_have_css("opacity", "1")
    expect(corners).to_have_text("A 3B 8C 21D 34")
    wait_for(page, t="0.25", u="0.75")
    page.mouse.move(*place(page, 1.4, 1.4), steps=5)  # beyond the picture the corner is meant
    wait_for(page, t="1", u="1")
    page.mouse.move(*place(page, 0.25, 0.75), steps=5)
    page.mouse.up()
    wait_for(page, t="0.25", u="0.75")
    expect(corners).to_have_css("opacity", "0")
    assert ((3, 0.188), (8, 0.062), (21, 0.562), (34, 0.188)) in [
        one.content for one in engine.asked
    ]
    expect(page.get_by_role("button", name="Pause")).to_be_visible()  # it was no click
    page.keyboard.press("Control+z")
    wait_for(page, t="0")  # the whole drag was one step


def test_the_same_point_is_the_same_picture_however_it_was_reached(open_page, address):
    walked = open_page(f"{address}/{LINK}")
    wait_for_picture(walked)
    walked.mouse.move(*place(walked, 0.9, 0.1))
    walked.mouse.down()
    walked.mouse.move(*place(walked, 0.4, 0.3), steps=9)
    walked.mouse.up()
    wait_for(walked, t="0.4", u="0.3")
    slid = open_page(f"{address}/{LINK}")
    wait_for_picture(slid)
    slid.get_by_text("The plane of four seeds").click()
    slid.get_by_role("slider", name="A to B", exact=True).fill("0.4")
    slid.get_by_role("slider", name="Down to C and D", exact=True).fill("0.3")
    wait_for(slid, t="0.4", u="0.3")
    assert shown(slid) == shown(walked)
    for page in (walked, slid):
        page.locator("[data-role=scrub]").fill("4")
    assert pixels(slid) == pixels(walked)


def test_a_short_press_on_the_picture_plays_and_stops(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    page.mouse.move(*place(page, 0.3, 0.3))
    page.mouse.down()
    page.mouse.move(*place(page, 0.302, 0.302))
    page.mouse.up()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.get_by_role("img").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert shown(page)["t"] == "0"


def test_a_finger_walks_as_a_mouse_does_and_scrolls_nothing(open_page, address):
    phone = {"width": 390, "height": 844}
    page = open_page(f"{address}/{LINK}", viewport=phone, has_touch=True, is_mobile=True)
    wait_for_picture(page)
    touch = page.context.new_cdp_session(page)

    def put(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    put("touchStart", place(page, 0.5, 0.9))
    for share in (0.8, 0.6, 0.4, 0.2):
        put("touchMove", place(page, share, share))
    expect(page.locator(CORNERS)).to_have_css("opacity", "1")
    put("touchEnd")
    page.wait_for_function(
        """() => {
          const shown = new URLSearchParams(document.querySelector('.vg').dataset.shown);
          return ['t', 'u'].every((key) => Math.abs(shown.get(key) - 0.2) < 0.02);
        }"""
    )
    assert page.evaluate("scrollY") == 0


def test_arrow_keys_walk_on_the_pad(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    page.get_by_text("The plane of four seeds").click()
    pad = page.get_by_role("slider", name="Point in the plane")
    pad.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    wait_for(page, t="0.03", u="0.1")
    expect(pad).to_have_attribute("aria-valuetext", "3% to the right, 10% down")
    box = pad.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_for(page, t="0.75", u="0.5")


def test_moving_a_seed_leaves_a_closed_walk_of_a_link(open_page, address, engine):
    page = open_page(f"{address}/?release=first&class=0&seed=1&motion=0&walk=5,6,7&at=1.5")
    wait_for_picture(page)
    assert dict(engine.asked[-1].content) == {6: 0.5, 7: 0.5}
    page.get_by_role("slider", name="Seed A", exact=True).fill("9")
    wait_for(page, seed="9")
    assert dict(engine.asked[-1].content) == {9: 1.0}


def test_the_closed_fold_says_once_where_the_point_is(open_page, address):
    page = open_page(f"{address}/{LINK}&t=0.5&u=0.5")
    wait_for_picture(page)
    said = page.locator("details[data-fold=plane] summary output")
    expect(said).to_have_text("Down to C and D 0.5")
