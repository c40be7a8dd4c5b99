"""The judge's report on a release that nobody has measured: the real page, of made-up numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from train.judge.report import report
from train.judge.words import CONTROL_NAMES
from vidgen.release import read_info
from vidgen.rows import Row

# A page that tries what no report may do, and says in #said what it could.
HOSTILE = """<p id=said>harmless</p><script>
const tell = (text) => { document.querySelector('#said').textContent += ` ${text}`; };
const attempts = {
  parent: () => { parent.document.title = 'mine'; },
  storage: () => localStorage.setItem('vidgen:favourites', 'mine'),
  cookie: () => { document.cookie = 'a=b'; },
  top: () => { top.location = 'about:blank'; },
  window: () => { if (!open('about:blank')) throw new Error('blocked'); },
};
for (const [name, attempt] of Object.entries(attempts)) {
  try { attempt(); tell(`${name}-done`); } catch { tell(`${name}-refused`); }
}
fetch('start').then(() => tell('fetch-done'), () => tell('fetch-refused'));
</script><img src="clip?seed=77"><link rel=stylesheet href="clip?seed=78">"""


def write_report(folder: Path, row: Row) -> None:
    """Put numbers and their page beside a shipped release, as `train ship` does."""
    info, metrics = read_info(folder / str(row.file)), small_metrics(row)
    clip = info.model.clip
    noise = torch.randint(256, (48, 16, clip.channels, clip.height, clip.width), dtype=torch.uint8)
    clips = {"generated": noise, "real": noise[:3], "imitated": noise[3:6]}
    clips |= {"nearest_made": noise, "nearest": noise}
    (folder / f"{row.name}.metrics.json").write_text(json.dumps(metrics))
    (folder / f"{row.name}.report.html").write_text(report(info, metrics, clips), "utf-8")


def small_metrics(row: Row) -> dict[str, Any]:
    """Numbers of every kind that a whole evaluation writes."""
    names = [name.en for name in row.classes]
    controls = {name: [0.5, 0.4, 0.6] for name in CONTROL_NAMES}
    distance = {
        "value": [0.31, 0.29, 0.33], "floor": [0.02, 0.01, 0.03], "controls": controls,
        "controls_failed": ["blur"],
    }  # fmt: skip
    per_class = [
        {"class": name, "alignment": 0.75, "alignment_real": 1.0, "motion_ratio": 1.1}
        for name in names
    ]
    return {
        "alignment": 0.9, "alignment_real": 0.99, "alignment_shifted": 0.0, "laws": 0.25,
        "motion_ratio": 5.54, "num_clips": 48, "seed": 0,
        "intervals": {"alignment": [0.8, 0.95], "laws": [0.2, 0.3], "motion_ratio": [5.1, 6.0]},
        "distances": {"kid_clip@own_48_16f": distance, "kid_frame@own_48_1f": distance},
        "per_class": per_class, "laws_by_class": {names[0]: 0.25}, "laws_tracked": {names[0]: 0.5},
        "laws_residual": {names[0]: 7.5},
        "laws_counts": {"limits": 400, "generated": [3, 12], "real": [12, 12]},
        "confusion": torch.eye(len(names), dtype=torch.int64).mul(12).tolist(),
        "spectrum": {"generated": [1.0, 0.5, 0.2], "real": [1.0, 0.3, 0.1]},
        "psnr_by_clip": [18.0, 21.0, 24.0], "ssim_by_clip": [0.5, 0.8, 0.9],
        "left_out": {"loop_seam": {"en": "it closes no loops", "zh": "它不能闭合循环"}},
        "controls_failed": ["kid_clip@own_48_16f: blur"],
        "release_sha256": row.sha256,
    }  # fmt: skip


def write_hostile_report(folder: Path, row: Row) -> None:
    """Put a page beside a release that tries to reach the page around it."""
    metrics = {"release_sha256": row.sha256, "alignment": 0.9, "laws": 7, "motion_ratio": 1e99}
    (folder / f"{row.name}.metrics.json").write_text(json.dumps(metrics))
    (folder / f"{row.name}.report.html").write_text(f"{row.sha256}{HOSTILE}", "utf-8")
