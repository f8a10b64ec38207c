"""One poll of one target over SNMP: which families it is read as, and the outcome of each table."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from collectors import extends
from collectors.answers import JsonTable
from collectors.catalogue import SHIPPED, Catalogue
from collectors.counters import Uptime, Watch
from collectors.device import Detect, Fact, Family
from collectors.extends import Extend
from collectors.plan import Plan, Rules
from collectors.poll import PollError, Reading, Series, Table, Trace, attempt, outcome
from collectors.snmp.habits import Habits
from collectors.snmp.messages import Community
from collectors.snmp.oid import Oid, encode
from collectors.snmp.security import Security
from collectors.snmp.session import GET_LIMIT, Harvest, Session
from collectors.snmp.v3 import Usm
from collectors.snmp.values import Value, moment, oid_text, text
from collectors.snmp.wire import Agent, Wire, resolve
from collectors.tables import Table as TableRules
from inventory.credentials import SecretMissingError, SnmpV2c, SnmpV3
from inventory.estate import Estate, Target
from inventory.estate import Snmp as Access
from inventory.metrics import Sample

SYS_DESCR: Final = encode("1.3.6.1.2.1.1.1.0")  # SNMPv2-MIB, RFC 3418
SYS_OBJECT_ID: Final = encode("1.3.6.1.2.1.1.2.0")
SYS_UP_TIME: Final = encode("1.3.6.1.2.1.1.3.0")

PRODUCT_LENGTH: Final = 120

RESOLVED_SECONDS: Final = 300.0
"""How long the address of a name is used before it is looked up again."""

_REFUSALS: Final = ("auth_failed", "wrong_privacy")

Credential = SnmpV2c | SnmpV3


class Known:
    """What earlier polls found out about a target, so that the next ones need not ask again."""

    def __init__(self) -> None:
        self.identity: tuple[str, str] | None = None
        self.families: tuple[str, ...] = ()
        self.uptime: Uptime | None = None
        self.habits = Habits()
        self.plans: dict[str, Plan] = {}
        self.agent: Agent | None = None
        self.resolved = 0.0
        self._credential: Credential | None = None

    async def reach(self, target: Target, access: Access, credential: Credential) -> Agent:
        """Where to ask, and how messages are secured: the same as before while nothing says otherwise."""
        timeout = max(target.patience / (access.retries + 2), 0.1)
        if self.agent is None or time.monotonic() - self.resolved > RESOLVED_SECONDS:
            family, address = await resolve(target.where, access.port)
            security = self.agent.security if self.agent is not None else _security(credential)
            self.agent = Agent(family, address, security, timeout, access.retries + 1, access.packets)
            self.resolved, self._credential = time.monotonic(), credential
        if credential != self._credential or isinstance(credential, SnmpV2c):
            # A community is read again for each poll: it may have been changed where it is kept.
            self.agent.security, self._credential = _security(credential), credential
        self.agent.timeout = timeout
        return self.agent

    def doubt(self, system: Table) -> None:
        """Look the address up, or read the passwords, again next time."""
        if system.reason in _REFUSALS:
            self.agent = None
        elif not system.up:
            self.resolved = float("-inf")


class Needs(NamedTuple):
    """What the tables of a device need, one by one and all together, and which scalars tell its time."""

    tables: tuple[Rules, ...]
    columns: tuple[Oid, ...]
    scalars: tuple[Oid, ...]
    clocks: tuple[Oid, ...]
    rates: bool
    extends: tuple[Extend, ...]


def _security(credential: Credential) -> Security:
    try:
        if isinstance(credential, SnmpV2c):
            return Community(credential.community.reveal())
        return Usm(credential)
    except SecretMissingError as error:
        raise PollError("auth_failed", str(error)) from None


class Asked(Protocol):
    """A session with an agent: of the wire (`session.Session`), or with a recording of one."""

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of a few objects."""
        ...

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        """The object that follows each of these."""
        ...

    async def collect(self, columns: Sequence[Oid], scalars: Sequence[Oid], seconds: float) -> Harvest:
        """All objects below each root, and the scalars."""
        ...

    def counted(self, system: Table) -> Table:
        """The outcome of the agent as a whole, with what it took."""
        ...


