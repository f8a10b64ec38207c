"""What is done to the tables within a transaction of the writer."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.history import HistoryError
from exporters.history.blocks import (
    BATCHES,
    COLUMN,
    DAYS,
    GROUP,
    QUARTERS,
    SAMPLE,
    SLOTS,
    SPAN,
    SPANS,
    Columns,
    DamagedError,
    Mark,
    Rule,
    Table,
    batch_key,
    block_key,
    fresh,
    merge,
    seal,
    unseal,
)
from exporters.history.schema import Rolled, marks, put_marks, setting

Numbers = Sequence[int] | Sequence[float] | npt.NDArray[np.int64] | npt.NDArray[np.float64]

_BOUNDS: Final = "bounds"


class Bounds(NamedTuple):
    """Since when finer values are kept: raw by hour (UTC seconds), hourly and daily by day; 0 where none was dropped."""

    raw: int = 0
    hour: int = 0
    day: int = 0


def bounds(connection: sqlite3.Connection, lost: Bounds) -> Bounds:
    """What retention stored last; `lost` where the file cannot tell any more."""
    try:
        return Bounds(*(setting(connection, _BOUNDS) or Bounds()))
    except DamagedError:
        return lost


# --- what is dirty ------------------------------------------------------------------------------------------


def dirty(connection: sqlite3.Connection, table: Rolled) -> set[Mark]:
    """What is dirty: all that finer values are there for, where the file cannot tell any more."""
    found = marks(connection, table)
    return everything(connection, table) if found is None else found


def everything(connection: sqlite3.Connection, table: Rolled) -> set[Mark]:
    """Whatever finer values are there for: days by the clock of UTC, and one more on either side."""
    if table == "hour":
        rows = connection.execute("SELECT DISTINCT id >> 24 FROM raw").fetchall()
        return {Mark(key >> 16, key & 0xFFFF) for (key,) in rows}
    found = {(mark.place // 96, mark.group) for mark in everything(connection, "hour")}
    for (key,) in connection.execute("SELECT id FROM hour").fetchall():
        day, group = (key & 0xFFFFFFFF) * QUARTERS // 96, (key >> 32) * SLOTS // GROUP
        found |= {(day, group), (day + 1, group)}
    return {Mark(day + one, group) for day, group in found for one in (-1, 0, 1)}


def soil(connection: sqlite3.Connection, table: Rolled, found: Iterable[Mark]) -> None:
    """Note that the finer values of these changed."""
    before = marks(connection, table)
    if before is not None and not before.issuperset(added := set(found)):
        put_marks(connection, table, before | added)


def clean(connection: sqlite3.Connection, table: Rolled, done: Iterable[Mark]) -> None:
    """Note that these were rolled up."""
    put_marks(connection, table, dirty(connection, table).difference(done))


# --- damage -------------------------------------------------------------------------------------------------


def load(connection: sqlite3.Connection, table: Table, key: int, now: float) -> bytes | None:
    """The payload under a key; None where there is none, or where it was damaged and has been moved out of the way."""
    row = connection.execute(f"SELECT block FROM {table} WHERE id = ?", (key,)).fetchone()  # noqa: S608 - our names
    if row is None:
        return None
    try:
        return unseal(table, key, row[0])
    except DamagedError:
        quarantine(connection, table, key, now)
        return None


def quarantine(connection: sqlite3.Connection, table: Table, key: int, now: float) -> None:
    """Move what is damaged out of the way, where it can be looked at; what finer values tell of is made again."""
    copy = f"INSERT INTO damaged SELECT ?, id, ?, block FROM {table} WHERE id = ?"  # noqa: S608 - our names
    connection.execute(copy, (table, now, key))
    connection.execute(f"DELETE FROM {table} WHERE id = ?", (key,))  # noqa: S608 - our names
    group, period = (key >> 32) * SLOTS // GROUP, key & 0xFFFFFFFF
    if table == "day":
        since = max(bounds(connection, Bounds()).hour, period * DAYS)
        soil(connection, "day", (Mark(day, group) for day in range(since, (period + 1) * DAYS)))
    elif table == "hour":
        held = everything(connection, "hour")
        soil(
            connection,
            "hour",
            (mark for mark in held if mark.group == group and mark.place // QUARTERS == period),
        )


def store(connection: sqlite3.Connection, table: Table, key: int, payload: bytes) -> None:
    """Put a payload under a key, over what stands there."""
    sql = f"INSERT OR REPLACE INTO {table} (id, block) VALUES (?, ?)"  # noqa: S608 - our names
    connection.execute(sql, (key, seal(table, key, payload)))


# --- blocks of hours and days -------------------------------------------------------------------------------


def bring(
    connection: sqlite3.Connection, table: Rolled, shelf: int, columns: Columns, rule: Rule, now: float
) -> int:
    """Let columns of a shelf, sorted by place, into its blocks. Returns how many values changed."""
    changed = 0
    periods = columns["place"] // SPANS[table]
    for period in np.unique(periods).tolist():
        key = block_key(shelf, period)
        payload = load(connection, table, key, now)
        old = None if payload is None else np.frombuffer(payload, COLUMN)
        merged, count = merge(old, columns[periods == period], rule)
        if (made := merged.tobytes()) != payload:
            store(connection, table, key, made)
        changed += count
    if table == "day":
        widen(connection, shelf, columns, now)
    return changed


def columns_of(
    connection: sqlite3.Connection, table: Rolled, shelf: int, low: int, high: int, now: float
) -> Columns:
    """The columns of a shelf with `low` <= place <= `high`."""
    span = SPANS[table]
    first, last = (block_key(shelf, max(place, 0) // span) for place in (low, high))
    found = np.frombuffer(b"".join(_pieces(connection, table, first, last, now)), COLUMN)
    return found[(found["place"] >= low) & (found["place"] <= high)]


def _pieces(
    connection: sqlite3.Connection, table: Table, first: int, last: int, now: float
) -> Iterator[bytes]:
    """The payloads under a span of keys. What is damaged is moved out of the way."""
    sql = f"SELECT id, block FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608 - our names
    for key, block in connection.execute(sql, (first, last)).fetchall():
        try:
            yield unseal(table, key, block)
        except DamagedError:
            quarantine(connection, table, key, now)


def widen(connection: sqlite3.Connection, shelf: int, columns: Columns, now: float) -> None:
    """Let the spans of a shelf hold these columns too."""
    payload = load(connection, "span", shelf, now)
    if payload is None:
        columns = columns_of(connection, "day", shelf, 0, 0xFFFFFFFF, now)
        before = np.full(SLOTS, -1, SPAN)
    else:
        before = np.frombuffer(payload, SPAN)
    if not len(columns):
        return
    after = before.copy()
    held = ~np.isnan(columns["values"])
    some = held.any(axis=0)
    first = columns["place"][held.argmax(axis=0)[some]].astype("i4")
    last = columns["place"][len(columns) - 1 - held[::-1].argmax(axis=0)[some]].astype("i4")
    known = before["first"][some] >= 0
    after["first"][some] = np.where(known, np.minimum(before["first"][some], first), first)
    after["last"][some] = np.maximum(before["last"][some], last)
    if (made := after.tobytes()) != payload:
        store(connection, "span", shelf, made)


def survey(connection: sqlite3.Connection, shelf: int, low: int, now: float) -> None:
    """Find the spans of a shelf anew, from the day `low` on."""
    connection.execute("DELETE FROM span WHERE id = ?", (shelf,))
    columns = columns_of(connection, "day", shelf, low, 0xFFFFFFFF, now)
    if len(columns):
        store(connection, "span", shelf, np.full(SLOTS, -1, SPAN).tobytes())
        widen(connection, shelf, columns, now)


def by_shelf(
    ids: Sequence[int], places: Sequence[int], values: Sequence[float]
) -> Iterator[tuple[int, Columns]]:
    """Values by series and place as columns of each shelf; of two for one place the later stands."""
    of, at, what = np.array(ids, "i8"), np.array(places, "i8"), np.array(values, "f8")
    order = np.argsort(of // SLOTS, kind="stable")
    of, at, what = of[order], at[order], what[order]
    for part in _parts(of // SLOTS):
        columns = fresh(np.unique(at[part]))
        columns["values"][np.searchsorted(columns["place"], at[part]), of[part] % SLOTS] = what[part]
        yield int(of[part.start] // SLOTS), columns


def _parts(keys: npt.NDArray[np.int64]) -> Iterator[slice]:
    """The runs of equal keys."""
    edges = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
    return (slice(low, high) for low, high in itertools.pairwise(edges) if high > low)


# --- batches of raw values ----------------------------------------------------------------------------------


def add_raw(
    connection: sqlite3.Connection,
    ids: Numbers,
    quarters: Numbers,
    offsets: Numbers,
    values: Numbers,
) -> None:
    """Keep raw values: `offsets` are milliseconds since the hour (its quarter) began."""
    of, hour = np.array(ids, "i8"), np.array(quarters, "i8")
    keys = hour << 16 | of // GROUP
    order = np.argsort(keys, kind="stable")
    samples = np.empty(len(of), SAMPLE)
    samples["slot"], samples["at"], samples["value"] = of % GROUP, offsets, values
    samples, keys = samples[order], keys[order]
    rows = []
    for part in _parts(keys):
        place = int(keys[part.start])
        key = place << 24 | _next(connection, place)
        rows.append((key, seal("raw", key, samples[part].tobytes())))
    connection.executemany("INSERT INTO raw VALUES (?, ?)", rows)


def _next(connection: sqlite3.Connection, place: int) -> int:
    """The number of the next batch of an hour and group."""
    newest = "SELECT id FROM raw WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(newest, (place << 24, place << 24 | BATCHES - 1)).fetchone()
    number = 0 if row is None else (row[0] & BATCHES - 1) + 1
    if number >= BATCHES:
        raise HistoryError("an hour has 16 million batches: append more values at once")
    return number


def raw_of(connection: sqlite3.Connection, mark: Mark, now: float) -> npt.NDArray[np.void]:
    """The raw values of an hour of a group, in the order of writing."""
    low = batch_key(mark.place, mark.group, 0)
    return np.frombuffer(b"".join(_pieces(connection, "raw", low, low + BATCHES - 1, now)), SAMPLE)
