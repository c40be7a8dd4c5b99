"""What is asked for is made canonical, or refused with the field, the value and the legal range."""

import itertools
import pickle
from dataclasses import replace

import pytest

from vidgen.config import ClassName, ClipShape
from vidgen.request import (
    FORM_KEYS,
    LIMITS,
    ClipRequest,
    RequestError,
    between,
    frame_limits,
    from_form,
    to_form,
    validate,
)
from vidgen.rows import Row

CLASSES = tuple(ClassName(str(k), f"数字{k}", loops=k != 9) for k in range(10))
SHAPE = ClipShape(frames=16, channels=1, height=64, width=64)
TITLE = {"en": "Digits", "zh": "数字"}
ROW = Row("digits-64", TITLE, "digits.safetensors", 1000, "0" * 64, CLASSES, SHAPE, 16.0)
PLAIN = ClipRequest("digits-64", ((7, 1.0),), ((3, 1.0),), ((1, 1.0),))
MARKUP = "<img src=x onerror=alert(1)>"


def test_mixes_are_sorted_merged_and_sum_to_one():
    asked = replace(
        PLAIN,
        classes=((5, 0.25), (2, 0.5), (5, 0.25)),
        content=[(9, 0.3333), (4, 0.3333), (1, 0.3333)],
        motion=((1, 0.0), (2, 1.0)),
    )
    clean = validate(asked, ROW)
    assert clean.classes == ((2, 0.5), (5, 0.5))
    assert [seed for seed, _ in clean.content] == [1, 4, 9]
    assert sum(round(1000 * weight) for _, weight in clean.content) == 1000
    assert clean.motion == ((2, 1.0),)


@pytest.mark.parametrize("psi", [0.1 + 0.2, 0.30004, 0.3])
def test_equal_requests_have_one_canonical_form(psi):
    assert validate(replace(PLAIN, psi=psi), ROW) == validate(replace(PLAIN, psi=0.3), ROW)
    mirrored = replace(PLAIN, content=((8, psi), (3, 1 - psi)))
    straight = replace(PLAIN, content=((3, 0.7), (8, 0.3)))
    assert hash(validate(mirrored, ROW)) == hash(validate(straight, ROW))


def test_validating_twice_changes_nothing():
    for thirds, step in itertools.product((0.1, 0.3337, 0.5), (0.125, 0.7777, 1, 2)):
        asked = replace(PLAIN, content=((1, thirds), (2, 1 - thirds)), step=step, psi=1 / 3)
        once = validate(asked, ROW)
        assert validate(once, ROW) == once


BAD = [
    ("classes", "class", 7), ("classes", "class", ()), ("classes", "class", ((10, 1.0),)),
    ("classes", "class", ((-1, 1.0),)), ("classes", "class", ((True, 1.0),)),
    ("classes", "class", ((1, 0.5),)), ("classes", "class", ((1, 1.5), (2, -0.5))),
    ("classes", "class", ((1, float("nan")),)), ("classes", "class", ((0, 0.05),) * 20),
    ("classes", "class", ((1, 1.0, 2),)), ("classes", "class", MARKUP),
    ("content", "seed", ((2**32, 1.0),)), ("content", "seed", ((0.5, 1.0),)),
    ("content", "seed", (("3", 1.0),)), ("content", "seed", ((10**5000, 1.0),)),
    ("motion", "motion", ((-1, 1.0),)), ("motion", "motion", None),
    ("psi", "psi", float("nan")), ("psi", "psi", float("inf")), ("psi", "psi", -0.001),
    ("psi", "psi", 1.501), ("psi", "psi", "1"), ("psi", "psi", True), ("psi", "psi", 10**400),
    ("frames", "frames", 7), ("frames", "frames", 65), ("frames", "frames", 16.5),
    ("frames", "frames", float("nan")), ("frames", "frames", MARKUP),
    ("start", "start", -1), ("start", "start", 57), ("step", "step", 0), ("step", "step", 5),
    ("step", "step", float("-inf")), ("loop", "loop", 1), ("loop", "loop", "false"),
    ("release", "release", "nothing"), ("release", "release", MARKUP),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "value"), BAD)
