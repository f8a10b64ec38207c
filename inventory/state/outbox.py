"""The outbox: what is to be sent, whole, from before it is sent until the receiver has taken it.

A message is written down together with the notices that it tells, in one transaction: none is told twice, none forgotten. Just before
its last part leaves it is *claimed*, once it is taken it is *sent*. One that is claimed and not sent may have arrived: it is sent again,
the same to the byte and under the same mark, by which receivers know it. One that was never claimed did not leave: it is made anew, with
what has become of its notices since. See docs/decisions/0028-digests.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from inventory.state import State
from inventory.state.notices import Notice

KEPT: Final = 400 * 86_400.0
"""Seconds for which it is known that a message was sent."""

DIGEST, URGENT = "digest", "urgent"
"""What a message is about, beside `report DAY`."""


class Message(NamedTuple):
    """One that waits."""

    id: int
    contact: int
    about: str
    mark: str
    content: bytes
    claimed: float | None

    @property
    def is_doubtful(self) -> bool:
        """Whether it may have arrived already."""
        return self.claimed is not None


class Draft(NamedTuple):
    """A message that is to be made: the mark that it bears, and its content."""

    mark: str
    content: bytes


def clear(connection: sqlite3.Connection) -> None:
    """Take back the digests that did not leave: they are made anew."""
    connection.execute(
        "DELETE FROM told WHERE message IN (SELECT id FROM outbox WHERE sent IS NULL AND claimed IS NULL AND about IN (?, ?))",
        (DIGEST, URGENT),
    )
    connection.execute(
        "DELETE FROM outbox WHERE sent IS NULL AND claimed IS NULL AND about IN (?, ?)", (DIGEST, URGENT)
    )


def untold(connection: sqlite3.Connection, contact: int, notices: Sequence[Notice]) -> list[Notice]:
    """Those notices that do not stand in a message to somebody yet."""
    known = {
        (number, turn)
        for number, turn in connection.execute("SELECT notice, round FROM told WHERE contact = ?", (contact,))
    }
    return [one for one in notices if (one.id, one.rounds) not in known]


def add(
    connection: sqlite3.Connection,
    contact: int,
    about: str,
    draft: Draft,
    notices: Sequence[Notice],
    now: float,
) -> None:
    """Write a message down with the notices that it tells."""
    number = connection.execute(
        "INSERT INTO outbox (contact, about, mark, content, made) VALUES (?, ?, ?, ?, ?)",
        (contact, about, draft.mark, draft.content, now),
    ).lastrowid
    connection.executemany(
        "INSERT INTO told (contact, notice, round, message) VALUES (?, ?, ?, ?)",
        [(contact, one.id, one.rounds, number) for one in notices],
    )


def has(connection: sqlite3.Connection, contact: int, about: str) -> bool:
    """Whether there is, or was, a message of that kind to somebody."""
    found = connection.execute(
        "SELECT 1 FROM outbox WHERE contact = ? AND about = ? LIMIT 1", (contact, about)
    )
    return found.fetchone() is not None


def waiting(state: State) -> list[Message]:
    """What is to be sent, in the order in which it was made."""
    with state.read() as connection:
        rows = connection.execute(
            "SELECT id, contact, about, mark, content, claimed FROM outbox WHERE sent IS NULL ORDER BY id"
        ).fetchall()
    return [Message(*row) for row in rows]


def deliver(state: State, message: Message, post: Callable[[Callable[[], None]], None], now: float) -> None:
    """Send a message by `post`, which calls back just before the last part leaves, and returns once it is taken.

    What `post` raises goes on to the caller; where its `arrived` is False, the message surely did not arrive, and is not claimed any more.
    One connection stays open all along, so that nothing but one commit lies between the receiver's word and ours.
    """
    with state.session() as connection:

        def claim() -> None:
            connection.execute("UPDATE outbox SET claimed = ? WHERE id = ?", (now, message.id))

        try:
            post(claim)
        except Exception as error:
            if getattr(error, "arrived", None) is False and not message.is_doubtful:
                connection.execute("UPDATE outbox SET claimed = NULL WHERE id = ?", (message.id,))
            raise
        connection.execute("UPDATE outbox SET sent = ?, content = NULL WHERE id = ?", (now, message.id))


def refuse(state: State, contact: int, error: str | None) -> None:
    """Keep why the last message to somebody was refused, or that it was taken."""
    with state.write() as connection:
        connection.execute(
            "UPDATE contact SET error = ? WHERE id = ? AND error IS NOT ?", (error, contact, error)
        )


def forget(connection: sqlite3.Connection, now: float) -> None:
    """Let go what is old. What tells an open notice stays."""
    connection.execute(
        "DELETE FROM outbox WHERE sent < ? AND id NOT IN (SELECT message FROM told)", (now - KEPT,)
    )
