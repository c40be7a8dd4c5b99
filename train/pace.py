"""When a run saves, shows and ends, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """When a run saves, shows and ends, and what it writes beside its state and its log.

    Attributes:
        last: step at which it is done.
        save_every: seconds between two saves.
        sheet_every: steps between two contact sheets.
        time_limit: seconds after which it stops, None for no limit.
        moments: whether it writes what the page shows of it, see ``train.watch``.
        tensorboard: whether it writes event files beside its log.
    """

    last: int
    save_every: float = 300.0
    sheet_every: int = 250
    time_limit: float | None = None
    moments: bool = True
    tensorboard: bool = False
