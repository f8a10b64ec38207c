"""SNMPv3 messages of one user to one agent: RFC 3412 (message), RFC 3414 (User-based Security Model).

What is known of an agent stays from poll to poll, so that a request costs one exchange: its engine ID (learned
from the report that answers a message without one), its boots and time (learned from nothing but messages that
it has signed, and that answer a number which we have just chosen), and the user's keys at that engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import structlog

from collectors.poll import PollError
from collectors.snmp import oid, usm
from collectors.snmp.ber import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    MalformedError,
    element,
    encode_integer,
    inside,
    integer,
    octets,
    wrap,
)
from collectors.snmp.security import Again
from inventory.credentials import SecretMissingError, SnmpV3
from inventory.metrics import Reason

log = structlog.get_logger(__name__)

WINDOW: Final = 150
"""Seconds by which an answer may be older than the agent's clock as we know it (RFC 3414, 2.2.3)."""

LAST: Final = 2**31 - 1
"""The last number of boots: an agent that has reached it must be given new keys (RFC 3414, 2.2.2)."""

LONGEST_ENGINE: Final = 32

_AUTH, _PRIV, _REPORTABLE = 1, 2, 4
_LEVEL: Final = _AUTH | _PRIV

_VERSION: Final = encode_integer(3)
_ANY_SIZE: Final = encode_integer(65_507)
_MODEL: Final = encode_integer(3)
_USM: Final = 3
_ZERO: Final = encode_integer(0)
_EMPTY: Final = wrap(OCTET_STRING)

_GET, _RESPONSE, _REPORT = 0xA0, 0xA2, 0xA8

# Counters of SNMP-USER-BASED-SM-MIB (usmStats) and SNMP-MPD-MIB (snmpMPDStats), as reports name them.
_NOT_IN_TIME_WINDOWS: Final = "1.3.6.1.6.3.15.1.1.2.0"
_UNKNOWN_ENGINE_IDS: Final = "1.3.6.1.6.3.15.1.1.4.0"
_FAILURES: Final[dict[str, tuple[Reason, str]]] = {
    "1.3.6.1.6.3.15.1.1.1.0": ("auth_failed", "the user may not ask with this auth and privacy"),
    "1.3.6.1.6.3.15.1.1.3.0": ("auth_failed", "the agent does not know the user"),
    "1.3.6.1.6.3.15.1.1.5.0": ("auth_failed", "the agent has another auth or auth_password for the user"),
    "1.3.6.1.6.3.15.1.1.6.0": (
        "wrong_privacy",
        "the agent has another privacy or privacy_password for the user",
    ),
    "1.3.6.1.6.3.12.1.4.0": ("unparsed", "the agent cannot be asked for the context at the moment"),
    "1.3.6.1.6.3.12.1.5.0": ("unparsed", "the agent does not know the context"),
}
_COUNTER_BYTES: Final = 64


class Message(NamedTuple):
    """The fields of a message (RFC 3412, 6; RFC 3414, 2.4). `place` is where the signature's bytes begin,
    `body` where the scoped PDU or its encryption stands."""

    number: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    signature: bytes
    place: int
    salt: bytes
    body: int


def read(datagram: bytes) -> Message:
    """The fields of a message of SNMPv3 with USM. Raises MalformedError for anything else."""
    at, stop = inside(datagram, 0, len(datagram), SEQUENCE)
    version, at = integer(datagram, at, stop)
    if version != 3 or stop != len(datagram):
        raise MalformedError("no message of SNMPv3")
    at, end = inside(datagram, at, stop, SEQUENCE)
    number, at = integer(datagram, at, end)
    _, at = integer(datagram, at, end)
    flags, at = octets(datagram, at, end)
    model, at = integer(datagram, at, end)
    if len(flags) != 1 or flags[0] & _LEVEL == _PRIV or model != _USM or at != end:
        raise MalformedError("a header that is none of USM")
    at, end = inside(datagram, at, stop, OCTET_STRING)
    body = end
    at, end = inside(datagram, at, end, SEQUENCE)
    engine, at = octets(datagram, at, end)
    boots, at = integer(datagram, at, end)
    seconds, at = integer(datagram, at, end)
    user, at = octets(datagram, at, end)
    signature, at = octets(datagram, at, end)
    place = at - len(signature)
    salt, at = octets(datagram, at, end)
    if not at == end == body or boots < 0 or seconds < 0:
        raise MalformedError("parameters that are none of USM")
    return Message(number, flags[0], engine, boots, seconds, user, signature, place, salt, body)


