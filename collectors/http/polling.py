"""One poll of one target over HTTP: the outcome of each table, and what the system is."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from collectors import clusters, orthanc, tls
from collectors.api import ApiFile, FactOf
from collectors.catalogue import SHIPPED, Catalogue
from collectors.http.client import Client
from collectors.http.families import Families, Interface, tell
from collectors.http.secrets import DISTINCT
from collectors.http.sessions import Account, Session
from collectors.memory import Memory
from collectors.poll import PollError, Reading, Table, Trace, attempt
from collectors.refusals import Refusals
from inventory.credentials import Http
from inventory.estate import Estate, HttpAccess, Target
from inventory.metrics import labels

LEAST: Final = 0.05
"""Seconds that a table gets at least."""


async def poll(
    target: Target,
    estate: Estate,
    trace: Trace,
    refusals: Refusals | None = None,
    memory: Memory | None = None,
    catalogue: Catalogue = SHIPPED,
) -> tuple[list[Table], dict[str, str]]:
    """Read the tables of a target's HTTP family. Never raises. `refusals` and `memory` outlast a poll."""
    access = target.http
    if access is None:
        return [], {}
    families = Families(catalogue.interfaces)
    readers = orthanc.wanted(access) if access.family == "orthanc" else families.get(access.family)
    if readers is None:
        return [await attempt(access.family, functools.partial(_unknown, access.family, families))], {}
    family, end = catalogue.interfaces.get(access.family), time.monotonic() + target.patience
    account = account_of(target.name, access, estate, refusals or Refusals())
    async with Client(access, end, trace) as client, Session(client, family, account) as session:
        client.end = end - min(session.reserve, target.patience / 4)
        interface = Interface(session, access, memory or Memory())
        tables = [
            await attempt(name, functools.partial(read, interface), max(LEAST, client.end - time.monotonic()))
            for name, read in readers.items()
        ]
        if family is not None and any(table.up for table in tables):
            await _facts(family, interface, client)
        kept = [_clean(table, client) for table in _kept(family, tables)]
        derived = clusters.without_node(kept)
        facts = {name: _hidden(told, client) for name, told in interface.facts.items()}
        return [*kept, *([derived] if derived else []), *_certificate(kept, client)], facts


def _certificate(tables: list[Table], client: Client) -> Iterator[Table]:
    """When the server's certificate ends, where it answered anything at all: of itself it does not make a target up."""
    if client.certificate is not None and any(table.up for table in tables):
        series = ((tls.END, labels(kind="https")),)
        yield Table("certificate", time.time(), 0.0, series, (client.certificate,), rows=1)


def _kept(family: ApiFile | None, tables: list[Table]) -> list[Table]:
    """The tables without those that another one replaces, where that has rows."""
    declared = {table.name: table for table in family.tables} if family is not None else {}
    replaced = {
        name
        for table in tables
        if table.name in declared and table.series
        for name in declared[table.name].replaces
    }
    return [table for table in tables if table.name not in replaced]


def account_of(name: str, access: HttpAccess, estate: Estate, refusals: Refusals) -> Account | None:
    credential = estate.credentials.get(access.credential) if access.credential else None
    return Account(name, access.url, credential.http, refusals) if isinstance(credential, Http) else None


async def _facts(family: ApiFile, interface: Interface, client: Client) -> None:
    """Note product and version, where they can still be asked for."""
    for name, fact in (("product", family.product), ("version", family.version)):
        if isinstance(fact, str):
            interface.facts[name] = fact
        elif fact is not None:
            patience = max(LEAST, client.end - time.monotonic())
            await attempt(name, functools.partial(_fact, name, fact, interface), patience)


async def _fact(name: str, fact: FactOf, interface: Interface) -> Reading:
    if told := await tell(fact, interface):
        interface.facts[name] = told
    return Reading((), ())


def _clean(table: Table, client: Client) -> Table:
    """A table whose texts are without secrets that the server repeated. Series that are one then are withheld."""
    notes = tuple(map(client.clean, table.notes))
    hidden = [
        (metric, tuple((name, _hidden(value, client)) for name, value in pairs))
        for metric, pairs in table.series
    ]
    count = Counter(hidden)
    kept = [(one, value) for one, value in zip(hidden, table.values, strict=True) if count[one] == 1]
    return dataclasses.replace(
        table,
        detail=client.clean(table.detail),
        notes=notes,
        series=tuple(one for one, _ in kept),
        values=tuple(value for _, value in kept),
        withheld=table.withheld + len(hidden) - len(kept),
    )


def _hidden(name: str, client: Client) -> str:
    """A name that the server told, without secrets."""
    return client.secrets.hide(name, DISTINCT)


async def _unknown(name: str, families: Families) -> Reading:
    raise PollError("empty_answer", f"no HTTP family is called {name}; there are {', '.join(families)}")
