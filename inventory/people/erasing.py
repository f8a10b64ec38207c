"""Erase people from the inventory, from every import ever kept, and from the copies of the state that lie beside it.

What is erased is overwritten: the file is written anew and its log emptied. Until that is done it is *pending*, so that a
program that was killed goes on where it was. Who was erased is kept as keyed pseudonyms, in the state and in a list
beside it, so that neither an import nor a restored backup brings them back.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from inventory import databases
from inventory.files import replace
from inventory.people import PeopleError
from inventory.people.pseudonyms import FILE, VARIABLE, Key, find, is_pseudonym, need
from inventory.people.rules import People
from inventory.state import State, StateError, audit, contacts, schema, views

LIST: Final = "erasures.json"
PENDING: Final = "names to be overwritten"
MARK: Final = "mark of the pseudonym key"
_OVERLAP: Final = 86_400.0
"""Seconds before an import in which an erasure may have come after its file was read."""

COPIED: Final = "files copied"
"""What a backup is called in the audit log: its detail is the folder."""

OTHER_KEY: Final = (
    "the pseudonyms of this state were made with another key, without which nobody knows who was erased: "
    "give that one back"
)
NO_KEY: Final = (
    "people were erased, and the key is missing that tells whether one of them came back: give it back"
)

Meant = Callable[[str], bool]
"""Whether a user, as it is kept, is meant."""

# By table: what takes the user out. In what was before, null says that nobody knows: without it the next user would seem to
# have been there already. The third is of files of earlier schemas.
_TAKE_OUT: Final = {
    "workstation_now": "UPDATE workstation_now SET row = json_remove(row, '$.user') WHERE meant(json_extract(row, '$.user'))",
    "workstation_before": "UPDATE workstation_before SET fields = json_set(fields, '$.user', NULL) "
    "WHERE meant(json_extract(fields, '$.user'))",
    "workstation": "UPDATE workstation SET row = json_remove(row, '$.user') WHERE meant(json_extract(row, '$.user'))",
}


# Ledgers that are only added to, and that say by name who answers: there the name is struck out, and all else stays.
_LEDGERS: Final = ("measure", "measure_end", "committee_answer")

STRUCK: Final = "(erased)"
"""What stands in the place of a name that was struck out of a ledger."""


class Done(NamedTuple):
    """How many entries of the inventory were taken out and of ledgers struck out, which copies were looked at, what could
    not be done, and how many saved views and addresses for messages went."""

    entries: int
    copies: dict[str, int]
    problems: tuple[str, ...]
    struck: int = 0
    views: int = 0


# --- who was erased -----------------------------------------------------------------------------------------


def erased(state: State) -> dict[str, float]:
    """Everybody who was erased, as pseudonyms, and when (UTC epoch seconds)."""
    with state.read() as connection:
        return {**_listed(state.path.parent), **_kept(connection)}


class Erased:
    """Tells whether a user was erased."""

    def __init__(self, pseudonyms: Iterable[str], key: Key | None) -> None:
        self._pseudonyms = frozenset(pseudonyms)
        self.key = key

    def __call__(self, user: str) -> bool:
        if not self._pseudonyms:
            return False
        # Without the key nobody can tell: then everybody may be the one.
        return self.key is None or self.key.pseudonym(user) in self._pseudonyms


def agree(connection: sqlite3.Connection, key: Key) -> None:
    """Keep what tells the key apart; where the state has pseudonyms of an older one that it follows, bring them over to it.

    Raises PeopleError where they were made with another one.
    """
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
    if row is None:
        connection.execute("INSERT INTO setting VALUES (?, ?)", (MARK, key.mark))
    elif row[0] != key.mark:
        if not key.follows(row[0]):
            raise PeopleError(OTHER_KEY)
        _lift(connection, key, row[0])
        connection.execute("UPDATE setting SET value = ? WHERE name = ?", (key.mark, MARK))
        pend(connection)


def accept(state: State, key: Key) -> None:
    """Let a state and the list beside it be of the key from now on. Raises PeopleError where they are of another one."""
    with state.write() as connection:
        agree(connection, key)
    mark, known = _read_list(state.path.parent)
    if known and mark not in (None, key.mark):
        if not key.follows(str(mark)):
            raise PeopleError(OTHER_KEY)
        _list(state.path.parent, {key.lift(one, str(mark)): at for one, at in known.items()}, key.mark)


def is_keyed(state: State) -> bool:
    """Whether a key was ever used here, which must not be replaced by another."""
    with state.read() as connection:
        row = connection.execute("SELECT 1 FROM setting WHERE name = ?", (MARK,)).fetchone()
    return row is not None or bool(_listed(state.path.parent))


def tells(state: State, key: Key | None) -> bool:
    """Whether it can be told who was erased: nobody was, or the key is there by which they are known."""
    with state.read() as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
        known = _kept(connection)
    return not known or (key is not None and (row is None or key.follows(row[0])))


def usable(state: State, rules: People, home: Path) -> Key:
    """The key of a state, made where none was ever used. Raises PeopleError."""
    if (found := find(rules, home)) is not None:
        return found
    if is_keyed(state):
        raise PeopleError(
            f"the key of the pseudonyms is missing, which was {home / FILE} or is named by the estate or by {VARIABLE}: "
            "give it back; another one would tell neither who was erased nor whose the pseudonyms are"
        )
    return need(rules, home)


def _lift(connection: sqlite3.Connection, key: Key, mark: str) -> None:
    """Bring all pseudonyms of a state of any schema over to a newer key."""
    connection.create_function("lift", 1, lambda text: text and key.lift(text, mark), deterministic=True)
    for table, column in (
        ("workstation_now", "row"),
        ("workstation_before", "fields"),
        ("workstation", "row"),
    ):
        if _has(connection, table):
            connection.execute(
                f"UPDATE {table} SET {column} = json_set({column}, '$.user', lift(json_extract({column}, '$.user'))) "  # noqa: S608 - ours
                f"WHERE json_extract({column}, '$.user') IS NOT NULL"
            )
    if _has(connection, "erasure"):
        connection.execute("UPDATE erasure SET pseudonym = lift(pseudonym)")


def allow(state: State, key: Key, names: Sequence[str], who: str, source: str = "") -> int:
    """Let imports keep these names again; how many of them had been erased."""
    pseudonyms = [key.pseudonym(name) for name in names]
    accept(state, key)
    with state.write() as connection:
        known = {**_listed(state.path.parent), **_kept(connection)}
        left = {one: at for one, at in known.items() if one not in pseudonyms}
        connection.executemany("DELETE FROM erasure WHERE pseudonym = ?", [(one,) for one in pseudonyms])
        audit.record(connection, who, "person allowed again", f"{len(known) - len(left)} names", source)
    _list(state.path.parent, left, key.mark)
    return len(known) - len(left)


def _kept(connection: sqlite3.Connection) -> dict[str, float]:
    if not _has(connection, "erasure"):
        return {}
    return dict(connection.execute("SELECT pseudonym, at FROM erasure").fetchall())


def _listed(directory: Path) -> dict[str, float]:
    """Whom the list beside the state names, which outlives it. Raises PeopleError where it is none."""
    return _read_list(directory)[1]


def _read_list(directory: Path) -> tuple[str | None, dict[str, float]]:
    """What tells the key of the list apart, and whom it names. Raises PeopleError where it is none."""
    path = directory / LIST
    try:
        content = json.loads(path.read_text("utf-8"))
        mark, found = content.get("key"), content["erased"]
        if all(is_pseudonym(one) and isinstance(at, int | float) for one, at in found.items()):
            return (mark if isinstance(mark, str) else None), dict(found)
    except FileNotFoundError:
        return None, {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise PeopleError(
        f"{path} is no list of erasures: put a copy of it back, or remove it, and whom it alone names may come back"
    )


def _list(directory: Path, known: dict[str, float], mark: str | None) -> None:
    """Write the list. Raises PeopleError."""
    path = directory / LIST
    content = json.dumps({"key": mark, "erased": dict(sorted(known.items()))}, indent=2) + "\n"
    try:
        replace(path, path.with_name(f"{LIST}.draft"), content.encode())
    except OSError as error:
        raise PeopleError(f"cannot write {path}: {error.strerror}; nothing was erased") from error


# --- erasing ------------------------------------------------------------------------------------------------


def erase(
    state: State, key: Key, names: Sequence[str], who: str, source: str = "", at: float | None = None
) -> Done:
    """Erase people by the ways in which their names are written (case and accents do not matter), for good.

    Raises PeopleError and StateError; what was begun then is pending, and gone on with at the next erasure, import or night.
    """
    moment = time.time() if at is None else at
    asked = {key.pseudonym(name): moment for name in names}
    accept(state, key)
    with state.read() as connection:
        known = {**_listed(state.path.parent), **_kept(connection)}
    # Before anything is erased: whatever is killed next, nobody comes back.
    _list(state.path.parent, {**asked, **known}, key.mark)
    with state.write() as connection:
        entries = take_out(connection, Erased(asked, key))
        struck = strike_out(connection, Erased(asked, key))
        gone = drop_views(connection, Erased(asked, key))
        rows = [(one, since) for one, since in {**asked, **known}.items()]
        connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", rows)
        audit.record(connection, who, "person erased", _counted(entries, struck, gone), source)
        pend(connection)
    return finish(state, Erased(erased(state), key))._replace(entries=entries, struck=struck, views=gone)


def _counted(entries: int, struck: int, gone: int) -> str:
    ledgers = f", {struck} of ledgers" if struck else ""
    saved = f", {gone} saved views and addresses" if gone else ""
    return f"{entries} entries of the inventory{ledgers}{saved}"


def take_out(connection: sqlite3.Connection, meant: Meant) -> int:
    """Take users out of every import that a state of any schema holds; how many entries there were."""
    known: dict[str, bool] = {}

    def judged(user: str | None) -> bool:
        if user is None:
            return False
        if user not in known:
            known[user] = meant(user)
        return known[user]

    connection.create_function("meant", 1, judged, deterministic=True)
    return sum(
        connection.execute(statement).rowcount
        for table, statement in _TAKE_OUT.items()
        if _has(connection, table)
    )


def strike_out(connection: sqlite3.Connection, meant: Meant) -> int:
    """Strike out who answers for a measure, or ended it, where they are meant; how many times. To be called in a transaction.

    The triggers that let nobody change a ledger are taken away and put back as they were: this is the one change that it bears.
    """
    count = 0
    for table, names in _answering(connection, meant):
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        rows = [(STRUCK, who) for who in names]
        count += connection.executemany(f"UPDATE {table} SET who = ? WHERE who = ?", rows).rowcount  # noqa: S608 - ours
        for _, statement in guards:
            connection.execute(statement)
    return count


def drop_views(connection: sqlite3.Connection, meant: Meant) -> int:
    """Remove the saved views and the addresses for messages of who is meant from a state of any schema; how many there were."""
    # Addresses first: whose they are is told by the same log.
    gone = sum(contacts.discard(connection, owner) for owner in _reached(connection, meant))
    rows = [(owner,) for owner in _savers(connection, meant)]
    if rows:
        gone += connection.executemany("DELETE FROM saved_view WHERE owner = ?", rows).rowcount
    return gone


def saves(connection: sqlite3.Connection, meant: Meant) -> bool:
    """Whether somebody who is meant saved a view, or gave an address."""
    return bool(_savers(connection, meant) or _reached(connection, meant))


def _savers(connection: sqlite3.Connection, meant: Meant) -> list[str]:
    return views.owners(connection, meant) if _has(connection, "saved_view") else []


def _reached(connection: sqlite3.Connection, meant: Meant) -> list[str]:
    return contacts.owners(connection, meant) if _has(connection, "contact") else []


def answers(connection: sqlite3.Connection, meant: Meant) -> bool:
    """Whether a ledger says that somebody who is meant answers for something."""
    return any(True for _ in _answering(connection, meant))


def _answering(connection: sqlite3.Connection, meant: Meant) -> Iterator[tuple[str, list[str]]]:
    """The ledgers that name somebody who is meant, and how."""
    for table in filter(lambda one: _has(connection, one), _LEDGERS):
        rows = connection.execute(f"SELECT DISTINCT who FROM {table} WHERE who != ?", (STRUCK,)).fetchall()  # noqa: S608 - ours
        if names := [who for (who,) in rows if meant(who)]:
            yield table, names


def pend(connection: sqlite3.Connection) -> None:
    """Note that what was taken out is still to be overwritten."""
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, '')", (PENDING,))


def pending(state: State) -> bool:
    """Whether something that was taken out is not overwritten yet."""
    with state.read() as connection:
        return connection.execute("SELECT 1 FROM setting WHERE name = ?", (PENDING,)).fetchone() is not None


def finish(state: State, meant: Meant) -> Done:
    """Overwrite what was taken out, and take the same out of the copies beside the state. May be killed anywhere, and done again.

    Raises StateError where a program reads meanwhile and does not end.
    """
    overwrite(state)
    copies, problems = _copies(state.path, meant)
    if not problems:
        with state.write() as connection:
            connection.execute("DELETE FROM setting WHERE name = ?", (PENDING,))
        empty_log(state)
    return Done(0, copies, problems)


def overwrite(state: State) -> None:
    """Write the file anew, without what was deleted, and empty its log. Raises StateError."""
    with state.session() as connection:
        connection.execute("VACUUM")
    empty_log(state)


def empty_log(state: State) -> None:
    """Fold the log into the file, and leave nothing in it. Raises StateError where a reader holds it."""
    with state.session() as connection:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StateError(
            f"what was erased still stands in the log of {state.path}, as another program reads it: try again"
        )


# --- copies -------------------------------------------------------------------------------------------------


def beside(path: Path) -> Iterator[Path]:
    """The copies of a state in its own directory: kept before an update, or replaced by a restore."""
    for place in sorted(path.parent.glob(f"{path.name}.*")):
        if (
            place.is_file()
            and not place.is_symlink()
            and not place.name.endswith(("-wal", "-shm", "-journal"))
        ):
            yield place


def _copies(path: Path, meant: Meant) -> tuple[dict[str, int], tuple[str, ...]]:
    counts: dict[str, int] = {}
    problems = []
    for place in beside(path):
        try:
            counts[place.name] = clear(place, meant, key=_key_for(place, meant), ledgers=True)
        except (sqlite3.Error, OSError, StateError) as error:
            problems.append(f"{place} cannot be cleared ({error}): remove it")
    return counts, tuple(problems)


def _key_for(place: Path, meant: Meant) -> Key | None:
    """The key that a copy goes over to, where it is of an older one: who is meant could not be told in it."""
    key = meant.key if isinstance(meant, Erased) else None
    mark, _ = _read(place)
    return key if key is not None and mark is not None and key.follows(mark) else None


def clear(
    place: Path,
    meant: Meant,
    known: dict[str, float] | None = None,
    *,
    key: Key | None = None,
    ledgers: bool = False,
) -> int:
    """Take users out of a copy that no program has open, and overwrite them; how many entries there were. Its age stays.

    `known` is put into its list of erasures, where it has one, and told in its audit log. With a `key`, its pseudonyms are those of
    this one afterwards. `ledgers` says that who is meant is struck out of those too, and loses their saved views.
    """
    before = place.stat()
    with contextlib.closing(databases.connect(place)) as connection:
        databases.version(schema.KIND, connection, place, len(schema.MIGRATIONS))
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN IMMEDIATE")
        if key is not None:
            agree(connection, key)
        count = take_out(connection, meant)
        struck = strike_out(connection, meant) if ledgers else 0
        gone = drop_views(connection, meant) if ledgers else 0
        if known:
            if _has(connection, "erasure"):
                connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", list(known.items()))
            audit.record(connection, "restore", "people erased again", _counted(count, struck, gone))
        connection.execute("COMMIT")
        connection.execute(
            "VACUUM"
        )  # also where nothing was found: a killed one may have left what it took out
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    return count + struck + gone


def again(directory: Path, current: Path, copy: Path, key: Key | None) -> int | None:
    """Erase from a copy that is about to take the place of the `current` state all who were erased since it was made.

    How many entries there were, or None where nobody was ever erased. Without the key all users go: nobody can tell who was
    erased. Raises PeopleError, StateError, sqlite3.Error.
    """
    lists = [_read_list(directory), _read(current), _read(copy)]
    if not any(known for _, known in lists):
        return None
    marks = [mark for mark, _ in lists if mark is not None]
    if key is not None and not all(map(key.follows, marks)):
        key = None
    known = {
        key.lift(one, mark) if key and mark else one: at
        for mark, listed in lists
        for one, at in listed.items()
    }
    mark = key.mark if key else next(iter(marks), None)
    _list(directory, known, mark)
    count = clear(copy, Erased(known, key), known, key=key, ledgers=True)
    if (
        mark is not None
    ):  # the copy may be older than the first use of a key, and another one must not take its place
        with contextlib.closing(databases.connect(copy)) as connection:
            connection.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (MARK, mark))
    return count


def _read(path: Path) -> tuple[str | None, dict[str, float]]:
    """What tells the key of a state apart, and who was erased by it; nothing where there is none that can be read."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(databases.connect(path, read_only=True)) as one,
    ):
        row = one.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
        return (row[0] if row else None), _kept(one)
    return None, {}


