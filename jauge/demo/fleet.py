"""What the demo's workstations are for, what replaces them, and with which money: all invented."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

CONTRACT: Final = "ugap-postes"

_CLASSES: Final = (
    {"name": "bloc", "title": "Bloc opératoire et radiothérapie", "criticality": "critical", "care": True, "age_limit": 5,
     "risk": "12 %", "personal_data": "health", "register_entry": "TR-012", "spares": {"share": "2 %"},
     "fits": {"services": ["Chirurgie", "Radiothérapie"]}},
    {"name": "soins", "title": "Soins et hôpital de jour", "criticality": "high", "care": True, "age_limit": 6,
     "personal_data": "health", "register_entry": "TR-012",
     "fits": {"services": ["Hôpital de jour", "Oncologie médicale", "Imagerie"]}},
    {"name": "plateaux", "title": "Pharmacie et laboratoires", "criticality": "high", "care": True, "age_limit": 6,
     "personal_data": "health", "register_entry": "TR-014",
     "fits": {"services": ["Pharmacie", "Laboratoire", "Anatomopathologie"]}},
    {"name": "bureaux", "title": "Bureaux et recherche", "criticality": "low", "age_limit": 7,
     "personal_data": "staff", "register_entry": "TR-003"},
)  # fmt: skip


_SWAPPED: Final = (40, 75, 92, 88, 61, 0, 97, 110, 84, 90, 102, 79)
"""Telephones of each of the last weeks, the oldest first."""


def _telephones(birth: dt.date) -> dict[str, int]:
    """How many are swapped in all, by the last day of each week."""
    weeks = range(1, len(_SWAPPED) + 1)
    return {
        (birth - dt.timedelta(days=7 * (len(_SWAPPED) - week))).isoformat(): sum(_SWAPPED[:week])
        for week in weeks
    }


def declared(birth: dt.date) -> dict[str, Any]:
    """The section `workstations` of the estate of a demo born then."""
    return {
        "years": 8,
        "age_limit": 7,
        "warranty": 3,
        "classes": list(_CLASSES),
        "offers": {
            "portable": {"title": "Portable 14 pouces", "contract": CONTRACT, "price": 960, "model": "Latitude 5550",
                         "warranty": 3, "fits": {"kinds": ["Portable"]}},
            "fixe": {"title": "Mini PC et écran", "contract": CONTRACT, "price": 690, "model": "HP Elite Mini 800 G9",
                     "warranty": 3, "fits": {"kinds": ["Fixe"]}},
        },
        "budgets": {
            birth.year: {"amount": 60_000},
            birth.year + 1: {"amount": 460_000, "directorates": {"Direction de la recherche": 90_000}},
            birth.year + 3: {"amount": 380_000, "directorates": {"Direction de la recherche": 80_000}},
        },
        "directorates": {"Direction de la recherche": {"sites": ["Institut de recherche"]}},
        "installations": 220,
        "extended_updates": [{"product": "Windows 10", "prices": [55, 110, 220]}],
        "costs": {"failure": 320, "support": [25, 40, 60, 80], "largest": 0.1, "rise": 0.015},
        "projects": [
            {"name": "hopital-de-jour-140", "title": "Hôpital de jour, 140 places", "machines": 98, "use": "soins",
             "by": (birth + dt.timedelta(days=300)).isoformat(), "site": "Hôpital de jour", "kind": "Fixe"},
        ],
        "consoles": [
            {"fits": {"services": ["Radiothérapie"], "models": ["OptiPlex 3050"]}, "until": f"{birth.year + 3}-06-30",
             "why": "Pilote l'accélérateur : son fabricant ne valide aucun autre système avant cette date"},
        ],
        "measures": [
            {"fits": {"services": ["Radiothérapie"], "models": ["OptiPlex 3050"]},
             "text": "Réseau isolé, sans internet ni messagerie, clés USB interdites", "who": "RSSI",
             "day": (birth - dt.timedelta(days=90)).isoformat()},
        ],
        "rollouts": {
            "windows-11-25h2": {
                "title": "Windows 11 25H2", "counted": {"kind": "os", "os": "Windows 11", "version": "25H2"},
                "start": (birth - dt.timedelta(weeks=26)).isoformat(), "end": (birth + dt.timedelta(weeks=16)).isoformat(),
                "total": 1950,
            },
            "telephonie": {
                "title": "Téléphonie sur le poste", "total": 1_800, "weekly": 90,
                "counted": {"kind": "days", "days": _telephones(birth)},
                "start": (birth - dt.timedelta(weeks=len(_SWAPPED))).isoformat(),
            },
        },
    }  # fmt: skip
