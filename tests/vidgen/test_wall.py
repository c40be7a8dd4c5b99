"""The wall: every class with several seeds, small, and only for the release it was made of."""

import dataclasses
import io
import json

import numpy as np
import pytest
from family_releases import ship_family
from lively_release import ship_lively
from PIL import Image

from vidgen import wall as walls
from vidgen.beside import paths_of
from vidgen.engine import Engine
from vidgen.hub import CHECKPOINTS
from vidgen.index import read_index
from vidgen.request import from_form
from vidgen.wall import MAX_BYTES, make_wall, read_wall


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder, its release and the wall of it: (folder, row, file, wall)."""
    folder = tmp_path_factory.mktemp("checkpoints")
    row, path = ship_lively(folder)
    return folder, row, path, make_wall(folder, row)


def test_a_wall_shows_every_class_with_several_seeds(made):
    _, row, path, wall = made
    assert [cell["class"] for cell in wall.cells] == [k for k in "012" for _ in range(8)]
    assert len({tuple(cell.items()) for cell in wall.cells}) == 24 == wall.shape["clips"]
    assert len(wall.data) <= MAX_BYTES and wall.fps == row.fps
    shape = wall.shape
    with Image.open(io.BytesIO(wall.data)) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    for place in (0, 9, 23):
        asked = from_form({**wall.form, **wall.cells[place]}, [row])
        assert asked.loop is row.classes[place // 8].loops  # it plays without a seam where it can
        clip = Engine("cpu").render(path, [asked])[0]
        for frame in (0, 5, shape["frames"] - 1):
            column, line = frame % shape["columns"], frame // shape["columns"]
            left = ((place % shape["across"]) * shape["columns"] + column) * shape["width"]
            top = ((place // shape["across"]) * shape["rows"] + line) * shape["height"]
            shown = pixels[top : top + shape["height"], left : left + shape["width"]]
            assert abs(shown - clip).mean(axis=(1, 2, 3)).argmin() == frame
            assert abs(shown - clip[frame]).mean() < 15  # random weights are noisy
    assert wall.shape["frames"] == len(clip)


def test_a_wall_is_read_back_as_it_was_made_and_not_for_other_weights(made):
    folder, row, _, wall = made
    assert read_wall(folder, row) == wall
    assert read_wall(folder, dataclasses.replace(row, sha256="c" * 64)) is None
    assert read_wall(folder, dataclasses.replace(row, name="other")) is None


@pytest.mark.parametrize("family", ["framegan", "mocogan"])
def test_a_family_that_cannot_loop_has_a_wall_too(tmp_path, family):
    row, _ = ship_family(tmp_path, family)
    assert not row.loops
    wall = make_wall(tmp_path, row)
    asked = [from_form({**wall.form, **cell}, [row]) for cell in wall.cells]
    assert len(set(asked)) == len(asked) == wall.shape["clips"] and not any(a.loop for a in asked)
    assert read_wall(tmp_path, row) == wall


def test_it_is_made_small_enough(made, tmp_path, monkeypatch):
    _, row, path, wall = made
    (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(walls, "MAX_BYTES", len(wall.data) - 1)
    coarser = make_wall(tmp_path, row)
    assert len(coarser.data) < len(wall.data) and coarser.cells == wall.cells
    monkeypatch.setattr(walls, "MAX_BYTES", len(wall.data) // 6)
    fewer = make_wall(tmp_path, row)
    assert len(fewer.data) <= len(wall.data) // 6
    assert {cell["class"] for cell in fewer.cells} == set("012") and len(fewer.cells) < 24
    assert read_wall(tmp_path, row) == fewer
    monkeypatch.setattr(walls, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="no wall of lively fits into 100 bytes"):
        make_wall(tmp_path, row)


CELLS = [{"class": "1", "seed": "2"}] * 24


@pytest.mark.parametrize("change", [
    {"format": 2}, {"clips": 23}, {"across": 25}, {"across": 0}, {"frames": 8}, {"fps": "slow"},
    {"cells": []}, {"cells": None}, {"cells": [1] * 24}, {"form": {"release": "gone"}},
    {"cells": [{**cell, "class": "9"} for cell in CELLS]},
    {"cells": [{**cell, "colour": "red"} for cell in CELLS]},
    {"cells": [{**cell, "seed": 2} for cell in CELLS]},
])  # fmt: skip
def test_a_damaged_description_is_as_good_as_none(made, tmp_path, change):
    folder, row, _, _ = made
    for here, there in zip(
        paths_of(folder, row, "wall"), paths_of(tmp_path, row, "wall"), strict=True
    ):
        there.write_bytes(here.read_bytes())
    words = json.loads(there.read_bytes())
    assert read_wall(tmp_path, row)
    there.write_text(json.dumps({**words, **change}))
    assert read_wall(tmp_path, row) is None


def test_a_shipped_wall_is_of_the_shipped_weights_and_small():
    for row in read_index(CHECKPOINTS)[0]:
        picture, description = paths_of(CHECKPOINTS, row, "wall")
        assert picture.exists() == description.exists()
        if picture.exists():
            assert picture.stat().st_size <= MAX_BYTES
            assert read_wall(CHECKPOINTS, row), f"python -m vidgen.catalogue {row.name}"
