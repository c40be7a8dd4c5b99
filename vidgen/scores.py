"""What the judge's report says of a shipped release, read from beside it: numbers and the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidgen.meanings import MEANINGS
from vidgen.rows import Row

MAX_BYTES = 2**20  # of the numbers
MAX_PAGE_BYTES = 2**21  # of the page
_DISTANCE = re.compile(r"(?:fd|kid)_(?:clip|frame)@[a-z0-9]{1,16}_[0-9]{1,6}_[0-9]{1,3}f")
_KID = re.compile(r"(kid_clip@(?:own|transnetv2))_[0-9]{1,6}_[0-9]{1,3}f")
_COMPARED = ("alignment", "laws", "motion_ratio")
_SHARES = ("alignment", "alignment_real", "laws", "laws_real", "cas", "cas_real")
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)

Values = list[float]  # a number, then the ends of its 95 % interval if known
Scores = dict[str, Values]


def read_metrics(folder: Path, row: Row) -> dict[str, Any]:
    """Return what was measured of a release, as it was written; {} where there is nothing.

    Numbers of other weights count for nothing, and so do those that can't be read.
    """
    if row.file is None:
        return {}
    path = folder / f"{Path(row.file).stem}.metrics.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        metrics = json.loads(path.read_bytes())
        return metrics if metrics["release_sha256"] == row.sha256 else {}
    except _UNREADABLE:
        return {}


def read_report(folder: Path, row: Row) -> bytes | None:
    """Return the page of a release's report, HTML from outside; None unless it is of this file.

    That its numbers are is not enough: the page itself names the file that it speaks of.
    """
    if row.file is None or not read_metrics(folder, row):
        return None
    path = folder / f"{Path(row.file).stem}.report.html"
    try:
        if path.stat().st_size > MAX_PAGE_BYTES:
            return None
        page = path.read_bytes()
    except OSError:
        return None
    return page if row.sha256[:16].encode() in page else None


def read_scores(folder: Path, row: Row) -> Scores:
    """Return the numbers by which releases are compared, as far as they are there and legal.

    Distances are named without their counts, as ``kid_clip@own``.
    """
    metrics = read_metrics(folder, row)
    found = {name: values for name in _COMPARED if (values := _values(metrics, name))}
    for name, row_of in _distances(metrics):
        if (kid := _KID.fullmatch(name)) and (values := _legal(row_of.get("value"))):
            found[kid[1]] = values
    return found


def numbers_of(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers that have a meaning, each with it: name, values, meaning."""
    return [
        {"name": name, "values": values, "meaning": words._asdict()}
        for name, words in MEANINGS.items()
        if (values := _values(metrics, name))
    ]


def distances_of(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the distances: name, values, and floor, which is that of real clips to real ones."""
    return [
        {"name": name, "values": values, "floor": floor}
        for name, row in _distances(metrics)
        if (values := _legal(row.get("value"))) and (floor := _legal(row.get("floor")))
    ]


def shares_of(metrics: Mapping[str, Any], classes: Sequence[str]) -> list[list[float | None]]:
    """Return three shares for each class: clips that are recognised, real ones, lawful ones.

    The last is None for a class that has no law; [] unless every class was measured.
    """
    rows, laws = metrics.get("per_class"), metrics.get("laws_by_class")
    if not isinstance(rows, list) or len(rows) != len(classes):
        return []
    found: list[list[float | None]] = []
    for name, row in zip(classes, rows, strict=True):
        if not isinstance(row, dict) or row.get("class") != name:
            return []
        shares = [row.get("alignment"), row.get("alignment_real")]
        if not all(_is_number(share, 0, 1) for share in shares):
            return []
        law = laws.get(name) if isinstance(laws, dict) else None
        found.append([*shares, law if _is_number(law, 0, 1) else None])
    return found


def _distances(metrics: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    table = metrics.get("distances")
    if not isinstance(table, dict):
        return []
    return [
        (n, row) for n, row in table.items() if _DISTANCE.fullmatch(n) and isinstance(row, dict)
    ]


def _values(metrics: Mapping[str, Any], name: str) -> Values | None:
    """Return a number with its interval, if it has one; None unless all of it is legal."""
    intervals = metrics.get("intervals")
    ends = intervals.get(name, []) if isinstance(intervals, dict) else []
    low, high = (0, 1) if name in _SHARES else (-1e6, 1e6)
    return _legal([metrics.get(name), *ends] if isinstance(ends, list) else None, low, high)


def _legal(values: object, low: float = -1e6, high: float = 1e6) -> Values | None:
    if not isinstance(values, list) or len(values) not in (1, 3):
        return None
    return values if all(_is_number(each, low, high) for each in values) else None


def _is_number(value: object, low: float, high: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return low <= value <= high  # refuses NaN too
