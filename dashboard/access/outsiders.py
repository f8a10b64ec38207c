"""People whom the hospital's own systems know: each is let in as a user for as long as a session of theirs lasts.

A name belongs to one account at a time. Who comes from elsewhere never takes the name of a local user, nor that of somebody else
who is logged in.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Literal

from dashboard.access import sessions
from dashboard.access.users import Origin, User, is_name
from inventory.access import Role
from inventory.state import State, audit, contacts, views

Refusal = Literal["down", "stale", "refused", "no_role", "no_name", "taken"]
"""Why somebody from elsewhere is not let in: the system does not answer, this login was not begun here (or long ago), it is not
proven, no group gives a role, the name cannot be a user's, or is another's."""


class RefusedError(Exception):
    """Somebody from elsewhere is not let in. The message is for the log, and holds no secret."""

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal: Refusal = refusal


@dataclasses.dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody whom another system vouches for. `subject` is what it calls that account, and no other one, ever."""

    name: str
    role: Role | None
    origin: Origin
    subject: str


def admit(state: State, outsider: Outsider, source: str = "") -> User:
    """Let somebody in who is proven, as the user of that name. Audited. Raises RefusedError."""
    if not is_name(outsider.name):
        raise RefusedError("no_name", f"{outsider.name[:80]!r} cannot be the name of a user")
    with state.write() as connection:
        sessions.forget(connection)
        row = connection.execute(
            "SELECT origin, subject FROM user WHERE name = ?", (outsider.name,)
        ).fetchone()
        taken = row not in (None, (outsider.origin, outsider.subject))
        about = f"{outsider.origin}: {outsider.subject}"
        if outsider.role is None or taken:
            reason = "the name is another user's" if taken else "no group gives a role"
            audit.record(connection, outsider.name, "login refused", f"{reason}, {about}", source)
        else:
            connection.execute(
                """INSERT INTO user (name, role, password, created, origin, subject) VALUES (?, ?, '', ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET role = excluded.role, created = excluded.created""",
                (outsider.name, outsider.role, time.time(), outsider.origin, outsider.subject),
            )
            views.keep(connection, outsider.name)
            contacts.keep(connection, outsider.name)
            audit.record(connection, outsider.name, "login", about, source)
    if taken:
        raise RefusedError("taken", f"{outsider.name} is the name of another user")
    if outsider.role is None:
        raise RefusedError("no_role", f"no group of {outsider.name} gives a role")
    return User(outsider.name, outsider.role, outsider.origin)
