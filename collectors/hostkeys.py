"""Host keys of SSH servers: what known_hosts holds for a host, whether the host shows it, and how one is added.

The form is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: names plain, with wildcards, negated or hashed; the markers
`@revoked` and `@cert-authority`. Certificates of hosts are not read: such a line trusts no key.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hmac
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import paramiko
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from collectors.poll import PollError, exhausted

_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")
_FINGERPRINT: Final = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")


class OtherKindError(Exception):
    """The host has no key of a kind that is known for it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of known_hosts; `hosts` is empty where it names no key (a comment, or what nobody can read)."""

    text: str
    marker: str = ""
    hosts: str = ""
    key: paramiko.PKey | None = None

    def names(self, wanted: str) -> bool:
        """Whether the line is about that host: one pattern matches, and none that is negated."""
        if self.hosts.startswith("|"):
            return _hashed(wanted, self.hosts)
        patterns = self.hosts.lower().split(",")
        matching = [p for p in patterns if _matches(wanted.lower(), p.removeprefix("!"))]
        return bool(matching) and not any(p.startswith("!") for p in matching)


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What known_hosts holds for one host: keys that it may show, keys that are revoked."""

    host: str
    file: str
    keys: tuple[paramiko.PKey, ...] = ()
    revoked: tuple[paramiko.PKey, ...] = ()
    authority: bool = False

    def check(self, key: paramiko.PKey) -> None:
        """Raise PollError unless the key that a host shows is one of those known for it, and not revoked."""
        shown = f"{self.host} shows {describe(key)}"
        if key in self.revoked:
            raise PollError("host_key_changed", f"{shown}, which {self.file} calls revoked: do not trust it")
        if key in self.keys:
            return
        if self.keys:
            raise PollError(
                "host_key_changed", f"{shown}, {self.file} holds another: find out why before replacing it"
            )
        why = "; its authority is known, but certificates are not read" if self.authority else ""
        raise PollError(
            "host_key_unknown",
            f"{shown}{why}: compare it on the host, then accept it with `jauge trust ESTATE TARGET`",
        )

    def gone(self) -> PollError:
        """What to say where a host no longer has any key of the known kinds."""
        said = f"{self.host} has no key of the kind that {self.file} holds: find out why before replacing it"
        return PollError("host_key_changed", said)


class KnownHosts:
    """The lines of a known_hosts file."""

    def __init__(self, file: str, lines: Sequence[Line]) -> None:
        self.file = file
        self.lines = tuple(lines)

    @property
    def hashed(self) -> bool:
        """Whether the file hides the names of its hosts."""
        return any(line.hosts.startswith("|") for line in self.lines)

    def of(self, host: str, port: int) -> Known:
        """What the file holds for a host."""
        return self.about(name(host, port))

    def about(self, wanted: str) -> Known:
        """What the file holds for a host by the name that it has there."""
        about = [line for line in self.lines if line.key is not None and line.names(wanted)]
        return Known(
            host=wanted,
            file=self.file,
            keys=tuple(line.key for line in about if line.key and not line.marker),
            revoked=tuple(line.key for line in about if line.key and line.marker == "@revoked"),
            authority=any(line.marker == "@cert-authority" for line in about),
        )


def read(file: str) -> KnownHosts:
    """The lines of a file. Raises PollError where it cannot be read."""
    try:
        # bytes: what a file has as line ends stays when it is written again
        return KnownHosts(file, parse(Path(file).read_bytes().decode("utf-8", "surrogateescape")))
    except OSError as error:
        unread = PollError("host_key_unknown", f"cannot read known_hosts {file}: {error.strerror}")
        raise exhausted(error) or unread from None


def parse(text: str) -> list[Line]:
    """The lines of known_hosts. One that cannot be read is no reason to forget the others: its host stays unknown."""
    return [_line(line) for line in text.removesuffix("\n").split("\n")] if text else []


def _line(text: str) -> Line:
    words = text.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked", "@cert-authority"):
        return Line(text)
    try:
        entry = HostKeyEntry.from_line(" ".join(words[:3]))
    except (paramiko.SSHException, InvalidHostKey, ValueError, TypeError):
        return Line(text)
    return Line(text, marker, words[0], entry.key) if entry is not None else Line(text)


