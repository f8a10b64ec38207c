"""What a renewal plan puts on the runway of the estate: deadlines that it cannot keep, and the year whose money is too small."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from forecasting.renewal import kept
from forecasting.runway import Known, Source, Wall, severity

TARGET = "workstations"
"""What these walls are of: no target of the estate."""


def source(plan: Callable[[], Mapping[str, Any] | None]) -> Source:
    """A source for `runway.look`; `plan` gives the newest plan as `document.of` makes it, None where there is none."""

    def walls(known: Known) -> Iterator[Wall]:
        found = plan()
        if found is not None and known.estate.workstations is not None:
            yield from _deadlines(known, found)
            yield from _money(known, found)

    return walls


def newest(folder: Path) -> Source:
    """The same of the plan that was kept in a folder of files last; nothing is solved for it."""

    def plan() -> Mapping[str, Any] | None:
        piece = kept.read(folder, kept.PLAN)
        return piece.content if piece and isinstance(piece.content, dict) else None

    return source(plan)


def _deadlines(known: Known, found: Mapping[str, Any]) -> Iterator[Wall]:
    """One wall for each class and deadline that machines stay past."""
    rules = known.estate.workstations
    titles = {one.name: one.title or one.name for one in rules.classes} if rules else {}
    late: dict[tuple[dt.date, str], list[str]] = {}
    for row in found.get("overdue", ()):
        late.setdefault((_day(row["deadline"]), row["use"]), []).append(row["why"])
    for (day, use), reasons in sorted(late.items()):
        why = min(Counter(reasons).items(), key=lambda one: (-one[1], one[0]))[0]
        facts: dict[str, float | str | dt.date] = {"machines": float(len(reasons)), "ends": day, "why": why}
        yield _wall(known, titles.get(use, use), "support", day, facts)


def _day(value: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _money(known: Known, found: Mapping[str, Any]) -> Iterator[Wall]:
    """The first day of the first year whose money does not reach."""
    year = found.get("short_of_money")
    if year is not None:
        budgets = (one["budget"] for one in found["money"] if one["year"] == year and not one["purse"])
        facts: dict[str, float | str | dt.date] = {"budget": next(budgets, None) or 0.0, "year": float(year)}
        yield _wall(known, str(year), "money", max(dt.date(year, 1, 1), known.today), facts)


def _wall(
    known: Known, what: str, quantity: str, day: dt.date, facts: dict[str, float | str | dt.date]
) -> Wall:
    over = day < known.today
    return Wall(
        what=what,
        target=TARGET,
        quantity=quantity,
        cause="renewal",
        severity="over" if over else severity(known.today, day, None),
        early=day,
        central=day,
        late=day,
        facts=facts,
    )
