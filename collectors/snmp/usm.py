"""The arithmetic of the User-based Security Model: keys, signatures and ciphers.

RFC 3414 (the model, MD5, SHA-1, DES), RFC 3826 (AES), RFC 7860 (SHA-2). Keys longer than a digest are not
standardised: draft-blumenthal-aes-usm-04 is what net-snmp does, draft-reeder-snmpv3-usm-3desede-00 what Cisco does.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

MEGABYTE: Final = 1024 * 1024
"""Bytes of repeated password that a key is the digest of (RFC 3414, A.2)."""

SALT_BYTES: Final = 8
BLOCK_BYTES: Final = 16


class Hash(NamedTuple):
    """A hash by its name in hashlib, and how many bytes of an HMAC with it a message carries."""

    name: str
    signature: int


HASHES: Final = {
    "MD5": Hash("md5", 12),
    "SHA": Hash("sha1", 12),
    "SHA-224": Hash("sha224", 16),
    "SHA-256": Hash("sha256", 24),
    "SHA-384": Hash("sha384", 32),
    "SHA-512": Hash("sha512", 48),
}


# --- Keys -----------------------------------------------------------------------------------------------

_KEPT: Final = 4096
_PEPPER: Final = os.urandom(32)
_stretched: dict[bytes, bytes] = {}


def stretch(hashing: Hash, password: bytes) -> bytes:
    """The key of a password (Ku of RFC 3414, A.2): a megabyte is hashed, so the result is remembered.

    It is found again by a keyed digest of the password, so that no password outlives its use in memory.
    Raises ValueError where the password is empty.
    """
    if not password:
        raise ValueError("an empty password makes no key")
    mark = hmac.digest(_PEPPER, hashing.name.encode() + b":" + password, "sha256")
    found = _stretched.get(mark)
    if found is None:
        repeated = (password * (MEGABYTE // len(password) + 1))[:MEGABYTE]
        found = _digest(hashing, repeated)
        if len(_stretched) >= _KEPT:
            _stretched.pop(next(iter(_stretched)), None)
        _stretched[mark] = found
    return found


def localise(hashing: Hash, key: bytes, engine: bytes) -> bytes:
    """The key of a password at one engine (Kul of RFC 3414, 2.6)."""
    return _digest(hashing, key + engine + key)


def extend_by_hash(hashing: Hash, key: bytes, _engine: bytes, size: int) -> bytes:
    """A localised key of at least `size` bytes (draft-blumenthal-aes-usm-04, 3.1.2.1)."""
    while len(key) < size:
        key += _digest(hashing, key)
    return key


def extend_by_password(hashing: Hash, key: bytes, engine: bytes, size: int) -> bytes:
    """The same where a key serves as the password of the next (draft-reeder-snmpv3-usm-3desede-00, 2.1)."""
    last = key
    while len(key) < size:
        last = localise(hashing, stretch(hashing, last), engine)
        key += last
    return key


def _digest(hashing: Hash, data: bytes) -> bytes:
    return hashlib.new(hashing.name, data, usedforsecurity=False).digest()


# --- Signatures -----------------------------------------------------------------------------------------


class Signature:
    """Signs whole messages for one user at one engine (RFC 3414, 6 and 7; RFC 7860, 4): HMAC, RFC 2104.

    The two hashes that begin with the key are kept, and continued for each message.
    """

    def __init__(self, hashing: Hash, password: bytes, engine: bytes) -> None:
        key = localise(hashing, stretch(hashing, password), engine)
        self._inner, self._outer = (_keyed(hashing, key, pad) for pad in (0x36, 0x5C))
        self.size = hashing.signature
        self.blank = bytes(self.size)

    def sign(self, message: bytes, place: int) -> bytes:
        """The message with its signature at `place`, where `blank` stands."""
        return message[:place] + self._made(message) + message[place + self.size :]

    def verify(self, message: bytes, place: int) -> bool:
        """Whether the bytes at `place` are the signature of the message."""
        end = place + self.size
        made = self._made(message[:place], self.blank, message[end:])
        return hmac.compare_digest(made, message[place:end])

    def _made(self, *parts: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        for part in parts:
            inner.update(part)
        outer.update(inner.digest())
        return outer.digest()[: self.size]


def _keyed(hashing: Hash, key: bytes, pad: int) -> hashlib._Hash:
    begun = hashlib.new(hashing.name, usedforsecurity=False)
    begun.update(bytes(byte ^ pad for byte in key.ljust(begun.block_size, b"\0")))
    return begun


# --- Ciphers --------------------------------------------------------------------------------------------


class Privacy(Protocol):
    """Encrypts for one user at one engine. `boots` and `time` are those in the header of the message."""

    def encrypt(self, salt: bytes, boots: int, time: int, plain: bytes) -> bytes:
        """The encrypted bytes. A salt has 8 bytes, and never serves twice."""

    def decrypt(self, salt: bytes, boots: int, time: int, data: bytes) -> bytes:
        """The plain bytes, and perhaps padding after them. Raises ValueError for what is not encrypted so."""


class AesPrivacy:
    """AES in cipher feedback mode of 128 bits (RFC 3826, 3.1). The length of the key says which AES.

    The mode hides each block with what the cipher makes of the hidden block before it. The context that makes blocks
    is kept: a new one for each message takes longer than its blocks.
    """

    def __init__(self, key: bytes) -> None:
        self._blocks = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - one block at a time, as CFB does

    def encrypt(self, salt: bytes, boots: int, time: int, plain: bytes) -> bytes:
        hidden = [_vector(salt, boots, time)]
        for at in range(0, len(plain), BLOCK_BYTES):
            hidden.append(_xor(plain[at : at + BLOCK_BYTES], self._blocks.update(hidden[-1])))
        return b"".join(hidden[1:])

    def decrypt(self, salt: bytes, boots: int, time: int, data: bytes) -> bytes:
        before = _vector(salt, boots, time) + data
        return _xor(data, self._blocks.update(before[: len(data) + -len(data) % BLOCK_BYTES]))


def _xor(data: bytes, stream: bytes) -> bytes:
    size = len(data)
    return (int.from_bytes(data) ^ int.from_bytes(stream[:size])).to_bytes(size)


def _vector(salt: bytes, boots: int, time: int) -> bytes:
    return struct.pack(">II", boots, time) + salt


class DesPrivacy:
    """DES in cipher block chaining (RFC 3414, 8.1.1): for devices that know nothing better.

    The second half of the key is what the salt is added to. Three times DES with one key is DES.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = TripleDES(key[:8] * 3)
        self._offset = int.from_bytes(key[8:16])

    def encrypt(self, salt: bytes, _boots: int, _time: int, plain: bytes) -> bytes:
        padding = bytes(-len(plain) % 8)
        return Cipher(self._cipher, CBC(self._vector(salt))).encryptor().update(plain + padding)

    def decrypt(self, salt: bytes, _boots: int, _time: int, data: bytes) -> bytes:
        if len(data) % 8:
            raise ValueError("not whole blocks of DES")
        return Cipher(self._cipher, CBC(self._vector(salt))).decryptor().update(data)

    def _vector(self, salt: bytes) -> bytes:
        return (self._offset ^ int.from_bytes(salt)).to_bytes(8)


