"""The page as Gradio serves it: two public endpoints, nothing recorded, full means 503."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from standin import ROWS, StandInEngine, StandInShelf, colour_of, free_port, served, wait_until

from vidgen.request import from_form
from vidgen.service import Service
from vidgen.ui.page import MAX_WAITING, build_page
from vidgen.video import read_video

MAX_SEED = 2**32 - 1


@pytest.fixture(scope="module")
def engine() -> StandInEngine:
    return StandInEngine(seconds=0)


@pytest.fixture(scope="module")
def address(engine: StandInEngine, tmp_path_factory):
    shelf = StandInShelf()
    service = Service(shelf, engine)
    with served(service, shelf, tmp_path_factory.mktemp("checkpoints")) as address:
        yield address
    service.close()


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory) -> Client:
    return Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("got")))


def test_generate_returns_the_video_and_the_request_as_understood(client: Client):
    path, understood = client.predict(
        release="second", class_position=1, seed=MAX_SEED, frames=12, api_name="/generate"
    )
    frames = read_video(Path(path))
    asked = from_form({"release": "second", "class": "1", "seed": str(MAX_SEED)}, ROWS)
    assert len(frames) == 12
    assert abs(frames[:, 2, 2].astype(int) - colour_of(asked)).max() < 12
    assert understood["release"] == "second" and understood["class_position"] == 1
    assert understood["seed"] == MAX_SEED and understood["frames"] == 12
    again, same = client.predict(**understood, api_name="/generate")
    assert Path(again).read_bytes() == Path(path).read_bytes() and same == understood


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": MAX_SEED + 1}, f"seed is {MAX_SEED + 1}"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": "<b>"}, "seed is"),
        ({"seed": True}, "seed is"),
        ({"t": 2}, "t is 2"),
        ({"frames": 65}, "frames is 65"),
        ({"class_position": 7}, "class is 7"),
        ({"psi": None}, "psi is"),
        ({"class_position": 2, "loop": True}, "loop is"),
        ({"release": "gone"}, "release is gone"),
        ({"release": {"path": "/etc/passwd"}}, "release is"),
    ],
)
def test_generate_refuses_in_words_that_name_field_value_and_legal_range(client, given, words):
    with pytest.raises(AppError) as caught:
        client.predict(**given, api_name="/generate")
    assert words in str(caught.value) and "legal is" in str(caught.value)


def test_only_two_endpoints_are_public(client: Client):
    info = client.view_api(return_format="dict", print_info=False)
    assert isinstance(info, dict)
    assert list(info["named_endpoints"]) == ["/generate", "/path"]
    assert not info["unnamed_endpoints"]
    page = build_page(client_free_service())
    public = [fn.api_name for fn in page.fns.values() if fn.api_visibility != "private"]
    assert public == ["generate", "path"]


def client_free_service() -> Service:
    service = Service(StandInShelf(), StandInEngine())
    service.close()
    return service


def test_nothing_is_recorded_and_no_file_of_the_house_is_served(address: str):
    config = httpx.get(f"{address}/config").json()
    assert config["analytics_enabled"] is False and config["run_history"] is False
    assert config["show_error"] is False
    for path in (Path(__file__), Path(__file__).parents[3] / "app.py", "/etc/passwd"):
        assert httpx.get(f"{address}/gradio_api/file={path}").status_code in (403, 404)


def test_a_page_from_elsewhere_may_not_use_a_page_on_this_machine(address: str):
    answer = httpx.get(f"{address}/clip", headers={"Origin": "http://elsewhere.example"})
    assert answer.headers.get("Access-Control-Allow-Origin") in (None, "null", address)


def test_when_too_many_wait_the_answer_is_503_with_retry_after(address: str, engine):
    engine.open.clear()
    asked = len(engine.asked)
    url = f"{address}/gradio_api/call/v2/generate"
    try:
        answers = []
        for seed in range(MAX_WAITING + 40):
            answers.append(httpx.post(url, json={"seed": 100 + seed}))
            if answers[-1].status_code == 503:
                break
            if seed == 0:
                wait_until(lambda: len(engine.asked) > asked)
        assert answers[-1].status_code == 503
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert all(answer.status_code == 200 for answer in answers[:-1])
    finally:
        engine.open.set()
    wait_until(lambda: httpx.post(url, json={"seed": 5}).status_code == 200)


def test_routes_are_there_when_the_server_begins_to_listen(tmp_path: Path):
    """A page load can come as soon as the port answers; our routes must not come after it."""
    shelf = StandInShelf()
    service = Service(shelf, StandInEngine(seconds=0))
    seen = []
    ended = threading.Event()
    port = free_port()

    def knock() -> None:
        while not ended.is_set():
            try:
                seen.append(httpx.get(f"http://127.0.0.1:{port}/start").status_code)
            except httpx.TransportError:
                continue
            return

    knocking = threading.Thread(target=knock)
    knocking.start()
    try:
        with served(service, shelf, tmp_path, port):
            knocking.join(60)
    finally:
        ended.set()
        knocking.join()
        service.close()
    assert seen == [200]
