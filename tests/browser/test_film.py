"""The filmstrip, the looks of the stage, and what it costs: nothing for what nobody sees."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from stage import pixels, wait_for, wait_for_picture
from standin import ROWS, colour_of

from vidgen.request import from_form

FILM = "[data-role=film]"
STRIP_COLOUR = """() => {
  const canvas = document.querySelector('[data-role=film] canvas');
  return Array.from(canvas.getContext('2d').getImageData(1, 1, 1, 1).data.slice(0, 3));
}"""


def click_frame(page: Page, frame: int, across: int, rows: int = 1) -> None:
    expect(page.locator(f"{FILM} i")).to_have_attribute("style", re.compile("width"))  # laid out
    box = page.locator(FILM).bounding_box()
    assert box
    x = (frame % across + 0.5) * box["width"] / across
    y = (frame // across + 0.5) * box["height"] / rows
    page.locator(FILM).click(position={"x": x, "y": y})


def test_a_click_on_the_filmstrip_shows_that_frame_and_marks_it(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    count = page.locator("[data-role=count]")
    film, mark = page.locator(FILM), page.locator(f"{FILM} i")
    for frame in (4, 15, 0):
        click_frame(page, frame, 16)
        expect(count).to_have_text(f"{frame + 1} / 16")
        strip, marked = film.bounding_box(), mark.bounding_box()
        assert strip and marked
        assert abs(marked["x"] - strip["x"] - frame * strip["width"] / 16) < 2
    page.locator("[data-role=scrub]").fill("9")
    marked = mark.bounding_box()
    assert strip and marked and abs(marked["x"] - strip["x"] - 9 * strip["width"] / 16) < 2


def test_a_long_clip_has_two_rows_and_every_frame_can_be_reached(open_page, address):
    page = open_page(f"{address}/?frames=64")
    wait_for_picture(page)
    wait_for(page, frames="64")
    for frame in (0, 31, 32, 63):
        click_frame(page, frame, 32, 2)
        expect(page.locator("[data-role=count]")).to_have_text(f"{frame + 1} / 64")


def test_where_two_rows_end_in_a_gap_nothing_of_another_clip_is_left(open_page, address):
    page = open_page(f"{address}/?frames=22")
    wait_for_picture(page)
    wait_for(page, frames="22")
    last = """(opaque) => {
      const canvas = document.querySelector('[data-role=film] canvas');
      const at = [canvas.width - 3, canvas.height - 3, 1, 1];
      return (canvas.getContext('2d').getImageData(...at).data[3] > 0) === opaque;
    }"""
    page.wait_for_function(last, arg=True)
    page.locator("[data-slider=frames] input").evaluate(
        "box => { box.value = 21; box.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    wait_for(page, frames="21")
    page.wait_for_function(last, arg=False)


def test_the_filmstrip_follows_the_picture(open_page, address):
    page = open_page(f"{address}/?release=first&class=0&seed=1&motion=0")
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).fill("3")
    wait_for(page, seed="3")
    colour = colour_of(from_form({"seed": "3"}, ROWS))
    page.wait_for_function(
        f"""(colour) => ({STRIP_COLOUR})()
          .every((level, k) => Math.abs(level - colour[k]) < 12)""",
        arg=list(colour),
    )


def test_onion_skin_shows_the_neighbours_and_pixels_are_sharp(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.locator("[data-role=scrub]").fill("5")
    plain = pixels(page)
    page.get_by_role("button", name="Onion skin").click()
    onion = pixels(page)
    assert onion != plain
    page.get_by_role("button", name="Onion skin").click()
    assert pixels(page) == plain
    canvas = page.get_by_role("img")
    expect(canvas).to_have_css("image-rendering", "auto")
    page.get_by_role("button", name="Pixels").click()
    expect(canvas).to_have_css("image-rendering", "pixelated")


def test_what_nobody_sees_is_not_drawn(open_page, address):
    page = open_page(f"{address}/?hide=film&release=first&class=0&seed=1&motion=0")
    wait_for_picture(page)
    page.evaluate(
        """() => {
          window.drawn = { film: 0, stage: 0 };
          const draw = CanvasRenderingContext2D.prototype.drawImage;
          CanvasRenderingContext2D.prototype.drawImage = function (...what) {
            window.drawn[this.canvas.closest('[data-role=film]') ? 'film' : 'stage'] += 1;
            return draw.apply(this, what);
          };
        }"""
    )
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("slider", name="Seed A", exact=True).fill("3")
    wait_for(page, seed="3")
    page.wait_for_timeout(400)
    assert page.evaluate("window.drawn.film") == 0
    drawn = page.evaluate("window.drawn.stage")
    page.wait_for_timeout(400)
    assert page.evaluate("window.drawn.stage") == drawn  # a still picture is drawn once
