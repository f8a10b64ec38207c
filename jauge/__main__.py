"""The entry point of the program: `jauge`, and `python -m jauge`."""

from __future__ import annotations

import errno
import signal
import sys


def main() -> None:
    """Run the command line.

    SIGHUP is held back from the first line on: to load the program takes most of a second, and a reload that is asked
    for meanwhile must neither end it nor be forgotten. Who handles the signal lets it through.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        from jauge.cli import app  # noqa: PLC0415 - this is what takes the time

        app()
    except Exception as error:
        if not starved(error):
            raise
        sys.exit(
            "jauge: out of memory or threads: raise this process's limit (MemoryMax, TasksMax, ulimit -v)"
        )


def starved(error: Exception) -> bool:
    """Whether an error, of loading the program too, comes of a limit of memory or threads."""
    said = str(error)
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or any(words in said for words in ("start new thread", "failed to map", "Cannot allocate memory"))
    )


if __name__ == "__main__":
    main()
