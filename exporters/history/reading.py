"""What readers ask of the tables: the finer values of what is not rolled up yet laid over the rolled-up ones.

What is damaged is left out and told in `lost`; the rest is read.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.history import Daily, Known, Resolution
from exporters.history.blocks import (
    BATCHES,
    COLUMN,
    GROUP,
    QUARTER,
    SAMPLE,
    SLOTS,
    SPAN,
    SPANS,
    DamagedError,
    Mark,
    Table,
    batch_key,
    block_key,
    unseal,
)
from exporters.history.days import Calendar
from exporters.history.schema import Rolled, is_whole, labels_of
from exporters.history.storing import Bounds, bounds, dirty
from inventory.databases import is_damage

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FAR: Final = 1 << 31
_AT_ONCE: Final = 500
"""Names that are looked up by one statement."""
_TOGETHER: Final = 256
"""Shelves that are laid out at once: it bounds what a read needs beside its answer."""


class Source:
    """A file as one instant shows it, and which of its pieces are damaged (`lost`)."""

    def __init__(self, connection: sqlite3.Connection, calendar: Calendar) -> None:
        self.calendar = calendar
        self.lost: list[str] = []
        self.bounds = bounds(connection, Bounds())
        self._connection = connection

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def dirty(self, table: Rolled) -> set[Mark]:
        return dirty(self._connection, table)

    def payloads(self, table: Table, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """The keys from `first` to `last`, each with what stands under it."""
        for key, block in self._rows(table, first, last):
            try:
                yield key, unseal(table, key, block)
            except DamagedError as error:
                self.lost.append(str(error))

    def _rows(self, table: Table, first: int, last: int) -> list[tuple[int, object]]:
        sql = f"SELECT id, block FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608 - our names
        try:
            return self.execute(sql, (first, last)).fetchall()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        if first == last or last - first > _FAR >> 16:
            self.lost.append(f"{table} {first} to {last}")
            return []
        # A page is broken: what lies on the others is read key by key.
        return [row for key in range(first, last + 1) for row in self._rows(table, key, key)]

    def columns(self, table: Rolled, shelf: int, low: int, high: int) -> list[bytes]:
        """The columns of a shelf that may lie between two places, both included, in pieces."""
        first, last = (block_key(shelf, place // SPANS[table]) for place in (low, high))
        return [payload for _, payload in self.payloads(table, first, last)]

    def periods(self, table: Rolled, shelves: Iterable[int]) -> tuple[int, int] | None:
        """The places that blocks of these shelves may hold, from the first to the last; None without a block."""
        sql = f"SELECT (SELECT min(id) FROM {table} WHERE id BETWEEN ?1 AND ?2), (SELECT max(id) FROM {table} WHERE id BETWEEN ?1 AND ?2)"  # noqa: S608 - our names
        found = []
        for shelf in shelves:
            try:
                pair = self.execute(sql, (block_key(shelf, 0), block_key(shelf, 0xFFFFFFFF))).fetchone()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.lost.append(f"{table} of {shelf}")
                continue
            if pair.count(None) == 1:  # what a bent tree holds depends on where one comes from
                self.lost.append(f"{table} of {shelf}")
                continue
            found += [] if pair[0] is None else [pair[0] & 0xFFFFFFFF, pair[1] & 0xFFFFFFFF]
        return (min(found) * SPANS[table], (max(found) + 1) * SPANS[table] - 1) if found else None


# --- which series -------------------------------------------------------------------------------------------


_SERIES: Final = "SELECT id, unique_id, target, metric, labels, crc FROM series"


class _Asked(NamedTuple):
    """Numbers of series, and the row of an answer that each is in: by number, -1 for all others."""

    ids: Ints
    row: Ints
    shelves: list[int]
    groups: list[int]


def _asked(ids: Sequence[int]) -> _Asked:
    numbers = np.array(ids, "i8")
    row = np.full((int(numbers.max()) // GROUP + 1) * GROUP if len(ids) else 0, -1, "i8")
    row[numbers] = np.arange(len(numbers))
    return _Asked(numbers, row, np.unique(numbers // SLOTS).tolist(), np.unique(numbers // GROUP).tolist())


def _identify(source: Source, names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The names that are held, each with its number, in the order of `names`."""
    names = iter(names)
    while some := list(itertools.islice(names, _AT_ONCE)):
        # A lone surrogate has no UTF-8 and is in no history: with "replace" the name is simply not found.
        texts = [name.encode("utf-8", "replace").decode() for name in some]
        rows = _named(source, texts)
        for name, text in zip(some, texts, strict=True):
            row = rows.get(text)
            if row is not None and not (len(row) == 6 and is_whole(row)):
                source.lost.append(f"series {name}")
            elif row is not None:
                yield name, row[0]


