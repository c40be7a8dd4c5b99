"""How a process that trains holds its memory: kept between steps, in large pages."""

from __future__ import annotations

import ctypes
import os
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of mallopt, as <malloc.h> has them
_LARGEST = 2**31 - 1  # an int of C


def keep_pages() -> None:
    """Let the C library keep what a step gives back, and torch take it in pages of 2 MiB.

    A step on a CPU allocates and frees tensors of tens of megabytes all the time. By default each
    goes back to the system, which has to empty every page of the next one: up to a fifth of a step
    (LOG.md, 2026-12-01). To be called before torch allocates anything. Does nothing where the C
    library is not glibc.
    """
    if sys.platform != "linux":
        return
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch reads it once
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
