"""What is the same for every release of some data, worked out once and kept in the cache folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from vidgen.release import write_bytes


def kept(path: Path, makers: Mapping[str, Callable[[], Tensor]]) -> dict[str, Tensor]:
    """Return tensors by name from a file; where it is missing or damaged, make and write them.

    Args:
        path: its name says everything that the tensors depend on.
        makers: of each tensor.
    """
    try:
        known = load_file(path)
        if set(known) == set(makers):
            return known
    except FileNotFoundError:
        pass
    except (SafetensorError, OSError) as error:
        print(f"{path} is damaged ({error}); looking again", file=sys.stderr)
    known = {name: make().contiguous() for name, make in makers.items()}
    write_bytes(path, save(known))
    return known
