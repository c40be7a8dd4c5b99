"""What the command line's words of time and number mean."""

from __future__ import annotations

import argparse
import re


def duration(text: str) -> float:
    """Read 90s, 9m or 2h as seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; legal is 90s, 9m, 2h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def count(text: str) -> int:
    """Read a whole number above zero."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; legal is 1, 2, 3 ...")
    return int(text)
