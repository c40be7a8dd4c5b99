"""A caller who hangs up leaves no work behind: seen on the real server, with all around it."""

from __future__ import annotations

import http.client

import httpx
import pytest
from standin import StandInEngine, StandInShelf, served, wait_until

from vidgen.export import export
from vidgen.service import Service


@pytest.fixture
def world(tmp_path):
    engine, shelf = StandInEngine(seconds=0), StandInShelf()
    service = Service(shelf, engine)
    with served(service, shelf, tmp_path) as address:
        yield address, engine, service
        engine.open.set()
    service.close()


def test_a_grid_whose_caller_hung_up_is_not_made_to_the_end(world):
    address, engine, service = world
    engine.open.clear()
    values = ",".join(map(str, range(40)))
    caller = http.client.HTTPConnection(address.removeprefix("http://"))
    caller.request("GET", f"/clips?x=seed:{values}")
    wait_until(lambda: len(service._line._waiting) == 39)
    caller.close()
    wait_until(lambda: all(job.unwanted() for job in service._line._waiting))
    engine.open.set()
    wait_until(lambda: not service._line._calls and not service._line._flying)
    assert len(engine.asked) == 1
    whole = httpx.get(f"{address}/clips", params={"x": f"seed:{values}"}, timeout=60)
    assert whole.status_code == 200 and len(engine.asked) == 41  # nothing of it was kept


def test_a_path_whose_caller_hung_up_is_not_made_to_the_end(world):
    address, engine, service = world
    engine.open.clear()
    call = f"{address}/gradio_api/call/v2/path"
    said = httpx.post(call, json={"along": "seed", "clips": 40, "last": 39}).json()
    caller = http.client.HTTPConnection(address.removeprefix("http://"))
    caller.request("GET", f"/gradio_api/call/path/{said['event_id']}")
    wait_until(lambda: len(service._line._waiting) == 39)
    caller.close()
    wait_until(lambda: all(job.unwanted() for job in service._line._waiting))
    engine.open.set()
    wait_until(lambda: not service._line._calls and not service._line._flying)
    assert len(engine.asked) == 1


@pytest.mark.parametrize("name", ["gif", "mp4"])
def test_a_file_whose_caller_hung_up_is_neither_made_nor_written(world, name, monkeypatch):
    address, engine, service = world
    written = []
    monkeypatch.setattr("vidgen.ui.files.export", lambda *asked: written.append(export(*asked)))
    engine.open.clear()
    caller = http.client.HTTPConnection(address.removeprefix("http://"))
    caller.request("GET", f"/export?format={name}&x=seed:1,2,3,4,5,6,7,8")
    wait_until(lambda: len(service._line._waiting) == 7)
    caller.close()
    wait_until(lambda: all(job.unwanted() for job in service._line._waiting))
    engine.open.set()
    wait_until(lambda: not service._line._calls and not service._line._flying)
    assert len(engine.asked) == 1 and written == []