class Reader:
    """Reads agents by the families of a catalogue. What their tables need is made out once for all of them."""

    def __init__(self, catalogue: Catalogue = SHIPPED) -> None:
        self.catalogue = catalogue
        self._needs: dict[tuple[str, ...], Needs] = {}

    async def read(
        self, known: Known, family: str | None, patience: float, opening: Callable[[], Awaitable[Asked]]
    ) -> tuple[list[Table], dict[str, str]]:
        """The tables of an agent, and what it says of itself. Never raises."""
        start = time.monotonic()
        facts: dict[str, str] = {}
        session: Asked | None = None

        async def identify() -> Reading:
            nonlocal session
            session = await opening()
            found, uptime = await _identify(session, known, family, self.catalogue)
            facts.update(found)
            return Reading.of([Sample("jauge_uptime_seconds", uptime)] if uptime is not None else [])

        system = await attempt("system", identify, patience)
        known.doubt(system)
        if session is None or not system.up:
            return [session.counted(system) if session is not None else system], {}
        needs = self.needs(known.families)
        left = max(patience - (time.monotonic() - start), 0.1)
        harvest = await session.collect(needs.columns, needs.scalars, left)
        watch: Watch | None = None
        if needs.rates:
            left = max(patience - (time.monotonic() - start), 0.1)
            watch = Watch(harvest.begun, known.uptime, await _checked(session, left))
        told = _told(known.families, harvest, self.catalogue)
        facts |= told
        rules: list[TableRules] = [table.table for table in needs.tables]
        outcomes = [_outcome(table, harvest, known, watch) for table in needs.tables]
        for extend in needs.extends:
            rules += extend.tables
            outcomes += [_printed(table, extend.output, harvest) for table in extend.tables]
        system = _timed(session.counted(system), needs.clocks, harvest)
        # Last: the host's own uptime (hrSystemUptime) is heard before that of its agent (sysUpTime).
        return [
            *_answered(rules, outcomes),
            *_unknown(known, self.catalogue),
            *(() if family is None or told else _mistaken(family, outcomes, self.catalogue)),
            system,
        ], facts

    def needs(self, names: tuple[str, ...]) -> Needs:
        """What all tables of these families need."""
        if names not in self._needs:
            self._needs[names] = _needs([self.catalogue.families[name] for name in names])
        return self._needs[names]


class Snmp:
    """Polls targets over SNMP. One for a collector: it keeps the sockets, and what is known of each target."""

    def __init__(self, catalogue: Catalogue = SHIPPED) -> None:
        self._wire = Wire()
        self._known: dict[str, Known] = {}
        self._reader = Reader(catalogue)

    async def poll(self, target: Target, estate: Estate, trace: Trace) -> tuple[list[Table], dict[str, str]]:
        """The tables of a target, and what it says of itself (family, product, version). Never raises."""
        access = target.snmp
        credential = estate.credentials.get(access.credential) if access else None
        if access is None or not isinstance(credential, SnmpV2c | SnmpV3):
            return [], {}
        known = self._known.setdefault(target.name, Known())

        async def opening() -> Asked:
            agent = await known.reach(target, access, credential)
            return Session(self._wire, agent, known.habits, trace)

        return await self._reader.read(known, access.family, target.patience, opening)

    def reload(self, catalogue: Catalogue) -> None:
        """Read by another catalogue from now on: every target is asked anew what it is."""
        self._reader = Reader(catalogue)
        self._known.clear()

    def forget(self, name: str) -> None:
        """Ask a target anew what it is, and know nothing of it."""
        self._known.pop(name, None)

    def close(self) -> None:
        """Close the sockets."""
        self._wire.close()


