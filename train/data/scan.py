"""What lies in a folder of videos: which files, of which class and split; and what is left out."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from train.data import DataError, Split
from train.data.ucf101 import Lists, read_lists
from vidgen.release import sha256_of

VIDEOS = {".mp4", ".m4v", ".avi", ".mov", ".mkv", ".webm", ".gif", ".mpg", ".mpeg", ".3gp", ".3g2",
          ".ts", ".mts", ".m2ts", ".vob", ".wmv", ".asf", ".flv", ".ogv"}  # fmt: skip
PICTURES = {".png", ".jpg", ".jpeg"}
_SPLITS: dict[str, Split] = {
    "train": "train", "training": "train", "val": "held-out", "valid": "held-out",
    "validation": "held-out", "test": "held-out", "held-out": "held-out",
}  # fmt: skip
_UCF = re.compile(r"(v_.+_g\d+)_c\d+")  # clips of one group are cut from one film


@dataclass(frozen=True)
class Found:
    """A source of frames.

    Attributes:
        source: its path below the folder that was searched, with slashes.
        kind: a video file, a folder of frames, or one picture with frames side by side.
        label: the name of its class' folder.
        split: as its folder or a list says; None where nothing does.
        group: what was cut from one film has one group, and is never parted.
        size: bytes, of all its files.
        mtime_ns: when it was last changed.
    """

    source: str
    kind: Literal["video", "frames", "strip"]
    label: str
    split: Split | None
    group: str
    size: int
    mtime_ns: int


@dataclass
class Scan:
    """All that was found in a folder, and all that was not used: (path, reason) each."""

    root: Path
    found: list[Found] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # files of no kind of ours, by suffix


def scan(root: Path, skip: Path | None = None, fold: int = 1) -> Scan:
    """Look through a folder of class folders, or of train, val and test that hold class folders.

    Where UCF-101's lists are, they say what is used, and for what.

    Args:
        root: the folder.
        skip: a folder that is not looked at, such as that of the result.
        fold: which of UCF-101's three lists.

    Raises:
        DataError: no folder, or nothing usable in it; says what is expected.
    """
    if not root.is_dir():
        raise DataError(f"{root} is no folder; legal is one with a folder of videos a class")
    result = Scan(root)
    walk = _Walk(result, skip.resolve() if skip else None)
    lists = read_lists(root, fold)
    folders = [entry for entry in walk.entries(root) if os.path.isdir(entry)]
    names = {entry.name.lower() for entry in folders}
    if lists:
        for entry in walk.entries(lists.videos):
            walk.top(entry, None)
        _apply(lists, result)
    elif "train" in names and (len(names & _SPLITS.keys()) > 1 or len(names) == 1):
        for folder in folders:
            split = _SPLITS.get(folder.name.lower())
            if split is None:
                walk.leave_out(folder.path, "is beside the splits, and none itself")
                continue
            for entry in walk.entries(Path(folder.path)):
                walk.top(entry, split)
    else:
        for entry in walk.entries(root):
            walk.top(entry, None)
    _leave_out_duplicates(result)
    if not result.found:
        other = ", ".join(f"{count} {suffix}" for suffix, count in result.others.most_common(9))
        raise DataError(
            f"{root} holds no videos{other and f', but {other}'}; legal is "
            f"{root.name}/CLASS/VIDEO.mp4 (also avi, mov, mkv, webm, gif, mpg ...), "
            f"{root.name}/CLASS/CLIP/FRAME.png or {root.name}/train/CLASS/..."
        )
    return result


class _Walk:
    """Goes down a folder once, into links too, but into no folder twice."""

    def __init__(self, result: Scan, skip: Path | None) -> None:
        self.result, self.skip = result, skip
        self.seen: dict[tuple[int, int], str] = {}

    def name(self, path: str | Path) -> str:
        return Path(path).relative_to(self.result.root).as_posix()

    def leave_out(self, path: str | Path, reason: str) -> None:
        self.result.left_out.append((self.name(path), reason))

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """A folder's entries in natural order, without the hidden ones."""
        try:
            with os.scandir(folder) as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            self.leave_out(folder, f"can't be opened: {error.strerror}")
            return []
        return sorted(shown, key=lambda entry: natural(entry.name))

    def top(self, entry: os.DirEntry[str], split: Split | None) -> None:
        """Take a class folder."""
        if os.path.isdir(entry):  # False too for a link that leads round
            self.down(Path(entry.path), entry.name, split, 0)
        elif Path(entry.name).suffix.lower() in VIDEOS | PICTURES:
            self.leave_out(entry.path, "lies in no class' folder")
        else:
            self.result.others[Path(entry.name).suffix.lower() or "no suffix"] += 1

    def down(self, folder: Path, label: str, split: Split | None, depth: int) -> None:
        """Take all that is below a class' folder."""
        if self.skip is not None and folder.resolve() == self.skip:
            return
        known = os.stat(folder)
        first = self.seen.setdefault((known.st_dev, known.st_ino), self.name(folder))
        if first != self.name(folder):
            return self.leave_out(folder, f"is the same folder as {first}")
        pictures: list[tuple[str, os.stat_result]] = []
        for entry in self.entries(folder):
            suffix = Path(entry.name).suffix.lower()
            if os.path.isdir(entry):
                self.down(Path(entry.path), label, split, depth + 1)
            elif suffix not in VIDEOS | PICTURES:
                self.result.others[suffix or "no suffix"] += 1
            elif (info := self.plain(entry.path)) is None:
                continue
            elif suffix in VIDEOS:
                self.take(entry.path, "video", label, split, [info])
            elif depth == 0:
                self.take(entry.path, "strip", label, split, [info])
            else:
                pictures.append((entry.path, info))
        if pictures:
            self.take(folder, "frames", label, split, [info for _, info in pictures])
        return None

    def plain(self, path: str) -> os.stat_result | None:
        """Look at a file that is one: not a pipe, which would hang, not a link to nothing."""
        try:
            info = os.stat(path)
        except OSError as error:
            return self.leave_out(path, f"can't be opened: {error.strerror}")
        if not stat.S_ISREG(info.st_mode):
            return self.leave_out(path, "is no plain file")
        if info.st_size == 0:
            return self.leave_out(path, "is empty")
        return info

    def take(
        self, path: str | Path, kind: Literal["video", "frames", "strip"], label: str,
        split: Split | None, infos: list[os.stat_result],
    ) -> None:  # fmt: skip
        """Add a source."""
        source = self.name(path)
        family = _UCF.fullmatch(Path(source).stem)
        group = f"{label}/{family[1]}" if family else source
        size, changed = sum(i.st_size for i in infos), max(i.st_mtime_ns for i in infos)
        self.result.found.append(Found(source, kind, label, split, group, size, changed))


