"""The wider form: a plane of four seeds, closed walks, any class to any class, mixed motion."""

import random

import numpy as np
import pytest
from lively_release import ship_lively

from vidgen.config import ClassName, ClipShape
from vidgen.engine import Engine
from vidgen.latent import MAX_SEED
from vidgen.legal import LIMITS, RequestError
from vidgen.request import FORM_KEYS, ClipRequest, from_form, to_form, validate
from vidgen.rows import Row

CLASSES = tuple(ClassName(f"digit {k}", f"数字{k}", loops=k != 9) for k in range(10))
SHAPE = ClipShape(frames=16, channels=1, height=64, width=64)
ROW = Row("digits", {"en": "Digits", "zh": "数字"}, "digits.safetensors", 9, "0" * 64, CLASSES,
          SHAPE, 16.0)  # fmt: skip
PLANE = {"seed": "5", "seed_b": "9", "seed_c": "2", "seed_d": "7"}


def read(**form):
    return from_form({key: str(value) for key, value in form.items()}, [ROW], strict=True)


def dice_form(dice, whole):
    """Return a legal form in which every key is given; ``whole`` is the largest seed."""
    form = {key: round(dice.uniform(0, 1), dice.choice((1, 3))) for key in ("t", "u", "mix")}
    form |= {key: dice.randint(0, whole) for key in PLANE}
    form |= {"class": round(dice.uniform(0, 9), 1), "class_b": round(dice.uniform(0, 9), 1)}
    form |= {"motion": dice.randint(0, whole), "motion_b": dice.randint(0, whole)}
    return form | {"motion_t": round(dice.uniform(0, 1), 3), "psi": round(dice.uniform(0, 1.5), 3)}


def test_old_forms_mean_what_they_meant():
    dice = random.Random(1)
    for _ in range(500):
        a, b, m = (dice.choice((3, 4, MAX_SEED)) for _ in range(3))
        t, position = round(dice.uniform(0, 1), 3), round(dice.uniform(0, 9), 3)
        low = int(position)
        above = ((low + 1, position - low),) if position > low else ()
        old = ClipRequest(
            "digits", ((low, 1 - position + low), *above), ((a, 1 - t), (b, t)), ((m, 1.0),)
        )
        form = {"class": position, "seed": a, "seed_b": b, "t": t, "motion": m}
        assert read(**form) == validate(old, ROW)


def test_what_is_neutral_changes_nothing():
    dice = random.Random(2)
    for _ in range(500):
        form = dice_form(dice, 5)
        plain = {key: form[key] for key in ("class", "seed", "seed_b", "t", "motion")}
        u0 = {**form, "u": 0, "mix": 0, "motion_t": 0, "psi": 1}
        assert read(**u0) == read(**plain)  # what else is given plays no part then
        assert read(**plain, u=form["u"]) == read(**plain)  # a plane without C and D
        assert read(**plain, mix=form["mix"], motion_t=form["motion_t"]) == read(**plain)


@pytest.mark.parametrize(
    ("t", "u", "seed"), [(0, 0, 5), (1, 0, 9), (0, 1, 2), (1, 1, 7)], ids="ABCD"
)
def test_the_corners_of_the_plane_are_the_seeds(t, u, seed):
    assert read(**PLANE, t=t, u=u) == read(seed=seed)


def test_inside_the_plane_is_bilinear_and_its_edges_are_walks():
    assert read(**PLANE, t=0.25, u=0.5).content == ((2, 0.375), (5, 0.375), (7, 0.125), (9, 0.125))
    assert read(**PLANE, t=0.3, u=1) == read(seed=2, seed_b=7, t=0.3)
    assert read(**PLANE, t=0, u=0.3) == read(seed=5, seed_b=2, t=0.3)
    assert read(**PLANE, t=1, u=0.3) == read(seed=9, seed_b=7, t=0.3)
    for t, u in ((0.001, 0.999), (0.333, 0.333), (0.5, 0.001)):
        content = read(**PLANE, t=t, u=u).content
        assert sum(round(1000 * weight) for _, weight in content) == 1000


def test_a_walk_takes_the_place_of_the_plane_and_closes():
    walk = "5,9,2"
    stations = [read(walk=walk, at=at, **PLANE, t=0.5, u=0.5) for at in range(4)]
    assert stations == [read(seed=seed) for seed in (5, 9, 2, 5)]
    assert read(walk=walk, at=0.25) == read(seed=5, seed_b=9, t=0.25)
    assert read(walk=walk, at=2.25) == read(seed=2, seed_b=5, t=0.25)
    assert read(walk="7,7,7", at=1.4) == read(seed=7)
    assert read(walk=",".join(["1"] * 15 + ["4"]), at=15) == read(seed=4)