def test_what_is_not_legal_is_refused_by_name_in_both_languages(name, field, value):
    with pytest.raises(RequestError) as caught:
        validate(replace(PLAIN, **{name: value}), ROW)
    error = caught.value
    assert error.field == field
    for text in (str(error), error.text("zh-CN")):
        assert error.value in text and len(error.value) <= 41 and len(text) < 300
        assert not set('<>&"\n') & set(text)
    assert error.legal in str(error) and field in str(error)
    assert any("\u4e00" <= mark <= "\u9fff" for mark in error.text("zh-CN"))
    assert str(error) == error.text("en") != error.text("zh")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # it may cross a process


def test_an_error_says_the_value_and_the_range():
    with pytest.raises(RequestError) as caught:
        validate(replace(PLAIN, psi=1.75), ROW)
    assert str(caught.value) == "psi is 1.75; legal is a number from 0 to 1.5."
    assert caught.value.text("zh-CN") == "截断 psi为 1.75，不可用；允许的是 0 到 1.5 的数。"


@pytest.mark.parametrize("key", ["psi", "frames", "start", "step"])
def test_both_ends_of_a_range_are_legal(key):
    for end in LIMITS[key]:
        asked = replace(PLAIN, frames=8, step=0.125) if key == "start" else PLAIN
        asked = replace(asked, step=1) if key == "frames" else asked
        asked = replace(asked, **{key: int(end) if key == "frames" else end})
        assert getattr(validate(asked, ROW), key) == end


def test_times_end_where_training_ended():
    assert validate(replace(PLAIN, frames=64, start=1), ROW).frames == 64  # last one at 64
    with pytest.raises(RequestError, match=r"step is 1\.0; legal is up to 0\.984 for 64 frames"):
        validate(replace(PLAIN, frames=64, start=2), ROW)
    remedy = replace(PLAIN, frames=64, start=2, step=0.984)
    assert validate(remedy, ROW) == remedy


def test_loops_close_within_what_was_trained_and_only_where_the_class_may():
    assert validate(replace(PLAIN, frames=64, loop=True), ROW).loop
    with pytest.raises(RequestError, match="loop is True; legal is frames x step up to 64"):
        validate(replace(PLAIN, frames=32, step=2.05, loop=True), ROW)
    with pytest.raises(RequestError, match="9 can't run in a loop"):
        validate(replace(PLAIN, classes=((8, 0.999), (9, 0.001)), loop=True), ROW)
    assert validate(replace(PLAIN, classes=((8, 1.0), (9, 0.0)), loop=True), ROW).loop


def test_large_pictures_have_fewer_frames():
    large = replace(ROW, clip=replace(SHAPE, height=256, width=256))
    assert frame_limits(ROW) == (8, 64)
    assert frame_limits(large) == (8, 32)
    assert frame_limits(replace(ROW, max_frames=24)) == (8, 24)
    with pytest.raises(RequestError, match="frames is 33; legal is a whole number from 8 to 32"):
        validate(replace(PLAIN, frames=33), large)


def test_a_release_of_fixed_times_makes_no_frames_between_them():
    fixed = replace(ROW, continuous_time=False)
    assert validate(replace(PLAIN, frames=12), fixed).step == 1
    with pytest.raises(RequestError, match=r"step is 0\.5; legal is 1"):
        validate(replace(PLAIN, step=0.5), fixed)
    with pytest.raises(RequestError, match="start is 2; legal is 0"):
        validate(replace(PLAIN, start=2), fixed)


def test_a_family_is_asked_for_nothing_that_it_cannot_do():
    poor = replace(ROW, loops=False, motion=False, parts=("mask", "background"))
    assert validate(PLAIN, replace(poor, motion=True)) == PLAIN
    with pytest.raises(RequestError, match=r"loop is True; legal is false: .* can't run in a loop"):
        validate(replace(PLAIN, motion=((0, 1.0),), loop=True), poor)
    with pytest.raises(RequestError, match="motion is 5; legal is 0"):
        validate(replace(PLAIN, motion=((5, 1.0),)), poor)
    with pytest.raises(RequestError, match="motion_b is 5; legal is 0"):
        from_form({"motion_b": "5"}, [poor])
    assert from_form({"motion": "0", "motion_t": "0.5"}, [poor]).motion == ((0, 1.0),)


