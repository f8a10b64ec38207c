"""`jauge inventory survival`: how long machines of each model last, as the imports tell, and on whom that leans."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import typer

from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import DataPath, fail, plainly, told, verbatim
from jauge.verbs.fleet import NOTHING, declared
from jauge.verbs.listing import AsJson, Limit, json_text, print_rows, screen, today_of, zone_of

if TYPE_CHECKING:  # pandas costs half a second
    from forecasting.survival.lives import LeftOut
    from forecasting.survival.models import Alive, Learnt, Model
    from inventory.state import State

_REASONS: Final = {
    "untold": "of which no import would have told that it failed",
    "undated": "without a date of purchase",
    "later": "first seen after today",
    "impossible": "gone before it was bought, or older than 30 years when first seen",
    "brief": "seen on one day only",
}
_SHORT: Final = {
    "untold": "failure untold",
    "undated": "undated",
    "later": "later",
    "impossible": "impossible",
    "brief": "seen once",
}
_LEANS: Final = {"maker": "its maker", "all": "all makers", "nothing": "nothing else was watched"}


class _Found(NamedTuple):
    """Models of the lives that are known on a day, first and last seen in imports of two days; `learnt` is what all curves rest on."""

    day: dt.date
    first: dt.date
    last: dt.date
    models: list[Model]
    left_out: LeftOut
    learnt: Learnt | None

    @property
    def machines(self) -> int:
        return sum(one.machines for one in self.models)


def survival(
    estate: Annotated[
        Path, typer.Argument(metavar="ESTATE", help="The estate, for its timezone and the place of its data.")
    ] = Path("estate.yml"),
    model: Annotated[
        str | None,
        typer.Option("--model", help="Only this model, with its whole curve.", show_default=False),
    ] = None,
    maker: Annotated[
        str | None, typer.Option("--maker", help="Only models of this maker.", show_default=False)
    ] = None,
    data: DataPath = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Tell how long machines of each model last: how many were watched and failed, how many live, what the next year may end.

    Shares alive are Kaplan's and Meier's, with 95 % intervals, and absent beyond what was watched; chances are those that a plan counts
    with, of curves that lean on the maker or on all where a model's own failures are few.
    """
    state = state_of(estate, data)
    known, _ = declared(estate)
    with told(StateError):
        found = _look(state, today_of(known), zone_of(known) or dt.UTC)
    if found is None:
        fail(NOTHING)
    shown = _chosen(found, maker, model)
    if as_json:
        plainly(json_text(_as_data(found, shown, curves=model is not None)))
    else:
        _print(found, shown, limit, curves=model is not None)


def register(group: typer.Typer) -> None:
    """Add this verb to those of the inventory."""
    group.command("survival")(survival)


def _look(state: State, today: dt.date, zone: dt.tzinfo) -> _Found | None:
    """What the imports tell; None where nothing was imported yet."""
    from forecasting.renewal import knowledge  # noqa: PLC0415 - SciPy costs half a second
    from forecasting.survival import models  # noqa: PLC0415

    frame, known = knowledge.learn(state, today, zone)
    if frame.empty:
        return None
    return _Found(
        today,
        frame["seen_from"].min().date(),
        frame["seen_until"].max().date(),
        list(models.of(frame, known)),
        known.left_out,
        models.learnt(frame, known),
    )


def _chosen(found: _Found, maker: str | None, model: str | None) -> list[Model]:
    """The models that were asked for, or the end of the command where there are none."""
    from forecasting.survival.lives import named  # noqa: PLC0415 - as above

    of_maker, of_model = named([maker or "", model or ""])
    shown = [one for one in found.models if maker is None or one.basis.maker == of_maker]
    if not shown:
        makers = dict.fromkeys(one.maker for one in found.models if one.maker)
        fail(f"there is no maker {maker}: {', '.join(makers) or 'none is told'}", status=2)
    chosen = [one for one in shown if model is None or one.basis.model == of_model]
    if not chosen:
        models = dict.fromkeys(one.model for one in shown if one.model)
        fail(f"there is no model {model}: {', '.join(models) or 'none is told'}", status=2)
    return chosen


# --- as JSON ------------------------------------------------------------------------------------------


