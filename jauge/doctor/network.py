"""Names that lead somewhere, and targets that answer and take the login: one polite try each."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from collectors.poll import Poll, Table
from dashboard.words.reasons import REASONS
from inventory.estate import Estate, Target
from inventory.harmless import line
from jauge.doctor import Finding, Severity

AT_ONCE: Final = 16
"""Targets that are asked beside each other, and names that are looked up."""

SLOW: Final = 1.0
"""Seconds of a look-up from which it is said."""

NAMES: Final = 10.0
"""Seconds that all names together may take."""

_LOCKS: Final = frozenset({"auth_failed", "wrong_privacy", "host_key_changed", "host_key_unknown", "tls"})
"""Reasons that only a person mends."""


class Lookup(NamedTuple):
    """A name that was looked up: why it leads nowhere ("" where it does), and how long that took, in seconds."""

    name: str
    why: str
    seconds: float


# --- names --------------------------------------------------------------------------------------------------


def hosts(estate: Estate) -> dict[str, str]:
    """Every name that is spoken to, and the first thing that it is for."""
    found: dict[str, str] = {}
    for target in estate.targets:
        if any((target.snmp, target.ssh, target.dicom, target.mllp)):
            found.setdefault(target.where, target.name)
        if target.http is not None:
            found.setdefault(urlsplit(target.http.url).hostname or "", target.name)
    if estate.history is not None:
        found.setdefault(urlsplit(estate.history.url).hostname or "", "the engine of the history")
    if estate.access.oidc is not None:
        found.setdefault(urlsplit(estate.access.oidc.issuer).hostname or "", "logins (OpenID Connect)")
    if estate.access.ldap is not None:
        for url in estate.access.ldap.servers:
            found.setdefault(urlsplit(url).hostname or "", "logins (LDAP)")
    if estate.notices is not None and estate.notices.mail is not None:
        found.setdefault(estate.notices.mail.where[0], "e-mail")
    return {name: what for name, what in found.items() if name and not _is_address(name)}


def names(estate: Estate) -> Iterator[Finding]:
    """Names that lead nowhere, or only after long."""
    wanted = hosts(estate)
    if not wanted:
        yield Finding("names", "fine", "the estate", "names no host: everything has an address")
        return
    found = _look_up(list(wanted))
    for one in found:
        if one.why:
            said = f"does not lead to an address: {one.why}"
            do = "correct the name, add it to the name server, or write `address:`"
            yield Finding("names", "error", f"{one.name} ({wanted[one.name]})", said, do)
        elif one.seconds > SLOW:
            said = f"took {one.seconds:.1f} s to be looked up"
            yield Finding(
                "names", "advice", one.name, said, "look at the name servers in /etc/resolv.conf: one may be silent"
            )  # fmt: skip
    good = sum(not one.why for one in found)
    if good:
        yield Finding("names", "fine", "the estate", f"{good} of {len(found)} names lead to an address")


def _look_up(wanted: Sequence[str]) -> list[Lookup]:
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")
    end = time.monotonic() + NAMES
    running = [(name, threads.submit(_one, name)) for name in wanted]
    found = []
    for name, future in running:
        try:
            found.append(future.result(max(end - time.monotonic(), 0.0)))
        except TimeoutError:
            found.append(Lookup(name, "the name server does not answer", NAMES))
    threads.shutdown(wait=False, cancel_futures=True)
    return found


def _one(name: str) -> Lookup:
    start = time.monotonic()
    try:
        socket.getaddrinfo(name, None)
    except (OSError, UnicodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return Lookup(name, why, time.monotonic() - start)
    return Lookup(name, "", time.monotonic() - start)


def _is_address(name: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name.partition("%")[0])
        except OSError:
            continue
        return True
    return False


# --- targets ------------------------------------------------------------------------------------------------


def ask(estate: Estate, targets: Sequence[Target]) -> list[Poll]:
    """Poll each target once, some beside each other. A wrong password is shown once."""
    return asyncio.run(_ask(estate, targets))


async def _ask(estate: Estate, targets: Sequence[Target]) -> list[Poll]:
    from collectors.polling import Poller  # noqa: PLC0415 - the protocols cost a second

    poller, room = Poller(estate), asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Poll:
        async with room:
            return await poller.poll(target)

    try:
        return list(await asyncio.gather(*map(one, targets)))
    finally:
        poller.close()


def targets(polls: Sequence[Poll]) -> Iterator[Finding]:
    """What is to be said of each target that did not answer, or of which a part failed; one line for all others."""
    good = 0
    for poll in polls:
        failed = [table for table in poll.tables if not table.up]
        good += not failed
        for table, count in _by_reason(failed):
            yield _failed(poll, table, count)
    if good:
        yield Finding("targets", "fine", "the estate", f"{good} of {len(polls)} targets answered whole")


def _by_reason(failed: Sequence[Table]) -> Iterator[tuple[Table, int]]:
    """The first table of each reason, and how many share it."""
    counts = Counter(table.reason for table in failed)
    seen = set()
    for table in failed:
        if table.reason not in seen:
            seen.add(table.reason)
            yield table, counts[table.reason]


def _failed(poll: Poll, table: Table, count: int) -> Finding:
    severity: Severity = "error" if not poll.up or table.reason in _LOCKS else "warning"
    what = f"{table.name}{f' and {count - 1} more' if count > 1 else ''}: {table.reason}"
    detail = line(table.detail, 300)
    do = REASONS.get(f"do.{table.reason}", REASONS["do."])
    return Finding("targets", severity, poll.target, f"{what}: {detail}" if detail else what, str(do))
