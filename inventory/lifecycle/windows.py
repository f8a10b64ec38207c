"""Names of Windows: of workstations and servers, in English and French, by version or build."""

from __future__ import annotations

import functools
import re
from typing import Final

from inventory.lifecycle.catalogue import Cycle, numbers, products
from inventory.lifecycle.named import Named, fold, settle

_CALLED: Final = re.compile(r"\bwin(?:dows)?(?: nt)?[ -]?(11|10|8\.1|8|7|vista|xp)\b")
_VERSION: Final = re.compile(
    r"(?<!\w)(?<!\d\.)v?(1507|1511|1607|1703|1709|1803|1809|1903|1909|2004|\d\dh[12])(?!\w|\.\d)"
)
_BUILD: Final = re.compile(r"(?<![\d.])(?:\d{1,2}\.\d{1,2}\.)?(\d{4,5})(?!\d)")
"""A build: the third number of a version, or one that stands alone. The fourth is a revision, 7601.24545 no build 24545."""
_YEAR: Final = re.compile(r"\b(2000|2003|2008|2012|2016|2019|2022|2025)(?:[ -]?(r2))?\b")
_SERVER: Final = re.compile(r"server|serveur|\bwindows (?:20(?:00|03|08|12|16|19|22|25))\b")
_PACK: Final = re.compile(r"\b(?:sp|service pack) ?(\d)\b")
_LTSC_YEAR: Final = re.compile(r"(?<!\d\.)\b(2015|2016|2019|2021|2024)\b")
_LTSC: Final = {"2015": "1507", "2016": "1607", "2019": "1809", "2021": "21H2", "2024": "24H2"}
"""The version that a long-term release is made of, by the year in its name."""

_FIRST_11: Final = 22000
"""The first build of Windows 11. Its registry goes on saying Windows 10, and so do inventories: builds decide."""

_RENUMBERED: Final = {6003: 6002}
"""Builds that updates have raised within a service pack: that of Vista and Server 2008."""

_UNLISTED: Final = re.compile(
    r"\b(?:team|ppipro|mobile|holographic|iot ?core|iotuap|cloud(?:editionn?)?|se|enterprise ?gn?|iotenterprisesk"
    r"|evaluation|\w*eval)\b"
)
"""Editions that Microsoft dates elsewhere, or not at all: an evaluation runs out by itself."""
_NO_SERVER: Final = re.compile(
    r"\b(?:storage server|hyper-v server|home server|multipoint|(?:small|essential) business|azure|evaluation|\w*eval)\b"
)
_LONG_TERM: Final = re.compile(r"\blts[bc]\b|\blong[ -]term serv|\b(?:iot)?enterprisesn?\b")
_EDITIONS: Final = (
    ("IoT Enterprise", re.compile(r"\biot ?(?:enterprise|entreprise)n?\b")),
    ("Enterprise", re.compile(r"\b(?:enterprise|entreprise)n?\b|\bserverrdsh\b")),
    ("Pro", re.compile(r"\bpro(?:fessional|fessionnel)?(?:workstation|education)?n?\b")),
    ("Education", re.compile(r"\be?ducation(?:n)?\b")),  # PowerShell drops the accent with its letter
    ("Home", re.compile(r"\b(?:home|famille|familiale?|core(?:n|singlelanguage|countryspecific)?)\b")),
)
"""Editions by their words, in the order in which a name is held against them: Pro Education is a Pro."""
_REFINED: Final = frozenset({"Enterprise", "IoT Enterprise", "Enterprise LTSC", "IoT Enterprise LTSC"})
"""Editions of which two may be told at once: the more exact one is meant."""


def speaks(name: str) -> bool:
    """Whether a folded name is one of Windows."""
    return bool(re.search(r"\bwindows\b", name) or _CALLED.match(name))


def read(name: str, told: str, kind: str, workstation: bool = False) -> Named:
    """A folded name of Windows, what it says of its version, and of its edition; `workstation`: no server."""
    if "embedded" in name:
        return _embedded(name, told)
    if _SERVER.search(name):
        return _server(name, told)
    called = _CALLED.search(name)
    build = build_of(told, name)
    if len(_builds_told(told, name)) > 1:
        return Named(f"Windows {called[1]}" if called else "Windows", reason="contradiction")
    number = called[1] if called else _number(build, workstation or "workstation" in name.split())
    if number == "10" and build >= _FIRST_11:
        number = "11"
    if number is None:
        return Named("Windows", reason="several products" if build else "version not known")
    if number in ("10", "11"):
        return _modern(number, name, kind, told, build)
    return _old({"vista": "Vista", "xp": "XP"}.get(number, number), f"{name} {told}", build)


@functools.cache
def _builds() -> frozenset[int]:
    """The builds that the catalogue knows of any Windows."""
    return frozenset(
        numbers(one.build)[-1]
        for product, rows in products().items()
        if product.startswith("Windows")
        for one in rows
        if one.build
    )


def build_of(told: str, name: str = "") -> int:
    """The build in what a system says of itself, 0 where there is none. One of four digits is one only if it is known."""
    return next(iter(_builds_told(told, name)), 0)


def _builds_told(told: str, name: str) -> list[int]:
    """The builds in a version, and those of its name that are known: where there are two, one of them is wrong."""
    version, named = _long(told), _long(name)
    return list(dict.fromkeys(version + [build for build in named if not version or build in _builds()]))


