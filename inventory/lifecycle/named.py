"""What a name was read as, and which rows of the catalogue fit what it tells."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import Final, Literal

from inventory.lifecycle.catalogue import Cycle

Reason = Literal[
    "",
    "nothing told",
    "not in the catalogue",
    "version not known",
    "version not in the catalogue",
    "edition not known",
    "edition not in the catalogue",
    "several products",
    "contradiction",
    "not released yet",
    "no end announced",
]
"""Why a system has no date, or not one date; empty where it has."""

LONGEST: Final = 400
"""Characters of a name that are looked at."""


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """What a name was read as. Where several `cycles` fit, `reason` says what is missing to tell which."""

    product: str = ""
    version: str = ""
    edition: str | None = None
    cycles: tuple[Cycle, ...] = ()
    reason: Reason = ""


_MARKS: Final = re.compile(r"\((?:r|tm|c)\)|[®™©]", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?<![\w.])v?(\d{1,9}(?:\.\d{1,9}){0,9})")
_PACK: Final = re.compile(r"(?<![\w.])(\d{1,3})[ .-]+sp ?(\d)\b")


def fold(text: str | None) -> str:
    """Text without case, accents, marks of trade, control characters and spaces too many."""
    plain = unicodedata.normalize("NFKD", _MARKS.sub(" ", (text or "")[:LONGEST]))
    kept = "".join(one if one.isprintable() else " " for one in plain if not unicodedata.combining(one))
    return " ".join(kept.casefold().split())


def version_of(text: str) -> str:
    """The first version in a text; a service pack is its second number, as in SUSE's own (15 SP5 is 15.5)."""
    if pack := _PACK.search(text):
        return f"{pack[1]}.{pack[2]}"
    found = _NUMBER.search(
        text.removeprefix("pc.").removeprefix("5.5.5-")
    )  # Prism Central; MariaDB to old clients
    return found[1] if found else ""


def fitting(rows: tuple[Cycle, ...] | list[Cycle], version: str) -> list[Cycle]:
    """The cycles that a version is of: the closest one, else all that a less exact version may mean."""
    whole = [one for one in rows if one.covers(version)]
    if whole:
        longest = max(len(one.version) for one in whole)
        return [one for one in whole if len(one.version) == longest]
    built = [one for one in rows if one.built(version)]
    return built or [one for one in rows if one.within(version)]


def settle(product: str, version: str, rows: list[Cycle], edition: str | None = None) -> Named:
    """What fits, with what is missing to tell which."""
    if not rows:
        return Named(product, version, edition, reason="version not in the catalogue")
    if len(rows) == 1:
        return Named(product, version, edition, tuple(rows))
    missing: Reason = "version not known" if len({one.version for one in rows}) > 1 else "edition not known"
    return Named(product, version, edition, tuple(rows), missing)