@pytest.mark.parametrize("walk", [
    "", "5", "5,", ",5,6", "5,6,", "5, 6", "5;6", "5,-1", "5,1.5", f"5,{MAX_SEED + 1}", "5,٣",
    ",".join("1" * 17), "9" * 5000,
])  # fmt: skip
def test_a_walk_that_is_not_2_to_16_seeds_is_refused(walk):
    with pytest.raises(RequestError, match=r"walk is .*; legal is 2 to 16 seeds") as caught:
        read(walk=walk)
    assert "漫游种子" in caught.value.text("zh-CN")


def test_nothing_lies_beyond_the_end_of_a_walk():
    with pytest.raises(RequestError, match=r"at is 3\.5; legal is a number from 0 to 3, the num"):
        read(walk="1,2,3", at=3.5)
    with pytest.raises(RequestError, match=r"at is 1\.0; legal is a number from 0 to 0"):
        read(at=1)


def test_any_class_goes_to_any_class():
    assert read(**{"class": 3, "class_b": 8, "mix": 0.25}).classes == ((3, 0.75), (8, 0.25))
    assert read(**{"class": 3.5, "class_b": 8.5, "mix": 0.2}).classes == (
        (3, 0.4), (4, 0.4), (8, 0.1), (9, 0.1),
    )  # fmt: skip
    for mix, position in ((0, 3), (1, 8)):
        assert read(**{"class": 3, "class_b": 8, "mix": mix}) == read(**{"class": position})
    assert read(**{"class": 3, "class_b": 4, "mix": 0.4}) == read(**{"class": 3.4})


def test_a_mix_of_one_class_is_that_class():
    for mix in (0, 0.001, 0.333, 0.5, 1):
        assert read(**{"class": 3.3, "class_b": 3.3, "mix": mix}) == read(**{"class": 3.3})


def test_a_class_that_can_not_loop_may_be_named_but_not_mixed_in():
    assert read(**{"class": 3, "class_b": 9, "loop": 1}).loop
    with pytest.raises(RequestError, match="digit 9 can't run in a loop"):
        read(**{"class": 3, "class_b": 9, "mix": 0.001, "loop": 1})


def test_motion_goes_from_one_seed_to_another():
    assert read(motion=4, motion_b=6, motion_t=0.25).motion == ((4, 0.75), (6, 0.25))
    assert read(motion=4, motion_b=6, motion_t=1) == read(motion=6)


@pytest.mark.parametrize("key", sorted(set(LIMITS) - {"frames", "start", "step", "at"}))
def test_every_refusal_names_field_value_and_legal_range(key):
    low, high = LIMITS[key]
    for wrong in (low - 1, high + 1):
        with pytest.raises(RequestError) as caught:
            read(**{key: wrong})
        said = str(caught.value)
        assert caught.value.field == key and f"{high:.15g}" in said and key in said
        assert any("\u4e00" <= mark <= "\u9fff" for mark in caught.value.text("zh").split("为")[0])
    with pytest.raises(RequestError, match="class_b is 10; legal is a number from 0 to 9"):
        read(class_b=10)


@pytest.mark.parametrize("whole", [3, MAX_SEED])
def test_whatever_a_form_says_another_form_says_it_again(whole):
    dice = random.Random(3)
    for _ in range(300):
        request = read(**dice_form(dice, whole))
        written = to_form(request)
        assert set(written) <= set(FORM_KEYS)
        assert from_form(written, [ROW], strict=True) == request
    three = read(walk="1,2,3,4,5", at=2.75)
    assert from_form(to_form(three), [ROW]) == three


def test_however_a_point_was_reached_its_picture_is_the_same_to_the_byte(tmp_path):
    row, path = ship_lively(tmp_path)
    ways = (
        {"seed": "5", "seed_b": "9", "t": "0.4"},
        {"seed": "9", "seed_b": "5", "t": "0.6"},
        {"seed": "1", "seed_b": "1", "seed_c": "5", "seed_d": "9", "t": "0.4", "u": "1"},
        {"seed": "5", "seed_c": "9", "u": "0.4"},
        {"walk": "3,5,9", "at": "1.4"},
    )
    clips = Engine("cpu").render(path, [from_form({**way, "frames": "8"}, [row]) for way in ways])
    assert all(np.array_equal(clip, clips[0]) for clip in clips[1:])
