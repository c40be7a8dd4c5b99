"""A caller who hangs up leaves no work behind: seen on the real server, with all around it."""

from __future__ import annotations

import http.client

import httpx
import pytest
from standin import StandInEngine, StandInShelf, served, wait_until

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
