"""Who may tell us something: the targets of the estate, by the addresses that they send from."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from inventory.credentials import SnmpV2c, SnmpV3
from inventory.estate import Estate, Target

log = structlog.get_logger(__name__)

AT_ONCE: Final = 16
"""Names that are looked up at once."""

PATIENCE: Final = 10.0
"""Seconds that a name server has for a name."""


class Sender(NamedTuple):
    """A target, and the credentials that its notifications may bear."""

    target: str
    credentials: tuple[SnmpV2c | SnmpV3, ...]


class Senders:
    """The targets of one estate by address. Those that are given by name have none until `look_up` has found it.

    Those that are not `mine` are known by the address in the estate alone: their names are looked up elsewhere.
    """

    def __init__(self, estate: Estate, mine: Callable[[str], bool] = lambda _: True) -> None:
        self._mine = mine
        self._places: dict[str, Sequence[str]] = {}
        self._by_address: Mapping[str, Sequence[Sender]] = {}
        self._others: frozenset[str] = frozenset()
        self.replace(estate)

    def at(self, address: str) -> Sequence[Sender]:
        """The targets that send from an address, as `canonical` writes it."""
        return self._by_address.get(address, ())

    def others(self, address: str) -> bool:
        """Whether a target that is not mine sends from an address, as `canonical` writes it."""
        return address in self._others

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset(self._by_address)

    def replace(self, estate: Estate) -> None:
        """Know the targets of this estate from now on."""
        self._estate = estate
        hosts = {target.where for target in self._targets()}
        self._places = {host: known for host in hosts if (known := self._places.get(host) or _literal(host))}
        self._others = frozenset(
            address for target in self._targets(mine=False) for address in _literal(target.where)
        )
        self._order()

    async def look_up(self) -> None:
        """Find the addresses of names. One that is not found now keeps what was found before."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def find(target: Target) -> None:
            async with limit:
                found = await _addresses(target.where)
            if found:
                self._places[target.where] = found
            elif target.where not in self._places:
                log.warning("address not known: traps of this target are dropped", target=target.name)

        await asyncio.gather(*(find(target) for target in self._targets() if not _literal(target.where)))
        self._order()

    def _targets(self, mine: bool = True) -> list[Target]:
        return [one for one in self._estate.targets if not one.host and self._mine(one.name) is mine]

    def _order(self) -> None:
        found: dict[str, list[Sender]] = {}
        for target in self._targets():
            sender = Sender(target.name, _credentials(self._estate, target))
            for place in self._places.get(target.where, ()):
                found.setdefault(place, []).append(sender)
        self._by_address = found


def _credentials(estate: Estate, target: Target) -> tuple[SnmpV2c | SnmpV3, ...]:
    own = (target.snmp.credential,) if target.snmp else ()
    others = estate.traps.credentials if estate.traps else ()
    found = (estate.credentials.get(name) for name in dict.fromkeys((*own, *others)))
    return tuple(one for one in found if isinstance(one, SnmpV2c | SnmpV3))


def _literal(host: str) -> Sequence[str]:
    """The address that a host is given by; none for a name."""
    try:
        return [canonical(host)]
    except ValueError:
        return ()


async def _addresses(host: str) -> Sequence[str]:
    """The addresses of a name, none where it is not known or nobody says in time."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return ()
    return list(dict.fromkeys(canonical(str(address[0])) for *_, address in found))


def canonical(address: str) -> str:
    """An address in one form, whichever socket it was seen through. Raises ValueError for what is none.

    >>> canonical("::ffff:10.0.0.5"), canonical("FE80::1%eth0")
    ('10.0.0.5', 'fe80::1')
    """
    plain = ipaddress.ip_address(address.partition("%")[0])
    mapped = plain.ipv4_mapped if isinstance(plain, ipaddress.IPv6Address) else None
    return str(mapped or plain)
