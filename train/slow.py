"""`python -m train slow`: a tiny run, one player's step at a time, for those who want to see how.

It reads words from its standard input and answers each with a line of JSON on its standard output:
what has just happened, in numbers and as one sheet of clips. Whoever asks for nothing for a while,
or is gone, ends it. Nothing is written to disk.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import select
import sys
from io import RawIOBase
from pathlib import Path
from typing import Any, TextIO

import torch

from train.arguments import duration
from train.config import CriticConfig, TrainConfig
from train.data import ClipSource, DataError, open_source
from train.presets import preset
from train.rounds import STAGES, Rounds
from train.trainer import Trainer

SOURCES = ("digits-32", "phenomena-32", "sprites-32")
MOST_ROUNDS = 100  # at a time
_MOST_BYTES = 256  # of a question


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "slow", help="single steps of the players, as they are asked for"
    )
    parser.add_argument("--data", choices=SOURCES, help="default: digits-32 if there is a root")
    parser.add_argument("--data-root", type=Path, help="folder of the data set's files")
    parser.add_argument(
        "--idle", type=duration, default=600.0, metavar="TIME",
        help="end when nothing was asked for so long; default: 10m",
    )  # fmt: skip
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Answer until the questions end; returns the exit code: 0 done, 2 refused."""
    torch.set_num_threads(1)  # a step is small, and a page plays beside it
    data = args.data or ("digits-32" if args.data_root else "phenomena-32")
    try:
        source = open_source(data, args.data_root, "cpu")
    except DataError as error:
        print(f"train slow: {error}", file=sys.stderr)
        return 2
    trainer = Trainer(slow_config(source), source, torch.device("cpu"), bf16=False)
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as questions:
        return answer(Rounds(trainer), questions, sys.stdout, args.idle)


def slow_config(source: ClipSource) -> TrainConfig:
    """Return the smoke preset's game for this data, with one critic that sees whole clips.

    So a clip has one score, which is the very number that the losses are made of: whoever reads it
    can work them out. The preset's own two critics each see some frames, drawn anew in each step.
    """
    smoke = preset("smoke")
    return dataclasses.replace(
        smoke,
        data=source.name,
        model=dataclasses.replace(smoke.model, clip=source.clip_shape, classes=len(source.classes)),
        critics=(CriticConfig("sequence", (8, 16, 32), 8.0, 2.0),),
        steps=1000,
        batch=8,
        burn_in=200,
        learning_rate=1e-3,
        learning_rate_end=1e-3,
    )


def answer(rounds: Rounds, questions: RawIOBase, answers: TextIO, idle: float) -> int:
    """Answer each line of ``questions`` with one of ``answers``; ends as the module says.

    Questions come unbuffered, so that what waits to be read is seen to wait.
    """
    while select.select([questions], [], [], idle)[0]:
        line = questions.readline(_MOST_BYTES)
        if not line:
            break  # nobody is there to ask
        told = _go(rounds, line.decode("utf-8", "replace").split())
        try:
            answers.write(json.dumps(told, allow_nan=False, separators=(",", ":")) + "\n")
            answers.flush()
        except ValueError:
            print("train slow: a number is not finite any more", file=sys.stderr)
            return 1
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())  # nor to hear it at exit
            break
    return 0


def _go(rounds: Rounds, words: list[str]) -> dict[str, Any]:
    match words:
        case [stage] if stage in STAGES:
            return getattr(rounds, stage)()
        case ["rounds", count] if count.isdecimal() and 0 < int(count) <= MOST_ROUNDS:
            return rounds.play(int(count))
    legal = f"{', '.join(STAGES)} or rounds 1 to {MOST_ROUNDS}"
    return {"error": f"what is asked is {' '.join(words)!r:.60}; legal is {legal}"}
