"""Three thousand invented workstations, as GLPI exports them to CSV: French titles, semicolons, a few gaps.

There is an export for each other week of the last ten: some machines fail, are scrapped, move, and get a newer Windows.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

COUNT: Final = 3_000
_SEED: Final = 20_260_101

_TITLES: Final = (
    "Nom", "Lieu", "Groupe", "Type", "Fabricant", "Modèle", "Numéro de série", "Date d'achat",
    "Système d'exploitation - Nom", "Système d'exploitation - Version", "Système d'exploitation - Édition",
    "Composants - Processeur", "Composants - Mémoire", "Statut",
)  # fmt: skip


class _Batch(NamedTuple):
    """One order: how many years ago, its share of the estate, and what was bought."""

    age: float
    share: float
    kind: str
    maker: str
    model: str
    processor: str
    memory: int


_BATCHES: Final = (
    _Batch(0.4, 0.09, "Portable", "Dell Inc.", "Latitude 5550", "Intel Core Ultra 5 125U", 16_384),
    _Batch(1.3, 0.13, "Fixe", "HP", "HP Elite Mini 800 G9", "Intel Core i5-13500T", 16_384),
    _Batch(2.2, 0.15, "Portable", "Dell Inc.", "Latitude 5440", "Intel Core i5-1335U", 16_384),
    _Batch(3.4, 0.17, "Fixe", "HP", "HP EliteDesk 800 G6 Mini", "Intel Core i5-10500T", 8_192),
    _Batch(4.6, 0.16, "Fixe", "Dell Inc.", "OptiPlex 3080", "Intel Core i5-10505", 8_192),
    _Batch(5.9, 0.14, "Portable", "LENOVO", "ThinkPad L14 Gen 1", "Intel Core i5-10210U", 8_192),
    _Batch(7.3, 0.10, "Fixe", "HP", "HP ProDesk 400 G5", "Intel Core i3-8100", 8_192),
    _Batch(9.1, 0.06, "Fixe", "Dell Inc.", "OptiPlex 3050", "Intel Core i3-7100", 4_096),
)
_PLACES: Final = (("Site principal", 0.72), ("Institut de recherche", 0.2), ("Hôpital de jour", 0.08))
_SERVICES: Final = (
    "Imagerie", "Radiothérapie", "Chirurgie", "Oncologie médicale", "Laboratoire", "Anatomopathologie", "Pharmacie",
    "Hôpital de jour", "Accueil et admissions", "Recherche clinique", "Administration", "Direction du numérique",
)  # fmt: skip
_OLD_SYSTEM: Final = 6.5
"""Years above which a machine cannot run Windows 11 (its processor is older than Microsoft's list)."""


WEEKS: Final = (10, 8, 6, 4, 2, 0)
"""Weeks before the demo's birth that an export is of."""


def tables(today: float) -> Iterator[tuple[int, str, bool]]:
    """Exports of a demo born at `today` (UTC epoch seconds), oldest first: weeks before it, the CSV, and whether it is whole.

    The first one and the last one are; those between hold what changed since the one before. The same texts for the same day.
    """
    birth = dt.datetime.fromtimestamp(today, dt.UTC).date()
    draw, changes = random.Random(_SEED), random.Random(_SEED + 1)
    fleet = [(_workstation(number, birth, draw), _fate(changes)) for number in range(1, COUNT + 1)]
    before = set[tuple[str, ...]]()
    for ago in WEEKS:
        day = (birth - dt.timedelta(weeks=ago)).isoformat()
        rows = [_then(row, fate, ago) for row, fate in fleet if row[_BOUGHT] <= day]
        yield ago, _csv(row for row in rows if row not in before), not before
        before = set(rows)
    yield 0, _csv(rows), True


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_TITLES)
    writer.writerows(rows)
    return text.getvalue()


class _Fate(NamedTuple):
    """What becomes of a machine: which of all that can, in which week before the demo's birth, when its Windows is renewed,
    and where it was before."""

    share: float
    week: float
    turn: float
    service: str


def _fate(draw: random.Random) -> _Fate:
    return _Fate(draw.random(), draw.uniform(0, 12), draw.random(), draw.choice(_SERVICES))


_SERVICE, _BOUGHT, _SYSTEM, _VERSION = (
    _TITLES.index(title)
    for title in (
        "Groupe", "Date d'achat", "Système d'exploitation - Nom", "Système d'exploitation - Version",
    )
)  # fmt: skip


def _then(row: tuple[str, ...], fate: _Fate, ago: int) -> tuple[str, ...]:
    """A machine as it was some weeks ago."""
    cells, come = list(row), ago <= fate.week
    state = "En service"
    if fate.share < 0.012:
        state = "En stock"
    elif fate.share < 0.024 and come:
        state = "Hors service"
    elif fate.share < 0.032 and come:
        state = "Réformé"
    elif fate.share < 0.05 and not come:
        cells[_SERVICE] = fate.service
    if cells[_SYSTEM].endswith("11"):  # about 3 % of them a week, and quicker of late
        cells[_VERSION] = "25H2" if fate.turn < 0.72 - 0.028 * ago - 0.0012 * ago**2 else "24H2"
    return (*cells, state)


def _workstation(number: int, today: dt.date, draw: random.Random) -> tuple[str, ...]:
    batch = draw.choices(_BATCHES, [each.share for each in _BATCHES])[0]
    bought = today - dt.timedelta(days=int(batch.age * 365.25 + draw.uniform(-60, 60)))
    place = draw.choices([name for name, _ in _PLACES], [share for _, share in _PLACES])[0]
    serial = "".join(draw.choices("BCDFGHJKLMNPQRSTVWXYZ23456789", k=7)) + f"{number % 97:02d}"
    return (
        f"{'PC' if batch.kind == 'Portable' else 'PF'}{number:05d}",
        place,
        draw.choice(_SERVICES),
        batch.kind,
        batch.maker,
        batch.model,
        serial,
        "" if draw.random() < 0.03 else bought.isoformat(),  # what nobody wrote down
        *_system(batch, draw),
        batch.processor,
        str(batch.memory),
    )


def _system(batch: _Batch, draw: random.Random) -> tuple[str, str, str]:
    """Name, version and edition of the operating system."""
    if draw.random() < 0.015:  # beside scanners and analysers, whose makers allow nothing else
        return "Microsoft Windows 10", "1809", "Entreprise LTSC"
    old = batch.age > _OLD_SYSTEM or draw.random() < 0.06 * batch.age
    if old:
        return "Microsoft Windows 10", "22H2", "Professionnel"
    return "Microsoft Windows 11", draw.choices(("25H2", "24H2"), (0.7, 0.3))[0], "Professionnel"
