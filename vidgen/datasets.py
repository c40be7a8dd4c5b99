"""The folders of prepared videos: what each was asked, how it stands, and what is in it."""

from __future__ import annotations

import contextlib
import json
import math
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from vidgen.jobs import ASKED, UNREADABLE, Job, read_words, write_words
from vidgen.plan import is_name
from vidgen.preparation import Preparation

LOCK = ".prepare.lock"  # also marks a folder as one of ours, in which old files may go
MANIFEST = "manifest.json"
PARTS = "parts"  # what is decoded so far
SHEETS = "sheets"
FORMAT = 1  # of the manifest
FEW = 12  # sources that are named, of those left out or odd
_PROGRESS = "progress.json"
_MAX_MANIFEST = 2**26  # bytes
_MAX_SHEET = 2**25

SetStanding = Literal["preparing", "stopping", "ready", "stopped", "failed", "cut"]


class DataSet(Job):
    """One data set's folder; it need not be there yet."""

    LOCK = LOCK

    @property
    def own(self) -> bool:
        """Whether a preparation made this folder."""
        return (self.folder / LOCK).is_file() and (self.plan is not None or self.whole)

    @property
    def whole(self) -> bool:
        """Whether there is something to train on."""
        return (self.folder / MANIFEST).is_file()

    @property
    def plan(self) -> Preparation | None:
        """What was asked last; None where nobody wrote that down."""
        try:
            return Preparation.from_words(read_words(self.folder / ASKED))
        except UNREADABLE:
            return None

    def write_plan(self, plan: Preparation) -> None:
        """Write down what is asked, and mark the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / LOCK).touch()
        write_words(self.folder / ASKED, asdict(plan))

    def tell(self, done: int, of: int) -> None:
        """Write down how many of all videos are done; nothing depends on it."""
        with contextlib.suppress(OSError):
            write_words(self.folder / _PROGRESS, {"done": done, "of": of})

    def told(self) -> None:
        """Forget how far it was."""
        with contextlib.suppress(OSError):
            (self.folder / _PROGRESS).unlink()

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many videos are done, of how many; None where it is not known."""
        try:
            words = read_words(self.folder / _PROGRESS)
            return int(words["done"]), int(words["of"])
        except UNREADABLE:
            return None

    @property
    def standing(self) -> SetStanding:
        """How it stands: "cut" is one whose process is gone without a word."""
        if self.process is not None:
            return "stopping" if self.stopping else "preparing"
        if self.whole:
            return "ready"
        code = self.ended
        if code in (128 + signal.SIGINT, 128 + signal.SIGTERM):
            return "stopped"
        return "cut" if code is None or code > 128 else "failed"

    @property
    def goes_on(self) -> bool:
        """Whether there is something to be done by the same command."""
        unfinished = not self.whole or (self.folder / PARTS).exists()
        return unfinished and self.plan is not None and self.process is None

    def summary(self) -> dict[str, Any] | None:
        """Return what is in it, in numbers; None where it is not whole, or damaged.

        Returns:
            title, side (pixels), frames (of a clip), fps, channels; classes: name (en, zh), videos,
            clips, seconds, held (videos held out); videos; left_out and odd: (count, the first
            ones as (source, why)).
        """
        path = self.folder / MANIFEST
        try:
            if path.stat().st_size > _MAX_MANIFEST:
                return None
            words = json.loads(path.read_bytes())
            return _summary(words) if words["format"] == FORMAT else None
        except (*UNREADABLE, OverflowError):
            return None

    def sheet(self, label: int) -> bytes | None:
        """Return the contact sheet of a class, a PNG; None where there is none."""
        try:
            path = next((self.folder / SHEETS).glob(f"{label:03}-*.png"))
            return path.read_bytes() if path.stat().st_size <= _MAX_SHEET else None
        except (OSError, StopIteration):
            return None


def datasets_folder(runs: Path) -> Path:
    """Return where prepared videos lie: beside the runs."""
    return runs.parent / "data"


def list_datasets(folder: Path) -> list[DataSet]:
    """Return the data sets of a folder, the newest first; one has a manifest or was asked for."""
    try:
        found = [DataSet(each) for each in folder.iterdir() if is_name(each.name)]
        found = [each for each in found if each.whole or each.plan is not None]
    except OSError:
        return []
    return sorted(found, key=lambda each: (-_age(each), each.name))


def _age(found: DataSet) -> float:
    times = [0.0]
    for name in (ASKED, MANIFEST):
        with contextlib.suppress(OSError):
            times.append((found.folder / name).stat().st_mtime)
    return max(times)


def _summary(words: Mapping[str, Any]) -> dict[str, Any]:
    clip, videos = words["clip"], words["videos"]
    frames, classes = int(clip["frames"]), []
    for label, name in enumerate(words["classes"]):
        own = [video for video in videos if video["label"] == label]
        classes.append({
            "name": {"en": plain(name["en"]), "zh": plain(name["zh"])},
            "videos": len(own),
            "clips": sum(max(int(video["count"]) // frames, 1) for video in own),
            "seconds": round(math.fsum(float(video["seconds"]) for video in own), 1),
            "held": sum(video["split"] == "held-out" for video in own),
        })  # fmt: skip
    odd = [(video["source"], why) for video in videos for why in video["notes"]]
    return {
        "title": plain(words["title"]), "side": int(clip["width"]), "frames": frames,
        "channels": int(clip["channels"]), "fps": float(words["fps"]), "classes": classes,
        "videos": len(videos), "odd": _few(odd), "left_out": _few(words["left_out"]),
    }  # fmt: skip


def _few(pairs: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"count": len(pairs), "few": [[plain(s), plain(why)] for s, why in pairs[:FEW]]}


def plain(text: object) -> str:
    """Return a text that is one short line, whatever a file is called."""
    return "".join(mark if mark.isprintable() else "·" for mark in str(text)[:200])
