"""Values as a device gives them: a number (an agent knows int only: INTEGER, Counter, Gauge, TimeTicks) or bytes.

Bytes are those of an OCTET STRING or IpAddress, or the encoded form of an OBJECT IDENTIFIER (`ObjectId`). An
object that the agent does not have has no value: it is absent.
"""

from __future__ import annotations

import datetime as dt

from collectors.snmp.oid import decode
from inventory.harmless import line

Value = int | float | bytes


class ObjectId(bytes):
    """The value of an OBJECT IDENTIFIER, encoded as OIDs are: written with dots for people."""


def text(value: Value | None) -> str:
    """Text of a value, harmless and on one line; empty for none. Bytes that are no UTF-8 are read as Latin-1.

    An OBJECT IDENTIFIER and a number are written as people write them.
    """
    if value is None:
        return ""
    if not isinstance(value, bytes):
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


def moment(value: Value | None) -> float | None:
    """The instant that a DateAndTime (SMIv2, RFC 2579) names, in UTC epoch seconds.

    None where it names none: one of eight bytes is a local time of nobody knows where.

    >>> moment(bytes.fromhex("07ea0b190c0000052b0100")), moment(bytes.fromhex("07ea0b190c000005"))
    (1795604400.5, None)
    """
    if not isinstance(value, bytes) or isinstance(value, ObjectId) or len(value) != 11:
        return None
    month, day, hour, minute, second, tenth, sign, hours, minutes = value[2:]
    if tenth > 9 or sign not in b"+-" or hours > 14 or minutes > 59:
        return None
    away = dt.timedelta(hours=hours, minutes=minutes) * (1 if sign == ord("+") else -1)
    try:  # the 61st second is the first of the next minute
        told = dt.datetime(
            int.from_bytes(value[:2]), month, day, hour, minute, min(second, 59), tenth * 100_000, dt.UTC
        )
        return (told - away).timestamp() + (second == 60) if second <= 60 else None
    except (ValueError, OverflowError):
        return None
