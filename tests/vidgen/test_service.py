"""Many callers, one engine: what is batched, made once, refused, and what goes wrong."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from gated_engine import GatedEngine, Shelf, ask
from lively_release import PLAIN, ship_lively
from standin import wait_until

from vidgen.engine import Engine
from vidgen.hub import open_shelf
from vidgen.notes import HubError, note
from vidgen.request import RequestError
from vidgen.service import Busy, Closed, Service


def fill(service, callers, engine, requests):
    """Hold the engine with one clip and let the others queue up behind it, in order."""
    futures = [callers.submit(service.generate, ask(200))]
    assert engine.entered.acquire(timeout=60)
    for count, request in enumerate(requests, start=1):
        futures.append(callers.submit(service.generate, request))
        wait_until(lambda wanted=count: len(service._line._waiting) == wanted)
    return futures


def test_a_clip_says_what_it_is_and_where_its_time_went(start):
    clip = start(GatedEngine()).generate(ask(7, psi=0.30000001))
    assert clip.frames.shape == (16, 64, 64, 3) and (clip.frames == 7).all()
    assert clip.fps == 16 and clip.device == "cpu"
    assert clip.request == ask(7, psi=0.3)  # as it was understood
    assert clip.timings.queue_ms >= 0 and clip.timings.model_ms > 0


def test_a_clip_for_which_the_release_was_loaded_says_so(start):
    service = start(GatedEngine())
    asked = [ask(1), ask(2), ask(1, "second"), ask(3)]
    cold = [service.sheet(request).timings.cold for request in asked]
    assert cold == [True, False, True, False]
    assert service.sheet(asked[0]).timings.cold  # it took what it took


def test_every_caller_gets_the_own_clip(start, callers):
    engine = GatedEngine("cuda")
    service = start(engine, max_waiting=64)
    clips = list(callers.map(lambda seed: service.generate(ask(seed)), range(20, 60)))
    assert [int(clip.frames[0, 0, 0, 0]) for clip in clips] == list(range(20, 60))
    assert engine.threads == {"vidgen-service"}  # one thread owns it


def test_a_gpu_takes_what_waits_for_one_release_as_one_batch(start, callers):
    engine = GatedEngine("cuda", open_gate=False)
    service = start(engine)
    waiting = [ask(1), ask(2, "second"), ask(3), ask(4, "second"), ask(5)]
    futures = fill(service, callers, engine, waiting)
    engine.gate.set()
    assert [future.result().request.content[0][0] for future in futures] == [200, 1, 2, 3, 4, 5]
    assert engine.batches == [("first", [200]), ("first", [1, 3, 5]), ("second", [2, 4])]


def test_on_a_cpu_nobody_waits_for_a_neighbour_in_the_same_batch(start, callers):
    engine = GatedEngine("cpu", open_gate=False)
    futures = fill(start(engine), callers, engine, [ask(1), ask(2, frames=64), ask(3)])
    engine.gate.set()
    for future in futures:
        future.result()
    assert [seeds for _, seeds in engine.batches] == [[200], [1], [2], [3]]


def callers_of(service, request):
    """Count who waits for the clip of a request that is on its way."""
    return len(service._line._flying[request, "1" * 64].done._condition._waiters)


def test_what_is_asked_for_by_many_at_a_time_is_made_once(start, callers):
    engine = GatedEngine("cuda", open_gate=False)
    service = start(engine)
    futures = fill(service, callers, engine, [ask(1)])
    futures += [callers.submit(service.sheet, ask(1, psi=1.00000001)) for _ in range(5)]
    futures += [callers.submit(service.generate, ask(200))]  # being rendered right now
    wait_until(lambda: callers_of(service, ask(1)) == 6 and callers_of(service, ask(200)) == 2)
    engine.gate.set()
    for future in futures:
        future.result()
    assert [seeds for _, seeds in engine.batches] == [[200], [1]]
    assert not service._line._flying


def test_a_sheet_is_the_clip_as_one_picture_and_is_kept(start):
    engine = GatedEngine()
    service = start(engine)
    sheet = service.sheet(ask(9))
    assert (sheet.columns, sheet.rows, sheet.frames) == (4, 4, 16)
    assert (sheet.width, sheet.height, sheet.fps, sheet.mime) == (64, 64, 16, "image/jpeg")
    assert sheet.data.startswith(b"\xff\xd8") and sheet.timings.encode_ms > 0
    assert not sheet.cached
    assert service.sheet(ask(9, psi=1.0000001)) == replace(sheet, cached=True)
    service.sheet(ask(9, "second"))  # another release is another picture
    assert engine.batches == [("first", [9]), ("second", [9])]


def test_beyond_the_queue_callers_are_told_when_to_come_again(start, callers):
    engine = GatedEngine(open_gate=False)
    service = start(engine, max_waiting=3)
    futures = fill(service, callers, engine, [ask(1), ask(2), ask(3)])
    with pytest.raises(Busy) as caught:
        service.sheet(ask(4))
    assert caught.value.retry_after >= 1 and "try again in" in str(caught.value)
    joined = callers.submit(service.generate, ask(2))  # no new work: not refused
    engine.gate.set()
    assert (joined.result().frames == 2).all()
    for future in futures:
        future.result()
    assert (service.generate(ask(4)).frames == 4).all()


def test_an_engines_error_reaches_its_caller_and_nobody_else(start, callers):
    engine = GatedEngine("cuda", open_gate=False)
    service = start(engine)
    futures = fill(service, callers, engine, [ask(12), ask(13), ask(14)])
    engine.gate.set()
    with pytest.raises(ArithmeticError, match="thirteen"):
        futures[2].result()
    assert [(f.result().frames == seed).all() for f, seed in zip(
        futures[1::2], (12, 14), strict=True)] == [True, True]  # fmt: skip
    assert (service.generate(ask(15)).frames == 15).all()  # and the worker lives
    with pytest.raises(ArithmeticError):
        service.sheet(ask(13))  # an error is not cached as a picture


def test_an_engine_that_returns_too_little_is_an_error(start):
    engine = GatedEngine()
    engine.render = lambda path, requests: []
    with pytest.raises(AssertionError):
        start(engine).generate(ask(1))


def test_what_is_not_legal_never_reaches_the_engine(start):
    engine = GatedEngine()
    service = start(engine)
    with pytest.raises(RequestError, match="release is third; legal is first, second"):
        service.generate(ask(1, "third"))
    with pytest.raises(RequestError, match=r"psi is 7\.0"):
        service.sheet(ask(1, psi=7.0))
    assert engine.batches == []


def test_a_release_that_was_lost_is_the_callers_error(start):
    engine = GatedEngine()
    service = start(engine)

    def lost(name):
        raise HubError(note("missing", name, file="first.safetensors"))

    service._shelf.path = lost
    with pytest.raises(HubError, match="is not there"):
        service.generate(ask(1))
    assert engine.batches == [] and not service._line._flying


def test_close_ends_the_thread_and_frees_who_waits(callers):
    engine = GatedEngine(open_gate=False)
    service = Service(Shelf(), engine)
    futures = fill(service, callers, engine, [ask(1), ask(2)])
    closing = callers.submit(service.close)
    wait_until(lambda: service._line._closed)
    engine.gate.set()
    closing.result()
    assert (futures[0].result().frames == 200).all()  # what was begun is finished
    for future in futures[1:]:
        with pytest.raises(Closed):
            future.result()
    assert not service._thread.is_alive()
    with pytest.raises(Closed):
        service.generate(ask(3))
    service.close()  # again does no harm


def test_the_engine_is_imported_by_the_worker_and_its_absence_is_an_error(monkeypatch, start):
    monkeypatch.setitem(sys.modules, "vidgen.engine", None)
    service = start(None)
    with pytest.raises(ImportError):
        service.generate(ask(1))
    with pytest.raises(ImportError):  # and the worker lives
        service.generate(ask(2))


def test_the_real_engine_is_made_where_none_is_given(tmp_path):
    _, path = ship_lively(tmp_path)
    service = Service(open_shelf(tmp_path, extra=""))
    clip = service.generate(PLAIN)
    service.close()
    assert np.array_equal(clip.frames, Engine("cpu").render(path, [PLAIN])[0])
    assert clip.device == "cpu" and clip.fps == 8


def test_importing_the_service_brings_no_torch():
    script = "import sys, vidgen.service; print('torch' in sys.modules, 'PIL' in sys.modules)"
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.split() == ["False", "False"]
