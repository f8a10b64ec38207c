"""People in the inventory: whether their names are kept, for how long, and how one of them is found, shown and erased."""

from __future__ import annotations


class PeopleError(Exception):
    """What was asked of people's names cannot be done: the message says why, and what to do."""
