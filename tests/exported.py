"""Small invented fleets as GLPI exports them, and estates that plan their renewal."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

TITLES = (
    "Nom", "Lieu", "Groupe", "Type", "Fabricant", "Modèle", "Numéro de série", "Date d'achat", "Système d'exploitation - Nom",
    "Système d'exploitation - Version", "Système d'exploitation - Édition", "Composants - Processeur", "Composants - Mémoire",
    "Utilisateur", "Statut",
)  # fmt: skip
HOSTILE = '=HYPERLINK("http://evil.example","x")<img src=x onerror=alert(1)>\u202e'
USER = "martin.dupont"

SECTION = """
contracts: {pc: {title: UGAP, lead_time: 8w}}
workstations:
  years: 4
  age_limit: 7
  classes:
    - {name: bloc, title: Bloc, criticality: critical, care: true, age_limit: 5, fits: {services: [Chirurgie]}}
    - {name: bureaux, title: Bureaux, criticality: low, fits: {services: [Administration, Accueil]}}
  offers:
    portable: {title: Portable 14, contract: pc, price: 900, fits: {kinds: [Portable]}}
    fixe: {title: Mini PC, contract: pc, price: 600, fits: {kinds: [Fixe]}}
  budgets: {%d: {amount: %d}}
  measures:
    - {fits: {names: [PC-0000]}, text: Isolated network, who: CISO, day: 2026-01-15}
"""
HEAD = "title: Test hospital\ntimezone: Europe/Paris\nlanguage: en\nsites: {north: }\n"
TARGETS = "credentials: {c: {snmp: v2c, community: file:/etc/hostname}}\ndefaults: {credential: c}\ntargets: [{name: nas-01, address: 127.0.0.1}]\n"


def estate(folder: Path, year: int, budget: int, planned: bool = True) -> Path:
    """An estate file; without `planned` it says nothing of workstations."""
    path = folder / "estate.yml"
    path.write_text(HEAD + TARGETS + (SECTION % (year, budget) if planned else ""))
    return path


def row(number: int, today: dt.date) -> list[str]:
    """One machine: a third are old and run Windows 10 22H2, whose support ended in October 2025."""
    old = number % 3 == 0
    bought = today - dt.timedelta(days=(2600 if old else 700) + number % 90)
    return [
        f"PC-{number:04d}", "Nord" if number % 2 else "Sud", ("Chirurgie", "Administration", "Accueil")[number % 3 if number % 5 else 1],
        "Portable" if number % 4 == 0 else "Fixe", "Dell", "OptiPlex 3050" if old else "OptiPlex 7010", f"SN{number:05d}",
        bought.isoformat(), "Microsoft Windows 10" if old else "Microsoft Windows 11", "22H2" if old else "25H2", "Professionnel",
        "Intel Core i3-7100" if old else "Intel Core i5-13500T", "8192", USER, "En service",
    ]  # fmt: skip


def text(rows: list[list[str]]) -> str:
    """The file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(TITLES)
    writer.writerows(rows)
    return out.getvalue()


def fleet(count: int, today: dt.date) -> list[list[str]]:
    """Machines, the second of them with a hostile model and service."""
    rows = [row(number, today) for number in range(count)]
    rows[1][2] = rows[1][5] = HOSTILE
    return rows
