"""`state.db`: what people decide and do: users, sessions, the audit log, imported inventories, settings.

Every call opens the file and closes it again. A connection kept by a thread would be shared by the workers
that gunicorn forks after loading the program, which SQLite forbids; opening costs less than a millisecond.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory.state import schema
from inventory.state.schema import StateError

__all__ = ["State", "StateError", "open_state"]

_BUSY_SECONDS: Final = 5.0


class State:
    """The file, for threads and processes alike. Made by `open_state`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one consistent state until the block ends. Raises StateError with words."""
        with self._connection() as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed to the disk where the block ends, undone where it raises."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            # check_same_thread stays on: nothing here leaves the thread that asked.
            connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
            finally:
                connection.close()  # what is not committed is undone


def open_state(path: Path) -> State:
    """Open `state.db`, made (mode 0600) or brought up to date where needed.

    Raises StateError with what to do: no rights, not a state file, written by a newer Jauge, damaged.
    """
    state = State(path)
    with explained(path):
        # Made by us first: SQLite would give it the mode of the umask, and -wal and -shm take its mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with state._connection() as connection:
        schema.migrate(connection, path)
    return state


_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "free space on this disk",
    sqlite3.SQLITE_IOERR: "look at the disk (space, quota, health)",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "this is not a state of Jauge, or it is damaged; restore it from a backup",
    sqlite3.SQLITE_CANTOPEN: "look at the directory and its rights",
    sqlite3.SQLITE_READONLY: "look at the rights of the file and of its directory",
    sqlite3.SQLITE_BUSY: "another process holds it; try again",
}


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a StateError: which file, why, what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        advice = _ADVICE.get(code & 0xFF if code is not None else -1)
        raise StateError(f"cannot use {path}: {error}" + (f"; {advice}" if advice else "")) from error
    except OSError as error:
        if error.filename != str(path) and error.filename != path:
            raise  # an error of the caller's block, about another file
        raise StateError(
            f"cannot open {path}: {error.strerror}; look at the directory and its rights"
        ) from error
