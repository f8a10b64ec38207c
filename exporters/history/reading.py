"""What readers ask of the tables: the finer rows of what is not rolled up yet laid over the rolled-up ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Known, Resolution
from exporters.history.days import Calendar

Rows = npt.NDArray[np.void]
"""Rows of series (id), at (UTC milliseconds; -1 for the value of a whole day), place (day, hour or at), value."""

_ROW: Final = np.dtype([("series", "i8"), ("at", "i8"), ("place", "i8"), ("value", "f8")])
_FAR: Final = 1 << 60

_WANTED: Final = "WITH RECURSIVE wanted(id) AS (SELECT value FROM json_each(:ids))"
# The keys of raw and hour begin with the hour and the day: walking these makes each series a seek, not a scan.
_HOURS: Final = """, hours(hour) AS (
    SELECT min(hour) FROM raw WHERE hour >= :from_hour
    UNION ALL SELECT (SELECT min(hour) FROM raw WHERE raw.hour > hours.hour) FROM hours
    WHERE hours.hour IS NOT NULL)"""
_DAYS: Final = """, days(day) AS (
    SELECT min(day) FROM hour WHERE day >= :from_day
    UNION ALL SELECT (SELECT min(day) FROM hour WHERE hour.day > days.day) FROM days WHERE days.day IS NOT NULL)"""

_RAW: Final = """{wanted}{hours}
SELECT raw.series, raw.at, raw.at, raw.value FROM hours CROSS JOIN wanted
CROSS JOIN raw ON raw.hour = hours.hour AND raw.series = wanted.id
"""
_HOUR: Final = """{wanted}{days}
SELECT hour.series, hour.hour * 1000, hour.hour, hour.value FROM days CROSS JOIN wanted
CROSS JOIN hour ON hour.day = days.day AND hour.series = wanted.id
"""
_DAY: Final = """{wanted}
SELECT day.series, -1, day.day, day.value FROM wanted
CROSS JOIN day ON day.series = wanted.id AND day.day BETWEEN :from_day AND :to_day
"""
_FRESH_HOUR: Final = """{wanted}
SELECT hour.series, hour.hour * 1000 AS at, hour.day AS place, hour.value FROM dirty_day CROSS JOIN wanted
CROSS JOIN hour ON hour.day = dirty_day.day AND hour.series = wanted.id
"""
_FRESH_RAW: Final = """{wanted}
SELECT raw.series, raw.at AS at, dirty_hour.{place} AS place, raw.value FROM dirty_hour CROSS JOIN wanted
CROSS JOIN raw ON raw.hour = dirty_hour.hour AND raw.series = wanted.id
"""
_COMMON: Final = {"wanted": _WANTED, "hours": _HOURS, "days": _DAYS}
_LAYERS: Final[dict[Resolution, tuple[str, ...]]] = {
    "day": (_DAY.format(**_COMMON), _FRESH_HOUR.format(**_COMMON), _FRESH_RAW.format(**_COMMON, place="day")),
    "hour": (_HOUR.format(**_COMMON), _FRESH_RAW.format(**_COMMON, place="hour")),
    "raw": (_RAW.format(**_COMMON),),
}
"""What each resolution is read from, coarse to fine."""


def read(
    connection: sqlite3.Connection,
    calendar: Calendar,
    names: list[str],
    *,
    start: float | None,
    end: float | None,
    resolution: Resolution,
) -> pd.DataFrame:
    """The frame of `sqlite.Reader.read`."""
    found = _identify(connection, names)
    first, last = _span(calendar, start, end, resolution)
    asked = {
        "ids": json.dumps([series for series, _ in found]),
        "from_hour": -_FAR if start is None else calendar.hour(start),
        "from_day": -_FAR if start is None else calendar.day(start),
        "to_day": _FAR if end is None else calendar.day(end),
    }
    layers = [np.fromiter(connection.execute(query, asked), _ROW) for query in _LAYERS[resolution]]
    rows = np.concatenate(layers)
    rows = rows[(rows["place"] >= first) & (rows["place"] <= last)]
    ranks = _ranks([series for series, _ in found], rows)
    return _frame(np.array([name for _, name in found], dtype=object), ranks, rows, resolution)


def _identify(connection: sqlite3.Connection, names: Iterable[str]) -> list[tuple[int, str]]:
    """Id and name of the series that are held, by name. One by one: JSON in SQLite ends at a NUL in a name."""
    find = "SELECT id, unique_id FROM series WHERE unique_id = ?"
    # A lone surrogate has no UTF-8 and is in no history: with "replace" the name is simply not found.
    found = (
        connection.execute(find, (name.encode("utf-8", "replace").decode(),)).fetchone()
        for name in set(names)
    )
    return sorted((row for row in found if row), key=lambda row: row[1])


def _span(
    calendar: Calendar, start: float | None, end: float | None, resolution: Resolution
) -> tuple[int, int]:
    if resolution == "raw":
        return (
            -_FAR if start is None else round(start * 1000),
            _FAR if end is None else round(end * 1000),
        )
    place = calendar.day if resolution == "day" else calendar.hour
    return -_FAR if start is None else place(start), _FAR if end is None else place(end)


def _ranks(ids: list[int], rows: Rows) -> npt.NDArray[np.int64]:
    """Of each row, the place of its series in the order of names."""
    by_id = np.array(ids, dtype="i8")
    order = np.argsort(by_id)
    return order[np.searchsorted(by_id[order], rows["series"])] if len(ids) else np.empty(0, "i8")


def _frame(
    names: npt.NDArray[np.object_], ranks: npt.NDArray[np.int64], rows: Rows, resolution: Resolution
) -> pd.DataFrame:
    """The last row of each series and place. Layers come coarse to fine and the sort is stable, so that of two
    rows with one time the finer stands."""
    order = np.lexsort((rows["at"], rows["place"], ranks))
    rows, ranks = rows[order], ranks[order]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = (ranks[1:] != ranks[:-1]) | (rows["place"][1:] != rows["place"][:-1])
    rows, ranks = rows[last], ranks[last]
    return pd.DataFrame(
        {"unique_id": names[ranks], "ds": _times(rows["place"], resolution), "y": rows["value"]}
    )


def _times(places: npt.NDArray[np.int64], resolution: Resolution) -> pd.DatetimeIndex:
    if resolution == "day":
        return pd.DatetimeIndex(places.astype("datetime64[D]").astype("datetime64[ns]"))
    unit = "s" if resolution == "hour" else "ms"
    return pd.DatetimeIndex(places.astype(f"datetime64[{unit}]").astype("datetime64[ns]"), tz="UTC")


_KNOWN: Final = """
SELECT id, unique_id, target, metric, labels,
    (SELECT min(day) FROM day WHERE day.series = id), (SELECT max(day) FROM day WHERE day.series = id)
