"""What a release costs on this machine without a page: milliseconds, and multiplications."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from train.presets import preset
from vidgen.catalogue import make_ready
from vidgen.config import ClassName
from vidgen.hub import CHECKPOINTS, open_shelf
from vidgen.index import write_row
from vidgen.media import sheet_bytes
from vidgen.release import ReleaseInfo, save_release, sha256_of
from vidgen.request import ClipRequest
from vidgen.rows import Row, row_of

STAND_IN = "digits-64-cpu"  # the preset that is measured with random weights if nothing is shipped
_WARM, _TIMES = 5, 40


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a clip of 16 frames costs, p50 in ms, and its multiply-accumulates a frame."""

    generator_p50_ms: float
    encode_p50_ms: float
    macs_per_frame: int


@contextlib.contextmanager
def releases() -> Iterator[tuple[Path, list[Row], bool]]:
    """Give a folder of releases, their rows, and whether they are the shipped ones.

    Where nothing is shipped, one is made of random weights, which cost what trained ones do.
    """
    rows = open_shelf(CHECKPOINTS, extra="").rows()
    if rows:
        yield CHECKPOINTS, rows, True
        return
    with tempfile.TemporaryDirectory(prefix="vidgen-bench-") as folder:
        yield Path(folder), [ship_random(Path(folder))], False


def ship_random(folder: Path) -> Row:
    """Put a release of random weights into a folder, with its index and its ready-made sheet."""
    import torch

    from vidgen.generators import build

    model = preset(STAND_IN).model
    info = ReleaseInfo(
        name=STAND_IN, title={"en": "Random weights", "zh": "随机权重"}, model=model,
        classes=tuple(ClassName(str(k), str(k)) for k in range(model.classes)), fps=8.0,
        dataset={"name": "none", "fingerprint": "0" * 64}, train={}, step=0, seed=0,
        revision="0" * 40, packages={}, licence="CC0-1.0", credits="nobody",
    )  # fmt: skip
    path = folder / f"{STAND_IN}.safetensors"
    torch.manual_seed(0)
    save_release(path, build(model), info)
    row = row_of(info, path, sha256_of(path), file=path.name)
    write_row(folder, row)
    make_ready(folder, row, {})
    return row


def request_of(row: Row, seed: int) -> ClipRequest:
    """Return a canonical request for 16 frames."""
    mix = ((seed, 1.0),)
    return ClipRequest(row.name, ((seed % len(row.classes), 1.0),), mix, mix)


def cost_of(path: Path, row: Row, times: int = _TIMES) -> Cost:
    """Measure a release on the CPU, with the engine that serves the page."""
    from torch.utils.flop_counter import FlopCounterMode

    from vidgen.engine import Engine

    engine = Engine("cpu")
    seeds = iter(range(sys.maxsize))

    def render() -> list:
        return engine.render(path, [request_of(row, next(seeds))])

    frames = render()[0]
    milliseconds = p50_ms(render, times)
    encode = p50_ms(lambda: sheet_bytes(frames), times)
    with FlopCounterMode(display=False) as counter:
        render()
    macs = counter.get_total_flops() // 2 // len(frames)  # a multiply-accumulate is two
    return Cost(milliseconds, encode, macs)


def p50_ms(act: Callable[[], object], times: int = _TIMES) -> float:
    """Return the median time of an act in ms, once it is warm."""
    spent = []
    for _ in range(_WARM + times):
        begun = time.perf_counter()
        act()
        spent.append(1000 * (time.perf_counter() - begun))
    return median(spent[_WARM:])
