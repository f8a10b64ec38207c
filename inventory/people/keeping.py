"""Retention: what is older than the estate lets it be kept goes, names and details of machines and rows of the audit log.

It is done at each import and each night, and may be killed anywhere: what it did stands, what it did not is done the next time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from inventory import databases
from inventory.imports.snapshots import KEPT_SINCE, KIND
from inventory.people import PeopleError, erasing
from inventory.people.pseudonyms import Key, find, is_pseudonym, need
from inventory.people.rules import Names, People
from inventory.state import State, StateError, audit

# What is said of users no longer: where they are named, and where the next user would be taken for them.
_FORGET: Final = (
    """UPDATE workstation_now SET row = json_remove(row, '$.user')
    WHERE until IN (SELECT id FROM past) AND json_extract(row, '$.user') IS NOT NULL""",
    """UPDATE workstation_now SET row = json_remove(row, '$.user')
    WHERE until IS NULL AND json_extract(row, '$.user') IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM snapshot WHERE kind = 'workstations' AND id NOT IN (SELECT id FROM past))""",
    """UPDATE workstation_before SET fields = json_set(fields, '$.user', NULL)
    WHERE until IN (SELECT id FROM past) AND json_extract(fields, '$.user') IS NOT NULL""",
    """UPDATE workstation_before AS b SET fields = json_set(fields, '$.user', NULL)
    WHERE until IN (SELECT id FROM past) AND json_type(fields, '$.user') IS NULL
    AND since = (SELECT max(since) FROM workstation_before o
        WHERE o.workstation = b.workstation AND o.until IN (SELECT id FROM past))
    AND (EXISTS (SELECT 1 FROM workstation_now w WHERE w.id = b.workstation AND json_extract(w.row, '$.user') IS NOT NULL)
        OR EXISTS (SELECT 1 FROM workstation_before n WHERE n.workstation = b.workstation AND n.since > b.since
            AND json_extract(n.fields, '$.user') IS NOT NULL))""",
)

_LEARNED: Final = "'kind', 'maker', 'model', 'purchased', 'service', 'site', 'state'"
"""What lives are learned from: it tells apart too the machines that bore one key after another."""

_THIN: Final = (
    f"""UPDATE workstation_before SET fields = (
        SELECT json_group_object(key, value) FROM (
            SELECT key, value FROM json_each(fields) WHERE key IN ({_LEARNED})
            UNION ALL SELECT 'user', NULL))
    WHERE until IN (SELECT id FROM past) AND EXISTS (
        SELECT 1 FROM json_each(fields) WHERE key NOT IN ({_LEARNED}, 'user') OR key = 'user' AND value IS NOT NULL)""",  # noqa: S608 - ours
    f"""UPDATE workstation_now SET key = 'gone:' || id, row = (
        SELECT json_group_object(key, value) FROM (
            SELECT key, value FROM json_each(row) WHERE key IN ({_LEARNED})
            UNION ALL SELECT 'name', '-'))
    WHERE until IN (SELECT id FROM past) AND key NOT LIKE 'gone:%'""",  # noqa: S608 - ours
)

_USERS: Final = {
    "workstation_now": "SELECT json_extract(row, '$.user') FROM workstation_now WHERE json_extract(row, '$.user') IS NOT NULL",
    "workstation_before": "SELECT json_extract(fields, '$.user') FROM workstation_before "
    "WHERE json_extract(fields, '$.user') IS NOT NULL",
    "workstation": "SELECT json_extract(row, '$.user') FROM workstation WHERE json_extract(row, '$.user') IS NOT NULL",
}
"""By table, the last one of files of earlier schemas: every user that stands in it."""

_MISSING: Final = "the key of the pseudonyms is missing, so names cannot be made pseudonyms: give it back"

_TO_PSEUDONYMS: Final = (
    """UPDATE workstation_now SET row = json_set(row, '$.user', pseudonym(json_extract(row, '$.user')))
    WHERE json_extract(row, '$.user') != pseudonym(json_extract(row, '$.user'))""",
    """UPDATE workstation_before SET fields = json_set(fields, '$.user', pseudonym(json_extract(fields, '$.user')))
    WHERE json_extract(fields, '$.user') != pseudonym(json_extract(fields, '$.user'))""",
)


class Tidied(NamedTuple):
    """What was let go: entries with a user, entries with details of machines, rows of the audit log, copies of the state."""

    users: int = 0
    details: int = 0
    rows: int = 0
    copies: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(self)


def tidy(state: State, rules: People, key: Key | None, now: float | None = None) -> Tidied:
    """Let go what may not be kept any longer. Raises StateError, and PeopleError where the key is another one.

    `key` is needed where names are to become pseudonyms, and to erase again who was erased: where it is missing, that is said,
    and all else goes.
    """
    moment = time.time() if now is None else now
    (again, problems), (named, unnamed) = _again(state, key), _names(state, rules, key)
    problems += unnamed
    users = again + named
    users += _change(state, _FORGET, moment - rules.keep, "user names let go")
    details = _past(state, rules, moment)
    rows = audit.cut(state, rules.log, moment)
    _importers(state, moment - rules.log)
    copies = _old_copies(state.path, moment - rules.log)
    problems += _overwritten(state, rules, key, moment)
    return Tidied(users, details, rows, copies, problems)


def let_go(state: State, rules: People, home: Path | None) -> Tidied:
    """`tidy` by the key that is found by the rules or in `home`, the folder of the estate. Raises StateError and PeopleError.

    It is made there where names are to become pseudonyms and none was ever used. One that cannot be had is a problem as others are.
    """
    try:
        key, problems = _key(state, rules, home), tuple[str, ...]()
    except PeopleError as error:
        key, problems = None, (str(error),)
    done = tidy(state, rules, key)
    return done._replace(problems=(*problems, *done.problems))


def _key(state: State, rules: People, home: Path | None) -> Key | None:
    """The key, made where it is needed and was never used; None where it is missing. Raises PeopleError."""
    if home is None:
        return None
    found = find(rules, home)
    made = rules.names == "pseudonyms" and _is_named(state, rules) and not erasing.is_keyed(state)
    return need(rules, home) if found is None and made else found


def _again(state: State, key: Key | None) -> tuple[int, tuple[str, ...]]:
    """Erase again who came back; without the key it is said, and what else is too old goes all the same."""
    if key is not None and erasing.is_keyed(state):
        erasing.accept(state, key)
    try:
        return erasing.rejoin(state, key), ()
    except PeopleError as error:
        if key is not None:
            raise
        return 0, (str(error),)


# --- names --------------------------------------------------------------------------------------------------


def _unwanted(names: Names) -> erasing.Meant:
    """Tells whether a user may not be kept as it is."""
    return {
        "none": lambda _: True,
        "pseudonyms": lambda user: not is_pseudonym(user),
        "names": lambda _: False,
    }[names]


def _is_named(state: State, rules: People) -> bool:
    """Whether a user stands there who may not be kept as it is."""
    with state.read() as connection:
        return _some(connection, _unwanted(rules.names))


def _names(state: State, rules: People, key: Key | None) -> tuple[int, tuple[str, ...]]:
    """Take out names where none may be kept, or put pseudonyms in their places; without the key it is said."""
    if rules.names == "names" or not _is_named(state, rules):
        return 0, ()
    if rules.names == "pseudonyms" and key is None:
        return 0, (_MISSING,)
    with state.write() as connection:
        count = (
            erasing.take_out(connection, _unwanted("none"))
            if key is None or rules.names == "none"
            else _replace(connection, key)
        )
        audit.record(
            connection, "retention", "user names let go", f"{count} entries: {rules.names} may be kept"
        )
        erasing.pend(connection)
    return count, ()


def _replace(connection: sqlite3.Connection, key: Key) -> int:
    erasing.agree(connection, key)
    connection.create_function("pseudonym", 1, lambda user: user and key.pseudonym(user), deterministic=True)
    return sum(connection.execute(statement).rowcount for statement in _TO_PSEUDONYMS)


def _some(connection: sqlite3.Connection, meant: erasing.Meant) -> bool:
    """Whether a state of any schema holds a user that is meant."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return any(
        meant(user)
        for table, statement in _USERS.items()
        if table in tables
        for (user,) in connection.execute(statement)
    )


