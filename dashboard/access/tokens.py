"""Tokens: what programs of a user show instead of a session. `state.db` holds only the SHA-256 of each.

A token is its mark, which lists and the audit log show, and a secret, which is shown once. It may do what its own role may, and never more than
its user may at that moment; it is over after its last day, and gone with its user. Guessing is slowed down as it is for passwords: for
each mark by itself, and for marks that there are not by where they come from.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import hmac
import re
import secrets
import time
from typing import Final, Literal, NamedTuple

from dashboard.access import sessions
from dashboard.access.users import ROLES, Role, Throttle, User, checked_role
from inventory.harmless import line
from inventory.state import State, audit

LONGEST: Final = 366
"""Days for which a token may be made."""

MOST: Final = 20
"""Tokens of one user that are not over."""

NAMED: Final = 60
"""Characters of a name."""

_NOTED_EVERY: Final = 600.0
"""Seconds: a request writes to the disk only where the last note is older."""

_FORM: Final = re.compile(r"jauge_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

_MARK: Final = re.compile("[0-9a-f]{12}")

Refusal = Literal["user", "role", "until", "name", "many", "again", "gone"]
"""What is wrong with what was asked for: nobody here is called so, the role is more than the user's, the day is over or too far, the
name is of no use, there are MOST already, there is a token of that mark; or there is no such token."""


class TokenError(Exception):
    """A token cannot be made or ended: the message says why, and `why` in one word."""

    def __init__(self, message: str, why: Refusal) -> None:
        super().__init__(message)
        self.why: Refusal = why


class Token(NamedTuple):
    """A token as lists show it. `until` is its last day, `created` and `seen` are UTC epoch seconds; `seen` is None before its first use."""

    mark: str
    user: User
    role: Role
    name: str
    until: dt.date
    created: float
    seen: float | None

    def is_over(self, today: dt.date) -> bool:
        """Whether its last day has gone."""
        return self.until < today


def create(
    state: State,
    user: str,
    role: str,
    until: dt.date,
    today: dt.date,
    name: str = "",
    by: str = "command line",
    source: str = "",
    mark: str = "",
) -> str:
    """Make a token of a local user, and give it: it is never shown again. Raises TokenError, and UserError for a role that there is not.

    A form that bears the `mark` (see `fresh_mark`) of what it is to make makes it once, however often it is sent.
    """
    wanted = checked_role(role)
    if not today <= until <= today + dt.timedelta(days=LONGEST):
        raise TokenError(f"the last day of a token is today or one of the {LONGEST} days after it", "until")
    if len(name) > NAMED or line(name) != name:
        raise TokenError(f"the name of a token is one line of at most {NAMED} characters", "name")
    if mark and not _MARK.fullmatch(mark):
        raise TokenError("that is no mark of a token", "gone")
    mark, secret = mark or fresh_mark(), secrets.token_urlsafe(32)
    with state.write() as connection:
        if connection.execute("SELECT 1 FROM token WHERE mark = ?", (mark,)).fetchone():
            raise TokenError(f"there is a token {mark} already", "again")
        known = "SELECT name, role FROM user WHERE name = ? AND origin = 'local'"
        found = connection.execute(known, (user,)).fetchone()
        if found is None:
            raise TokenError(f"there is no local user {line(user, 80)}", "user")
        if ROLES.index(wanted) > ROLES.index(found[1]):
            raise TokenError(f"{found[0]} is {found[1]}: a token cannot be {wanted}", "role")
        connection.execute("DELETE FROM token WHERE user = ? AND until < ?", (found[0], today.isoformat()))
        if connection.execute("SELECT count(*) FROM token WHERE user = ?", (found[0],)).fetchone()[0] >= MOST:
            raise TokenError(f"{found[0]} has {MOST} tokens already: end one first", "many")
        row = (mark, _digest(secret), found[0], wanted, name, until.isoformat(), time.time())
        connection.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
        audit.record(connection, by, "token made", f"{mark} of {found[0]} ({wanted}) until {until}", source)
    return f"jauge_{mark}_{secret}"


def listed(state: State) -> list[Token]:
    """All tokens, those that are over among them, by user and age."""
    with state.read() as connection:
        rows = connection.execute(
            """SELECT mark, user.name, user.role, user.origin, token.role, token.name, until, token.created, seen
            FROM token JOIN user ON user.name = token.user ORDER BY user.name, token.created"""
        ).fetchall()
    return [
        Token(mark, User(*of), role, name, dt.date.fromisoformat(until), created, seen)
        for mark, *of, role, name, until, created, seen in rows
    ]


def fresh_mark() -> str:
    """A mark for a token that is to be made."""
    return secrets.token_hex(6)


def end(state: State, mark: str, by: str = "command line", source: str = "", owner: str | None = None) -> str:
    """End a token by its mark, here and now, and give the name of its user. Raises TokenError where there is none, or where it is not
    the `owner`'s."""
    ending = "DELETE FROM token WHERE mark = ? AND user = coalesce(?, user) RETURNING user"
    with state.write() as connection:
        row = connection.execute(ending, (mark, owner)).fetchone()
        if row is None:
            raise TokenError("there is no such token", "gone")
        audit.record(connection, by, "token ended", f"{mark} of {row[0]}", source)
    return str(row[0])


def find(state: State, token: str, today: dt.date, source: str = "") -> User | None:
    """Whom a token stands for, with the lesser role of both; None where it is none, or over.

    Raises DelayedError, without looking at the secret, while its mark waits (see `users.Throttle`).
    """
    form = _FORM.fullmatch(token)
    if form is None:
        return None
    mark, secret = form.groups()
    with state.read() as connection:
        row = connection.execute(
            """SELECT token.digest, token.role, until, seen, user.name, user.role, user.origin
            FROM token JOIN user ON user.name = token.user WHERE mark = ?""",
            (mark,),
        ).fetchone()
    throttle = Throttle(state, f"token {mark}" if row else f"tokens of {source}")
    throttle.check()
    kept = row[0] if row else _digest("")
    if not hmac.compare_digest(kept, _digest(secret)) or row is None:
        who = row[4] if row else "(unknown token)"
        throttle.fail(who, f"token {mark}", source)
        return None
    _, role, until, seen, *of = row
    if until < today.isoformat():
        return None
    user = User(*of)
    now = time.time()
    if seen is None or now - seen > _NOTED_EVERY:
        sessions.note(state, "UPDATE token SET seen = ? WHERE mark = ?", now, mark)
    return dataclasses.replace(user, role=min(role, user.role, key=ROLES.index))


def _digest(secret: str) -> bytes:
    # 32 random bytes cannot be guessed: one round of a hash is enough, where a password needs argon2.
    return hashlib.sha256(secret.encode()).digest()
