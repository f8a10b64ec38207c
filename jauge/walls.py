"""The runway as metrics of the program: when the first wall comes, how many walls stand how, and when support ends."""

from __future__ import annotations

import collections
import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, get_args
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from collectors.board import Board
from exporters.plan.outlooks import Outlooks
from exporters.plan.schema import PlanError
from forecasting.renewal.walls import newest
from forecasting.runway import EXPIRY, SOURCES, Expiry, Known, Runway, Severity, System, look
from inventory import lifecycle
from inventory.estate import Estate
from inventory.harmless import line
from inventory.lifecycle import support

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 300.0
"""For which a runway is served before it is looked at again: walls move by days."""


class Walls(Collector):
    """`jauge_runway_first_wall_timestamp_seconds`, `jauge_runway_walls` and `jauge_support_end_timestamp_seconds`, from the
    plan and the polls of a board.

    Where the plan or the catalogue cannot be read, all are absent.
    """

    def __init__(
        self, registry: CollectorRegistry, estate: Callable[[], Estate], plan: Path, board: Board
    ) -> None:
        self._estate = estate
        self._outlooks = Outlooks(plan)
        self._sources = (*SOURCES, newest(plan.parent))
        self._board = board
        self._seen: Runway | None = None
        self._mended: dict[str, dt.date] = {}
        self._looked = -KEPT_SECONDS
        registry.register(self)

    def describe(self) -> Sequence[GaugeMetricFamily]:
        """The names, without looking at anything: a registry asks at once."""
        return [_first(), _count(), _support()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All families."""
        seen = self._runway()
        first, count, ends = _first(), _count(), _support()
        if seen is not None:
            zone = ZoneInfo(self._estate().timezone)
            found = collections.Counter(wall.severity for wall in seen.walls)
            for severity in get_args(Severity):
                count.add_metric((severity,), found[severity])
            wall = seen.first
            days = {} if wall is None else {"0.1": wall.early, "0.5": wall.central, "0.9": wall.late}
            for probability, day in days.items():
                if day is not None:
                    first.add_metric((probability,), _moment(day, zone))
            for one in seen.walls:
                if one.cause == "support":
                    day = self._mended.get(one.target, one.day)
                    ends.add_metric((one.target, line(one.what)), _moment(day, zone))
        yield first
        yield count
        yield ends

    def _runway(self) -> Runway | None:
        now = time.monotonic()
        if now - self._looked >= KEPT_SECONDS:
            self._looked = now
            try:
                known = self._known()
                self._seen, self._mended = look(known, self._sources), _mended(known)
            except (PlanError, OSError) as error:  # no file of the plan, or none left to open at this moment
                log.error("no runway", why=str(error))
                self._seen = None
        return self._seen

    def _known(self) -> Known:
        estate = self._estate()
        today = dt.datetime.now(ZoneInfo(estate.timezone)).date()
        mine = {target.name for target in estate.targets}
        polls = [standing.poll for standing in self._board if standing.poll is not None]
        expiries = [
            Expiry(poll.target, dict(sample.labels).get("license", ""), sample.value)
            for poll in polls
            for sample in poll
            if sample.metric == EXPIRY and sample.value > 0
        ]
        systems = [
            System(poll.target, poll.product, poll.version, poll.family) for poll in polls if poll.product
        ]
        outlooks = [one for one in self._outlooks.latest() if one.target in mine]
        return Known(estate, today, outlooks, expiries, systems)


def _mended(known: Known) -> dict[str, dt.date]:
    """By target, the last day of support of what it runs, by a programme that nobody pays for where there is one."""
    found = {}
    for one in known.systems:
        named = lifecycle.read_target(one.product, one.version, one.family)
        day = support.until(support.of(named, known.today))
        if day is not None:
            found[one.target] = day
    return found


def _moment(day: dt.date, zone: ZoneInfo) -> float:
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _first() -> GaugeMetricFamily:
    said = "When the first wall of the estate comes that is more likely than not, with that probability."
    return GaugeMetricFamily("jauge_runway_first_wall_timestamp_seconds", said, labels=("probability",))


def _count() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "jauge_runway_walls", "Walls of the estate, by how near they are.", labels=("severity",)
    )


def _support() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "jauge_support_end_timestamp_seconds",
        "Last day on which what a target runs is mended at no extra price, by the catalogue of ends of support.",
        labels=("target", "product"),
    )