# --- what is past -------------------------------------------------------------------------------------------


def _past(state: State, rules: People, now: float) -> int:
    """Let go details of machines; from then on older imports cannot be shown again."""
    if rules.history is None:
        return 0
    limit = now - rules.history
    count = _change(state, _THIN, limit, "details of machines let go")
    with state.write() as connection:
        # The newest import of the old ones is still whole: what stood then was replaced later.
        row = connection.execute(
            "SELECT max(id) FROM snapshot WHERE kind = ? AND at < ?", (KIND, limit)
        ).fetchone()
        if row[0] is not None:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (KEPT_SINCE, str(row[0])))
    return count


def _change(state: State, statements: tuple[str, ...], limit: float, told: str) -> int:
    """Let go of what ended before a moment, in one transaction that is told in the audit log where it changes anything."""
    with state.write() as connection:
        connection.execute("CREATE TEMP TABLE past (id INTEGER PRIMARY KEY)")
        connection.execute(
            "INSERT INTO past SELECT id FROM snapshot WHERE kind = ? AND at < ?", (KIND, limit)
        )
        count = sum(connection.execute(statement).rowcount for statement in statements)
        if count:
            audit.record(connection, "retention", told, f"{count} entries")
            erasing.pend(connection)
    return count


def _importers(state: State, limit: float) -> None:
    """Forget who imported what as the audit log does."""
    with state.write() as connection:
        connection.execute("UPDATE snapshot SET who = '' WHERE at < ? AND who != ''", (limit,))


