"""The agents of the demo, in one process on 127.0.0.1: `python -m jauge.demo.agents DIR`.

`jauge.demo.estate.prepare` has written there which port each machine answers on, and the secrets. Ends on
SIGTERM or SIGINT.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import paramiko
import structlog
from paramiko.ssh_exception import SSHException
from pysnmp.error import PySnmpError

from jauge.demo import curves, mibs, pacs, responder, services, shell, sshd
from jauge.demo.hospital import CAST, OVER_HTTP, Machine, Vault
from jauge.demo.layout import Layout

log = structlog.get_logger(__name__)


def start(layout: Layout) -> list[Any]:
    """Start every agent inside the running event loop; what is returned has to be kept alive."""
    kept: list[Any] = []
    for number, machine in enumerate(CAST):
        try:
            kept += _start(machine, number, layout)
        except (
            OSError,
            ValueError,
            PySnmpError,
            SSHException,
        ) as error:  # a port was taken meanwhile, say which
            log.error("agent cannot start", target=machine.name, error=str(error))
    return kept


def _start(machine: Machine, number: int, layout: Layout) -> list[Any]:
    if machine.speech in ("host", "web"):
        return []
    port = layout.port(machine.name)
    if machine.speech == "silent":
        return [_silence(port)]
    if machine.speech == "shell":
        return [_shell(machine, port, layout)]
    keys = responder.Keys(
        layout.secret("community"), layout.secret("authentication"), layout.secret("privacy")
    )
    return [responder.serve(port, keys, number, partial(mibs.table, machine, birth=layout.birth))]


def _silence(port: int) -> socket.socket:
    """A machine that takes every packet and never answers."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", port))
    return silent


def _shell(machine: Machine, port: int, layout: Layout) -> sshd.Server:
    def run(line: str) -> shell.Answer:
        return shell.serve(line, shell.Moment(machine, time.time(), layout.birth))

    host_key = paramiko.Ed25519Key.from_private_key_file(str(layout.host_key(machine.name)))
    allowed = paramiko.Ed25519Key.from_private_key_file(str(layout.client_key))
    return sshd.Server(port, host_key, allowed, run)


def start_services(layout: Layout) -> list[Any]:
    """Start what answers over DICOM and HTTP."""
    kept: list[Any] = []

    def moment() -> tuple[float, float]:
        return time.time(), layout.birth

    for machine in CAST:
        http = f"{machine.name} http"
        if machine.archive is not None:
            kept.append(pacs.echo(layout.port(f"{machine.name} dicom"), machine.archive.aet))
            kept.append(pacs.orthanc(layout.port(http), layout.secret("orthanc"), machine.archive, moment))
        if isinstance(machine.service, Vault):
            port = layout.port(f"{machine.name} dicom")
            kept.append(pacs.echo(port, machine.service.aet, callers=("RADIOLOGIE",)))
        if isinstance(machine.service, OVER_HTTP):
            secret = layout.secret("vault" if isinstance(machine.service, Vault) else "platforms")
            kept.append(services.start(machine, layout.port(http), secret, moment))
    return kept


async def serve(layout: Layout) -> None:
    """Run until a signal comes."""
    curves.activity(np.array([time.time()]))  # the calendar now, not in the first answer
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    kept = start(layout)
    kept += await asyncio.to_thread(start_services, layout)
    print("ready", flush=True)
    await stopping.wait()


def main() -> None:
    """The command line: one argument, the directory of the demo."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m jauge.demo.agents DIR")
    asyncio.run(serve(Layout.read(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