async def _identify(
    session: Asked, known: Known, family: str | None, catalogue: Catalogue
) -> tuple[dict[str, str], float | None]:
    """Ask what the agent is and since when, and choose its families: anew only when it is something else."""
    system = await session.get([SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME])
    description, identity = text(system.get(SYS_DESCR)), oid_text(system.get(SYS_OBJECT_ID))
    before, known.uptime = known.uptime, _uptime(system)
    restarted = before is not None and known.uptime is not None and known.uptime.ticks < before.ticks
    if restarted:
        known.habits.restarted()
    if known.identity != (description, identity) or restarted or not known.families:
        known.families = await choose(session, catalogue, family, description, identity)
        known.identity = (description, identity)
    chosen = {"families": ", ".join(known.families), "identity": identity}
    said = facts(known.families, description, catalogue) | chosen
    return said, known.uptime.ticks / 100 if known.uptime else None


def _uptime(system: Mapping[Oid, Value]) -> Uptime | None:
    """The sysUpTime that an agent tells just now."""
    ticks = system.get(SYS_UP_TIME)
    return Uptime(time.monotonic(), ticks) if isinstance(ticks, int) else None


async def _checked(session: Asked, patience: float) -> Uptime | None:
    """The sysUpTime after all was read: None where the agent does not say, and its counters are doubted then."""
    try:
        async with asyncio.timeout(patience):
            return _uptime(await session.get([SYS_UP_TIME]))
    except (PollError, TimeoutError):
        return None


def _timed(system: Table, clocks: Sequence[Oid], harvest: Harvest) -> Table:
    """The outcome of the agent as a whole, with what its clock differs from ours: right, or absent."""
    told = next((at for oid in clocks if (at := moment(harvest.scalars.get(oid))) is not None), None)
    if told is None:
        return system
    ours = time.time() - (time.monotonic() - harvest.begun - harvest.seconds)  # when it was answered
    return dataclasses.replace(
        system,
        series=(*system.series, ("jauge_clock_skew_seconds", ())),
        values=(*system.values, round(told - ours, 2)),
    )


def _unknown(known: Known, catalogue: Catalogue) -> list[Table]:
    """The outcome that says that nothing can be read of an agent that answers."""
    if any(catalogue.families[name].tables for name in known.families):
        return []
    detail = "the agent answers, but no family knows its objects"
    if known.families:
        named = ", ".join(catalogue.families[name].title for name in known.families)
        detail = f"the agent tells what it is and nothing more that is known: {named}"
    return [Table("families", time.time(), 0.0, reason="empty_answer", detail=detail)]


def _mistaken(family: str, outcomes: Sequence[Table], catalogue: Catalogue) -> list[Table]:
    """The outcome that says that a device has nothing of the family that the estate names for it."""
    own = {table.name for table in catalogue.families[family].named}
    answers = [one for one in outcomes if one.name in own]
    if not answers or any(one.rows or one.series or one.bad or not one.up for one in answers):
        return []
    title = catalogue.families[family].title
    detail = (
        f"the estate says family {family}, and the agent has none of its objects: {title}; "
        "without `family` it is found by itself"
    )
    return [Table("families", time.time(), 0.0, reason="empty_answer", detail=detail)]


async def choose(
    session: Asked, catalogue: Catalogue, family: str | None, description: str, identity: str
) -> tuple[str, ...]:
    """The families that a target is read as, makers before standards."""
    families = catalogue.families
    if family is not None:
        if family not in families:
            raise PollError("internal", f"there is no family {family}: see jauge check")
        return (family, *families[family].also)
    present = await _present(session, sorted(catalogue.subtrees))
    found = [name for name, one in families.items() if detected(one, description, identity, present)]
    makers = [name for name in found if not families[name].standard]
    beside = {other for name in makers for other in families[name].also}
    return tuple(
        dict.fromkeys([*makers, *(name for name in found if name in beside or families[name].standard)])
    )


def detected(family: Family, description: str, identity: str, present: frozenset[str]) -> bool:
    """Whether a device is of a family: everything that one of its rules asks for must hold."""
    return any(_holds(rule, description, identity, present) for rule in family.signs)


def _holds(rule: Detect, description: str, identity: str, present: frozenset[str]) -> bool:
    if rule.object_id and not any(f"{identity}.".startswith(f"{one}.") for one in rule.object_id):
        return False
    if rule.describes and not re.search(rule.describes, description):
        return False
    return (rule.subtree is None or rule.subtree in present) and rule.lacks not in present


