"""A file as a failing disk would leave it."""

from __future__ import annotations

import contextlib
import sqlite3


def tamper(path, sql, *given):
    """Change a file as a failing disk would: without asking its triggers."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(sql, given)
        db.commit()
