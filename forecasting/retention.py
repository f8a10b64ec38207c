"""Bytes of an archive that may be deleted, by year: from its bytes by year of study and the declared rule.

Nobody's record is looked at. Who came again, who was a child, who died is known to the archive's owner alone, who may
declare it as shares of the bytes; what is not declared stays unknown.

A study of the year y whose patient never came again may go on the 1st of January of y + years + 1: on that day twenty
years are over for every day of the year. Of the declared shares (article R. 1112-7 of the code of public health):

- `deaths` d: their patients died within `after_death` years of the last stay; ten years after the death, so between
  y + 11 and y + 20 (high: at once; likely: as many each year; low: as the others);
- `returned` r, of the others: their time began anew on a day that nobody tells: none of them is counted;
- `minors` m, of the rest: those below minors_until - years (8) at the study wait until their 28th birthday, 1 to 8 years
  more (high: 1; likely: as many each year; low: 8).

Low takes the high shares of what is kept longer and the low share of the dead, high the other way round.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Reader
from exporters.plan.outlooks import Outlook
from forecasting import planned
from forecasting.quantities import DAY, STALE
from inventory.estate import Estate, Target
from inventory.retention import Retention, Share

Array = npt.NDArray[np.float64]
Case = Literal["low", "likely", "high"]

CASES: Final[tuple[Case, ...]] = ("low", "likely", "high")
YEARS: Final = 10
"""Years that are shown."""

BY_YEAR: Final = "jauge_pacs_year_stored_bytes"
BY_MODALITY: Final = "jauge_pacs_modality_stored_bytes"

_NONE: Final = Share(low=0.0, likely=0.0, high=0.0)


@dataclasses.dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds: bytes by year of study, by modality, and of studies without a date."""

    target: str
    by_year: Mapping[int, float]
    by_modality: Mapping[str, float] = dataclasses.field(default_factory=dict)
    undated: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """What may be deleted of an archive.

    `frame` is that of `deletable`. `crossed` says that years were taken to be mixed alike of all modalities, since an
    archive tells bytes by year and by modality, and not both at once. `undeclared` are the shares that its owner did
    not declare: without `returned` nobody knows more than the most that may go.
    """

    archive: Archive
    rule: Retention
    frame: pd.DataFrame
    crossed: bool
    undeclared: tuple[str, ...]


def read(reader: Reader, now: float) -> list[Archive]:
    """The archives whose bytes by year the history knows, as they are now. Raises HistoryError."""
    known = [
        one
        for metric in (BY_YEAR, BY_MODALITY)
        for one in reader.series(metric=metric)
        if now - one.last <= STALE * DAY
    ]
    if not known:
        return []
    frame = reader.read([one.unique_id for one in known], start=now - (STALE + 1) * DAY, end=now)
    last = frame.dropna(subset="y").groupby("unique_id")["y"].last()
    found: dict[str, tuple[dict[int, float], dict[str, float], list[float]]] = {}
    for one in known:
        if one.unique_id not in last.index:
            continue
        value, pairs = float(last[one.unique_id]), dict(one.labels)
        years, modalities, undated = found.setdefault(one.target, ({}, {}, []))
        year = pairs.get("year", "")
        if one.metric == BY_MODALITY:
            modalities[pairs.get("modality", "")] = value
        elif year.isascii() and year.isdigit() and 1000 <= int(year) <= 9999:
            years[int(year)] = value
        else:
            undated.append(value)
    return [
        Archive(target, years, modalities, sum(undated))
        for target, (years, modalities, undated) in sorted(found.items())
        if years
    ]


def rule_of(estate: Estate, target: Target | None) -> Retention | None:
    """The rule of a target's archive: its own, else the estate's; None where nobody declared one."""
    return (target.retention if target else None) or estate.retention


def ledgers(
    estate: Estate, archives: Sequence[Archive], today: dt.date, years: int = YEARS
) -> list[Schedule]:
    """What may be deleted of each archive that has a rule."""
    ruled = [(one, rule_of(estate, estate.target(one.target))) for one in archives]
    return [ledger(one, rule, today, years) for one, rule in ruled if rule is not None]


def ledger(archive: Archive, rule: Retention, today: dt.date, years: int = YEARS) -> Schedule:
    """What may be deleted of an archive from this year on."""
    undeclared = [name for name in ("returned", "minors", "deaths") if getattr(rule, name) is None]
    crossed = any(modality in archive.by_modality for modality in rule.modalities)
    return Schedule(archive, rule, deletable(archive, rule, today.year, years), crossed, tuple(undeclared))


def deletable(archive: Archive, rule: Retention, first: int, years: int = YEARS) -> pd.DataFrame:
    """Frame `year, low, likely, high, total_low, total_likely, total_high`: bytes that may go from the 1st of January on.

    One row a year from `first` on, whose own bytes hold all that might have gone before. `likely` is missing (NaN), and
    `low` 0, where the owner declared no share of `returned`: the least that may go is then nothing.
    """
    shown = np.arange(first, first + years)
    totals = {case: _total(archive, rule, shown, case) for case in CASES}
    if rule.returned is None:
        totals["low"] = np.zeros(years)
        totals["likely"] = np.full(years, np.nan)
    columns: dict[str, npt.NDArray[np.generic]] = {"year": shown}
    columns |= {case: np.diff(totals[case], prepend=0.0) for case in CASES}
    columns |= {f"total_{case}": totals[case] for case in CASES}
    return pd.DataFrame(columns)


