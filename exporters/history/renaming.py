"""The series of one target given to another."""

from __future__ import annotations

import sqlite3
from typing import Final, get_args

import numpy as np

from exporters.history import unique_id
from exporters.history.blocks import (
    COLUMN,
    FILL,
    GROUP,
    SAMPLE,
    SLOTS,
    Columns,
    Mark,
    Rule,
    block_key,
    fresh,
)
from exporters.history.schema import Rolled, is_whole, labels_of, series_crc
from exporters.history.storing import add_raw, bring, columns_of, dirty, load, soil, store, survey

_FILL_IMPORTED: Final = Rule(over_measured=False, over_imported=False, imported=True)


def rename(connection: sqlite3.Connection, old: str, new: str, now: float) -> int:
    """Give the series of target `old` to `new`, inside a transaction; the number of series that moved.

    Where both hold a value for the same time, that of `new` stands. A series whose row is damaged stays.
    """
    find = "SELECT id, unique_id, target, metric, labels, crc FROM series WHERE target = ?"
    moved = [row for row in connection.execute(find, (old,)).fetchall() if is_whole(row)]
    for series, _, _, metric, labels, _ in moved:
        name = unique_id(new, metric, labels_of(labels))
        there = connection.execute("SELECT id FROM series WHERE unique_id = ?", (name,)).fetchone()
        if there is None:
            crc = series_crc(series, name, new, metric, labels)
            update = "UPDATE series SET target = ?, unique_id = ?, crc = ? WHERE id = ?"
            connection.execute(update, (new, name, crc, series))
        else:
            _merge(connection, series, there[0], now)
    return len(moved)


def _merge(connection: sqlite3.Connection, series: int, into: int, now: float) -> None:
    for table in get_args(Rolled):
        _move_blocks(connection, table, series, into, now)
    _move_raw(connection, series, into, now)
    connection.execute("DELETE FROM series WHERE id = ?", (series,))


def _move_blocks(connection: sqlite3.Connection, table: Rolled, series: int, into: int, now: float) -> None:
    shelf, slot = divmod(series, SLOTS)
    columns = columns_of(connection, table, shelf, 0, 0xFFFFFFFF, now)
    bits = (columns["imported"] >> slot & 1).astype(bool)
    for rule, chosen in ((FILL, ~bits), (_FILL_IMPORTED, bits)):
        moved = fresh(columns["place"][chosen])
        moved["values"][:, into % SLOTS] = columns["values"][chosen, slot]
        bring(connection, table, into // SLOTS, moved, rule, now)
    _erase(connection, table, shelf, slot, now)
    soil(connection, table, _moved(connection, table, series, into))


def _moved(connection: sqlite3.Connection, table: Rolled, series: int, into: int) -> set[Mark]:
    found = dirty(connection, table)
    return {Mark(mark.place, into // GROUP) for mark in found if mark.group == series // GROUP}


def _erase(connection: sqlite3.Connection, table: Rolled, shelf: int, slot: int, now: float) -> None:
    keys = f"SELECT id FROM {table} WHERE id BETWEEN ? AND ?"  # noqa: S608 - our names
    for (key,) in connection.execute(keys, (block_key(shelf, 0), block_key(shelf, 0xFFFFFFFF))).fetchall():
        columns: Columns = np.frombuffer(load(connection, table, key, now) or b"", COLUMN).copy()
        columns["values"][:, slot] = np.nan
        columns["imported"] &= ~np.uint16(1 << slot)
        store(connection, table, key, columns.tobytes())
    if table == "day":
        survey(connection, shelf, 0, now)


def _move_raw(connection: sqlite3.Connection, series: int, into: int, now: float) -> None:
    """Move the raw values, but those of an instant for which the other series has one."""
    group, slot = divmod(series, GROUP)
    there = {(quarter, at) for quarter, _, samples in _batches(connection, into // GROUP, now)
             for at in samples["at"][samples["slot"] == into % GROUP].tolist()}  # fmt: skip
    for quarter, key, samples in _batches(connection, group, now):
        mine = samples["slot"] == slot
        found = [one for one in samples[mine].tolist() if (quarter, one[1]) not in there]
        if mine.any():
            store(connection, "raw", key, samples[~mine].tobytes())
        if found:
            _, offsets, values = zip(*found, strict=True)
            add_raw(connection, [into] * len(found), [quarter] * len(found), offsets, values)


def _batches(connection: sqlite3.Connection, group: int, now: float) -> list[tuple[int, int, Columns]]:
    keys = connection.execute(
        "SELECT id FROM raw WHERE id >> 24 & 65535 = ? ORDER BY id", (group,)
    ).fetchall()
    loaded = ((key, load(connection, "raw", key, now)) for (key,) in keys)
    return [(key >> 40, key, np.frombuffer(payload, SAMPLE)) for key, payload in loaded if payload]
