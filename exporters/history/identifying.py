"""Which number a series has in the file."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from exporters.history import unique_id
from exporters.history.blocks import SLOTS, DamagedError
from exporters.history.schema import is_whole, put_setting, series_crc, setting
from inventory.metrics import Labels

Key = tuple[str, str, Labels]

_FIND: Final = "SELECT id, unique_id, target, metric, labels, crc FROM series WHERE unique_id = ?"
_IDS: Final = "ids"
# Shelves that are filled from a file whose setting was lost begin above whatever stands in it.
_HIGHEST: Final = "SELECT max(coalesce((SELECT max(id) FROM series) >> 4, -1), coalesce((SELECT max(id) FROM day) >> 32, -1), coalesce((SELECT max(id) FROM hour) >> 32, -1), coalesce((SELECT max(id) FROM span), -1))"


class Ids:
    """Gives series their numbers within one transaction. `known` are those of earlier ones, `fresh` the new.

    Sixteen numbers in a row, a shelf, belong to one metric, so that reading a metric of all targets reads few pages
    that hold anything else. A number is never given twice.
    """

    def __init__(self, connection: sqlite3.Connection, known: dict[Key, int]) -> None:
        self.fresh: dict[Key, int] = {}
        self._connection = connection
        self._known = known
        self._given: tuple[int, dict[str, int]] | None = None

    def __call__(self, target: str, metric: str, labels: Labels) -> int:
        """The number of a series, made where it is new. Raises DamagedError where its row is not as it was written."""
        key = (target, metric, labels)
        found = self._known.get(key, self.fresh.get(key))
        if found is None:
            found = self.fresh[key] = self._find(unique_id(*key)) or self._make(key)
        return found

    def _find(self, name: str) -> int | None:
        row = self._connection.execute(_FIND, (name,)).fetchone()
        if row is not None and not is_whole(row):
            raise DamagedError(f"series {name}")
        return None if row is None else int(row[0])

    def _make(self, key: Key) -> int:
        if self._given is None:
            self._given = self._read()
        following, opened = self._given
        number = opened.get(key[1], 0)
        if number % SLOTS == 0:  # its last shelf is full, or it has none
            number, following = following * SLOTS, following + 1
        opened[key[1]] = number + 1
        self._given = following, opened
        add(self._connection, number, key)
        return number

    def _read(self) -> tuple[int, dict[str, int]]:
        try:
            found = setting(self._connection, _IDS)
        except DamagedError:
            found = [self._connection.execute(_HIGHEST).fetchone()[0] + 1, {}]
        following, opened = found or [1, {}]
        return following, opened

    def finish(self) -> None:
        """Say which numbers are given, before the transaction is committed."""
        if self._given is not None:
            put_setting(self._connection, _IDS, self._given)


def add(connection: sqlite3.Connection, number: int, key: Key) -> None:
    """Write the row of a series."""
    target, metric, labels = key
    row = (unique_id(*key), target, metric, json.dumps(labels))
    sql = "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?)"
    connection.execute(sql, (number, *row, series_crc(number, *row)))
