"""Pieces of a renewal that were computed and kept (see `issuing`), for those who only read them: no solver is loaded."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from forecasting.renewal import hindrances
from forecasting.renewal.hindrances import Hindrance

FOLDER: Final = "renewal"
PLAN: Final = "plan"
CURVE: Final = "curve"
LIVES: Final = "lives"

LUMP: Final = 50_000.0
"""What the curve tells the worth of."""

Unsure = Literal["untold", "unlisted"]
"""Why nobody knows until when a system is mended: the inventory does not say clearly which one it is, or the catalogue of ends of
support has no date for it."""


ORDERED: Final = ("purchases", "again", "licences", "updates")
"""The lines of a year's costs that are ordered, within budgets; their sum is `spent` (see `lines.Costs`) ..."""

SERVED: Final = ("running", "support", "repairs")
"""... and those of what machines cost while they serve; the sum of all lines is `total`."""

LINES: Final = (*ORDERED, "spent", *SERVED, "total")
"""All of them, with both sums."""


class Piece(NamedTuple):
    """What was kept: `made_from` tells what from, `at` when (UTC epoch seconds); `problem` says why there is none."""

    made_from: str
    at: float
    content: Any
    problem: Hindrance | None = None


def read(folder: Path, piece: str) -> Piece | None:
    """What was kept last; None where nothing was, or it cannot be read: cut off, or of a version that says other things."""
    try:
        found = Piece(**json.loads(path_of(folder, piece).read_text("utf-8")))
        found = found._replace(problem=hindrances.revived(found.problem))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    head: tuple[Any, Any] = found.made_from, found.at
    told = isinstance(head[0], str) and isinstance(head[1], int | float)
    return found if told and (found.content is None or _is_sound(piece, found.content)) else None


def blocked(folder: Path, piece: str) -> str | None:
    """What stands where a piece would be kept and is no file, so that none can be."""
    path = path_of(folder, piece)
    for one in (path.parent, path):
        if one.exists() and one.is_dir() == (one is path):
            return str(one)
    return None


def by_line(costs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[float]]]:
    """The lines in which any of these costs has money, each part with its sum after it: the name, and a value of each."""
    for names, whole in ((ORDERED, "spent"), (SERVED, "total")):
        for name in (*names, whole):
            values = [float(one[name]) for one in costs]
            if name == whole or any(values):
                yield name, values


Shape = Mapping[str, tuple[type, ...]]
"""Fields, and what each may be; anything where nothing is said."""

_TEXT, _NUMBER = (str,), (int, float)
_WHOLE: Final[Shape] = {
    "today": _TEXT, "currency": _TEXT, "machines": _NUMBER, "cohorts": _NUMBER, "gap": _NUMBER, "greedy_gap": _NUMBER,
    "survival": (dict,), "ages_assumed": _NUMBER, "ages_unknown": _NUMBER,
    "past_age": (dict,), "lateness": (dict,), "short_of_money": (), "late_search": (bool,),
}  # fmt: skip
_COSTS: Final[Shape] = dict.fromkeys(("year", *LINES), _NUMBER)
_ROWS: Final[Mapping[str, Shape]] = {
    "left_alone": {"name": _TEXT, "why": _TEXT},
    "support_unknown": {"name": _TEXT, "why": _TEXT},
    "going_on": {"offer": _TEXT, "until": _TEXT},
    "money": {"year": _NUMBER, "purse": _TEXT, "spent": _NUMBER, "budget": ()},
    "costs": _COSTS,
    "waves": {
        "ordered": (), "year": _NUMBER, "quarter": _TEXT, "use": _TEXT, "site": _TEXT, "directorate": (), "kind": (), "maker": (),
        "model": (), "offer": _TEXT, "machines": _NUMBER, "money": _NUMBER, "deadline": (), "why": _TEXT, "pushed": _TEXT,
        "wanted": (), "fails": (), "waiting": (), "saved": (), "again": (),
    },
    "kept": {
        "use": _TEXT, "site": _TEXT, "kind": (), "maker": (), "model": (), "bought": (), "machines": _NUMBER, "why": _TEXT, "pushed": _TEXT,
    },
    "overdue": {
        "name": _TEXT, "site": _TEXT, "service": (), "use": _TEXT, "model": (), "deadline": _TEXT, "reason": _TEXT, "until": (),
        "months": _NUMBER, "replaced": (), "why": _TEXT,
    },
    "out_of_support": {"needs": _TEXT, "machines": _NUMBER, "replaced": _NUMBER},
    "failures": {"year": _NUMBER, "expected": _NUMBER, "low": _NUMBER, "high": _NUMBER},
    "spares": {"use": _TEXT, "wanted": _NUMBER, "stock": _NUMBER},
}  # fmt: skip
_POINT: Final[Shape] = {
    "share": _NUMBER, "budget": _NUMBER, "late": _NUMBER, "lateness": _NUMBER, "failures": _NUMBER, "spent": _NUMBER, "worth": _NUMBER,
    "gap": _NUMBER, "lump": (),
}  # fmt: skip
_OUTLINE: Final[Shape] = {
    "years": (list,), "spent": _NUMBER, "total": _NUMBER, "overdue": _NUMBER, "lateness": _NUMBER, "failures": _NUMBER, "gap": _NUMBER,
    "currency": _TEXT,
}  # fmt: skip
_LEARNT: Final[Shape] = {
    "known": _TEXT, "few": (), "failures": (), "machines": (), "years": (), "since": (), "until": (), "models": (),
}  # fmt: skip
_LIVES: Final[Shape] = {**_LEARNT, "left_out": (dict,), "more": _NUMBER}
_LIFE: Final[Shape] = {
    "key": _TEXT, "maker": (), "model": (), "machines": _NUMBER, "watched": _NUMBER, "machine_years": (), "failures": (),
    "few": (bool,), "own": (), "watched_from_age": (), "watched_from_new": (bool,), "watched_until_age": (), "rests_on": (),
    "alive": (list,), "fails_within_a_year": (list,), "curve": (list,), "fitted": (list,),
}  # fmt: skip
_CASE: Final[Shape] = {"without": (dict,), "with": (dict,), "expected": (dict,)}
_YEAR: Final[Shape] = {
    **_COSTS, "budget": (), "machines": _NUMBER, "failures": (), "past_age": _NUMBER, "lateness": _NUMBER,
}  # fmt: skip


def _is_sound(piece: str, content: Any) -> bool:
    """Whether a piece has what those who read it count on."""
    if piece == PLAN:
        return (
            _has(content, _WHOLE)
            and _has(content["survival"], _LEARNT)
            and all(_lists(content.get(name), shape) for name, shape in _ROWS.items())
        )
    if piece == LIVES:
        return _has(content, _LIVES) and _lists(content.get("curves"), _LIFE)
    if piece == CURVE:
        return _lists(content, _POINT)
    return _has(content, _CASE) and all(
        _has(content[name], _OUTLINE) and _lists(content[name]["years"], _YEAR)
        for name in ("without", "with")
    )


def _has(row: Any, shape: Shape) -> bool:
    return isinstance(row, dict) and all(
        name in row and (not kinds or isinstance(row[name], kinds)) for name, kinds in shape.items()
    )


def _lists(rows: Any, shape: Shape) -> bool:
    return isinstance(rows, list) and all(_has(row, shape) for row in rows)


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
