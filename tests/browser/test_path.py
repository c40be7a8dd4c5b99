"""The path: one call, then walked without the server; a stop is the stage's own picture."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from stage import address_of, alike, corner, shown, wait_for, wait_for_status, wait_until
from standin import ROWS, colour_of

from vidgen.axes import read_cells
from vidgen.request import from_form
from vidgen.ui.text import TEXT
from vidgen.video import read_video

LINK = "?release=first&class=0&seed=3&seed_b=8&motion=0&view=path"
ROOM = ".vg-room[data-view=path]"
CORNER = """() => {
  const canvas = document.querySelector('.vg-room[data-view=path] .vg-screen canvas');
  const pixel = document.createElement('canvas').getContext('2d');
  pixel.drawImage(canvas, 0, 0, 8, 8, 0, 0, 1, 1);
  return Array.from(pixel.getImageData(0, 0, 1, 1).data.slice(0, 3));
}"""


def asked(page: Page) -> dict[str, str]:
    """Return the query of the path that is seen; wait until there is one."""
    page.wait_for_selector(f"{ROOM}[data-shown]")
    query = page.locator(ROOM).get_attribute("data-shown") or ""
    return {key: values[0] for key, values in parse_qs(query).items()}


def wait_for_path(page: Page, words: str) -> None:
    """Wait until a path is seen whose query holds these words."""
    page.wait_for_function(
        "([room, words]) => (document.querySelector(room).dataset.shown || '').includes(words)",
        arg=[ROOM, words],
    )


def calls(page: Page) -> list[str]:
    """Begin to note what the page asks of its server."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(urlsplit(request.url).path))
    return urls


def place(page: Page):
    return page.get_by_role("slider", name="Place on the path")


def test_a_scrub_shows_a_new_picture_at_every_frame_with_the_server_gone(open_page, address):
    page = open_page(f"{address}/{LINK}")
    assert asked(page)["x"].count(",") == 15
    page.context.set_offline(True)
    urls = calls(page)
    pictures = page.evaluate(
        f"""async () => {{
          const frame = () => new Promise(requestAnimationFrame);
          const range = document.querySelector('[data-role=place]');
          const pictures = [];
          for (let k = 1; k <= 40; k += 1) {{
            range.value = k / 4;
            range.dispatchEvent(new Event('input', {{ bubbles: true }}));
            await frame();
            await frame(); // by now the one before is drawn
            pictures.push(({CORNER})().join());
          }}
          return pictures;
        }}"""
    )
    assert all(one != other for one, other in pairwise(pictures))
    assert urls == []


def test_what_rests_on_the_screen_is_a_stop_and_the_clip_plays_on(open_page, address):
    page = open_page(f"{address}/{LINK}")
    cells = read_cells({key: value for key, value in asked(page).items() if key != "v"}, ROWS)
    box = page.locator(f"{ROOM} .vg-screen canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.42 * box["width"], box["y"] + 0.6 * box["height"], steps=15)
    expect(place(page)).not_to_have_value("0")
    page.mouse.up()
    expect(place(page)).to_have_value("6")
    expected = colour_of(cells[6])
    wait_until(page, lambda: alike(page.evaluate(CORNER), expected))
    expect(page.locator(f"{ROOM} [aria-current=true]")).to_have_attribute(
        "aria-label", "Stop 7 of 16: 0.4"
    )
    count = page.locator("[data-role=count]").inner_text()
    expect(page.locator("[data-role=count]")).not_to_have_text(count)  # time goes on
    page.mouse.click(box["x"] + 9, box["y"] + 9)  # a short press stops it
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_a_stop_opens_on_the_stage_as_the_sliders_would_make_it(open_page, address, by):
    page = open_page(f"{address}/{LINK}")
    asked(page)
    if by == "click":
        page.get_by_role("button", name="Stop 7 of 16: 0.4").click()
    else:
        place(page).focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    wait_for(page, t="0.4")
    assert shown(page) == shown(page) | {"seed": "3", "seed_b": "8", "t": "0.4"}
    expected = colour_of(from_form({"seed": "3", "seed_b": "8", "t": "0.4"}, ROWS))
    assert alike(corner(page), expected)
    expect(page.locator(ROOM)).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator(ROOM)).to_be_visible()


