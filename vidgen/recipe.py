"""What an exported file says of its making, so that it can be made again; and reading it back.

The document is JSON: a file of its own, or the comment inside an exported video or picture.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from vidgen.config import MAX_FRAMES, ConfigError, closed_fields
from vidgen.media import MediaError, gif_comment
from vidgen.request import ClipRequest
from vidgen.rows import HubPin, demand_name, demand_sha256

VERSION = "0.1.0"  # of this package; pyproject.toml has it too
FORMAT = 1
MAX_CLIPS = 64  # in one file
MAX_SCALE = 8
_MAX_FILE = 64 * 2**20  # bytes of a file that is read; above what any export has
_MAX_DOCUMENT = 2**16  # bytes of the document in it
_PACKAGES = ("torch", "numpy", "pillow", "imageio-ffmpeg")  # which decide the bytes beside us
_BEGIN = re.compile(rb'\{\s*"vidgen"\s*:')


@dataclass(frozen=True)
class Recipe:
    """All that decides an exported file but its format.

    Attributes:
        release: name of the release.
        sha256: of the release file, 64 hex digits.
        fps: frames a second.
        clips: what is shown, one clip after the other; each names the release.
        scale: each pixel is a square of this side; None = what suits the format.
        frame: the only frame that is shown; None = all.
        hub: where the release lies on the Hub, if it does.
    """

    release: str
    sha256: str
    fps: float
    clips: tuple[ClipRequest, ...]
    scale: int | None = None
    frame: int | None = None
    hub: HubPin | None = None

    def __post_init__(self) -> None:
        demand_name(self.release)
        demand_sha256(self.sha256)
        if type(self.fps) not in (int, float) or not 0.1 <= self.fps <= 240:  # refuses NaN too
            raise ConfigError(f"fps is {self.fps!r:.60}; legal is 0.1 to 240")
        if not 1 <= len(self.clips) <= MAX_CLIPS:
            raise ConfigError(f"there are {len(self.clips)} clips; legal is 1 to {MAX_CLIPS}")
        for name, low, high in (("scale", 1, MAX_SCALE), ("frame", 0, MAX_FRAMES - 1)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or not low <= value <= high):
                raise ConfigError(f"{name} is {value!r:.60}; legal is {low} to {high}")

    def to_json(self, indent: int | None = None) -> str:
        """Return the document: ASCII, on one line unless ``indent`` says otherwise."""
        data = {"vidgen": FORMAT, **dataclasses.asdict(self), "versions": _versions()}
        data = {key: value for key, value in data.items() if value is not None}
        for clip in data["clips"]:
            del clip["release"]  # the same for all
            if not clip["part"]:
                del clip["part"]
        return json.dumps(data, indent=indent, separators=None if indent else (",", ":"))


def read_recipe(path: Path) -> Recipe:
    """Read the document out of a file that nobody vouches for.

    Its clips have the right fields and nothing more is known of them: ``validate`` each.

    Raises:
        MediaError: the file can't be read, holds no such document, or one that breaks its schema.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
        if len(data) > _MAX_FILE:
            raise ConfigError(f"it is larger than {_MAX_FILE >> 20} MiB")
        return _from_dict(_document(data))
    except OSError as error:
        raise MediaError(f"{path} can't be read: {error.strerror or error}") from error
    except ConfigError as error:
        raise MediaError(f"{path} is no recipe: {error!s:.300}") from error


def _document(data: bytes) -> dict[str, Any]:
    """Find the document and parse it. Every format but GIF keeps it in one piece."""
    if data.startswith(b"GIF8"):
        data = gif_comment(data)
    begin = _BEGIN.search(data)
    if begin is None:
        raise ConfigError('it holds no document that begins with {"vidgen":')
    text = data[begin.start() : begin.start() + _MAX_DOCUMENT].decode("ascii", "replace")
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        legal = f"JSON of at most {_MAX_DOCUMENT >> 10} KiB"
        raise ConfigError(f"its document is not {legal} ({error})") from error


def _from_dict(data: dict[str, Any]) -> Recipe:
    if data.pop("vidgen") != FORMAT:
        raise ConfigError(f"its format is not {FORMAT}, the only one that is known")
    data.pop("versions", None)  # to be read by people
    fields = closed_fields(Recipe, data, "the document")
    if not isinstance(fields["clips"], list):
        raise ConfigError(f"clips is {fields['clips']!r:.60}; legal is a list")
    fields["clips"] = tuple(_clip(clip, fields["release"]) for clip in fields["clips"])
    if fields.get("hub") is not None:
        fields["hub"] = HubPin(**closed_fields(HubPin, fields["hub"], "hub"))
    return Recipe(**fields)


def _clip(data: object, release: object) -> ClipRequest:
    if not isinstance(data, dict) or "release" in data:
        raise ConfigError("a clip is no JSON object, or names a release of its own")
    return ClipRequest(**closed_fields(ClipRequest, {**data, "release": release}, "a clip"))


def _versions() -> dict[str, str]:
    """Return what this package and those that decide the bytes are."""
    found = {"vidgen": VERSION}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
