"""`jauge accuracy`: how good the forecasts were."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from exporters.plan.schema import PlanError
from jauge.files import beside
from jauge.verbs.common import DataPath, EstatePath, estate_of, fail, plainly, told, verbatim

if TYPE_CHECKING:  # pandas costs half a second
    from exporters.plan.ledger import Ledger, Miss, Standing
    from forecasting.accuracy import Accuracy

_SHOWN = {"coverage80": "inside 80 %", "coverage95": "inside 95 %", "mean_share": "mean miss"}


def accuracy(
    estate: EstatePath,
    data: DataPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    store: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this store (its name in plan and history).")
    ] = None,
) -> None:
    """Show how forecasts that have come due turned out, by kind of store and horizon, and the worst misses."""
    estate_of(estate)
    from exporters.plan.ledger import Ledger  # noqa: PLC0415 - as pandas

    with told(PlanError):
        ledger = Ledger(beside(estate, data).plan)
        if store is not None:
            _one(ledger, store, as_json)
        else:
            _all(ledger, as_json)


def _all(ledger: Ledger, as_json: bool) -> None:
    from forecasting.accuracy import accuracy as read  # noqa: PLC0415

    found = read(ledger)
    if as_json:
        plainly(f"{json.dumps(_object(found), ensure_ascii=False)}\n")
    elif found.first is None:
        plainly("no forecast was made yet: run jauge plan\n")
    elif not found.scored:
        plainly(
            f"{found.nights} nights since {_day(found.first)}; none of their forecasts has come due and settled yet\n"
        )
    else:
        _print(found)


def _object(found: Accuracy) -> dict[str, Any]:
    groups = found.counts.to_dict("records") if len(found.counts) else []
    return {
        "first": None if found.first is None else _day(found.first),
        "nights": found.nights,
        "damaged": found.damaged,
        "groups": [_plain(row) for row in groups],
        "kinds": [_plain(row) for row in found.by("kind").to_dict("records")] if groups else [],
        "worst": [_miss(one) for one in found.worst],
    }


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """A row without what is not a number: unknown is absent."""
    return {
        str(name): value
        for name, value in row.items()
        if not (isinstance(value, float) and math.isnan(value))
    }


def _miss(miss: Miss) -> dict[str, Any]:
    from exporters.plan.frozen import EVENTS  # noqa: PLC0415

    return {
        "store": miss.unique_id,
        "horizon": miss.horizon,
        "made": _day(miss.day),
        "due": _day(miss.due),
        "level": miss.level,
        "forecast": miss.mean,
        "low": miss.low,
        "high": miss.high,
        "came": miss.came,
        "events": [name for name, bit in EVENTS.items() if miss.state & bit],
        **({"jump": miss.jump, "jumped": _day(miss.jumped)} if miss.jumped else {}),
    }


def _day(number: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=number)).isoformat()


def _print(found: Accuracy) -> None:
    grid = _grid("kind", "days ahead", "scored", *_SHOWN.values(), "missed dates", "false dates")
    for row in found.by("kind").to_dict("records"):
        shares = (_percent(row[name]) for name in _SHOWN)
        counts = (f"{row['missed']} of {row['crossed']}", f"{row['false']} of {row['alarms']}")
        grid.add_row(verbatim(row["kind"]), str(row["horizon"]), str(row["scored"]), *shares, *counts)
    _out(grid)
    if found.damaged:
        plainly(f"{found.damaged} frozen nights are damaged and were not scored\n")


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f} %"


def _one(ledger: Ledger, name: str, as_json: bool) -> None:
    standings = ledger.standings(name)
    if not standings and name not in {one.unique_id for one in ledger.series().values()}:
        fail(f"no forecast was ever made of a store named {name}")
    if as_json:
        plainly(
            f"{json.dumps({'store': name, 'horizons': [_standing(one) for one in standings]}, ensure_ascii=False)}\n"
        )
        return
    grid = _grid("days ahead", "came due", "scored", "inside 80 %", "inside 95 %", "last that did not hold")
    for one in standings:
        last = (
            ""
            if one.last is None
            else f"{_day(one.last.due)}: {one.last.mean:.4g} said, {one.last.came:.4g} came"
        )
        grid.add_row(*(str(value) for value in one[:5]), last)
    _out(grid)


def _standing(one: Standing) -> dict[str, Any]:
    last = {} if one.last is None else {"last_miss": _miss(one.last)}
    return {**dict(zip(("horizon", "due", "scored", "in80", "in95"), one[:5], strict=True)), **last}


def _grid(*titles: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title)
    return grid


def _out(grid: Grid) -> None:
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=200)
    out.print(grid)
