"""The training wing's command line: `python -m train VERB`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from train.pages import keep_pages

VERBS = {"run": "train.run", "evaluate": "train.evaluate", "publish": "train.publish",
         "prepare": "train.prepare", "presets": "train.listing", "ship": "train.ship",
         "space": "train.space", "tournament": "train.tournament",
         "slow": "train.slow"}  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line and do it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="VERB")
    asked = [word for word in (sys.argv[1:] if words is None else words) if word in VERBS][:1]
    for verb in asked or VERBS:  # a verb imports what it needs, and no other verb's packages
        importlib.import_module(VERBS[verb]).add_parser(subparsers)
    args = parser.parse_args(words)
    return args.main(args)


if __name__ == "__main__":
    keep_pages()
    sys.exit(main())
