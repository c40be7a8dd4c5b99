"""What a training run is asked to do, checked once where it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen.legal import RequestError, number, whole

MAX_SECONDS = 7 * 86_400
MAX_STEPS = 10**7
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,47}")
_NAMED = ("a name of letters, digits, '.', '_' and '-'", "由字母、数字、“.”、“_”和“-”组成的名称")


@dataclass(frozen=True)
class Plan:
    """What a run was asked to do.

    Attributes:
        preset: by name.
        root: folder of the data set's files, where it has any.
        steps: at which it is done; None = the preset's.
        seconds: of training after which it is done; None = no limit.
        data: set that the preset "auto" looks at; None for all others, which have their own.
        last: step at which it is done, as the run itself found; None before it has.
    """

    preset: str
    root: str | None = None
    steps: int | None = None
    seconds: float | None = None
    data: str | None = None
    last: int | None = None


def read_plan(asked: Mapping[str, Any], presets: Sequence[Mapping[str, Any]]) -> Plan:
    """Read what somebody asks for: preset, and perhaps data, root, steps and seconds.

    Args:
        asked: as it came.
        presets: what there is, as `python -m train presets --json` lists it.

    Raises:
        RequestError: something of it is not legal.
    """
    name, data = asked.get("preset"), asked.get("data")
    named = [each for each in presets if each["name"] == name]
    if not named:
        names = ", ".join(dict.fromkeys(each["name"] for each in presets))
        raise RequestError("preset", name, (f"one of {names}", f"{names} 之一"))
    fitting = [each for each in named if data in (None, each["data"])]
    if not fitting:
        names = ", ".join(each["data"] for each in named)
        raise RequestError("data", data, (f"one of {names}", f"{names} 之一"))
    preset, root = fitting[0], asked.get("root") or ""
    if preset["needs_root"] and not is_folder(root):
        raise RequestError("root", root, ("a folder that is there", "一个存在的文件夹"))
    steps, seconds = asked.get("steps"), asked.get("seconds")
    return Plan(
        preset["name"],
        str(Path(root).expanduser().absolute()) if preset["needs_root"] else None,
        None if steps is None else whole("steps", steps, 1, preset["steps"] or MAX_STEPS),
        None if seconds is None else number("seconds", seconds, 1, MAX_SECONDS),
        preset["data"] if preset["steps"] is None else None,
    )


def is_name(text: str) -> bool:
    """Say whether a run, or a release of one, may have this name."""
    return _NAME.fullmatch(text) is not None


def demand_name(text: object) -> str:
    """Return what may be the name of a run or of its release; RequestError for all else."""
    if not isinstance(text, str) or not is_name(text):
        raise RequestError("name", text, _NAMED)
    return text


def is_folder(root: object) -> bool:
    """Say whether something that was asked names a folder that is there."""
    try:
        named = isinstance(root, str) and 0 < len(root.strip()) < 4096  # "" would be this folder
        return named and Path(str(root)).expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):  # a NUL, a home that is nobody's
        return False
