"""The committee's file, made from what the pages know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from dashboard.data import Data
from dashboard.data.making import Jobs
from dashboard.report import (
    answers,
    asking,
    backups,
    capacity,
    changes,
    decisions,
    purchases,
    security,
    shares,
    summary,
    trust,
    walls,
    workstations,
)
from dashboard.report.document import Prose, Report, Section
from dashboard.texts import Texts, plain


class Asked(Data):
    """What a command asks: nothing is begun that would have to be awaited, as pages do."""

    @property
    def _jobs(self) -> Jobs:
        return _Idle(0)


class _Idle(Jobs):
    def start(self, name: str, work: Callable[..., None], *given: object) -> bool:  # noqa: ARG002 - the same as of all
        """Nothing: a command shows what was kept."""
        return False


def make(data: Data, t: Texts, since: dt.date) -> Report:
    """The file for a committee that met last on the day `since`."""
    hospital = plain(data.estate.title) or "Jauge"
    return Report(
        title=t("report.title"),
        subtitle=t("report.subtitle", hospital=hospital, day=t.day(data.today), since=t.day(since)),
        language=t.language,
        day=data.today,
        made=t("report.made", at=t.instant(data.clock())),
        sections=tuple(_sections(data, t, since)),
    )


def _sections(data: Data, t: Texts, since: dt.date) -> list[Section]:
    if is_empty(data):
        return [Section("summary", t("report.summary"), (Prose(t("report.nothing")),))]
    placed = asking.placed(data, since)
    found = [
        answers.section(data, placed, t, since),
        changes.section(data, t, since),
        walls.section(data, t),
        capacity.section(data, t),
        backups.section(data, t),
        workstations.section(data, t),
        security.section(data, t),
        purchases.section(data, t),
        decisions.compared(data, t),
        asking.section(placed, data, t),
        decisions.taken(data, t),
        shares.section(data, t),
        trust.accuracy(data, t),
        trust.method(data, t),
    ]
    # Last, as what could not be read shows when it is asked for.
    return [summary.section(data, asking.asked(placed, t), t), *found]


def is_empty(data: Data) -> bool:
    """Whether there is nothing to tell: nothing measured, forecast, imported or decided."""
    told = (
        data.status().at,
        data.stores(),
        data.outlooks(),
        data.workstations(),
        data.scenarios(),
        data.faults(),
    )
    return not any(told)
