"""Many clips as one picture: grids and paths that are made, walls that are there."""

from __future__ import annotations

import io
import json
import threading
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from routes_world import World
from standin import ROWS, colour_of, wait_until

from vidgen.axes import read_cells
from vidgen.request import from_form
from vidgen.wall import Wall, write_wall

VERSION = ROWS[0].sha256[:8]
SHAPE = {"frames": 16, "columns": 4, "rows": 4, "width": 64, "height": 64, "clips": 2, "across": 2}
WALL = Wall({"release": "first"}, ({"class": "0", "seed": "1"}, {"class": "1", "seed": "1"}),
            b"\xff\xd8 a wall", SHAPE, 8.0)  # fmt: skip


def pixels(answer) -> np.ndarray:
    with Image.open(io.BytesIO(answer.content)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_a_grid_shows_every_frame_of_every_cell_where_its_description_says(world: World):
    form = {"frames": "9", "x": "seed:1,2,3", "y": "class:0,1"}
    answer = world.get("/clips", **form, v=VERSION)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg"
    meta = json.loads(answer.headers["X-Sheet"])
    assert meta["clips"] == 6 and meta["frames"] == 9 and meta["fps"] == ROWS[0].fps
    picture = pixels(answer)
    for (c, asked), f in product(enumerate(read_cells(form, ROWS)), range(9)):
        left = ((c % meta["across"]) * meta["columns"] + f % meta["columns"]) * meta["width"]
        top = ((c // meta["across"]) * meta["rows"] + f // meta["columns"]) * meta["height"]
        assert abs(picture[top + 2, left + 2] - colour_of(asked)).max() < 9
        square = (16 + 6 * f) % 48  # where the stand-in draws it in this frame
        assert picture[top + 34, left + square + 6].min() > 240


def test_each_cell_is_the_single_clip_to_the_pixel(world: World):
    """Blocks begin at multiples of 8 pixels, so even the JPEG is the same."""
    grid = world.get("/clips", x="psi:0.5,1", y="seed:3,4")
    meta = json.loads(grid.headers["X-Sheet"])
    height, width = meta["rows"] * meta["height"], meta["columns"] * meta["width"]
    picture = pixels(grid)
    for c, (seed, psi) in enumerate(product(("3", "4"), ("0.5", "1"))):
        top, left = c // meta["across"] * height, c % meta["across"] * width
        alone = pixels(world.get("/clip", seed=seed, psi=psi))
        assert np.array_equal(picture[top : top + height, left : left + width], alone)


def test_a_grid_of_these_weights_may_be_kept_and_is_made_once(world: World):
    form = {"x": "t:0,0.5,1", "seed": "1", "seed_b": "2"}
    first, again = (world.get("/clips", **form, v=VERSION) for _ in range(2))
    assert first.content == again.content and len(world.engine.asked) == 3
    assert [json.loads(a.headers["X-Sheet"])["cached"] for a in (first, again)] == [False, True]
    assert "immutable" in again.headers["Cache-Control"]
    for other in ({}, {"v": "00000000"}):
        assert world.get("/clips", **form, **other).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "x"),
        ({"x": "psi"}, "x"),
        ({"x": "frames:8,9"}, "x"),
        ({"x": "psi:" + ",".join("1" * 65)}, "x"),
        ({"x": "psi:0,1", "y": "psi:0,1"}, "y"),
        ({"x": "psi:0,2"}, "psi"),
        ({"x": "seed:1,-2"}, "seed"),
        ({"x": "seed:1,2", "class": "7"}, "class"),
        ({"x": "seed:1,2", "colour": "red"}, "key"),
        ({"x": "<script>"}, "x"),
        ({"x": "seed:" + ",".join("1" * 64), "frames": "64"}, "frames"),
    ],
)
def test_what_is_not_legal_is_refused_with_field_value_and_legal_range(world: World, form, field):
    answer = world.get("/clips", **form)
    assert answer.status_code == 422 and answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["field"] == field and body["value"] and body["legal"] in body["message"]
    assert "<" not in answer.text and len(answer.text) < 1000
    assert "允许" in world.get("/clips", "zh-CN", **form).json()["message"]
    assert not world.engine.asked


def test_too_many_calls_are_told_when_to_come_again(make_world):
    world = make_world(max_calls=1)
    world.engine.open.clear()
    answers = []
    grid = threading.Thread(target=lambda: answers.append(world.get("/clips", x="seed:1,2")))
    grid.start()
    wait_until(lambda: world.engine.asked)
    full = world.get("/clips", x="seed:3,4")
    assert full.status_code == 503 and int(full.headers["Retry-After"]) >= 1
    assert full.json()["message"]
    world.engine.open.set()
    grid.join()
    assert answers[0].status_code == 200


def test_a_wall_is_there_before_any_model_is_loaded_and_says_what_each_cell_shows(
    make_world, tmp_path: Path
):
    write_wall(tmp_path, ROWS[0], WALL)
    world = make_world()
    answer = world.get("/wall", release="first", v=VERSION)
    assert answer.status_code == 200 and answer.content == WALL.data
    assert "immutable" in answer.headers["Cache-Control"]
    meta = json.loads(answer.headers["X-Sheet"])
    assert {key: meta[key] for key in SHAPE} == SHAPE and meta["ready_made"] is True
    for cell in meta["cells"]:
        assert from_form({**meta["form"], **cell}, ROWS).release == "first"
    assert world.get("/wall").headers["Cache-Control"] == "no-store"
    assert [each["wall"] for each in world.get("/start").json()["releases"]] == [True, False]
    assert not world.engine.asked


def test_the_description_of_the_largest_wall_passes_proxies(make_world, tmp_path: Path):
    cells = tuple({"class": "2", "seed": str(seed), "motion": str(seed), "loop": "0"}
                  for seed in range(64))  # fmt: skip
    shape = {**SHAPE, "clips": 64, "across": 8}
    write_wall(tmp_path, ROWS[0], Wall({"release": "first"}, cells, WALL.data, shape, 8.0))
    answer = make_world().get("/wall")
    assert answer.status_code == 200 and len(json.loads(answer.headers["X-Sheet"])["cells"]) == 64
    assert sum(len(key) + len(value) + 4 for key, value in answer.headers.items()) < 4096


def test_a_release_without_a_wall_says_which_have_one(make_world, tmp_path: Path):
    write_wall(tmp_path, ROWS[0], WALL)
    world = make_world()
    answer = world.get("/wall", release="second")
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["field"] == "release" and answer.json()["legal"].endswith(": first")
    unknown = world.get("/wall", release="<b>")
    assert unknown.status_code == 422 and "<" not in unknown.text
    assert make_world(shelf={"rows": ()}).get("/wall").status_code == 422
