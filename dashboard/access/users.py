"""Users: a name, a role and a password (argon2id), in `state.db`.

Who is known elsewhere (`dashboard.access.outsiders`) is a user for as long as a session of theirs lasts, without a password here.

Guessing is slowed down for each name by itself: after five failures every further attempt has to wait,
longer each time, up to a quarter of an hour. A name that nobody bears answers, and waits, the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import sqlite3
import threading
import time
import unicodedata
from collections.abc import Callable
from typing import Final, Literal

import argon2

from inventory.access import ROLES, Role
from inventory.state import State, audit, contacts, views

__all__ = ["ROLES", "Role"]

Origin = Literal["local", "oidc", "ldap"]
"""Where a user is known: here, at the OpenID Connect provider, or in the directory."""

SHORTEST, LONGEST = 12, 1024
"""Characters of a password. Twelve is what ANSSI asks of an account that is slowed down after failures."""

FREE_FAILURES: Final = 5
_FIRST_DELAY, _LONGEST_DELAY = 30.0, 900.0
_FORGOTTEN_AFTER: Final = 86_400.0
_ATTEMPTS_KEPT: Final = 10_000

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}")
_hasher = argon2.PasswordHasher()  # argon2id, RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes
_hashing = threading.BoundedSemaphore(2)  # 64 MiB each: strangers must not decide how many run at once
# For names that nobody bears: as costly to check as any other. Written out, as every command loads this module.
_NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$/iY2/RBFv+GEleBTRYuIKQ$Wif4NYYTsUyf2722wrSs3eATh49HQzWrgcRZMWUSCqk"
)


Refusal = Literal["name", "role", "password", "taken", "gone", "last"]
"""What is wrong with what was asked for; that there is such a user already, or none; that nobody would administer Jauge any more."""


class UserError(Exception):
    """A user cannot be added, changed or removed: the message says why, and `why` in one word."""

    def __init__(self, message: str, why: Refusal) -> None:
        super().__init__(message)
        self.why: Refusal = why


class DelayedError(Exception):
    """Too many failures with this name: nothing was checked. `seconds` says how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many failures with this name: wait {seconds:.0f} s")
        self.seconds = seconds


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    role: Role
    origin: Origin = "local"

    def may(self, role: Role) -> bool:
        """Whether this user may do what that role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def add(
    state: State, name: str, role: str, password: str, by: str = "command line", source: str = ""
) -> User:
    """Add a user. Raises UserError: name or role of the wrong form, password too weak, name taken."""
    user = User(_checked_name(name), checked_role(role))
    hashed = _hash(_checked_password(password, name))
    with state.write() as connection:
        if _find(connection, name):
            raise UserError(f"there is a user {name} already", "taken")
        connection.execute("DELETE FROM user WHERE name = ?", (name,))  # one from elsewhere gives way
        row = (user.name, user.role, hashed, time.time())
        connection.execute("INSERT INTO user (name, role, password, created) VALUES (?, ?, ?, ?)", row)
        audit.record(connection, by, "user added", f"{user.name} ({user.role})", source)
    return user


def remove(state: State, name: str, by: str = "command line", source: str = "") -> None:
    """Remove a user and log them out everywhere. Raises UserError where there is none, and for the last administrator."""
    with state.write() as connection:
        administered = _is_administered(connection)
        views.drop(connection, name)
        contacts.drop(connection, name)
        if connection.execute("DELETE FROM user WHERE name = ?", (name,)).rowcount == 0:
            raise UserError(f"there is no user {name}", "gone")
        _keep_administered(connection, name, administered)
        audit.record(connection, by, "user removed", name, source)


def change(
    state: State,
    name: str,
    role: str | None = None,
    password: str | None = None,
    by: str = "command line",
    source: str = "",
) -> User:
    """Give a local user another role or password, and log them out everywhere. Raises UserError, for the last administrator's role too."""
    wanted = checked_role(role) if role is not None else None
    hashed = _hash(_checked_password(password, name)) if password is not None else None
    with state.write() as connection:
        found = _find(connection, name)
        if found is None:
            raise UserError(f"there is no local user {name}", "gone")
        user = User(found[0].name, wanted or found[0].role)
        row = (user.role, hashed or found[1], user.name)
        administered = _is_administered(connection)
        connection.execute("UPDATE user SET role = ?, password = ? WHERE name = ?", row)
        _keep_administered(connection, user.name, administered)
        connection.execute("DELETE FROM session WHERE user = ?", (user.name,))
        connection.execute("DELETE FROM attempt WHERE name = ?", (_key(user.name),))
        what = [f"role {user.role}"] * (wanted is not None) + ["password"] * (hashed is not None)
        audit.record(connection, by, "user changed", f"{user.name}: {', '.join(what)}", source)
    return user


