"""Inventories that keep who uses a machine, and files that are searched for names byte for byte."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inventory.imports import snapshots
from inventory.state import State
from inventory.workstations import Workstation

DAY = 86_400.0
START = 1_767_225_600.0  # the 1st of January 2026, UTC


def take(state: State, day: float, *machines: Workstation) -> None:
    """An import of these machines, so many days after the first of January."""
    with snapshots.compare(state, f"day {day}", machines) as found:
        snapshots.commit(state, found, "ada", at=START + day * DAY)


def used(number: int, user: str | None = None, **fields: Any) -> Workstation:
    """A machine, and who uses it."""
    return Workstation(f"PC-{number}", serial=f"S{number}", user=user, **fields)


def holds(folder: Path, texts: Iterable[str], but: Iterable[str] = ()) -> set[str]:
    """Which of some texts stand in any file of a folder (`but` those of these names), as they are or as JSON escapes them."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in but]
    content = b"\n".join(path.read_bytes() for path in files)
    return {text for text in texts if any(form in content for form in _forms(text))}


def _forms(text: str) -> set[bytes]:
    forms = {text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")}
    with contextlib.suppress(UnicodeEncodeError):
        forms.add(text.encode("cp1252"))
    return forms
