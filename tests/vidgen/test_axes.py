"""Axes over a form: every cell is the single clip of the same form, and nothing is too much."""

from dataclasses import replace

import numpy as np
import pytest
from lively_release import ship_lively
from standin import ROWS

from vidgen.axes import AXES, MAX_CELL_PIXELS, MAX_CELLS, read_cells
from vidgen.engine import Engine
from vidgen.hub import open_shelf
from vidgen.legal import RequestError
from vidgen.request import from_form
from vidgen.service import Service


def test_cells_are_the_form_with_its_keys_replaced_row_by_row():
    form = {"class": "1", "seed": "5", "psi": "0.5"}
    cells = read_cells({**form, "x": "motion:1,2,3", "y": "psi:0,1"}, ROWS)
    asked = [{**form, "motion": m, "psi": psi} for psi in ("0", "1") for m in ("1", "2", "3")]
    assert cells == [from_form(each, ROWS) for each in asked]
    assert read_cells({**form, "x": "class:2,0"}, ROWS) == [
        from_form({**form, "class": index}, ROWS) for index in ("2", "0")
    ]


@pytest.mark.parametrize("key", AXES)
def test_every_axis_varies_what_it_says(key):
    form = {"seed": "1", "seed_b": "2", "seed_c": "3", "t": "0.2", "u": "0.3", "motion_b": "9",
            "motion_t": "0.5", "class_b": "2", "mix": "0.5"}  # fmt: skip
    if key == "at":
        form["walk"] = "1,2"
    one, other = read_cells({**form, "x": f"{key}:0.25,1" if key in (
        "class", "class_b", "mix", "t", "u", "at", "motion_t", "psi", "step") else f"{key}:4,5"
    }, ROWS)  # fmt: skip
    assert one != other


def test_a_closed_walk_is_a_row_that_ends_where_it_began():
    cells = read_cells({"walk": "4,5", "x": "at:0,0.5,1,1.5,2"}, ROWS)
    assert cells[0] == cells[-1] and cells[1] == cells[3]


@pytest.mark.parametrize(("form", "field", "words"), [
    ({}, "x", "x is empty; legal is KEY:v1,v2"),
    ({"x": "psi"}, "x", "legal is KEY:v1,v2"),
    ({"x": "psi:"}, "x", "x is 1 cells; legal is 2 to 64"),
    ({"x": "psi:,"}, "psi", "psi is empty; legal is a number from 0 to 1.5"),
    ({"x": "frames:8,9"}, "x", "KEY one of class, class_b"),
    ({"x": "release:first,second"}, "x", "KEY one of"),
    ({"x": "psi:1"}, "x", "x is 1 cells; legal is 2 to 64 cells"),
    ({"x": "psi:" + ",".join("1" * 65)}, "x", "up to 64 values"),
    ({"x": "psi:" + "," * 10**5}, "x", "up to 64 values"),
    ({"x": "psi:1,1", "y": "seed:" + ",".join("1" * 33)}, "x", "x is 66 cells"),
    ({"x": "psi:0,1", "y": "psi:0,1"}, "y", "y is psi; legal is another key"),
    ({"x": "psi:0,1", "y": ""}, "y", "y is empty; legal is KEY"),
    ({"x": "psi:0,1.6"}, "psi", "psi is 1.6; legal is a number from 0 to 1.5"),
    ({"x": "class:0,3"}, "class", "class is 3; legal is a number from 0 to 2"),
    ({"x": "at:0,1"}, "at", "at is 1.0; legal is a number from 0 to 0"),
    ({"x": "psi:0,<b>"}, "psi", "psi is ‹b›"),
    ({"x": "psi:0,1", "colour": "red"}, "key", "key is colour"),
    ({"x": "class:0,2", "loop": "1"}, "loop", "drop can't run in a loop"),
])  # fmt: skip
def test_what_is_not_legal_is_refused_by_name(form, field, words):
    with pytest.raises(RequestError) as caught:
        read_cells(form, ROWS)
    assert caught.value.field == field and words in str(caught.value)
    assert any("\u4e00" <= mark <= "\u9fff" for mark in caught.value.text("zh-CN"))


def test_the_cost_of_all_cells_together_is_capped_and_what_fits_is_said():
    grid = {"x": "seed:1,2,3,4,5,6,7,8", "y": "motion:1,2,3,4,5,6,7,8"}
    assert len(read_cells({**grid, "frames": "32"}, ROWS)) == MAX_CELLS
    assert MAX_CELLS * 32 * 64 * 64 == MAX_CELL_PIXELS
    words = "frames is 33 for 64 cells; legal is up to 32 for 64 cells, or 33 for up to 62 cells"
    with pytest.raises(RequestError, match=words):
        read_cells({**grid, "frames": "33"}, ROWS)
    large = [replace(ROWS[0], clip=replace(ROWS[0].clip, height=256, width=256))]
    with pytest.raises(
        RequestError, match=r"frames is 8 for 64 cells; legal is 8 for up to 16 cells\."
    ):
        read_cells({**grid, "frames": "8"}, large)


@pytest.mark.parametrize("axes", [{"x": "t:0,0.5,1"}, {"x": "class:0,1.5", "y": "psi:0.3,1"}])
def test_a_cell_is_the_single_clip_to_the_byte(tmp_path, axes):
    row, path = ship_lively(tmp_path)
    form = {"seed": "3", "seed_b": "9", "frames": "8"}
    cells = read_cells({**form, **axes}, [row])
    service = Service(open_shelf(tmp_path, extra=""))
    made = service.clips(cells)
    service.close()
    for request, clip in zip(cells, made, strict=True):
        assert clip.request == request
        assert np.array_equal(clip.frames, Engine("cpu").render(path, [request])[0])