def listed(state: State) -> list[User]:
    """All users, by name."""
    with state.read() as connection:
        return [User(*row) for row in connection.execute("SELECT name, role, origin FROM user ORDER BY name")]


def check(
    state: State,
    name: str,
    password: str,
    source: str = "",
    elsewhere: Callable[[str, str], User | None] | None = None,
) -> User | None:
    """The user, where name and password are right; None where either is wrong, in the same time.

    Every outcome is audited. Raises DelayedError, without looking at the password, while the name waits. Of a name that no local
    user bears, `elsewhere` is asked, and what it raises is no failure of that name.
    """
    # Counted before the password is looked at: many guesses at once are no way around the count.
    hashed = _attempt(state, name, source)
    if hashed is None and elsewhere is not None and is_name(name) and 0 < len(password) <= LONGEST:
        try:
            found = elsewhere(name, password)
        except Exception:
            _forgive(state, name, 1)
            raise
        if found is not None:
            _forgive(state, name)
            return found
    right = _verified(hashed[1] if hashed else _NOBODY, password)
    user = hashed[0] if hashed and right else None
    with state.write() as connection:
        if user is None:
            # Never the name as typed where nobody bears it: people type passwords there.
            who = hashed[0].name if hashed else "(unknown name)"
            audit.record(connection, who, "login failed", "", source)
            return None
        connection.execute("DELETE FROM attempt WHERE name = ?", (_key(name),))
        if hashed and _hasher.check_needs_rehash(hashed[1]):
            row = (_hash(_normal(password)), user.name, hashed[1])
            connection.execute("UPDATE user SET password = ? WHERE name = ? AND password = ?", row)
        audit.record(connection, user.name, "login", "", source)
    return user


def delay(failures: int) -> float:
    """Seconds that a name waits after so many failures in a row."""
    if failures < FREE_FAILURES:
        return 0.0
    return float(min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(failures - FREE_FAILURES, 10)))


class Throttle:
    """The failures of something else than a name that is guessed: its successes are not counted, nor do they forget anything."""

    def __init__(self, state: State, what: str) -> None:
        self._state = state
        self._key = _key(what)

    def check(self) -> None:
        """Raise DelayedError while it waits."""
        with self._state.read() as connection:
            wait = _wait(connection, self._key, time.time())
        if wait > 0:
            raise DelayedError(wait)

    def fail(self, who: str, detail: str, source: str) -> None:
        """Count and audit a failure. Raises DelayedError where others came before it meanwhile, and it has to wait."""
        now = time.time()
        with self._state.write() as connection:
            wait = _wait(connection, self._key, now)
            if wait <= 0:
                _count(connection, self._key, now)
                audit.record(connection, who, "login failed", detail, source)
        if wait > 0:
            raise DelayedError(wait)


def _attempt(state: State, name: str, source: str) -> tuple[User, str] | None:
    """Count an attempt as failed (success forgets it), and give the user and hash of that name."""
    key, now = _key(name), time.time()
    with state.write() as connection:
        wait = _wait(connection, key, now)
        found = _find(connection, name)
        if wait <= 0 and _count(connection, key, now) == FREE_FAILURES and found:
            audit.record(connection, found[0].name, "login delayed", "too many failures", source)
    if wait > 0:
        raise DelayedError(wait)
    return found


def _wait(connection: sqlite3.Connection, key: str, now: float) -> float:
    """Seconds that a key still waits."""
    failures, last = _failures(connection, key, now)
    # A clock that was set back must not lock anybody out for longer than the delay itself.
    return min(last + delay(failures) - now, delay(failures))


