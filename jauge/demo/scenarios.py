"""What may come to the invented hospital: a third CT, and a building with 140 places of day care."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

from jauge.demo.layout import write

FOLDER: Final = "scenarios"


def texts(birth: float, french: bool) -> dict[str, str]:
    """The files, by name, for a demo that was born then. The scanner comes in four months, the building in ten."""
    day = dt.datetime.fromtimestamp(birth, dt.UTC).date()
    return {f"{one['name']}.yml": _yaml(one) for one in (_scanner(day, french), _building(day, french))}


def save(folder: Path, birth: float, french: bool) -> None:
    """Write the files, and save them as a person would, once: what is decided later is the visitor's. Raises StateError, OSError."""
    place = folder / FOLDER
    if place.is_dir():
        return
    from inventory.scenarios.reading import open_scenario  # noqa: PLC0415 - only the first run needs them
    from inventory.state import open_state, scenarios  # noqa: PLC0415

    place.mkdir(mode=0o700)
    state = open_state(folder / "state.db")
    for name, text in texts(birth, french).items():
        write(place / name, text)
        found = open_scenario(place / name)
        if found.scenario is not None:
            scenarios.save(state, found.scenario, found.text, "demo", birth, "demo")


def _scanner(day: dt.date, french: bool) -> dict[str, Any]:
    return {
        "name": "scanner-3",
        "title": "Un troisième scanner" if french else "A third CT",
        "why": "Délai de rendez-vous au-delà de six semaines" if french else "Waiting time beyond six weeks",
        "changes": [
            {
                "kind": "modality", "modality": "CT", "studies": {"low": 28, "likely": 35, "high": 42},
                "target": "pacs-01", "store": "/srv/pacs", "start": _after(day, 120), "ramp": "8w",
            },
            {
                "kind": "modality", "modality": "CT", "studies": {"low": 28, "likely": 35, "high": 42},
                "target": "nas-01", "store": "/vol/imagerie/", "start": _after(day, 120), "ramp": "8w",
                "archive": "pacs-01",
            },
        ],
    }  # fmt: skip


def _building(day: dt.date, french: bool) -> dict[str, Any]:
    return {
        "name": "hopital-de-jour" if french else "day-hospital",
        "title": "Ouverture de l'hôpital de jour, 140 places" if french else "The day hospital opens, 140 places",
        "why": "Nouveau bâtiment" if french else "New building",
        "changes": [
            {
                "kind": "building", "places": 140, "start": _after(day, 300), "ramp": "12w",
                "studies": [
                    {"modality": "CT", "studies": {"low": 0.06, "likely": 0.1, "high": 0.15},
                     "target": "pacs-01", "store": "/srv/pacs"},
                ],
                "desktops": [
                    {"each": {"low": 0.5, "likely": 0.6, "high": 0.8}, "target": "hyperv-01",
                     "store": "D:\\ Label:Bureaux  Serial Number 9a40c1b2", "disk": "45 GB", "memory": "6 GiB", "vcpu": 2},
                ],
                "files": [
                    {"target": "db-01", "store": "/u01/oradata", "yearly": {"low": "1 GB", "likely": "2 GB", "high": "4 GB"}},
                ],
            },
            {
                "kind": "bought", "target": "hyperv-01", "store": "D:\\ Label:Bureaux  Serial Number 9a40c1b2",
                "amount": "6 TB", "cost": 14_000, "start": _after(day, 270),
            },
        ],
    }  # fmt: skip


def _after(day: dt.date, days: int) -> str:
    return (day + dt.timedelta(days=days)).isoformat()


def _yaml(scenario: dict[str, Any]) -> str:
    """JSON, each change on its line: YAML reads it alike; days stand without quotes."""
    head = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in scenario.items()
        if key != "changes"
    ]
    changes = [f"  - {json.dumps(change, ensure_ascii=False)}" for change in scenario["changes"]]
    return "\n".join(["# A scenario: what changes, when, and how sure that is. `jauge scenario try` shows what follows.",
                      *head, "changes:", *changes]) + "\n"  # fmt: skip
