"""Frozen descriptions of clips, classes and models: checked once, when they are made."""

# pyright: strict, reportUnnecessaryIsInstance=false
# A border checks at run time what the types only promise.

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

MAX_FRAMES = 64  # the longest clip that is trained and served, in frames
_LABEL = re.compile(r"[\w .,'’()·+\-]{1,40}", re.UNICODE)


class ConfigError(ValueError):
    """A configuration that breaks its schema; the message names field, value and legal range."""


def within(name: str, value: object, low: float, high: float, kind: type = int) -> None:
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
        within("frames", self.frames, 2, MAX_FRAMES)
        if self.channels not in (1, 3):
            raise ConfigError(f"channels is {self.channels!r}; legal is 1 or 3")
        for name in ("height", "width"):
            within(name, getattr(self, name), 16, 256)
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
    """What decides the shape of a generator of any family; each has a subclass with its own widths.

    The codes of a clip: noise of ``content_dim`` (what the thing is) and ``motion_dim`` (how it
    moves), a tape of ``tape_dim`` numbers every ``tape_spacing`` frames (what does not repeat), and
    ``latent`` numbers once noise and class are one. No number hides in the code. The class
    variables are what a family can't do whatever its numbers; the page hides that.
    """

    loops: ClassVar[bool] = False  # closes a loop
    moves_apart: ClassVar[bool] = False  # the motion seed is apart from the content seed
    in_between: ClassVar[bool] = False  # may make frames at any times, not at 0, 1, 2, ... alone

    family: str = field(init=False, default="")
    clip: ClipShape
    classes: int
    content_dim: int = 64
    motion_dim: int = 0
    tape_dim: int = 0
    tape_spacing: int = 64
    latent: int = 128
    continuous_time: bool = False
    max_frames: int = MAX_FRAMES

    def __post_init__(self) -> None:
        self.within(classes=(1, 1000), content_dim=(1, 512), motion_dim=(0, 512),
                    tape_dim=(0, 64), tape_spacing=(1, 64), latent=(8, 512),
                    max_frames=(2, MAX_FRAMES))  # fmt: skip
        if not isinstance(self.continuous_time, bool):
            raise ConfigError(f"continuous_time is {self.continuous_time!r}; legal is true, false")
        if self.continuous_time and not self.in_between:
            raise ConfigError(f"continuous_time is true; legal for {self.family} is false")

    @property
    def parts(self) -> tuple[str, ...]:
        """What can be looked at inside a clip, by name."""
        return ()

    def within(self, **ranges: tuple[int, int]) -> None:
        """Refuse whole numbers outside [low, high], given by field."""
        for name, (low, high) in ranges.items():
            within(name, getattr(self, name), low, high)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict that ``vidgen.families.read_model`` reads back."""
        return dataclasses.asdict(self)
