"""What the planner issued, as samples by target."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlook, Outlooks
from exporters.plan.schema import PlanError
from forecasting.quantities import quantity_of
from inventory.metrics import Labels, Sample, labels

log = structlog.get_logger(__name__)

SOON: Final = 90
"""Days within which the chance of being full is told."""


def coverage(ledger: Ledger) -> Mapping[str, Sequence[Sample]]:
    """How many forecasts SOON days ahead held, of each target's things: as many as came due. Raises PlanError."""
    found: dict[str, list[Sample]] = {}
    for one, scored, in80, in95 in ledger.held(SOON):
        what, pairs = _named(quantity_of(one.metric), one.metric, one.labels)
        for probability, inside in (("0.8", in80), ("0.95", in95)):
            named = labels(**{**pairs, "probability": probability})
            sample = Sample(f"jauge_{what}_forecast_coverage_ratio", inside / scored, named)
            found.setdefault(one.target, []).append(sample)
    return found


class Dates:
    """The newest dates that the planner issued, as samples by target; read again when the file changes.

    A date is the first instant of its civil day in the estate's timezone.
    """

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._ledger = Ledger(path)
        self._outlooks = Outlooks(path)
        self._seen: tuple[float, float] | None = None
        self._samples: dict[str, list[Sample]] = {}
        self._issued: dict[str, float] = {}

    @property
    def issued(self) -> float | None:
        """When the newest dates that were read were issued (UTC epoch seconds); None where there are none."""
        return max(self._issued.values(), default=None)

    def samples(self, target: str) -> Sequence[Sample]:
        """The dates of a target's stores, and how old the forecast is now."""
        changed = self._changed()
        if changed != self._seen:
            try:
                self._read(self._outlooks.latest(), coverage(self._ledger))
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
    what, pairs = _named(outlook.quantity, outlook.metric, outlook.labels)
    store = what == "storage"
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


def _named(quantity: str, metric: str, pairs: Labels) -> tuple[str, dict[str, str]]:
    """What a thing is told of as, and its labels.

    What is no store has them as one: `license=A` is what tells two licences apart, whatever their label.
    """
    if quantity in ("storage", "raw_storage"):
        return "storage", dict(pairs)
    thing = ",".join(f"{name}={value}" for name, value in pairs) or metric
    return "planned", {"quantity": quantity, "thing": thing}
