"""What a preparation of videos is asked to do, checked once where it is asked."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from vidgen.config import MAX_FRAMES
from vidgen.legal import RequestError, number, whole
from vidgen.plan import is_folder

Crop = Literal["center", "fit", "smart"]
Short = Literal["loop", "ping-pong", "leave-out"]
CROPS: tuple[str, ...] = get_args(Crop)
SHORTS: tuple[str, ...] = get_args(Short)
SIDES = range(16, 257, 16)
MAX_LONGEST = 3600.0  # seconds of a video that are used
_LINE = ("a line of text without markup", "一行不含标记的文字")


@dataclass(frozen=True)
class Preparation:
    """What was asked, in the words of `python -m train prepare`; None = as that has it.

    Attributes:
        source: folder of the videos.
        size: side in pixels.
        fps: frames a second.
        frames: of a clip.
        crop: how a picture becomes a square.
        short: what is done with videos of fewer frames than a clip.
        longest: seconds of each video that are used.
        loops: whether any motion may be closed to a loop.
        licence: of the videos.
        credit: who made the videos.
        name: of the data set; None = after its folder.
        picture_fps: frames a second of folders of frames and of strips.
        fold: which lists of UCF-101.
    """

    source: str
    size: int
    fps: float
    frames: int
    crop: str = "center"
    short: str = "leave-out"
    longest: float = 60.0
    loops: bool = False
    licence: str | None = None
    credit: str | None = None
    name: str | None = None
    picture_fps: float | None = None
    fold: int | None = None

    def words(self) -> list[str]:
        """Return it as a command line, without --out: a word an option, whatever it holds."""
        words = ["prepare", self.source]
        for key, value in dataclasses.asdict(self).items():
            option = f"--{key.replace('_', '-')}"
            if key == "loops":
                words += [option] if value else []
            elif key != "source" and value is not None:
                words.append(f"{option}={value}")
        return words

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> Preparation:
        """Read what was written down; ValueError, KeyError or TypeError where that is damaged."""
        known = {key: words[key] for key in cls.__annotations__ if words.get(key) is not None}
        for key, value in known.items():
            if not isinstance(value, (str, int, float)) or "\0" in str(value):
                raise ValueError(f"{key} is {value!r:.80}")
        if not isinstance(known["source"], str) or not Path(known["source"]).is_absolute():
            raise ValueError(f"source is {known['source']!r:.80}")
        return cls(**known)


def read_preparation(asked: Mapping[str, Any]) -> Preparation:
    """Read what somebody asks for: source, size, fps, frames, and perhaps the rest.

    Raises:
        RequestError: something of it is not legal.
    """
    source, size = asked.get("source") or "", asked.get("size", 64)
    if not is_folder(source):
        raise RequestError("source", source, ("a folder that is there", "一个存在的文件夹"))
    if size not in SIDES:
        legal = f"{SIDES[0]} to {SIDES[-1]} in steps of {SIDES.step}"
        raise RequestError(
            "size", size, (legal, f" {SIDES[0]} 到 {SIDES[-1]}，以 {SIDES.step} 为步长")
        )
    return Preparation(
        str(Path(source).expanduser().absolute()),
        int(size),
        number("fps", asked.get("fps", 8), 1, 60),
        whole("frames", asked.get("frames", 16), 2, MAX_FRAMES),
        _choice("crop", asked.get("crop", CROPS[0]), CROPS),
        _choice("short", asked.get("short", "leave-out"), SHORTS),
        number("longest", asked.get("longest", 60), 1, MAX_LONGEST),
        asked.get("loops") is True,
        _line("licence", asked.get("licence")),
        _line("credit", asked.get("credit")),
    )


def named_after(source: str) -> str:
    """Return a legal name for the data set of a folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(source).name).lstrip("._-")[:48]
    return name or "videos"


def _choice(field: str, value: object, legal: Sequence[str]) -> str:
    if value not in legal:
        names = ", ".join(legal)
        raise RequestError(field, value, (f"one of {names}", f"{names} 之一"))
    return str(value)


def _line(field: str, value: object) -> str | None:
    """Return a line that may go into releases; None for none."""
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not is_line(value):
        raise RequestError(field, value, _LINE)
    return value


def is_line(text: str) -> bool:
    """Say whether a text may stand as licence or credits in a release."""
    return 0 < len(text) <= 400 and text.isprintable() and not re.search(r"[<>`$]", text)
