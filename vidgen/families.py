"""The families of generators: the numbers of each, and what it can and can't do. No torch here."""

# pyright: strict

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from vidgen.config import ClipShape, ConfigError, ModelConfig, closed_fields, within


@dataclass(frozen=True)
class StganConfig(ModelConfig):
    """The flagship. Widths are channels; 0 movers, oscillators, maps or tape leaves that part out.

    ``canonical`` is the side in cells of the features that are computed once a clip; ``groups`` is
    how many parts of them move on their own; ``maps`` is how many moving coordinates draw waves;
    ``patch`` is the side in pixels of the square that one cell of the per-frame synthesis becomes.
    ``shortest_period`` is the period of the fastest oscillator in frames, 2 (Nyquist) to 32. With
    ``fundamentals``, what is placed moves by that many Fourier series of ``harmonics`` terms and by
    the clock; with none, by all that the frame code holds. ``coarse`` is 1 in a release of a run
    that was still drawing at half the side, and falls to 0 while finer waves come in.
    """

    loops: ClassVar[bool] = True
    moves_apart: ClassVar[bool] = True
    in_between: ClassVar[bool] = True

    family: str = field(init=False, default="stgan")
    motion_dim: int = 32
    tape_dim: int = 8
    tape_spacing: int = 8
    continuous_time: bool = True
    oscillators: int = 16
    shortest_period: float = 2.0
    fundamentals: int = 0
    harmonics: int = 4
    coarse: float = 0.0
    canonical: int = 16
    canonical_width: int = 64
    groups: int = 8
    maps: int = 8
    free_width: int = 32
    synthesis_width: int = 48
    synthesis_blocks: int = 1
    patch: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        self.within(oscillators=(0, 64), canonical=(8, 64), canonical_width=(4, 512),
                    groups=(0, 32), maps=(0, 32), free_width=(4, 256), synthesis_width=(4, 256),
                    synthesis_blocks=(1, 8), patch=(1, 4), fundamentals=(0, 16),
                    harmonics=(1, 16))  # fmt: skip
        within("shortest_period", self.shortest_period, 2, 32, float)
        within("coarse", self.coarse, 0, 1, float)
        if self.canonical & (self.canonical - 1):
            raise ConfigError(f"canonical is {self.canonical}; legal is a power of two")
        if self.groups and self.canonical_width % self.groups:
            raise ConfigError(
                f"canonical_width is {self.canonical_width}; legal is a multiple of "
                f"groups = {self.groups}"
            )

    @property
    def parts(self) -> tuple[str, ...]:
        """The paths whose sum becomes the picture."""
        there = {"scene": True, "placed": self.groups, "drawn": self.maps, "free": True}
        return tuple(name for name, is_there in there.items() if is_there)


@dataclass(frozen=True)
class _Doubling(ModelConfig):
    """A generator without mapping net whose pictures double from 4x4 cells to the whole side.

    w is the content noise beside an embedding of the class, ``latent`` numbers together. ``width``
    is the channels of the coarsest cells; each doubling halves them.
    """

    width: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        self.within(width=(8, 512))
        side = self.clip.height
        if self.clip.width != side or side & (side - 1):
            raise ConfigError(
                f"clip is {self.clip.width}x{side}; legal for {self.family} is a square, its side "
                "a power of two"
            )
        if self.width % (side // 4):
            raise ConfigError(f"width is {self.width}; legal is a multiple of {side // 4}")
        if self.latent <= self.content_dim:
            raise ConfigError(
                f"latent is {self.latent}; legal is above content_dim = {self.content_dim}, to "
                "leave room for the class"
            )

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels at 4x4, 8x8, ... up to half the side; the last doubling makes pixels."""
        doublings = (self.clip.height // 4).bit_length() - 1
        return tuple(self.width >> k for k in range(doublings))


@dataclass(frozen=True)
class _Whole(_Doubling):
    """All frames at once: the length is fixed, and one noise decides looks and motion."""

    max_frames: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_frames != self.clip.frames:
            raise ConfigError(
                f"max_frames is {self.max_frames}; legal for {self.family} is {self.clip.frames}, "
                "the length of its clips"
            )


@dataclass(frozen=True)
class FrameganConfig(_Whole):
    """Frames as channels of one picture."""

    family: str = field(init=False, default="framegan")
    width: int = 256


@dataclass(frozen=True)
class VganConfig(_Whole):
    """Two streams: what moves, over what stands still."""

    family: str = field(init=False, default="vgan")
    width: int = 96

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clip.frames % (self.clip.height // 4):
            raise ConfigError(
                f"frames is {self.clip.frames}; legal for vgan is a multiple of "
                f"{self.clip.height // 4}: time doubles as often as the side"
            )

    @property
    def parts(self) -> tuple[str, ...]:
        """The two streams, and what chooses between them."""
        return ("mask", "foreground", "background")


@dataclass(frozen=True)
class MocoganConfig(_Doubling):
    """A content code that stays, and a motion code that a recurrent net walks on."""

    moves_apart: ClassVar[bool] = True

    family: str = field(init=False, default="mocogan")
    motion_dim: int = 32
    tape_dim: int = 16
    tape_spacing: int = 1

    @property
    def parts(self) -> tuple[str, ...]:
        """Each code alone: content with its motion stopped, motion of a thing that is the mean."""
        return ("content", "motion")


@dataclass(frozen=True)
class ConvgruConfig(_Doubling):
    """A recurrent net over maps of features, and a picture from each of its states."""

    moves_apart: ClassVar[bool] = True

    family: str = field(init=False, default="convgru")
    motion_dim: int = 32
    width: int = 48


@dataclass(frozen=True)
class ProgressiveConfig(_Whole):
    """Stages from a short small clip to the whole; see ``sizes``."""

    family: str = field(init=False, default="progressive")
    width: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clip.frames % 4:
            raise ConfigError(
                f"frames is {self.clip.frames}; legal for progressive is a multiple of 4"
            )

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(frames, side) of each stage: sides from 8, frames doubled in the last two steps."""
        last = (self.clip.height // 8).bit_length() - 1
        return tuple((self.clip.frames >> min(2, last - k), 8 << k) for k in range(last + 1))

    @property
    def parts(self) -> tuple[str, ...]:
        """The sides of the stages."""
        return tuple(str(side) for _, side in self.sizes)


CONFIGS: dict[str, type[ModelConfig]] = {
    "framegan": FrameganConfig,
    "vgan": VganConfig,
    "mocogan": MocoganConfig,
    "convgru": ConvgruConfig,
    "progressive": ProgressiveConfig,
    "stgan": StganConfig,
}


def read_model(data: object) -> ModelConfig:
    """Build the config of a family from a JSON object with exactly its keys.

    Raises:
        ConfigError: no such family, or a field that breaks its schema.
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"model is {type(data).__name__}; legal is a JSON object")
    given = dict(cast("Mapping[str, Any]", data))
    family = given.pop("family", None)
    if not isinstance(family, str) or family not in CONFIGS:
        raise ConfigError(f"family is {family!r:.60}; legal are {sorted(CONFIGS)}")
    fields = closed_fields(CONFIGS[family], given, "model")
    fields["clip"] = ClipShape.from_dict(fields["clip"])
    return CONFIGS[family](**fields)
