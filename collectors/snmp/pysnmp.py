"""A session carried by pysnmp: complete and slow. Whatever replaces it answers to `session.Session`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from pyasn1.error import PyAsn1Error
from pyasn1.type import univ
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind, rfc1905

from collectors.poll import PollError
from collectors.snmp.engine import LONGEST
from collectors.snmp.oid import Oid, decode, pack, unpack
from collectors.snmp.session import BYTE_CAP, FIRST_GUESS, ROW_CAP, ObjectId, Value, Walk
from inventory.credentials import SecretMissingError, SnmpV2c, SnmpV3
from inventory.metrics import Reason

REPETITIONS: Final = 40
WINDOW: Final = 4
"""Requests under way at once to one agent: a slow agent is not to be flooded."""

GET_LIMIT: Final = 20
"""Objects of one GET: some agents answer tooBig above."""

RETRIES: Final = 2

_AUTH: Final = {
    None: hlapi.USM_AUTH_NONE,
    "MD5": hlapi.USM_AUTH_HMAC96_MD5,
    "SHA": hlapi.USM_AUTH_HMAC96_SHA,
    "SHA-224": hlapi.USM_AUTH_HMAC128_SHA224,
    "SHA-256": hlapi.USM_AUTH_HMAC192_SHA256,
    "SHA-384": hlapi.USM_AUTH_HMAC256_SHA384,
    "SHA-512": hlapi.USM_AUTH_HMAC384_SHA512,
}
# AES-192 and AES-256 extend the key as net-snmp does (draft-blumenthal-aes-usm-04).
_PRIVACY: Final = {
    None: hlapi.USM_PRIV_NONE,
    "DES": hlapi.USM_PRIV_CBC56_DES,
    "AES": hlapi.USM_PRIV_CFB128_AES,
    "AES-192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
_REASONS: Final[tuple[tuple[type[errind.ErrorIndication], Reason], ...]] = (
    (errind.RequestTimedOut, "timeout"),
    (errind.WrongDigest, "auth_failed"),
    (errind.UnknownUserName, "auth_failed"),
    (errind.UnknownSecurityName, "auth_failed"),
    (errind.UnsupportedSecurityLevel, "auth_failed"),
    (errind.UnsupportedAuthProtocol, "auth_failed"),
    (errind.AuthenticationFailure, "auth_failed"),
    (errind.AuthenticationError, "auth_failed"),
    (errind.DecryptionError, "wrong_privacy"),
    (errind.EncryptionError, "wrong_privacy"),
    (errind.UnsupportedPrivProtocol, "wrong_privacy"),
    (errind.NotInTimeWindow, "not_in_time_window"),
    (errind.UnknownEngineID, "unknown_engine"),
    (errind.EngineIDMismatch, "unknown_engine"),
    (errind.TooBig, "too_big"),
    (errind.OidNotIncreasing, "not_increasing"),
    (errind.EmptyResponse, "empty_answer"),
)
_TOO_BIG, _NO_SUCH_NAME = 1, 2
_ABSENT: Final = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)

Answer = list[tuple[tuple[int, ...], Any]]


class PysnmpSession:
    """A session with one agent; see `session.Session`. `patience` is the longest that a poll may take."""

    def __init__(
        self,
        engine: SnmpEngine,
        credential: SnmpV2c | SnmpV3,
        address: tuple[str, int],
        patience: float,
    ) -> None:
        self._engine = engine
        self._credential = credential
        self._address = address
        # Tenths of seconds: the engine counts in them, and keeps a row for each timeout it has ever heard of.
        self._timeout = min(max(int(10 * patience / (RETRIES + 2)) / 10, 0.1), LONGEST)
        self._window = asyncio.Semaphore(WINDOW)
        self._transport: hlapi.UdpTransportTarget | hlapi.Udp6TransportTarget | None = None

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        found: dict[Oid, Value] = {}
        for start in range(0, len(oids), GET_LIMIT):
            asked = oids[start : start + GET_LIMIT]
            answer = await self._ask(hlapi.get_cmd, asked)
            if len(answer) > len(asked):
                raise PollError("unparsed", "the agent answered more objects than were asked")
            found |= {pack(oid): value for oid, value in _present(answer)}
        return found

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        answer = await self._ask(hlapi.next_cmd, oids)
        if len(answer) != len(oids):
            raise PollError("unparsed", "the agent answered another number of objects than was asked")
        return [None if isinstance(value, _ABSENT) else pack(oid) for oid, value in answer]

    async def walk(self, root: Oid, expected: int | None = None) -> Walk:
        found: dict[Oid, Value] = {}
        top = unpack(root)
        last, most, size = top, REPETITIONS, 0
        repetitions = min(FIRST_GUESS if expected is None else expected + 1, most)
        while True:
            try:
                answer = await self._ask(hlapi.bulk_cmd, [pack(last)], 0, repetitions)
            except PollError as error:
                if error.reason == "too_big" and repetitions > 1:
                    repetitions = most = repetitions // 2
                    continue
                return Walk(found, error)
            if not answer:
                return Walk(
                    found, PollError("empty_answer", f"no objects in the answer after {decode(pack(last))}")
                )
            for oid, raw in answer:
                if isinstance(raw, rfc1905.EndOfMibView) or oid[: len(top)] != top:
                    return Walk(found)
                if oid <= last:
                    return Walk(
                        found, PollError("not_increasing", f"after {dotted(last)} came {dotted(oid)}")
                    )
                last = oid
                value = plain(raw)
                if value is not None:
                    name = pack(oid)
                    found[name] = value
                    size += len(name) + (len(value) if isinstance(value, bytes) else 8)
            repetitions = most
            if len(found) >= ROW_CAP or size >= BYTE_CAP:
                return Walk(found, PollError("capped", f"stopped after {len(found)} objects, {size} bytes"))

    async def _ask(
        self, command: Callable[..., Awaitable[Any]], oids: Sequence[Oid], *numbers: int
    ) -> Answer:
        """One request and its answer. Raises PollError."""
        try:
            credential = user(self._credential)
        except SecretMissingError as error:
            raise PollError("auth_failed", str(error)) from None
        objects = [hlapi.ObjectType(hlapi.ObjectIdentity(unpack(oid))) for oid in oids]
        try:
            transport = await self._reach()
            async with self._window:
                indication, status, index, varbinds = await command(
                    self._engine,
                    credential,
                    transport,
                    context(self._credential),
                    *numbers,
                    *objects,
                    lookupMib=False,
                )
        except (PySnmpError, PyAsn1Error) as error:
            raise PollError("unparsed", f"the answer cannot be read: {type(error).__name__}") from None
        if indication:
            raise PollError(reason(indication), str(indication))
        if int(status) == _TOO_BIG:
            raise PollError("too_big", f"the answer to {len(oids)} objects does not fit")
        if status and int(status) != _NO_SUCH_NAME:
            position = int(index) - 1
            at = f" at {decode(oids[position])}" if 0 <= position < len(oids) else ""
            raise PollError("gen_err", f"{status.prettyPrint()}{at}")
        return [(tuple(name), value) for name, value in varbinds]

    async def _reach(self) -> hlapi.UdpTransportTarget | hlapi.Udp6TransportTarget:
        """Where to send, resolved once a session."""
        if self._transport is None:
            host, port = self._address
            try:
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            except (OSError, UnicodeError) as error:
                raise PollError("refused", f"the address {host} is not known: {error}") from None
            family, _, _, _, address = found[0]
            kind = hlapi.Udp6TransportTarget if family == socket.AF_INET6 else hlapi.UdpTransportTarget
            self._transport = await kind.create(address[:2], timeout=self._timeout, retries=RETRIES)
        return self._transport


def reason(indication: errind.ErrorIndication) -> Reason:
    """The reason of the closed list for one of pysnmp's error indications."""
    return next((found for kind, found in _REASONS if isinstance(indication, kind)), "unparsed")


