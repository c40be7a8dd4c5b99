"""What waits is taken oldest first, by release, and never too much at a time."""

from collections import deque
from pathlib import Path

from gated_engine import ROWS, ask

from vidgen.batches import CPU_PIXELS, GPU_PIXELS, Job, take_batch


def jobs(*requests):
    rows = {row.name: row for row in ROWS}
    return deque(
        Job((request, rows[request.release].sha256), rows[request.release], Path(), 0.0)
        for request in requests
    )


def test_a_batch_is_capped_and_leaves_the_rest_in_order():
    waiting = jobs(*(ask(seed, frames=64) for seed in range(20)))
    batches = []
    while waiting:
        batches.append([job.key[0].content[0][0] for job in take_batch(waiting, GPU_PIXELS)])
    assert batches == [list(range(16)), [16, 17, 18, 19]]
    waiting = jobs(ask(1), ask(2))
    assert len(take_batch(waiting, CPU_PIXELS)) == 1 and len(waiting) == 1


def test_a_batch_is_of_one_release_and_a_long_clip_does_not_stop_a_short_one():
    waiting = jobs(ask(1), ask(2, "second"), ask(3, frames=64), ask(4))
    batch = take_batch(waiting, 40 * 64 * 64)  # room for two clips of 16 frames
    assert [job.key[0].content[0][0] for job in batch] == [1, 4]
    assert [job.key[0].content[0][0] for job in waiting] == [2, 3]
    assert [job.pixels for job in waiting] == [16 * 64 * 64, 64 * 64 * 64]