def _total(archive: Archive, rule: Retention, shown: npt.NDArray[np.int64], case: Case) -> Array:
    """Bytes that may be gone by the 1st of January of each year shown."""
    total = np.zeros(len(shown))
    for kept, part in _parts(archive, rule):
        own = rule.model_copy(update={"years": kept})
        for year, held in archive.by_year.items():
            total += part * held * np.array([released(own, int(now) - year, case) for now in shown])
    return total


def _parts(archive: Archive, rule: Retention) -> list[tuple[int, float]]:
    """Years of retention, and the share of every year's bytes that they are for: by the archive's mix of modalities."""
    held = sum(archive.by_modality.values())
    special = {name: rule.modalities[name] for name in rule.modalities if name in archive.by_modality}
    if not special or held <= 0:
        return [(rule.years, 1.0)]
    shares = [(kept, archive.by_modality[name] / held) for name, kept in special.items()]
    return [*shares, (rule.years, 1.0 - sum(share for _, share in shares))]


def released(rule: Retention, age: int, case: Case) -> float:
    """The share of a year's bytes that may be gone on the 1st of January `age` years after that year."""
    long, short = _opposite(case), case
    dead = getattr(rule.deaths or _NONE, short)
    again, young = getattr(rule.returned or _NONE, long), getattr(rule.minors or _NONE, long)
    over = age - (rule.years + 1)
    due = float(over >= 0)
    waiting = max(rule.minors_until - rule.years, 0)
    of_minors = _share_since(over, waiting, case) if waiting else due
    of_dead = max(due, _share_of_dead(rule, age, case))
    return float(dead * of_dead + (1 - dead) * (1 - again) * ((1 - young) * due + young * of_minors))


def _opposite(case: Case) -> Case:
    pairs: dict[Case, Case] = {"low": "high", "likely": "likely", "high": "low"}
    return pairs[case]


def _share_since(over: int, waiting: int, case: Case) -> float:
    """Of the young, those whose birthday has come `over` years after the time of the others."""
    if case == "likely":
        return min(max(over, 0) / waiting, 1.0)
    return float(over >= (waiting if case == "low" else 1))


def _share_of_dead(rule: Retention, age: int, case: Case) -> float:
    """Of those who died within `after_death` years, those whose own time is over: as many died each year."""
    since = age - rule.after_death
    if case == "low":
        return 0.0
    if case == "high" or rule.after_death == 0:
        return float(since >= 1)
    return min(max(since, 0) / rule.after_death, 1.0)


# --- what a purge does to the wall ------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Purged:
    """When the archive's store is full: as forecast, and where what may go is deleted each 1st of January.

    `dates` has None where it is not full within the forecast; `likely` is left out where nobody knows it.
    """

    store: str
    unique_id: str
    without: dt.date | None
    dates: Mapping[Case, dt.date | None]


def store_of(outlooks: Sequence[Outlook], target: str, rule: Retention) -> Outlook | None:
    """The store that an archive fills: the declared one, else the largest of its target."""
    mine = [one for one in outlooks if one.target == target and one.quantity == "storage"]
    if rule.store is not None:
        return next((one for one in mine if planned.name(one) == rule.store), None)
    return max(mine, key=lambda one: one.used, default=None)


def effect(frame: pd.DataFrame, store: Outlook, path: pd.DataFrame, today: dt.date) -> Purged | None:
    """What purges move, by the frame of `deletable` and the central path of the store; None without size or forecast.

    What may go already is deleted today, the rest on the 1st of January of its year.
    """
    limit = store.limit
    if limit is None or not len(path):
        return None
    days = (path["ds"].iloc[-1].date() - today).days + 1
    used = planned.ahead(path, "mean", today, days)
    years = np.array([(today + dt.timedelta(days=day)).year for day in range(days)])
    dates: dict[Case, dt.date | None] = {}
    for case in CASES:
        gone = frame[f"total_{case}"].to_numpy(dtype=np.float64)
        if not np.isnan(gone).any():
            purged = gone[np.clip(years - int(frame["year"].iloc[0]), 0, len(gone) - 1)]
            dates[case] = _reached(used - purged, limit, today)
    return Purged(planned.name(store), store.unique_id, _reached(used, limit, today), dates)


def purged(
    one: Schedule, outlooks: Sequence[Outlook], path: Callable[[str], pd.DataFrame], today: dt.date
) -> Purged | None:
    """What purges move of an archive, by the outlooks of its target; None where its store is not known or planned."""
    store = store_of(outlooks, one.archive.target, one.rule)
    return None if store is None else effect(one.frame, store, path(store.unique_id), today)


def _reached(used: Array, limit: float, today: dt.date) -> dt.date | None:
    over = np.flatnonzero(used >= limit)
    return today + dt.timedelta(days=int(over[0])) if len(over) else None