def user(credential: SnmpV2c | SnmpV3) -> hlapi.CommunityData | hlapi.UsmUserData:
    """The credential as pysnmp wants it. Raises SecretMissingError."""
    if isinstance(credential, SnmpV2c):
        return _community(credential.community.reveal())
    return _usm(
        credential.user,
        credential.auth_password.reveal() if credential.auth_password else None,
        credential.privacy_password.reveal() if credential.privacy_password else None,
        credential.auth,
        credential.privacy,
    )


# A new CommunityData gets a new random name and so a new row in pysnmp's tables: made once each.
@lru_cache(maxsize=4096)
def _community(text: str) -> hlapi.CommunityData:
    return hlapi.CommunityData(text, mpModel=1)  # noqa: S508 - v2c where the estate says so


@lru_cache(maxsize=4096)
def _usm(
    name: str, auth_password: str | None, privacy_password: str | None, auth: str | None, privacy: str | None
) -> hlapi.UsmUserData:
    return hlapi.UsmUserData(
        name,
        authKey=auth_password,
        privKey=privacy_password,
        authProtocol=_AUTH[auth],
        privProtocol=_PRIVACY[privacy],
    )


def context(credential: SnmpV2c | SnmpV3) -> hlapi.ContextData:
    """The context that is asked: the default one but where an SNMPv3 credential names another."""
    name = credential.context if isinstance(credential, SnmpV3) else ""
    return hlapi.ContextData(contextName=name.encode())


def plain(value: Any) -> Value | None:
    """A pysnmp value as int or bytes; None for what the agent does not have."""
    if isinstance(value, _ABSENT) or not value.hasValue():
        return None
    if isinstance(value, univ.Integer):
        return int(value)
    if isinstance(value, univ.ObjectIdentifier):
        return ObjectId(pack(tuple(value)) if len(value) > 1 else b"")
    return bytes(value) if isinstance(value, univ.OctetString) else None


def _present(answer: Answer) -> Iterable[tuple[tuple[int, ...], Value]]:
    for oid, raw in answer:
        value = plain(raw)
        if value is not None:
            yield oid, value


def dotted(numbers: tuple[int, ...]) -> str:
    """Sub-identifiers with dots between."""
    return ".".join(map(str, numbers))