def test_a_part_is_one_that_the_release_shows():
    row = replace(ROW, parts=("mask", "background"))
    asked = from_form({"part": "mask"}, [row], strict=True)
    assert asked == replace(from_form({}, [row]), part="mask")
    assert to_form(asked)["part"] == "mask" and from_form(to_form(asked), [row]) == asked
    assert from_form({"part": ""}, [row]) == from_form({}, [row])
    with pytest.raises(RequestError, match="part is scene; legal is mask, background, or nothing"):
        from_form({"part": "scene"}, [row])
    with pytest.raises(RequestError, match="part is mask; legal is nothing: no part can be seen"):
        from_form({"part": "mask"}, [ROW])
    for wrong in (None, 3, ["mask"]):
        with pytest.raises(RequestError, match="part is"):
            validate(replace(PLAIN, part=wrong), row)


def test_the_class_slider_morphs_between_neighbours():
    assert between(3) == ((3, 1.0),)
    assert between(3.4) == ((3, 0.6), (4, 0.4))
    assert between(8.9999) == ((9, 1.0),)


FORMS = [
    {}, {"class": "9"}, {"class": "3.4"}, {"class": "0.001"}, {"seed": "4294967295"},
    {"seed": "5", "seed_b": "9", "t": "0.25"}, {"seed": "9", "seed_b": "5", "t": "0.25"},
    {"seed": "5", "seed_b": "9", "t": "1"}, {"seed": "5", "seed_b": "5", "t": "0.4"},
    {"motion": "12", "psi": "0.7", "frames": "64", "start": "0.5", "step": ".5", "loop": "1"},
    {"psi": "7e-1"}, {"psi": "+1.25"}, {"frames": "16.0"},
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_round_trip_keeps_the_request(form):
    request = from_form({"release": "digits-64"} | form, [ROW], strict=True)
    written = to_form(request)
    assert set(written) == {
        "release", "class", "seed", "seed_b", "t", "motion", "psi", "frames", "start", "step",
        "loop",
    }  # fmt: skip
    assert [key for key in FORM_KEYS if key in written] == list(written)
    assert from_form(written, [ROW], strict=True) == request


def test_an_empty_form_is_the_first_release_with_defaults():
    other = replace(ROW, name="phenomena-64")
    request = from_form({}, [other, ROW])
    assert request == ClipRequest("phenomena-64", ((0, 1.0),), ((0, 1.0),), ((0, 1.0),))
    assert from_form({}, [replace(ROW, max_frames=12)]).frames == 12


def test_t_goes_from_seed_to_seed_b():
    form = {"seed": "5", "seed_b": "9"}
    assert from_form(form | {"t": "0"}, [ROW]) == from_form({"seed": "5"}, [ROW])
    assert from_form(form | {"t": "1"}, [ROW]) == from_form({"seed": "9"}, [ROW])
    assert from_form(form | {"t": "0.25"}, [ROW]).content == ((5, 0.75), (9, 0.25))


WRONG = ["", "nan", "inf", "-1", "1e999", "9" * 5000, "7;", "٧", "0x7", "1_0", "None", MARKUP]


@pytest.mark.parametrize(
    ("key", "text"), [(k, t) for k in FORM_KEYS for t in WRONG if (k, t) != ("part", "")]
)
def test_a_form_refuses_by_the_name_of_the_key(key, text):
    with pytest.raises(RequestError) as caught:
        from_form({key: text}, [ROW])
    assert caught.value.field == key


def test_unknown_keys_are_refused_by_the_route_and_ignored_in_links():
    with pytest.raises(RequestError, match="key is clas; legal is release, class, class_b, "):
        from_form({"clas": "1"}, [ROW], strict=True)
    assert from_form({"clas": "1", MARKUP: MARKUP}, [ROW]) == from_form({}, [ROW])


def test_an_unknown_release_lists_those_that_are_there():
    with pytest.raises(RequestError, match="release is nothing; legal is digits-64"):
        from_form({"release": "nothing"}, [ROW])
    with pytest.raises(RequestError, match="no release is there"):
        from_form({}, [])


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ((1, 0.2), (3, 0.2), (5, 0.6))},
        {"classes": ((1, 0.2), (2, 0.2), (3, 0.2), (6, 0.2), (7, 0.2))},
        {"content": ((1, 0.7), (2, 0.1), (3, 0.1), (4, 0.1))},  # no point of any plane
        {"content": ((1, 0.2), (2, 0.2), (3, 0.2), (4, 0.2), (5, 0.2))},
        {"motion": ((1, 0.5), (2, 0.3), (3, 0.2))},
    ],
)
def test_mixes_beyond_the_sliders_have_no_form(change):
    with pytest.raises(ValueError, match="has no form"):
        to_form(validate(replace(PLAIN, **change), ROW))
