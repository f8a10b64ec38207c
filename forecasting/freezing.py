"""What the planner issues, frozen as it is issued."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from exporters.history import Reader
from exporters.history.days import Calendar, number
from exporters.plan.frozen import HORIZONS, Night
from exporters.plan.ledger import Factors, Ledger, number_of, put
from exporters.plan.outlooks import PATH_COLUMNS, Outlook
from forecasting import scoring
from forecasting.accuracy import QUANTITIES
from forecasting.correction import Corrections, corrections
from inventory.metrics import Labels

FULL: Final = 1.0
_DATES: Final = (0.1, 0.5, 0.9)
_CAP: Final = {"ago": 0xFF, "days": 0xFFFF}


class Freezer:
    """Takes down each outlook of an issue as it passes, and freezes the night in the issue's own transaction.

    `day` is the civil day (number from 1970-01-01) and `at` the instant of the issue. Afterwards `kept` says how
    many forecasts are frozen; None where a later night stands already, and a past one must not be made up.
    """

    def __init__(self, day: int, at: float, factors: Sequence[Factors] = ()) -> None:
        self._day, self._at, self._factors = day, at, factors
        self._names: list[tuple[str, str, str, Labels]] = []
        self._rows: list[tuple[float, ...]] = []
        self._moves: list[np.ndarray] = []
        self.kept: int | None = None

    def watch(self, outlooks: Iterable[Outlook]) -> Iterator[Outlook]:
        """The outlooks, passed on. Taken down are those with a forecast of what can be held against daily values."""
        for outlook in outlooks:
            ahead = outlook.ahead(HORIZONS) if outlook.metric in QUANTITIES else None
            if ahead is not None:
                self._names.append((outlook.unique_id, outlook.target, outlook.metric, outlook.labels))
                self._rows.append(_row(outlook, self._day))
                self._moves.append(ahead - outlook.used)
            yield outlook

    def write(self, db: sqlite3.Connection) -> None:
        """Freeze what passed, inside a transaction."""
        numbers = [number_of(db, name) for name in self._names]
        ago, age, level, size, limit, move, early, central, late = (
            np.array(self._rows, dtype=np.float64).reshape(-1, 9).T
        )
        night = Night(
            series=np.array(numbers, dtype=np.uint32),
            ago=ago.astype(np.uint8),
            age=age.astype(np.uint16),
            level=level,
            size=size,
            limit=limit,
            move=move.astype(np.float32),
            early=early.astype(np.uint16),
            central=central.astype(np.uint16),
            late=late.astype(np.uint16),
            moves=np.array(self._moves, dtype=np.float32).reshape(-1, len(HORIZONS), len(PATH_COLUMNS)),
        )
        if put(db, self._day, self._at, night, self._factors):
            self.kept = len(night)


def _row(outlook: Outlook, day: int) -> tuple[float, ...]:
    size = math.nan if outlook.capacity is None else outlook.capacity
    age = (outlook.last - outlook.first).days + 1
    return (
        min(max(day - number(outlook.last), 0), _CAP["ago"]),
        min(age, _CAP["days"]),
        outlook.used,
        size,
        math.nan if outlook.limit is None else outlook.limit,
        outlook.figures.get("move", math.nan),
        *(_ahead(outlook.dates.get((FULL, quantile)), outlook.last) for quantile in _DATES),
    )


def _ahead(day: date | None, last: date) -> int:
    return 0 if day is None else min((day - last).days, _CAP["days"])


class Prepared(NamedTuple):
    """What a night's plan needs of the ledger: what was scored before it, who freezes it, and what its bands have learnt."""

    due: scoring.Summary
    freezer: Freezer
    correct: Corrections


def prepare(reader: Reader, ledger: Ledger, now: float, roles: Mapping[str, str] | None = None) -> Prepared:
    """Score what has come due by `now` (UTC epoch seconds), learn from it, and make ready to freeze the night.

    `roles` maps targets to what they are for. Raises HistoryError and PlanError.
    """
    day = Calendar(reader.timezone).day(now)
    due = scoring.score(reader, ledger, now, roles)
    learnt = corrections(ledger, day)
    return Prepared(due, Freezer(day, now, learnt.rows()), learnt)
