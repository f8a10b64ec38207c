"""The runway of the whole estate: one dated list of walls, the first wall, and its cause.

A wall is a day on which something stops: a store is full, a licence ends, a system gets no more security updates. Where
walls come from is an open list: a source is a function of `Known` that yields walls, and what has no date with its
reason; `SOURCES` names those that are shipped, and whoever has another one passes it to `look`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from exporters.history import Reader
from exporters.plan.outlooks import Outlook
from exporters.status import Status
from forecasting import planned
from forecasting.quantities import DAY, STALE
from inventory import lifecycle
from inventory.estate import Estate, Target
from inventory.lifecycle import support as standing
from inventory.lifecycle.named import Named

Severity = Literal["over", "late", "soon", "later", "possible"]
"""Reached already; to be ordered before today; within SOON days; later; one chance in ten only."""

Cause = Literal["full", "licence", "support", "renewal"]

SOON: Final = 180
"""Days within which a wall is near."""

EXPIRY: Final = "jauge_license_expiry_timestamp_seconds"

_RANK: Final[dict[Severity, int]] = {"over": 0, "late": 1, "soon": 1, "later": 1, "possible": 2}


@dataclasses.dataclass(frozen=True, slots=True)
class Wall:
    """One wall. `early`, `central` and `late` are the days with 1, 5 and 9 chances in 10 of having come; a date that is
    written down is all three. `facts` are the pieces of the sentence on its `cause`: numbers, texts and days.

    `unique_id` names the store's outlook where there is one.
    """

    what: str
    target: str
    quantity: str
    cause: Cause
    severity: Severity
    early: dt.date | None
    central: dt.date | None
    late: dt.date | None
    order_by: dt.date | None = None
    facts: Mapping[str, float | str | dt.date] = dataclasses.field(default_factory=dict)
    unique_id: str = ""

    @property
    def day(self) -> dt.date:
        """The day that it stands at in the list: the central one, else the late or the early one."""
        return self.central or self.late or self.early or dt.date.max

    @property
    def since(self) -> dt.date | None:
        """The day on which a wall that stands was reached; None before that, and of what fills: it was full when it was looked at."""
        return self.central if self.severity == "over" and self.cause != "full" else None

    @property
    def order(self) -> tuple[int, dt.date, dt.date, str, str]:
        """Worst first: reached, then by day, then what is only possible."""
        return _RANK[self.severity], self.day, self.early or dt.date.max, self.target, self.what


class Dateless(NamedTuple):
    """What has no date, and why: a reason of the planner, or of the source.

    `chance` is that of being full within three years all the same, None where nobody knows.
    """

    what: str
    target: str
    quantity: str
    reason: str
    chance: float | None = None


class System(NamedTuple):
    """What a target says that it runs, and the family that it was recognised as: it tells what the version is of."""

    target: str
    product: str
    version: str
    family: str = ""


class Expiry(NamedTuple):
    """When a licence or contract of a target ends (UTC epoch seconds)."""

    target: str
    license: str
    at: float


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """All that sources look at. `today` is the civil day of the estate, `esu` the targets whose extended updates are paid."""

    estate: Estate
    today: dt.date
    outlooks: Sequence[Outlook] = ()
    expiries: Sequence[Expiry] = ()
    systems: Sequence[System] = ()
    esu: frozenset[str] = frozenset()

    def target(self, name: str) -> Target | None:
        """The target of that name, where it is declared."""
        return self.estate.target(name)


Source = Callable[[Known], Iterable[Wall | Dateless]]


@dataclasses.dataclass(frozen=True, slots=True)
class Runway:
    """Walls, worst first, and what has no date."""

    today: dt.date
    walls: tuple[Wall, ...]
    dateless: tuple[Dateless, ...]

    @property
    def reached(self) -> tuple[Wall, ...]:
        """The walls that stand already."""
        return tuple(wall for wall in self.walls if wall.severity == "over")

    @property
    def first(self) -> Wall | None:
        """The first wall to come of those that are more likely than not."""
        return next((wall for wall in self.walls if wall.severity not in ("over", "possible")), None)


def look(known: Known, sources: Sequence[Source] | None = None) -> Runway:
    """The runway, by all sources."""
    found = [one for source in sources or SOURCES for one in source(known)]
    walls = sorted((one for one in found if isinstance(one, Wall)), key=lambda wall: wall.order)
    dateless = sorted((one for one in found if isinstance(one, Dateless)), key=lambda one: one[:4])
    return Runway(known.today, tuple(walls), tuple(dateless))


def know(
    estate: Estate, outlooks: Sequence[Outlook], reader: Reader | None, status: Status, now: float
) -> Known:
    """What sources look at, from the newest outlooks, the history and the collector's status. Raises HistoryError."""
    today = dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).date()
    systems = [
        System(one.name, one.product, one.version, one.family) for one in status.targets if one.product
    ]
    return Known(estate, today, outlooks, _expiries(reader, now) if reader else (), systems)


