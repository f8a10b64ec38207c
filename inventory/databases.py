"""What our SQLite files have in common: made, marked, brought up to date, looked at, copied and put back.

A *kind* says what a file is. Its mark stands in `application_id`, its schema version in `user_version`. A file is
brought up to date in one transaction, after a copy of it was kept: it is old or new, whatever kills the program.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from inventory.logs import Logger

log = Logger(__name__)

BUSY_SECONDS: Final = 5.0

_ABANDONED: Final = 3600.0
"""Seconds after which a copy that was not finished is nobody's any more."""

_BLANKS: Final = re.compile(r"[\s\"]+")
"""What versions of SQLite put differently where they change a statement."""

LOGS: Final = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file, after its name."""

_NO_ROOM: Final = frozenset(
    {sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP}
)
"""Codes of SQLite where the memory that connections share cannot be had."""

Step = str | Callable[[sqlite3.Connection], object]
"""A statement of a migration, or what a statement cannot do: it must not begin or end a transaction."""

_ADVICE: Final = {
    sqlite3.SQLITE_ERROR: "the file is not built as this program builds it: it is damaged, restore it from a backup",
    sqlite3.SQLITE_FULL: "free space on this disk; nothing that was acknowledged is lost",
    sqlite3.SQLITE_IOERR: "look at the disk (space, quota, health); nothing that was acknowledged is lost",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "the file is damaged, or is not {a} {name}; restore it from a backup",
    sqlite3.SQLITE_CANTOPEN: "look at the directory and its rights",
    sqlite3.SQLITE_READONLY: "look at the rights of the file and of its directory",
    sqlite3.SQLITE_BUSY: "another process holds it; try again",
}


class DatabaseError(Exception):
    """A file cannot be copied, put back or looked at: the message says which, why, and what to do."""


class Kind(NamedTuple):
    """What a file is: what it is called, its `application_id`, and the error that its users expect.

    Files up to the schema version `unmarked` were made without an `application_id`.
    """

    name: str
    application: int
    error: type[Exception]
    unmarked: int = 0


@contextlib.contextmanager
def explained(kind: Kind, path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite and the system say of a file into the error of its kind: which file, why, what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise kind.error(f"cannot {doing} {path}: {_why(error, kind)}") from error
    except OSError as error:
        if str(error.filename) != str(path):
            raise  # an error of the caller's block, about another file
        why = error.strerror or str(error)
        raise kind.error(f"cannot {doing} {path}: {why}; look at the directory and its rights") from error


def _why(error: sqlite3.Error, kind: Kind) -> str:
    text = str(error) or type(error).__name__
    # Of this module alone: sqlite3 gives no code to what it refuses itself.
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & 0xFF if code is not None else -1)
    return f"{text}; {advice.format(a=article(kind.name), name=kind.name)}" if advice else text


def article(name: str) -> str:
    """The article of a noun."""
    return "an" if name[:1] in "aeiou" else "a"


def create(path: Path) -> None:
    """Make the file where it is missing, for its owner alone. Raises OSError."""
    # By us: SQLite would give it the mode of the umask, and -wal and -shm take its mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def connect(path: Path, *, read_only: bool = False, one_thread: bool = True) -> sqlite3.Connection:
    """A connection without implicit transactions. Commits are on the disk when they return."""
    connection = _connect(path, "mode=ro" if read_only else "mode=rw", one_thread)
    try:
        # Either opens the file: until then nothing was looked at.
        connection.execute(
            "SELECT 1 FROM sqlite_schema LIMIT 1" if read_only else "PRAGMA synchronous = FULL"
        )
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode in _NO_ROOM:
            return _alone(path, read_only, one_thread)
        # On a disk that may not be written the memory that WAL shares cannot be made. Without a log there is no need.
        if (
            error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN
            or path.with_name(f"{path.name}-wal").exists()
        ):
            raise
        return _connect(path, "mode=ro&immutable=1", one_thread)
    except UnicodeDecodeError:  # what SQLite cannot read of a damaged file, it repeats
        connection.close()
        damaged = sqlite3.DatabaseError("malformed database schema")
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged from None
    except BaseException:
        connection.close()
        raise
    return connection


def _alone(path: Path, read_only: bool, one_thread: bool) -> sqlite3.Connection:
    """A connection that shares no memory with others, and holds them up while it is open: on a full disk there is no room for that
    memory, which is a file, and who wants to read would be refused as well."""
    connection = _connect(path, "mode=rw", one_thread)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, how: str, one_thread: bool) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=one_thread,
    )


def version(kind: Kind, connection: sqlite3.Connection, path: Path, newest: int) -> int:
    """The schema version of a file, 0 where it is empty. Raises the kind's error where it is not ours, or newer."""
    # In this order: another process may make the file between the two, and then both say that it is ours.
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    application, found = _marks(connection)
    marked = application == kind.application or (application == 0 and 0 < found <= kind.unmarked)
    if not (marked or empty):
        raise kind.error(
            f"{path} is not {article(kind.name)} {kind.name} of Jauge, or is damaged: give another file, or restore it"
        )
    if found > newest:
        raise kind.error(
            f"{path} was written by a newer Jauge (schema {found}, this program knows {newest}): "
            "update the program, or restore the file that was kept before the update"
        )
    if found < 0 or (found == 0 and not empty):
        raise kind.error(
            f"{path} has schema {found}, which no Jauge ever wrote: it is damaged, restore it from a backup"
        )
    return found


