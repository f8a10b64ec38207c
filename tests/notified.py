"""The end of a service manager: a datagram socket, and what was said to it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path


class Ear:
    """What services say, each word with its value; `address` is what they are told in `NOTIFY_SOCKET`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[dict[str, str]] = []
        self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._wire.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def environment(self, watchdog: float | None = None) -> dict[str, str]:
        """The environment of a service, which systemd ends where it hears nothing for so many seconds."""
        patience = {} if watchdog is None else {"WATCHDOG_USEC": str(int(watchdog * 1e6))}
        return {"NOTIFY_SOCKET": self.address} | patience

    def listen(self, seconds: float) -> list[dict[str, str]]:
        """What is said from now on for so long, or what waits already with 0."""
        end, new = time.monotonic() + seconds, []
        while True:
            self._wire.settimeout(max(end - time.monotonic(), 0.001))
            try:
                text = self._wire.recv(65_536).decode()
            except TimeoutError:
                self.heard += new
                return new
            new.append(dict(line.split("=", 1) for line in text.split("\n")))

    def until(self, true: Callable[[dict[str, str]], object], seconds: float = 60.0) -> dict[str, str]:
        """The first word from now on of which something is so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for word in self.listen(0.05):
                if true(word):
                    return word
        raise TimeoutError(f"not said in {seconds} s, but: {self.heard[-5:]}")

    def close(self) -> None:
        self._wire.close()


@contextlib.contextmanager
def listening(folder: Path) -> Iterator[Ear]:
    ear = Ear(str(folder / "notify"))
    try:
        yield ear
    finally:
        ear.close()
