"""Sessions live on the server: the cookie holds a random name, `state.db` only that name's SHA-256.

A session ends after half an hour without a request, after twelve hours, at logout, and when its user is
changed or removed. (A page that refreshes itself counts as requests.)
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from typing import Final, NamedTuple

import structlog

from dashboard.access.users import User
from inventory.state import State, StateError, audit

log = structlog.get_logger(__name__)

IDLE: Final = 30 * 60.0
ABSOLUTE: Final = 12 * 3600.0
"""Seconds."""

_JUST_NOW: Final = 60.0
"""Seconds between being let in and the session that follows."""

_NOTED_EVERY: Final = 60.0
"""Seconds: a request writes to the disk only where the last note is older."""


class Session(NamedTuple):
    """A session that is not over. `mark` names it without being of any use to log in; times are UTC epoch seconds."""

    mark: str
    user: User
    created: float
    seen: float


def listed(state: State) -> list[Session]:
    """The sessions that are not over, the one that was used last first."""
    now = time.time()
    with state.read() as connection:
        rows = connection.execute(
            """SELECT hex(digest), user.name, user.role, user.origin, session.created, session.seen
            FROM session JOIN user ON user.name = session.user
            WHERE session.created >= ? AND session.seen >= ? ORDER BY session.seen DESC""",
            (now - ABSOLUTE, now - IDLE),
        ).fetchall()
    return [Session(mark, User(*of), created, seen) for mark, *of, created, seen in rows]


def cut(state: State, mark: str, by: str, source: str = "") -> bool:
    """End a session of anybody, by its mark. False where there is none any more."""
    with state.write() as connection:
        row = connection.execute(
            "DELETE FROM session WHERE hex(digest) = ? RETURNING user", (mark,)
        ).fetchone()
        if row is not None:
            audit.record(connection, by, "session ended", row[0], source)
    return row is not None


def start(state: State, user: User) -> str:
    """Begin a session and give its name, for the cookie. Sessions that are over are forgotten here."""
    token, now = secrets.token_urlsafe(32), time.time()
    with state.write() as connection:
        forget(connection)
        connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (_digest(token), user.name, now, now))
    return token


def forget(connection: sqlite3.Connection) -> None:
    """Forget the sessions that are over, and who is known elsewhere and has none left: not who was let in just now."""
    now = time.time()
    connection.execute("DELETE FROM session WHERE seen < ? OR created < ?", (now - IDLE, now - ABSOLUTE))
    connection.execute(
        "DELETE FROM user WHERE origin != 'local' AND created < ? AND name NOT IN (SELECT user FROM session)",
        (now - _JUST_NOW,),
    )


def find(state: State, token: str) -> User | None:
    """The user of a session that is not over, else None."""
    digest, now = _digest(token), time.time()
    with state.read() as connection:
        row = connection.execute(
            """SELECT user.name, user.role, session.created, session.seen, user.origin
            FROM session JOIN user ON user.name = session.user WHERE digest = ?""",
            (digest,),
        ).fetchone()
    if row is None or now - row[2] > ABSOLUTE or now - row[3] > IDLE:
        return None
    if now - row[3] > _NOTED_EVERY:
        note(state, "UPDATE session SET seen = ? WHERE digest = ?", now, digest)
    return User(row[0], row[1], row[4])


def note(state: State, statement: str, *values: object) -> None:
    """Write down that something was used. A full disk keeps nobody out who is let in: what is not noted only ends sooner."""
    try:
        with state.write() as connection:
            connection.execute(statement, values)
    except StateError as error:
        log.warning("use not noted", why=str(error))


def end(state: State, token: str, source: str = "") -> None:
    """End a session here and now, whatever cookies still name it."""
    with state.write() as connection:
        row = connection.execute(
            "DELETE FROM session WHERE digest = ? RETURNING user", (_digest(token),)
        ).fetchone()
        if row is not None:
            audit.record(connection, row[0], "logout", "", source)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
