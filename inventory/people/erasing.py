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
from inventory.people.pseudonyms import Key, is_pseudonym
from inventory.state import State, StateError, audit, schema

LIST: Final = "erasures.json"
PENDING: Final = "names to be overwritten"
MARK: Final = "mark of the pseudonym key"
_OVERLAP: Final = 86_400.0
"""Seconds before an import in which an erasure may have come after its file was read."""

COPIED: Final = "files copied"
"""What a backup is called in the audit log: its detail is the folder."""

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


class Done(NamedTuple):
    """How many entries of the inventory were taken out, which copies were looked at, and what could not be done."""

    entries: int
    copies: dict[str, int]
    problems: tuple[str, ...]


# --- who was erased -----------------------------------------------------------------------------------------


def erased(state: State) -> dict[str, float]:
    """Everybody who was erased, as pseudonyms, and when (UTC epoch seconds)."""
    with state.read() as connection:
        return {**_listed(state.path.parent), **_kept(connection)}


class Erased:
    """Tells whether a user was erased."""

    def __init__(self, pseudonyms: Iterable[str], key: Key | None) -> None:
        self._pseudonyms = frozenset(pseudonyms)
        self._key = key

    def __call__(self, user: str) -> bool:
        if not self._pseudonyms:
            return False
        # Without the key nobody can tell: then everybody may be the one.
        return self._key is None or self._key.pseudonym(user) in self._pseudonyms


def agree(connection: sqlite3.Connection, key: Key) -> None:
    """Keep what tells the key apart. Raises PeopleError where the pseudonyms of this state were made with another one."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
    if row is None:
        connection.execute("INSERT INTO setting VALUES (?, ?)", (MARK, key.mark))
    elif row[0] != key.mark:
        raise PeopleError(
            "the pseudonyms of this state were made with another key, without which nobody knows who was erased: "
            "give that one back"
        )


def allow(state: State, key: Key, names: Sequence[str], who: str, source: str = "") -> int:
    """Let imports keep these names again; how many of them had been erased."""
    pseudonyms = [key.pseudonym(name) for name in names]
    with state.write() as connection:
        agree(connection, key)
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
    """The list beside the state, which outlives it. Raises PeopleError where it is none."""
    path = directory / LIST
    try:
        found = json.loads(path.read_text("utf-8"))["erased"]
        if all(is_pseudonym(one) and isinstance(at, int | float) for one, at in found.items()):
            return dict(found)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise PeopleError(
        f"{path} is no list of erasures: put a copy of it back, or remove it, and whom it alone names may come back"
    )


def _marked(directory: Path) -> set[str]:
    """What tells the key of the list apart."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        mark = json.loads((directory / LIST).read_text("utf-8")).get("key")
        return {mark} if isinstance(mark, str) else set()
    return set()


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
    with state.read() as connection:
        known = {**_listed(state.path.parent), **_kept(connection)}
    with state.write() as connection:
        agree(connection, key)
    # Before anything is erased: whatever is killed next, nobody comes back.
    _list(state.path.parent, {**asked, **known}, key.mark)
    with state.write() as connection:
        entries = take_out(connection, Erased(asked, key))
        rows = [(one, since) for one, since in {**asked, **known}.items()]
        connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", rows)
        audit.record(connection, who, "person erased", f"{entries} entries of the inventory", source)
        pend(connection)
    return finish(state, Erased(erased(state), key))._replace(entries=entries)


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
            counts[place.name] = clear(place, meant)
        except (sqlite3.Error, OSError, StateError) as error:
            problems.append(f"{place} cannot be cleared ({error}): remove it")
    return counts, tuple(problems)


def clear(place: Path, meant: Meant, known: dict[str, float] | None = None) -> int:
    """Take users out of a copy that no program has open, and overwrite them; how many entries there were. Its age stays.

    `known` is put into its list of erasures, where it has one, and told in its audit log.
    """
    before = place.stat()
    with contextlib.closing(databases.connect(place)) as connection:
        databases.version(schema.KIND, connection, place, len(schema.MIGRATIONS))
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN IMMEDIATE")
        count = take_out(connection, meant)
        if known:
            if _has(connection, "erasure"):
                connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", list(known.items()))
            audit.record(connection, "restore", "people erased again", f"{count} entries of the inventory")
        connection.execute("COMMIT")
        connection.execute(
            "VACUUM"
        )  # also where nothing was found: a killed one may have left what it took out
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    return count


def again(directory: Path, current: Path, copy: Path, key: Key | None) -> int | None:
    """Erase from a copy that is about to take the place of the `current` state all who were erased since it was made.

    How many entries there were, or None where nobody was ever erased. Without the key all users go: nobody can tell who was
    erased. Raises PeopleError, StateError, sqlite3.Error.
    """
    known = {**_listed(directory), **_read(current), **_read(copy)}
    if not known:
        return None
    marks = _marked(directory) | _mark(current) | _mark(copy)
    _list(directory, known, next(iter(sorted(marks)), None))
    return clear(copy, Erased(known, key if key and marks <= {key.mark} else None), known)


def _read(path: Path) -> dict[str, float]:
    """Who was erased by a state, where there is one that can be read."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(databases.connect(path, read_only=True)) as one,
    ):
        return _kept(one)
    return {}


def _mark(path: Path) -> set[str]:
    """What tells the key of a state apart, where it knows one."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(databases.connect(path, read_only=True)) as one,
    ):
        return {mark for (mark,) in one.execute("SELECT value FROM setting WHERE name = ?", (MARK,))}
    return set()


def rejoin(state: State, key: Key | None) -> int:
    """Erase again whom something brought back: a copy that was put back by hand, an import that was read before the erasure.

    How many entries there were. Raises PeopleError and StateError.
    """
    with state.read() as connection:
        listed, kept = _listed(state.path.parent), _kept(connection)
        (newest,) = connection.execute("SELECT max(at) FROM snapshot").fetchone()
    known = {**listed, **kept}
    if not known or (listed.keys() <= kept.keys() and max(known.values()) < (newest or 0) - _OVERLAP):
        return 0
    with state.write() as connection:
        if key is not None:
            agree(connection, key)
        connection.executemany("INSERT OR IGNORE INTO erasure VALUES (?, ?)", list(known.items()))
        if count := take_out(connection, Erased(known, key)):
            audit.record(connection, "retention", "people erased again", f"{count} entries of the inventory")
            pend(connection)
    return count


def backups(state: State) -> list[str]:
    """The folders that the audit log says backups were written to, newest first."""
    with state.read() as connection:
        rows = connection.execute("SELECT detail FROM audit WHERE action = ? ORDER BY id DESC", (COPIED,))
        return list(dict.fromkeys(folder for (folder,) in rows))


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is not None