async def _present(session: Asked, subtrees: Sequence[str]) -> frozenset[str]:
    """Which subtrees hold objects."""
    found: set[str] = set()
    for begin in range(0, len(subtrees), GET_LIMIT):
        asked = subtrees[begin : begin + GET_LIMIT]
        after = await session.following([encode(subtree) for subtree in asked])
        found |= {
            subtree
            for subtree, oid in zip(asked, after, strict=True)
            if oid is not None and oid.startswith(encode(subtree))
        }
    return frozenset(found)


def facts(names: Sequence[str], description: str, catalogue: Catalogue = SHIPPED) -> dict[str, str]:
    """What sysDescr says of a device for `jauge_target_info`: its family, and product and version where it tells them."""
    if not names:
        return {"product": description[:PRODUCT_LENGTH]}
    first = catalogue.families[names[0]]
    titles = [pair for rule in first.product if isinstance(rule, dict) for pair in rule.items()]
    product = next((title for pattern, title in titles if re.search(pattern, description)), "")
    patterns = [rule for rule in first.version if isinstance(rule, str)]
    version = next((match[1] for rule in patterns if (match := re.search(rule, description))), "")
    return {"family": names[0], "product": product or description[:PRODUCT_LENGTH]} | (
        {"version": version} if version else {}
    )


def _told(names: Sequence[str], harvest: Harvest, catalogue: Catalogue) -> dict[str, str]:
    """What objects of a device say of product and version."""
    if not names:
        return {}
    first = catalogue.families[names[0]]
    told: dict[str, str] = {}
    for name, rule in _facts(first):
        found = told.get(name) or _fact(rule, harvest)
        if found:
            told[name] = found
    return told


def _facts(family: Family) -> Iterator[tuple[str, Fact]]:
    """The objects that tell what a device is."""
    yield from (("product", rule) for rule in family.product if isinstance(rule, Fact))
    yield from (("version", rule) for rule in family.version if isinstance(rule, Fact))


def _fact(rule: Fact, harvest: Harvest) -> str:
    """What an object says, empty where the device does not have it."""
    if rule.column is not None:
        if rule.holds:
            column = harvest.columns[encode(rule.column)]
            return _held(rule, [text(value) for value in column.values if value is not None])
        values = _first(rule, harvest)
    else:
        values = [harvest.scalars.get(encode(name)) for name in rule.objects]
    if rule.states:
        return rule.states.get(values[0], "") if isinstance(values[0], int) else ""
    said = ".".join(map(text, values)) if all(value is not None for value in values) else ""
    match = re.search(rule.pattern, said) if rule.pattern else None
    return (match[1] or "" if match else "" if rule.pattern else said)[:PRODUCT_LENGTH]


def _first(rule: Fact, harvest: Harvest) -> list[Value | None]:
    """What the first row says that counts, None for each object where there is none."""

    def rows(name: str) -> dict[bytes, Value]:
        column = harvest.columns[encode(name)]
        listed = zip(column.indexes(), column.values, strict=True)
        return {index: value for index, value in listed if value is not None}

    tests = [(rows(name), pattern) for name, pattern in rule.only.items()]
    parts = [rows(name) for name in rule.objects]
    chosen = (
        [part.get(index) for part in parts]
        for index in parts[0]
        if all(re.search(pattern, text(values.get(index))) for values, pattern in tests)
    )
    return next(chosen, [None] * len(parts))


def _held(rule: Fact, said: Sequence[str]) -> str:
    """The name of what any of these texts holds, empty where none does."""
    found = (name for pattern, name in rule.holds.items() if any(re.search(pattern, one) for one in said))
    return next(found, "")


