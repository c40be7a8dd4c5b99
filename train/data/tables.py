"""What a preparation says: what it found, what it used, and what it left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from train.data.scan import Scan
from train.data.store import Manifest

_FEW = 5  # videos


def found_table(scan: Scan) -> str:
    """Lay out what was found in a folder, before any of it is decoded."""
    rows = [("class", "sources", "kinds", "MB")]
    for label in dict.fromkeys(f.label for f in scan.found):
        own = [f for f in scan.found if f.label == label]
        size = sum(f.size for f in own) / 1e6
        kinds = _common(f.source.rpartition(".")[2].lower() if f.kind == "video" else f.kind
                        for f in own)  # fmt: skip
        rows.append((shown(label), str(len(own)), kinds, f"{size:.1f}"))
    lines = [f"Found in {shown(str(scan.root))}:", _laid_out(rows)]
    if scan.others:
        kinds = _common(scan.others, most=20)
        lines.append(f"not looked at: {scan.others.total()} other files ({kinds})")
    return "\n".join(lines)


def used_table(manifest: Manifest) -> str:
    """Lay out what the store holds, and what was left out or odd, a line each."""
    rows = [("class", "videos", "frames", "clips", "seconds", "sizes", "frames a second",
             "held out")]  # fmt: skip
    frames = manifest.clip.frames
    for label, name in enumerate(manifest.classes):
        own = [v for v in manifest.videos if v.label == label]
        rows.append((
            name.en, str(len(own)), str(sum(v.count for v in own)),
            str(sum(max(v.count // frames, 1) for v in own)),
            f"{sum(v.seconds for v in own):.1f}",
            _common(f"{v.width}x{v.height}" for v in own),
            _common(f"{v.fps:g}" if v.fps else "?" for v in own),
            str(sum(v.split == "held-out" for v in own)),
        ))  # fmt: skip
    clip = manifest.clip
    lines = [
        f"{clip.width}x{clip.height} pixels, {clip.channels} channel{'s' * (clip.channels > 1)}, "
        f"{manifest.fps:g} frames a second, {frames} frames a clip:",
        _laid_out(rows),
    ]
    for label, name in enumerate(manifest.classes):
        if sum(v.label == label for v in manifest.videos) == 1:
            lines.append(f"warning: {name.en} has one video alone: it is trained on and judged by")
    fewest = min(sum(v.split == "held-out" and v.label == label for v in manifest.videos)
                 for label in range(len(manifest.classes)))  # fmt: skip
    if fewest < _FEW:
        lines.append(
            f"note: a class has {fewest} held-out video{'s' * (fewest != 1)}: what evaluate "
            "measures on so few is less certain than it says"
        )
    odd = [(v.source, note) for v in manifest.videos for note in v.notes]
    odd += [
        (v.source, f"{v.count} frame{'s' * (v.count > 1)}, goes on as {v.short}")
        for v in manifest.videos
        if v.short
    ]
    notes = [listed("used, but", odd), listed("left out", manifest.left_out)]
    return "\n".join([*lines, *(note for note in notes if note)])


def listed(heading: str, entries: Sequence[tuple[str, str]]) -> str:
    """List sources with what is to be known of them, a line each; nothing if there are none."""
    lines = [f"  {shown(source)}: {shown(note)}" for source, note in entries]
    return "\n".join([f"{heading} ({len(entries)}):", *lines] if lines else [])


def shown(text: str) -> str:
    """Return a text that is one line on any terminal, whatever a file is called."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
                   for c in text)  # fmt: skip


def _common(values: Iterable[str], most: int = 4) -> str:
    """Say which values there are, the most common first."""
    counts = Counter(values) if not isinstance(values, Counter) else values
    words = [f"{value} x{n}" if n > 1 else value for value, n in counts.most_common(most)]
    return ", ".join(words) + (", ..." if len(counts) > most else "")


def _laid_out(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
