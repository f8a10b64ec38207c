"""Three thousand invented workstations, as GLPI exports them to CSV: French titles, semicolons, a few gaps.

There are exports of earlier years, which tell how long machines last, and one for each other week of the last ten: some machines
fail, are scrapped, move, and get a newer Windows.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

COUNT: Final = 3_000
"""Machines that are there when the demo is born."""

_SEED: Final = 20_260_101

_TITLES: Final = (
    "Nom", "Lieu", "Groupe", "Type", "Fabricant", "Modèle", "Numéro de série", "Date d'achat",
    "Système d'exploitation - Nom", "Système d'exploitation - Version", "Système d'exploitation - Édition",
    "Composants - Processeur", "Composants - Mémoire", "Composants - Capacité du disque dur", "Mode de démarrage",
    "Version du TPM", "Statut",
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
    disk: int


_BATCHES: Final = (
    _Batch(0.4, 0.09, "Portable", "Dell Inc.", "Latitude 5550", "Intel Core Ultra 5 125U", 16_384, 488_386),
    _Batch(1.3, 0.13, "Fixe", "HP", "HP Elite Mini 800 G9", "Intel Core i5-13500T", 16_384, 488_386),
    _Batch(2.2, 0.15, "Portable", "Dell Inc.", "Latitude 5440", "Intel Core i5-1335U", 16_384, 244_198),
    _Batch(3.4, 0.17, "Fixe", "HP", "HP EliteDesk 800 G6 Mini", "Intel Core i5-10500T", 8_192, 244_198),
    _Batch(4.6, 0.16, "Fixe", "Dell Inc.", "OptiPlex 3080", "Intel Core i5-10505", 8_192, 244_198),
    _Batch(5.9, 0.14, "Portable", "LENOVO", "ThinkPad L14 Gen 1", "Intel Core i5-10210U", 8_192, 244_198),
    _Batch(7.3, 0.10, "Fixe", "HP", "HP ProDesk 400 G5", "Intel Core i3-8100", 8_192, 122_104),
    _Batch(9.1, 0.06, "Fixe", "Dell Inc.", "OptiPlex 3050", "Intel Core i3-7100", 4_096, 476_940),
)
"""Memory and disk in MiB."""

_PLACES: Final = (("Site principal", 0.72), ("Institut de recherche", 0.2), ("Hôpital de jour", 0.08))
_SERVICES: Final = (
    "Imagerie", "Radiothérapie", "Chirurgie", "Oncologie médicale", "Laboratoire", "Anatomopathologie", "Pharmacie",
    "Hôpital de jour", "Accueil et admissions", "Recherche clinique", "Administration", "Direction du numérique",
)  # fmt: skip
_OLD_SYSTEM: Final = 6.5
"""Years above which nobody has put Windows 11 on a machine."""

PROCESSORS: Final = """\
Manufacturer,Brand,Model,Supported
Intel,Core Ultra,5 125U,yes
Intel,Core,i5-13500T,yes
Intel,Core,i5-1335U,yes
Intel,Core,i5-10500T,yes
Intel,Core,i5-10505,yes
Intel,Core,i5-10210U,yes
Intel,Core,i3-8100,yes
Intel,Core,i3-7100,no
"""
"""Which of these machines' processors run Windows 11."""

OLDEST: Final = 640
"""Days before the demo's birth of which the first export is."""

LATER: Final = (400, 200, 70, 56, 42, 28, 14)
"""Days before it of which there are exports of what changed since the one before: a whole one takes a second of a first start."""

_FAILED: Final = 120
_SCRAPPED: Final = 140
"""Machines that broke or were scrapped while they worked, since the oldest export."""

_WEAR: Final = 1.7
"""Shape of the Weibull life after which machines break: the old ones more often."""

_SCRAP_AGE: Final = 5.0
"""Years above which machines that work are scrapped."""


class Export(NamedTuple):
    """An export: how many days before the demo's birth it is of, its text, and whether it names every machine."""

    before: int
    text: str
    whole: bool


def exports(today: float) -> Iterator[Export]:
    """Exports of a demo born at `today` (UTC epoch seconds), the oldest first. That one and the last are whole: between them stands how
    long the machines were watched of which nothing is told meanwhile.

    The same texts for the same day.
    """
    birth = dt.datetime.fromtimestamp(today, dt.UTC).date()
    lives, last = _lives(birth), set[tuple[str, ...]]()
    for before in (OLDEST, *LATER, 0):
        rows = [life.on(before) for life in lives if life.bought <= birth - dt.timedelta(days=before)]
        whole = before in (OLDEST, 0)
        yield Export(before, _csv(rows if whole else [row for row in rows if row not in last]), whole)
        last = set(rows)


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_TITLES)
    writer.writerows(rows)
    return text.getvalue()


_SERVICE, _SYSTEM, _VERSION = (
    _TITLES.index(title)
    for title in ("Groupe", "Système d'exploitation - Nom", "Système d'exploitation - Version")
)


