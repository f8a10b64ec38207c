"""The entry point of the program: `jauge`, and `python -m jauge`."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from typing import Final

STARVED: Final = (
    b"jauge: out of memory or threads: raise this process's limit (MemoryMax, TasksMax, ulimit -v)\n"
)
"""What is said last. It is made first, and written without a stream: there may be no memory left to make anything."""

UNWRITTEN: Final = (
    b"jauge: what was to be printed cannot be written: free space on the disk that it goes to\n"
)

STDERR: Final = 2

WORDS: Final = (
    "start new thread",
    "failed to map",
    "Cannot allocate memory",
    # the interpreter's, where an import got no memory and did not say so (a SystemError)
    "without setting an exception",
    "without exception set",
)


QUICK: Final = frozenset({"check"})
"""Verbs that hooks and editors call at each turn, and that log nothing themselves: what logs takes a tenth of a second to load."""


def main() -> None:
    """Run the command line.

    SIGHUP is held back from the first line on: to load the program takes most of a second, and a reload that is asked
    for meanwhile must neither end it nor be forgotten. Who handles the signal lets it through.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    # A crash leaves no memory on the disk: it holds names, keys and secrets.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    try:
        from jauge.cli import app  # noqa: PLC0415 - this is what takes the time

        if not QUICK.intersection(sys.argv[1:2]):
            from jauge.logs import configure  # noqa: PLC0415 - see QUICK

            configure("warning")  # what is printed is often for a program to read: the log goes beside it
        app()
    except Exception as error:
        if not (said := STARVED if starved(error) else UNWRITTEN if unwritten(error) else b""):
            raise
        os.write(STDERR, said)
        os._exit(1)  # an end in order waits for threads, which may wait for memory


def unwritten(error: Exception) -> bool:
    """Whether a stream, which has no name, had no room: a report that was sent to a full disk."""
    return (
        isinstance(error, OSError)
        and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        and error.filename is None
    )


def starved(error: Exception) -> bool:
    """Whether an error, of loading the program too, comes of a limit of memory or threads."""
    if isinstance(error, MemoryError):  # before anything is made
        return True
    said = str(error)
    return (isinstance(error, OSError) and error.errno == errno.ENOMEM) or any(
        words in said for words in WORDS
    )


if __name__ == "__main__":
    main()
