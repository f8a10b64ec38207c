"""Pieces of a renewal that were computed and kept (see `issuing`), for those who only read them: no solver is loaded."""

from __future__ import annotations

import hashlib
import json
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