class Scoped(NamedTuple):
    """A scoped PDU: what it is about, and where in `data` its PDU stands."""

    engine: bytes
    context: bytes
    data: bytes
    start: int
    stop: int

    @property
    def kind(self) -> int:
        """The tag of the PDU."""
        return self.data[self.start]


def read_scoped(data: bytes, at: int) -> Scoped:
    """The scoped PDU at `at` (RFC 3412, 6.8). Raises MalformedError where there is none."""
    at, stop = inside(data, at, len(data), SEQUENCE)
    engine, at = octets(data, at, stop)
    context, at = octets(data, at, stop)
    kind, _, end = element(data, at, stop)
    if kind not in (_RESPONSE, _REPORT) or end != stop:
        raise MalformedError("no answer")
    return Scoped(engine, context, data, at, stop)


def read_counter(scoped: Scoped) -> str:
    """The counter that a report names, with dots: that of its one varbind (RFC 3412, 7.1.3)."""
    at, stop = inside(scoped.data, scoped.start, scoped.stop, _REPORT)
    for _ in range(3):  # request-id, error-status, error-index: an agent that could not decrypt knows none
        _, at = integer(scoped.data, at, stop)
    at, stop = inside(scoped.data, at, stop, SEQUENCE)
    at, stop = inside(scoped.data, at, stop, SEQUENCE)
    at, stop = inside(scoped.data, at, stop, OBJECT_IDENTIFIER)
    return oid.decode(scoped.data[at : min(stop, at + _COUNTER_BYTES)])


class Clock:
    """An agent's boots and seconds since, and when we heard of them (RFC 3414, 2.2.2)."""

    def __init__(self, here: Callable[[], float]) -> None:
        self._here = here
        self.forget()

    def forget(self) -> None:
        """Know nothing: the next message asks for it."""
        self.known = False
        self.boots, self._seconds, self._heard = 0, 0, 0.0

    def set(self, boots: int, seconds: int) -> None:
        """Believe what the agent has signed."""
        self.known = True
        self.boots, self._seconds, self._heard = boots, seconds, self._here()

    @property
    def seconds(self) -> int:
        """What the agent's clock shows now; 0 where it is not known."""
        passed = int(self._here() - self._heard) if self.known else 0
        return min(self._seconds + passed, LAST)

    def accept(self, boots: int, seconds: int) -> bool:
        """Whether a signed message is of now, and believe what it says where it is newer (RFC 3414, 3.2.7 b)."""
        if not self.known or (boots, seconds) > (self.boots, self._seconds):
            self.set(boots, seconds)
        return boots == self.boots != LAST and seconds >= self.seconds - WINDOW


class Engine:
    """An agent as one user meets it: keys and the parts of a header that do not change. `opened` says
    whether it has answered anything encrypted since its clock was last set."""

    def __init__(self, identity: bytes, credential: SnmpV3, here: Callable[[], float]) -> None:
        self.identity = identity
        self.clock = Clock(here)
        self.signature, self.privacy = secure(credential, identity)
        self.level = (_AUTH if self.signature else 0) | (_PRIV if self.privacy else 0)
        self.opened = False
        self.doubted = False
        user = wrap(OCTET_STRING, credential.user.encode())
        blank = wrap(OCTET_STRING, self.signature.blank if self.signature else b"")
        self.header = _ANY_SIZE + wrap(OCTET_STRING, bytes((self.level | _REPORTABLE,))) + _MODEL
        self.name = wrap(OCTET_STRING, identity)
        self.user = user + blank
        self.scope = self.name + wrap(OCTET_STRING, credential.context.encode())


