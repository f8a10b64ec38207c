"""The SNMP agents of the demo: pysnmp's command responder in front of a table made for the moment.

Each machine has its own engine and port, answers one community (v2c) and one user of SNMPv3 with
authentication and privacy, and nothing to anybody else.
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi.instrum import AbstractMibInstrumController

from jauge.demo.mibs import Oid, Row

USER: Final = "jauge"
_FRESH: Final = 2.0
"""Seconds for which a table is served, so that one walk mostly sees one moment."""

Binds = list[tuple[Any, Any]]


class Keys(NamedTuple):
    """What an agent lets in: a community, and the passwords of the user `jauge`."""

    community: str
    authentication: str
    privacy: str


class Objects(AbstractMibInstrumController):  # type: ignore[misc]  # pysnmp is untyped
    """Answers from a sorted table that `make` gives for an instant (UTC epoch seconds)."""

    def __init__(self, make: Callable[[float], list[Row]]) -> None:
        self._make = make
        self._until = 0.0
        self._names: list[Oid] = []
        self._values: list[Any] = []

    def _refresh(self) -> None:
        if time.monotonic() >= self._until:
            rows = self._make(time.time())
            self._names, self._values = [row[0] for row in rows], [row[1] for row in rows]
            self._until = time.monotonic() + _FRESH

    def read_variables(self, *binds: tuple[Any, Any], **asked: Any) -> Binds:
        """GET: each object asked, or noSuchInstance."""
        asked["acFun"]("read", binds[0], **asked)
        self._refresh()
        return [(name, self._value(tuple(name))) for name, _ in binds]

    def _value(self, name: Oid) -> Any:
        place = bisect.bisect_left(self._names, name)
        found = place < len(self._names) and self._names[place] == name
        return self._values[place] if found else rfc1905.noSuchInstance

    def read_next_variables(self, *binds: tuple[Any, Any], **asked: Any) -> Binds:
        """GETNEXT, and each repetition of GETBULK: what follows each object asked, or endOfMibView."""
        asked["acFun"]("read", binds[0], **asked)
        self._refresh()
        return [self._following(name) for name, _ in binds]

    def _following(self, name: Any) -> tuple[Any, Any]:
        place = bisect.bisect_right(self._names, tuple(name))
        if place == len(self._names):
            return name, rfc1905.endOfMibView
        return rfc1902.ObjectName(self._names[place]), self._values[place]


def serve(port: int, keys: Keys, number: int, make: Callable[[float], list[Row]]) -> SnmpEngine:
    """Answer on a UDP port of 127.0.0.1, inside the running event loop. `number` makes the engine ID unique.

    Raises pysnmp's CarrierError where the port is taken.
    """
    # RFC 3411, SnmpEngineID: net-snmp's enterprise number with the first bit set, then text (4).
    engine = SnmpEngine(rfc1902.OctetString(b"\x80\x00\x1f\x88\x04jauge-demo-%d" % number))
    config.add_transport(
        engine, udp.DOMAIN_NAME, udp.UdpTransport(loop=None).open_server_mode(("127.0.0.1", port))
    )
    config.add_v1_system(engine, "reader", keys.community)
    config.add_v3_user(
        engine, USER,
        config.USM_AUTH_HMAC192_SHA256, keys.authentication,
        config.USM_PRIV_CFB128_AES, keys.privacy,
    )  # fmt: skip
    config.add_vacm_user(engine, 2, "reader", "noAuthNoPriv", readSubTree=(1, 3, 6, 1))
    config.add_vacm_user(engine, 3, USER, "authPriv", readSubTree=(1, 3, 6, 1))
    answers = context.SnmpContext(engine)
    answers.unregister_context_name(b"")
    answers.register_context_name(b"", Objects(make))
    for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
        responder(engine, answers)
    return engine
