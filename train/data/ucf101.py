"""UCF-101's own file lists: which of its videos are trained on, and which are held out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from train.data import DataError, Split

_LISTS: dict[str, Split] = {"trainlist": "train", "testlist": "held-out"}


class Lists(NamedTuple):
    """The split of each listed video, as CLASS/FILE, and the folder that has the classes."""

    splits: dict[str, Split]
    videos: Path


def read_lists(root: Path, fold: int) -> Lists | None:
    """Read trainlist0N.txt and testlist0N.txt of a folder, or of a folder in it; None without any.

    A line is a class' folder, a slash and a file's name; training lines end with a number.

    Raises:
        DataError: there are lists, but not of this fold, or the videos are not there.
    """
    try:
        folders = [root, *sorted(path for path in root.iterdir() if path.is_dir())]
    except OSError as error:
        raise DataError(f"{root} can't be opened: {error.strerror}") from error
    home = next((f for f in folders if any(f.glob("trainlist*.txt"))), None)
    if home is None:
        return None
    splits: dict[str, Split] = {}
    for stem, split in _LISTS.items():
        path = home / f"{stem}{fold:02}.txt"
        try:
            lines = path.read_text("utf-8", "replace").splitlines()
        except OSError as error:
            raise DataError(f"{path} can't be read: {error.strerror}; see --fold") from error
        for line in lines:
            if entry := re.fullmatch(r"([^/\s]+/\S+)(?:\s+\d+)?", line.strip()):
                splits[entry[1]] = split
    classes = {entry.partition("/")[0] for entry in splits}
    videos = max(folders, key=lambda folder: sum((folder / name).is_dir() for name in classes))
    if not any((videos / name).is_dir() for name in classes):
        raise DataError(f"{home} lists videos of classes whose folders are not in {root}")
    return Lists(splits, videos)