def _expiries(reader: Reader, now: float) -> list[Expiry]:
    known = [one for one in reader.series(metric=EXPIRY) if now - one.last <= STALE * DAY]
    if not known:
        return []
    frame = reader.read([one.unique_id for one in known], start=now - (STALE + 1) * DAY, end=now)
    last = frame.dropna(subset="y").groupby("unique_id")["y"].last()
    return [
        Expiry(one.target, dict(one.labels).get("license", ""), float(last[one.unique_id]))
        for one in known
        if one.unique_id in last.index and float(last[one.unique_id]) > 0
    ]


# --- sources ----------------------------------------------------------------------------------------


def stores(known: Known) -> Iterator[Wall | Dateless]:
    """What fills: stores, memory, processors, licences, by the planner's newest issue.

    What is cut out of a pool is enlarged inside it: `pool` says which one, `decided` that the pool is full before it would be.
    """
    pooled = planned.inside(known.outlooks)
    for one in known.outlooks:
        what, quantity, limit = planned.name(one), one.quantity, one.limit
        over = limit is not None and one.used >= limit
        early = one.dates.get((1.0, 0.1))
        if not over and one.date is None and early is None:
            yield Dateless(what, one.target, quantity, one.reason or "no forecast", one.chance)
            continue
        inside = pooled.get(one.unique_id, "")
        order_by = None if over or inside else one.order_by
        facts: dict[str, float | str | dt.date] = {"used": one.used}
        facts |= {"unit": "ratio"} if planned.is_share(one) else {}
        facts |= {"limit": limit} if limit is not None else {}
        facts |= {"rate": one.rate} if one.rate is not None else {}
        facts |= {"pool": inside} if inside else {}
        facts |= {"decided": 1.0} if inside and one.cause else {}
        yield Wall(
            what=what,
            target=one.target,
            quantity=quantity,
            cause="full",
            severity="over" if over else severity(known.today, one.date, order_by),
            early=known.today if over else early,
            central=known.today if over else one.date,
            late=known.today if over else one.dates.get((1.0, 0.9)),
            order_by=order_by,
            facts=facts,
            unique_id=one.unique_id,
        )


def licences(known: Known) -> Iterator[Wall]:
    """Licences and contracts that end, by what devices say."""
    zone = ZoneInfo(known.estate.timezone)
    for one in known.expiries:
        ends = dt.datetime.fromtimestamp(one.at, zone).date()
        yield _dated(known, one.license or one.target, one.target, "licence", "licence", ends, {"ends": ends})


def support(known: Known) -> Iterator[Wall | Dateless]:
    """Systems whose maker stops mending them, by what targets say that they run.

    Where it is not known which of several versions or editions one is, it has no date, unless all have ended.
    """
    for system in known.systems:
        named = lifecycle.read_target(system.product, system.version, system.family)
        name = _system(system, named)
        paid = system.target in known.esu
        found = standing.of(named, known.today, paid)
        ends = standing.until(found, esu=True) if found.cycle and paid else _agreed(found)
        if ends is None:
            undated = "ended on a day not known" if found.state == "ended" else "no end announced"
            yield Dateless(name, system.target, "support", found.reason or undated)
            continue
        facts: dict[str, float | str | dt.date] = {"ends": ends, "product": name}
        extended = found.extended
        facts |= {"extended": extended} if extended and extended > ends else {}
        facts |= {"free": 1.0} if extended and found.cycle and found.cycle.free else {}
        yield _dated(known, name, system.target, "support", "support", ends, facts)


def _system(system: System, named: Named) -> str:
    """What a system is called: as the catalogue has it, else as its target told, which may be a whole banner."""
    if len(named.cycles) == 1:
        return named.cycles[0].title
    return " ".join(part for part in (system.product, system.version) if part)


def _agreed(found: standing.Support) -> dt.date | None:
    """The day of several cycles: theirs where it is one, the last of them where all have ended."""
    days = [one.ends for one in found.cycles if one.ends is not None]
    return found.ends or (max(days) if found.state == "ended" and days else None)


def _dated(
    known: Known,
    what: str,
    target: str,
    quantity: str,
    cause: Cause,
    ends: dt.date,
    facts: Mapping[str, float | str | dt.date],
) -> Wall:
    """A wall whose date is written down; what comes after it was ordered in time, where the lead time is known."""
    found = known.target(target)
    lead = found.lead_time if found else None
    order_by = ends - dt.timedelta(seconds=lead) if lead is not None and ends > known.today else None
    over = ends < known.today
    return Wall(
        what=what,
        target=target,
        quantity=quantity,
        cause=cause,
        severity="over" if over else severity(known.today, ends, order_by),
        early=ends,
        central=ends,
        late=ends,
        order_by=order_by,
        facts=facts,
    )


def severity(today: dt.date, central: dt.date | None, order_by: dt.date | None) -> Severity:
    """How near a wall is that was not reached yet."""
    if central is None:
        return "possible"
    if order_by is not None and order_by <= today:
        return "late"
    return "soon" if (central - today).days <= SOON else "later"


SOURCES: Final[tuple[Source, ...]] = (stores, licences, support)
"""Where walls come from."""
