"""What is known of a release before it is opened: a row of checkpoints/index.json."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen.config import MAX_FRAMES, ClassName, ClipShape, ConfigError, closed_fields
from vidgen.release import MAX_FILE_BYTES, MAX_PARAMETERS, ReleaseInfo, count_parameters

FILENAME = "model.safetensors"  # what a release is called in a Hub repository
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_REPO_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_REPO = re.compile(rf"(?!.*(?:--|\.\.)){_REPO_PART}/{_REPO_PART}(?<!\.git)")
_REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[\w.-]{1,96}(?:@[0-9a-f]{8})?)?", re.ASCII)
_WORD = re.compile(r"[a-z0-9_]{1,32}")
_METHOD = re.compile(r"[a-z0-9._-]{0,64}")
_TITLE = re.compile(r"[^<>\x00-\x1f`$]{1,300}")  # no markup


def _demand(pattern: re.Pattern[str], field: str, value: object, legal: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ConfigError(f"{field} is {value!r:.120}; legal is {legal}")


def demand_sha256(value: object) -> None:
    """Refuse (ConfigError) what is not a sha256."""
    _demand(_SHA256, "sha256", value, "64 lower-case hex digits")


def demand_name(value: object) -> None:
    """Refuse (ConfigError) what cannot be the name of a release."""
    _demand(_NAME, "name", value, "a word, or owner/name for a release on the Hub")


def demand_repo_id(value: object) -> None:
    """Refuse (ConfigError) what cannot be the name of a repository on the Hub."""
    _demand(_REPO, "repo_id", value, "owner/name: letters, digits, '.', '_' and '-'")


@dataclass(frozen=True)
class HubPin:
    """One file at one commit on the Hub. The revision is a full commit hash: 40 hex digits."""

    repo_id: str
    revision: str
    filename: str = FILENAME

    def __post_init__(self) -> None:
        demand_repo_id(self.repo_id)
        _demand(_REVISION, "revision", self.revision, "40 lower-case hex digits")
        _demand(_FILE, "filename", self.filename, "a file name without a folder")


@dataclass(frozen=True)
class Row:
    """What is known of a release before it is loaded; a row of checkpoints/index.json.

    Attributes:
        name: a word for a shipped release; "owner/name" (one slash) for one named by hand.
        title: by language, "en" and "zh".
        file: name inside the checkpoints folder; None where the file is on the Hub only.
        bytes: size of the file.
        sha256: of the file, 64 hex digits.
        classes: names, in the order of the class index.
        clip: shape of the clips that it was trained on.
        fps: frames a second at which its clips look natural.
        hub: where it lies on the Hub, if it does.
        max_frames: length of the longest clip that it can make.
        continuous_time: whether it makes frames at any times; else at 0, 1, 2, ... only.
        family: what kind of generator it is.
        loops: whether it can close a loop; its classes may still not.
        motion: whether it takes motion seeds; else the content seed decides how the thing moves.
        parts: what can be looked at inside its clips, by name.
        parameters: how many weights it has.
        data: what the data set is called that it was trained on; "" where nobody knows.
        loss: what its training minimised, likewise.
    """

    name: str
    title: Mapping[str, str]
    file: str | None
    bytes: int
    sha256: str
    classes: tuple[ClassName, ...]
    clip: ClipShape
    fps: float
    hub: HubPin | None = None
    max_frames: int = MAX_FRAMES
    continuous_time: bool = True
    family: str = "stgan"
    loops: bool = True
    motion: bool = True
    parts: tuple[str, ...] = ()
    parameters: int = 0
    data: str = ""
    loss: str = ""

    def __post_init__(self) -> None:
        demand_name(self.name)
        if not isinstance(self.title, Mapping) or set(self.title) != {"en", "zh"}:
            raise ConfigError(f"title is {self.title!r:.120}; legal are the keys en and zh")
        for language, title in self.title.items():
            _demand(_TITLE, f"title {language}", title, "1 to 300 characters without markup")
        if self.file is not None:
            _demand(_FILE, "file", self.file, "a file name without a folder")
        elif self.hub is None:
            raise ConfigError("file and hub are both absent; legal is one of them or both")
        for field, top in (("bytes", MAX_FILE_BYTES), ("max_frames", MAX_FRAMES)):
            value = getattr(self, field)
            if type(value) is not int or not 0 < value <= top:
                raise ConfigError(f"{field} is {value!r:.60}; legal is 1 to {top}")
        for field in ("continuous_time", "loops", "motion"):
            value = getattr(self, field)
            if not isinstance(value, bool):
                raise ConfigError(f"{field} is {value!r:.60}; legal is true, false")
        for field, words in (("family", (self.family,)), ("parts", self.parts)):
            for word in words:
                _demand(_WORD, field, word, "lower-case words of letters, digits and _")
        for field in ("data", "loss"):
            _demand(_METHOD, field, getattr(self, field), "up to 64 letters, digits, -, _ and .")
        if type(self.parameters) is not int or not 0 <= self.parameters <= MAX_PARAMETERS:
            raise ConfigError(
                f"parameters is {self.parameters!r:.60}; legal is 0 to {MAX_PARAMETERS}"
            )
        demand_sha256(self.sha256)
        if not self.classes:
            raise ConfigError("classes is empty; legal is one or more")
        if type(self.fps) not in (int, float) or not 0 < self.fps <= 240:  # refuses NaN too
            raise ConfigError(f"fps is {self.fps!r:.60}; legal is above 0, to 240")

    @classmethod
    def from_dict(cls, data: object) -> Row:
        """Build from a JSON object; unknown keys are refused."""
        fields = closed_fields(cls, data, "row")
        if not isinstance(fields["classes"], list):
            raise ConfigError(f"classes is {fields['classes']!r:.60}; legal is a list")
        fields["classes"] = tuple(ClassName.from_dict(item) for item in fields["classes"])
        fields["clip"] = ClipShape.from_dict(fields["clip"])
        if not isinstance(fields.get("parts", []), list):
            raise ConfigError(f"parts is {fields['parts']!r:.60}; legal is a list")
        fields["parts"] = tuple(fields.get("parts", []))
        if fields.get("hub") is not None:
            fields["hub"] = HubPin(**closed_fields(HubPin, fields["hub"], "hub"))
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``from_dict`` reads back."""
        data = dataclasses.asdict(self) | {"title": dict(self.title)}
        if self.hub is None:
            del data["hub"]
        return data


