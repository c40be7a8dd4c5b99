"""The routes of preparing videos: for this machine's own page alone, strict in what they take."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from standin import StandInShelf, wait_until
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vidgen.datasets import DataSet
from vidgen.jobs import OUTPUT
from vidgen.plan import Plan
from vidgen.preparation import Preparation
from vidgen.runs import Run
from vidgen.training import Training
from vidgen.ui.prepare import PrepareRoutes

HOME = "http://127.0.0.1:7860"
VERBS = ("begin", "resume", "stop", "delete")
# What stands in for `python -m train`: says what it was asked, and works until it is stopped.
WORKER = "import json, sys, time; print(json.dumps(sys.argv[1:]), flush=True); time.sleep(600)"


@pytest.fixture
def training(tmp_path):
    program = (sys.executable, "-c", WORKER)
    yield Training(tmp_path / "runs", tmp_path / "checkpoints", StandInShelf(), program)
    for folder in (tmp_path / "data").glob("*"):
        if process := DataSet(folder).process:
            process.send(signal.SIGKILL)


@pytest.fixture
def here(training) -> TestClient:
    return client(training)


def client(training: Training, home: str = HOME, who: str = "127.0.0.1") -> TestClient:
    app = Starlette(routes=PrepareRoutes(training.preparing).table())
    return TestClient(app, base_url=home, client=(who, 50000))


@pytest.fixture
def videos(tmp_path):
    (tmp_path / "my videos").mkdir()
    return tmp_path / "my videos"


@pytest.mark.parametrize(
    ("home", "who", "headers"),
    [
        ("http://evil.example:7860", "127.0.0.1", {}),
        (HOME, "192.168.1.9", {}),
        (HOME, "127.0.0.1", {"X-Forwarded-For": "1.2.3.4"}),
        (HOME, "127.0.0.1", {"Origin": "https://evil.example"}),
        (HOME, "127.0.0.1", {"Origin": "http://127.0.0.1:9999"}),
        (HOME, "127.0.0.1", {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_nobody_else_gets_anything(training, tmp_path, videos, home, who, headers):
    DataSet(tmp_path / "data" / "mine").write_plan(Preparation(str(videos), 16, 8, 4))
    there = client(training, home, who)
    for path in ("sets", "set?set=mine", "sheet?set=mine&label=0"):
        assert there.get(f"/train/{path}", headers=headers).status_code == 403
    for verb in VERBS:
        body = {"set": "mine", "source": str(videos)}
        answer = there.post(f"/train/prepare/{verb}", json=body, headers=headers)
        assert answer.status_code == 403 and answer.json()["message"]
        assert there.get(f"/train/prepare/{verb}").status_code == 405
        form = {"Content-Type": "text/plain", **headers}
        plain = client(training).post(f"/train/prepare/{verb}", content="{}", headers=form)
        assert plain.status_code == 403
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["mine"]
    assert not (tmp_path / "data" / "mine" / OUTPUT).exists()


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("source", {"source": ""}),
        ("source", {"source": "/no/such/folder"}),
        ("source", {"source": "a\0b"}),
        ("source", {"source": ["/"]}),
        ("size", {"size": 50}),
        ("size", {"size": 512}),
        ("size", {"size": "64"}),
        ("fps", {"fps": 0.5}),
        ("fps", {"fps": float("nan")}),
        ("frames", {"frames": 65}),
        ("frames", {"frames": 8.5}),
        ("crop", {"crop": "wide"}),
        ("crop", {"crop": ["fit"]}),
        ("short", {"short": "drop"}),
        ("longest", {"longest": 0}),
        ("licence", {"licence": "<b>"}),
        ("credit", {"credit": "two\nlines"}),
        ("name", {"name": "../up"}),
        ("name", {"name": "-rf"}),
        ("name", {"name": ".prepare"}),
    ],
)
def test_what_is_asked_is_checked(here, tmp_path, videos, field, asked):
    answer = here.post(
        "/train/prepare/begin",
        content=json.dumps({"source": str(videos), **asked}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422 and answer.json()["field"] == field
    assert not (tmp_path / "data").exists()


def test_a_preparation_is_begun_stopped_gone_on_with_and_deleted(here, tmp_path, videos):
    asked = {"source": str(videos), "size": 32, "fps": 12.5, "frames": 8, "crop": "smart",
             "short": "ping-pong", "loops": True, "licence": "MIT", "credit": "--me"}  # fmt: skip

    def post(verb: str, **body: object):
        return here.post(f"/train/prepare/{verb}", json=body)

    told = post("begin", **asked).json()
    assert (told["name"], told["standing"], told["deletable"]) == ("my-videos", "preparing", False)
    found = DataSet(tmp_path / "data" / "my-videos")
    wait_until(lambda: (found.folder / OUTPUT).read_bytes().endswith(b"\n"))
    assert json.loads((found.folder / OUTPUT).read_text()) == [
        "prepare", str(videos), "--size=32", "--fps=12.5", "--frames=8", "--crop=smart",
        "--short=ping-pong", "--longest=60.0", "--loops", "--licence=MIT", "--credit=--me",
        f"--out={found.folder}",
    ]  # fmt: skip
    assert "my-videos is being prepared" in post("begin", **asked).json()["message"]
    assert post("resume", set="my-videos").status_code == 409
    assert post("delete", set="my-videos").status_code == 409
    found.tell(3, 7)
    (told,) = here.get("/train/sets").json()["sets"]
    assert (told["done"], told["of"], told["root"]) == (3, 7, str(found.folder))
    assert post("stop", set="my-videos").status_code == 200
    wait_until(lambda: found.standing == "stopped")
    assert post("stop", set="my-videos").status_code == 409
    told = here.get("/train/set?set=my-videos").json()
    assert told["goes_on"] and told["deletable"] and told["summary"] is None
    assert post("resume", set="my-videos").json()["standing"] == "preparing"
    assert len((found.folder / OUTPUT).read_text().splitlines()) <= 2  # appended to
    post("stop", set="my-videos")
    wait_until(lambda: found.process is None)
    run = Run(tmp_path / "runs" / "one")
    run.write_plan(Plan("auto", str(found.folder), data="folder"))
    run.claim(os.getpid())
    assert "one is in training on it" in post("delete", set="my-videos").json()["message"]
    run.leave(0)
    for name in ("..", "", "../runs/one", None, str(found.folder)):
        assert post("delete", set=name).status_code == 422
    assert post("delete", set="my-videos").json() == {"deleted": "my-videos"}
    assert not any((tmp_path / "data").iterdir()) and videos.is_dir() and run.folder.is_dir()


def test_what_lies_in_a_folder_is_not_trusted(here, tmp_path, videos):
    data = tmp_path / "data"
    for name, plan in (
        ("null", {"source": "/a\0b", "size": 16, "fps": 8, "frames": 4}),
        ("near", {"source": "a", "size": 16, "fps": 8, "frames": 4}),
        ("deep", {"source": "/a", "size": {"a": []}, "fps": 8, "frames": 4}),
    ):
        (data / name).mkdir(parents=True)
        (data / name / ".prepare.lock").touch()
        (data / name / "asked.json").write_text(json.dumps({"format": 1, **plan}))
    assert here.get("/train/sets").json() == {"sets": []}
    whole = DataSet(data / "whole")
    whole.write_plan(Preparation(str(videos), 16, 8, 4))
    for manifest in ("", "{", "[]", '{"format": 1}', '{"format": 2}', "9" * 9999, "[" * 99999):
        (whole.folder / "manifest.json").write_text(manifest)
        assert here.get("/train/set?set=whole").json()["summary"] is None
    strange = {"source": "a\n\udce9.mp4", "label": 0, "count": 9, "seconds": 2.26, "notes": ["x"],
               "split": "train"}  # fmt: skip
    manifest = {"format": 1, "title": "Mine", "fps": 8.0, "videos": [strange],
                "clip": {"frames": 4, "width": 16, "channels": 3},
                "classes": [{"en": "ball", "zh": "球"}],
                "left_out": [["b.mp4", "is empty"]] * 99}  # fmt: skip
    (whole.folder / "manifest.json").write_text(json.dumps(manifest))
    told = here.get("/train/set?set=whole").json()["summary"]
    assert told["classes"] == [
        {"name": {"en": "ball", "zh": "球"}, "videos": 1, "clips": 2, "seconds": 2.3, "held": 0}
    ]
    assert told["odd"]["few"] == [["a··.mp4", "x"]]
    assert told["left_out"]["count"] == 99 and len(told["left_out"]["few"]) == 12
    (whole.folder / "sheets").mkdir()
    (whole.folder / "sheets" / "000-ball.png").write_bytes(b"\x89PNG")
    sheet = here.get("/train/sheet?set=whole&label=0")
    assert sheet.content == b"\x89PNG" and sheet.headers["x-content-type-options"] == "nosniff"
    for label in ("1", "-1", "x", "../0", "99999", "*"):
        assert here.get(f"/train/sheet?set=whole&label={label}").status_code == 404
