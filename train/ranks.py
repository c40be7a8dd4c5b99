"""Processes that train one model together: who takes which clips, the mean of what they find.

`torchrun --nproc_per_node N -m train run ...` starts N of them, on one machine or on many. Each
holds the whole model and works on its own rows of every batch; then gradients are averaged. All
losses and penalties are means over rows, so the mean of the ranks' gradients is the gradient of the
whole batch, second derivatives and all: N ranks give what one gives, but for rounding. As clips are
numbered, not drawn from a stream, any number of ranks can go on where another number stopped.

Gradients are averaged after backward, in one piece, and not by DistributedDataParallel's hooks as
they arise: while a model is coarse or grows some weights get none, the generator's fakes serve two
losses, and what overlapping could save is the time of a few MB a step.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import Tensor, nn

from vidgen.config import ConfigError

if TYPE_CHECKING:
    from accelerate import Accelerator

T = TypeVar("T")


class RanksError(Exception):
    """Another process is gone; that one has told why."""


class Ranks:
    """The processes that train together, seen from one of them; alone it costs nothing.

    Attributes:
        number: of this process, 0 is the first: it writes the files.
        count: of processes.
        device: that this process works on.
    """

    def __init__(self, device: str, number: int = 0, count: int = 1) -> None:
        self.number, self.count = number, count
        self.device = torch.device(device)
        self._engine: Accelerator | None = None

    @classmethod
    def from_environment(cls, device: str) -> Ranks:
        """Join the processes that torchrun started, on cuda, cpu or mps; alone without them.

        Raises:
            ConfigError: WORLD_SIZE is no count, Accelerate is missing, or there are more processes
                than GPUs here.
        """
        size = os.environ.get("WORLD_SIZE", "1")
        if not size.isdecimal() or int(size) < 1:
            raise ConfigError(f"WORLD_SIZE is {size!r:.40}; legal is a count of processes")
        if size == "1":
            return cls(device)
        here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        if device == "cuda" and here > torch.cuda.device_count():
            raise ConfigError(
                f"{here} processes for {torch.cuda.device_count()} GPUs; legal is one for each"
            )
        try:
            from accelerate import Accelerator
        except ImportError as error:
            raise ConfigError(
                "several processes need Accelerate: pip install -r requirements-train.txt"
            ) from error
        engine = Accelerator(cpu=device == "cpu")
        ranks = cls(str(engine.device), engine.process_index, engine.num_processes)
        ranks._engine = engine
        return ranks

    @property
    def first(self) -> bool:
        """Whether this process writes the files."""
        return self.number == 0

    def share(self, rows: int) -> Tensor:
        """Return the numbers of the rows that are this process's own.

        Raises:
            ConfigError: the rows can't be dealt out evenly, and the mean would be another.
        """
        if rows % self.count:
            raise ConfigError(
                f"a batch of {rows} can't be dealt to {self.count} processes; legal are counts "
                f"that divide {rows}"
            )
        own = rows // self.count
        return torch.arange(self.number * own, (self.number + 1) * own, device=self.device)

    def average_gradients(self, module: nn.Module) -> None:
        """Replace each gradient by its mean over the processes."""
        if not self._engine:
            return
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        flat = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, mean in zip(gradients, flat.split(sizes), strict=True):
            gradient.copy_(mean.view_as(gradient))

    def mean(self, values: Tensor) -> Tensor:
        """The mean of a tensor over the processes.

        Raises:
            RanksError: one of them is gone.
        """
        if not self._engine:
            return values
        try:
            return cast(Tensor, self._engine.reduce(values, "mean"))
        except RuntimeError as error:
            raise RanksError(f"another process has ended ({error!s:.200})") from error

    def in_turn(self, make: Callable[[], T]) -> T:
        """Return what ``make`` does here, after the first process has done it."""
        if not self._engine:
            return make()
        with self._engine.main_process_first():
            return make()

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in one of the processes, so that all do the same."""
        if not self._engine:
            return flag
        return bool(self.mean(torch.tensor(float(flag), device=self.device)).item())

    def from_first(self, make: Callable[[], T]) -> T:
        """Return in all processes what the first one makes or reads."""
        if not self._engine:
            return make()
        from accelerate.utils import broadcast_object_list

        return cast(T, broadcast_object_list([make() if self.first else None])[0])

    def leave(self, code: int) -> None:
        """End this process with an exit code, if there are others; alone: return.

        At its end gloo stops a process now and then that has done its work (torch 2.13: one in
        seven), so there is none: what is open is flushed, and that is all.
        """
        if not self._engine:
            return
        if code == 0:  # who has failed waits for nobody
            self._engine.end_training()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
