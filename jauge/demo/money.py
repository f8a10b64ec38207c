"""What the demo's hospital may buy, with which money, and how long its archive keeps what it holds: all invented."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

_BUDGETS: Final = (90_000, 160_000, 150_000, 150_000)
"""Of the year of the demo's birth, and of those that follow."""

_RESEARCH: Final = 25_000
"""The part of the directorate of research, each year."""


def declared(birth: dt.date) -> dict[str, Any]:
    """The sections `contracts`, `budgets` and `retention` of the estate."""
    return {"contracts": _contracts(birth), "budgets": _budgets(birth.year), "retention": _RETENTION}


def _contracts(birth: dt.date) -> dict[str, Any]:
    ends = dt.date(birth.year + 2, 6, 30).isoformat()
    return {
        "ugap-stockage": {
            "title": "UGAP stockage",
            "lead_time": "16w",
            "until": ends,
            "items": {
                "tiroir-20": {
                    "title": "Tiroir de 20 To utiles", "gives": {"storage": "20 TB"}, "price": 9_600,
                    "targets": ["nas-01", "nas-02"], "kinds": ["pool"], "most": 4, "limit": 12,
                },
                "lot-5": {
                    "title": "Lot de 5 To pour le PACS", "gives": {"storage": "5 TB"}, "price": 3_250,
                    "targets": ["pacs-01"],
                },
                "lot-25": {
                    "title": "Lot de 25 To pour le PACS", "gives": {"storage": "25 TB"}, "price": 12_500,
                    "targets": ["pacs-01"],
                },
            },
        },
        "ugap-postes": {"title": "UGAP postes de travail", "lead_time": "8w", "until": ends},
        "ugap-serveurs": {
            "title": "UGAP serveurs",
            "lead_time": "20w",
            "items": {
                "noeud": {
                    "title": "Nœud hyperconvergé", "price": 62_000, "targets": ["hci-01"], "kinds": ["pool"],
                    "gives": {"storage": "30 TB", "memory": "768 GiB", "processors": 64}, "limit": 4,
                },
                "disques-4": {
                    "title": "Disques, 4 To utiles", "gives": {"storage": "4 TB"}, "price": 2_900,
                    "targets": ["hyperv-01"],
                },
            },
        },
    }  # fmt: skip


def _budgets(first: int) -> dict[int, Any]:
    part = {"Direction de la recherche": _RESEARCH}
    return {first + place: {"amount": amount, "directorates": part} for place, amount in enumerate(_BUDGETS)}


_RETENTION: Final = {
    "years": 20,
    "returned": {"low": "25 %", "likely": "35 %", "high": "45 %"},
    "minors": "1 %",
    "deaths": {"low": "25 %", "likely": "35 %", "high": "45 %"},
}
