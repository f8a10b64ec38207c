"""Workstations as the state keeps them: texts of JSON that hold what is known."""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any, Final

from inventory.imports.staging import dump
from inventory.workstations import Workstation

_DAYS: Final = frozenset({"purchased", "warranty"})
_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Workstation) if field.name != "seen")


def workstation(text: str, seen: str | None = None) -> Workstation:
    """A workstation from its text, and the day on which it was seen."""
    found = revive(json.loads(text))
    return dataclasses.replace(found, seen=datetime.date.fromisoformat(seen)) if seen else found


def revive(row: dict[str, Any]) -> Workstation:
    """A workstation from its fields. What a newer program wrote, and this one does not know, is left out."""
    known = {name: value for name, value in row.items() if name in _FIELDS and value is not None}
    for day in _DAYS & known.keys():
        known[day] = datetime.date.fromisoformat(known[day])
    return Workstation(**known)


def text(one: Workstation) -> str:
    """A workstation as text."""
    known = {name: getattr(one, name) for name in _FIELDS if getattr(one, name) is not None}
    return dump({name: value.isoformat() if name in _DAYS else value for name, value in known.items()})
