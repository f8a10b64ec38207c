"""Host keys of SSH servers: what known_hosts holds for a host, and whether the host still shows it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import paramiko
from paramiko.hostkeys import HostKeyEntry, HostKeys

from collectors.poll import PollError

_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")


def name(host: str, port: int) -> str:
    """A host as known_hosts names it: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT."""
    return host if port == 22 else f"[{host}]:{port}"


def known(file: str, host: str, port: int) -> list[paramiko.PKey]:
    """The keys that known_hosts holds for a host. Raises PollError where the file cannot be read."""
    wanted, found = name(host, port), []
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise PollError("host_key_unknown", f"cannot read known_hosts {file}: {error.strerror}") from None
    for line in lines:
        try:
            entry = HostKeyEntry.from_line(line.strip()) if line.strip()[:1] not in ("", "#", "@") else None
        except (paramiko.SSHException, ValueError):
            continue  # one bad line is no reason to forget the others; its host stays unknown
        if entry is not None and any(_same(wanted, host) for host in entry.hostnames or ()):
            found.append(entry.key)
    return found


def _same(wanted: str, entry: str) -> bool:
    if entry.startswith("|1|") and entry.count("|") == 3:
        try:
            return hmac.compare_digest(HostKeys.hash_host(wanted, entry), entry)
        except ValueError:
            return False
    return wanted.lower() == entry.lower()


def algorithms(keys: Sequence[paramiko.PKey], offered: Sequence[str]) -> tuple[str, ...]:
    """The signature algorithms that go with the known keys, in the order in which they are offered."""
    types = {kind for key in keys for kind in (_RSA if key.get_name() == "ssh-rsa" else (key.get_name(),))}
    return tuple(kind for kind in offered if kind in types)


def check(key: paramiko.PKey, keys: Sequence[paramiko.PKey], file: str, host: str, port: int) -> None:
    """Raise PollError unless the key that a host shows is one of those known for it."""
    if any(key == other for other in keys):
        return
    shown = f"{name(host, port)} shows {key.get_name()} {key.fingerprint}"
    if keys:
        raise PollError(
            "host_key_changed", f"{shown}, {file} holds another: find out why before replacing it"
        )
    raise PollError("host_key_unknown", f"{shown}: compare it on the host, then add it to {file}")


def gone(file: str, host: str, port: int) -> str:
    """What to say where a host no longer has any key of the known kinds."""
    return f"{name(host, port)} has no key of the kind that {file} holds: find out why before replacing it"