ALONG = [
    ("t", "x=t:0,0.143,"), ("mix", "x=mix:0,"), ("psi", "x=psi:0,"), ("motion_t", "x=motion_t:0,"),
    ("walk", "x=at:0,0.5,1,"),
]  # fmt: skip


def test_every_path_is_one_call_and_its_link_leads_back_to_it(open_page, address):
    page = open_page(f"{address}/{LINK}&clips=8&class_b=2&motion_b=9")
    asked(page)
    urls = calls(page)
    for along, words in ALONG[1:] + ALONG[:1]:
        urls.clear()
        page.get_by_role("combobox", name="Along").select_option(along)
        wait_for_path(page, words)
        assert urls == ["/clips"]
        query = page.locator(ROOM).get_attribute("data-shown")
        said = f"along={along}"
        wait_until(page, lambda said=said: (said in address_of(page)) == (said != "along=t"))
        friend = open_page(address_of(page))
        asked(friend)
        assert friend.locator(ROOM).get_attribute("data-shown") == query
        friend.context.close()


def test_a_walk_goes_through_the_seeds_that_are_chosen(open_page, address):
    page = open_page(f"{address}/{LINK}&along=walk&clips=8")
    asked(page)
    box = page.get_by_role("textbox", name="Seeds with commas between them")
    box.fill("4, 9 16")
    box.press("Enter")
    wait_for_path(page, "walk=4,9,16&")
    assert asked(page)["x"].count(",") == 8  # every seed is a stop
    wait_until(page, lambda: "through=4,9,16" in address_of(page))
    page.get_by_role("button", name="One more seed").click()
    page.wait_for_function(
        "(room) => /walk=4,9,16,[0-9]+&/.test(document.querySelector(room).dataset.shown)", arg=ROOM
    )
    page.get_by_role("button", name="One seed fewer").click()
    wait_for_path(page, "walk=4,9,16&")
    box.fill("7")
    box.press("Enter")
    wait_for_status(page, "A walk has 2 to 16 seeds")
    page.get_by_role("button", name="Other seeds").click()
    page.wait_for_function(
        "(room) => !document.querySelector(room).dataset.shown.includes('4,9,16')", arg=ROOM
    )
    page.get_by_role("button", name="Stop 2 of 9").click()
    wait_for(page, at="0.333")
    assert shown(page)["walk"].count(",") == 2


def test_a_drag_of_a_slider_asks_once_the_hand_rests_and_the_last_value_wins(
    open_page, address, engine
):
    page = open_page(f"{address}/{LINK}&clips=8")
    asked(page)
    urls = calls(page)
    engine.seconds = 0.1
    slider = page.get_by_role("slider", name="Seed A", exact=True)
    for seed in range(20, 40):
        slider.fill(str(seed))
    wait_for_path(page, "seed=39&")
    assert urls.count("/clips") <= 3 and "/clip" not in urls


def test_an_error_is_told_and_the_old_path_stays(open_page, address, engine):
    page = open_page(f"{address}/{LINK}&clips=8")
    before = asked(page)
    engine.fault = RuntimeError("broken")
    page.get_by_role("slider", name="Seed A", exact=True).fill("55")
    wait_for_status(page, "HTTP 500")
    assert asked(page) == before
    engine.fault = None
    page.get_by_role("combobox", name="Clips").select_option("12")
    wait_for_path(page, "seed=55")
    expect(page.locator("[data-role=status]")).to_have_text("")


