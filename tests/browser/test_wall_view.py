"""The catalogue: a wall that was made beforehand, there without a model; a click opens a clip."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import alike, shown, wait_for, wait_for_picture, wait_until
from standin import ROWS, StandInEngine, StandInShelf, colour_of, served

from vidgen.clip import Clip, Timings, encode_sheet
from vidgen.request import from_form
from vidgen.service import Service
from vidgen.ui.text import TEXT
from vidgen.wall import SHAPE_KEYS, Wall, write_wall

ROOM = ".vg-room[data-view=wall]"
FORM = {"release": "first", "frames": "16", "loop": "1"}
CELLS = tuple(
    {"class": str(index), "seed": str(seed), "motion": str(seed)}
    | ({"loop": "0"} if index == 2 else {})
    for index in range(3)
    for seed in (4, 9)
)


@pytest.fixture
def walled(tmp_path: Path) -> Iterator[tuple[str, StandInEngine]]:
    """The page over the stand-in; the first of its two releases has a wall."""
    asked = [from_form({**FORM, **cell}, ROWS) for cell in CELLS]
    made = StandInEngine(seconds=0).render(tmp_path, asked)
    clips = [
        Clip(frames, 8.0, one, Timings(0, 0), "cpu")
        for frames, one in zip(made, asked, strict=True)
    ]  # fmt: skip
    sheet = encode_sheet(*clips)
    shape = {key: getattr(sheet, key) for key in SHAPE_KEYS}
    write_wall(tmp_path, ROWS[0], Wall(FORM, CELLS, sheet.data, shape, 8.0))
    shelf, engine = StandInShelf(), StandInEngine()
    service = Service(shelf, engine)
    with served(service, shelf, tmp_path) as address:
        yield address, engine
    service.close()


def shows(page: Page, x: float, y: float, colour: tuple[int, ...]) -> bool:
    """Say whether the wall has this colour at a point, given in shares of its sides."""
    seen = page.evaluate(
        """([room, x, y]) => {
          const canvas = document.querySelector(`${room} canvas`);
          const at = [Math.round(x * canvas.width), Math.round(y * canvas.height), 1, 1];
          return Array.from(canvas.getContext('2d').getImageData(...at).data.slice(0, 3));
        }""",
        [ROOM, x, y],
    )
    return alike(seen, colour)


@pytest.mark.parametrize(("width", "across"), [(1280, 3), (390, 2)])
def test_the_wall_is_there_without_a_model_and_every_clip_in_its_place(
    open_page, walled, width, across
):
    address, engine = walled
    page = open_page(f"{address}/?view=wall", viewport={"width": width, "height": 844})
    page.wait_for_selector(f"{ROOM}[data-shown]")
    buttons = page.locator(f"{ROOM} [role=gridcell] button")
    expect(buttons).to_have_count(6)
    headings = page.locator(f"{ROOM} [role=columnheader]").all_inner_texts()
    assert headings == (["stone", "swing", "drop"] if across == 3 else ["seed 4", "seed 9"])
    for place, name in enumerate(buttons.evaluate_all("all => all.map((one) => one.ariaLabel)")):
        kind, seed = name.split(", seed ")
        index = ["stone", "swing", "drop"].index(kind)
        x, y = (place % across + 0.5) / across, (place // across + 0.2) / (6 // across)
        wanted = colour_of(from_form({"class": str(index), "seed": seed}, ROWS))
        wait_until(page, partial(shows, page, x, y, wanted))
    assert engine.asked == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    model = page.get_by_role("combobox", name="Model").bounding_box()
    wall = page.locator(ROOM).bounding_box()
    assert model and wall and model["y"] + model["height"] <= wall["y"]  # nothing lies on it


def test_a_clip_of_the_wall_opens_on_the_stage_whatever_the_controls_said(open_page, walled):
    address, engine = walled
    page = open_page(f"{address}/?view=wall&psi=0.3&t=0.5&frames=24&mix=0.4")
    page.wait_for_selector(f"{ROOM}[data-shown]")
    page.get_by_role("button", name="drop, seed 9").click()
    wait_for(page, **{"class": "2"}, seed="9", motion="9")
    assert engine.asked[-1] == from_form({**FORM, **CELLS[-1]}, ROWS)
    page.get_by_role("button", name="Catalogue").click()
    expect(page.locator(ROOM)).to_be_visible()
    page.get_by_role("button", name="swing, seed 4").focus()
    page.keyboard.press("Enter")
    wait_for(page, seed="4", loop="1")


def test_where_there_is_no_wall_none_is_offered(open_page, walled):
    address, _ = walled
    page = open_page(f"{address}/?release=second&class=0&seed=1&motion=1&view=wall")
    wait_for_picture(page)  # the stage is shown in its place
    expect(page.get_by_role("button", name="Catalogue")).to_be_hidden()
    page.get_by_role("combobox", name="Model").select_option("first")
    expect(page.get_by_role("button", name="Catalogue")).to_be_visible()
    page.wait_for_selector(f"{ROOM}[data-shown]")
    page.get_by_role("combobox", name="Model").select_option("second")
    wait_for_picture(page)
    expect(page.locator(ROOM)).to_be_hidden()
    assert shown(page)["release"] in ("first", "second")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("zh-CN", 390)])
def test_the_wall_is_for_everyone(open_page, walled, lang, width, theme):
    address, _ = walled
    where = f"{address}/?view=wall&lang={lang}&__theme={theme}"
    page = open_page(where, viewport={"width": width, "height": 844})
    page.wait_for_selector(f"{ROOM}[data-shown]")
    timings = page.locator("[data-role=timings]")
    expect(timings).to_contain_text("ready-made pictures" if lang == "en" else "预先生成的画面")
    assert "slider" not in timings.inner_text()  # there is none
    said = TEXT[lang]["wall_said"].format(count=6)
    expect(page.locator("[data-role=live]")).to_have_text(said)
    text = page.locator(".vg").inner_text()
    assert not [key for key in TEXT[lang] if "_" in key and key in text] and "{" not in text
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"][:200]) for each in serious for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone_and_still_for_who_wants_less_motion(open_page, walled):
    address, _ = walled
    page = open_page(f"{address}/?release=first&class=0&seed=1", reduced_motion="reduce")
    wait_for_picture(page)

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(
                "(name) => [document.activeElement.ariaLabel,"
                " document.activeElement.textContent.trim()].includes(name)",
                name,
            ):
                return
        raise AssertionError(f"no {name}")

    tab_to("Catalogue")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROOM}[data-shown]")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-role=count]")).to_have_text("1 / 16")
    tab_to("stone, seed 4")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for(page, **{"class": "1"}, seed="9")