def row_of(
    info: ReleaseInfo,
    path: Path,
    sha256: str,
    *,
    file: str | None = None,
    hub: HubPin | None = None,
    name: str | None = None,
) -> Row:
    """Describe a release by its own header.

    Args:
        info: the header.
        path: the file, for its size and its weights' number.
        sha256: of the file.
        file: name inside the checkpoints folder, if it is shipped.
        hub: where it lies on the Hub, if it does.
        name: what it is called here and what its title ends with, where its own name can't be
            trusted to be unique; None = its own.

    Raises:
        ConfigError: the header says what no row may say.
    """
    suffix = f" ({name})" if name else ""
    return Row(
        name=name or info.name,
        title={language: title + suffix for language, title in info.title.items()},
        file=file,
        bytes=path.stat().st_size,
        sha256=sha256,
        classes=info.classes,
        clip=info.model.clip,
        fps=info.fps,
        hub=hub,
        max_frames=info.model.max_frames,
        continuous_time=info.model.continuous_time,
        family=info.model.family,
        loops=info.model.loops,
        motion=info.model.moves_apart,
        parts=info.model.parts,
        parameters=count_parameters(path),
        data=_method(info.dataset["name"]),
        loss=_method(info.train.get("loss")),
    )


def _method(text: object) -> str:
    """Return what a release says of its training as far as it is a word, else nothing."""
    return text if isinstance(text, str) and _METHOD.fullmatch(text) else ""
