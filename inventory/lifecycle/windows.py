"""Names of Windows: of workstations and servers, in English and French, by version or build."""

from __future__ import annotations

import functools
import re
from typing import Final

from inventory.lifecycle.catalogue import Cycle, numbers, products
from inventory.lifecycle.names import Named, fold, settle

_CALLED: Final = re.compile(r"\bwin(?:dows)?(?: nt)?[ -]?(11|10|8\.1|8|7|vista|xp)\b")
_VERSION: Final = re.compile(r"\b(1507|1511|1607|1703|1709|1803|1809|1903|1909|2004|\d\dh[12])\b")
_TOKEN: Final = re.compile(r"(?<!\d)\d{4,5}(?!\d)")
_YEAR: Final = re.compile(r"\b(2000|2003|2008|2012|2016|2019|2022|2025)\b(?: ?(r2)\b)?")
_SERVER: Final = re.compile(r"server|serveur|\bwindows (?:20(?:00|03|08|12|16|19|22|25))\b")
_PACK: Final = re.compile(r"\b(?:sp|service pack) ?(\d)\b")
_LTSC_YEAR: Final = re.compile(r"\b(2015|2016|2019|2021|2024)\b")
_LTSC: Final = {"2015": "1507", "2016": "1607", "2019": "1809", "2021": "21H2", "2024": "24H2"}
"""The version that a long-term release is made of, by the year in its name."""

_FIRST_11: Final = 22000
"""The first build of Windows 11. Its registry goes on saying Windows 10, and so do inventories: builds decide."""

_RENUMBERED: Final = {6003: 6002}
"""Builds that updates have raised within a service pack: that of Vista and Server 2008."""

_UNLISTED: Final = re.compile(r"\b(?:team|mobile|holographic|iot ?core|iotuap|cloud|se)\b")
_LONG_TERM: Final = re.compile(r"\blts[bc]\b|\blong[ -]term serv|\b(?:iot)?enterprisesn?\b")
_EDITIONS: Final = (
    ("Enterprise", re.compile(r"\b(?:iot ?)?(?:enterprise|entreprise)n?\b|\bserverrdsh\b")),
    ("Pro", re.compile(r"\bpro(?:fessional|fessionnel)?(?:n|workstation|education)?\b")),
    ("Education", re.compile(r"\be?ducation(?:n)?\b")),  # PowerShell drops the accent with its letter
    ("Home", re.compile(r"\b(?:home|famille|familiale?|core(?:n|singlelanguage|countryspecific)?)\b")),
)
"""Editions by their words, in the order in which a name is held against them: Pro Education is a Pro."""


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
    number = called[1] if called else _number(build, workstation)
    if number == "10" and build >= _FIRST_11:
        number = "11"
    if number is None:
        return Named("Windows", reason="several products" if build else "version not known")
    if number in ("10", "11"):
        return _modern(number, f"{name} {kind}", told, build)
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
    tokens = [int(token) for text in (told, name) for token in _TOKEN.findall(text)]
    long = [token for token in tokens if token >= 10000]
    found = next(iter(long or [token for token in tokens if token in _builds() or token in _RENUMBERED]), 0)
    return _RENUMBERED.get(found, found)


def edition_of(text: str) -> str | None:
    """The edition in a folded name, as the catalogue has it; "" for one that it has not."""
    if _UNLISTED.search(text):
        return ""
    if _LONG_TERM.search(text):
        return "IoT Enterprise LTSC" if "iot" in text else "Enterprise LTSC"
    return next((edition for edition, words in _EDITIONS if words.search(text)), None)


def _number(build: int, workstation: bool) -> str | None:
    """Which Windows is told by a build alone: most builds are those of a server too."""
    if not build or (not workstation and any(_of(one, build) for one in products()["Windows Server"])):
        return None
    if build >= 10000:
        return "11" if build >= _FIRST_11 else "10"
    return {2600: "xp", 6002: "vista", 7600: "7", 7601: "7", 9200: "8", 9600: "8.1"}.get(build)


def _modern(number: str, text: str, told: str, build: int) -> Named:
    """Windows 10 and 11, whose dates depend on version and edition."""
    product, edition = f"Windows {number}", edition_of(text)
    version = _VERSION.search(told) or _VERSION.search(text)
    year = _LTSC_YEAR.search(text) if edition and "LTSC" in edition else None
    label = version[1].upper() if version else _LTSC[year[1]] if year else ""
    if not label and not build:
        return Named(product, "", edition, reason="version not known")
    rows = [one for one in products()[product] if not label or one.version == label]
    if label and build and rows and not any(_of(one, build) for one in rows):
        return Named(product, label, edition, reason="contradiction")
    rows = [one for one in rows if not build or _of(one, build)]
    version_told = label or (rows[0].version if rows else str(build))
    if edition == "":
        return Named(product, version_told, None, reason="edition not in the catalogue")
    if rows and edition is not None:
        rows = [one for one in rows if edition in one.editions]
        if not rows:
            return Named(product, version_told, edition, reason="edition not in the catalogue")
    return settle(product, version_told, rows, edition)


def _of(one: Cycle, build: int) -> bool:
    return bool(one.build) and numbers(one.build or "")[-1] == build


def _old(number: str, text: str, build: int) -> Named:
    """What came before Windows 10: no version and no edition, but service packs."""
    product = f"Windows {number}"
    rows = list(products()[product])
    pack = _PACK.search(text)
    if len(rows) > 1 and build:
        rows = [one for one in rows if _of(one, build)]
    elif len(rows) > 1 and pack:
        rows = [one for one in rows if one.version == f"SP{pack[1]}"]
    return settle(product, rows[0].version if len(rows) == 1 else "", rows)


def _server(name: str, told: str) -> Named:
    product = "Windows Server"
    text = f"{name} {told}"
    if re.search(r"\b(?:storage server|hyper-v server|home server|azure)\b", name):
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
    words = set(name.split()) | set(told.split()) | ({"7"} if build_of(told) in (7600, 7601) else set())
    rows = [one for one in products()[product] if set(fold(one.version).split()) - {"sp1"} <= words]
    return settle(product, rows[0].version if len(rows) == 1 else "", rows)
