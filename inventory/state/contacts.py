"""Whom messages go to: users who gave an address, and the mailboxes, chats and addresses that the estate names.

What belongs to an account is known by its owner, as saved views are. Of who is known elsewhere the role of the last login counts, for
AWAY after it: nobody says here that they left the hospital.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from inventory.access import ROLES, Role
from inventory.notices import KINDS, Kind, address
from inventory.state import State, audit, views

AWAY: Final = 90 * 86_400.0
"""Seconds after their last login for which somebody who is known elsewhere is told anything."""

LANGUAGES: Final = ("en", "fr")


class ContactError(Exception):
    """An address is not kept: the message says why."""


class Contact(NamedTuple):
    """Somebody who is told. `role` is None where they may hear nothing any more, `kinds` None for those of the role, `error` why
    the last message was refused."""

    id: int
    owner: str
    name: str
    role: Role | None
    address: str
    kinds: tuple[Kind, ...] | None
    language: str | None
    error: str | None = None


def put(
    state: State,
    user: str,
    mail: str,
    kinds: tuple[str, ...] | None = None,
    language: str | None = None,
    by: str = "command line",
    source: str = "",
) -> None:
    """Keep where a user wants messages. Raises ContactError: no such user, no address, no such kind or language."""
    try:
        address(mail)
    except ValueError as error:
        raise ContactError(f"{mail[:80]!r} is no address: {error}") from None
    if wrong := [kind for kind in kinds or () if kind not in KINDS]:
        raise ContactError(f"{wrong[0][:40]!r} is no kind: choose among {', '.join(KINDS)}")
    if language not in (None, *LANGUAGES):
        raise ContactError(f"choose a language among {', '.join(LANGUAGES)}")
    with state.write() as connection:
        found = connection.execute(
            f"SELECT name, role, {views.OWNER} FROM user WHERE name = ?",  # noqa: S608 - ours
            (user, user),
        ).fetchone()
        if found is None:
            raise ContactError(f"there is no user {user[:64]}")
        row = (found[2], found[0], found[1], mail, ",".join(kinds) if kinds else None, language, time.time())
        connection.execute(
            """INSERT INTO contact (owner, name, role, address, kinds, language, seen) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (owner) DO UPDATE SET address = excluded.address, kinds = excluded.kinds,
            language = excluded.language, seen = excluded.seen, error = NULL""",
            row,
        )
        # Not the address: the log cannot be changed when that person is erased.
        audit.record(connection, by, "messages wanted", found[0], source)


def remove(state: State, user: str, by: str = "command line", source: str = "") -> bool:
    """Send a user nothing any more, and forget the address; False where there was none."""
    with state.write() as connection:
        owners = [f"local:{user.lower()}"]
        row = connection.execute(f"SELECT {views.OWNER}", (user,)).fetchone()
        owners += [row[0]] if row[0] else []
        gone = sum(discard(connection, owner) for owner in set(owners))
        if gone:
            audit.record(connection, by, "messages unwanted", user, source)
    return gone > 0


def discard(connection: sqlite3.Connection, owner: str) -> int:
    """Forget an owner's address and messages, whether or not the file looks after what hangs on it."""
    of = "(SELECT id FROM contact WHERE owner = ?)"
    for table in ("told", "outbox"):
        connection.execute(f"DELETE FROM {table} WHERE contact IN {of}", (owner,))  # noqa: S608 - ours
    return connection.execute("DELETE FROM contact WHERE owner = ?", (owner,)).rowcount


def drop(connection: sqlite3.Connection, user: str) -> None:
    """Forget the address of a user who is about to be removed."""
    row = connection.execute(f"SELECT {views.OWNER}", (user,)).fetchone()
    if row[0]:
        discard(connection, row[0])


def keep(connection: sqlite3.Connection, user: str) -> None:
    """Note that somebody from elsewhere logged in, and as what."""
    connection.execute(
        f"UPDATE contact SET seen = ?, role = (SELECT role FROM user WHERE name = ?) WHERE owner = {views.OWNER}",  # noqa: S608 - ours
        (time.time(), user, user),
    )


def listed(connection: sqlite3.Connection, now: float) -> list[Contact]:
    """Users who gave an address, by name."""
    rows = connection.execute(
        """SELECT contact.id, owner, contact.name, CASE WHEN owner LIKE 'local:%' THEN user.role
            WHEN seen > ? THEN contact.role END, address, kinds, language, error
        FROM contact LEFT JOIN user ON owner = 'local:' || lower(user.name) AND origin = 'local'
        WHERE owner NOT LIKE 'estate:%' AND owner NOT LIKE 'report:%' ORDER BY contact.name""",
        (now - AWAY,),
    ).fetchall()
    return [
        Contact(
            number, owner, name, role if role in ROLES else None, mail,
            cast("tuple[Kind, ...]", tuple(kinds.split(","))) if kinds else None, language, error,
        )
        for number, owner, name, role, mail, kinds, language, error in rows
    ]  # fmt: skip


def one(state: State, user: str) -> Contact | None:
    """Where a user wants messages; None where they want none."""
    with state.read() as connection:
        row = connection.execute(f"SELECT {views.OWNER}", (user,)).fetchone()
        return next((each for each in listed(connection, time.time()) if each.owner == row[0]), None)


def declared(connection: sqlite3.Connection, owner: str, name: str) -> int:
    """The number of a recipient that the estate names, which is known from now on."""
    connection.execute(
        "INSERT OR IGNORE INTO contact (owner, name, role, address, seen) VALUES (?, ?, '', '', 0)",
        (owner, name),
    )
    (number,) = connection.execute("SELECT id FROM contact WHERE owner = ?", (owner,)).fetchone()
    return int(number)


def owners(connection: sqlite3.Connection, meant: Callable[[str], bool]) -> list[str]:
    """Which owners of addresses are meant: by name, account or address."""
    found = set(views.owners(connection, meant, "contact"))
    for owner, name, mail in connection.execute("SELECT owner, name, address FROM contact"):
        if not owner.startswith("estate:") and any(map(meant, filter(None, (name, mail)))):
            found.add(owner)
    return sorted(found)
