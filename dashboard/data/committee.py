"""What the committee was asked, and what it answered."""

from __future__ import annotations

from dashboard.data.files import STATE, Files
from inventory.committee import Book
from inventory.state import State, committee


class Committees(Files):
    """The committee's files and decisions."""

    def committee(self) -> Book:
        """All that was asked and answered; nothing where there is no state."""
        path = self.folder / STATE
        if not path.is_file():
            return Book()
        return self._remember("committee", (STATE,), Book(), lambda: committee.read(State(path)))
