"""The standings of a tournament: a table of its rows, and a sheet with a line of clips for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from train.levels import to_levels
from train.sheets import sample, write_sheet
from vidgen.generators import Generator
from vidgen.release import load_generator, write_bytes

_SHOWN = (0.0, 5.0, 10.0)  # frames of each class in the sheet of all rows

_COLUMNS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("parameters", lambda row: f"{row['parameters'] / 1e3:.0f}k"),
    ("ms a clip", lambda row: f"{row['ms_a_clip']:.1f}"),
    ("steps", lambda row: str(row["steps"])),
    ("clips seen", lambda row: str(row["clips"])),
    ("seconds", lambda row: f"{row['seconds']:.0f}"),
    ("revision", lambda row: revision(row)),
    # Rows from before batch_diversity had its name call it diversity.
    ("batch diversity", lambda row: number(row.get("batch_diversity", row.get("diversity")))),
    ("collapse", lambda row: collapses(row["collapse"])),
    ("weakest class", lambda row: weakest(row.get("weakest"))),
)

_ALIKE = 1.1  # how many times the seconds of a row another may have taken for the same budget


def write_table(folder: Path, results: Mapping[str, Mapping[str, Any]], title: str) -> None:
    """Write table.md for reading and table.json for programs."""
    title += differences(results)
    write_bytes(folder / "table.json", json_bytes({"title": title, "rows": results}))
    write_bytes(folder / "table.md", (title + "\n\n" + table(results) + "\n").encode())


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay out the rows as Markdown; a row that failed says so."""
    numbers = list(dict.fromkeys(key for row in results.values() for key in row.get("judge", {})))
    names = ["row", *(name for name, _ in _COLUMNS), *numbers]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for name, row in results.items():
        if "failed" in row:
            lines.append(f"| {name} | failed: {row['failed']}" + " |" * (len(names) - 1))
            continue
        cells = [name, *(show(row) for _, show in _COLUMNS)]
        cells += [number(row["judge"].get(key)) for key in numbers]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def number(value: float | list[float] | None) -> str:
    """A number, with its interval where it has one, a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, list):
        value, low, high = value
        return f"{value:.3g} ({low:.3g} to {high:.3g})"
    return f"{value:.3g}"


def revision(row: Mapping[str, Any]) -> str:
    """The code that trained a row: 7 hexadecimal digits, with a + where it was changed."""
    return row["revision"][:7] + "+" * row["revision"].endswith("+")


def weakest(found: Mapping[str, Any] | None) -> str:
    """The class that is recognised least, which a mean over classes hides."""
    if not found:
        return "-"
    return f"{found['alignment']:.2f} {found['class']}" if found["alignment"] < 1 else "1.00"


def differences(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Say in what rows differ that a fair table has alike; nothing where they don't."""
    rows = [row for row in results.values() if "failed" not in row]
    said = ""
    if len(revisions := dict.fromkeys(map(revision, rows))) > 1:
        said += f"; of different revisions: {', '.join(revisions)}"
    seconds = sorted(row["seconds"] for row in rows)
    if rows and seconds[-1] > _ALIKE * seconds[0]:
        said += f"; seconds differ: {seconds[0]:.0f} to {seconds[-1]:.0f}"
    return said


def collapses(events: list[dict[str, Any]] | None) -> str:
    """Say from which step to which a row had collapsed; None = it was too short to know."""
    if events is None:
        return "too short"
    said = []
    for event in events:
        if event["event"] == "collapse":
            said.append(f"from step {event['since']}")
        elif said:
            said[-1] += f" to {event['step']}"
    return ", ".join(said) or "no"


def summary(result: Mapping[str, Any]) -> str:
    """A line for whoever waits."""
    judged = ", ".join(f"{key} {number(value)}" for key, value in result["judge"].items())
    return f"{result['clips']} clips in {result['seconds']:.0f} s, {judged}"


def write_sheet_of_all(folder: Path, results: Mapping[str, Any], classes: int) -> None:
    """Draw a line of clips for each row, all of the same seeds: a clip a class, three frames."""
    lines, names = [], []
    for name in results:
        release = folder / "rows" / name.replace(":", "-") / "release.safetensors"
        if release.exists():
            lines.append(line_of(load_generator(release)[0], min(classes, 10)))
            names.append(name)
    if lines:
        write_sheet(
            folder / "sheet.png", np.concatenate(lines), "from the top: " + ", ".join(names)
        )


def line_of(generator: Generator, classes: int) -> NDArray[np.uint8]:
    """Draw a clip of each class, or of each seed where there is one class: uint8 [H, W, C]."""
    one = generator.config.classes == 1
    labels = [0] * classes if one else list(range(classes))
    seeds = list(range(classes)) if one else [0] * classes
    times = [float(t) for t in range(int(max(_SHOWN)) + 1)]
    clips = sample(generator, labels, seeds, times, torch.device("cpu"))
    clips = clips[:, [int(t) for t in _SHOWN]]
    line = clips.permute(3, 0, 1, 4, 2).flatten(1, 3)  # [H, K * T * W, C]
    return to_levels(line).numpy()


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - whatever json takes
    """Lay out JSON for people too."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
