"""Ports that Jauge listens on: free, held by a process of ours, or by somebody else's."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from inventory.estate import Estate
from jauge.doctor import Finding

_LISTENS: Final = "0A"
"""TCP_LISTEN, as /proc/net/tcp writes it."""

OURS: Final = ("jauge", "jauge-dashboard")
"""What a process of ours is called: the command, the module, and the title that gunicorn gives."""


class Place(NamedTuple):
    """A port that something of ours listens on: what, over which protocol, at which address (None: every one)."""

    what: str
    host: str | None
    port: int
    udp: bool = False


def places(estate: Estate, exporter: tuple[str | None, int], pages: tuple[str | None, int]) -> list[Place]:
    """The ports of an estate's processes."""
    found = [Place("the exporter", *exporter), Place("the pages", *pages)]
    if estate.traps is not None:
        found.append(Place("traps", estate.traps.listen, estate.traps.port, udp=True))
    return found


def examine(wanted: list[Place]) -> Iterator[Finding]:
    """What is to be said of each port."""
    for place in wanted:
        where = f"{'udp' if place.udp else 'tcp'} {place.host or '*'}:{place.port}"
        refused = _bind(place)
        if refused is None:
            yield Finding("ports", "fine", where, f"free, for {place.what}")
        elif refused.errno == errno.EADDRINUSE:
            yield _held(place, where)
        else:
            yield Finding("ports", "error", where, f"{place.what}: {refused.strerror}", _advice(refused))


def _advice(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "a port below 1024 needs AmbientCapabilities=CAP_NET_BIND_SERVICE in the service"
    return "name an address of this machine"


def _bind(place: Place) -> OSError | None:
    """Why a port cannot be listened on now; None where it can."""
    host = place.host or "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if place.udp else socket.SOCK_STREAM) as probe:
        if not place.udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, place.port))
            if not place.udp:
                probe.listen(1)
        except OSError as error:
            return error
    return None


def _held(place: Place, where: str) -> Finding:
    holder = _holder(place)
    if holder is None:
        said = f"held by a process of another account, which this one may not look at; it is for {place.what}"
        return Finding("ports", "advice", where, said, "run this as the account of the service")
    number, command = holder
    if any(Path(word).name in OURS for word in command.split()):
        return Finding("ports", "fine", where, f"held by {place.what} of Jauge, process {number}")
    return Finding(
        "ports",
        "error",
        where,
        f"{place.what} cannot listen there: held by process {number} ({Path(command.split()[0]).name})",
        "stop that program, or give another port (--web.listen-address, traps.port)",
    )


def _holder(place: Place) -> tuple[int, str] | None:
    """PID and command line of whoever listens on a port, as far as this account may see."""
    inodes = {f"socket:[{inode}]" for inode in _inodes(place.port, udp=place.udp)}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and inodes.intersection(_files(process)):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().split(b"\0")
                return int(process.name), " ".join(word.decode("utf-8", "replace") for word in words[:4])
    return None


def _files(process: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for file in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(file.readlink())


def _inodes(port: int, *, udp: bool) -> Iterator[str]:
    for table in ("udp", "udp6") if udp else ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for row in Path("/proc/net", table).read_text("ascii").splitlines()[1:]:
                cells = row.split()
                is_here = int(cells[1].rpartition(":")[2], 16) == port
                if is_here and (udp or cells[3] == _LISTENS):
                    yield cells[9]
