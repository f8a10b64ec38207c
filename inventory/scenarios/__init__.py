"""Scenarios: what may come, or is decided, that no history holds yet. Read from files, kept in `state.db`.

name: scanner-3
title: A third CT
why: Waiting time above six weeks
changes:
  - {kind: modality, modality: CT, studies: 35, target: pacs-01, store: /srv/pacs, start: 2027-03-01}
"""

from __future__ import annotations

from pydantic import Field

from inventory.credentials import Model
from inventory.quantities import Name, Text
from inventory.scenarios.changes import FLEET, Change


class Scenario(Model):
    """The whole of a scenario's file: what changes, when, and why."""

    name: Name = Field(description="Unique name: letters, digits and . _ -")
    title: Text | None = Field(None, description="What people call it.")
    why: Text | None = Field(None, description="Why it may come.")
    changes: tuple[Change, ...] = Field(min_length=1, max_length=200, description="What changes.")

    @property
    def heading(self) -> str:
        """What to call it."""
        return self.title or self.name

    @property
    def renews(self) -> bool:
        """Whether any change is about workstations: it makes another renewal plan."""
        return any(isinstance(change, FLEET) for change in self.changes)

    @property
    def renews_alone(self) -> bool:
        """Whether all changes are about workstations: no history of stores is asked then."""
        return all(isinstance(change, FLEET) for change in self.changes)


__all__ = ["Change", "Scenario"]
