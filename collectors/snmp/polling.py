"""One poll of one target over SNMP: which families it is read as, and the outcome of each table."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from collectors import plan
from collectors.device import Family, TableFile, families
from collectors.poll import PollError, Reading, Series, Step, Table, Trace, attempt
from collectors.snmp.engine import Engines
from collectors.snmp.oid import Oid, decode, encode
from collectors.snmp.pysnmp import PysnmpSession
from collectors.snmp.session import Session, Value, Walk
from inventory.credentials import SnmpV2c, SnmpV3
from inventory.estate import Estate, Target
from inventory.metrics import Sample

SYS_DESCR: Final = encode("1.3.6.1.2.1.1.1.0")  # SNMPv2-MIB, RFC 3418
SYS_OBJECT_ID: Final = encode("1.3.6.1.2.1.1.2.0")
SYS_UP_TIME: Final = encode("1.3.6.1.2.1.1.3.0")

PRODUCT_LENGTH: Final = 120

T = TypeVar("T")
Open = Callable[[SnmpV2c | SnmpV3, tuple[str, int], float], Session]


class Known:
    """What earlier polls found out about a target, so that the next ones need not ask again."""

    def __init__(self) -> None:
        self.identity: tuple[str, str] | None = None
        self.families: tuple[str, ...] = ()
        self.ticks = 0
        self.sizes: dict[Oid, int] = {}
        self.series: dict[str, tuple[Series, ...]] = {}

    def shared(self, table: str, reading: Reading) -> tuple[Series, ...]:
        """The series of a table: the same tuple as before while nothing changed, for `exporters.exposition`."""
        if self.series.get(table) != reading.series:
            self.series[table] = reading.series
        return self.series[table]


class Snmp:
    """Polls targets over SNMP. One for a collector: it keeps engines, and what is known of each target."""

    def __init__(self, opening: Open | None = None) -> None:
        self.engines = Engines()
        self._known: dict[str, Known] = {}
        self._open: Open = opening or self._with_pysnmp

    def _with_pysnmp(
        self, credential: SnmpV2c | SnmpV3, address: tuple[str, int], patience: float
    ) -> Session:
        return PysnmpSession(self.engines.engine(credential), credential, address, patience)

    async def poll(self, target: Target, estate: Estate, trace: Trace) -> tuple[list[Table], dict[str, str]]:
        """The tables of a target, and what it says of itself (family, product, version). Never raises."""
        access = target.snmp
        credential = estate.credentials.get(access.credential) if access else None
        if access is None or not isinstance(credential, SnmpV2c | SnmpV3):
            return [], {}
        known = self._known.setdefault(target.name, Known())
        wire = self._open(credential, (target.where, access.port), target.patience)
        session = Once(Traced(wire, trace), known.sizes)
        facts: dict[str, str] = {}

        async def identify() -> Reading:
            found, uptime = await _identify(session, known, access.family)
            facts.update(found)
            return Reading.of([Sample("jauge_uptime_seconds", uptime)] if uptime is not None else [])

        end = time.monotonic() + target.patience
        system = await attempt("system", identify, target.patience)
        if not system.up:
            return [system], {}
        chosen = [families()[name] for name in known.families]
        tables = sorted((table for family in chosen for table in family.tables), key=lambda table: table.rank)
        left = max(end - time.monotonic(), 0.1)
        outcomes = await asyncio.gather(
            *(attempt(table.name, _reader(session, table, known), left) for table in tables)
        )
        session.close()
        # Last: the host's own uptime (hrSystemUptime) is heard before that of its agent (sysUpTime).
        return [*_answered(tables, outcomes), *_unknown(known), system], facts

    def forget(self, name: str) -> None:
        """Ask a target anew what it is, and know nothing of it."""
        self._known.pop(name, None)

    def close(self) -> None:
        self.engines.close()


async def _identify(
    session: Session, known: Known, family: str | None
) -> tuple[dict[str, str], float | None]:
    """Ask what the agent is and since when, and choose its families: anew only when it is something else."""
    system = await session.get([SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME])
    description, identity = plan.text(system.get(SYS_DESCR, b"")), plan.oid_text(system.get(SYS_OBJECT_ID))
    ticks = system.get(SYS_UP_TIME)
    restarted = isinstance(ticks, int) and ticks < known.ticks
    if known.identity != (description, identity) or restarted or not known.families:
        known.families = await _choose(session, family, description, identity)
        known.identity = (description, identity)
    known.ticks = ticks if isinstance(ticks, int) else 0
    return facts(known.families, description), ticks / 100 if isinstance(ticks, int) else None


def _unknown(known: Known) -> list[Table]:
    """The outcome that says that nothing can be read of an agent that answers."""
    detail = "the agent answers, but no family knows its objects"
    return (
        [] if known.families else [Table("families", time.time(), 0.0, reason="empty_answer", detail=detail)]
    )


async def _choose(session: Session, family: str | None, description: str, identity: str) -> tuple[str, ...]:
    """The families that a target is read as, makers before standards."""
    if family is not None:
        if family not in families():
            raise PollError("internal", f"there is no family {family}: {', '.join(families())}")
        return (family, *families()[family].also)
    subtrees = [found.detect.subtree for found in families().values() if found.detect.subtree]
    present = await _present(session, sorted(set(subtrees)))
    found = [name for name, one in families().items() if detected(one, description, identity, present)]
    makers = [name for name in found if not families()[name].standard]
    beside = {other for name in makers for other in families()[name].also}
    return tuple(
        dict.fromkeys([*makers, *(name for name in found if name in beside or families()[name].standard)])
    )


def detected(family: Family, description: str, identity: str, present: frozenset[str]) -> bool:
    """Whether a device is of a family: everything that the family asks for must hold."""
    rule = family.detect
    if rule.object_id and not any(f"{identity}.".startswith(f"{one}.") for one in rule.object_id):
        return False
    if rule.describes and not re.search(rule.describes, description):
        return False
    return rule.subtree is None or rule.subtree in present


async def _present(session: Session, subtrees: Sequence[str]) -> frozenset[str]:
    """Which subtrees hold objects."""
    after = await session.following([encode(subtree) for subtree in subtrees])
    return frozenset(
        subtree
        for subtree, oid in zip(subtrees, after, strict=True)
        if oid is not None and oid.startswith(encode(subtree))
    )


def facts(names: Sequence[str], description: str) -> dict[str, str]:
    """What `jauge_target_info` says of a device: its family, and product and version where they are known."""
    if not names:
        return {"product": description[:PRODUCT_LENGTH]}
    first = families()[names[0]]
    found = {"family": names[0]}
    product = next((title for pattern, title in first.product.items() if re.search(pattern, description)), "")
    version = re.search(first.version, description) if first.version else None
    return (
        found
        | {"product": product or description[:PRODUCT_LENGTH]}
        | ({"version": version[1]} if version else {})
    )


def _reader(session: Session, table: TableFile, known: Known) -> Callable[[], Awaitable[Reading]]:
    async def read() -> Reading:
        wanted = plan.wanted(table)
        columns = sorted(wanted.columns)
        walks = await asyncio.gather(*(session.walk(column) for column in columns))
        scalars = await session.get(sorted(wanted.scalars)) if wanted.scalars else {}
        rows = {
            column: {oid[len(column) :]: value for oid, value in walk.varbinds.items()}
            for column, walk in zip(columns, walks, strict=True)
        }
        broken = next((walk.broken for walk in walks if walk.broken is not None), None)
        reading = plan.read(table, rows, scalars)
        return Reading(
            known.shared(table.name, reading),
            reading.values,
            reading.rows,
            reading.withheld,
            reading.notes,
            broken,
        )

    return read


def _answered(tables: Sequence[TableFile], outcomes: Sequence[Table]) -> list[Table]:
    """The outcomes that say something: a table that a device does not have is left out, and what another replaces."""
    replaced = {
        name
        for table, outcome in zip(tables, outcomes, strict=True)
        if outcome.series
        for name in table.replaces
    }
    return [
        outcome
        for table, outcome in zip(tables, outcomes, strict=True)
        if table.name not in replaced and (outcome.series or outcome.withheld or not outcome.up)
    ]


class Once:
    """A session for one poll: what two tables need is asked once. `sizes` remembers how long each walk is."""

    def __init__(self, session: Session, sizes: dict[Oid, int]) -> None:
        self._session = session
        self._sizes = sizes
        self._walks: dict[Oid, asyncio.Task[Walk]] = {}

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return await self._session.get(oids)

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        return await self._session.following(oids)

    async def walk(self, root: Oid, expected: int | None = None) -> Walk:
        if root not in self._walks:
            self._walks[root] = asyncio.create_task(self._session.walk(root, self._sizes.get(root, expected)))
        # Shielded: a table that gives up must not take the answer from another one that waits for it.
        walk = await asyncio.shield(self._walks[root])
        self._sizes[root] = len(walk.varbinds)
        return walk

    def close(self) -> None:
        """End the walks that nobody waits for any more."""
        for task in self._walks.values():
            task.cancel()


class Traced:
    """A session that tells a trace what was asked and what came back."""

    def __init__(self, session: Session, trace: Trace) -> None:
        self._session = session
        self._trace = trace

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return await self._told(f"GET {_list(oids)}", self._session.get(oids), _values)

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        return await self._told(
            f"GETNEXT {_list(oids)}",
            self._session.following(oids),
            lambda found: ", ".join("end" if oid is None else decode(oid) for oid in found),
        )

    async def walk(self, root: Oid, expected: int | None = None) -> Walk:
        return await self._told(
            f"WALK {decode(root)}",
            self._session.walk(root, expected),
            lambda walk: f"{_values(walk.varbinds)}{f'; broken off: {walk.broken}' if walk.broken else ''}",
        )

    async def _told(self, asked: str, doing: Awaitable[T], say: Callable[[T], str]) -> T:
        start = time.monotonic()
        try:
            answer = await doing
        except PollError as error:
            self._trace(Step(asked, str(error), time.monotonic() - start))
            raise
        self._trace(Step(asked, say(answer), time.monotonic() - start))
        return answer


SHOWN: Final = 3


def _list(oids: Sequence[Oid]) -> str:
    return " ".join(decode(oid) for oid in oids)


def _values(found: dict[Oid, Value]) -> str:
    shown = [f"{decode(oid)} = {plan.text(value)[:60]}" for oid, value in list(found.items())[:SHOWN]]
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    count = "1 object" if len(found) == 1 else f"{len(found)} objects"
    return f"{count}: {', '.join(shown)}{more}" if found else "no such objects"
