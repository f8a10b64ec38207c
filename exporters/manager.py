"""What the service manager is told: that a process answers, how it stands, and that it lives (sd_notify(3)).

Datagrams to the socket that systemd names in `NOTIFY_SOCKET`. Where there is none, as in a terminal, nothing is told. The
libraries for it were last released years ago, or are built from C; the protocol is as long as this module.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import MutableMapping
from typing import Final

UNASKED_SECONDS: Final = 10.0
"""Between two words where the manager expects none: what it shows of the state is that old at most."""


class Manager:
    """The service manager of this process. What it left in the environment is taken out: it is meant for no child.

    Nothing here raises or waits: a manager that does not read must not hold up what it watches.
    """

    def __init__(self, environment: MutableMapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        address = given.pop("NOTIFY_SOCKET", "")
        patience, whose = given.pop("WATCHDOG_USEC", ""), given.pop("WATCHDOG_PID", str(os.getpid()))
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._told = 0.0
        self.watches = patience.isdecimal() and int(patience) > 0 and whose == str(os.getpid())
        # Three words in the time in which one has to come: one that is late ends nothing.
        self.every = int(patience) / 3e6 if self.watches else UNASKED_SECONDS

    @property
    def listens(self) -> bool:
        """Whether there is one."""
        return self._address.startswith(("/", "\0"))

    @property
    def due(self) -> bool:
        """Whether it waits for the next word."""
        return self.listens and time.monotonic() >= self._told + self.every

    def lives(self, status: str) -> None:
        """This process answers, and all of it lives: `status` in words. To be said again each `every` seconds."""
        self._tell("READY=1", f"STATUS={_one_line(status)}", "WATCHDOG=1")

    def ails(self, status: str) -> None:
        """Something of this process does not live. Where that lasts, the manager ends it, and starts it again."""
        self._tell(f"STATUS={_one_line(status)}")

    def reloads(self) -> None:
        """It reads its configuration again; `lives` says that it has."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}", "STATUS=reading the estate again")

    def stops(self) -> None:
        """It ends, as it was told to."""
        self._tell("STOPPING=1", "STATUS=stopping")

    def _tell(self, *words: str) -> None:
        self._told = time.monotonic()
        if self.listens:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
                wire.setblocking(False)
                wire.sendto("\n".join(words).encode(), self._address)


def _one_line(text: str) -> str:
    """A text in which no further assignment can stand."""
    return " ".join(text.split())
