"""What administrators ask: users, sessions, the audit log, and what is to be said about the estate's file; and what a user saved."""

from __future__ import annotations

from typing import Final, NamedTuple

from dashboard.access import sessions, tokens, users
from dashboard.access.sessions import Session
from dashboard.access.tokens import Token
from dashboard.access.users import User
from dashboard.data.files import STATE, Files
from inventory.checking import check
from inventory.places import Problem
from inventory.state import State, audit, contacts, notices, views
from inventory.state.audit import Break, Entry
from inventory.state.contacts import Contact
from inventory.state.notices import Notice
from inventory.state.views import SavedView

ENTRIES: Final = 50
"""Entries of the log on one page."""


class Log(NamedTuple):
    """A page of the audit log, the newest first. `older` is what asks for the next page, None at the end."""

    entries: list[Entry]
    older: int | None


class Administration(Files):
    """Asked anew each time: who changes something sees it at once."""

    def users(self) -> list[User]:
        """Everybody who may log in, or is logged in from elsewhere, by name."""
        return users.listed(State(self.folder / STATE))

    def views(self, user: str) -> list[SavedView]:
        """The views that a user saved, by name."""
        return views.listed(State(self.folder / STATE), user)

    def contact(self, user: str) -> Contact | None:
        """Where a user wants messages; None where they want none."""
        return contacts.one(State(self.folder / STATE), user)

    def notices(self) -> list[Notice]:
        """The notices that are open, as far as `jauge digest` has looked."""
        return notices.listed(State(self.folder / STATE), self.clock())

    def sessions(self) -> list[Session]:
        """The sessions that are not over, the one that was used last first."""
        return sessions.listed(State(self.folder / STATE))

    def tokens(self) -> list[Token]:
        """The tokens of programs, by user and age."""
        return tokens.listed(State(self.folder / STATE))

    def log(self, before: int | None = None) -> Log:
        """The entries of the log that are older than a number."""
        found = audit.entries(State(self.folder / STATE), ENTRIES + 1, before)
        shown = found[:ENTRIES]
        return Log(shown, shown[-1].id if len(found) > ENTRIES else None)

    def broken(self) -> Break | None:
        """The first place where the log's chain does not hold; None where it holds."""
        return audit.verify(State(self.folder / STATE))

    def problems(self) -> list[Problem]:
        """What is to be said about the estate's file as it stands now, in the order of its lines."""
        path = self._declared.path
        return check(path).problems if path is not None else []
