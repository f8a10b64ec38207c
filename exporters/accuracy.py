"""How good the forecasts were, for `/metrics`: counts of the ledger, read again when the plan has changed.

They are the program's own: no target is better or worse for them, and a target's body does not change with them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from exporters.plan.ledger import Count, Ledger
from exporters.plan.schema import PlanError

log = structlog.get_logger(__name__)

_GROUP: Final = ("quantity", "kind", "horizon")
"""`horizon` in days."""

_Total = tuple[str, str, int, Count]


class Accuracy(Collector):
    """The counts of the ledger in a plan.db; nothing while there is none, or it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[float, ...] | None = None
        self._totals: list[_Total] = []

    def describe(self) -> Iterator[Metric]:
        """The families without values, so that registering reads no file."""
        yield from _families([])

    def collect(self) -> Iterator[Metric]:
        stamp = tuple(map(_touched, (self._path, self._wal)))
        if stamp != self._stamp:
            try:
                self._totals = Ledger(self._path).totals()
                self._stamp = stamp
            except PlanError as error:
                log.warning("accuracy of the forecasts unknown", why=str(error))
                self._totals = []
        yield from _families(self._totals)

    @property
    def _wal(self) -> Path:
        return self._path.with_name(f"{self._path.name}-wal")


def _touched(path: Path) -> float:
    """When a file was last written; 0 where there is none, or nobody is let through to it."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _families(totals: list[_Total]) -> Iterator[Metric]:
    counters = {
        "jauge_forecasts_scored": ("Forecasts that came due and were held against what came.", "scored"),
        "jauge_forecasts_unscored": ("Forecasts that came due on a day without a value.", ""),
        "jauge_forecast_crossings": ("Limits that were reached within the horizon.", "crossed"),
        "jauge_forecast_crossings_missed": ("Of those, the ones that no date had announced.", "missed"),
        "jauge_forecast_alarms": ("Dates that were announced within the horizon.", "alarms"),
        "jauge_forecast_alarms_false": ("Of those, the ones on which the limit was not reached.", "false"),
    }
    for name, (said, field) in counters.items():
        counter = CounterMetricFamily(name, said, labels=_GROUP)
        for *group, count in totals:
            value = getattr(count, field) if field else count.due - count.scored
            counter.add_metric([str(one) for one in group], value)
        yield counter
    yield from _ratios(totals)


def _ratios(totals: list[_Total]) -> Iterator[Metric]:
    inside = CounterMetricFamily(
        "jauge_forecasts_inside", "Forecasts that held, by the band they held in.", labels=(*_GROUP, "band")
    )
    coverage = GaugeMetricFamily(
        "jauge_forecast_coverage_ratio",
        "Share of all scored forecasts that lay inside their band: 0.8 and 0.95 where the bands are right.",
        labels=(*_GROUP, "band"),
    )
    miss = GaugeMetricFamily(
        "jauge_forecast_error_ratio",
        "Mean absolute miss of the central forecast, as a share of the level on the day it was made.",
        labels=_GROUP,
    )
    for *group, count in totals:
        labels = [str(one) for one in group]
        for band, held in (("0.8", count.in80), ("0.95", count.in95)):
            inside.add_metric([*labels, band], held)
            if count.scored:
                coverage.add_metric([*labels, band], held / count.scored)
        if count.shares:
            miss.add_metric(labels, count.share / count.shares)
    yield from (inside, coverage, miss)
