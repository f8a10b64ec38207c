"""Words that tell nothing of a site: those of the program's own families, of English and of machines.

What is not known to be harmless is taken for a name.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Final

_SOURCES: Final = Path(__file__).parent.parent
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_LETTERS: Final = re.compile(r"[A-Za-z]{2,}")

PARTS: Final = frozenset((Path(__file__).parent / "parts.txt").read_text("utf-8").split())
"""What a number may follow without making a name of it: eth0 and Slot 3 are none."""

_SHAPES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[^\w]*_*",  # nothing
        r"v?\d{1,5}(\.\d{1,5}){1,4}[a-z]?\d{0,3}",  # versions and decimals
        r"\d{1,5}(\.\d+)?([kmgtp]i?b?|[kmg]?b(it|ps)?|gbe|[kmg]hz|hz|m?[vaw]|k?va|k?wh|rpm|ms|s|h|d|in|u|c|f|x|e|st|nd|rd|th|tb)",
        r"\d{4}-\d\d-\d\d(t\d\d)?|\d\d(\.\d+)?(z|[+-]\d\d(\d\d)?)|\d{1,2}[-.]\w{3}[-.]\d{2,4}",  # dates and times
        r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])",
        r"([shv]|xv)d[a-z]{1,2}\d{0,3}|0x[0-9a-f]{1,4}|raid[-_ ]?\d{1,2}|[a-z]",
    )
)
_NUMBER: Final = re.compile(r"[-+]?\d[\d.,-]*%?")
_RUN: Final = re.compile(r"\d{6,}")
_NUMBERED: Final = re.compile(r"([A-Za-z]+)[-_.]?\d{1,4}([-_.]\d{1,4})*")


@functools.cache
def common() -> frozenset[str]:
    """Words of English and of machines, of which other words may be made: `in-service`, `read_only`."""
    return frozenset((Path(__file__).parent / "common.txt").read_text("utf-8").split()) | PARTS


@functools.cache
def dictionary() -> frozenset[str]:
    """Words of small letters: those, and those of every file of the program that says how something is read."""
    found = set(common())
    for folder in ("devices", "apis", "commands"):
        for path in (_SOURCES / folder).iterdir():
            if path.suffix in (".yml", ".py"):
                for word in _LETTERS.findall(path.read_text("utf-8")):
                    found.update(part.lower() for part in _CAMEL.findall(word))
                    found.add(word.lower())
    return frozenset(found)


@functools.lru_cache(maxsize=65536)
def harmless(word: str) -> bool:
    """Whether a word without spaces is one of everybody: `Temperature`, `eth0`, `7.2.1`, `64KB`; not `lims-prod`, `CZ12345`."""
    core = word.strip("-_.")
    if len(core) < 2 or any(shape.fullmatch(core) for shape in _SHAPES):
        return True
    if _NUMBER.fullmatch(core):
        return _RUN.search(core) is None
    numbered = _NUMBERED.fullmatch(core)
    if numbered:
        return numbered[1].lower() in PARTS
    known = dictionary()
    if any(char.isdigit() for char in core):
        return False
    several = re.split(r"[-_.]+", core)
    return all(_known(part, known if len(several) == 1 else common()) for part in several)


def _known(part: str, known: frozenset[str]) -> bool:
    return (
        len(part) < 3 or part.lower() in known or all(each.lower() in known for each in _CAMEL.findall(part))
    )
