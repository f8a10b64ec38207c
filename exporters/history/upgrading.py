"""From schema 1, a row for each value, to schema 2, blocks with checksums: within the transaction of the migration."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exporters.history.blocks import BITS, GROUP, QUARTER, SLOTS, SPANS, Mark, block_key, fresh
from exporters.history.identifying import Ids
from exporters.history.schema import BLOCKS, Rolled, labels_of, put_marks, put_setting
from exporters.history.storing import add_raw, store, survey
from inventory.logs import Logger

log = Logger(__name__)

_TABLES: Final = ("setting", "series", "raw", "hour", "day", "dirty_hour", "dirty_day")
_ROW: Final = np.dtype([("series", "i8"), ("place", "i8"), ("value", "f8"), ("imported", "i8")])
_RAW: Final = np.dtype([("series", "i8"), ("at", "i8"), ("value", "f8")])


def to_blocks(connection: sqlite3.Connection) -> None:
    """Make the tables of schema 2 of those of schema 1."""
    connection.execute("DROP INDEX series_by_target")
    for table in _TABLES:
        connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in BLOCKS:
        connection.execute(statement)
    settings: dict[str, Any] = dict(connection.execute("SELECT name, value FROM old_setting"))
    numbers = _number(connection)
    if numbers:
        log.info("history is brought from rows to blocks: this takes a minute for ten million values")
    _days(connection, numbers)
    _hours(connection, numbers)
    _raw(connection, numbers)
    _settings(connection, settings, sorted({number // GROUP for number in numbers.values()}))
    for table in _TABLES:
        connection.execute(f"DROP TABLE old_{table}")


def _number(connection: sqlite3.Connection) -> dict[int, int]:
    """The new number of each series by its old one: sixteen of one metric beside each other, by target."""
    ids = Ids(connection, {})
    rows = "SELECT id, target, metric, labels FROM old_series ORDER BY metric, target, unique_id"
    numbers = {
        old: ids(target, metric, labels_of(labels))
        for old, target, metric, labels in connection.execute(rows).fetchall()
    }
    ids.finish()
    return numbers


def _shelves(numbers: dict[int, int]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each shelf with the old numbers of its series and their slots."""
    shelves: dict[int, list[tuple[int, int]]] = {}
    for old, number in numbers.items():
        shelves.setdefault(number // SLOTS, []).append((old, number % SLOTS))
    return iter(shelves.items())


def _days(connection: sqlite3.Connection, numbers: dict[int, int]) -> None:
    sql = "SELECT ?, day, value, imported FROM old_day WHERE series = ?"
    for shelf, members in _shelves(numbers):
        parts = [np.fromiter(connection.execute(sql, (slot, old)), _ROW) for old, slot in members]
        _fill(connection, "day", shelf, np.concatenate(parts))
        survey(connection, shelf, 0, 0.0)


def _fill(connection: sqlite3.Connection, table: Rolled, shelf: int, rows: npt.NDArray[np.void]) -> None:
    """Write new blocks of a shelf; the `series` of a row is its slot."""
    columns = fresh(np.unique(rows["place"]))
    where = np.searchsorted(columns["place"], rows["place"])
    columns["values"][where, rows["series"]] = rows["value"]
    bits = np.where(rows["imported"] != 0, BITS[rows["series"]], 0).astype("u2")
    np.bitwise_or.at(columns["imported"], where, bits)
    periods = columns["place"] // SPANS[table]
    for period in np.unique(periods).tolist():
        store(connection, table, block_key(shelf, period), columns[periods == period].tobytes())


def _hours(connection: sqlite3.Connection, numbers: dict[int, int]) -> None:
    days = [day for (day,) in connection.execute("SELECT DISTINCT day FROM old_hour ORDER BY day").fetchall()]
    sql = "SELECT ?, hour / 900, value, 0 FROM old_hour WHERE day = ? AND series = ?"
    for shelf, members in _shelves(numbers) if days else ():
        rows = (connection.execute(sql, (slot, day, old)) for day in days for old, slot in members)
        _fill(connection, "hour", shelf, np.concatenate([np.fromiter(found, _ROW) for found in rows]))


def _raw(connection: sqlite3.Connection, numbers: dict[int, int]) -> None:
    new = np.zeros(max(numbers, default=0) + 1, "i8")
    new[list(numbers)] = list(numbers.values())
    hours = connection.execute("SELECT DISTINCT hour FROM old_raw ORDER BY hour").fetchall()
    for (hour,) in hours:
        rows = np.fromiter(
            connection.execute("SELECT series, at, value FROM old_raw WHERE hour = ?", (hour,)), _RAW
        )
        ids, offsets = new[rows["series"]], rows["at"] - hour * 1000
        add_raw(connection, ids, np.full(len(rows), hour // QUARTER), offsets, rows["value"])


def _settings(connection: sqlite3.Connection, settings: dict[str, Any], groups: list[int]) -> None:
    if "timezone" in settings:
        put_setting(connection, "timezone", settings["timezone"])
    if "raw_from" in settings:
        put_setting(
            connection, "bounds", [int(settings[name] or 0) for name in ("raw_from", "hour_from", "day_from")]
        )
    hours = [hour for (hour,) in connection.execute("SELECT hour FROM old_dirty_hour")]
    days = [day for (day,) in connection.execute("SELECT day FROM old_dirty_day")]
    put_marks(connection, "hour", [Mark(hour // QUARTER, group) for hour in hours for group in groups])
    put_marks(connection, "day", [Mark(day, group) for day in days for group in groups])
