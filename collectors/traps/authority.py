"""Notifications of SNMPv3 (RFC 3412, RFC 3414): who is believed, and what is answered.

A trap bears the engine ID, boots and time of its sender, who is asked nothing: keys are made for the engine that
it names, and time is only held against what the same engine has signed before. An inform bears ours, which its
sender learns from our reports.
"""

from __future__ import annotations

import collections
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from collectors.snmp import usm, v3
from collectors.snmp.ber import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    MalformedError,
    encode_integer,
    inside,
    octets,
    wrap,
)
from collectors.snmp.messages import REPORT, V3
from collectors.snmp.oid import encode
from collectors.traps.identity import Identity
from inventory.credentials import SnmpV3

ENGINES: Final = 4096
"""Senders whose clocks are remembered, the latest heard: what is older is no replay that anybody could tell."""

_UNREADABLE: Final = "what is signed cannot be decrypted: look at privacy_password"

_AUTH, _PRIV, _REPORTABLE = 1, 2, 4
_LEVEL: Final = _AUTH | _PRIV
_COUNTER32: Final = 0x41

# Of SNMP-USER-BASED-SM-MIB (usmStats).
_NOT_IN_TIME_WINDOWS: Final = encode("1.3.6.1.6.3.15.1.1.2.0")
_UNKNOWN_ENGINE_IDS: Final = encode("1.3.6.1.6.3.15.1.1.4.0")


class RefusedError(Exception):
    """A message that is well formed, and not believed. The words are for the log: never a secret."""


class Discovery(Exception):  # noqa: N818 - no error: the first steps of an inform
    """A message by which a sender learns who we are. `report` is what it is answered."""

    def __init__(self, report: bytes) -> None:
        super().__init__("discovery")
        self.report = report


class Opened(NamedTuple):
    """A PDU that is believed: where it stands in `data`, and what makes a message of the PDU that answers it."""

    data: bytes
    start: int
    stop: int
    seal: Callable[[bytes], bytes]


class Authority:
    """Our own engine, and the clocks of those that have sent signed traps. `here` counts seconds and is never set."""

    def __init__(self, identity: Identity, here: Callable[[], float] = time.monotonic) -> None:
        self.engine, self.boots = identity
        self._here = here
        self._start = here()
        self._salts = usm.salts()
        self._clocks: collections.OrderedDict[bytes, v3.Clock] = collections.OrderedDict()

    @property
    def seconds(self) -> int:
        """Seconds since we started: snmpEngineTime."""
        return int(self._here() - self._start)

    def open(self, datagram: bytes, credential: SnmpV3) -> Opened:
        """The PDU of a message of this user.

        Raises Discovery, RefusedError where it is not to be believed, MalformedError, and PollError where a
        secret is missing.
        """
        message = v3.read(datagram)
        ours = message.engine == self.engine
        if message.flags & _REPORTABLE and not ours:
            raise Discovery(self._report(message, _UNKNOWN_ENGINE_IDS, None))
        if message.user != credential.user.encode():
            raise RefusedError("another user")
        if not 0 < len(message.engine) <= v3.LONGEST_ENGINE:
            raise RefusedError("no engine ID")
        signature, privacy = v3.secure(credential, message.engine)
        if message.flags & _LEVEL != (_AUTH if signature else 0) | (_PRIV if privacy else 0):
            raise RefusedError("another level of security than the estate's")
        if signature is not None:
            if len(message.signature) != signature.size or not signature.verify(datagram, message.place):
                raise RefusedError("a wrong signature")
            self._judge_time(message, ours, signature)
        data, at = _plain(datagram, message, privacy)
        try:
            scope, stop = inside(data, at, len(data), SEQUENCE)
            _, begin = octets(data, scope, stop)  # the context: what a device tells of is not ours to choose
            _, begin = octets(data, begin, stop)
        except MalformedError:
            if privacy is None:
                raise
            raise RefusedError(_UNREADABLE) from None
        context = data[scope:begin]

        def seal(pdu: bytes) -> bytes:
            return self._seal(message, wrap(SEQUENCE, context, pdu), signature, privacy)

        return Opened(data, begin, stop, seal)

    def _judge_time(self, message: v3.Message, ours: bool, signature: usm.Signature) -> None:
        """Refuse what is not of now (RFC 3414, 3.2.7): by our own clock, or by the sender's as it last signed it."""
        if ours:
            if message.boots != self.boots or abs(self.seconds - message.time) > v3.WINDOW:
                raise Discovery(self._report(message, _NOT_IN_TIME_WINDOWS, signature))
            return
        clock = self._clocks.pop(message.engine, None) or v3.Clock(self._here)
        self._clocks[message.engine] = clock
        if len(self._clocks) > ENGINES:
            self._clocks.popitem(last=False)
        if not clock.accept(message.boots, message.time):
            raise RefusedError("a message of the past, sent again, or by a device that forgot its boots")

    def _report(self, message: v3.Message, counter: bytes, signature: usm.Signature | None) -> bytes:
        zero = encode_integer(0)
        said = wrap(SEQUENCE, wrap(OBJECT_IDENTIFIER, counter), wrap(_COUNTER32, b"\x01"))
        pdu = wrap(REPORT, zero, zero, zero, wrap(SEQUENCE, said))
        scope = wrap(OCTET_STRING, self.engine) + wrap(OCTET_STRING)
        return self._seal(message, wrap(SEQUENCE, scope, pdu), signature, None)

    def _seal(
        self,
        message: v3.Message,
        scoped: bytes,
        signature: usm.Signature | None,
        privacy: usm.Privacy | None,
    ) -> bytes:
        """The message that answers another one."""
        salt, body = b"", scoped
        seconds = self.seconds
        if privacy is not None:
            salt = next(self._salts)
            body = wrap(OCTET_STRING, privacy.encrypt(salt, self.boots, seconds, scoped))
        level = (_AUTH if signature else 0) | (_PRIV if privacy else 0)
        header = wrap(
            SEQUENCE,
            encode_integer(message.number),
            encode_integer(65_507),
            wrap(OCTET_STRING, bytes((level,))),
            encode_integer(3),
        )
        tail = wrap(OCTET_STRING, salt) + body
        parameters = wrap(
            SEQUENCE,
            wrap(OCTET_STRING, self.engine),
            encode_integer(self.boots),
            encode_integer(seconds),
            wrap(OCTET_STRING, message.user),
            wrap(OCTET_STRING, signature.blank if signature else b""),
            wrap(OCTET_STRING, salt),
        )
        whole = wrap(SEQUENCE, encode_integer(V3), header, wrap(OCTET_STRING, parameters), body)
        return signature.sign(whole, len(whole) - len(tail) - signature.size) if signature else whole


def _plain(datagram: bytes, message: v3.Message, privacy: usm.Privacy | None) -> tuple[bytes, int]:
    """A buffer, and where in it the scoped PDU begins."""
    if privacy is None:
        return datagram, message.body
    begin, end = inside(datagram, message.body, len(datagram), OCTET_STRING)
    if len(message.salt) != usm.SALT_BYTES:
        raise MalformedError("a message that is not encrypted as USM does it")
    try:
        return privacy.decrypt(message.salt, message.boots, message.time, datagram[begin:end]), 0
    except ValueError:
        raise RefusedError(_UNREADABLE) from None
