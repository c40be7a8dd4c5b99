"""What waits is taken oldest first, by release, and never too much at a time."""

from collections import deque
from pathlib import Path

from gated_engine import ROWS, ask

from vidgen.batches import CELL_PIXELS, CPU_PIXELS, GPU_PIXELS, Job, take_batch


def jobs(*requests, single=True):
    rows = {row.name: row for row in ROWS}
    return deque(
        Job((request, rows[request.release].sha256), rows[request.release], Path(), 0.0, single)
        for request in requests
    )


def seeds(batch):
    return [job.key[0].content[0][0] for job in batch]


def test_a_batch_is_capped_and_leaves_the_rest_in_order():
    waiting = jobs(*(ask(seed, frames=64) for seed in range(20)))
    batches = []
    while waiting:
        batches.append(seeds(take_batch(waiting, GPU_PIXELS)))
    assert batches == [list(range(16)), [16, 17, 18, 19]]
    waiting = jobs(ask(1), ask(2))
    assert len(take_batch(waiting, CPU_PIXELS)) == 1 and len(waiting) == 1


def test_a_batch_is_of_one_release_and_a_long_clip_does_not_stop_a_short_one():
    waiting = jobs(ask(1), ask(2, "second"), ask(3, frames=64), ask(4))
    batch = take_batch(waiting, 40 * 64 * 64)  # room for two clips of 16 frames
    assert seeds(batch) == [1, 4]
    assert seeds(waiting) == [2, 3]
    assert [job.pixels for job in waiting] == [16 * 64 * 64, 64 * 64 * 64]


def test_single_clips_go_before_cells_and_never_with_them():
    waiting = jobs(*map(ask, range(20)), single=False)
    waiting.extend(jobs(ask(50), ask(51, "second"), ask(52)))
    taken = []
    while waiting:
        taken.append(seeds(take_batch(waiting, GPU_PIXELS)))
    assert taken == [[50, 52], [51], list(range(16)), [16, 17, 18, 19]]


def test_on_a_gpu_cells_come_in_chunks_that_a_slider_can_wait_for():
    waiting = jobs(*(ask(seed, frames=32) for seed in range(9)), single=False)
    batch = take_batch(waiting, GPU_PIXELS)
    assert sum(job.pixels for job in batch) == CELL_PIXELS < GPU_PIXELS
    assert len(take_batch(waiting, CPU_PIXELS)) == 1  # and on a CPU one by one
    big = jobs(ask(1, frames=64), single=False)
    assert len(take_batch(big, CPU_PIXELS)) == 1 and not big
