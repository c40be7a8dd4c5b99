"""The GET routes: sheets that may be kept for ever, refusals in words, 503 when full, no 500."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import pytest
from loopback_hub import LoopbackHub
from PIL import Image
from routes_world import World
from standin import ROWS, StandInEngine, colour_of, wait_until
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tiny_release import FILE, ship_tiny

from vidgen.catalogue import Ready, write_ready
from vidgen.clip import encode_sheet
from vidgen.hub import Hub, open_shelf
from vidgen.notes import HubError, note
from vidgen.request import from_form
from vidgen.service import Service
from vidgen.ui.routes import Routes

VERSION = ROWS[0].sha256[:8]


def test_a_sheet_shows_every_frame_of_what_was_asked(world: World):
    answer = world.get("/clip", **{"class": "1", "seed": "5", "frames": "9", "v": VERSION})
    assert answer.status_code == 200
    meta = json.loads(answer.headers["X-Sheet"])
    with Image.open(io.BytesIO(answer.content)) as sheet:
        assert sheet.size == (meta["columns"] * meta["width"], meta["rows"] * meta["height"])
        asked = from_form({"class": "1", "seed": "5", "frames": "9"}, ROWS)
        for frame in range(9):
            place = (frame % meta["columns"] * 64 + 2, frame // meta["columns"] * 64 + 2)
            pixel = sheet.convert("RGB").getpixel(place)
            assert isinstance(pixel, tuple)
            assert all(abs(a - b) < 9 for a, b in zip(pixel, colour_of(asked), strict=True))
    assert meta["frames"] == 9 and meta["fps"] == ROWS[0].fps and meta["device"] == "cpu"
    assert all(meta[key] >= 0 for key in ("queue_ms", "model_ms", "encode_ms"))


def test_a_sheet_of_these_weights_may_be_kept_and_one_of_other_weights_may_not(world: World):
    assert "immutable" in world.get("/clip", v=VERSION).headers["Cache-Control"]
    for form in ({}, {"v": "00000000"}, {"v": "x" * 5000}):
        assert world.get("/clip", **form).headers["Cache-Control"] == "no-store"


def test_the_same_request_is_made_once(world: World):
    first, again = (world.get("/clip", seed="3", v=VERSION) for _ in range(2))
    assert again.content == first.content and len(world.engine.asked) == 1
    assert json.loads(again.headers["X-Sheet"])["cached"] is True


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"class": "3"}, "class"),
        ({"class": "nan"}, "class"),
        ({"seed": "-1"}, "seed"),
        ({"seed": str(2**32)}, "seed"),
        ({"seed": "9" * 5000}, "seed"),
        ({"seed_b": "1.5"}, "seed_b"),
        ({"t": "1.001"}, "t"),
        ({"motion": "inf"}, "motion"),
        ({"psi": "1e400"}, "psi"),
        ({"frames": "7"}, "frames"),
        ({"frames": "65"}, "frames"),
        ({"step": "0"}, "step"),
        ({"start": "57"}, "start"),
        ({"frames": "64", "step": "1.1"}, "step"),
        ({"loop": "2"}, "loop"),
        ({"class": "2", "loop": "1"}, "loop"),
        ({"class": "1.5", "loop": "1"}, "loop"),
        ({"release": "../../etc/passwd"}, "release"),
        ({"release": "<script>"}, "release"),
        ({"colour": "red"}, "key"),
    ],
)
def test_what_is_not_legal_is_refused_with_field_value_and_legal_range(world: World, form, field):
    for path in ("/clip", "/export"):
        answer = world.get(path, **form)
        assert answer.status_code == 422
        body = answer.json()
        assert body["field"] == field and body["value"] and body["legal"]
        assert body["legal"] in body["message"]
        assert "<" not in answer.text and len(answer.text) < 1000
        assert answer.headers["Cache-Control"] == "no-store"
    assert not world.engine.asked


def test_a_refusal_is_in_the_language_of_the_page(world: World):
    english = world.get("/clip", "en", frames="99").json()["message"]
    chinese = world.get("/clip", "zh-CN", frames="99").json()["message"]
    assert "frames is 99" in english and "帧数" in chinese


def test_a_full_service_says_when_to_come_again(make_world):
    world = make_world(max_waiting=1)
    world.engine.open.clear()
    answers = []

    def ask(seed: int) -> None:
        answers.append(world.get("/clip", seed=str(seed)))

    threads = [threading.Thread(target=ask, args=(0,))]
    threads[0].start()
    wait_until(lambda: world.engine.asked)  # one is being made; of the rest one may wait
    threads += [threading.Thread(target=ask, args=(seed,)) for seed in range(1, 6)]
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(answers) == 4)
    world.engine.open.set()
    for thread in threads:
        thread.join()
    full = [answer for answer in answers if answer.status_code == 503]
    assert len(full) == 4 and len(answers) == 6
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in full)
    assert all(answer.json()["message"] for answer in full)
    assert {answer.status_code for answer in answers} == {200, 503}


def test_a_fault_of_the_generator_is_told_in_words_and_gives_nothing_away(world: World):
    world.engine.fault = RuntimeError("/secret/path.py line 7")
    answer = world.get("/clip", "zh-CN")
    assert answer.status_code == 500
    assert "secret" not in answer.text and "服务器" in answer.json()["message"]
    world.engine.fault = HubError(note("missing", "first", file="first.safetensors"))
    answer = world.get("/clip")
    assert answer.status_code == 404 and "first.safetensors" in answer.json()["message"]
    world.engine.fault = None
    assert world.get("/clip").status_code == 200


def test_a_ready_made_sheet_shows_before_the_generator_is_asked(world: World):
    request = from_form({"class": "1", "seed": "7"}, ROWS)
    clip = world.service.generate(request)
    sheet = encode_sheet(clip)
    shape = {key: getattr(sheet, key) for key in ("frames", "columns", "rows", "width", "height")}
    write_ready(world.folder, ROWS[0], Ready(request, sheet.data, shape, sheet.fps))
    world.engine.asked.clear()
    world.engine.open.clear()
    start = world.get("/start").json()
    assert start["form"]["class"] == "1" and start["form"]["seed"] == "7"
    assert "seed_b" not in start["form"]  # A and B alike would make a walk that goes nowhere
    answer = world.get("/clip", **start["form"], v=VERSION)
    assert answer.content == sheet.data
    assert json.loads(answer.headers["X-Sheet"])["ready_made"] is True
    wait_until(lambda: world.engine.asked == [request])  # and then the model is warmed


def test_the_start_tells_releases_limits_notes_and_the_state_of_the_link(make_world):
    world = make_world(shelf={"notes": [note("slow", "owner/name")]})
    start = world.get("/start", **{"class": "99", "seed": "6", "lang": "zh-CN"}).json()
    assert [release["name"] for release in start["releases"]] == ["first", "second"]
    assert start["releases"][0]["version"] == VERSION
    assert start["limits"]["seed"] == [0, 2**32 - 1]
    assert start["form"] == {"release": "first", "class": "2", "seed": "6"}  # the nearest
    assert [set(problem) for problem in start["problems"]] == [{"en", "zh-CN"}]
    assert "owner/name" in start["notes"][0]["en"] and "owner/name" in start["notes"][0]["zh-CN"]


def test_the_start_says_whether_a_release_may_still_come(tmp_path: Path):
    ship_tiny(tmp_path / "checkpoints")
    with LoopbackHub(fault="drip-file") as server:
        revision = server.add("owner/tiny", model=FILE)
        pins = f"owner/tiny@{revision},owner/none@{revision}"
        shelf = open_shelf(tmp_path / "checkpoints", pins, Hub(server.url, tmp_path / "cache"))
        service = Service(shelf, StandInEngine())
        client = TestClient(Starlette(routes=Routes(service, shelf, tmp_path).table()))

        def told() -> tuple[bool, list[str], list[str]]:
            start = client.get("/start").json()
            notes = [note["en"].split()[0] for note in start["notes"]]
            return start["pending"], [row["name"] for row in start["releases"]], notes

        shelf.start()
        assert told() == (True, ["tiny"], ["owner/tiny", "owner/none"])
        server.fault = None
        assert shelf.wait(60)
        assert told() == (False, ["tiny", "owner/tiny"], ["owner/none"])
        service.close()


def test_a_house_without_releases_still_answers(make_world):
    world = make_world(shelf={"rows": ()})
    start = world.get("/start", seed="6").json()
    assert start["releases"] == [] and start["form"] == {}
    assert world.get("/clip").status_code == 422