class _Kind(NamedTuple):
    make: Callable[[bytes], Privacy]
    size: int
    extend: Callable[[Hash, bytes, bytes, int], bytes]


CIPHERS: Final = {
    "DES": _Kind(DesPrivacy, 16, extend_by_hash),
    "AES": _Kind(AesPrivacy, 16, extend_by_hash),
    "AES-192": _Kind(AesPrivacy, 24, extend_by_hash),
    "AES-256": _Kind(AesPrivacy, 32, extend_by_hash),
    "AES-192-C": _Kind(AesPrivacy, 24, extend_by_password),
    "AES-256-C": _Kind(AesPrivacy, 32, extend_by_password),
}


def privacy_key(name: str, hashing: Hash, password: bytes, engine: bytes) -> bytes:
    """The key of a cipher of CIPHERS: as long as it needs."""
    _, size, extend = CIPHERS[name]
    key = localise(hashing, stretch(hashing, password), engine)
    return extend(hashing, key, engine, size)[:size]


def privacy(name: str, hashing: Hash, password: bytes, engine: bytes) -> Privacy:
    """A cipher of CIPHERS with its key."""
    return CIPHERS[name].make(privacy_key(name, hashing, password, engine))


def salts() -> Iterator[bytes]:
    """Salts without end that differ from each other: a counter of 64 bits from a random start."""
    number = int.from_bytes(os.urandom(SALT_BYTES))
    while True:
        yield number.to_bytes(SALT_BYTES)
        number = number + 1 & 2**64 - 1
