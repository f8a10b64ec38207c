"""Pieces of a renewal that were computed and kept (see `issuing`), for those who only read them: no solver is loaded."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

FOLDER: Final = "renewal"
PLAN: Final = "plan"
CURVE: Final = "curve"


class Piece(NamedTuple):
    """What was kept: `made_from` tells what from, `at` when (UTC epoch seconds); `problem` says why there is none."""

    made_from: str
    at: float
    content: Any
    problem: str = ""


def read(folder: Path, piece: str) -> Piece | None:
    """What was kept last; None where nothing was, or it cannot be read."""
    try:
        found = json.loads(path_of(folder, piece).read_text("utf-8"))
        return Piece(**found)
    except (OSError, ValueError, TypeError):
        return None


def path_of(folder: Path, piece: str) -> Path:
    """Names of scenarios are letters, digits and . _ - alone; a hash tells those apart whose case alone differs."""
    return folder / FOLDER / f"{piece[:80]}-{hashlib.sha256(piece.encode()).hexdigest()[:8]}.json"


class Replacements:
    """How many workstations the plan that was kept last replaces, by civil year. Its file is read when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._counts: Mapping[int, int] | None = None

    def by_year(self) -> Mapping[int, int] | None:
        """None where there is no plan. Machines of projects and spares are no replacements."""
        try:
            found = path_of(self._folder, PLAN).stat()
        except OSError:
            self._seen, self._counts = None, None
            return None
        if (found.st_mtime_ns, found.st_ino) != self._seen:
            self._seen = found.st_mtime_ns, found.st_ino
            self._counts = _replaced(read(self._folder, PLAN))
        return self._counts


def _replaced(piece: Piece | None) -> Mapping[int, int] | None:
    if piece is None or not isinstance(piece.content, dict):
        return None
    counts = Counter({int(one["year"]): 0 for one in piece.content["money"] if not one["purse"]})
    for row in piece.content["waves"]:
        if row["why"] not in ("project", "spare"):
            counts[int(row["year"])] += int(row["machines"])
    return dict(sorted(counts.items()))
