"""A video file, a folder of frames or a strip becomes frames of one size at one rate."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from train.data.cropping import WIDEST, Crop, busiest, crop_filter
from train.data.decoding import DecodeError, run_ffmpeg
from train.data.scan import Found

_HELD = 2**28  # bytes of one file's frames
_PPM = re.compile(rb"P6\n(\d+) (\d+)\n255\n")
_STREAM = re.compile(r"\[info\]\s+Stream #0:(\d+).*?: Video: (.*)")
_SIZE = re.compile(r"\b([1-9]\d*)x([1-9]\d*)\b")
_RATE = re.compile(r"([\d.]+)(k?) (?:fps|tbr)")
_CLEAR = re.compile(r" (rgba|bgra|argb|abgr|yuva\w+|gbrap\w*|ya8|ya16\w*|rgba64\w*|pal8)\b")
_FIELDS = re.compile(r"(top|bottom) (coded )?first")
_LENGTH = re.compile(r"\[info\]\s+Duration: (\d+):(\d+):([\d.]+)")
_FAULT = re.compile(r"^(?:\[(?!error|fatal)[^]]*\] )*\[(?:error|fatal)\] (.*)", re.M)


@dataclass(frozen=True)
class Settings:
    """What decides the frames that are made of a file.

    Attributes:
        size: side of the square, in pixels.
        fps: frames a second that are kept.
        crop: how a picture becomes a square.
        longest: seconds of each file that are looked at.
        picture_fps: frames a second of folders of frames and of strips.
    """

    size: int
    fps: float
    crop: Crop
    longest: float
    picture_fps: float

    @property
    def most(self) -> int:
        """How many frames a file gives at most: they are held in memory."""
        return max(min(int(self.longest * self.fps), _HELD // self.frame_bytes), 1)

    @property
    def frame_bytes(self) -> int:
        """How many bytes a frame has at most, before it is cropped."""
        return self.size**2 * 3 * (WIDEST if self.crop == "smart" else 1)


@dataclass(frozen=True)
class Decoded:
    """What a file gave.

    Attributes:
        frames: uint8 [N, size, size, 3], N at least 1.
        width: of the file's own pictures as they are shown, in pixels.
        height: as width.
        fps: the file's own mean rate, 0 if it doesn't say.
        seconds: the file's own length, that of the frames if it doesn't say.
        notes: what was odd, each in a few words.
    """

    frames: NDArray[np.uint8]
    width: int
    height: int
    fps: float
    seconds: float
    notes: tuple[str, ...]


def decode(root: Path, found: Found, settings: Settings, stop: Event) -> Decoded:
    """Decode what was found below ``root``.

    Raises:
        DecodeError: nothing usable is in it, or it changed meanwhile; says why in one line.
        Stopped: ``stop`` was set.
    """
    path = root / found.source
    before = _state(path)
    if found.kind == "video":
        result = _decode_video(path, settings, stop)
    else:
        from train.data import pictures  # which needs the names above

        strip = found.kind == "strip"
        result = (
            pictures.decode_strip(path, settings)
            if strip
            else pictures.decode_frames(path, settings, stop)
        )
    if _state(path) != before:  # of a folder: whether files came or went
        raise DecodeError("changed while it was read; prepare again when it is complete")
    return result


def _state(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError as error:
        raise DecodeError(f"can't be opened: {error.strerror}") from error
    return found.st_size, found.st_mtime_ns


def _decode_video(path: Path, settings: Settings, stop: Event) -> Decoded:
    """Decode a file with ffmpeg: upright, progressive, without alpha, at an even rate."""
    rate = f"fps={settings.fps:.9g},"
    frames, talk = _run(path, settings, rate, stop)
    stream, notes = _stream(talk), []
    if len(frames):
        for kind, filters, decoder in _remedies(talk, stream):
            better, _ = _run(path, settings, filters + rate, stop, decoder=decoder)
            if not len(better):
                notes.append(f"{kind}, but not by this ffmpeg")
            elif _differ(better, frames):
                notes.append(kind)
            frames = better if len(better) else frames
    else:
        frames, talk = _run(path, settings, "", stop, most=1)  # too short for the rate
        stream = _stream(talk)
    faults = _FAULT.findall(talk)
    if not len(frames):
        raise DecodeError(_reason(talk, faults))
    if faults:
        notes.append(f"damaged, {len(frames)} frames could be read: {faults[0][:80]}")
    size, fps = _SIZE.search(stream), _RATE.search(stream)
    width, height = (int(s) for s in size.groups()) if size else (0, 0)
    if turned := re.search(r"rotation of (-?[\d.]+) degrees", _input_part(talk)):
        notes.append(f"turned upright by {abs(float(turned[1])):g} degrees")
        if round(float(turned[1]) / 90) % 2:
            width, height = height, width
    seconds = len(frames) / settings.fps
    length = _LENGTH.search(_input_part(talk))
    if len(frames) == settings.most and length:
        whole = int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3])
        if whole > seconds + 1:
            notes.append(f"used up to {seconds:.0f} s of {whole:.0f}")
    rate_of = float(fps[1]) * (1000 if fps[2] else 1) if fps else 0.0
    return Decoded(frames, width, height, rate_of, seconds, tuple(notes))


def _differ(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Do any of a few frames differ by more than rounding?"""
    if one.shape != other.shape:
        return True
    few = slice(None, None, len(one) // 16 + 1)
    return bool(np.abs(one[few].astype(np.int16) - other[few]).max() > 24)


def _remedies(talk: str, stream: str) -> list[tuple[str, str, str]]:
    """What has to be done over: its name, ffmpeg's filters before all others, its decoder."""
    codec, clear = stream.partition(" ")[0], "format=gbrap,premultiply=inplace=1,"
    if _CLEAR.search(stream):
        return [("transparent, shown on black", clear, "")]
    if re.search(r"alpha_mode\s*: 1", _input_part(talk)) and codec in ("vp8", "vp9"):
        decoder = {"vp8": "libvpx", "vp9": "libvpx-vp9"}[codec]  # ffmpeg's own have no alpha
        return [("transparent, shown on black", clear, decoder)]
    if _FIELDS.search(stream) or codec == "dvvideo":
        return [("interlaced, fields parted", "yadif=deint=interlaced,", "")]
    return []


def _run(
    path: Path, settings: Settings, first: str, stop: Event, most: int = 0, decoder: str = ""
) -> tuple[NDArray[np.uint8], str]:
    """Run ffmpeg once: its frames uint8 [N, size, size, 3] and its messages."""
    most = most or settings.most
    filters = f"{first}{crop_filter(settings.crop, settings.size)}"
    output = ["-map", "0:V:0", "-t", f"{settings.longest:g}", "-vf", filters]
    output += f"-frames:v {most} -pix_fmt rgb24 -c:v ppm -f image2pipe".split()
    room = most * (settings.frame_bytes + 32)
    data, talk = run_ffmpeg(path, output, room, stop, decoder)
    frames = _frames(data)
    return (busiest(frames, settings.size) if len(frames) else frames), talk


def _frames(data: bytes | bytearray) -> NDArray[np.uint8]:
    """Read PPM pictures of one size that follow each other: uint8 [N, H, W, 3]."""
    head = _PPM.match(data)
    if head is None:
        return np.empty((0, 0, 0, 3), np.uint8)
    width, height = (int(size) for size in head.groups())
    size = head.end() + 3 * height * width
    count = len(data) // size  # a picture that was cut off is dropped
    table = np.frombuffer(data, np.uint8, count * size).reshape(count, size)
    same = (table[:, : head.end()] == table[0, : head.end()]).all(axis=1)
    if not same.all():
        table = table[: int(same.argmin())]
    return table[:, head.end() :].reshape(-1, height, width, 3)


def _input_part(talk: str) -> str:
    """Return what ffmpeg said of its input alone."""
    return talk.partition("Stream mapping:")[0]


def _stream(talk: str) -> str:
    """Return what ffmpeg said of the stream that it took; of the first if it took none."""
    number = re.search(r"Stream #0:(\d+) -> #0:0", talk)
    streams = dict(_STREAM.findall(_input_part(talk)))
    return streams.get(number[1], "") if number else next(iter(streams.values()), "")


def _reason(talk: str, faults: list[str]) -> str:
    """Say in a few words why nothing came out."""
    if "not on whitelist" in talk:
        return "is of a kind that is not read (a list of other files?)"
    if "Picture size" in talk or "max_pixels" in talk:
        return "its pictures are larger than 4096 x 2304 pixels"
    if ("Input #0" in talk and not _stream(talk)) or "matches no streams" in talk:
        return "holds no moving picture"
    if "Cannot allocate memory" in talk:
        return "needs more memory than a video should"
    why = faults[0].removeprefix("Error opening input: ")[:100] if faults else "no frame came out"
    return f"is no video that can be read: {why}"
