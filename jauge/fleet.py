"""The workstations in the program's own metrics: by age, support and fitness, and how roll-outs stand.

To judge ten thousand machines takes seconds: it is done beside the scrapes, when an import, a measure, the estate or the day has
changed, and a scrape is answered with what was known before.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inventory.estate import Estate
from inventory.files import is_absent
from inventory.harmless import line
from inventory.metrics import FLEET
from inventory.renewal import Renewal
from inventory.state import State
from inventory.state.schema import StateError

if TYPE_CHECKING:
    from dashboard.fleet import Fleet
    from inventory.fleet.judging import Judged

log = structlog.get_logger(__name__)

SITES: Final = 20
"""Sites that are named."""

OTHERS: Final = "(others)"

KEPT_SECONDS: Final = 3600.0
"""After which it is looked at again though nothing seems to have changed: counts in files of the estate do not show."""

Labels = tuple[str, ...]
Values = Mapping[str, Mapping[Labels, float]]
"""By metric, values by labels in the order of `FLEET`."""

Planned = Callable[[], Mapping[int, int] | None]
"""Workstations that a renewal plan replaces, by civil year; None where there is no plan."""


class _Mark(NamedTuple):
    """What figures rest on: where it is the same, they are."""

    imported: int
    measures: int
    ended: int
    processors: str
    day: dt.date
    renewal: Renewal | None


class Workstations(Collector):
    """The metrics of `inventory.metrics.FLEET`; none before the first import, or where the state cannot be read."""

    def __init__(
        self,
        registry: CollectorRegistry,
        estate: Callable[[], Estate],
        state: Path,
        planned: Planned | None = None,
    ) -> None:
        self._estate = estate
        self._state = State(state)
        self._planned = planned
        self._values: Values = {}
        self._mark: _Mark | None = None
        self._looked = self._known = 0.0
        self._thread: threading.Thread | None = None
        registry.register(self)

    def describe(self) -> Sequence[GaugeMetricFamily]:
        """The names, without looking at anything: a registry asks at once."""
        return [GaugeMetricFamily(row.name, row.help, labels=row.labels) for row in FLEET]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What is known now; what has changed is looked at beside."""
        self._renew()
        values = {**self._values, **self._plan()} if self._values else self._values
        for row in FLEET:
            family = GaugeMetricFamily(row.name, row.help, labels=row.labels)
            for labels, value in values.get(row.name, {}).items():
                family.add_metric(labels, value)
            yield family

    def wait(self) -> None:
        """Until what was begun is done."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _renew(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        estate = self._estate()
        try:
            mark = self._marked(estate)
        except StateError as error:
            log.warning("workstations unknown", why=str(error))
            mark = None
        if mark is None:
            self._values, self._mark = {}, None
        elif mark != self._mark or time.monotonic() - self._looked > KEPT_SECONDS:
            self._mark, self._looked = mark, time.monotonic()
            self._thread = threading.Thread(
                target=self._look, args=(estate, mark.day), name="workstations", daemon=True
            )
            self._thread.start()

    def _marked(self, estate: Estate) -> _Mark | None:
        """None where nothing was imported yet. Raises StateError."""
        if is_absent(self._state.path):
            return None
        with self._state.read() as connection:
            known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            newest = connection.execute("SELECT max(id) FROM snapshot").fetchone()[0]
            measures, ended = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] if table in known else 0  # noqa: S608 - two names
                for table in ("measure", "measure_end")
            )
            listed = connection.execute("SELECT value FROM setting WHERE name = 'processors'").fetchone()
        if newest is None:
            return None
        today = dt.datetime.now(ZoneInfo(estate.timezone)).date()
        return _Mark(newest, measures, ended, "" if listed is None else listed[0], today, estate.workstations)

    def _look(self, estate: Estate, day: dt.date) -> None:
        from dashboard import fleet  # noqa: PLC0415 - only who imported an inventory needs it

        try:
            zone = ZoneInfo(estate.timezone)
            found = fleet.known(self._state, estate.workstations or Renewal(), day, zone)
            self._values = {} if found is None else figures(found)
            self._known = time.monotonic()
        except StateError as error:
            # It may be busy: what was known stands for a while, and the next scrape has it looked at again.
            log.warning("workstations unknown", why=str(error))
            self._mark = None
            if time.monotonic() - self._known > KEPT_SECONDS:
                self._values = {}
        except Exception:  # a fault of ours must not leave figures of yesterday
            log.exception("workstations unknown")
            self._values = {}

    def _plan(self) -> Values:
        planned = self._planned() if self._planned else None
        if planned is None:
            return {}
        replaced: dict[Labels, float] = {(str(year),): float(count) for year, count in planned.items()}
        return {"jauge_workstations_planned_replacements": replaced}


def figures(found: Fleet) -> dict[str, dict[Labels, float]]:
    """All figures of a fleet, but those of a plan."""
    from inventory.fleet import counts  # noqa: PLC0415 - as above

    name = _named(found.now)
    pairs = list(zip(found.now, found.later, strict=True))
    group = {(one.use.name, name(one)) for one in found.now}
    ending = Counter((one.use.name, name(one)) for one, later in pairs if counts.ending(one, later))
    bands = [(one, counts.band(one.workstation.purchased, found.day)) for one in found.now]
    return {
        # Only states that the inventory tells of some machine: it may know no others.
        "jauge_workstations": {(state,): float(many) for state, many in found.counts.states.items()},
        "jauge_workstations_by_age": _by(bands, name, group, counts.AGES),
        "jauge_workstations_by_support": _by(
            [(one, one.support.state) for one in found.now], name, group, tuple(found.counts.now)
        ),
        "jauge_workstations_support_ending": {labels: float(ending[labels]) for labels in sorted(group)},
        "jauge_workstations_by_fitness": _by(
            [(one, one.fitness.state) for one in found.now], name, group, tuple(found.counts.fitness)
        ),
        "jauge_workstations_unsupported_in_care": _care(found),
        "jauge_workstations_gone": {}
        if found.ended is None
        else {(end,): float(many) for end, many in found.ended.ends.items()},
        "jauge_workstations_imported_timestamp_seconds": {(): found.seen.snapshot.at},
        **_rollouts(found),
    }


def _named(machines: Iterable[Judged]) -> Callable[[Judged], str]:
    """The site of a machine, where it is one of those that are named."""
    sites = Counter(one.workstation.site or "" for one in machines)
    most = {site for site, _ in sorted(sites.items(), key=lambda row: (-row[1], row[0]))[:SITES]}

    def name(one: Judged) -> str:
        site = one.workstation.site or ""
        return line(site) if site in most else OTHERS

    return name


def _by(
    pairs: Iterable[tuple[Judged, str]],
    name: Callable[[Judged], str],
    group: set[tuple[str, str]],
    values: Sequence[str],
) -> dict[Labels, float]:
    """Counts by class, site and a value: of each class and site that there is, all values, so that 0 can be seen."""
    found = Counter((one.use.name, name(one), value) for one, value in pairs)
    return {(*labels, value): float(found[*labels, value]) for labels in sorted(group) for value in values}


def _care(found: Fleet) -> dict[Labels, float]:
    cared = sorted({one.use.name for one in found.now if one.use.care})
    counted = Counter(
        (one.machine.use.name, "covered" if one.measures else "open") for one in found.care.exposed
    )
    return {(use, state): float(counted[use, state]) for use in cared for state in ("covered", "open")}


def _rollouts(found: Fleet) -> dict[str, dict[Labels, float]]:
    goal, deployed, planned, done = (dict[Labels, float]() for _ in range(4))
    for one in found.rollouts:
        progress, due = one.progress, one.planned(found.day)
        if progress is None:
            continue
        goal[one.name,] = float(progress.total)
        if progress.deployed is not None:
            deployed[one.name,] = progress.deployed
        if due is not None:
            planned[one.name,] = due
        for chance, day in (("0.1", progress.early), ("0.5", progress.central), ("0.9", progress.late)):
            if day is not None:
                done[one.name, chance] = dt.datetime.combine(day, dt.time(), found.zone).timestamp()
    return {
        "jauge_rollout_goal": goal, "jauge_rollout_deployed": deployed, "jauge_rollout_planned": planned,
        "jauge_rollout_done_timestamp_seconds": done,
    }  # fmt: skip
