"""The hand and the picture: what moves, what follows, what is shown last."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from stage import (
    alike,
    corner,
    drag,
    shown,
    status,
    wait_for,
    wait_for_movement,
    wait_for_picture,
    wait_for_status,
    wait_until,
)
from standin import ROWS, StandInEngine, colour_of

from vidgen.request import from_form


def assert_stage_shows(page, form: dict[str, str]) -> None:
    expected = colour_of(from_form(form, ROWS))
    assert alike(corner(page), expected), form


def test_a_moving_picture_is_there_without_a_click(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    wait_for_movement(page)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator("[data-role=timings]")).to_have_text(
        re.compile(r"CPU · queue [\d.]+ · model [\d.]+ · encode [\d.]+ · round trip [\d.]+ ms")
    )


def test_dragging_the_seed_slider_changes_the_picture(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    before = shown(page)
    drag(page, "Seed A", 0.0, 0.7)
    value = page.get_by_role("slider", name="Seed A", exact=True).input_value()
    assert value != before["seed"]
    wait_for(page, seed=value)
    assert_stage_shows(page, shown(page))


def test_of_a_fast_drag_over_a_slow_generator_the_last_value_is_shown(open_page, address, engine):
    page = open_page(address)
    wait_for_picture(page)
    engine.seconds = 0.15
    engine.asked.clear()
    for start, end in ((0.0, 0.9), (0.9, 0.2), (0.2, 0.55)):
        drag(page, "Seed A", start, end)
    value = page.get_by_role("slider", name="Seed A", exact=True).input_value()
    wait_for(page, seed=value)
    assert_stage_shows(page, shown(page))
    assert [seed for seed, _ in engine.asked[-1].content] == [int(value)]
    page.wait_for_timeout(600)  # an older picture that came late would show by now
    assert shown(page)["seed"] == value


def test_arrow_keys_move_the_sliders(open_page, address):
    page = open_page(f"{address}/?seed=10&class=0")
    wait_for_picture(page)
    seed = page.get_by_role("slider", name="Seed A", exact=True)
    seed.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for(page, seed="13")
    page.keyboard.press("ArrowLeft")
    wait_for(page, seed="12")
    page.get_by_role("slider", name="Class", exact=True).focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, **{"class": "0.05"})
    page.keyboard.press("End")
    wait_for(page, **{"class": "2"})
    assert_stage_shows(page, shown(page))


def test_the_class_slider_names_the_class_and_its_mixes(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    slider = page.get_by_role("slider", name="Class", exact=True)
    assert slider.get_attribute("aria-valuetext") == "stone"
    slider.fill("1.25")
    wait_for(page, **{"class": "1.25"})
    assert slider.get_attribute("aria-valuetext") == "75% swing + 25% drop"
    assert_stage_shows(page, shown(page))
    page.get_by_role("button", name="swing").click()
    wait_for(page, **{"class": "1"})


def test_a_pointer_that_is_near_a_class_takes_the_class_itself(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    drag(page, "Class", 0.02, 0.49)
    wait_for(page, **{"class": "1"})


def test_the_walk_from_a_to_b_mixes_both_seeds(open_page, address, engine):
    page = open_page(f"{address}/?seed=3&seed_b=8")
    wait_for_picture(page)
    assert engine.asked[-1].content == ((3, 1.0),)
    page.get_by_role("slider", name="A to B", exact=True).fill("0.25")
    wait_for(page, t="0.25")
    assert engine.asked[-1].content == ((3, 0.75), (8, 0.25))
    page.get_by_role("slider", name="A to B", exact=True).fill("1")
    wait_for(page, t="1")
    assert engine.asked[-1].content == ((8, 1.0),)


def test_the_number_box_takes_every_legal_seed_and_says_what_is_legal(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    box = page.get_by_label("Seed A, any number")
    box.fill("4294967295")
    wait_for(page, seed="4294967295")
    assert_stage_shows(page, shown(page))
    box.fill("4294967296")
    wait_for_status(page, "from 0 to 4294967295")
    assert box.get_attribute("aria-invalid") == "true"
    assert shown(page)["seed"] == "4294967295"
    box.fill("12")
    wait_for(page, seed="12")
    assert status(page) == ""
    page.get_by_role("button", name="Random: Seed A", exact=True).click()
    wait_until(page, lambda: shown(page)["seed"] != "12")


def test_another_model_shows_its_own_picture(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_label("Model", exact=True).select_option("second")
    wait_for(page, release="second")
    expect(page.get_by_role("img")).to_have_attribute("aria-label", re.compile("Second model"))


def test_a_class_that_cannot_loop_says_why_and_does_not_ask(open_page, address, engine):
    page = open_page(address)
    wait_for_picture(page)
    loop = page.get_by_role("switch", name="Seamless loop")
    loop.check()
    wait_for(page, loop="1")
    page.get_by_role("button", name="drop").click()
    wait_for(page, **{"class": "2"}, loop="0")
    expect(loop).to_be_disabled()
    expect(page.locator("#vg-loop-why")).to_contain_text("drop")
    page.get_by_role("button", name="stone").click()
    wait_for(page, **{"class": "0"}, loop="1")


def test_the_time_sliders_keep_each_other_legal(open_page, address, engine):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_text("Time and length").click()
    for name, value in (("Time step", "4"), ("Frames", "64"), ("Start", "56"), ("Time step", "4")):
        page.get_by_role("slider", name=name, exact=True).fill(value)
        key = {"Time step": "step"}.get(name, name.lower())
        wait_for(page, **{key: value})
        assert status(page) == ""
    page.get_by_role("switch", name="Seamless loop").check()
    wait_for(page, loop="1")
    assert status(page) == ""


def test_a_busy_service_is_asked_again_for_the_newest_value(open_page, address, engine):
    page = open_page(address)
    wait_for_picture(page)
    engine.open.clear()
    # Others fill the service: one clip in work, two that wait; the one too many is answered.
    engine.asked.clear()
    page.evaluate("() => { fetch('clip?seed=901'); }")
    wait_until(page, lambda: engine.asked)  # it is in work, and waits no longer
    others = "Promise.race([902, 903, 904].map((seed) => fetch(`clip?seed=${seed}`)))"
    assert page.evaluate(f"{others}.then((answer) => answer.status)") == 503
    page.get_by_role("slider", name="Seed A", exact=True).fill("20")
    wait_for_status(page, "Many people are here")
    page.get_by_role("slider", name="Seed A", exact=True).fill("21")
    engine.open.set()
    wait_for(page, seed="21")
    assert status(page) == ""


def test_a_fault_is_told_in_words_and_the_next_value_works(open_page, address, engine):
    page = open_page(address)
    wait_for_picture(page)
    engine.fault = RuntimeError("broken")
    page.get_by_role("slider", name="Seed A", exact=True).fill("33")
    wait_for_status(page, "fault of its own")
    assert shown(page)["seed"] != "33"
    engine.fault = None
    page.get_by_role("slider", name="Seed A", exact=True).fill("34")
    wait_for(page, seed="34")
    assert status(page) == ""


def test_a_slow_model_says_that_it_works(open_page, address, engine: StandInEngine):
    engine.open.clear()
    page = open_page(address)
    wait_for_status(page, "Working")
    engine.open.set()
    wait_for_picture(page)
    assert status(page) == ""
