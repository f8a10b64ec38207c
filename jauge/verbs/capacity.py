"""`jauge runway`, `jauge purchase` and `jauge retention`: the walls of the estate, what to buy, what may be deleted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from exporters.status import StatusError
from exporters.status import read as read_status
from inventory import quantities
from inventory.contracts import QUANTITIES
from inventory.estate import Estate
from inventory.harmless import line
from jauge.files import Files
from jauge.verbs.common import (
    REACHED,
    DataPath,
    EstatePath,
    estate_of,
    fail,
    files_of,
    finite,
    plainly,
    told,
    verbatim,
)

if TYPE_CHECKING:  # pandas and the solver: only who runs these verbs pays for them
    from exporters.history import Reader
    from forecasting.postponing import Postponed
    from forecasting.purchase import Plan, Point
    from forecasting.retention import Purged, Schedule
    from forecasting.runway import Known, Runway, Wall


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_BYTES: Final = ("storage", "memory", "raw_storage", "databases")


def runway(
    estate: EstatePath,
    data: DataPath = None,
    within: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="DAYS",
            help="End with status 3 where a wall comes within so many days, or should have been ordered for.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the walls of the estate, worst first: what is full, ends or loses its support when, and by when to order."""
    from forecasting import runway as walls  # noqa: PLC0415 - pandas costs half a second
    from forecasting.renewal.walls import newest  # noqa: PLC0415 - as above

    found, files = estate_of(estate), files_of(estate, data)
    with told(HistoryError, PlanError, StatusError):
        seen = walls.look(_known(found, files, time.time()), (*walls.SOURCES, newest(files.directory)))
    if as_json:
        plainly(_json(_of_runway(seen)))
    else:
        _print_runway(seen)
    near = [wall for wall in seen.walls if within is not None and _is_near(wall, seen.today, within)]
    if near:
        raise typer.Exit(REACHED)


def _known(estate: Estate, files: Files, now: float) -> Known:
    """What walls are looked for in. Raises HistoryError, PlanError and StatusError."""
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415 - pandas costs half a second
    from forecasting.runway import know  # noqa: PLC0415

    return know(estate, Outlooks(files.plan).latest(), _reader(estate, files), read_status(files.status), now)


def _reader(estate: Estate, files: Files) -> Reader | None:
    """The history where the estate keeps it: an engine's, whatever file an earlier time left. None where there is none yet."""
    from exporters.history.opening import reader  # noqa: PLC0415 - pandas costs half a second

    return reader(estate, files.history) if estate.history is not None or files.history.is_file() else None


def _is_near(wall: Wall, today: dt.date, days: int) -> bool:
    if wall.severity in ("over", "late"):
        return True
    return wall.central is not None and (wall.central - today).days <= days


