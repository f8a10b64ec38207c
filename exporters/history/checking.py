"""Whether all that a history holds is as it was written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, get_args

from exporters.history.blocks import SPANS, DamagedError, Table
from exporters.history.rolling import sound
from exporters.history.schema import (
    CHECKSUMS,
    KIND,
    VERSION,
    Rolled,
    explained,
    is_whole,
    marks,
    open_to_read,
    setting,
)
from inventory import databases
from inventory.databases import is_damage

_PIECES: Final[tuple[Table, ...]] = ("raw", "hour", "day", "span")
_PAGE: Final = 1_000


class Report(NamedTuple):
    """What was looked at: `pieces` in all, which of them are `damaged`, and what is wrong with the file's structure.

    `aside` counts what was found damaged before, and taken out of the way.
    """

    pieces: int
    damaged: list[str]
    structure: list[str]
    aside: int

    @property
    def whole(self) -> bool:
        """Whether nothing is damaged now."""
        return not self.damaged and not self.structure


def check(path: Path) -> Report:
    """Look at the structure of a history and at every checksum in it, as of one instant. Raises HistoryError."""
    connection = open_to_read(path, any_schema=True)
    try:
        with explained(path, "check"):
            connection.execute("BEGIN")
            structure = databases.faults(connection)
            if databases.version(KIND, connection, path, VERSION) < CHECKSUMS:  # it bears no checksum
                return Report(0, [], structure, 0)
            found = [*_settings(connection), *_series(connection)]
            for table in _PIECES:
                found += _pieces(connection, table)
            aside = _aside(connection)
    finally:
        connection.close()
    damaged = [what for what in found if what]
    return Report(len(found), damaged, structure, aside)


def _aside(connection: sqlite3.Connection) -> int:
    with contextlib.suppress(sqlite3.DatabaseError):
        return int(connection.execute("SELECT count(*) FROM damaged").fetchone()[0])
    return 0


def _settings(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with each setting; empty where nothing is."""
    for name in ("timezone", "ids", "bounds", "dropped"):
        try:
            setting(connection, name)
            yield ""
        except (DamagedError, sqlite3.DatabaseError):
            yield f"setting {name}"
    for table in get_args(Rolled):
        yield "" if marks(connection, table) is not None else f"setting dirty {table}"


def _series(connection: sqlite3.Connection) -> Iterator[str]:
    sql = "SELECT id, unique_id, target, metric, labels, crc FROM series NOT INDEXED"
    try:
        for row in connection.execute(sql):
            yield "" if is_whole(row) else f"series {row[0]}"
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        yield f"series: {error}"


def _pieces(connection: sqlite3.Connection, table: Table) -> Iterator[str]:
    key = -1
    while True:
        sql = f"SELECT id, block FROM {table} WHERE id > ? ORDER BY id LIMIT {_PAGE}"  # noqa: S608 - our names
        try:
            rows = connection.execute(sql, (key,)).fetchall()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            yield f"{table} after {key}: {error}"
            return
        for found, block in rows:
            yield "" if sound(table, found, block) else _named(table, found)
        if len(rows) < _PAGE:
            return
        key = rows[-1][0]


def _named(table: Table, key: int) -> str:
    if table in SPANS:
        return (
            f"{table}s of the series {(key >> 32) * 16} to {(key >> 32) * 16 + 15}, piece {key & 0xFFFFFFFF}"
        )
    return f"{table} {key}"