def rejoin(state: State, key: Key | None) -> int:
    """Erase again whom something brought back: a copy that was put back by hand, an import that was read before the erasure.

    How many entries there were. Raises StateError, and PeopleError where the key is missing: nobody can tell then who was erased.
    """
    if not (known := _returned(state)):
        return 0
    if key is None:
        raise PeopleError(NO_KEY)
    accept(state, key)
    known = erased(state)
    with state.write() as connection:
        # Who is known here as erased, and goes on working with Jauge, saved their views since: no import brings those back.
        back = known.keys() - _kept(connection).keys()
        connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", list(known.items()))
        count = take_out(connection, Erased(known, key))
        struck = strike_out(connection, Erased(known, key))
        gone = drop_views(connection, Erased(back, key))
        if count or struck or gone:
            audit.record(connection, "retention", "people erased again", _counted(count, struck, gone))
            pend(connection)
    return count + struck + gone


def _returned(state: State) -> dict[str, float]:
    """Everybody who was erased, where one of them may have come back since; else nobody."""
    with state.read() as connection:
        listed, kept = _listed(state.path.parent), _kept(connection)
        (newest,) = connection.execute("SELECT max(at) FROM snapshot").fetchone()
        holds = any(
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - ours
            for table in ("workstation_now", "saved_view", "contact", *_LEDGERS)
        )
    known = {**listed, **kept}
    settled = listed.keys() <= kept.keys() and max(known.values(), default=0.0) < (newest or 0) - _OVERLAP
    return {} if settled or not holds else known


def backups(state: State) -> list[str]:
    """The folders that the audit log says backups were written to, newest first; and what one left that was cut short."""
    with state.read() as connection:
        rows = connection.execute("SELECT detail FROM audit WHERE action = ? ORDER BY id DESC", (COPIED,))
        told = list(dict.fromkeys(folder for (folder,) in rows))
    return told + [part for folder in told if Path(part := f"{folder}.partial").exists()]


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is not None
