"""What a renewal plan puts on the runway of the estate: deadlines that it cannot keep, and the year whose money is too small."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from forecasting.renewal.plan import Plan
from forecasting.renewal.scenarios import first_year_short
from forecasting.runway import Known, Wall, severity
from inventory.renewal import UseClass

TARGET = "workstations"
"""What these walls are of: no target of the estate."""


def source(plan: Callable[[], Plan | None]) -> Callable[[Known], Iterator[Wall]]:
    """A source for `runway.look`; `plan` gives the newest plan, None where none can be made."""

    def walls(known: Known) -> Iterator[Wall]:
        found = plan()
        if found is not None:
            yield from _deadlines(known, found)
            yield from _money(known, found)

    return walls


def _deadlines(known: Known, found: Plan) -> Iterator[Wall]:
    """One wall for each class and deadline that machines stay past."""
    late = found.late
    for day, use in sorted(set(zip(late["deadline"], late["use"], strict=True))):
        rows = late[(late["deadline"] == day) & (late["use"] == use)]
        title = next((one.title for one in _classes(known) if one.name == use and one.title), str(use))
        why = str(rows["why"].mode().iloc[0])
        facts: dict[str, float | str | dt.date] = {"machines": float(len(rows)), "ends": day, "why": why}
        yield _wall(known, title, "support", day, facts)


def _classes(known: Known) -> Sequence[UseClass]:
    return known.estate.workstations.classes if known.estate.workstations else ()


def _money(known: Known, found: Plan) -> Iterator[Wall]:
    """The first day of the first year whose money does not reach."""
    year = first_year_short(found)
    if year is not None:
        (budget,) = [one.budget for one in found.money if one.year == year and not one.purse]
        facts: dict[str, float | str | dt.date] = {"budget": budget or 0.0, "year": float(year)}
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
