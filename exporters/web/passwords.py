"""Passwords of scrapers: bcrypt, checked in a thread, and each right one remembered by a keyed digest.

bcrypt takes a tenth of a second of a processor by design, and a scrape comes each quarter of a minute: who was let in
is known again by its digest, whose key is drawn by lot at the start and never leaves the process.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import bcrypt

WAITING: Final = 16
"""Checks under way at once; further ones are refused. Those who are known are not among them."""

_BCRYPT_BYTES: Final = (
    72  # what the algorithm reads of a password: the rest never counted, in other programs either
)


class BusyError(Exception):
    """More passwords are being checked than are taken at once."""


class Passwords:
    """The users of one web configuration: names and bcrypt hashes."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._hashes = {name.encode(): hashed.encode() for name, hashed in users.items()}
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, bytes] = {}
        self._waiting = 0
        # One thread: bcrypt may take one processor from the polls, not all of them.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bcrypt")

    def __bool__(self) -> bool:
        return bool(self._hashes)

    async def right(self, header: str | None) -> bool:
        """Whether an `Authorization` header names a user with his password. Raises BusyError."""
        given = basic(header)
        if given is None:
            return False
        name, password = given
        digest = self._digest(name, password)
        if hmac.compare_digest(self._known.get(name, b""), digest):
            return True
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            alike = await loop.run_in_executor(self._thread, _check, password, self._hash(name))
        finally:
            self._waiting -= 1
        if alike and name in self._hashes:
            self._known[name] = digest
            return True
        return False

    def close(self) -> None:
        """Let go of the thread, once it has done what was asked of it."""
        self._thread.shutdown(wait=False)

    def _hash(self, name: bytes) -> bytes:
        """The hash to check against. For a name that nobody has it is another user's, always the same one: so it takes as long."""
        if name in self._hashes:
            return self._hashes[name]
        others = list(self._hashes.values())
        return others[int.from_bytes(self._digest(name, b"")[:8]) % len(others)]

    def _digest(self, name: bytes, password: bytes) -> bytes:
        content = len(name).to_bytes(4) + name + password
        return hmac.digest(self._key, content, "sha256")


def basic(header: str | None) -> tuple[bytes, bytes] | None:
    """Name and password of an `Authorization` header (RFC 7617), None where it holds none.

    >>> basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    (b'Aladdin', b'open sesame')
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(token.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None


def _check(password: bytes, hashed: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:_BCRYPT_BYTES], hashed)
    except ValueError:
        return False
