"""Values as an agent gives them: an int (INTEGER, Counter, Gauge, TimeTicks) or bytes.

Bytes are those of an OCTET STRING or IpAddress, or the encoded form of an OBJECT IDENTIFIER (`ObjectId`). An
object that the agent does not have has no value: it is absent.
"""

from __future__ import annotations

from collectors.snmp.oid import decode
from inventory.harmless import line

Value = int | bytes


class ObjectId(bytes):
    """The value of an OBJECT IDENTIFIER, encoded as OIDs are: written with dots for people."""


def text(value: Value | None) -> str:
    """Text of a value, harmless and on one line; empty for none. Bytes that are no UTF-8 are read as Latin-1.

    An OBJECT IDENTIFIER and a number are written as people write them.
    """
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, ObjectId):
        return oid_text(value)
    try:
        found = value.decode()
    except UnicodeDecodeError:
        found = value.decode("latin-1")
    return line(found.rstrip("\0").strip())


def oid_text(value: Value | None) -> str:
    """An OBJECT IDENTIFIER with dots, empty where the agent gives none."""
    return decode(value) if isinstance(value, bytes) and value else ""
