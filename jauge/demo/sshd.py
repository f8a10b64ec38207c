"""The SSH servers of the demo: paramiko's server mode, one key that may log in, commands only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Final

import paramiko
import structlog
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from jauge.demo.shell import Answer

log = structlog.get_logger(__name__)

USER: Final = "jauge"
_HANDSHAKE_SECONDS: Final = 20.0


class Session(paramiko.ServerInterface):
    """One client: who may come in, and what a command gives."""

    def __init__(self, allowed: paramiko.PKey, run: Callable[[str], Answer]) -> None:
        self._allowed = allowed
        self._run = run

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 - paramiko's signature
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and key == self._allowed
        return AUTH_SUCCESSFUL if known else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 - paramiko's signature
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._answer, args=(channel, command), daemon=True).start()
        return True

    def _answer(self, channel: paramiko.Channel, command: bytes) -> None:
        try:
            # A round trip: the transport's thread reads its reply only after it has told the client that the
            # command began. An answer that overtook this would close the channel too early.
            channel.get_transport().global_request("keepalive@openssh.com", wait=True)
            answer = self._run(command.decode("utf-8", "replace"))
            channel.sendall(answer.output.encode("utf-8"))
            channel.sendall_stderr(answer.error.encode("utf-8"))
            channel.send_exit_status(answer.status)
            channel.close()
        except (OSError, EOFError, paramiko.SSHException) as error:
            log.info("demo client left", error=str(error))


class Server:
    """An SSH server on a TCP port of 127.0.0.1, in threads of its own. Raises OSError where the port is taken."""

    def __init__(
        self, port: int, host_key: paramiko.PKey, allowed: paramiko.PKey, run: Callable[[str], Answer]
    ) -> None:
        self._host_key, self._allowed, self._run = host_key, allowed, run
        self._socket = socket.create_server(("127.0.0.1", port), backlog=20)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        transport = paramiko.Transport(client)
        transport.handshake_timeout = _HANDSHAKE_SECONDS
        transport.local_version = "SSH-2.0-OpenSSH_9.2"
        transport.add_server_key(self._host_key)
        try:
            transport.start_server(server=Session(self._allowed, self._run))
        except (OSError, EOFError, paramiko.SSHException) as error:
            log.info("demo client left", error=str(error))
            transport.close()

    def close(self) -> None:
        """Take no more clients."""
        self._socket.close()
