"""Rows of a file held against what is known, in tables that SQLite forgets when the connection is closed.

A machine is the one of its serial number; where either side has none, the one of its name, if there is one such alone. The
order of rows changes nothing. Nothing here changes the state: `snapshots.commit` does.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from inventory.imports.rows import Refusal, Staged
from inventory.imports.source import PERSONAL
from inventory.state import State

_TABLES: Final = """
CREATE TEMP TABLE staged (n INTEGER PRIMARY KEY, line INTEGER, key TEXT, name TEXT, numbered INTEGER, text TEXT, sound INTEGER, seen TEXT);
CREATE TEMP TABLE refused (line INTEGER, title TEXT, code TEXT, given TEXT, word INTEGER);
CREATE TEMP TABLE remark (line INTEGER, title TEXT, code TEXT, given TEXT, word INTEGER);
CREATE TEMP TABLE word (number INTEGER PRIMARY KEY, text TEXT);
CREATE TEMP TABLE doubt (line INTEGER, title TEXT, code TEXT, given TEXT);
CREATE TEMP TABLE pair (workstation INTEGER PRIMARY KEY, n INTEGER, sound INTEGER, ended INTEGER, same INTEGER);
CREATE TEMP TABLE change (workstation INTEGER PRIMARY KEY, n INTEGER, key TEXT, old TEXT, text TEXT, fields TEXT, before TEXT, ended INTEGER);
"""

_BATCH: Final = 2_000

Row = dict[str, Any]


class Staging:
    """The tables of one preview, on a connection to the state that is closed with it."""

    def __init__(self, state: State) -> None:
        self._closing = contextlib.ExitStack()
        self.connection = connection = self._closing.enter_context(state.session())
        for schema in ("main", "temp"):
            connection.execute(f"PRAGMA {schema}.cache_size = -65536")
        connection.execute("PRAGMA temp.journal_mode = OFF")  # what is in it is thrown away, not undone
        connection.create_function("fold", 1, _fold, deterministic=True)
        for statement in filter(None, map(str.strip, _TABLES.split(";"))):
            connection.execute(statement)

    def close(self) -> None:
        """Forget it all."""
        self._closing.close()

    # --- filling ---------------------------------------------------------------------------------------------

    def add(self, rows: Iterable[Staged]) -> Iterator[int]:
        """Keep rows, and yield how many there are now and then."""
        batch: list[Staged] = []
        count = 0
        for row in rows:
            batch.append(row)
            if len(batch) >= _BATCH:
                count += self._insert(batch)
                yield count
        count += self._insert(batch)
        yield count

    def _insert(self, batch: list[Staged]) -> int:
        self.connection.executemany("INSERT INTO staged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", batch)
        count = len(batch)
        batch.clear()
        return count

    def refuse(self, refusal: Refusal, word: int = 0) -> None:
        """Keep why a row is not taken; `word` is the number of a text that is not quoted."""
        self._tell("refused", refusal, word)

    def remark(self, remark: Refusal, word: int = 0) -> None:
        """Keep why a value is left unknown; `word` as above."""
        self._tell("remark", remark, word)

    def _tell(self, table: str, told: Refusal, word: int) -> None:
        self.connection.execute(
            f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)",  # noqa: S608 - one of two names
            (told.line, told.column, told.why.code, told.why.given, word),
        )

    def quote(self, words: Mapping[int, str]) -> None:
        """Quote these texts, by number, where they were not."""
        self.connection.executemany("INSERT INTO word VALUES (?, ?)", words.items())
        for table in ("refused", "remark") if words else ():
            self.connection.execute(
                f"UPDATE {table} SET given = json_set(given, '$.cell', word.text) FROM word WHERE word.number = {table}.word"  # noqa: S608 - ours
            )

    # --- holding against what is known ------------------------------------------------------------------------

    def reconcile(self, fields: frozenset[str], titles: tuple[str, str], *, supplement: bool) -> None:
        """Find for each row the machine that it is of, and what differs. `titles` are those of the serial number and of the name.

        `fields` are what the file tells: others keep what is known. With `supplement`, empty cells do so too.
        """
        execute = self.connection.execute
        execute("CREATE INDEX staged_by_key ON staged (key)")
        self._refuse_twins(*titles)
        execute(
            """INSERT INTO pair SELECT w.id, min(s.n), min(s.sound), 0, min(w.row = s.text) FROM staged s JOIN workstation_now w
            ON w.key = s.key AND w.until IS NULL GROUP BY w.id"""
        )
        self._by_name(titles[1])
        execute(
            """INSERT OR IGNORE INTO pair SELECT max(w.id), s.n, 1, 1, 0 FROM staged s JOIN workstation_now w
            ON w.key = s.key AND w.until IS NOT NULL
            WHERE s.sound AND s.n NOT IN (SELECT n FROM pair) GROUP BY s.n"""
        )
        self._changes(fields, supplement=supplement)
        self._doubts()
        execute(
            """CREATE TEMP TABLE fresher AS SELECT p.workstation, s.seen FROM pair p JOIN staged s ON s.n = p.n
            JOIN workstation_now w ON w.id = p.workstation WHERE p.sound AND s.seen > coalesce(w.seen, '')"""
        )

    def _refuse_twins(self, serial: str, name: str) -> None:
        self.connection.execute(
            """INSERT INTO refused SELECT s.line, CASE s.numbered WHEN 1 THEN ?1 ELSE ?2 END, 'row.twins',
                json_object('key', json_extract(s.text, CASE s.numbered WHEN 1 THEN '$.serial' ELSE '$.name' END), 'count', t.many), 0
            FROM staged s JOIN (SELECT key, count(*) AS many FROM staged GROUP BY key HAVING many > 1) t ON t.key = s.key""",
            (serial, name),
        )
        self.connection.execute(
            "UPDATE staged SET sound = 0 WHERE key IN (SELECT key FROM staged GROUP BY key HAVING count(*) > 1)"
        )

    def _by_name(self, title: str) -> None:
        """Pairs by name of what is left, where one of the two has no serial number."""
        execute = self.connection.execute
        execute(
            """CREATE TEMP TABLE known AS SELECT id, fold(json_extract(row, '$.name')) AS name, key LIKE 'serial:%' AS numbered
            FROM workstation_now WHERE until IS NULL AND id NOT IN (SELECT workstation FROM pair)"""
        )
        execute("CREATE INDEX known_by_name ON known (name)")
        execute(
            """CREATE TEMP TABLE candidate AS SELECT k.id, s.n, s.sound, s.line, s.numbered FROM staged s JOIN known k ON k.name = s.name
            WHERE s.n NOT IN (SELECT n FROM pair) AND NOT (k.numbered AND s.numbered)
                AND s.key NOT IN (SELECT o.key FROM pair p JOIN staged o ON o.n = p.n WHERE NOT o.sound)"""
        )
        # Rows of one name without a number, and refused as twins, are one machine for all that is known.
        execute("""CREATE TEMP TABLE single AS SELECT n FROM candidate GROUP BY n HAVING count(*) = 1""")
        execute(
            """INSERT INTO pair SELECT id, min(n), min(sound), 0, 0 FROM candidate WHERE n IN (SELECT n FROM single)
            GROUP BY id HAVING count(*) = 1 OR max(sound) = 0"""
        )
        execute(
            """INSERT INTO refused SELECT line, ?, 'row.unclear', json_object('count', count(*)), 0
            FROM candidate WHERE sound AND n NOT IN (SELECT n FROM single) GROUP BY n, line""",
            (title,),
        )
        execute(
            "UPDATE staged SET sound = 0 WHERE n IN (SELECT n FROM candidate WHERE n NOT IN (SELECT n FROM single))"
        )
        execute(
            """INSERT OR IGNORE INTO pair SELECT id, min(n), 0, 0, 0 FROM candidate WHERE n NOT IN (SELECT n FROM single) GROUP BY id"""
        )
        execute(
            """INSERT INTO doubt SELECT min(line), '', 'doubt.unnumbered', json_object('count', count(*)) FROM candidate
            WHERE id NOT IN (SELECT workstation FROM pair) AND sound GROUP BY id"""
        )
        execute("DELETE FROM known WHERE id IN (SELECT workstation FROM pair)")

    def _changes(self, fields: frozenset[str], *, supplement: bool) -> None:
        """What differs, for each pair of which something does."""
        pairs = self.connection.execute(
            """SELECT p.workstation, p.n, w.row, s.text, p.ended FROM pair p JOIN staged s ON s.n = p.n
            JOIN workstation_now w ON w.id = p.workstation WHERE p.sound AND NOT p.same"""
        )
        while batch := pairs.fetchmany(_BATCH):
            found = (_change(*pair, fields=fields, supplement=supplement) for pair in batch)
            rows = [change for change in found if change]
            self.connection.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _doubts(self) -> None:
        execute = self.connection.execute
        execute(
            """INSERT INTO doubt SELECT s.line, '', 'doubt.serial', json_object('name', json_extract(s.text, '$.name'),
                'before', json_extract(w.row, '$.serial'), 'after', json_extract(s.text, '$.serial'))
            FROM staged s JOIN known k ON k.name = s.name JOIN workstation_now w ON w.id = k.id
            WHERE s.sound AND s.numbered AND k.numbered AND s.n NOT IN (SELECT n FROM pair WHERE NOT ended)"""
        )
        execute(
            """INSERT INTO doubt SELECT s.line, '', 'doubt.other', json_object('serial', json_extract(c.text, '$.serial'),
                'before', json_extract(w.row, '$.name'), 'before_model', json_extract(w.row, '$.model'),
                'after', json_extract(c.text, '$.name'), 'after_model', json_extract(c.text, '$.model'))
            FROM change c JOIN staged s ON s.n = c.n JOIN workstation_now w ON w.id = c.workstation
            WHERE ',' || c.fields || ',' LIKE '%,name,%' AND ',' || c.fields || ',' LIKE '%,model,%'
                AND json_extract(w.row, '$.model') IS NOT NULL AND json_extract(c.text, '$.model') IS NOT NULL AND s.numbered"""
        )


def _fold(text: str | None) -> str:
    return (text or "").casefold()


def _change(
    workstation: int,
    n: int,
    before: str,
    after: str,
    ended: int,
    *,
    fields: frozenset[str],
    supplement: bool,
) -> tuple[object, ...] | None:
    """What of a machine differs, as a row of `change`; None where nothing does."""
    old: Row = json.loads(before)
    new: Row = json.loads(after)
    for name, value in old.items():
        if name not in new and (supplement or name not in fields) and name not in PERSONAL:
            new[name] = value
    names = sorted(old.keys() | new.keys())
    changed = {name: old.get(name) for name in names if old.get(name) != new.get(name)}
    if not changed and not ended:
        return None
    return workstation, n, key_of(new), before, dump(new), ",".join(changed), dump(changed), ended


def key_of(row: Row) -> str:
    """What tells a machine apart (see `Workstation.key`)."""
    serial = row.get("serial")
    return f"serial:{serial.casefold()}" if serial else f"name:{row['name'].casefold()}"


def dump(row: Row) -> str:
    """A machine as text: the same text for the same machine."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
