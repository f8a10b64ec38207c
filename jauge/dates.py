"""What the planner issued, as samples by target."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from exporters.plan.outlooks import Outlook, Outlooks
from exporters.plan.schema import PlanError
from inventory.metrics import Sample, labels

log = structlog.get_logger(__name__)

SOON: Final = 90
"""Days within which the chance of being full is told."""

Coverage = Callable[[], Mapping[str, Sequence[Sample]]]
"""What past forecasts of each target's stores were worth: samples of the vocabulary, by target."""


def unscored() -> Mapping[str, Sequence[Sample]]:
    """Nothing: no forecast has come due."""
    return {}


class Dates:
    """The newest dates that the planner issued, as samples by target; read again when the file changes.

    A date is the first instant of its civil day in the estate's timezone. `coverage` is asked when the file has changed.
    """

    def __init__(self, path: Path, zone: ZoneInfo, coverage: Coverage = unscored) -> None:
        self._path = path
        self._zone = zone
        self._coverage = coverage
        self._outlooks = Outlooks(path)
        self._seen: tuple[float, float] | None = None
        self._samples: dict[str, list[Sample]] = {}
        self._issued: dict[str, float] = {}

    def samples(self, target: str) -> Sequence[Sample]:
        """The dates of a target's stores, and how old the forecast is now."""
        changed = self._changed()
        if changed != self._seen:
            try:
                self._read(self._outlooks.latest(), self._coverage())
                self._seen = changed
            except PlanError as error:
                log.error("outlooks not read", why=str(error))
        if target not in self._issued:
            return ()
        return [
            *self._samples[target],
            Sample("jauge_forecast_age_seconds", time.time() - self._issued[target]),
        ]

    def _changed(self) -> tuple[float, float]:
        # Commits go to the write-ahead log first: either file may be the newer one.
        def touched(path: Path) -> float:
            with contextlib.suppress(OSError):
                return path.stat().st_mtime
            return 0.0

        return touched(self._path), touched(self._path.with_name(f"{self._path.name}-wal"))

    def _read(self, outlooks: Sequence[Outlook], coverage: Mapping[str, Sequence[Sample]]) -> None:
        self._samples, self._issued = {}, {}
        for outlook in outlooks:
            self._issued[outlook.target] = outlook.issued_at
            self._samples.setdefault(outlook.target, []).extend(told(outlook, self._zone))
        for target, samples in coverage.items():
            if target in self._samples:
                self._samples[target].extend(samples)


def told(outlook: Outlook, zone: ZoneInfo) -> Iterator[Sample]:
    """What an outlook says, in the vocabulary: `jauge_storage_...` of stores, `jauge_planned_...` of anything else."""
    store = outlook.quantity in ("storage", "raw_storage")
    what = "storage" if store else "planned"
    pairs = dict(outlook.labels) if store else _other(outlook)
    yield from _dated(outlook, f"jauge_{what}", pairs, zone)
    for threshold, chances in outlook.chances.items():
        if SOON in chances:
            named = labels(**{**pairs, "threshold": f"{threshold:g}"})
            yield Sample(f"jauge_{what}_full_chance_ratio", chances[SOON], named)
    if outlook.limit is not None:
        name = "jauge_storage_plannable_bytes" if store else "jauge_planned_limit"
        yield Sample(name, outlook.limit, labels(**pairs))
    if outlook.rate is not None:
        name = "jauge_storage_growth_bytes_per_day" if store else "jauge_planned_growth_per_day"
        yield Sample(name, outlook.rate, labels(**pairs))


def _dated(outlook: Outlook, what: str, pairs: Mapping[str, str], zone: ZoneInfo) -> Iterator[Sample]:
    def moment(day: dt.date) -> float:
        return dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()

    for (threshold, probability), day in outlook.dates.items():
        if day is not None:
            named = labels(**{**pairs, "threshold": f"{threshold:g}", "probability": f"{probability:g}"})
            yield Sample(f"{what}_full_timestamp_seconds", moment(day), named)
    if outlook.order_by is not None and outlook.level is not None:
        named = labels(**{**pairs, "state": outlook.level})
        yield Sample(f"{what}_order_by_timestamp_seconds", moment(outlook.order_by), named)


def _other(outlook: Outlook) -> dict[str, str]:
    """The labels of what is no store, as one: `license=A` is what tells two licences apart, whatever their label."""
    return {
        "quantity": outlook.quantity,
        "thing": ",".join(f"{name}={value}" for name, value in outlook.labels) or outlook.metric,
    }
