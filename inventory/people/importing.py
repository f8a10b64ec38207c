"""What an import keeps of the names of users, by the rules of the estate, and who was erased."""

from __future__ import annotations

from pathlib import Path

from inventory.imports.rows import Person
from inventory.people import PeopleError, erasing
from inventory.people.pseudonyms import find
from inventory.people.rules import People
from inventory.state import State


def keeping(state: State, rules: People, home: Path) -> Person:
    """What an import that is asked to keep users keeps of each. `home` is the folder of the estate, for the key.

    Raises PeopleError where the estate lets nothing be kept, or the key is missing without which nobody knows who was erased.
    """
    if rules.names == "none":
        raise PeopleError(
            "this estate keeps no user names: leave --users out, or say which it keeps, "
            "`workstations: {people: {names: pseudonyms}}` or `names`"
        )
    pseudonyms = rules.names == "pseudonyms"
    key = erasing.usable(state, rules, home) if pseudonyms else find(rules, home)
    if key is not None:
        erasing.accept(state, key)
    erased = erasing.erased(state)
    if erased and key is None:
        raise PeopleError(
            f"{len(erased)} names were erased, and the key is missing that tells whose: give it back, or leave --users out"
        )
    meant = erasing.Erased(erased, key)

    def person(name: str) -> str | None:
        if meant(name):
            return None
        return key.pseudonym(name) if pseudonyms and key is not None else name

    return person
