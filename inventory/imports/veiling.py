"""Texts of a file that names people: which of them may be quoted, as they are words of their column and nobody's name.

A row that lost a cell, or got one too many, has a name where something else belongs. So no text with a letter in it is quoted of
such a file, unless all of this holds:

- it stands in FEWEST rows that are as wide as the titles and in which nothing else is wrong: one person has few machines, and a
  row whose cells are out of place is seldom right in all of its other columns;
- nobody is called so in a column of people, in whatever order, case and accents;
- of what is not understood in its column, texts that are met as often make up SHARE: a column into which names slipped has many of
  them, each met once or twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from inventory.imports.sheets import plain

FEWEST: Final = 5
SHARE: Final = 0.8
_MOST: Final = 1_000
"""Texts that are counted; those that come after them are not quoted."""

_BITS: Final = 1 << 24
_WORD: Final = re.compile(r"\w+")


class Veil:
    """What is counted while the rows of a file are read. `people` are the places of its columns of people."""

    def __init__(self, people: Sequence[int]) -> None:
        self.people = people
        # Two people may share a bit: then a word is taken for a name, never a name for a word.
        self._called = bytearray(_BITS >> 3 if people else 0)
        self._numbers: dict[tuple[str, str], int] = {}
        self._alone: Counter[int] = Counter()
        self._met: Counter[int] = Counter()
        self._hidden: Counter[str] = Counter()

    def see(self, cells: Sequence[str]) -> None:
        """Remember, as bits, how the people of a row are called."""
        for place in self.people:
            if cells[place]:
                bit = _bit(cells[place])
                self._called[bit >> 3] |= 1 << (bit & 7)

    def meet(self, column: str, text: str, *, alone: bool) -> int:
        """The number of a text that is not quoted for now; 0 where there are too many. `alone`: all else of its row is right."""
        self._hidden[column] += 1
        key = column, text
        if key not in self._numbers and len(self._numbers) >= _MOST:
            return 0
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        self._met[number] += 1
        self._alone[number] += alone
        return number

    def words(self) -> dict[int, str]:
        """The texts that may be quoted, by number, once all rows were read."""
        words = {
            key: number
            for key, number in self._numbers.items()
            if self._alone[number] >= FEWEST and not self._is_called(key[1])
        }
        rows = Counter[str]()
        for (column, _), number in words.items():
            rows[column] += self._met[number]
        return {
            number: text
            for (column, text), number in words.items()
            if rows[column] >= SHARE * self._hidden[column]
        }

    def _is_called(self, text: str) -> bool:
        bit = _bit(text)
        return bool(self._called[bit >> 3] & 1 << (bit & 7))


def _bit(text: str) -> int:
    return hash(frozenset(_WORD.findall(plain(text)))) % _BITS