def natural(name: str) -> list[tuple[int, int | str]]:
    """Return a key that sorts frame2 before frame10."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFC", name))
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def _apply(lists: Lists, result: Scan) -> None:
    """Keep what is listed, in its split, and say what is not, and what is not there."""
    kept, here = [], set()
    for found in result.found:
        entry = "/".join(Path(found.source).parts[-2:])
        if split := lists.splits.get(entry):
            kept.append(replace(found, split=split))
            here.add(entry)
        else:
            result.left_out.append((found.source, "is in neither of the lists"))
    missing = sorted(lists.splits.keys() - here)
    if missing:
        few = f"{len(missing)} of {len(lists.splits)} listed videos are not in the folder"
        result.left_out.append((missing[0], f"is not there: {few}"))
    result.found = kept


def _leave_out_duplicates(result: Scan) -> None:
    """Keep the first of sources with the same bytes; only those of one size are compared."""
    sizes = Counter(found.size for found in result.found)
    seen: dict[str, str] = {}
    kept = []
    for found in result.found:
        if sizes[found.size] > 1:
            try:
                digest = _digest(result.root / found.source)
            except OSError as error:
                result.left_out.append((found.source, f"can't be opened: {error.strerror}"))
                continue
            if digest in seen:
                result.left_out.append((found.source, f"has the same content as {seen[digest]}"))
                continue
            seen[digest] = found.source
        kept.append(found)
    result.found = kept


def _digest(path: Path) -> str:
    """Return what is equal for files of the same bytes, and for folders of the same frames."""
    if not path.is_dir():
        return sha256_of(path)
    frames = [each for each in path.iterdir() if each.suffix.lower() in PICTURES and each.is_file()]
    return " ".join(map(sha256_of, sorted(frames, key=lambda each: natural(each.name))))
