"""`python -m train`, but a step takes a while: a hand can pause a run of twenty."""

from __future__ import annotations

import sys
import time

from train.__main__ import main
from train.trainer import Trainer

step = Trainer.step


def slow_step(self: Trainer):
    time.sleep(0.33)
    return step(self)


Trainer.step = slow_step  # type: ignore[method-assign]
sys.exit(main())
