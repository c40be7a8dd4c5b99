"""A release with numbers and a report beside it, as an evaluation leaves them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

from PIL import Image

UP = {"class": "up", "alignment": 0.5, "alignment_real": 1.0, "motion_ratio": 0.875}
METRICS = {"alignment": 0.75, "alignment_real": 0.99, "diversity": 0.5, "num_clips": 640, "seed": 0}
METRICS |= {"per_class": [UP, UP | {"class": "down"}], "confusion": [[80, 240], [0, 320]]}
METRICS |= {"psnr_by_clip": [18.5, 21.25]}
PICTURES = ("samples", "nearest", "inversion")


def picture(key: str) -> bytes:
    """A WebP whose colour is the key's."""
    file = io.BytesIO()
    Image.new("RGB", (8, 4), (60 * PICTURES.index(key), 90, 120)).save(file, "WEBP")
    return file.getvalue()


def write_measured(release: Path, made_from: str | None = None) -> None:
    """Write metrics and report as if a file (this one, or another's sha256) had been evaluated."""
    sha256 = made_from or hashlib.sha256(release.read_bytes()).hexdigest()
    metrics = json.dumps(METRICS | {"release_sha256": sha256})
    release.with_name(f"{release.stem}.metrics.json").write_text(metrics, encoding="utf-8")
    shown = "".join(
        f"<img id='{key}' alt='{key} 图' src='data:image/webp;base64,"
        f"{base64.b64encode(picture(key)).decode()}'>"
        for key in PICTURES
    )
    page = f"<!doctype html><meta name='release' content='{sha256}'>{shown}\n"
    release.with_name(f"{release.stem}.report.html").write_text(page, encoding="utf-8")
