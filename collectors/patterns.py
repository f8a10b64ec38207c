"""Patterns of declarative files: those that a text could keep busy for ever are refused when the file is read.

`re` tries every way in which a repeated part can be cut into repeated parts: `(a+)+` has 2^n of them in n letters. What
is refused is a repetition of a variable repetition in which no character that must be there tells where one ends, and
one of alternatives that begin alike. Texts of devices are short, so that what grows with their square or cube is none.
"""

from __future__ import annotations

import re._constants as codes  # type: ignore[import-not-found]  # of CPython, and in no stub
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

MANY: Final = 10
"""Repetitions from which on one counts as endless."""

_EVERY: Final = frozenset(range(257))
"""Characters by their number; the last one stands for all others."""

_CLASSES: Final[dict[Any, Callable[[str], bool]]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}
_OPPOSITES: Final = {
    codes.CATEGORY_NOT_DIGIT: codes.CATEGORY_DIGIT,
    codes.CATEGORY_NOT_SPACE: codes.CATEGORY_SPACE,
    codes.CATEGORY_NOT_WORD: codes.CATEGORY_WORD,
}
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_Item = tuple[Any, Any]


def endless(pattern: str) -> bool:
    """Whether some text could keep a pattern busy for ever. Raises re.error."""
    return any(_ambiguous(list(body)) for body in _repeated(parser.parse(pattern)))


def _repeated(items: Iterable[_Item]) -> Iterator[Any]:
    """The bodies of all repetitions without a near end."""
    for code, given in items:
        if code in _REPEATS and given[1] >= MANY:
            yield given[2]
        for inner in _inside(code, given):
            yield from _repeated(inner)


def _inside(code: Any, given: Any) -> list[Any]:
    if code in _REPEATS or code is codes.POSSESSIVE_REPEAT:
        return [given[2]]
    if code is codes.SUBPATTERN:
        return [given[3]]
    if code is codes.BRANCH:
        return list(given[1])
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [given[1]]
    return [given] if code is codes.ATOMIC_GROUP else []


def _ambiguous(body: list[_Item]) -> bool:
    """Whether a text can be cut into repetitions of this in many ways."""
    items = _flat(body)
    if len(items) == 1 and items[0][0] is codes.BRANCH:
        ways = [_flat(list(way)) for way in items[0][1][1]]
        seen: frozenset[int] = frozenset()
        for way in ways:
            first = _characters(way[:1])
            if first & seen or _ambiguous(way):
                return True
            seen |= first
        return False
    if not any(_variable(item) for item in items):
        return False
    return not any(
        _single(item) and not _characters([item]) & _characters(items[:at] + items[at + 1 :])
        for at, item in enumerate(items)
    )


def _flat(items: list[_Item]) -> list[_Item]:
    """Items without the groups around them."""
    found: list[_Item] = []
    for code, given in items:
        found += _flat(list(given[3])) if code is codes.SUBPATTERN else [(code, given)]
    return found


def _variable(item: _Item) -> bool:
    code, given = item
    if code in _REPEATS and given[1] >= MANY and given[0] != given[1]:
        return True
    return any(_variable(one) for inner in _inside(code, given) for one in inner)


def _single(item: _Item) -> bool:
    return item[0] in (codes.LITERAL, codes.NOT_LITERAL, codes.IN)


def _characters(items: Iterable[_Item]) -> frozenset[int]:
    """The characters that may stand in what items match."""
    found: set[int] = set()
    for code, given in items:
        if code is codes.LITERAL:
            found.add(min(given, 256))
        elif code is codes.NOT_LITERAL:
            found |= _EVERY - {given}
        elif code is codes.ANY:
            found |= _EVERY - {ord("\n")}
        elif code is codes.IN:
            found |= _among(given)
        elif code not in (codes.ASSERT, codes.ASSERT_NOT, codes.AT):
            inner = _inside(code, given)
            found |= frozenset().union(*map(_characters, inner)) if inner else _EVERY
    return frozenset(found)


def _among(given: list[_Item]) -> frozenset[int]:
    found: set[int] = set()
    for code, value in given:
        if code is codes.LITERAL:
            found.add(min(value, 256))
        elif code is codes.RANGE:
            found.update(range(min(value[0], 256), min(value[1], 256) + 1))
        elif code is codes.CATEGORY:
            kind = _OPPOSITES.get(value, value)
            named = {char for char in range(256) if kind in _CLASSES and _CLASSES[kind](chr(char))} | {256}
            found |= named if value in _CLASSES else (_EVERY - named) | {256}
    negated = bool(given) and given[0][0] is codes.NEGATE
    return (_EVERY - found) | {256} if negated else frozenset(found)