def _count(connection: sqlite3.Connection, key: str, now: float) -> int:
    """Count one failure more of a key, and give how many there are."""
    failures = _failures(connection, key, now)[0] + 1
    _forget(connection, now)
    connection.execute("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?)", (key, failures, now))
    return failures


def _failures(connection: sqlite3.Connection, key: str, now: float) -> tuple[int, float]:
    row = connection.execute("SELECT failures, last FROM attempt WHERE name = ?", (key,)).fetchone()
    return (row[0], row[1]) if row and now - row[1] < _FORGOTTEN_AFTER else (0, 0.0)


def _forgive(state: State, name: str, failures: int | None = None) -> None:
    """Forget so many failures of a name, all where none is given."""
    with state.write() as connection:
        connection.execute(
            "UPDATE attempt SET failures = max(0, failures - ifnull(?, failures)) WHERE name = ?",
            (failures, _key(name)),
        )


def _forget(connection: sqlite3.Connection, now: float) -> None:
    """Keep the table of attempts small, whatever names strangers try."""
    connection.execute("DELETE FROM attempt WHERE last < ?", (now - _FORGOTTEN_AFTER,))
    borne = [_key(name) for (name,) in connection.execute("SELECT name FROM user")]
    connection.execute(
        """DELETE FROM attempt WHERE name IN (
            SELECT name FROM attempt WHERE name NOT IN (SELECT value FROM json_each(?))
            ORDER BY last DESC LIMIT -1 OFFSET ?)""",
        (json.dumps(borne), _ATTEMPTS_KEPT),
    )


def _is_administered(connection: sqlite3.Connection) -> bool:
    """Whether a user of Jauge itself is an administrator: who comes from elsewhere is gone with their session."""
    known = "SELECT count(*) FROM user WHERE role = 'admin' AND origin = 'local'"
    return bool(connection.execute(known).fetchone()[0])


def _keep_administered(connection: sqlite3.Connection, name: str, before: bool) -> None:
    """Raise UserError where a change took the last administrator: with the transaction, it is undone."""
    if before and not _is_administered(connection):
        raise UserError(f"{name} is the last administrator: make somebody else one first", "last")


def _find(connection: sqlite3.Connection, name: str) -> tuple[User, str] | None:
    if not is_name(name):
        return None
    known = "SELECT name, role, password FROM user WHERE name = ? AND origin = 'local'"
    row = connection.execute(known, (name,)).fetchone()
    return (User(row[0], row[1]), row[2]) if row else None


def _key(name: str) -> str:
    # People type passwords where the name belongs: four bytes of a digest count failures and tell nothing.
    return hashlib.sha256(name[:64].casefold().encode("utf-8", "replace")).hexdigest()[:8]


def _normal(password: str) -> str:
    # One keyboard sends é as one character, another as e with an accent: NFKC makes them one (NIST 800-63B).
    return unicodedata.normalize("NFKC", password)


def _hash(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)


def _verified(hashed: str, password: str) -> bool:
    if len(password) > LONGEST:
        password = ""  # costs the same, and is never right: no password is empty
    with _hashing:
        try:
            return _hasher.verify(hashed, _normal(password).encode("utf-8", "replace"))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False


def is_name(name: str) -> bool:
    """Whether a user may be called so."""
    return _NAME.fullmatch(name) is not None


def _checked_name(name: str) -> str:
    if not is_name(name):
        raise UserError("a user's name holds 1 to 64 letters, digits and . _ @ -", "name")
    return name


def checked_role(role: str) -> Role:
    """A role by its word. Raises UserError where there is none of that name."""
    for known in ROLES:
        if role == known:
            return known
    raise UserError(f"there is no role {role[:40]!r}: choose among {', '.join(ROLES)}", "role")


def _checked_password(password: str, name: str) -> str:
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise UserError(f"a password has {SHORTEST} to {LONGEST} characters", "password")
    if len(set(normal)) < 5 or normal.casefold() == name.casefold():
        raise UserError("this password is too easy to guess", "password")
    return normal
