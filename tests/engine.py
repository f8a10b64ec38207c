"""An SNMPv3 engine that may lie: SHA-256 and AES-128, its messages made by hand (RFC 3412, RFC 3414, RFC 7860)."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Final

import responder
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from responder import Agent, Oid, parts, wrap

USER: Final = "watcher"
AUTH, PRIVACY = "authpass123", "privpass123"
SIGNATURE: Final = 24
PLAIN, SIGNED, SECRET = 0, 1, 3
REPORT: Final = 0xA8
USM_STATS: Final[Oid] = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED, NOT_IN_TIME, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, UNDECRYPTABLE = range(1, 7)


def key(password: str, engine: bytes) -> bytes:
    """A password's key at an engine (RFC 3414, A.2 and 2.6, with SHA-256)."""
    repeated = (password.encode() * (2**20 // len(password) + 1))[: 2**20]
    stretched = hashlib.sha256(repeated).digest()
    return hashlib.sha256(stretched + engine + stretched).digest()


def integer(number: int) -> bytes:
    return wrap(0x02, number.to_bytes(number.bit_length() // 8 + 1))


class Asked:
    """What a request says."""

    def __init__(self, datagram: bytes, engine: Engine) -> None:
        _, header, security, body = parts(next(parts(datagram)).body)
        number, _, flags, _ = parts(header.body)
        name, boots, seconds, user, _, salt = parts(next(parts(security.body)).body)
        self.number = int.from_bytes(number.body)
        self.level = flags.body[0] & 3
        self.engine, self.user = name.body, user.body
        self.boots, self.time = int.from_bytes(boots.body), int.from_bytes(seconds.body)
        scoped = wrap(*body)
        if self.level == SECRET and self.engine == engine.identity:
            scoped = engine.cipher(self.boots, self.time, salt.body).decryptor().update(body.body)
        elif self.level == SECRET:
            scoped = b""
        self.pdu = b"" if not scoped else wrap(*list(parts(next(parts(scoped)).body))[2])


class Engine:
    """What an agent is to SNMPv3, and the messages that it makes. `asked` are the requests so far."""

    def __init__(
        self, agent: Agent, identity: bytes = b"\x80\x00\x1f\x88\x04first", boots: int = 7, ran: float = 5000
    ) -> None:
        self.agent = agent
        self.boots = boots
        self.begun = time.monotonic() - ran
        self.asked: list[Asked] = []
        self.rename(identity)

    def rename(self, identity: bytes, privacy: str = PRIVACY) -> None:
        self.identity = identity
        self.secret, self.private = key(AUTH, identity), key(privacy, identity)[:16]

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self.begun)

    def cipher(self, boots: int, seconds: int, salt: bytes) -> Cipher[CFB]:
        return Cipher(AES(self.private), CFB(boots.to_bytes(4) + seconds.to_bytes(4) + salt))

    def hear(self, datagram: bytes) -> Asked:
        asked = Asked(datagram, self)
        self.asked.append(asked)
        return asked

    def answer(self, asked: Asked) -> bytes:
        """What an honest agent says."""
        if asked.engine != self.identity:
            return self.report(asked, UNKNOWN_ENGINE)
        if asked.boots != self.boots or abs(asked.time - self.seconds) > 150:
            return self.report(asked, NOT_IN_TIME, SIGNED)
        return self.message(asked.number, self.response(asked), SECRET)

    def response(self, asked: Asked) -> bytes:
        """The PDU that answers another."""
        said = self.agent.answer(wrap(0x30, wrap(0x02, b"\x01") + wrap(0x04, b"x") + asked.pdu)) or b""
        return wrap(*list(parts(next(parts(said)).body))[2])

    def report(self, asked: Asked, counter: int, level: int = PLAIN, identity: bytes | None = None) -> bytes:
        name = wrap(0x06, responder.pack((*USM_STATS, counter, 0)))
        row = wrap(0x30, name + wrap(0x41, b"\x01"))
        pdu = wrap(REPORT, integer(0) * 3 + wrap(0x30, row))
        return self.message(asked.number, pdu, level, identity=identity)

    def message(
        self,
        number: int,
        pdu: bytes,
        level: int,
        *,
        boots: int | None = None,
        seconds: int | None = None,
        identity: bytes | None = None,
    ) -> bytes:
        name = self.identity if identity is None else identity
        scoped = wrap(0x30, wrap(0x04, name) + wrap(0x04, b"") + pdu)
        return self.seal(number, scoped, level, boots=boots, seconds=seconds, identity=identity)

    def seal(
        self,
        number: int,
        scoped: bytes,
        level: int,
        *,
        boots: int | None = None,
        seconds: int | None = None,
        identity: bytes | None = None,
    ) -> bytes:
        boots, seconds = self.boots if boots is None else boots, self.seconds if seconds is None else seconds
        name, salt, blank = self.identity if identity is None else identity, b"", b""
        if level == SECRET:
            salt = number.to_bytes(8)
            scoped = wrap(0x04, self.cipher(boots, seconds, salt).encryptor().update(scoped))
        if level:
            blank = bytes(SIGNATURE)
        user = USER.encode() if level else b""
        tail = wrap(0x04, salt) + scoped
        header = wrap(0x30, integer(number) + integer(65_507) + wrap(0x04, bytes((level,))) + integer(3))
        fields = wrap(0x04, name) + integer(boots) + integer(seconds) + wrap(0x04, user) + wrap(0x04, blank)
        security = wrap(0x04, wrap(0x30, fields + wrap(0x04, salt)))
        whole = wrap(0x30, integer(3) + header + security + scoped)
        if not level:
            return whole
        place = len(whole) - len(tail) - SIGNATURE
        made = hmac.digest(self.secret, whole, "sha256")[:SIGNATURE]
        return whole[:place] + made + whole[place + SIGNATURE :]
