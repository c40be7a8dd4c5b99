"""The report of an evaluation: one page that needs nothing else, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from torch import Tensor

from train.features import FRAMES
from train.judge import pictures
from train.judge.html import both, number, picture, section, table, with_interval
from train.judge.motion import FAINT
from train.judge.verdicts import about_intervals, about_laws, about_shifted_labels, weakest
from train.judge.words import CONTROL_NAMES, HEADINGS
from vidgen.meanings import MEANINGS, Words
from vidgen.release import ReleaseInfo

_ROWS = 4  # of generated clips in the moving picture
_COLUMNS = 16
_MIDDLE = 8  # the frame of a clip that stands for it
_SCRIPT = """
const page = document.documentElement, button = document.querySelector("button");
const asked = new URLSearchParams(location.search);
const show = (language) => { page.lang = language; };
show((asked.get("lang") || navigator.language).startsWith("zh") ? "zh-CN" : "en");
page.dataset.theme = asked.get("theme");
button.onclick = () => show(page.lang === "en" ? "zh-CN" : "en");
"""


def report(info: ReleaseInfo, metrics: Mapping[str, Any], clips: Mapping[str, Tensor]) -> str:
    """Lay out everything that was measured of a release, with pictures: HTML."""
    title = Words(info.title["en"], info.title["zh"])
    names = [Words(name.en, name.zh) for name in info.classes]
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<meta name='release' content='{metrics['release_sha256']}'>",
        f"<title>{escape(info.name)}: vidgen</title><style>{style}</style></head><body>",
        "<button type='button'><span lang='en'>中文</span><span lang='zh-CN'>English</span>"
        "</button>",
        f"<h1>{both(title)}: {both(HEADINGS['report'])}</h1>",
        f"<p class='note'>{escape(info.name)}, sha256 {metrics['release_sha256'][:16]}…</p>",
        *(f"<p>{both(words)}</p>" for words in weakest(metrics, names)),
        _samples(info, clips["generated"], names),
        _numbers(metrics),
        _distances(metrics),
        _classes(metrics, names),
        _over_time(metrics),
        _confusion(metrics, names),
        _spectrum(metrics),
        _nearest(clips),
        _imitated(metrics, clips),
        _left_out(metrics),
        f"<script>{_SCRIPT}</script></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _samples(info: ReleaseInfo, made: Tensor, names: Sequence[Words]) -> str:
    columns = min(info.model.classes, 10) if info.model.classes > 1 else 10
    step = max(info.model.classes, columns)
    rows = [made[i * step : i * step + columns] for i in range(_ROWS)]
    shot = picture("samples", pictures.moving(rows, info.fps))
    shown = ", ".join(both(name) for name in names[:columns])
    return section("samples", f"{shot}<p class='note'>{shown}</p>")


def _numbers(metrics: Mapping[str, Any]) -> str:
    rows = [
        [
            escape(key),
            with_interval(metrics[key], metrics["intervals"].get(key)),
            f"<td class='text'>{both(words)}</td>",
        ]
        for key, words in MEANINGS.items()
        if isinstance(metrics.get(key), int | float)
    ]
    head = [both(HEADINGS[key]) for key in ("number", "value", "meaning")]
    return section("numbers", table(head, rows, "numbers"), about_intervals(metrics))


def _distances(metrics: Mapping[str, Any]) -> str:
    rows = []
    for name, row in metrics["distances"].items():
        controls = [
            f"<td class='{'failed' if control in row['controls_failed'] else ''}'>"
            f"{number(row['controls'][control][0])}</td>"
            for control in CONTROL_NAMES
        ]
        cells = [with_interval(row[key][0], row[key][1:]) for key in ("value", "floor")]
        rows.append([escape(name), *cells, *controls])
    head = [both(HEADINGS[key]) for key in ("number", "generated", "floor")]
    head += [both(name) for name in CONTROL_NAMES.values()]
    return section("distances", table(head, rows), *about_shifted_labels(metrics))


def _classes(metrics: Mapping[str, Any], names: Sequence[Words]) -> str:
    if not metrics.get("per_class"):
        return ""
    shares = {key: metrics[key] for key in ("laws_by_class", "laws_tracked") if key in metrics}
    laws = {
        key: {name: f"{share:.0%}" for name, share in share_of.items()}
        for key, share_of in shares.items()
    }
    if "laws_residual" in metrics:
        laws["laws_residual"] = {
            name: f"{times:.3g}" for name, times in metrics["laws_residual"].items() if times
        }
    rows = []
    for name, row in zip(names, metrics["per_class"], strict=True):
        shares = [f"{row[key]:.0%}" for key in ("alignment", "alignment_real")]
        lawful = [law.get(name.en, "–") for law in laws.values()]
        rows.append([both(name), *shares, number(row["motion_ratio"]), *lawful])
    keys = ["class", "alignment", "alignment_real", "motion_ratio", *laws]
    head = [both(HEADINGS[key]) for key in keys]
    return section("classes", table(head, rows), *about_laws(metrics))


def _over_time(metrics: Mapping[str, Any]) -> str:
    """Show how long what was asked for is recognised: a column for each stretch of long clips."""
    names = {"generated": "alignment_over_time", "real": "alignment_over_time_real"}
    shares = {key: metrics[name] for key, name in names.items() if metrics.get(name)}
    if not shares:
        return ""
    count = len(next(iter(shares.values())))
    head = [f"{k * FRAMES}–{(k + 1) * FRAMES - 1}" for k in range(count)]
    rows = [[both(HEADINGS[key]), *(f"{x:.0%}" for x in row)] for key, row in shares.items()]
    return section("over_time", table([both(HEADINGS["frames"]), *head], rows))


def _confusion(metrics: Mapping[str, Any], names: Sequence[Words]) -> str:
    if not metrics.get("confusion"):
        return ""
    rows = []
    for name, row in zip(names, metrics["confusion"], strict=True):
        total = max(sum(row), 1)
        cells = [
            f"<td style='background:rgb(0 140 200 / {count / total:.2f})'>"
            f"{f'{count / total:.0%}' if count else ''}</td>"
            for count in row
        ]
        rows.append([both(name), *cells])
    head = [both(HEADINGS["asked"]), *(both(name) for name in names)]
    return section("confusion", table(head, rows, "confusion"))


def _spectrum(metrics: Mapping[str, Any]) -> str:
    """Draw both spectra over frequency, the power as a logarithm."""
    made, real = (metrics["spectrum"][name] for name in ("generated", "real"))
    logs = [math.log10(max(power, FAINT)) for power in (*made, *real)]
    low, high = math.floor(min(logs)), math.ceil(max(logs) + 1e-6)
    wide, tall = 480, 200

    def place(i: int, power: float) -> str:
        level = (math.log10(max(power, FAINT)) - low) / (high - low)
        return f"{40 + i * (wide - 60) / (len(made) - 1):.0f},{10 + (1 - level) * (tall - 40):.0f}"

    lines = "".join(
        f"<polyline class='{kind}' points='{' '.join(place(i, p) for i, p in enumerate(powers))}'/>"
        for kind, powers in (("made", made), ("real", real))
    )
    grid = "".join(
        f"<line x1='40' x2='{wide - 20}' y1='{y:.0f}' y2='{y:.0f}'/>"
        f"<text x='34' y='{y + 4:.0f}' text-anchor='end'>1e{power}</text>"
        for power in range(low, high + 1)
        for y in [10 + (high - power) / (high - low) * (tall - 40)]
    )
    ticks = "".join(
        f"<text x='{40 + i * (wide - 60) / (len(made) - 1):.0f}' y='{tall - 8}'"
        f" text-anchor='middle'>{i + 1}/{FRAMES - 1}</text>"
        for i in range(len(made))
    )
    label = escape(HEADINGS["spectrum"].en, quote=True)
    drawn = f"<svg role='img' aria-label='{label}' viewBox='0 0 {wide} {tall}' width='{wide}'>"
    return section("spectrum", f"{drawn}{grid}{ticks}{lines}</svg>")


def _nearest(clips: Mapping[str, Tensor]) -> str:
    if "nearest" not in clips:
        return ""
    made, training = (clips[name][:, _MIDDLE] for name in ("nearest_made", "nearest"))
    shot = pictures.pairs(made, training, _COLUMNS)
    return section("nearest", picture("nearest", shot))


def _imitated(metrics: Mapping[str, Any], clips: Mapping[str, Tensor]) -> str:
    """Show the best, the middle and the worst imitation below its real clip."""
    rows = [clip for pair in zip(clips["real"], clips["imitated"], strict=True) for clip in pair]
    shot = picture("inversion", pictures.strips(rows, range(0, 16, 3)))
    spreads = _spread("PSNR (dB)", metrics["psnr_by_clip"], 1)
    spreads += _spread("SSIM", metrics["ssim_by_clip"], 2)
    return section("inversion", shot + spreads)


def _spread(name: str, values: Sequence[float], digits: int) -> str:
    shown = " ".join(f"{value:.{digits}f}" for value in sorted(values, reverse=True))
    return f"<p class='note'>{name}: {shown}</p>"


def _left_out(metrics: Mapping[str, Any]) -> str:
    items = [
        f"<li>{escape(name)}: {both(Words(**reason))}</li>"
        for name, reason in metrics["left_out"].items()
    ]
    items += [
        f"<li>{escape(name)}, {both(CONTROL_NAMES[control])}: {both(HEADINGS['failed'])}</li>"
        for name, row in metrics["distances"].items()
        for control in row["controls_failed"]
    ]
    return section("left_out", f"<ul>{''.join(items)}</ul>") if items else ""