FROM series WHERE (:metric IS NULL OR metric = :metric) AND (:target IS NULL OR target = :target) ORDER BY unique_id
"""


def known(
    connection: sqlite3.Connection, calendar: Calendar, metric: str | None, target: str | None
) -> list[Known]:
    """The list of `sqlite.Reader.series`."""
    found = connection.execute(_KNOWN, {"metric": metric, "target": target}).fetchall()
    asked = {"ids": json.dumps([row[0] for row in found])}
    fresh: dict[int, tuple[int, int]] = {}
    for layer in _LAYERS["day"][1:]:
        spans = f"SELECT series, min(place), max(at) FROM ({layer}) GROUP BY series"  # noqa: S608 - our own text
        for series, day, at in connection.execute(spans, asked):
            before = fresh.get(series, (day, at))
            fresh[series] = (min(before[0], day), max(before[1], at))
    result = []
    for series, name, of, what, labels, first_day, last_day in found:
        first, last = fresh.get(series, (first_day, -1))
        if first is None:  # a series whose last day was forgotten
            continue
        begin = calendar.start(first if first_day is None else min(first, first_day))
        finish = max(last / 1000, -1.0 if last_day is None else calendar.start(last_day))
        result.append(
            Known(name, of, what, tuple((key, text) for key, text in json.loads(labels)), begin, finish)
        )
    return result