def name(host: str, port: int) -> str:
    """A host as known_hosts names it."""
    return host if port == 22 else f"[{host}]:{port}"


def describe(key: paramiko.PKey) -> str:
    """Type and fingerprint of a key, as `ssh-keygen -l` shows them."""
    return f"{key.get_name()} {key.fingerprint}"


def is_fingerprint(text: str) -> bool:
    """Whether a text is a fingerprint: SHA256 and base64."""
    return _FINGERPRINT.fullmatch(text) is not None


def has_fingerprint(key: paramiko.PKey, text: str) -> bool:
    """Whether that is the fingerprint of the key."""
    match = _FINGERPRINT.fullmatch(text)
    return match is not None and hmac.compare_digest(f"SHA256:{match[1]}", key.fingerprint.rstrip("="))


def algorithms(keys: Sequence[paramiko.PKey], offered: Sequence[str]) -> tuple[str, ...]:
    """The signature algorithms that go with the known keys, in the order in which they are offered."""
    types = {kind for key in keys for kind in (_RSA if key.get_name() == "ssh-rsa" else (key.get_name(),))}
    return tuple(kind for kind in offered if kind in types)


def _matches(wanted: str, pattern: str) -> bool:
    # ssh_config(5), PATTERNS: * and ? alone are special, brackets are not
    parts = (re.escape(char) if char not in "*?" else {"*": ".*", "?": "."}[char] for char in pattern)
    return re.fullmatch("".join(parts), wanted, re.DOTALL) is not None


def _hashed(wanted: str, entry: str) -> bool:
    try:
        return entry.count("|") == 3 and hmac.compare_digest(HostKeys.hash_host(wanted, entry), entry)
    except (ValueError, AssertionError):
        return False


# --- adding a key ---------------------------------------------------------------------------------------


def held(file: str) -> KnownHosts:
    """The lines of a file; none where there is no such file yet. Raises PollError where it cannot be read."""
    return read(file) if Path(file).exists() else KnownHosts(file, ())


def add(known: Known, key: paramiko.PKey) -> None:
    """Trust a key of a host from now on, instead of the keys that are `known`: what a person saw and agreed to.

    Lines about other hosts, and revoked keys, stay as they are; a name is hashed where the file hashes names. The
    file is replaced as a whole: a new one is for its owner alone, another keeps its owner and who may read it.
    Raises PollError where the file holds something else about the host by now, or the key is revoked; OSError.
    """
    place = Path(os.path.realpath(known.file))
    with _locked(place.parent):
        found = held(known.file)
        if found.about(known.host) != known:
            raise PollError("host_key_changed", f"{known.file} was changed meanwhile: look at the key again")
        if key in known.revoked:
            known.check(key)
        lines = [kept for line in found.lines if (kept := _without(line, known.host)) is not None]
        shown = HostKeys.hash_host(known.host) if found.hashed else known.host
        lines.append(f"{shown} {key.get_name()} {key.get_base64()}")
        _replace(place, "".join(f"{line}\n" for line in lines))


def _without(line: Line, wanted: str) -> str | None:
    """A line without a host, or None where it was about no other. A pattern that means more hosts stays."""
    if line.marker or not line.names(wanted):
        return line.text
    if line.hosts.startswith("|"):
        return None
    others = [pattern for pattern in line.hosts.split(",") if pattern.lower() != wanted.lower()]
    if not any(not pattern.startswith("!") for pattern in others):
        return None
    if any(_matches(wanted.lower(), pattern.lower()) for pattern in others):
        others.append(f"!{wanted}")  # a wildcard would still trust the old key
    return line.text.replace(line.hosts, ",".join(others), 1)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time, without a lock file that stays."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(place: Path, text: str) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            former = place.stat()
            if (former.st_uid, former.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(beside, former.st_uid, former.st_gid)
            Path(beside).chmod(former.st_mode & 0o644 | 0o600)
        Path(beside).replace(place)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
