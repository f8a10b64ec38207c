"""`digest.json`: when `jauge digest` last ran to its end, and what came of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from exporters import notes
from exporters.notes import NoteError

FILE: Final = "digest.json"


class DigestError(NoteError):
    """The file cannot be read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Digested:
    """A run of `jauge digest` that ended `at` (UTC epoch seconds): messages `sent`, and `problems`, which it tries again."""

    at: float
    sent: int
    problems: int


_DIGESTED: Final = TypeAdapter(Digested)


def read(path: Path) -> Digested | None:
    """The last run; None where there was none. Raises DigestError."""
    return notes.read(path, _DIGESTED, DigestError, "`jauge digest`")


def write(path: Path, told: Digested) -> None:
    """Replace the file, readable by its owner only. Raises OSError."""
    notes.write(path, _DIGESTED, told)