def _long(text: str) -> list[int]:
    """The builds in a text: those of five digits, else those of four that are known."""
    found = [_RENUMBERED.get(int(build), int(build)) for build in _BUILD.findall(text)]
    return [build for build in found if build >= 10000] or [build for build in found if build in _builds()]


def edition_of(text: str) -> str | None:
    """The edition in a folded name, as the catalogue has it; "" for one that it has not."""
    if _UNLISTED.search(text):
        return ""
    if _LONG_TERM.search(text):
        return "IoT Enterprise LTSC" if "iot" in text else "Enterprise LTSC"
    return next((edition for edition, words in _EDITIONS if words.search(text)), None)


def _agree(name: str, kind: str) -> bool:
    """Whether a name and an edition that is told beside it do not say two: Pro is no LTSC, Enterprise may be."""
    told = {edition_of(name), edition_of(kind)} - {None}
    return len(told) < 2 or told <= _REFINED


def _number(build: int, workstation: bool) -> str | None:
    """Which Windows is told by a build alone: most builds are those of a server too."""
    if not build or (not workstation and any(_of(one, build) for one in products()["Windows Server"])):
        return None
    if build >= 10000:
        return "11" if build >= _FIRST_11 else "10"
    return {
        2600: "xp",
        6000: "vista",
        6001: "vista",
        6002: "vista",
        7600: "7",
        7601: "7",
        9200: "8",
        9600: "8.1",
    }.get(build)


def _modern(number: str, name: str, kind: str, told: str, build: int) -> Named:
    """Windows 10 and 11, whose dates depend on version and edition."""
    product, edition = f"Windows {number}", edition_of(f"{name} {kind}")
    labels = _labels(f"{told} {name} {kind}", edition)
    label = labels[0] if labels else ""
    if not label and not build:
        return Named(product, "", edition, reason="version not known")
    rows = [one for one in products()[product] if not label or one.version == label]
    if len(labels) > 1 or (label and build and rows and not any(_of(one, build) for one in rows)):
        return Named(product, label, edition, reason="contradiction")
    rows = [one for one in rows if not build or _of(one, build)]
    version_told = label or (rows[0].version if rows else str(build))
    if not _agree(name, kind):
        return Named(product, version_told, None, reason="contradiction")
    return _edited(product, version_told, rows, edition)


def _labels(text: str, edition: str | None) -> list[str]:
    """The versions in a text, by their names and by the year of a long-term release."""
    found = [version.upper() for version in _VERSION.findall(text)]
    years = _LTSC_YEAR.findall(text) if edition and "LTSC" in edition else []
    return list(dict.fromkeys(found + [_LTSC[year] for year in years]))


def _edited(product: str, version: str, rows: list[Cycle], edition: str | None) -> Named:
    """Of the rows of a version, those of an edition; of all editions where it is not told."""
    if edition == "":
        return Named(product, version, None, reason="edition not in the catalogue")
    fits = [one for one in rows if edition is None or edition in one.editions]
    if rows and not fits:
        return Named(product, version, edition, reason="edition not in the catalogue")
    return settle(product, version, fits, edition)


def _of(one: Cycle, build: int) -> bool:
    return bool(one.build) and numbers(one.build or "")[-1] == build


def _old(number: str, text: str, build: int) -> Named:
    """What came before Windows 10: no version and no edition, but service packs."""
    product = f"Windows {number}"
    rows, pack = list(products()[product]), _PACK.search(text)
    if number == "XP" and re.search(r"\bx64\b|\b3790\b", text):  # has the service packs of Server 2003
        return Named(product, reason="edition not in the catalogue")
    if build and any(one.build for one in rows):
        rows = [one for one in rows if _of(one, build)]
    elif len(rows) > 1 and pack:
        rows = [one for one in rows if one.version == f"SP{pack[1]}"]
    return settle(product, rows[0].version if len(rows) == 1 else "", rows)


def _server(name: str, told: str) -> Named:
    product = "Windows Server"
    text = f"{name} {told}"
    if _NO_SERVER.search(name):
        return Named(product, reason="edition not in the catalogue")
    year, build = _YEAR.search(name) or _YEAR.match(told), build_of(told, name)
    if year:
        label = year[1] + (" R2" if year[2] else "")
        pack = _PACK.search(text)
        return _fits(product, f"{label} SP{pack[1]}" if pack and int(year[1]) < 2012 else label, build)
    if version := (_VERSION.search(name) or _VERSION.search(told)):
        return _fits(product, version[1].upper(), build)
    if not build:
        return Named(product, reason="version not known")
    return settle(product, str(build), [one for one in products()[product] if _of(one, build)])


def _fits(product: str, label: str, build: int) -> Named:
    rows = [one for one in products()[product] if one.version == label] or [
        one for one in products()[product] if one.within(label)
    ]
    built = [one for one in rows if _of(one, build)]
    if build and rows and not built:
        return Named(product, label, reason="contradiction")
    return settle(product, label, built or rows)


def _embedded(name: str, told: str) -> Named:
    product = "Windows Embedded"
    words = set(name.split()) | set(told.split()) | ({"7"} if build_of(told) == 7601 else set())
    rows = [one for one in products()[product] if set(fold(one.version).split()) - {"sp1"} <= words]
    return settle(product, rows[0].version if len(rows) == 1 else "", rows)
