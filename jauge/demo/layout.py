"""What the demo keeps in its directory: when it was born, its ports, its secrets."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import socket
import time
from pathlib import Path
from typing import Final

from jauge.demo.curves import DAY
from jauge.demo.hospital import CAST, OVER_HTTP, Vault

FILE: Final = "demo.json"
_SECRETS: Final = ("community", "authentication", "privacy", "stale", "orthanc", "platforms", "vault")


@dataclasses.dataclass(frozen=True)
class Layout:
    """The demo of a directory. `birth` is the UTC midnight of its first day (epoch seconds)."""

    directory: Path
    birth: float
    ports: dict[str, int]

    @classmethod
    def read(cls, directory: Path) -> Layout:
        """The layout that `make` wrote. Raises OSError or ValueError where there is none."""
        stored = json.loads((directory / FILE).read_text("utf-8"))
        return cls(
            directory, float(stored["birth"]), {name: int(port) for name, port in stored["ports"].items()}
        )

    @classmethod
    def make(cls, directory: Path) -> Layout:
        """The layout of a directory, its birth and secrets kept from an earlier run, its ports as far as free."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            before = cls.read(directory)
        except (OSError, ValueError, KeyError):
            before = cls(directory, time.time() // DAY * DAY, {})
        layout = cls(directory, before.birth, _ports(before.ports))
        layout._make_secrets()
        write(directory / FILE, json.dumps({"birth": layout.birth, "ports": layout.ports}, indent=1))
        return layout

    def port(self, name: str) -> int:
        """The port of a machine, or of its "dicom" or "http"."""
        return self.ports[name]

    def secret_file(self, name: str) -> Path:
        return self.directory / "secrets" / name

    def secret(self, name: str) -> str:
        """A secret of the demo."""
        return self.secret_file(name).read_text("utf-8").strip()

    @property
    def client_key(self) -> Path:
        """The private key with which Jauge logs in."""
        return self.secret_file("id_ed25519")

    def host_key(self, machine: str) -> Path:
        """The private host key of a machine."""
        return self.secret_file(f"host_ed25519.{machine}")

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    def _make_secrets(self) -> None:
        self.secret_file("").mkdir(exist_ok=True, mode=0o700)
        for name in _SECRETS:
            if not self.secret_file(name).is_file():
                write(self.secret_file(name), secrets.token_urlsafe(18))
        shells = [machine.name for machine in CAST if machine.speech == "shell"]
        for file in (self.client_key, *(self.host_key(name) for name in shells)):
            if not file.is_file():
                write(file, _private_key())
        # The host key of edc-01 is left out: nobody has looked at it yet.
        lines = [
            f"[127.0.0.1]:{self.port(name)} {_public_key(self.host_key(name))}\n"
            for name in shells
            if name != UNKNOWN
        ]
        write(self.known_hosts, "".join(lines))


UNKNOWN: Final = "edc-01"
"""The machine whose host key is not in known_hosts."""


def write(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = file.with_name(f".{file.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)


def _private_key() -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only the first run needs it
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    return (
        ed25519.Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        .decode("ascii")
    )


def _public_key(file: Path) -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    private = serialization.load_ssh_private_key(file.read_bytes(), None)
    encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return private.public_key().public_bytes(encoding, form).decode("ascii")


def _ports(before: dict[str, int]) -> dict[str, int]:
    """A free port of 127.0.0.1 for each agent: the one of the earlier run where it still is free."""
    names: list[tuple[str, socket.SocketKind]] = []
    for machine in CAST:
        if machine.speech not in ("host", "web"):
            kind = socket.SOCK_STREAM if machine.speech == "shell" else socket.SOCK_DGRAM
            names.append((machine.name, kind))
        if machine.archive is not None or isinstance(machine.service, Vault):
            names.append((f"{machine.name} dicom", socket.SOCK_STREAM))
        if machine.archive is not None or isinstance(machine.service, OVER_HTTP):
            names.append((f"{machine.name} http", socket.SOCK_STREAM))
    held: list[socket.socket] = []  # all at once, so that no port is given twice
    try:
        return {name: _free(kind, before.get(name, 0), held) for name, kind in names}
    finally:
        for each in held:
            each.close()


def _free(kind: socket.SocketKind, wanted: int, held: list[socket.socket]) -> int:
    for port in dict.fromkeys((wanted, 0)):
        each = socket.socket(socket.AF_INET, kind)
        held.append(each)
        if kind is socket.SOCK_STREAM:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            each.bind(("127.0.0.1", port))
        except OSError:
            continue
        return int(each.getsockname()[1])
    raise OSError("no port of 127.0.0.1 is free")