def secure(credential: SnmpV3, engine: bytes) -> tuple[usm.Signature | None, usm.Privacy | None]:
    """The user's keys at an engine. Raises PollError where a secret is missing."""
    if credential.auth is None or credential.auth_password is None:
        return None, None
    hashing = usm.HASHES[credential.auth]
    try:
        signature = usm.Signature(hashing, credential.auth_password.reveal().encode(), engine)
        if credential.privacy is None or credential.privacy_password is None:
            return signature, None
        if credential.privacy == "DES":
            _warn(credential.user)
        password = credential.privacy_password.reveal().encode()
    except SecretMissingError as error:
        raise PollError("auth_failed", str(error)) from None
    return signature, usm.privacy(credential.privacy, hashing, password, engine)


@lru_cache(maxsize=4096)  # once for each user, not for each device
def _warn(user: str) -> None:
    log.warning("DES can be broken within a day: use AES where the device offers it", user=user)


class Usm:
    """The security of one target; see `security.Security`. `clock` counts seconds and is never set."""

    def __init__(self, credential: SnmpV3, clock: Callable[[], float] = time.monotonic) -> None:
        self._credential = credential
        self._here = clock
        self._user = credential.user.encode()
        self._context = credential.context.encode()
        self._salts: Iterator[bytes] = usm.salts()
        self._engine: Engine | None = None
        self._taught = 0

    # --- sending --------------------------------------------------------------------------------------

    def seal(self, pdu: bytes, number: int) -> bytes:
        """The datagram that carries a PDU; one that asks who is there, where that is not known yet."""
        if self._engine is None:
            return discovery(number)
        if self._engine.doubted:  # the secrets are read again: they may have changed
            self._engine = self._meet(self._engine.identity)
        engine = self._engine
        boots, seconds = engine.clock.boots, engine.clock.seconds
        body, salt = wrap(SEQUENCE, engine.scope, pdu), _EMPTY
        if engine.privacy:
            fresh = next(self._salts)
            body = wrap(OCTET_STRING, engine.privacy.encrypt(fresh, boots, seconds, body))
            salt = wrap(OCTET_STRING, fresh)
        parameters = engine.name + encode_integer(boots) + encode_integer(seconds) + engine.user + salt
        message = _message(encode_integer(number) + engine.header, parameters, body)
        if engine.signature is None:
            return message
        return engine.signature.sign(message, len(message) - len(body) - len(salt) - engine.signature.size)

    # --- hearing --------------------------------------------------------------------------------------

    def open(self, datagram: bytes, number: int) -> tuple[bytes, int, int]:
        """Where the PDU of a response stands, in the datagram or in what was encrypted there."""
        message = read(datagram)
        if message.number != number:
            raise MalformedError("the answer to another request")
        level = message.flags & _LEVEL
        engine = self._verified(datagram, message) if level else self._engine
        scoped = self._scoped(datagram, message, engine)
        if scoped.kind == _REPORT:
            raise self._reported(message, read_counter(scoped))
        if engine is None or level != engine.level:
            raise MalformedError("an answer at another level of security than was asked for")
        if (message.engine, message.user) != (engine.identity, self._user):
            raise MalformedError("the answer of another engine, or to another user")
        if (scoped.engine, scoped.context) != (engine.identity, self._context):
            raise MalformedError("the answer from another context")
        if level:
            self._judge_time(message, engine)
        engine.opened = True
        return scoped.data, scoped.start, scoped.stop

    def silence(self) -> PollError | None:
        """net-snmp drops what it cannot decrypt without a word: then it signs its clock, and is silent."""
        engine = self._engine
        if engine is None or engine.privacy is None or engine.opened or not engine.clock.known:
            return None
        engine.doubted = True
        return PollError(
            "wrong_privacy",
            "the agent accepts the signature, and does not answer what is encrypted: look at privacy_password",
        )

    def _verified(self, datagram: bytes, message: Message) -> Engine:
        """The engine that has signed a message. Raises MalformedError unless that is the one we know."""
        engine = self._engine
        if engine is None or engine.signature is None:
            raise MalformedError("signed with a key that we have not")
        if (message.engine, message.user) != (engine.identity, self._user):
            raise MalformedError("signed by another engine, or for another user")
        if len(message.signature) != engine.signature.size:
            raise MalformedError("a signature of another length")
        if not engine.signature.verify(datagram, message.place):
            raise MalformedError("a wrong signature")
        return engine

    @staticmethod
    def _scoped(datagram: bytes, message: Message, engine: Engine | None) -> Scoped:
        """The scoped PDU of a message, whose signature has been verified where it is encrypted."""
        if not message.flags & _PRIV:
            scoped = read_scoped(datagram, message.body)
            if scoped.stop != len(datagram):
                raise MalformedError("more than a scoped PDU")
            return scoped
        if engine is None or engine.privacy is None:
            raise MalformedError("encrypted with a key that we have not")
        begin, end = inside(datagram, message.body, len(datagram), OCTET_STRING)
        if end != len(datagram) or len(message.salt) != usm.SALT_BYTES:
            raise MalformedError("a message that is not encrypted as USM does it")
        try:
            plain = engine.privacy.decrypt(message.salt, message.boots, message.time, datagram[begin:end])
            return read_scoped(plain, 0)
        except ValueError:
            engine.doubted = True
            raise PollError(
                "wrong_privacy", "what the agent signed cannot be decrypted: look at privacy_password"
            ) from None

    def _reported(self, message: Message, counter: str) -> Again | PollError:
        """What a report means, and learn from it what it may teach."""
        engine = self._engine
        if engine is None or counter == _UNKNOWN_ENGINE_IDS:
            self._replace(message)
            return Again("unknown_engine")
        if message.engine != engine.identity:
            raise MalformedError("the report of another engine")
        if counter == _NOT_IN_TIME_WINDOWS:
            return self._reported_time(message, engine)
        reason, said = _FAILURES.get(counter, ("unparsed", f"the agent reports {counter}"))
        if reason in ("auth_failed", "wrong_privacy"):
            engine.doubted = True
        return PollError(reason, said)

    def _replace(self, message: Message) -> None:
        """Meet the engine that a report names: once for each request, however many reports answer it."""
        engine = self._engine
        if message.number == self._taught or (engine is not None and engine.identity == message.engine):
            return
        self._engine = self._meet(message.engine)
        self._taught = message.number
        if engine is not None:
            before, now = engine.identity.hex(), message.engine.hex()
            log.warning("an agent has another engine ID", user=self._credential.user, before=before, now=now)

    @staticmethod
    def _reported_time(message: Message, engine: Engine) -> Again | PollError:
        """Take an agent's clock from a report that it has signed: back too, as that of a device that was reset."""
        if not message.flags & _AUTH:
            return PollError("not_in_time_window", "the agent sends its time without a signature")
        if message.boots == LAST:
            return PollError("not_in_time_window", "the agent has no boots left: give it new passwords")
        if message.boots != engine.clock.boots:
            engine.opened = False
        engine.clock.set(message.boots, message.time)
        return Again("not_in_time_window")

    @staticmethod
    def _judge_time(message: Message, engine: Engine) -> None:
        if not engine.clock.accept(message.boots, message.time):
            said = f"boots {message.boots}, time {message.time} where {engine.clock.boots}, {engine.clock.seconds} were due"
            engine.clock.forget()
            raise PollError("not_in_time_window", said)

    def _meet(self, identity: bytes) -> Engine:
        if not 0 < len(identity) <= LONGEST_ENGINE:
            raise PollError("unknown_engine", f"the agent's engine ID has {len(identity)} bytes, not 5 to 32")
        return Engine(identity, self._credential, self._here)


def discovery(number: int) -> bytes:
    """The message that an agent answers with its engine ID (RFC 3414, 4)."""
    given = encode_integer(number)
    pdu = wrap(_GET, given, _ZERO, _ZERO, wrap(SEQUENCE))
    header = given + _ANY_SIZE + wrap(OCTET_STRING, bytes((_REPORTABLE,))) + _MODEL
    parameters = _EMPTY + _ZERO + _ZERO + _EMPTY + _EMPTY + _EMPTY
    return _message(header, parameters, wrap(SEQUENCE, _EMPTY, _EMPTY, pdu))


def _message(header: bytes, parameters: bytes, body: bytes) -> bytes:
    secured = wrap(OCTET_STRING, wrap(SEQUENCE, parameters))
    return wrap(SEQUENCE, _VERSION, wrap(SEQUENCE, header), secured, body)
