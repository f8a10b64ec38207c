"""What a process that polls takes of this machine: files as many as it may, memory no more than it uses."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import resource
import threading
from typing import Final

STACK_BYTES: Final = 512 * 1024
"""The stack of a thread: of the usual 8 MB, a hundred threads would reserve most of a gigabyte."""

COLLECT_AFTER: Final = 100_000
"""Objects that are made, and not freed, until the garbage collector looks for rings among them.

A poll that goes well leaves none, and holds some 300 while it lasts: this is more than 200 polls at once hold.
"""

_ARENA_MAX: Final = -8
"""M_ARENA_MAX of mallopt(3)."""


def open_up() -> None:
    """Set the limits of this process, before it has any thread.

    Each device that is spoken to over TCP is a file. The C library would give each thread a heap of its own, eight for
    each processor, and what devices had sent would stay allocated in all of them. One is enough, as one thread at a
    time runs Python. What a poll makes is freed when it ends, so that looking for garbage after each 700 objects, as
    Python does, finds next to nothing.
    """
    threading.stack_size(STACK_BYTES)
    with contextlib.suppress(OSError, AttributeError):  # a C library that has no such setting
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    gc.set_threshold(COLLECT_AFTER)
    faulthandler.enable()  # a library that does not look whether it got memory ends us by a signal: say where
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