def migrate(
    kind: Kind, connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[Step]]
) -> None:
    """Bring a file to the newest schema, in one transaction, after a copy was kept (`kept`). Raises the kind's error.

    `migrations` are the steps that lead from each schema version to the next one, from an empty file on.
    """
    before = version(kind, connection, path, len(migrations))
    if before == len(migrations):
        expect(kind, connection, path, built(migrations))
        # A restore, a refused one too, leaves a file without a log, which lets nobody read while one writes.
        with contextlib.suppress(
            sqlite3.OperationalError
        ):  # on a disk that may not be written, or while somebody reads
            connection.execute("PRAGMA journal_mode = WAL")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    if before:
        _keep(kind, path, before)
    connection.execute("BEGIN IMMEDIATE")
    try:
        _, before = _marks(connection)  # again: another process may have been faster
        for steps in migrations[before:]:
            for step in steps:
                connection.execute(step) if isinstance(step, str) else step(connection)
        connection.execute(f"PRAGMA application_id = {kind.application}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


Built = Mapping[str, str]
"""What each table, index and trigger of a file was made by, without spaces and quotes."""


def built(migrations: Sequence[Sequence[Step]]) -> Built:
    """How a new file of the newest schema is built."""
    return _new(tuple(itertools.chain.from_iterable(migrations)))


@functools.lru_cache(maxsize=8)  # each opening of a file asks, and a process knows four kinds of them
def _new(steps: tuple[Step, ...]) -> Built:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in steps:
            connection.execute(step) if isinstance(step, str) else step(connection)
        return _built(connection)


def _built(connection: sqlite3.Connection) -> Built:
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {name: _BLANKS.sub("", sql) for name, sql in rows}


def expect(kind: Kind, connection: sqlite3.Connection, path: Path, as_new: Built) -> None:
    """Raise the kind's error where a file of the newest schema is built otherwise than a new one.

    A flipped bit in the statement of a table can make it look empty, with nothing wrong for SQLite: where a key is
    called INTAGER, it is not the number of the row any more. What somebody added is no fault.
    """
    found = _built(connection)
    wrong = sorted(name for name, made in as_new.items() if found.get(name) != made)
    if wrong:
        raise kind.error(
            f"{path} is not built as this program builds it ({', '.join(wrong[:3])}): it is damaged, restore it from a backup"
        )


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return application, found


def kept(path: Path, schema: int) -> Path:
    """Where the copy of a file is kept that was made before it left a schema version."""
    return path.with_name(f"{path.name}.schema{schema}")


def _keep(kind: Kind, path: Path, schema: int) -> None:
    """Keep a copy of a file that is about to leave a schema version."""
    # The new form stands beside the old one until the commit, and the copy beside both.
    needed, free = 3 * path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise kind.error(
            f"{path} has to be brought from schema {schema} to a newer one, which takes {needed >> 20} MiB free on "
            f"this disk for a while; there are {free >> 20}: free space, nothing was changed"
        )
    place = kept(path, schema)
    log.info("a copy of the file is kept before its update", file=str(path), copy=str(place))
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        for left in path.parent.glob(f"{place.name}.*"):  # of programs that were killed
            if left.stat().st_mtime < time.time() - _ABANDONED:
                left.unlink(missing_ok=True)
        copy(path, fresh)
        with contextlib.closing(connect(fresh, read_only=True)) as connection:
            _, found = _marks(connection)
        if found == schema:  # else another process was faster, and keeps the copy
            settle(fresh, place)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        raise kind.error(f"{path} was not brought up to date: {error}; nothing was changed") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


# --- copies -------------------------------------------------------------------------------------------------


def copy(source: Path, place: Path, *, whole: bool = True) -> None:
    """Copy a file that others may be writing, as of one instant, on the disk when this returns.

    The copy is one file, without a log beside it; it is there entirely or not at all. Raises DatabaseError, also where
    it has to be `whole` and its structure is not.
    """
    partial = place.with_name(f"{place.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        create(partial)
        with (
            contextlib.closing(connect(source, read_only=True)) as old,
            contextlib.closing(connect(partial)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
            wrong = faults(new) if whole else []
        if wrong:
            raise DatabaseError(f"the copy of {source} is damaged ({wrong[0]}), so the file is: restore it")
        settle(partial, place)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"cannot copy {source} to {place}: {_reason(error)}") from error
    finally:
        for left in ("", *LOGS):
            with contextlib.suppress(OSError):
                partial.with_name(f"{partial.name}{left}").unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{error}; look at the disk (space, rights, health)"


def settle(partial: Path, place: Path) -> None:
    """Give a finished file its name, for good: on the disk when this returns. Raises OSError.

    What a program that was killed left beside the file of that name is removed: SQLite would play it back onto the new one.
    """
    flush(partial)
    for log in LOGS:
        place.with_name(f"{place.name}{log}").unlink(missing_ok=True)
    partial.replace(place)
    flush(place.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a directory, are on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def faults(connection: sqlite3.Connection, limit: int = 10) -> list[str]:
    """What is wrong with the structure of a file, the first things. Its values bear no checksum here."""
    try:
        rows = connection.execute(f"PRAGMA integrity_check({limit})").fetchall()
    except sqlite3.Error as error:
        return [str(error)]
    return [str(text) for (text,) in rows if text != "ok"]


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says that a file is not built as it should be."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def in_use(path: Path) -> bool:
    """Whether another process has a file open. Where none has, its log is folded into it, and gone."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            # Leaving WAL takes a lock that no other connection may share.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return False