# --- files --------------------------------------------------------------------------------------------------


def _old_copies(path: Path, limit: float) -> tuple[str, ...]:
    """Remove copies beside the state that are older than its audit log may be."""
    old = [place for place in erasing.beside(path) if place.stat().st_mtime < limit]
    for place in old:
        for name in (*(f"{place.name}{log}" for log in databases.LOGS), place.name):
            place.with_name(name).unlink(missing_ok=True)
    return tuple(place.name for place in old)


def _overwritten(state: State, rules: People, key: Key | None, now: float) -> tuple[str, ...]:
    """Overwrite what was let go, now or by somebody who was killed, and let it go in the copies too."""
    problems: list[str] = []
    known = erasing.erased(state)
    erased = erasing.Erased(known, key)
    if erasing.pending(state) and (key is not None or not known):
        problems += erasing.finish(state, erased).problems
    elif erasing.pending(state):  # who is to be taken out of the copies is not known without the key
        erasing.overwrite(state)
    for place in erasing.beside(state.path):
        # A copy holds users only where names may be kept, as long as they may, and nobody who was erased: it may have come,
        # or come back, since.
        unwanted = rules.names != "names" or place.stat().st_mtime < now - rules.keep
        if unwanted and _finds(place, lambda copy: _some(copy, lambda _: True)):
            problems += _cleared(place, lambda _: True)
        if key is not None and _finds(place, lambda copy: _names_one(copy, erased)):
            problems += _cleared(place, erased, ledgers=True)
    return tuple(problems)


def _names_one(copy: sqlite3.Connection, erased: erasing.Meant) -> bool:
    """Whether a copy names somebody who was erased, in any place that an erasure clears."""
    return _some(copy, erased) or erasing.answers(copy, erased) or erasing.saves(copy, erased)


def _finds(place: Path, judge: Callable[[sqlite3.Connection], bool]) -> bool:
    """Whether a copy holds what is looked for; also where it was left half cleared, so that nobody can tell."""
    if place.with_name(f"{place.name}-journal").exists():
        return True
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(databases.connect(place, read_only=True)) as copy,
    ):
        return judge(copy)
    return False


def _cleared(place: Path, meant: erasing.Meant, *, ledgers: bool = False) -> list[str]:
    try:
        erasing.clear(place, meant, ledgers=ledgers)
    except (sqlite3.Error, OSError, StateError) as error:
        return [f"{place} cannot be cleared ({error}): remove it"]
    return []
