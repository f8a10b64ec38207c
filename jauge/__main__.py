"""The entry point of the program: `jauge`, and `python -m jauge`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line.

    SIGHUP is held back from the first line on: to load the program takes most of a second, and a reload that is asked
    for meanwhile must neither end it nor be forgotten. Who handles the signal lets it through.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    from jauge.cli import app  # noqa: PLC0415 - this is what takes the time

    app()


if __name__ == "__main__":
    main()
