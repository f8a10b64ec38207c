"""Rows of cells as texts, whatever file they came from."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from inventory.imports.reasons import Reason

CELL_LIMIT: Final = 16 * 1024 * 1024
"""Characters of one cell. A cell that means something is refused beyond `values.LONGEST`."""

PREAMBLE: Final = 20
"""Lines in which the titles are looked for: reports begin with their own name, PowerShell with a type."""

Epoch = int
"""1900 or 1904: from when a spreadsheet counts days."""

Known = Callable[[str], bool]
"""Whether a title is known."""


def is_filled(title: str) -> bool:
    """Any title, where nobody knows those of the file: its titles are the first row that is as full as any other."""
    return bool(title.strip())


class Row(NamedTuple):
    """The cells of one row, and the 1-based line of the file where it begins."""

    line: int
    cells: list[str]


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A table with titles. `rows` can be gone through once, and may raise ImportFailedError.

    `epoch` is set where numbers may be days, as in spreadsheets. `notes` are what its reader should be told of it as a
    whole, once all rows were read. `done` says how many of `total` steps were read.
    """

    name: str
    line: int
    titles: list[str]
    rows: Iterator[Row]
    epoch: Epoch | None = None
    notes: list[Reason] = dataclasses.field(default_factory=list)
    mend: Callable[[str], str] | None = None
    """Makes right a cell whose encoding is not that of the file. Raises values.RefusedError where it cannot be known."""
    done: Callable[[], int] = lambda: 0
    total: int = 0


def plain(title: str) -> str:
    """A title without case, accents, kinds of apostrophe and repeated spaces, to be compared.

    >>> plain(" Numéro de  Série ")
    'numero de serie'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    return " ".join(bare.replace("’", "'").replace("`", "'").casefold().split())
