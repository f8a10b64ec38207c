"""From a datagram to a notification that is believed: its community or user is one that its sender may use."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from collectors.snmp.ber import (
    OCTET_STRING,
    SEQUENCE,
    MalformedError,
    encode_integer,
    inside,
    integer,
    octets,
    wrap,
)
from collectors.snmp.messages import V1, V2C, V3
from collectors.traps.authority import Authority, Opened, RefusedError
from collectors.traps.notification import Notification, read
from collectors.traps.senders import Sender
from inventory.credentials import SecretMissingError, SnmpV2c, SnmpV3


class Heard(NamedTuple):
    """A notification that is believed, the targets that it can be of, and the message that answers it, if any."""

    notification: Notification
    targets: tuple[str, ...]
    answer: bytes | None


def hear(datagram: bytes, known: Sequence[Sender], authority: Authority) -> Heard:
    """What a datagram of one of these senders tells. Where they share an address, it is of those whose credential it bears.

    Raises Discovery, RefusedError, MalformedError, and PollError where a secret is missing.
    """
    begin, end = inside(datagram, 0, len(datagram), SEQUENCE)
    version, at = integer(datagram, begin, end)
    if end != len(datagram):
        raise MalformedError("more than a message")
    credential: SnmpV2c | SnmpV3
    if version in (V1, V2C):
        name, at = octets(datagram, at, end)
        credential = _community(name, known)
        head = encode_integer(version) + wrap(OCTET_STRING, name)
        opened = Opened(datagram, at, end, lambda pdu: wrap(SEQUENCE, head, pdu))
    elif version == V3:
        credential, opened = _user(datagram, known, authority)
    else:
        raise MalformedError(f"version {version}")
    notification = read(version, opened.data, opened.start, opened.stop)
    targets = tuple(sender.target for sender in known if credential in sender.credentials)
    response = notification.response
    return Heard(notification, targets, opened.seal(response) if response is not None else None)


def _community(name: bytes, known: Sequence[Sender]) -> SnmpV2c:
    """The credential of a community."""
    for credential in dict.fromkeys(one for sender in known for one in sender.credentials):
        if isinstance(credential, SnmpV2c):
            try:
                expected = credential.community.reveal().encode()
            except SecretMissingError as error:
                raise RefusedError(str(error)) from None
            if hmac.compare_digest(expected, name):
                return credential
    raise RefusedError("a community that is not known for this sender")


def _user(datagram: bytes, known: Sequence[Sender], authority: Authority) -> tuple[SnmpV3, Opened]:
    """The credential of a user, and what was signed or encrypted for it."""
    refused = RefusedError("no user of SNMPv3 is known for this sender")
    for credential in dict.fromkeys(one for sender in known for one in sender.credentials):
        if isinstance(credential, SnmpV3):
            try:
                return credential, authority.open(datagram, credential)
            except RefusedError as error:
                refused = error
    raise refused