def purchase(
    estate: EstatePath,
    data: DataPath = None,
    risk: Annotated[
        Literal["early", "central"] | None,
        typer.Option(help="Which path must be covered, where not that of the estate.", show_default=False),
    ] = None,
    years: Annotated[
        int | None,
        typer.Option(min=1, max=5, help="Years ahead, where not those of the estate.", show_default=False),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YEAR=AMOUNT", help="Money of a year instead of the estate's.", show_default=False
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Longest time of the solver.")] = 20.0,
    more: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="AMOUNT",
            help="Also show what up to so much more money in each year that has a budget would buy.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the purchase plan: what to order, how much, by when, at which cost, so that no wall is hit under the budgets.

    Ends with status 3 where something will lack all the same, each with its reason. The gap is proven: no plan is better
    by more than that share. Beside it stands what buying the cheapest order as each wall comes would cost, and for each
    store what one more year of it costs by itself, whatever the budget.
    """
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415 - pandas and the solver cost a second
    from forecasting import purchase as buying  # noqa: PLC0415

    found = estate_of(estate)
    outlooks = Outlooks(files_of(estate, data).plan)
    today = dt.datetime.now(ZoneInfo(found.timezone)).date()
    money = {**buying.budgets_of(found), **_amounts(budget or [])}
    with told(PlanError):
        newest = outlooks.latest()
        if not newest:
            fail("nothing is planned yet: run jauge plan first")
        made = buying.plan(
            found, newest, outlooks.path, today, risk=risk, years=years, budgets=money, seconds=seconds
        )
        steps = [] if more is None else [more * part / 4 for part in range(1, 5)]
        curve = buying.curve(
            found, newest, outlooks.path, today, steps, money, risk=risk, years=years, seconds=seconds
        )
    if as_json:
        plainly(_json(_of_purchase(made, curve)))
    else:
        _print_purchase(made, curve)
    if made.unmet:
        raise typer.Exit(REACHED)


def _amounts(texts: Iterable[str]) -> dict[tuple[int, str], float]:
    """Money by year of `2027=400000`, or the end of the command."""
    found: dict[tuple[int, str], float] = {}
    for text in texts:
        year, _, amount = text.partition("=")
        try:
            found[int(year), ""] = float(quantities.number(amount))
        except ValueError:
            fail(f"--budget {line(text, 60)}: write 2027=400000", status=2)
        if not math.isfinite(found[int(year), ""]) or found[int(year), ""] < 0:
            fail(f"--budget {line(text, 60)}: money is a number of 0 or more", status=2)
    return found


def retention(
    estate: EstatePath,
    data: DataPath = None,
    years: Annotated[int, typer.Option(min=1, max=60, help="Years that are shown.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Tell the bytes of each archive that may be deleted, by year, from the declared rule. No patient is looked at.

    Ends with status 1 where no archive has a rule, or none tells its bytes by year.
    """
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415 - pandas costs half a second
    from forecasting import retention as keeping  # noqa: PLC0415

    found = estate_of(estate)
    files = files_of(estate, data)
    now = time.time()
    today = dt.datetime.fromtimestamp(now, ZoneInfo(found.timezone)).date()
    outlooks = Outlooks(files.plan)
    with told(HistoryError, PlanError):
        reader = _reader(found, files)
        archives = keeping.read(reader, now) if reader is not None else []
        told_of = [
            (one, keeping.purged(one, outlooks.latest(one.archive.target), outlooks.path, today))
            for one in keeping.ledgers(found, archives, today, years)
        ]
    if not told_of:
        why = (
            "no archive has a rule: write retention: into the estate"
            if archives
            else "no archive tells its bytes by year"
        )
        fail(why)
    if as_json:
        plainly(_json({"archives": [_of_archive(*one) for one in told_of]}))
    else:
        for one in told_of:
            _print_archive(*one)


# --- as text ----------------------------------------------------------------------------------------


def _print_runway(seen: Runway) -> None:
    grid = _grid("wall", "target", "what", "cause", "early", "central", "late", "order by", "state")
    for wall in seen.walls:
        days = (_day(day) for day in (wall.early, wall.central, wall.late, wall.order_by))
        cells = (wall.what, wall.target, wall.quantity, wall.cause, *days, wall.severity)
        grid.add_row(*(verbatim(line(cell)) for cell in cells))
    out = _out()
    out.print(grid)
    if seen.reached:
        out.print(
            verbatim(
                f"{len(seen.reached)} {'wall is' if len(seen.reached) == 1 else 'walls are'} reached already"
            )
        )
    if (first := seen.first) is not None:
        out.print(
            verbatim(
                line(
                    f"first to come: {_of(first.what, first.target)}, {_day(first.central)}: {first.cause}",
                    400,
                )
            )
        )
    for one in seen.dateless:
        within = "" if one.chance is None else f"; full within three years: {_chance(one.chance)}"
        out.print(verbatim(line(f"no date: {_of(one.what, one.target)}: {one.reason}{within}", 400)))


def _of(what: str, target: str) -> str:
    """A thing and whose it is; once where it is all of its target."""
    return what if what == target else f"{what} of {target}"


def _chance(chance: float) -> str:
    """A chance as far as it is known: to the hundredth."""
    return "less than 1 %" if chance < 0.005 else f"{chance:.0%}"


def _print_purchase(made: Plan, curve: Iterable[Point]) -> None:
    grid = _grid("order by", "there from", "contract", "item", "lots", "adds", "target", "for", made.currency)
    for one in made.lines:
        adds = ", ".join(_much(quantity, amount) for quantity, amount in one.gives.items())
        cells = (
            _day(one.order_by),
            _day(one.ready),
            one.contract,
            one.title,
            str(one.lots),
            adds,
            one.target,
            one.what,
        )
        grid.add_row(*(verbatim(line(cell)) for cell in (*cells, f"{one.price:,.0f}")))
    out = _out()
    out.print(grid)
    for paid in made.money:
        bound = "no bound" if paid.budget is None else f"of {paid.budget:,.0f}"
        out.print(verbatim(line(f"{paid.year} {paid.purse}: {paid.spent:,.0f} {bound}")))
    out.print(verbatim(
        f"{made.cost:,.0f} {made.currency} in all, gap {made.gap:.2%}{' (time ran out)' if made.late else ''}; the cheapest "
        f"order as each wall comes: {made.greedy_cost:,.0f}, gap {made.greedy_gap:.2%}, {made.greedy_unmet} needs unmet"
    ))  # fmt: skip
    for lack in made.unmet:
        span = f"{lack.first:%Y-%m} to {lack.last:%Y-%m}"
        amount = _much(lack.quantity, lack.amount)
        out.print(verbatim(line(f"lacks: {_of(lack.what, lack.target)}: {amount}, {span}: {lack.why}", 400)))
    for wall in made.postponed:
        out.print(verbatim(line(_of_wall(wall, made.currency), 400)))
    for gap in made.missing:
        out.print(verbatim(line(f"not planned: {_of(gap.what, gap.target)}: {gap.reason}", 400)))
    if made.carried:
        out.print(verbatim("the forecast ends before the plan, and goes on as in its last year"))
    if made.undelivered:
        out.print(
            verbatim(
                line(f"no lead time is declared of {', '.join(made.undelivered)}: as if there were none", 400)
            )
        )
    for point in curve:
        said = f"{point.lacking} needs lack in {point.months} months, {point.cost:,.0f}"
        out.print(verbatim(f"{point.more:,.0f} more a year: {said}"))


def _of_wall(wall: Postponed, currency: str) -> str:
    """What one more year of a store costs, in a line."""
    lots = ", ".join(f"{count} x {title}" for title, count in wall.lots)
    price = f"not to be had: {wall.why}" if wall.price is None else f"{wall.price:,.0f} {currency} ({lots})"
    late = f"; lacking in {wall.late} months all the same" if wall.late and wall.price is not None else ""
    return f"full {wall.full:%Y-%m}, a year more: {_of(wall.what, wall.target)}: {price}{late}"


def _print_archive(one: Schedule, effect: Purged | None) -> None:
    out = _out()
    out.print(
        verbatim(
            line(
                f"{one.archive.target}: kept {one.rule.years} years, {_much('storage', sum(one.archive.by_year.values()))}"
            )
        )
    )
    grid = _grid("year", "low", "likely", "high", "all until then: low", "likely", "high")
    for row in one.frame.to_dict("records"):
        cells = (row[name] for name in ("low", "likely", "high", "total_low", "total_likely", "total_high"))
        grid.add_row(str(row["year"]), *(_much("storage", float(cell)) for cell in cells))
    out.print(grid)
    if one.undeclared:
        out.print(verbatim(f"its owner did not declare: {', '.join(one.undeclared)}"))
    if one.crossed:
        out.print(verbatim("assumed: every year holds the same mix of modalities"))
    if effect is not None:
        dates = ", ".join(f"{case} {_day(day)}" for case, day in effect.dates.items())
        out.print(
            verbatim(
                line(f"{effect.store} full {_day(effect.without)}; with what may go deleted: {dates}", 400)
            )
        )


def _day(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _much(quantity: str, amount: float) -> str:
    """An amount in TB or GB where it is of bytes."""
    if math.isnan(amount):
        return "unknown"
    if quantity not in _BYTES:
        return f"{amount:,.0f}" + (f" {quantity}" if quantity in QUANTITIES else "")
    return f"{amount / 1e12:,.1f} TB" if amount >= 1e12 else f"{amount / 1e9:,.1f} GB"


# --- as JSON ----------------------------------------------------------------------------------------


def _of_runway(seen: Runway) -> Mapping[str, Any]:
    walls = [dataclasses.asdict(wall) for wall in seen.walls]
    first = seen.first
    return {
        "today": seen.today,
        "first": None if first is None else dataclasses.asdict(first),
        "walls": walls,
        "dateless": [one._asdict() for one in seen.dateless],
    }


def _of_purchase(made: Plan, curve: Iterable[Point]) -> Mapping[str, Any]:
    rows = {
        name: [one._asdict() for one in getattr(made, name)]
        for name in ("lines", "unmet", "missing", "money", "postponed")
    }
    return {**dataclasses.asdict(made), **rows, "curve": [one._asdict() for one in curve]}


def _of_archive(one: Schedule, effect: Purged | None) -> Mapping[str, Any]:
    return {
        "target": one.archive.target,
        "undated": one.archive.undated,
        "rule": one.rule.model_dump(),
        "undeclared": one.undeclared,
        "same_mix_of_modalities": one.crossed,
        "years": one.frame.to_dict("records"),
        "effect": None if effect is None else dataclasses.asdict(effect),
    }


def _json(content: Any) -> str:
    return json.dumps(finite(content), indent=2, ensure_ascii=False) + "\n"


def _grid(*titles: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    return grid


def _out() -> Console:
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=220)
