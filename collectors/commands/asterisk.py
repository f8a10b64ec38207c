"""Calls of an Asterisk exchange, and how many of its telephones and trunks are registered. Nobody is named.

    Asterisk 20.5.0 built by mockbuild @ builder on a x86_64 running Linux on 2023-10-18 15:20:05 UTC
    7 active channels
    3 of 50 max active calls ( 6.00% of capacity)
    1204 calls processed
     Endpoint:  4000                                                 Not in use    0 of inf
     Endpoint:  4001/4001                                            Unavailable   0 of inf
    2 sip peers [Monitored: 1 online, 0 offline Unmonitored: 0 online, 1 offline]

An exchange has chan_pjsip, or the older chan_sip, or both. Its socket is root's: others run it with sudo -n.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.command import elevated
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of a real exchange, with chan_pjsip and with chan_sip"

COMMAND: Final = elevated(
    "asterisk -rx 'core show version' || exit $?; $s asterisk -rx 'core show channels count';"
    " $s asterisk -rx 'pjsip show endpoints' | grep '^ *Endpoint: ';"
    " $s asterisk -rx 'sip show peers' | grep 'sip peers'; true"
)

_VERSION = re.compile(r"Asterisk (\S{1,60}) built by ")
_CHANNELS = re.compile(r"(\d{1,9}) active channels?", re.ASCII)
_CALLS = re.compile(r"(\d{1,9})(?: of (\d{1,9}) max)? active calls?(?: \([ \d.]+% of capacity\))?", re.ASCII)
_ENDPOINT = re.compile(
    r"Endpoint: .*\s(Not in use|In use|Busy|Unavailable|Ringing|Ring\+Inuse|On Hold|Invalid|Unknown)\s+\d+ of (?:\d+|inf)"
)
_PEERS = re.compile(
    r"\d{1,9} sip peers? \[Monitored: (\d{1,9}) online, (\d{1,9}) offline"
    r" Unmonitored: (\d{1,9}) online, (\d{1,9}) offline\]",
    re.ASCII,
)
_AWAY: Final = ("Unavailable", "Invalid", "Unknown")
"""States of an endpoint that nobody has registered."""


def parse(output: str) -> Iterator[Sample]:
    """Calls and channels, and counts of what is registered. Raises PollError where no exchange answered."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines:
        raise PollError("empty_answer", "asterisk printed nothing")
    calls = next((match for line in lines if (match := _CALLS.fullmatch(line))), None)
    if calls is None:
        raise documents.unparsed(lines[-1])
    yield Sample("jauge_calls_active", float(calls[1]))
    if calls[2]:
        yield Sample("jauge_calls_limit", float(calls[2]))
    channels = next((match for line in lines if (match := _CHANNELS.fullmatch(line))), None)
    if channels is not None:
        yield Sample("jauge_channels_active", float(channels[1]))
    yield from _endpoints([line for line in lines if line.startswith("Endpoint: ")])
    yield from _peers([line for line in lines if " sip peer" in line])


def facts(output: str) -> dict[str, str]:
    """`product` and `version`, as the exchange tells them."""
    match = _VERSION.search(output)
    return {"product": "Asterisk", "version": documents.label(match[1])} if match else {}


def _endpoints(lines: list[str]) -> Iterator[Sample]:
    """Endpoints of chan_pjsip: nothing where there are none."""
    states: list[str] = []
    for line in lines:
        if "<Endpoint/CID" in line:  # the heading
            continue
        match = _ENDPOINT.fullmatch(line)
        if match is None:
            raise documents.unparsed(line)
        states.append(match[1])
    away = sum(state in _AWAY for state in states)
    if states:
        yield from _counted("pjsip", len(states) - away, away)


def _peers(lines: list[str]) -> Iterator[Sample]:
    """Peers of chan_sip: nothing where it is not loaded."""
    for line in lines[:1]:
        match = _PEERS.fullmatch(line)
        if match is None:
            raise documents.unparsed(line)
        watched, lost, unwatched, gone = (int(match[group]) for group in range(1, 5))
        yield from _counted("sip", watched + unwatched, lost + gone)


def _counted(kind: str, registered: int, unregistered: int) -> Iterator[Sample]:
    yield Sample("jauge_telephony_devices_registered", float(registered), labels(kind=kind))
    yield Sample("jauge_telephony_devices_unregistered", float(unregistered), labels(kind=kind))