def _needs(families: Sequence[Family]) -> Needs:
    """What all tables of these families need, in their order of precedence: what two of them need is asked once."""
    found = sorted((table for family in families for table in family.tables), key=lambda t: t.rank)
    tables = tuple(map(Rules, found))
    clocks = {encode(family.clock) for family in families if family.clock is not None}
    told = [rule for _, rule in (_facts(families[0]) if families else ())]
    columns = {column for rules in tables for column in rules.wanted.columns}
    scalars = {scalar for rules in tables for scalar in rules.wanted.scalars} | clocks
    rows = {name for rule in told if rule.column is not None for name in (*rule.objects, *rule.only)}
    alone = {name for rule in told if rule.scalar is not None for name in rule.objects}
    scripts = tuple(extend for family in families for extend in family.extends)
    printed = {script.output for script in scripts}
    return Needs(
        tables,
        tuple(sorted(columns | set(map(encode, rows)))),
        tuple(sorted(scalars | set(map(encode, alone)) | printed)),
        tuple(clocks),
        any(rules.changing for rules in tables),
        scripts,
    )


def _read(rules: Rules, harvest: Harvest, known: Known, watch: Watch | None) -> Reading:
    """The reading of one table, by the plan of the poll before while that fits."""
    needs, name = rules.wanted, rules.table.name
    plan = known.plans.get(name)
    if plan is None or not plan.fits(harvest.columns):
        plan = known.plans[name] = Plan(rules, harvest.columns, plan)
    reading = plan.read(harvest.columns, harvest.scalars, watch)
    broken = next(
        (column.broken for root in needs.columns if (column := harvest.columns[root]).broken is not None),
        next((harvest.missing[oid] for oid in needs.scalars if oid in harvest.missing), None),
    )
    return dataclasses.replace(reading, partial=broken) if broken is not None else reading


def _outcome(rules: Rules, harvest: Harvest, known: Known, watch: Watch | None) -> Table:
    """The outcome of a table, and what it took: the time until its last object came, and what went wrong meanwhile."""
    needs = rules.wanted
    columns = [harvest.columns[root] for root in needs.columns]
    ends = [column.seconds for column in columns] + ([harvest.seconds] if needs.scalars else [])
    return outcome(
        rules.table.name,
        functools.partial(_read, rules, harvest, known, watch),
        max(ends, default=0.0),
        sum([column.retries for column in columns]),
        sum([column.bad for column in columns]),
    )


def _printed(table: JsonTable, output: Oid, harvest: Harvest) -> Table:
    """The outcome of a table of a document that a script printed: nothing where the agent has no such script."""

    def told() -> Reading:
        if output in harvest.missing:
            raise harvest.missing[output]
        said = harvest.scalars.get(output)
        return Reading.of([]) if said is None else extends.read(table, said)

    return outcome(table.name, told, harvest.seconds, 0, 0)


def _answered(tables: Sequence[TableRules], outcomes: Sequence[Table]) -> list[Table]:
    """The outcomes that say something: a table that a device does not have is left out, and what another replaces.

    One of which values were dropped is told even where nothing is left of it.
    """
    told = [table for table, outcome in zip(tables, outcomes, strict=True) if outcome.series]
    replaced = {name for table in told for name in table.replaces}
    return [
        _uncovered(outcome, tuple(rule.covers[table.name] for rule in told if table.name in rule.covers))
        for table, outcome in zip(tables, outcomes, strict=True)
        if table.name not in replaced
        and (outcome.series or outcome.withheld or outcome.bad or not outcome.up)
    ]


def _uncovered(outcome: Table, patterns: tuple[str, ...]) -> Table:
    """An outcome without the stores that another table tells better."""
    if not patterns:
        return outcome
    kept, places = _kept(outcome.series, patterns)
    return dataclasses.replace(outcome, series=kept, values=tuple(outcome.values[at] for at in places))


@functools.lru_cache(maxsize=1024)
def _kept(
    series: tuple[Series, ...], patterns: tuple[str, ...]
) -> tuple[tuple[Series, ...], tuple[int, ...]]:
    """The series whose store matches none of these, and their places."""
    places = tuple(
        place
        for place, (_, pairs) in enumerate(series)
        if not any(re.search(pattern, dict(pairs).get("store", "")) for pattern in patterns)
    )
    return tuple(series[place] for place in places), places