def test_the_whole_path_is_taken_home_as_one_video(open_page, address, tmp_path):
    page = open_page(f"{address}/{LINK}&clips=8")
    asked(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download mp4").click()
    path = tmp_path / "path.mp4"
    waiting.value.save_as(path)
    assert len(read_video(path, 200)) == 8 * 16


def test_a_closed_view_draws_nothing(open_page, address):
    page = open_page(f"{address}/{LINK}&clips=8")
    asked(page)
    page.get_by_role("button", name="Stage", exact=True).click()
    wait_for(page, seed="3")
    drawn = page.evaluate(
        """async () => {
          const drawn = { path: 0, stage: 0 };
          const draw = CanvasRenderingContext2D.prototype.drawImage;
          CanvasRenderingContext2D.prototype.drawImage = function (...what) {
            drawn[this.canvas.closest('.vg-room') ? 'path' : 'stage'] += 1;
            return draw.apply(this, what);
          };
          while (drawn.stage < 3) await new Promise(requestAnimationFrame);
          return drawn;
        }"""
    )
    assert drawn["path"] == 0


def test_the_place_is_in_the_link_and_can_be_undone(open_page, address):
    page = open_page(f"{address}/{LINK}&place=6")
    asked(page)
    expect(place(page)).to_have_value("6")
    page.get_by_role("button", name="Stop 7 of 16").and_(
        page.locator("[aria-current=true]")
    ).wait_for()
    place(page).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('place=9')")
    friend = open_page(address_of(page))
    asked(friend)
    expect(place(friend)).to_have_value("9")
    friend.context.close()
    page.keyboard.press("Control+z")  # one step for all that the keys did in a row
    expect(place(page)).to_have_value("6")
    page.get_by_role("combobox", name="Clips").select_option("8")
    page.get_by_role("combobox", name="Along").select_option("psi")
    wait_for_path(page, "x=psi:0,0.143,")
    for strange, seen in (("33", "0"), ("1.5", "0"), ("-1", "0"), ("<b>", "0"), ("32", "15")):
        stranger = open_page(f"{address}/{LINK}&place={strange}")
        asked(stranger)
        expect(place(stranger)).to_have_value(seen)
        stranger.context.close()


@pytest.mark.parametrize(("along", "blends"), [("motion_t", False), ("mix", True)])
def test_movements_are_not_seen_twice_on_the_way_and_shapes_are_blended(
    open_page, address, along, blends
):
    page = open_page(
        f"{address}/{LINK}&along={along}&class_b=2&motion_b=9", reduced_motion="reduce"
    )
    asked(page)
    alphas = page.evaluate(
        """async () => {
          const alphas = new Set();
          const draw = CanvasRenderingContext2D.prototype.drawImage;
          CanvasRenderingContext2D.prototype.drawImage = function (...what) {
            if (this.canvas.dataset.role === 'path') alphas.add(this.globalAlpha.toFixed(2));
            return draw.apply(this, what);
          };
          const range = document.querySelector('[data-role=place]');
          range.value = 2.4;
          range.dispatchEvent(new Event('input', { bubbles: true }));
          while (!alphas.size) await new Promise(requestAnimationFrame);
          return [...alphas];
        }"""
    )
    assert ("0.40" in alphas) is blends and "1.00" in alphas


def test_a_control_that_the_path_sets_says_so(open_page, address):
    page = open_page(f"{address}/{LINK}&along=psi")
    asked(page)
    psi = page.locator("[data-slider=psi]")
    expect(psi).to_have_attribute("data-idle", "true")
    expect(psi.locator(".vg-help")).to_have_text(TEXT["en"]["idle_path"])
    page.get_by_role("combobox", name="Along").select_option("t")
    expect(psi.locator(".vg-help")).to_have_text(TEXT["en"]["psi_help"])
    idle = page.locator("[data-idle=true]").evaluate_all(
        "all => all.map((one) => one.dataset.slider)"
    )
    assert idle == ["class_b", "t", "u", "seed_c", "seed_d", "motion_b"]
    page.get_by_role("combobox", name="Along").select_option("walk")  # through the four corners
    idle = page.locator("[data-idle=true]").evaluate_all(
        "all => all.map((one) => one.dataset.slider)"
    )
    assert idle == ["class_b", "t", "u", "motion_b"]
