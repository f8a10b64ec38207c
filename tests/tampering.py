"""A file as a failing disk would leave it, or somebody who has it in their hands."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """A file without its triggers, which are put back at the end: nobody sees that they were gone."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in guards:
            db.execute(sql)
        db.commit()


def tamper(path: Path, sql: str, *given: Any) -> None:
    """Change a file without asking its triggers."""
    with unguarded(path) as db:
        db.execute(sql, given)
