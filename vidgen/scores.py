"""Numbers of the judge's report that lie beside a shipped release, for who compares releases."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

from vidgen.rows import Row

MAX_BYTES = 2**20
_KID = re.compile(r"kid_clip@own_[0-9]{1,6}_[0-9]{1,3}f")
_PLAIN = ("alignment", "laws", "motion_ratio")
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)

Scores = dict[str, list[float]]  # by name: the value, then the ends of its 95 % interval if known


def read_scores(folder: Path, row: Row) -> Scores:
    """Return the numbers of a release's report that are legal, of those that are compared.

    A report of other weights counts for nothing, and so does one that can't be read.
    """
    if row.file is None:
        return {}
    path = folder / f"{Path(row.file).stem}.metrics.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        report = json.loads(path.read_bytes())
        if report["release_sha256"] != row.sha256:
            return {}
        return _scores(report)
    except _UNREADABLE:
        return {}


def _scores(report: dict) -> Scores:
    intervals, distances = report.get("intervals", {}), report.get("distances", {})
    found = {
        name: [report.get(name), *intervals.get(name, [])] for name in _PLAIN
    }  # fmt: skip
    for name, row in distances.items():
        if _KID.fullmatch(name):
            found["kid_clip"] = list(row["value"])
    tops = {"alignment": 1.0, "laws": 1.0}
    return {
        name: [float(each) for each in values]
        for name, values in found.items()
        if len(values) in (1, 3) and all(_is_legal(each, tops.get(name)) for each in values)
    }


def _is_legal(value: object, top: float | None) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return False
    return -1e6 < value < 1e6 if top is None else 0 <= value <= top
