"""Training's routes: for this machine's own page alone, decided on the server."""

from __future__ import annotations

import json
import sys

import pytest
from standin import StandInShelf
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vidgen.plan import Plan, read_plan
from vidgen.runs import Run
from vidgen.training import Training
from vidgen.ui.guard import MAX_BODY, may_train
from vidgen.ui.slow import SlowRoutes
from vidgen.ui.train import TrainRoutes

HOME = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("training")


@pytest.fixture(scope="module")
def app(folder) -> Starlette:
    training = Training(folder / "runs", folder / "checkpoints", StandInShelf())
    return Starlette(routes=TrainRoutes(training).table() + SlowRoutes(training.slow).table())


def client(app: Starlette, home: str = HOME, who: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=home, client=(who, 50000))


@pytest.mark.parametrize(
    ("host", "env", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("::1", {}, True),
        ("127.8.9.1", {}, True),
        ("0.0.0.0", {}, False),
        ("::", {}, False),
        ("192.168.1.4", {}, False),
        ("example.org", {}, False),
        ("localhost.example.org", {}, False),
        ("127.0.0.1", {"SPACE_ID": "owner/vidgen"}, False),
        ("127.0.0.1", {"SYSTEM": "spaces"}, False),
        ("127.0.0.1", {"GRADIO_SHARE": "True"}, False),
        ("127.0.0.1", {"GRADIO_ROOT_PATH": "/proxied"}, False),
    ],
)
def test_only_a_server_for_its_own_machine_trains(host, env, allowed):
    assert may_train(host, env) is allowed


