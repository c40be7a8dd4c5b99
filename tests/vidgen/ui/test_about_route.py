"""GET /about and /report: what is answered of a release, and how a stranger's page is locked up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tiny_release import ship_tiny

from vidgen.hub import Shelf, open_shelf
from vidgen.rows import Row
from vidgen.service import Service
from vidgen.ui.routes import Routes


class Held:
    """Real routes over a shelf with one release that has no weights; nothing is rendered."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.row = folder, ship_tiny(folder)
        self.shelf: Shelf = open_shelf(folder, "")
        self.service = Service(self.shelf)
        routes = Routes(self.service, self.shelf, folder).table()
        self.client = TestClient(Starlette(routes=routes))

    def get(self, path: str, release: str = "tiny"):
        return self.client.get(path, params={"release": release})

    def measure(self, row: Row, **numbers: object) -> None:
        metrics = {"release_sha256": row.sha256, **numbers}
        (self.folder / "tiny.metrics.json").write_text(json.dumps(metrics))


@pytest.fixture
def held(tmp_path: Path):
    held = Held(tmp_path / "checkpoints")
    yield held
    held.service.close()


def test_the_card_tells_what_the_file_says_of_itself(held):
    card = held.get("/about").json()
    assert (card["name"], card["sha256"]) == ("tiny", held.row.sha256)
    assert card["made"]["data"] == "none" and card["made"]["licence"] == "CC-BY-SA-3.0"
    assert (card["made"]["clips"], card["made"]["seconds"]) == (None, 0)  # its config says neither
    assert json.loads(card["made"]["config"]) == {"steps": 0}
    assert all(set(words) == {"en", "zh"} for words in card["limits"])
    assert any("Never loops: down." in words["en"] for words in card["limits"])
    assert (card["numbers"], card["distances"], card["shares"]) == ([], [], [])
    assert card["report"] is False


def test_the_card_tells_legal_numbers_with_their_meaning(held):
    shares = [{"class": name, "alignment": 0.5, "alignment_real": 1} for name in ("up", "down")]
    held.measure(
        held.row, alignment=0.5, intervals={"alignment": [0.4, 0.6]}, cas="<b>", psnr=[3],
        seed=10**400, per_class=shares, laws_by_class={"up": 0.25, "down": 7},
    )  # fmt: skip
    card = held.get("/about").json()
    assert [(each["name"], each["values"]) for each in card["numbers"]] == [
        ("alignment", [0.5, 0.4, 0.6])
    ]
    assert set(card["numbers"][0]["meaning"]) == {"en", "zh"}
    assert card["shares"] == [[0.5, 1, 0.25], [0.5, 1, None]]
    held.measure(held.row, per_class=shares[::-1])  # of other classes, it seems
    assert held.get("/about").json()["shares"] == []


def test_a_report_is_locked_up_wherever_it_is_opened(held):
    page = f"<!doctype html><p>{held.row.sha256[:16]}</p><script>alert(1)</script>"
    (held.folder / "tiny.report.html").write_text(page)
    held.measure(held.row)
    answer = held.get("/report")
    assert answer.text == page and held.get("/about").json()["report"] is True
    rules = {each.split()[0]: each.split()[1:] for each in
             answer.headers["Content-Security-Policy"].split("; ")}  # fmt: skip
    assert rules == {
        "sandbox": ["allow-scripts"],
        "default-src": ["'none'"],
        "img-src": ["data:"],
        "style-src": ["'unsafe-inline'"],
        "script-src": ["'unsafe-inline'"],
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_not_there_is_said_in_words(held):
    (held.folder / "tiny.report.html").write_text("<p>of nobody knows which file</p>")
    held.measure(held.row)
    for path, release in (
        ("/report", "tiny"), ("/report", "gone"), ("/about", "gone"), ("/about", "<b>"),
    ):  # fmt: skip
        answer = held.get(path, release)
        assert answer.status_code == 404 and answer.json()["message"]
        assert "<" not in answer.text


def test_a_file_that_changed_leaves_what_the_index_says(held):
    (held.folder / "tiny.safetensors").write_bytes(b"something else")
    card = held.get("/about").json()
    assert card["made"] is None and card["limits"] == []
    assert (card["name"], card["bytes"]) == ("tiny", held.row.bytes)
