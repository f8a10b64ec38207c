"""A session with one SNMP agent: what a poll asks of the wire, whatever speaks it.

OIDs are bytes (see `oid`); a value is an int (INTEGER, Counter, Gauge, TimeTicks) or bytes (OCTET STRING,
IpAddress, and the encoded form of an OBJECT IDENTIFIER). An object that the agent does not have is absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from collectors.poll import PollError
from collectors.snmp.oid import Oid

Value = int | bytes


class ObjectId(bytes):
    """The value of an OBJECT IDENTIFIER, encoded as OIDs are: written with dots for people."""


ROW_CAP: Final = 50_000
"""Varbinds of one walk."""

BYTE_CAP: Final = 8 * 1024 * 1024
"""Bytes of values of one walk."""


class Walk(NamedTuple):
    """What a subtree held, and what broke the walk off, if anything did: what came before is kept."""

    varbinds: dict[Oid, Value]
    broken: PollError | None = None


FIRST_GUESS: Final = 10
"""Objects to ask for at once where nobody knows how many there are."""


class Session(Protocol):
    """A conversation with one agent. Every method raises PollError, and nothing else, when it fails."""

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of these objects; what the agent does not have is absent."""

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        """The object that follows each of these, None at the end of the agent's objects."""

    async def walk(self, root: Oid, expected: int | None = None) -> Walk:
        """All objects below a root. Never endless: OIDs must grow, and rows and bytes are capped.

        `expected` says how many there probably are: what is asked beyond the end of a subtree is read in vain.
        """