def _as_data(found: _Found, shown: Sequence[Model], *, curves: bool) -> dict[str, Any]:
    from forecasting.survival import document  # noqa: PLC0415 - as above

    rests = document.learnt(found.learnt)
    return {
        "day": found.day,
        "first_import": found.first,
        "last_import": found.last,
        "machines": found.machines,
        "machine_years": rests["years"],
        "failures": rests["failures"],
        "survival": rests,
        "left_out": dataclasses.asdict(found.left_out),
        "models": [_model_data(one, found, curve=curves) for one in shown],
    }


def _model_data(one: Model, found: _Found, *, curve: bool) -> dict[str, Any]:
    from forecasting.survival import document  # noqa: PLC0415 - as above

    told = document.model(one)
    return {**told, "curve": document.steps(one) if found.learnt else None} if curve else told


# --- as text ------------------------------------------------------------------------------------------


def _print(found: _Found, shown: Sequence[Model], limit: int, *, curves: bool) -> None:
    from forecasting.survival.models import AGES, STARTS  # noqa: PLC0415 - as above

    out = screen()
    for text in _head(found):
        out.print(verbatim(text))
    titles = (
        "maker", "model", "seen", "watched", "machine-years", "at ages", "failed", *(f"alive at {age} (95 %)" for age in AGES),
        *(f"fails at {age} to {age + 1}" for age in STARTS), "own", "the rest from", "left out",
    )  # fmt: skip
    print_rows(out, titles, [_row(one) for one in shown], limit)
    for one in shown if curves and found.learnt else ():
        out.print(verbatim(_curve_title(one)))
        print_rows(out, ("age", "watched", "failed", "alive", "95 %"), list(_curve_rows(one)), 1_000_000)


def _head(found: _Found) -> Iterator[str]:
    from dashboard.sentences import lives  # noqa: PLC0415 - as above
    from dashboard.texts import Texts  # noqa: PLC0415
    from forecasting.survival import document  # noqa: PLC0415

    left_out = found.left_out
    yield f"{_many(found.machines, 'workstation')} seen from {found.first} to {found.last}"
    if left_out.total:
        said = (f"{many} {_REASONS[name]}" for name, many in dataclasses.asdict(left_out).items() if many)
        yield f"Left out: {'; '.join(said)}"
    yield from lives.learnt(document.learnt(found.learnt), Texts("en", ZoneInfo("UTC")))
    if found.learnt is None:
        yield (
            "No import can say that a machine failed: it has no states, or none for that"
            if found.left_out.untold == found.machines
            else "Import another day, or older exports with --day"
        )


def _row(one: Model) -> tuple[str, ...]:
    basis, watched = one.basis, one.shares.begun is not None
    return (
        one.maker or "not told", one.model or "not told", str(one.machines), str(basis.machines) if watched else "",
        f"{basis.years:.1f}" if watched else "", f"{one.shares.begun:.1f} to {one.shares.until:.1f}" if watched else "",
        str(basis.failures) if watched else "", *map(_alive, one.shares.alive), *map(_chance, one.chances),
        f"{basis.own:.0%}" if one.rests else "", _LEANS[one.leans] if one.rests else "",
        _left_out(one.left_out),
    )  # fmt: skip


def _left_out(left_out: LeftOut) -> str:
    return ", ".join(f"{many} {_SHORT[name]}" for name, many in dataclasses.asdict(left_out).items() if many)


def _alive(alive: Alive | None) -> str:
    if alive is None:
        return ""
    band = _band(alive)
    return f"{_share(alive.share)} ({band})" if band else _share(alive.share)


def _band(alive: Alive | None) -> str:
    if alive is None or alive.low is None or alive.high is None:
        return ""
    return f"{_share(alive.low)} to {_share(alive.high)}"


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def _chance(chance: float | None) -> str:
    return "" if chance is None else _share(chance)


def _curve_title(one: Model) -> str:
    name = " ".join(filter(None, (one.maker, one.model))) or "not told"
    if one.shares.begun is None or one.shares.until is None:
        return f"{name}: no machine was watched"
    if not one.shares.steps:
        return f"{name}: no failure was seen at the ages from {one.shares.begun:.2f} to {one.shares.until:.2f} years, so there is no curve"
    return f"{name}: of those that lived at {one.shares.begun:.2f} years, watched without a gap until {one.shares.until:.2f}"


def _curve_rows(one: Model) -> Iterator[tuple[str, ...]]:
    for step in one.shares.steps:
        share = "" if step.alive is None else _share(step.alive.share)
        yield f"{step.age:.2f}", str(step.at_risk), str(step.failed), share, _band(step.alive)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
