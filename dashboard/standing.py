"""What pages show, as plain values: a target, a store, an archive, a backup, and what asks for somebody."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import pandas as pd

from exporters.jobs import Job
from exporters.plan.outlooks import Event, Outlook
from exporters.protection import Protection
from exporters.status import TableStatus, TargetStatus
from inventory.criticality import rank
from inventory.estate import Protect, Target
from inventory.metrics import Labels
from inventory.state.restores import Entry, Restore
from inventory.workstations import Workstation, ages, oldest, undated

Standing = Literal["down", "late", "partly", "never", "well"]

Delay = Literal["silent", "running", "long", "unknown"]
"""Why a target is late, as far as is known: the collector has not written for too long; a poll has not ended yet; the last poll
took longer than the interval; or nobody knows."""

SEVERITY: Final[tuple[Standing, ...]] = ("down", "late", "partly", "never", "well")
EVERY: Final = Protect().test_every
"""Seconds within which a restore is to be tested again, where the estate says nothing."""

_DAY: Final = 86_400.0


@dataclasses.dataclass(frozen=True, slots=True)
class Watched:
    """A target of the estate and how it stands. `since` is seconds since it last answered, None: never. `delay` says why it is
    late, None where it is not, and `wrote` is when the collector last wrote (UTC epoch seconds)."""

    target: Target
    status: TargetStatus | None
    state: Standing
    since: float | None = None
    delay: Delay | None = None
    wrote: float | None = None

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def severity(self) -> tuple[int, int]:
        return SEVERITY.index(self.state), rank(self.target.criticality or "normal")

    @property
    def failures(self) -> tuple[TableStatus, ...]:
        """The tables and commands that failed at the last poll."""
        return tuple(table for table in self.status.tables if not table.up) if self.status else ()

    @property
    def reason(self) -> str | None:
        """The reason that most of its failures have; None where nothing failed."""
        reasons = [table.reason for table in self.failures if table.reason]
        return max(reasons, key=reasons.count) if reasons else None


@dataclasses.dataclass(frozen=True, slots=True)
class Store:
    """A thing that fills. Sizes are bytes, `measured` is UTC epoch seconds, `outlook` what the planner said.

    `inside` names the pool that it is cut out of: it is enlarged there, and nothing is ordered for it. "" where it is in none.
    """

    unique_id: str
    target: str
    labels: Labels
    used: float
    size: float | None
    measured: float
    today: dt.date
    declared: Target | None = None
    outlook: Outlook | None = None
    inside: str = ""

    @property
    def name(self) -> str:
        return dict(self.labels).get("store", "")

    @property
    def kind(self) -> str:
        return dict(self.labels).get("kind", "")

    @property
    def pool(self) -> str:
        return dict(self.labels).get("pool", "")

    @property
    def site(self) -> str | None:
        return self.declared.site if self.declared else None

    @property
    def ceiling(self) -> float:
        """Share of the size that may be filled, as the planner found it; else what the estate says, 1 where it is silent."""
        told = self.outlook
        if told is not None and told.limit is not None and told.capacity:
            return told.limit / told.capacity
        return (self.declared.ceiling if self.declared else None) or 1.0

    @property
    def limit(self) -> float | None:
        """Bytes that may be filled; None where nobody knows the size."""
        if self.outlook is not None and self.outlook.capacity == self.size:
            return self.outlook.limit
        return self.size * self.ceiling if self.size is not None else None

    @property
    def ratio(self) -> float | None:
        """Used share of the usable size."""
        return self.used / self.size if self.size else None

    @property
    def is_over(self) -> bool:
        """Whether it has reached its limit already."""
        return self.limit is not None and self.used >= self.limit

    @property
    def full(self) -> dt.date | None:
        """The central date of being full; None where there is none."""
        return self._date(0.5)

    @property
    def early(self) -> dt.date | None:
        """The day before which it is full in one case of ten."""
        return self._date(0.1)

    @property
    def late(self) -> dt.date | None:
        """The day before which it is full in nine cases of ten."""
        return self._date(0.9)

    def _date(self, quantile: float) -> dt.date | None:
        return self.outlook.dates.get((1.0, quantile)) if self.outlook else None

    @property
    def reason(self) -> str:
        """Why there is no central date: the planner's word, or `unplanned` where it never spoke."""
        return "unplanned" if self.outlook is None else self.outlook.reason or ""

    @property
    def days(self) -> int | None:
        """Days until it is full: 0 where it is, None where there is no date."""
        if self.is_over:
            return 0
        return max((self.full - self.today).days, 0) if self.full else None

    @property
    def order_by(self) -> dt.date | None:
        """The last day to order an extension, where one is ordered, and there is a date and a lead time."""
        return self.outlook.order_by if self.outlook and not self.inside else None

    @property
    def is_order_late(self) -> bool:
        """Whether the last day to order an extension has gone."""
        return self.order_by is not None and self.order_by < self.today

    @property
    def events(self) -> tuple[Event, ...]:
        return self.outlook.events if self.outlook else ()

    def is_full_within(self, days: int) -> bool:
        return self.days is not None and self.days <= days


