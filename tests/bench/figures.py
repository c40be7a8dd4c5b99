"""From what was seen to the numbers of bench.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import numpy as np


class BenchError(Exception):
    """Something that the bench needs is not there, or does not start; the message says what."""


@dataclass(frozen=True)
class Drag:
    """What one drag showed.

    Attributes:
        latencies: of each value that came on screen: ms from its input event to its picture.
        lags: of each input event: ms until its value or a later one was on screen. Values that are
            never shown count here, and only here.
        updates_per_s: values shown a second, from the first input to the last picture.
        last_value_shown: whether the last value came, and stayed.
    """

    latencies: list[float]
    lags: list[float]
    updates_per_s: float
    last_value_shown: bool


@dataclass(frozen=True)
class Visit:
    """What a visitor without a browser got.

    Attributes:
        latencies: of each clip: ms from when the hand was at its value to its last byte.
        seconds: from the first value to the last clip.
        last_value_arrived: whether the clip of the last value came.
    """

    latencies: list[float]
    seconds: float
    last_value_arrived: bool


def match(seen: list[list[tuple[float, float]]], last_value_shown: bool) -> Drag:
    """Match what was shown with the input events that said it; a drag only grows."""
    inputs, shown = seen
    if not inputs:
        raise BenchError("the drag moved no slider")
    said = {value: at for value, at in sorted(inputs, reverse=True)}  # of equal values the earliest
    first = {value: at for value, at in reversed(shown) if value in said}
    latencies = [at - said[value] for value, at in sorted(first.items())]
    lags = []
    for value, at in sorted(said.items()):
        followed = [then for other, then in first.items() if other >= value]
        if followed:
            lags.append(min(followed) - at)
    seconds = (max(first.values(), default=inputs[-1][1]) - inputs[0][1]) / 1000
    return Drag(latencies, lags, len(latencies) / seconds, last_value_shown)


def p95(values: Sequence[float]) -> float:
    """Return what 95 of 100 values do not exceed."""
    return float(np.quantile(values, 0.95))


def spread(latencies: Sequence[float]) -> dict[str, float]:
    """Sum up latencies in ms."""
    return {"p50_ms": round(median(latencies), 1), "p95_ms": round(p95(latencies), 1)}


def summary(drags: Sequence[Drag]) -> dict[str, Any]:
    """Sum up drags over one page; percentiles are over all its drags together."""
    latencies = [each for drag in drags for each in drag.latencies]
    if not latencies:
        raise BenchError("a page showed none of the values that its slider took")
    of_all = {f"slider_to_pixel_{key}": value for key, value in spread(latencies).items()}
    return {
        **of_all,
        "lag_p50_ms": round(median(each for drag in drags for each in drag.lags), 1),
        "updates_per_s": round(mean(drag.updates_per_s for drag in drags), 2),
        "last_value_shown": all(drag.last_value_shown for drag in drags),
        "values_shown": len(latencies),
        "values_said": sum(len(drag.lags) for drag in drags),
    }


def compare(real: Sequence[Drag], plain: Sequence[Drag]) -> dict[str, Any]:
    """Set the drags over our page against those over the plain one."""
    ours, theirs = summary(real), summary(plain)
    p50 = "slider_to_pixel_p50_ms"
    return {
        **ours,
        "plain_page_p50_ms": theirs[p50],
        "ratio": round(theirs[p50] / ours[p50], 2),
        "lag_ratio": round(theirs["lag_p50_ms"] / ours["lag_p50_ms"], 2),
        "plain_page": theirs,
    }


def ends(latencies: Sequence[float], count: int = 200) -> dict[str, float]:
    """Set the last updates of a long drag against the first ones."""
    first, last = median(latencies[:count]), median(latencies[-count:])
    return {
        "updates": len(latencies),
        f"first_{count}_p50_ms": round(first, 1),
        f"last_{count}_p50_ms": round(last, 1),
        "ratio": round(last / first, 2),
    }


def scrubbed(frames: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Count the new pictures of a scrub.

    Args:
        frames: of each animation frame: where the hand was, and whether its picture was another
            one than that of the frame before.
    """
    moved = [
        new
        for (place, new), (before, _) in zip(frames[1:], frames[:-1], strict=True)
        if place != before
    ]
    return {
        "animation_frames": len(moved),
        "pictures_shown": sum(moved),
        "share": round(sum(moved) / len(moved), 3) if moved else 0.0,
    }


def crowded(drags: Sequence[Drag], visits: Sequence[Visit], batch_ms: float) -> dict[str, Any]:
    """Sum up what everybody saw who dragged at once.

    Args:
        drags: in the browser.
        visits: of everybody else.
        batch_ms: what the server takes for one clip for each of them, asked for at once.
    """
    latencies = [each for part in (*drags, *visits) for each in part.latencies]
    arrived = [drag.last_value_shown for drag in drags]
    arrived += [visit.last_value_arrived for visit in visits]
    found = spread(latencies)
    return {
        "last_values_arrived": all(arrived),
        **found,
        "browser": spread([each for drag in drags for each in drag.latencies]),
        "batch_of_ten_ms": round(batch_ms, 1),
        "p95_over_batch": round(found["p95_ms"] / batch_ms, 2),
    }
