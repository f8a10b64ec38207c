"""Notifications as bytes: SNMPv2-Trap and InformRequest (RFC 3416, 4.2.6), the Trap of SNMPv1 (RFC 1157, 4.1.6).

The latter is read as RFC 3584, 3.1 maps it, so that nothing behind this module knows of two kinds. The community
is never part of it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from collectors.snmp import varbinds
from collectors.snmp.ber import (
    OBJECT_IDENTIFIER,
    SEQUENCE,
    MalformedError,
    element,
    encode_integer,
    inside,
    integer,
    wrap,
)
from collectors.snmp.messages import RESPONSE, V1
from collectors.snmp.oid import Oid, decode, encode, suffix_part
from collectors.snmp.values import ObjectId, Value
from inventory.harmless import line

TRAP_V1: Final = 0xA4
INFORM: Final = 0xA6
TRAP: Final = 0xA7

SYS_UP_TIME: Final = encode("1.3.6.1.2.1.1.3.0")
TRAP_OID: Final = encode("1.3.6.1.6.3.1.1.4.1.0")
_ENTERPRISE: Final = encode("1.3.6.1.6.3.1.1.4.3.0")
_TRAPS: Final = encode("1.3.6.1.6.3.1.1.5")

_NAMES: Final = dict(
    enumerate(
        ("coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss"), start=1
    )
)
"""The traps that every device knows (snmpTraps of SNMPv2-MIB and IF-MIB), by their last sub-identifier."""

AUTHENTICATION_FAILURE: Final = _TRAPS + b"\x05"
"""Somebody asked with the wrong community: perhaps it was us."""

SHOWN: Final = 5
"""Objects that the text of a notification names."""

_VALUE_BYTES: Final = 80
_TIME_TICKS: Final = 0x43
_IP_ADDRESS: Final = 0x40
_SPECIFIC: Final = 6

Object = tuple[Oid, Value | None]


class Notification(NamedTuple):
    """What a device tells: `oid` says which trap it is, `objects` names and values, None where a value is none.

    `response` is the PDU that acknowledges it; None for a trap, which nobody acknowledges.
    """

    oid: Oid
    objects: tuple[Object, ...] = ()
    response: bytes | None = None

    @property
    def name(self) -> str:
        """The name of a trap that every device knows, for others the OID."""
        known = self.oid.startswith(_TRAPS) and len(self.oid) == len(_TRAPS) + 1
        return _NAMES.get(self.oid[-1], decode(self.oid)) if known else decode(self.oid)

    def __str__(self) -> str:
        """The trap and its first objects, harmless and on one line."""
        shown = [f"{decode(oid)} = {_shown(value)}" for oid, value in self.objects[:SHOWN]]
        more = len(self.objects) - len(shown)
        said = ", ".join(shown) + (f", and {more} more" if more else "")
        return f"{self.name}: {said}" if said else self.name


def read(version: int, data: bytes, start: int, stop: int) -> Notification:
    """The notification at `start`. Raises MalformedError for everything else."""
    kind, begin, end = element(data, start, stop)
    if end != stop:
        raise MalformedError("more than a PDU")
    if version == V1 and kind == TRAP_V1:
        return _read_v1(data, begin, end)
    if version != V1 and kind in (TRAP, INFORM):
        return _read_v2(kind, data, begin, end)
    raise MalformedError(f"PDU {kind:#04x} is no notification of version {version}")


def _read_v2(kind: int, data: bytes, at: int, end: int) -> Notification:
    number, at = integer(data, at, end)
    for _ in range(2):  # error-status and error-index, which mean nothing here
        _, at = integer(data, at, end)
    objects = _objects(data, at, end)
    values = dict(objects[:3])  # the first two are prescribed; some agents put one before them
    trap = values.get(TRAP_OID)
    if not isinstance(trap, ObjectId):
        raise MalformedError("a notification that does not say which")
    others = tuple(pair for pair in objects if pair[0] not in (SYS_UP_TIME, TRAP_OID))
    if kind == TRAP:
        return Notification(bytes(trap), others)
    none = encode_integer(0)
    return Notification(bytes(trap), others, wrap(RESPONSE, encode_integer(number), none, none, data[at:end]))


def _read_v1(data: bytes, at: int, end: int) -> Notification:
    begin, at = inside(data, at, end, OBJECT_IDENTIFIER)
    enterprise = data[begin:at]
    if not enterprise or enterprise[-1] > 0x7F or varbinds.crooked(enterprise):
        raise MalformedError("an enterprise that is no object identifier")
    _, at = inside(data, at, end, _IP_ADDRESS)  # who it says that it is: the sender's address is what counts
    generic, at = integer(data, at, end)
    specific, at = integer(data, at, end)
    _, at = inside(data, at, end, _TIME_TICKS)
    objects = _objects(data, at, end)
    if generic == _SPECIFIC and specific >= 0:
        trap = enterprise + b"\0" + _sub_identifier(specific)
    elif 0 <= generic < _SPECIFIC:
        trap = _TRAPS + bytes((generic + 1,))
    else:
        raise MalformedError(f"generic-trap {generic}")
    return Notification(trap, (*objects, (_ENTERPRISE, ObjectId(enterprise))))


def _sub_identifier(number: int) -> bytes:
    return suffix_part(number) if number > 0x7F else bytes((number,))


def _objects(data: bytes, at: int, end: int) -> tuple[Object, ...]:
    begin, stop = inside(data, at, end, SEQUENCE)
    if stop != end:
        raise MalformedError("more than a list of varbinds")
    names, values, _, _ = varbinds.read(data, begin, stop)
    return tuple(zip(names, values, strict=True))


def _shown(value: Value | None) -> str:
    """A value as people read it: bytes that are no text in hexadecimal."""
    if value is None:
        return "nothing"
    if not isinstance(value, bytes):
        return str(value)
    if isinstance(value, ObjectId):
        return decode(value)
    try:
        return line(value.decode(), _VALUE_BYTES)
    except UnicodeDecodeError:
        return line(value[:_VALUE_BYTES].hex(" "), _VALUE_BYTES)