def _named(source: Source, texts: list[str]) -> dict[str, tuple[Any, ...]]:
    """The rows of these names; of one whose page is broken, its name alone."""
    marks = ", ".join("?" * len(texts))
    try:
        return {row[1]: row for row in source.execute(f"{_SERIES} WHERE unique_id IN ({marks})", texts)}
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    if len(texts) == 1:
        return {texts[0]: (texts[0],)}
    return {name: row for text in texts for name, row in _named(source, [text]).items()}


# --- the finer values of what is dirty ----------------------------------------------------------------------


class _Fresh(NamedTuple):
    """Values by the row of an answer, the place that they are the last value of, and their time (UTC milliseconds)."""

    row: Ints
    place: Ints
    at: Ints
    value: Floats


def _gathered(parts: list[_Fresh]) -> _Fresh:
    none = np.empty(0, "i8")
    parts = parts or [_Fresh(none, none, none, np.empty(0))]
    return _Fresh(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _raw(source: Source, asked: _Asked, marks: Iterable[Mark], place: Resolution) -> Iterator[_Fresh]:
    for mark in marks:
        low = batch_key(mark.place, mark.group, 0)
        pieces = [payload for _, payload in source.payloads("raw", low, low + BATCHES - 1)]
        samples = np.frombuffer(b"".join(pieces), SAMPLE)
        row = asked.row[mark.group * GROUP + samples["slot"].astype("i8")]
        samples, row = samples[row >= 0], row[row >= 0]
        at = samples["at"].astype("i8") + mark.place * QUARTER * 1000
        where = source.calendar.day(mark.place * QUARTER) if place == "day" else mark.place
        yield _Fresh(row, at if place == "raw" else np.full(len(row), where), at, samples["value"])


def _hours(source: Source, asked: _Asked, marks: Iterable[Mark]) -> Iterator[_Fresh]:
    """The hourly values of dirty days."""
    for mark in marks:
        first, end = (int(source.calendar.start(day)) // QUARTER for day in (mark.place, mark.place + 1))
        for shelf in (one for one in asked.shelves if one * SLOTS // GROUP == mark.group):
            columns = np.frombuffer(b"".join(source.columns("hour", shelf, first, end - 1)), COLUMN)
            columns = columns[(columns["place"] >= first) & (columns["place"] < end)]
            row = np.broadcast_to(asked.row[shelf * SLOTS : (shelf + 1) * SLOTS], (len(columns), SLOTS))
            held = ~np.isnan(columns["values"]) & (row >= 0)
            at = np.broadcast_to(columns["place"].astype("i8")[:, None] * QUARTER * 1000, held.shape)
            yield _Fresh(row[held], np.full(held.sum(), mark.place), at[held], columns["values"][held])


def _fresh(source: Source, asked: _Asked, resolution: Rolled) -> _Fresh:
    """The finer values of what is not rolled up yet: coarse to fine, each layer in the order of writing."""
    groups = set(asked.groups)
    layers: list[_Fresh] = []
    if resolution == "day":
        layers += _hours(source, asked, sorted(mark for mark in source.dirty("day") if mark.group in groups))
    hours = sorted(mark for mark in source.dirty("hour") if mark.group in groups)
    layers += _raw(source, asked, hours, resolution)
    return _gathered(layers)


# --- blocks -------------------------------------------------------------------------------------------------


def _layout(source: Source, asked: _Asked, table: Rolled, axis: Ints) -> Floats:
    """The rolled-up values: a row for each series, a column for each place of `axis`; NaN where there is none."""
    grid = np.full((len(asked.ids), len(axis)), np.nan)
    if not len(axis):
        return grid
    shelves = iter(asked.shelves)
    while some := list(itertools.islice(shelves, _TOGETHER)):
        wide = np.full((len(some), SLOTS, len(axis)), np.nan)
        pieces = [source.columns(table, shelf, int(axis[0]), int(axis[-1])) for shelf in some]
        counts = [sum(map(len, of)) // COLUMN.itemsize for of in pieces]
        columns = np.frombuffer(b"".join(itertools.chain.from_iterable(pieces)), COLUMN)
        of = np.repeat(np.arange(len(some)), counts)
        column = np.minimum(np.searchsorted(axis, columns["place"]), len(axis) - 1)
        inside = axis[column] == columns["place"]
        wide[of[inside], :, column[inside]] = columns["values"][inside]
        rows = asked.row[(np.array(some)[:, None] * SLOTS + np.arange(SLOTS)).ravel()]
        grid[rows[rows >= 0]] = wide.reshape(-1, len(axis))[rows >= 0]
    return grid


def _lay_over(grid: Floats, axis: Ints, fresh: _Fresh) -> None:
    """Put the newest of the finer values into their places."""
    column = np.minimum(np.searchsorted(axis, fresh.place), len(axis) - 1) if len(axis) else fresh.place[:0]
    inside = np.flatnonzero(axis[column] == fresh.place) if len(axis) else column
    # Of equal indices numpy keeps the last one. The sort is stable: of one instant the finer stands.
    order = inside[np.argsort(fresh.at[inside], kind="stable")]
    grid[fresh.row[order], column[order]] = fresh.value[order]


def _axis(source: Source, asked: _Asked, table: Rolled, fresh: _Fresh, span: tuple[int, int]) -> Ints:
    """The places that may hold a value, of the span that is asked for."""
    held = source.periods(table, asked.shelves)
    ends = [*(held or ()), *((int(fresh.place.min()), int(fresh.place.max())) if len(fresh.place) else ())]
    first, last = (max(min(ends), span[0]), min(max(ends), span[1])) if ends else (0, -1)
    return np.arange(first, last + 1)


def _grid(source: Source, asked: _Asked, table: Rolled, span: tuple[int, int]) -> tuple[Ints, Floats]:
    fresh = _fresh(source, asked, table)
    axis = _axis(source, asked, table, fresh, span)
    if table == "hour":  # an hour begins at one quarter of four
        axis = _beginnings(source.calendar, axis)
    grid = _layout(source, asked, table, axis)
    _lay_over(grid, axis, fresh)
    return axis, grid


def _beginnings(calendar: Calendar, quarters: Ints) -> Ints:
    """The quarters in which a civil hour begins."""
    if not len(quarters):
        return quarters
    first, last = (calendar.day(int(quarter) * QUARTER) for quarter in (quarters[0], quarters[-1]))
    starts = [int(calendar.start(day)) for day in range(first, last + 2)]
    found: list[int] = []
    for start, end in itertools.pairwise(starts):
        if (end - start) % 3600:  # clocks that change by half an hour
            found += sorted({calendar.hour(at) for at in range(start, end, QUARTER)})
        else:
            found += range(start, end, 3600)
    hours: Ints = np.array(found, "i8") // QUARTER
    inside: Ints = hours[(hours >= quarters[0]) & (hours <= quarters[-1])]
    return inside


def _span(source: Source, table: Rolled, start: float | None, end: float | None) -> tuple[int, int]:
    """The places that are asked for and kept, both included."""
    calendar, kept = source.calendar, source.bounds.day

    def place(at: float) -> int:
        return calendar.day(at) if table == "day" else calendar.hour(at) // QUARTER

    if table == "hour" and source.bounds.hour:
        kept = int(calendar.start(source.bounds.hour)) // QUARTER
    return kept if start is None else max(place(start), kept), _FAR if end is None else place(end)


# --- answers ------------------------------------------------------------------------------------------------


def daily(source: Source, names: Sequence[str], start: float | None, end: float | None) -> Daily:
    """The answer of `sqlite.Reader.daily`."""
    found = dict(_identify(source, dict.fromkeys(names)))
    asked = _asked(list(found.values()))
    axis, grid = _grid(source, asked, "day", _span(source, "day", start, end))
    if start is None or end is None:  # blocks begin and end where the values need not
        held = np.flatnonzero(~np.isnan(grid).all(axis=0))
        inside = slice(held[0], held[-1] + 1) if len(held) else slice(0)
        axis, grid = axis[inside], grid[:, inside]
    return Daily(tuple(names), axis.astype("datetime64[D]"), _in_order(grid, list(found), names))


def _in_order(grid: Floats, found: list[str], names: Sequence[str]) -> Floats:
    """A row for each name, NaN for those that are not held."""
    if found == list(names):
        return grid
    place = {name: row for row, name in enumerate(found)}
    wide = np.full((len(names), grid.shape[1]), np.nan)
    held = [row for row, name in enumerate(names) if name in place]
    wide[held] = grid[[place[names[row]] for row in held]]
    return wide


def read(
    source: Source, names: Iterable[str], start: float | None, end: float | None, resolution: Resolution
) -> pd.DataFrame:
    """The frame of `sqlite.Reader.read`."""
    found = sorted(_identify(source, set(names)))
    asked = _asked([number for _, number in found])
    labels = [name for name, _ in found]
    if resolution == "raw":
        fresh = _all_raw(source, asked, start, end)
        return frame(labels, fresh.row, fresh.at, fresh.value, "raw")
    axis, grid = _grid(source, asked, resolution, _span(source, resolution, start, end))
    row, column = np.nonzero(~np.isnan(grid))
    return frame(labels, row, axis[column], grid[row, column], resolution)


def _all_raw(source: Source, asked: _Asked, start: float | None, end: float | None) -> _Fresh:
    """The raw values of a span, sorted by series and time, one for each instant."""
    low, high = (
        (-_FAR if start is None else round(start * 1000)),
        (None if end is None else round(end * 1000)),
    )
    place, marks = 0 if start is None else source.calendar.hour(start) // QUARTER, []
    while (
        key := source.execute("SELECT min(id) FROM raw WHERE id >= ?", (place << 40,)).fetchone()[0]
    ) is not None:
        marks += [Mark(key >> 40, group) for group in asked.groups]
        place = (key >> 40) + 1
    found = _gathered(list(_raw(source, asked, marks, "raw")))
    order = np.lexsort((found.at, found.row))
    row, at = found.row[order], found.at[order]
    newest = np.ones(len(row), dtype=bool)
    newest[:-1] = (row[1:] != row[:-1]) | (at[1:] != at[:-1])
    order = order[newest & (at >= low) & (at <= (high if high is not None else _FAR << 31))]
    return _Fresh(found.row[order], found.place[order], found.at[order], found.value[order])


def frame(names: list[str], row: Ints, place: Ints, value: Floats, resolution: Resolution) -> pd.DataFrame:
    """The answer of `Reader.read`: places are days, quarters of an hour or milliseconds, `row` numbers of names."""
    import pandas as pd  # noqa: PLC0415 - half a second that `daily` need not pay

    # By number: to look at millions of equal texts one by one takes seconds, and so does copying them.
    labels = pd.array(names, dtype=pd.StringDtype(na_value=np.nan))[row]
    return pd.DataFrame({"unique_id": labels, "ds": _times(place, resolution), "y": value}, copy=False)


def _times(places: Ints, resolution: Resolution) -> pd.DatetimeIndex:
    import pandas as pd  # noqa: PLC0415 - see `frame`

    if resolution == "day":
        return pd.DatetimeIndex(places.astype("datetime64[D]").astype("datetime64[ns]"))
    unit, factor = ("s", QUARTER) if resolution == "hour" else ("ms", 1)
    return pd.DatetimeIndex(
        (places * factor).astype(f"datetime64[{unit}]").astype("datetime64[ns]"), tz="UTC"
    )


def known(source: Source, metric: str | None, target: str | None) -> list[Known]:
    """The list of `sqlite.Reader.series`."""
    rows = list(_described(source, metric, target))
    asked = _asked([row[0] for row in rows])
    first, last = _spans(source, asked)
    fresh = _fresh(source, asked, "day")
    at = np.full(len(rows), -1, "i8")
    np.minimum.at(first, fresh.row, fresh.place)
    np.maximum.at(at, fresh.row, fresh.at)
    np.maximum(first, source.bounds.day, out=first)
    starts = {
        day: source.calendar.start(day)
        for day in np.unique([*first.tolist(), *last.tolist()]).tolist()
        if 0 <= day < _FAR
    }
    found = []
    for (_, name, of, what, labels, _), begin, end, newest in zip(
        rows, first.tolist(), last.tolist(), at.tolist(), strict=True
    ):
        if newest >= 0 or (end >= source.bounds.day and begin < _FAR):  # else its last day was forgotten
            finish = max(newest / 1000, starts.get(end, -1.0))
            found.append(Known(name, of, what, labels_of(labels), starts[begin], finish))
    return found


def _described(
    source: Source, metric: str | None, target: str | None
) -> Iterator[tuple[int, str, str, str, str, int]]:
    asked = {name: value for name, value in (("metric", metric), ("target", target)) if value is not None}
    where = " AND ".join(f"{name} = ?" for name in asked) or "TRUE"
    for row in source.execute(f"{_SERIES} WHERE {where} ORDER BY unique_id", tuple(asked.values())):
        if is_whole(row):
            yield row
        else:
            source.lost.append(f"series {row[0]}")


def _spans(source: Source, asked: _Asked) -> tuple[Ints, Ints]:
    """First and last rolled-up day of each series; far away and -1 where there is none."""
    first, last = np.full(len(asked.ids), _FAR, "i8"), np.full(len(asked.ids), -1, "i8")
    for shelf in asked.shelves:
        rows = asked.row[shelf * SLOTS : (shelf + 1) * SLOTS]
        for _, payload in source.payloads("span", shelf, shelf):
            span = np.frombuffer(payload, SPAN)
            held = (rows >= 0) & (span["first"] >= 0)
            first[rows[held]], last[rows[held]] = span["first"][held], span["last"][held]
    return first, last
