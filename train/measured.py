"""What was measured of a release, as it lies beside the file: NAME.metrics.json, NAME.report.html.

Both say which file they were made from, and neither is read beside another one.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

_MADE_FROM = re.compile(r"<meta name='release' content='([0-9a-f]{64})'>")
_PICTURE = re.compile(
    r"<img id='([a-z]+)' alt='[^']*' src='data:image/webp;base64,([A-Za-z0-9+/=]+)'>"
)


class MetricsError(Exception):
    """Metrics, or a report, that were not made from the release beside them."""


def metrics_path(release: Path) -> Path:
    """Return where the metrics of a release lie: NAME.metrics.json beside NAME.safetensors."""
    return release.with_name(release.stem + ".metrics.json")


def report_path(file: Path) -> Path:
    """Return where a report lies: NAME.report.html beside NAME.safetensors, NAME.metrics.json."""
    return file.with_name(f"{file.stem.removesuffix('.metrics')}.report.html")


def read_metrics(release: Path, sha256: str) -> dict[str, Any] | None:
    """Read the metrics beside a release; None where there are none.

    Raises:
        MetricsError: not a JSON object, or made from another file.
    """
    path = metrics_path(release)
    if not path.exists():
        return None
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MetricsError(f"{path} is not JSON: {error}") from error
    made_from = metrics.get("release_sha256") if isinstance(metrics, dict) else None
    _demand_same(path, made_from, release, sha256)
    return metrics


def read_report(release: Path, sha256: str) -> str | None:
    """Read the report beside a release, a page of HTML; None where there is none.

    Raises:
        MetricsError: made from another file.
    """
    path = report_path(release)
    if not path.exists():
        return None
    page = path.read_text(encoding="utf-8", errors="replace")
    found = _MADE_FROM.search(page)
    _demand_same(path, found and found[1], release, sha256)
    return page


def _demand_same(path: Path, made_from: object, release: Path, sha256: str) -> None:
    if made_from != sha256:
        raise MetricsError(
            f"{path} was made from {made_from!r:.70}, but {release.name} is {sha256}; "
            "evaluate the release again"
        )


def report_pictures(page: str) -> dict[str, bytes]:
    """Take the pictures out of a report: WebP, by the key of the part that shows them."""
    return {key: base64.b64decode(code) for key, code in _PICTURE.findall(page)}
