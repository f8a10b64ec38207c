"""What the tests of SSH share: estates of one host, and servers that answer as a test wants."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import servers

from collectors import ssh
from collectors.poll import Step, Table, forget
from inventory.estate import Estate

Behave = Callable[[paramiko.Channel, str], None]

LOAD = "0.50 0.01 0.03 2/111 2039\n1.0 1.0\n2\n"


def an_estate(
    port: int,
    known_hosts: Path,
    key: Path | None,
    user: str = "jauge",
    timeout: float = 5,
    password: str | None = None,
    **access: Any,
) -> Estate:
    """An estate of one host on loopback, `srv-01`."""
    proof = {"key": f"file:{key}"} if key else {"password": password}
    return Estate.model_validate(
        {
            "credentials": {"servers": {"ssh": {"user": user, "known_hosts": str(known_hosts)} | proof}},
            "targets": [
                {
                    "name": "srv-01",
                    "address": servers.LOOPBACK,
                    "timeout": timeout,
                    "ssh": {"credential": "servers", "port": port, **access},
                }
            ],
        }
    )


def of(server: servers.Sshd, **access: Any) -> Estate:
    """An estate of a real server."""
    return an_estate(server.port, server.known_hosts, server.key, server.user, **access)


async def poll(
    estate: Estate, pool: ssh.Connections, trace: Callable[[Step], None] = forget
) -> tuple[dict[str, Table], dict[str, str]]:
    """The tables of the one host, by name, and what it is."""
    tables, facts = await ssh.poll(estate.targets[0], estate, trace, pool)
    return {table.name: table for table in tables}, facts


def values(table: Table) -> dict[tuple[str, str], float]:
    """The values of a table, by metric and store or job."""
    return {
        (sample.metric, dict(sample.labels).get("store") or dict(sample.labels).get("job", "")): sample.value
        for sample in table
    }


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server whose connections `serve` handles, each in a thread; they end with it."""
    with socket.create_server((servers.LOOPBACK, 0), backlog=400) as server:
        clients: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    clients.append(sock)
                    threading.Thread(target=quietly, args=(sock,), daemon=True).start()

        def quietly(sock: socket.socket) -> None:
            with contextlib.suppress(Exception):
                serve(sock)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for sock in clients:
                sock.close()


class Recorder(paramiko.ServerInterface):
    """Notes every attempt to log in, and lets in who comes with `allowed` (everybody); commands go to `behave`."""

    def __init__(self, behave: Behave | None = None, allowed: Callable[[], bool] = lambda: True) -> None:
        self.attempts: list[str] = []
        self.requests: list[str] = []
        self.behave = behave
        self.allowed = allowed

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def _judge(self, said: str) -> int:
        self.attempts.append(said)
        return paramiko.AUTH_SUCCESSFUL if self.allowed() else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return self._judge(username)

    def check_auth_password(self, username: str, password: str) -> int:
        return self._judge(f"{username}:{password}")

    def check_auth_none(self, username: str) -> int:
        self.attempts.append(username)
        return paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel: paramiko.Channel, *_: Any) -> bool:
        self.requests.append("pty")
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.requests.append("exec")
        assert self.behave is not None
        threading.Thread(target=self._serve, args=(channel, command.decode()), daemon=True).start()
        return True

    def _serve(self, channel: paramiko.Channel, command: str) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            # its answer comes after the client was told that the command began
            channel.get_transport().global_request("keepalive@openssh.com", wait=True)
            assert self.behave is not None
            self.behave(channel, command)


@dataclasses.dataclass(frozen=True)
class Host:
    """A server of ours: its port, its known_hosts, and a key to log in with."""

    port: int
    known_hosts: Path
    key: Path
    transports: list[paramiko.Transport]

    def estate(self, **access: Any) -> Estate:
        return an_estate(self.port, self.known_hosts, self.key, **access)


@contextlib.contextmanager
def a_server(
    place: Path, recorder: Recorder, change: Callable[[paramiko.Transport], None] = lambda _: None
) -> Iterator[Host]:
    """A paramiko server; `change` makes each connection another than it would be."""
    host_key = paramiko.PKey.from_path(servers.key_pair(place / "host"))
    login = servers.key_pair(place / "login")
    transports: list[paramiko.Transport] = []

    def serve(sock: socket.socket) -> None:
        transport = paramiko.Transport(sock)
        transports.append(transport)
        transport.add_server_key(host_key)
        change(transport)
        transport.start_server(server=recorder)

    with listening(serve) as port:
        known = place / "known_hosts"
        known.write_text(f"[{servers.LOOPBACK}]:{port} {servers.public(place / 'host')}\n")
        try:
            yield Host(port, known, login, transports)
        finally:
            for transport in transports:
                transport.close()


def printed(line: str, *texts: str, status: int = 0) -> bytes:
    """What the shell prints that ran `line`, where its first commands print `texts`."""
    found = re.search(r'printf "[^"]*" ([0-9a-f]{32}) ', line)
    assert found, line
    mark = found[1]
    parts = [f"\n{mark} 0 0\n", *(f"{text}\n{mark} {n} {status}\n" for n, text in enumerate(texts, 1))]
    return "".join(parts).encode()