class _Life(NamedTuple):
    """A machine as it is told at the demo's birth, and what came before, in days before it: its end and how it ended, its upgrade
    from Windows 10, its move from another service. `turn` (0 to 1) is its place among those that get a new version."""

    cells: tuple[str, ...]
    bought: dt.date
    state: str
    ended: int
    upgraded: int
    moved: int
    service: str
    turn: float

    def on(self, before: int) -> tuple[str, ...]:
        """The machine as an export told it, so many days before."""
        cells = list(self.cells)
        if self.moved < before:
            cells[_SERVICE] = self.service
        if "11" in cells[_SYSTEM]:
            cells[_SYSTEM], cells[_VERSION] = self._system(before)
        return (*cells, self.state if before <= self.ended else "En service")

    def _system(self, before: int) -> tuple[str, str]:
        """Windows and its version: of late about 3 % of all machines get the newest one each week."""
        if self.upgraded < before:
            return "Microsoft Windows 10", "22H2"
        weeks = before / 7
        if self.turn < 0.72 - 0.028 * weeks - 0.0012 * weeks**2:
            return "Microsoft Windows 11", "25H2"
        return "Microsoft Windows 11", "24H2" if self.turn < (0.95 if weeks < _YEAR else 0.6) else "23H2"


_YEAR: Final = 52


def _lives(birth: dt.date) -> list[_Life]:
    draw = random.Random(_SEED)  # rule: B311 - invented machines, the same each time
    worn = [each.share * (each.age**_WEAR - _since(each.age) ** _WEAR) for each in _BATCHES]
    old = [each.share * (each.age > _SCRAP_AGE) for each in _BATCHES]
    lives = [_life(number, birth, draw, _drawn(draw)) for number in range(1, COUNT + 1)]
    for weights, many, state in ((worn, _FAILED, "Hors service"), (old, _SCRAPPED, "Réformé")):
        for number in range(len(lives) + 1, len(lives) + 1 + many):
            life = _life(number, birth, draw, _drawn(draw, weights))
            lives.append(life._replace(state=state, ended=_ended((birth - life.bought).days, draw)))
    return lives


def _since(age: float) -> float:
    """The age in years at the oldest export, of what is so old now."""
    return max(age - OLDEST / 365.25, 0.0)


def _drawn(draw: random.Random, weights: Sequence[float] | None = None) -> _Batch:
    return draw.choices(_BATCHES, weights or [each.share for each in _BATCHES])[0]


def _ended(days: int, draw: random.Random) -> int:
    """Days before the demo's birth at which a machine ends that is so many days old then, after an export has told of it."""
    told = max(before for before in (OLDEST, *LATER, 0) if before <= days)
    worn: float = draw.uniform((days - told) ** _WEAR, days**_WEAR)
    return max(min(days - int(math.pow(worn, 1 / _WEAR)), told - 1), 0)


def _life(number: int, birth: dt.date, draw: random.Random, batch: _Batch) -> _Life:
    bought = birth - dt.timedelta(days=int(batch.age * 365.25 + draw.uniform(-60, 60)))
    came_with_10 = (birth - bought).days > 900
    return _Life(
        _cells(number, bought, draw, batch),
        bought,
        "En stock" if draw.random() < 0.01 else "En service",
        OLDEST,
        draw.randint(60, 760) if came_with_10 else OLDEST,
        draw.randint(0, 80) if draw.random() < 0.02 else OLDEST,
        draw.choice(_SERVICES),
        draw.random(),
    )


def _cells(number: int, bought: dt.date, draw: random.Random, batch: _Batch) -> tuple[str, ...]:
    place = draw.choices([name for name, _ in _PLACES], [share for _, share in _PLACES])[0]
    serial = "".join(draw.choices("BCDFGHJKLMNPQRSTVWXYZ23456789", k=7)) + f"{number % 97:02d}"
    system = _system(batch, draw)
    return (
        f"{'PC' if batch.kind == 'Portable' else 'PF'}{number:05d}",
        place,
        draw.choice(_SERVICES),
        batch.kind,
        batch.maker,
        batch.model,
        serial,
        "" if draw.random() < 0.03 else bought.isoformat(),  # what nobody wrote down
        *system,
        batch.processor,
        str(batch.memory),
        *_parts(batch, "11" in system[0], draw),
    )


def _system(batch: _Batch, draw: random.Random) -> tuple[str, str, str]:
    """Name, version and edition of the operating system."""
    if draw.random() < 0.015:  # beside scanners and analysers, whose makers allow nothing else
        return "Microsoft Windows 10", "1809", "Entreprise LTSC"
    if batch.age > _OLD_SYSTEM or draw.random() < 0.06 * batch.age:
        return "Microsoft Windows 10", "22H2", "Professionnel"
    return "Microsoft Windows 11", "25H2", "Professionnel"


def _parts(batch: _Batch, modern: bool, draw: random.Random) -> tuple[str, str, str]:
    """Disk, firmware and TPM: of some machines GLPI's agent tells nothing, and some old ones are not what Windows 11 asks for."""
    agent, boots, chip = draw.random(), draw.random(), draw.random()
    if agent < 0.05:
        return "", "", ""
    legacy = not modern and boots < 0.04 * batch.age
    first = not modern and batch.age > 9 and chip < 0.5
    return str(batch.disk), "BIOS" if legacy else "UEFI", "1.2" if first else "2.0"
