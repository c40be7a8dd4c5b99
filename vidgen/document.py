"""The document inside a release file: how to build it, what it makes, and where it comes from."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from vidgen.config import ClassName, ConfigError, ModelConfig, closed_fields
from vidgen.families import read_model

FORMAT = 1
MAX_ANCESTORS = 16


@dataclass(frozen=True)
class Ancestor:
    """Whose weights a run began with: what it was trained on, under which terms, at what cost.

    ``sha256`` is the release file's, empty for a run that was no release. ``clips`` are the real
    ones that its critics saw, ``seconds`` what that took on ``device``; 0 is unknown.
    """

    name: str
    data: str
    licence: str
    credits: str
    sha256: str = ""
    revision: str = ""
    clips: int = 0
    seconds: float = 0
    device: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "data", "licence", "credits", "sha256", "revision", "device"):
            _text(f"ancestors.{field}", getattr(self, field), 500)
        for field in ("clips", "seconds"):
            _number(f"ancestors.{field}", getattr(self, field), 0, 2**53)

    @classmethod
    def from_dict(cls, data: object) -> Ancestor:
        """Build from a JSON object with exactly these keys."""
        return cls(**closed_fields(cls, data, "ancestors"))


@dataclass(frozen=True)
class ReleaseInfo:
    """What a release says of itself: how to build it, what it makes, and where it comes from.

    ``title`` has the keys en and zh. ``dataset`` has name and fingerprint. ``train`` is the config
    of the run, for readers. ``revision`` is the code's, with a + where it had been changed.
    ``seconds`` is what the run took on ``device`` (on a cpu, of all its threads); 0 is unknown.
    ``ancestors`` are the releases and runs whose weights it began with, the oldest first.
    """

    name: str
    title: dict[str, str]
    model: ModelConfig
    classes: tuple[ClassName, ...]
    fps: float
    dataset: dict[str, str]
    train: dict[str, Any]
    step: int
    seed: int
    revision: str
    packages: dict[str, str]
    licence: str
    credits: str
    seconds: float = 0
    device: str = ""
    ancestors: tuple[Ancestor, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ConfigError(f"format is {self.format!r}; legal is {FORMAT}")
        if not isinstance(self.name, str) or not re.fullmatch(
            r"[a-z0-9][a-z0-9-]{0,63}", self.name
        ):
            raise ConfigError(f"name is {self.name!r:.80}; legal are lower-case letters, digits, -")
        _texts("title", self.title, {"en", "zh"}, 80)
        _texts("dataset", self.dataset, {"name", "fingerprint"}, 128)
        _texts("packages", self.packages, None, 64)
        for field in ("revision", "licence", "credits", "device"):
            _text(field, getattr(self, field), 500)
        if len(self.classes) != self.model.classes:
            raise ConfigError(f"{len(self.classes)} classes named; legal is {self.model.classes}")
        for field, low, high in (("step", 0, 2**53), ("seed", 0, 2**32 - 1), ("fps", 1, 60),
                                 ("seconds", 0, 2**32)):  # fmt: skip
            _number(field, getattr(self, field), low, high)
        if len(self.ancestors) > MAX_ANCESTORS:
            raise ConfigError(f"{len(self.ancestors)} ancestors; legal are up to {MAX_ANCESTORS}")
        if not isinstance(self.train, dict):
            raise ConfigError("train is no JSON object")

    @classmethod
    def from_dict(cls, data: object) -> ReleaseInfo:
        """Build from a JSON object with exactly these keys."""
        fields = closed_fields(cls, data, "release")
        fields["model"] = read_model(fields["model"])
        if not isinstance(fields["classes"], list):
            raise ConfigError("classes is no list")
        fields["classes"] = tuple(ClassName.from_dict(name) for name in fields["classes"])
        if not isinstance(fields.get("ancestors", []), list):
            raise ConfigError("ancestors is no list")
        fields["ancestors"] = tuple(map(Ancestor.from_dict, fields.get("ancestors", [])))
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``from_dict`` reads back."""
        return dataclasses.asdict(self)


def _text(field: str, value: object, longest: int) -> None:
    if not isinstance(value, str) or len(value) > longest or re.search(r"[<>\x00-\x1f`$]", value):
        raise ConfigError(
            f"{field} is {value!r:.80}; legal is text of up to {longest} characters without markup"
        )


def _number(field: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{field} is {value!r:.80}; legal is a number")
    if not low <= value <= high:
        raise ConfigError(f"{field} is {value!r}; legal is {low} to {high}")


def _texts(field: str, value: object, keys: set[str] | None, longest: int) -> None:
    if not isinstance(value, dict) or (keys is not None and set(value) != keys):
        raise ConfigError(f"{field} is {value!r:.80}; legal are the keys {sorted(keys or ())}")
    for key, text in value.items():
        _text(f"{field}.{key}"[:80], key, 64)
        _text(f"{field}.{key}", text, longest)
