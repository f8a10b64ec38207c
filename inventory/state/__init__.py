"""`state.db`: what people decide and do: users, sessions, the audit log, imported inventories, settings.

Every call opens the file and closes it again. A connection kept by a thread would be shared by the workers
that gunicorn forks after loading the program, which SQLite forbids; opening costs less than a millisecond.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from inventory import databases
from inventory.state import schema
from inventory.state.schema import StateError

__all__ = ["State", "StateError", "open_state"]


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
    def session(self) -> Iterator[sqlite3.Connection]:
        """A connection for work of several transactions, which the block begins and ends itself."""
        with self._connection() as connection:
            yield connection

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            # check_same_thread stays on: nothing here leaves the thread that asked.
            connection = databases.connect(self.path)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
                yield connection
            finally:
                connection.close()  # what is not committed is undone


def open_state(path: Path) -> State:
    """Open `state.db`, made (mode 0600) or brought up to date where needed.

    Raises StateError with what to do: no rights, not a state file, written by a newer Jauge, damaged.
    """
    state = State(path)
    with explained(path):
        databases.create(path)
    with state._connection() as connection:
        schema.migrate(connection, path)
    return state


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a StateError: which file, why, what to do."""
    with databases.explained(schema.KIND, path, "use"):
        yield
