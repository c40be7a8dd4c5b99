"""Frozen descriptions of clips, classes and models: checked once, when they are made."""

# pyright: strict, reportUnnecessaryIsInstance=false
# A border checks at run time what the types only promise.

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

MAX_FRAMES = 64  # the longest clip that is trained and served, in frames
_LABEL = re.compile(r"[\w .,'’()·+\-]{1,40}", re.UNICODE)


class ConfigError(ValueError):
    """A configuration that breaks its schema; the message names field, value and legal range."""


def _within(name: str, value: object, low: float, high: float, kind: type = int) -> None:
    """Refuse a number of another type or outside [low, high]; bool is not a number here."""
    legal_types = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, legal_types):
        raise ConfigError(f"{name} is {value!r}; legal is a {kind.__name__} from {low} to {high}")
    if not low <= value <= high:  # also refuses NaN
        raise ConfigError(f"{name} is {value!r}; legal is {low} to {high}")


def closed_fields(kind: type, data: object, where: str) -> dict[str, Any]:
    """Return data as keyword arguments for a dataclass, refusing unknown and missing keys."""
    if not isinstance(data, Mapping):
        raise ConfigError(f"{where} is {type(data).__name__}; legal is a JSON object")
    given = cast("Mapping[object, Any]", data)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(str(key) for key in given if key not in fields)
    if unknown:
        raise ConfigError(f"{where} has unknown keys {unknown[:5]}; legal are {sorted(fields)}")
    missing = [
        name
        for name, field in fields.items()
        if name not in given
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ConfigError(f"{where} lacks the keys {missing}")
    return {str(key): value for key, value in given.items()}


@dataclass(frozen=True)
class ClipShape:
    """The size of a clip: frames, colour channels (1 or 3), height and width in pixels."""

    frames: int
    channels: int
    height: int
    width: int

    def __post_init__(self) -> None:
        _within("frames", self.frames, 2, MAX_FRAMES)
        if self.channels not in (1, 3):
            raise ConfigError(f"channels is {self.channels!r}; legal is 1 or 3")
        for name in ("height", "width"):
            _within(name, getattr(self, name), 16, 256)
            if getattr(self, name) % 16:
                raise ConfigError(f"{name} is {getattr(self, name)}; legal is a multiple of 16")

    @classmethod
    def from_dict(cls, data: object) -> ClipShape:
        """Build from a JSON object with exactly these keys."""
        return cls(**closed_fields(cls, data, "clip"))


@dataclass(frozen=True)
class ClassName:
    """A class: its name in English and Chinese, and whether its clips may loop.

    ``loops`` is False for what cannot run backwards in time (a drop that spreads).
    """

    en: str
    zh: str
    loops: bool = True

    def __post_init__(self) -> None:
        for name in ("en", "zh"):
            value = getattr(self, name)
            if not isinstance(value, str) or not _LABEL.fullmatch(value):
                raise ConfigError(
                    f"class name {name} is {value!r:.60}; legal is 1 to 40 letters, digits, "
                    "spaces and .,'()·+-"
                )
        if not isinstance(self.loops, bool):
            raise ConfigError(f"loops is {self.loops!r}; legal is true or false")

    @classmethod
    def from_dict(cls, data: object) -> ClassName:
        """Build from a JSON object with exactly these keys."""
        return cls(**closed_fields(cls, data, "class"))


@dataclass(frozen=True)
class ModelConfig:
    """Every number that decides the shape of a generator. No number hides in the code.

    Widths are channels. ``canonical`` is the side in cells of the features that are computed once
    a clip; ``groups`` is how many parts of them move on their own; ``patch`` is the side in pixels
    of the square that one cell of the per-frame synthesis becomes. ``shortest_period`` is the
    period of the fastest oscillator in frames, 2 (Nyquist) to 32.
    """

    family: str
    clip: ClipShape
    classes: int
    content_dim: int = 64
    motion_dim: int = 32
    tape_dim: int = 8
    tape_spacing: int = 8
    latent: int = 128
    oscillators: int = 16
    shortest_period: float = 2.0
    canonical: int = 16
    canonical_width: int = 64
    groups: int = 8
    free_width: int = 32
    synthesis_width: int = 48
    synthesis_blocks: int = 1
    patch: int = 2
    continuous_time: bool = True
    max_frames: int = MAX_FRAMES

    def __post_init__(self) -> None:
        if not isinstance(self.family, str) or not re.fullmatch(r"[a-z0-9_]{1,32}", self.family):
            raise ConfigError(f"family is {self.family!r:.60}; legal is a lower-case word")
        for name, low, high in (
            ("classes", 1, 1000), ("content_dim", 1, 512), ("motion_dim", 1, 512),
            ("tape_dim", 1, 64), ("tape_spacing", 1, 64), ("latent", 8, 512),
            ("oscillators", 1, 64), ("canonical", 8, 64), ("canonical_width", 4, 512),
            ("groups", 1, 32), ("free_width", 4, 256), ("synthesis_width", 4, 256),
            ("synthesis_blocks", 1, 8), ("patch", 1, 4), ("max_frames", 2, MAX_FRAMES),
        ):  # fmt: skip
            _within(name, getattr(self, name), low, high)
        _within("shortest_period", self.shortest_period, 2, 32, float)
        if self.canonical & (self.canonical - 1):
            raise ConfigError(f"canonical is {self.canonical}; legal is a power of two")
        if self.canonical_width % self.groups:
            raise ConfigError(
                f"canonical_width is {self.canonical_width}; legal is a multiple of "
                f"groups = {self.groups}"
            )
        if not isinstance(self.continuous_time, bool):
            raise ConfigError(f"continuous_time is {self.continuous_time!r}; legal is true, false")

    @classmethod
    def from_dict(cls, data: object) -> ModelConfig:
        """Build from a JSON object with exactly these keys."""
        fields = closed_fields(cls, data, "model")
        fields["clip"] = ClipShape.from_dict(fields["clip"])
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``from_dict`` reads back."""
        return dataclasses.asdict(self)
