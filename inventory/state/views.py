"""Views that users saved under a name: a page and what was chosen on it. Each belongs to one account, and nobody else is shown it.

A user of Jauge itself loses them when they are removed. Who is known elsewhere is forgotten after each session, and their views wait for
them under the identifier of the account, up to FORGOTTEN after they last logged in.
"""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from inventory.harmless import line
from inventory.state import State

MOST: Final = 50
"""Views of one user."""

LONGEST: Final = 60
"""Characters of a name."""

ROOM: Final = 2_000
"""Characters of a query."""

FORGOTTEN: Final = 400 * 86_400.0
"""Seconds."""

Refusal = Literal["name", "taken", "many", "long"]
"""There is no name, or it is too long; there is a view of that name; there are MOST already; too much is chosen."""

OWNER: Final = """(SELECT CASE origin WHEN 'local' THEN 'local:' || lower(name) ELSE origin || ':' || subject END
    FROM user WHERE name = ?)"""
"""The account of a user, as what belongs to it is kept under."""


class ViewError(Exception):
    """A view is not saved: `why` says it in one word."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


class SavedView(NamedTuple):
    """A view: the path of a page, and the query of its address without a question mark."""

    id: int
    name: str
    path: str
    query: str


def save(state: State, user: str, name: str, path: str, query: str) -> None:
    """Keep a view of a user. Raises ViewError."""
    name = name.strip()
    if not name or len(name) > LONGEST or line(name) != name:
        raise ViewError("name")
    if len(query) > ROOM:
        raise ViewError("long")
    now = time.time()
    with state.write() as connection:
        of = "SELECT count(*), coalesce(sum(name = ?), 0) FROM saved_view WHERE owner = "
        count, same = connection.execute(of + OWNER, (name, user)).fetchone()
        if same:
            raise ViewError("taken")
        if count >= MOST:
            raise ViewError("many")
        connection.execute(
            f"INSERT INTO saved_view (owner, name, path, query, seen) VALUES ({OWNER}, ?, ?, ?, ?)",  # noqa: S608 - ours
            (user, name, path, query, now),
        )


def remove(state: State, user: str, number: int) -> bool:
    """Remove a view of a user; False where they have none of that number."""
    with state.write() as connection:
        found = connection.execute(
            f"DELETE FROM saved_view WHERE id = ? AND owner = {OWNER}",  # noqa: S608 - ours
            (number, user),
        )
        return found.rowcount > 0


def listed(state: State, user: str) -> list[SavedView]:
    """The views of a user, by name."""
    with state.read() as connection:
        rows = connection.execute(
            f"SELECT id, name, path, query FROM saved_view WHERE owner = {OWNER} ORDER BY name COLLATE NOCASE, id",  # noqa: S608 - ours
            (user,),
        ).fetchall()
    return [SavedView(*row) for row in rows]


def owners(
    connection: sqlite3.Connection, meant: Callable[[str], bool], table: str = "saved_view"
) -> list[str]:
    """Which owners of views, or of the rows of another table, are meant: by their name, or by the identifier of their account.

    Who is known elsewhere is found by every name that their account logged in with, as far as the audit log goes back.
    """
    names = defaultdict(set)
    for account, name in connection.execute(
        """SELECT origin || ': ' || subject, name FROM user WHERE origin != 'local'
        UNION SELECT detail, who FROM audit WHERE action = 'login' AND detail != ''"""
    ):
        names[account.replace(": ", ":", 1)].add(name)
    every = connection.execute(f"SELECT DISTINCT owner FROM {table} ORDER BY owner").fetchall()  # noqa: S608 - ours
    return [owner for (owner,) in every if any(map(meant, {owner.partition(":")[2], *names[owner]}))]


def drop(connection: sqlite3.Connection, user: str) -> None:
    """Remove all views of a user who is about to be removed."""
    connection.execute(f"DELETE FROM saved_view WHERE owner = {OWNER}", (user,))  # noqa: S608 - ours


def keep(connection: sqlite3.Connection, user: str) -> None:
    """Note that somebody logged in: their views wait for them anew; those of who was away for long are forgotten."""
    now = time.time()
    connection.execute(f"UPDATE saved_view SET seen = ? WHERE owner = {OWNER}", (now, user))  # noqa: S608 - ours
    connection.execute(
        "DELETE FROM saved_view WHERE owner NOT LIKE 'local:%' AND seen < ?", (now - FORGOTTEN,)
    )