@pytest.mark.parametrize(
    ("home", "who", "headers"),
    [
        ("http://evil.example:7860", "127.0.0.1", {}),  # a name that was pointed at this machine
        ("http://localhost.evil.example", "127.0.0.1", {}),
        (HOME, "192.168.1.9", {}),
        (HOME, "127.0.0.1", {"X-Forwarded-For": "1.2.3.4"}),
        (HOME, "127.0.0.1", {"Forwarded": "for=1.2.3.4"}),
        (HOME, "127.0.0.1", {"Origin": "https://evil.example"}),
        (HOME, "127.0.0.1", {"Origin": "null"}),
        (HOME, "127.0.0.1", {"Origin": "http://127.0.0.1:9999"}),
        (HOME, "127.0.0.1", {"Sec-Fetch-Site": "cross-site"}),
        (HOME, "127.0.0.1", {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_nobody_else_gets_anything(app, folder, home, who, headers):
    there = client(app, home, who)
    for path in ("presets", "runs", "run?run=a", "moment?run=a&step=0", "picture?run=a&step=0",
                 "slow"):  # fmt: skip
        assert there.get(f"/train/{path}", headers=headers).status_code == 403
    verbs = ("begin", "resume", "pause", "ship", "delete", "slow/begin", "slow/go", "slow/end")
    for verb in verbs:
        answer = there.post(f"/train/{verb}", json={"preset": "smoke"}, headers=headers)
        assert answer.status_code == 403 and answer.json()["message"]
        assert there.get(f"/train/{verb}").status_code == 405
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_can_send_starts_nothing(app, kind):
    headers = {"Content-Type": kind, "Origin": HOME}
    answer = client(app).post("/train/begin", content=b'{"preset": "smoke"}', headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[]", 400), (b"{", 400), (b'"x"' * MAX_BODY, 413)]
)
def test_what_is_no_small_object_is_refused(app, body, status):
    headers = {"Content-Type": "application/json", "Origin": HOME}
    assert client(app).post("/train/begin", content=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("preset", {"preset": "none"}),
        ("preset", {"preset": ["smoke"]}),
        ("data", {"preset": "auto", "data": "faces"}),
        ("root", {"preset": "auto", "data": "folder"}),
        ("root", {"preset": "smoke"}),
        ("root", {"preset": "smoke", "root": " "}),
        ("root", {"preset": "smoke", "root": "/no/such/folder"}),
        ("root", {"preset": "smoke", "root": "a\0b"}),
        ("root", {"preset": "smoke", "root": 7}),
        ("steps", {"preset": "stgan-32-cpu", "steps": 0}),
        ("steps", {"preset": "stgan-32-cpu", "steps": 10**9}),
        ("seconds", {"preset": "stgan-32-cpu", "seconds": float("inf")}),
        ("name", {"preset": "stgan-32-cpu", "name": "../up"}),
        ("name", {"preset": "stgan-32-cpu", "name": "-rf"}),
    ],
)
def test_what_is_asked_is_checked(app, folder, field, asked):
    answer = client(app).post(
        "/train/begin", content=json.dumps(asked), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422 and answer.json()["field"] == field
    assert not (folder / "runs").exists()


def test_runs_are_told_in_the_language_of_who_asks(tmp_path):
    run = Run(tmp_path / "runs" / "mine")
    run.write_plan(Plan("smoke", last=20))
    run.log.write_text('{"step": 10, "clips": 40, "seconds": 2.0, "loss_g": NaN}\n')
    app = Starlette(
        routes=TrainRoutes(Training(tmp_path / "runs", tmp_path, StandInShelf())).table()
    )
    here = client(app)
    (told,) = here.get("/train/runs").json()["runs"]
    assert (told["name"], told["standing"], told["step"], told["last"]) == (
        "mine",
        "failed",
        10,
        20,
    )
    assert here.get("/train/run?run=mine").json()["curves"]["loss_g"] == [None]
    for verb in ("pause", "resume", "ship"):
        answer = here.post(f"/train/{verb}", json={"run": "mine", "name": "x"})
        assert answer.status_code == 409
    zh = here.post("/train/pause", json={"run": "mine"}, headers={"Accept-Language": "zh"})
    assert zh.json()["message"] == "mine 不在训练中。"
    assert here.get("/train/run?run=../mine").status_code == 422
    for name in ("../mine", "..", ".", "", None, "runs/mine", str(run.folder)):
        assert here.post("/train/delete", json={"run": name}).status_code == 422
    for step in ("", "-1", "1", "x", "9" * 99):
        assert here.get(f"/train/moment?run=mine&step={step}").status_code == 422
    assert told["deletable"] and run.folder.is_dir()
    assert here.post("/train/delete", json={"run": "mine"}).json() == {"deleted": "mine"}
    assert here.get("/train/runs").json() == {"runs": []} and (tmp_path / "runs").is_dir()


def test_steps_are_of_a_game_that_is_on(app, tmp_path):
    here = client(app)
    for field, path, asked in (
        ("data", "begin", {}),
        ("data", "begin", {"data": "sprites"}),
        ("data", "begin", {"data": ["phenomena-32"]}),
        ("root", "begin", {"data": "digits-32"}),
        ("root", "begin", {"data": "digits-32", "root": "/no/such/folder"}),
        ("go", "go", {"go": "leap"}),
        ("go", "go", {"go": None}),
    ):
        answer = here.post(f"/train/slow/{path}", json=asked)
        assert answer.status_code == 422 and answer.json()["field"] == field
    over = here.post("/train/slow/go", json={"go": "draw"}, headers={"Accept-Language": "zh"})
    assert over.status_code == 409 and "请重新开始" in over.json()["message"]
    assert here.post("/train/slow/end", json={}).json() == {}
    assert here.get("/train/slow").json()["told"] is None
    failed = here.post("/train/slow/begin", json={"data": "digits-32", "root": str(tmp_path)})
    assert failed.status_code == 409 and "no MNIST digits under" in failed.json()["message"]


def test_where_nothing_can_be_trained_it_says_so(tmp_path):
    program = (sys.executable, "-c", "raise SystemExit('no such module')")
    training = Training(tmp_path / "runs", tmp_path, StandInShelf(), program)
    answer = client(Starlette(routes=TrainRoutes(training).table())).get("/train/presets")
    assert answer.status_code == 409
    assert "pip install -r requirements-train.txt" in answer.json()["message"]


def test_a_plan_is_what_was_asked(tmp_path):
    presets = [{"name": "auto", "data": "folder", "needs_root": True, "steps": None}]
    asked = {"preset": "auto", "data": "folder", "root": str(tmp_path), "seconds": 90}
    assert read_plan(asked, presets) == Plan("auto", str(tmp_path), None, 90, "folder")