def sort_stores(stores: Iterable[Store]) -> list[Store]:
    """Worst first: full, then by date, then without a date by how full they are, the unknown last."""

    def order(store: Store) -> tuple[int, float, str]:
        if store.days is not None:
            return 0, float(store.days), store.unique_id
        return (1, -store.ratio, store.unique_id) if store.ratio is not None else (2, 0.0, store.unique_id)

    return sorted(stores, key=order)


@dataclasses.dataclass(frozen=True, slots=True)
class Outlined:
    """A store with its days: `history` and `capacity` are `ds, y`, `path` is `ds, mean, lo80 .. hi95`."""

    store: Store
    history: pd.DataFrame
    capacity: pd.DataFrame
    path: pd.DataFrame


@dataclasses.dataclass(frozen=True, slots=True)
class Backup:
    """A backup job for one machine, and what was promised. `rpo` is seconds, `last` and `now` are UTC epoch seconds.

    `target` is whose promise it is, or who lists the job where nothing is promised; `subject` is what a restore of it brings
    back: a target of the estate, the machine as its job names it, or else the job. `told` is what its maker told last, `tested` the newest
    restore test that brought everything back, wanted again after `every` seconds.
    """

    target: str
    job: str
    rpo: float | None
    last: float | None
    now: float
    machine: str = ""
    subject: str = ""
    told: Job | None = None
    tested: Restore | None = None
    every: float = EVERY

    @property
    def age(self) -> float | None:
        """Seconds since the last restore point; None where none was ever seen."""
        return None if self.last is None else max(self.now - self.last, 0.0)

    @property
    def untold(self) -> bool:
        """Whether its maker lists its runs and says nothing of restore points: then nobody can tell."""
        return self.told is not None and not self.told.pointed

    @property
    def overdue(self) -> bool:
        """Whether the promise is broken: no restore point, or an older one than was promised."""
        return self.rpo is not None and not self.untold and (self.age is None or self.age > self.rpo)

    @property
    def doubted(self) -> bool:
        """Whether its last run is no restore point, whatever it says of itself."""
        return self.told is not None and self.told.protecting is False

    @property
    def lying(self) -> bool:
        """Whether its last run says that it went well, and is no restore point."""
        return self.told is not None and self.told.lying

    @property
    def untested(self) -> bool:
        """Whether no restore of it was tested within the wanted time."""
        return self.tested is None or self.now - self.tested.at > self.every

    @property
    def excess(self) -> float | None:
        """Age as a multiple of what was promised."""
        return self.age / self.rpo if self.age is not None and self.rpo else None

    @property
    def state(self) -> Literal["late", "doubted", "unknown", "unpromised", "met"]:
        """How it stands, in one word."""
        if self.overdue:
            return "late"
        if self.doubted:
            return "doubted"
        if self.last is None:
            return "unknown"
        return "unpromised" if self.rpo is None else "met"

    @property
    def severity(self) -> int:
        if self.overdue:
            return 0 if self.age is None else 1
        return 2 + ("doubted", "unknown", "unpromised", "met").index(self.state)


class Alone(NamedTuple):
    """A machine that a backup job ought to know, and the target that is it, or lists it."""

    machine: str
    target: str


@dataclasses.dataclass(frozen=True, slots=True)
class Backups:
    """What is known of backups: `found` worst first, `judged` the targets that have jobs or a promise.

    `makers` are the targets that list jobs, `unheard` those of them that did not answer in full at the last poll, `nameless`
    says that a job names no machine: then nobody can tell of each machine that it stands in no job. `ledger` holds the
    restore tests, the newest first.
    """

    found: tuple[Backup, ...] = ()
    judged: tuple[Protection, ...] = ()
    alone: tuple[Alone, ...] = ()
    machines: int = 0
    makers: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    nameless: bool = False
    ledger: tuple[Entry, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether a machine that is not named stands in no job for certain."""
        return bool(self.makers) and not self.unheard and not self.nameless

    def one(self, target: str, job: str, machine: str) -> Backup | None:
        """The backup that an address names."""
        return next(
            (one for one in self.found if (one.target, one.job, one.machine) == (target, job, machine)), None
        )

    def subjects(self) -> dict[str, tuple[str, ...]]:
        """What a restore may bring back, and the jobs that made its points."""
        found: dict[str, dict[str, None]] = {one.target.name: {} for one in self.judged}
        for one in self.found:
            found.setdefault(one.subject, {}).setdefault(one.job)
        return {name: tuple(job for job in jobs if job) for name, jobs in found.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Machines:
    """An imported inventory of workstations: `at` is UTC epoch seconds."""

    at: float
    file: str
    rows: tuple[Workstation, ...]
    today: dt.date

    def pyramid(self) -> pd.DataFrame:
        """Machines by completed years: frame `age, count`, youngest first, without those of unknown age."""
        dated = ages(self.rows, self.today).dropna(subset="age")
        return dated.groupby("age")["count"].sum().reset_index()

    def oldest(self, limit: int) -> pd.DataFrame:
        """Machines of known age, oldest first (see `inventory.workstations.oldest`)."""
        return oldest(self.rows, self.today, limit)

    def unknown(self) -> list[Workstation]:
        """Machines whose date of purchase nobody knows."""
        return undated(self.rows)

    def older_than(self, years: float) -> int:
        """How many are that old or older."""
        found = (one.age(self.today) for one in self.rows)
        return sum(1 for age in found if age is not None and age >= years)
