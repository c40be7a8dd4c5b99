"""Share links: what is legal is taken, what is not falls back and is told, nothing is believed."""

from __future__ import annotations

import random
from dataclasses import replace

from standin import ROWS

from vidgen.request import FORM_KEYS, from_form
from vidgen.ui.link import read_link, read_with

FIRSTS = {"first": {"release": "first", "class": "1", "seed": "7"}, "second": {}}


def test_a_link_is_laid_over_the_first_state_of_its_release():
    state = read_link({"seed": "5", "lang": "zh-CN", "utm_source": "x"}, ROWS, FIRSTS)
    assert state.form == {"release": "first", "class": "1", "seed": "5"}
    assert state.problems == ()


def test_an_empty_link_is_the_first_state():
    assert read_link({}, ROWS, FIRSTS).form == FIRSTS["first"]


def test_a_link_that_names_the_whole_state_is_not_laid_over_anything():
    firsts = {"first": {"release": "first", "class": "1", "psi": "0.5"}, "second": {}}
    whole = {"release": "first", "class": "0", "seed": "7", "motion": "2"}
    assert read_link(whole, ROWS, firsts).form == whole
    for key in whole:
        part = {name: value for name, value in whole.items() if name != key}
        assert read_link(part, ROWS, firsts).form["psi"] == "0.5"


def test_of_each_bad_value_the_nearest_is_taken_and_told():
    query = {"class": "99", "psi": "NaN", "seed": "4.4", "t": "-1", "frames": "1e9"}
    state = read_link(query, ROWS, FIRSTS)
    assert {problem.field for problem in state.problems} == set(query)
    near = {"class": "2", "seed": "4", "t": "0", "frames": "64"}
    assert state.form == {"release": "first"} | near  # nothing is near NaN
    assert read_link({"seed": "1e20"}, ROWS, FIRSTS).form["seed"] == "4294967295"


def test_of_an_unknown_release_the_nearest_is_taken_with_the_other_choices():
    state = read_link({"release": "gone", "seed": "4"}, ROWS, FIRSTS)
    assert [problem.field for problem in state.problems] == ["release"]
    assert state.form["release"] == "first" and state.form["seed"] == "4"
    assert (
        read_link({"release": "second-64", "seed": "4"}, ROWS, FIRSTS).form["release"] == "second"
    )


def test_values_that_are_legal_alone_but_not_together_are_told():
    state = read_link({"frames": "64", "step": "4"}, ROWS, FIRSTS)
    assert state.problems
    assert from_form(state.form, ROWS)


def test_markup_in_a_link_never_comes_back():
    query = {key: "${alert(1)}<img src=x onerror=alert(1)>{{value}}" for key in FORM_KEYS}
    state = read_link(query, ROWS, FIRSTS)
    assert state.form == FIRSTS["first"]
    said = "".join(problem.text(tag) for problem in state.problems for tag in ("en", "zh-CN"))
    assert "<" not in said and len(said) < 200 * len(state.problems) * 2


def test_whatever_a_link_holds_the_state_is_legal():
    dice = random.Random(0)
    pieces = [
        "",
        "0",
        "-1",
        "7",
        "0.5",
        "1e308",
        "nan",
        "true",
        "9" * 40,
        "٣",
        "3,4",
        " 4",
        "\0",
        "second",
        "2.5",
    ]
    for _ in range(2000):
        query = {key: dice.choice(pieces) for key in FORM_KEYS if dice.random() < 0.6}
        state = read_link(query, ROWS, FIRSTS)
        from_form(state.form, ROWS, strict=True)
        kept = {key for key in query if state.form.get(key) == query[key]}
        assert kept == set(query) or state.problems


def test_what_the_family_cannot_do_is_mended_and_told():
    row = replace(ROWS[0], motion=False, loops=False, parts=("mask",))
    query = {"release": "first", "class": "1", "seed": "4", "motion": "7", "loop": "1"}
    state = read_link({**query, "motion_b": "9", "part": "mask"}, [row], FIRSTS)
    assert {problem.field for problem in state.problems} == {"motion", "motion_b", "loop"}
    assert from_form(state.form, [row]) == from_form(
        {"release": "first", "class": "1", "seed": "4", "part": "mask"}, [row]
    )
    strange = read_link({**query, "motion": "0", "loop": "0", "part": "scene"}, [row], FIRSTS)
    assert [problem.field for problem in strange.problems] == ["part"]


def test_the_other_side_of_a_comparison_is_a_whole_state_or_laid_over_this_one():
    this = read_link({"class": "2", "psi": "0.5", "seed": "4"}, ROWS, FIRSTS)
    whole = "release:second,class:1,seed:9,walk:3,14,15,at:1.5,motion:0"
    other = read_with(whole, this, ROWS, FIRSTS)
    assert other.problems == () and other.form == {
        "release": "second", "class": "1", "seed": "9", "walk": "3,14,15", "at": "1.5",
        "motion": "0",
    }  # fmt: skip
    assert read_with("seed:7", this, ROWS, FIRSTS).form == {**this.form, "seed": "7"}
    assert read_with("release:second", this, ROWS, FIRSTS).form == {"release": "second"}


def test_whatever_the_other_side_holds_it_is_legal_and_what_was_refused_is_told():
    this = read_link({"seed": "4"}, ROWS, FIRSTS)
    gone = read_with("release:gone,seed:9", this, ROWS, FIRSTS)
    assert gone.form["release"] == "first" and gone.form["seed"] == "9"
    assert [problem.field for problem in gone.problems] == ["release"]
    assert read_with("class:99", this, ROWS, FIRSTS).form["class"] == "2"
    dice = random.Random(0)
    pieces = ["seed", ":", ",", "7", "walk", "1,2", "class:", "release:", "<b>", "\0", "psi:9e9"]
    for _ in range(1000):
        text = "".join(dice.choices(pieces, k=dice.randrange(12)))
        other = read_with(text, this, ROWS, FIRSTS)
        from_form(other.form, ROWS, strict=True)
        said = "".join(problem.text(tag) for problem in other.problems for tag in ("en", "zh-CN"))
        assert "<" not in said
    for junk in ("", "nonsense", "x" * 10**6, "seed"):
        assert [each.field for each in read_with(junk, this, ROWS, FIRSTS).problems] == ["with"]
