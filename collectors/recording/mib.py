"""Names of objects, from a MIB file (SMIv1 and SMIv2): as far as a skeleton needs them, and no further."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

LONGEST: Final = 4 << 20
"""Characters of a MIB file."""

_ROOTS: Final = {
    "iso": (1,),
    "org": (1, 3),
    "dod": (1, 3, 6),
    "internet": (1, 3, 6, 1),
    "mgmt": (1, 3, 6, 1, 2),
    "mib-2": (1, 3, 6, 1, 2, 1),
    "private": (1, 3, 6, 1, 4),
    "enterprises": (1, 3, 6, 1, 4, 1),
    "snmpV2": (1, 3, 6, 1, 6),
    "snmpModules": (1, 3, 6, 1, 6, 3),
}
_TEXT: Final = re.compile(r'"[^"]*"|--[^\n]*')
_OBJECT: Final = re.compile(
    r"(?<![\w-])([a-z][\w-]*)\s+(OBJECT\s+IDENTIFIER|OBJECT-TYPE|OBJECT-IDENTITY|MODULE-IDENTITY)\b"
    r"((?:(?!::=).)*)::=\s*\{\s*([\w-]+)((?:\s+(?:[\w-]+\()?\d+\)?)*)\s*\}",
    re.DOTALL,
)
_SYNTAX: Final = re.compile(r"SYNTAX\s+(.*?)\s+(?:UNITS|MAX-ACCESS|ACCESS|STATUS)\b", re.DOTALL)


class Named(NamedTuple):
    """What a MIB says of an object: its name, and its type in one line."""

    name: str
    syntax: str


def read(text: str) -> Mapping[tuple[int, ...], Named]:
    """The objects of a MIB by their numbers. What hangs on objects of another file, which is not there, is left out."""
    said: dict[str, tuple[str, tuple[int, ...], str]] = {}
    for match in _OBJECT.finditer(_TEXT.sub(" ", text[:LONGEST])):
        name, _, body, parent, numbers = match.groups()
        found = _SYNTAX.search(body)
        syntax = " ".join(found[1].split())[:160] if found else ""
        said[name] = (parent, tuple(map(int, re.findall(r"(?<![\w-])\d+|(?<=\()\d+", numbers))), syntax)
    placed: dict[str, tuple[int, ...]] = dict(_ROOTS)
    while True:
        fresh = {
            name: (*placed[parent], *numbers)
            for name, (parent, numbers, _) in said.items()
            if name not in placed and parent in placed
        }
        if not fresh:
            break
        placed |= fresh
    return {place: Named(name, said[name][2]) for name, place in placed.items() if name in said}
