"""GET export: every format as a file with a name, many clips as one, behind every slider."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from routes_world import World
from standin import ROWS, colour_of, wait_until

from vidgen.export import FORMATS
from vidgen.recipe import read_recipe
from vidgen.request import from_form, validate
from vidgen.ui import files
from vidgen.video import read_video

FORM = {"class": "1", "seed": "5", "frames": "12"}
ASKED = from_form(FORM, ROWS)


def saved(answer, folder: Path) -> Path:
    """Write the answer where a browser would, under the name that it is given."""
    assert answer.status_code == 200, answer.text
    head, name, tail = answer.headers["Content-Disposition"].split('"')
    assert (head, tail) == ("attachment; filename=", "")
    path = folder / name
    path.write_bytes(answer.content)
    return path


def shown(path: Path) -> np.ndarray:
    """Read the frames [T, H, W, 3] of a file."""
    if path.suffix in (".mp4", ".webm"):
        return read_video(path, 256)
    with Image.open(path) as picture:
        return np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(picture)])


NAMES = {
    "mp4": "first-class-1-seed-5.mp4", "webm": "first-class-1-seed-5.webm",
    "gif": "first-class-1-seed-5.gif", "webp": "first-class-1-seed-5.webp",
    "png": "first-class-1-seed-5.png", "frame": "first-class-1-seed-5-frame-3.png",
    "json": "first-class-1-seed-5.json",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_a_file_that_shows_what_was_asked(world: World, tmp_path: Path, name):
    answer = world.get("/export", **FORM, format=name, scale="2", frame="3", v="aaaaaaaa")
    path = saved(answer, tmp_path)
    assert path.name == NAMES[name]
    assert answer.headers["Content-Type"] == FORMATS[name].mime
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    recipe = read_recipe(path)
    assert (recipe.sha256, recipe.fps, recipe.scale) == (ROWS[0].sha256, ROWS[0].fps, 2)
    assert [validate(clip, ROWS[0]) for clip in recipe.clips] == [ASKED]
    if name != "json":
        frames = shown(path)
        count, side = {"png": (1, 4), "frame": (1, 1)}.get(name, (12, 1))
        assert frames.shape[0] == count and frames.shape[2] == 128 * side
        assert abs(frames[:, 2, 2].astype(int) - colour_of(ASKED)).max() < 12
    assert world.get("/export", **FORM, format=name, scale="2", frame="3").content == answer.content


def test_the_document_is_made_without_the_generator(world: World):
    assert world.get("/export", **FORM, format="json").json()["clips"][0]["content"] == [[5, 1.0]]
    assert not world.engine.asked


def test_without_a_format_it_is_an_mp4_of_a_good_size(world: World, tmp_path: Path):
    path = saved(world.get("/export", **FORM), tmp_path)
    assert path.suffix == ".mp4" and shown(path).shape == (12, 256, 256, 3)


@pytest.mark.parametrize("name", ["mp4", "webm", "gif", "webp", "json"])
def test_a_row_of_clips_is_one_file_in_their_order(world: World, tmp_path: Path, name):
    path = saved(world.get("/export", **FORM, x="seed:5,6,9", format=name), tmp_path)
    assert path.name == f"first-class-1-seed-5-3-clips.{name}"
    clips = [from_form({**FORM, "seed": seed}, ROWS) for seed in ("5", "6", "9")]
    assert [validate(clip, ROWS[0]) for clip in read_recipe(path).clips] == clips
    if name != "json":
        frames = shown(path)
        assert len(frames) == 36
        for clip, frame in zip(clips, (6, 18, 30), strict=True):
            assert abs(frames[frame, 2, 2].astype(int) - colour_of(clip)).max() < 12


def test_a_mix_without_a_form_has_a_name_too(world: World, tmp_path: Path):
    form = {"class": "0.5", "class_b": "1.5", "mix": "0.5", "seed": "3", "format": "json"}
    assert saved(world.get("/export", **form), tmp_path).name.startswith("first-class-")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"format": "exe"}, "format"),
        ({"format": "<b>"}, "format"),
        ({"scale": "9"}, "scale"),
        ({"scale": "2.5"}, "scale"),
        ({"scale": ""}, "scale"),
        ({"scale": "nan"}, "scale"),
        ({"format": "frame", "frame": "16"}, "frame"),
        ({"x": "seed:1,2", "format": "png"}, "format"),
        ({"x": "seed:1,2", "format": "frame"}, "format"),
        ({"x": "seed:1,2", "y": "psi:0,1"}, "key"),
        ({"x": "seed:1"}, "x"),
        ({"x": "colour:1,2"}, "x"),
        ({"x": "seed:" + ",".join(map(str, range(32))), "frames": "64", "scale": "3"}, "scale"),
        ({"colour": "red"}, "key"),
    ],
)
def test_what_is_not_legal_is_refused_in_words(world: World, form, field):
    for language in ("en", "zh-CN"):
        answer = world.get("/export", language=language, **form)
        assert answer.status_code == 422 and answer.json()["field"] == field
        assert answer.json()["message"] and "<" not in answer.text
    assert not world.engine.asked


def test_a_crowd_of_files_is_told_to_come_again_and_sliders_go_on(world: World, monkeypatch):
    monkeypatch.setattr(files, "_WAITING", 1)
    world.engine.open.clear()
    answers = []

    def ask(seed: int) -> None:
        answers.append(world.get("/export", **FORM | {"seed": str(seed)}))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    with world.client:  # one event loop for all of them
        for thread in threads:
            thread.start()
        wait_until(lambda: len(answers) == 5)  # two are being made and one waits
        slider = threading.Thread(target=lambda: answers.append(world.get("/clip", seed="99")))
        slider.start()
        world.engine.open.set()
        for thread in [*threads, slider]:
            thread.join()
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] * 4 + [503] * 5
    assert all(int(a.headers["Retry-After"]) >= 1 for a in answers if a.status_code == 503)
