"""A slider is never held up by somebody's grid, and nobody works for who has left."""

import threading

import pytest
from gated_engine import GatedEngine, Shelf, ask
from standin import wait_until

from vidgen.request import RequestError
from vidgen.service import Busy, Closed, Gone, Service


class StepEngine(GatedEngine):
    """Makes one batch each time that it is let."""

    def __init__(self, device="cpu"):
        super().__init__(device)
        self.steps = threading.Semaphore(0)

    def render(self, path, requests):
        clips = super().render(path, requests)
        assert self.steps.acquire(timeout=60)
        return clips

    def let(self, batches=1):
        self.steps.release(batches)


def waiting(service):
    return len(service._line._waiting)


def test_a_call_of_many_clips_gets_them_in_its_order_and_equal_ones_are_made_once(start):
    engine = GatedEngine()
    clips = start(engine).clips([ask(3), ask(1), ask(3, psi=1.0000001), ask(2, "second")])
    assert [int(clip.frames[0, 0, 0, 0]) for clip in clips] == [3, 1, 3, 2]
    assert [clip.request.release for clip in clips] == ["first", "first", "first", "second"]
    assert [seeds for _, seeds in engine.batches] == [[3], [1], [2]]


def test_a_grid_is_one_picture_and_is_kept(start):
    engine = GatedEngine()
    service = start(engine)
    sheet = service.grid([ask(seed) for seed in range(3)])
    assert (sheet.clips, sheet.across, sheet.columns, sheet.rows) == (3, 2, 4, 4)
    assert sheet.data.startswith(b"\xff\xd8") and not sheet.cached
    again = service.grid([ask(seed, psi=1.0000001) for seed in range(3)])
    assert again.cached and again.data == sheet.data
    assert not service.grid([ask(seed) for seed in (2, 1, 0)]).cached  # another picture
    assert len(engine.batches) == 6


def test_a_slider_waits_for_one_cell_at_most(start, callers):
    engine = StepEngine()
    service = start(engine)
    grid = callers.submit(service.clips, [ask(seed) for seed in range(20, 36)])
    assert engine.entered.acquire(timeout=60)
    for seed in (100, 101):  # the slider moves twice while the grid is made
        slider = callers.submit(service.sheet, ask(seed))
        wait_until(lambda: any(job.single for job in service._line._waiting))
        engine.let(2)  # the cell that was begun, and then the slider's
        assert slider.result(60).frames == 16
    engine.let(16)
    assert len(grid.result(60)) == 16
    order = [seed for _, seeds in engine.batches for seed in seeds]
    assert order == [20, 100, 21, 101, *range(22, 36)]


def test_on_a_gpu_a_slider_waits_for_one_chunk_at_most(start, callers):
    engine = StepEngine("cuda")
    service = start(engine)
    grid = callers.submit(service.clips, [ask(seed) for seed in range(20, 60)])
    assert engine.entered.acquire(timeout=60)
    slider = callers.submit(service.generate, ask(100))
    wait_until(lambda: any(job.single for job in service._line._waiting))
    engine.let(60)
    assert slider.result(60) and grid.result(60)
    sizes = [len(seeds) for _, seeds in engine.batches]
    assert sizes == [16, 1, 16, 8]


def test_a_cell_that_somebody_looks_at_is_no_longer_a_cell(start, callers):
    engine = StepEngine()
    service = start(engine)
    grid = callers.submit(service.clips, [ask(seed) for seed in range(6)])
    assert engine.entered.acquire(timeout=60)
    looked_at = callers.submit(service.sheet, ask(4))
    wait_until(lambda: any(job.single for job in service._line._waiting))
    engine.let(6)
    assert looked_at.result(60) and grid.result(60)
    assert [seed for _, seeds in engine.batches for seed in seeds] == [0, 4, 1, 2, 3, 5]


def test_what_nobody_waits_for_any_more_is_not_made(start, callers):
    engine = StepEngine()
    service = start(engine)
    gone = threading.Event()
    left = callers.submit(service.clips, [ask(seed) for seed in range(8)], gone)
    assert engine.entered.acquire(timeout=60)
    stays = callers.submit(service.clips, [ask(5), ask(6), ask(20)])
    looks = callers.submit(service.generate, ask(7))
    wait_until(lambda: waiting(service) == 8 and any(j.single for j in service._line._waiting))
    gone.set()
    engine.let(5)
    with pytest.raises(Gone):
        left.result(60)
    assert len(stays.result(60)) == 3 and (looks.result(60).frames == 7).all()
    assert [seed for _, seeds in engine.batches for seed in seeds] == [0, 7, 5, 6, 20]
    assert not service._line._flying and not service._line._calls
    engine.let(1)
    assert (service.generate(ask(1)).frames == 1).all()  # a later caller is served


def test_many_calls_of_many_clips_are_told_to_come_again_and_sliders_are_not(start, callers):
    engine = StepEngine()
    service = start(engine, max_calls=2, max_waiting=2)
    calls = [callers.submit(service.clips, [ask(10 * k + i) for i in range(5)]) for k in (2, 3)]
    wait_until(lambda: waiting(service) == 9)
    with pytest.raises(Busy) as caught:
        service.clips([ask(1), ask(2)])
    assert caught.value.retry_after >= 1
    sliders = [callers.submit(service.generate, ask(seed)) for seed in (100, 101)]
    wait_until(lambda: waiting(service) == 11)
    with pytest.raises(Busy):
        service.generate(ask(102))
    engine.let(13)
    for each in (*calls, *sliders):
        each.result(60)
    assert len(service.clips([ask(1)])) == 1


def test_when_a_cell_fails_the_call_fails_and_the_rest_is_not_made(start, callers):
    engine = StepEngine()
    service = start(engine)
    call = callers.submit(service.clips, [ask(seed) for seed in (12, 13, 14, 15)])
    assert engine.entered.acquire(timeout=60)
    engine.let(1)  # 13 needs none
    with pytest.raises(ArithmeticError, match="thirteen"):
        call.result(60)
    wait_until(lambda: not service._line._calls)
    engine.let(2)
    assert (service.generate(ask(20)).frames == 20).all()
    made = [seed for _, seeds in engine.batches for seed in seeds]
    assert made in ([12, 13, 20], [12, 13, 14, 20])  # one may have begun meanwhile


def test_one_illegal_request_refuses_the_call_before_anything_is_made(start):
    engine = GatedEngine()
    with pytest.raises(RequestError, match=r"psi is 7\.0"):
        start(engine).clips([ask(1), ask(2, psi=7.0)])
    assert engine.batches == []


def test_closing_frees_who_waits_for_many(callers):
    engine = GatedEngine(open_gate=False)
    service = Service(Shelf(), engine)
    call = callers.submit(service.clips, [ask(seed) for seed in range(5)])
    assert engine.entered.acquire(timeout=60)
    closing = callers.submit(service.close)
    wait_until(lambda: service._line._closed)
    engine.gate.set()
    closing.result(60)
    with pytest.raises(Closed):
        call.result(60)
    with pytest.raises(Closed):
        service.clips([ask(1)])
