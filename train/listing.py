"""`python -m train presets`: what there is to train, for people and, as JSON, for the page."""

from __future__ import annotations

import argparse
import json
from typing import Any

from train.config import TrainConfig
from train.presets import PRESETS

# Data that is drawn from equations while training runs; all else is read from a folder.
_NO_FILES = ("phenomena",)
_FOR_AUTO = ("digits", "phenomena", "sprites", "folder")  # what `--preset auto` can look at


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("presets", help="list what there is to train")
    parser.add_argument("--json", action="store_true", help="as one JSON list")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """List; returns the exit code 0."""
    rows = [describe(name, config) for name, config in PRESETS.items()]
    rows += [_auto(data) for data in _FOR_AUTO]
    if args.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        where = " (needs --data-root)" if row["needs_root"] else ""
        steps = f"{row['steps']} steps" if row["steps"] else "chooses the rest itself"
        print(f"{row['name']:22} {row['data']}{where}, {row['family']}, {steps}")
    return 0


def describe(name: str, config: TrainConfig) -> dict[str, Any]:
    """Return what a preset is, in plain words and numbers."""
    model = config.model
    return {
        "name": name,
        "data": config.data,
        "needs_root": _needs_root(config.data),
        "family": model.family,
        "loss": config.loss,
        "steps": config.steps,
        "clips_a_step": config.clips_a_step,
        "side": model.clip.width,
        "classes": model.classes,
    }


def _auto(data: str) -> dict[str, Any]:
    """Return what is known of `--preset auto` before it has looked at the data."""
    return {
        "name": "auto",
        "data": data,
        "needs_root": _needs_root(data),
        "family": "stgan",
        "loss": "relativistic",
        "steps": None,
    }


def _needs_root(data: str) -> bool:
    return data.removesuffix("-32") not in _NO_FILES
