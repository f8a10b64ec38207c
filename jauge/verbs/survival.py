"""`jauge inventory survival`: how long machines of each model last, as the imports tell, and on whom that leans."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import DataPath, fail, plainly, told, verbatim
from jauge.verbs.fleet import NOTHING, declared
from jauge.verbs.listing import AsJson, Limit, json_text, print_rows, screen, today_of, zone_of

if TYPE_CHECKING:  # pandas costs half a second
    from forecasting.survival.lives import LeftOut
    from forecasting.survival.models import Alive, Model
    from inventory.state import State

_REASONS: Final = {
    "undated": "without a date of purchase",
    "later": "first seen after today",
    "brief": "seen on one day only",
    "impossible": "gone before it was bought, or older than 30 years when first seen",
}
_SHORT: Final = {"undated": "undated", "later": "later", "brief": "seen once", "impossible": "impossible"}
_LEANS: Final = {"maker": "its maker", "all": "all makers", "nothing": "nothing else was watched"}


class _Found(NamedTuple):
    """Models of the lives that are known on a day; `stated` is whether the inventory tells states, and so failures, at all."""

    day: dt.date
    first: dt.date
    last: dt.date
    models: list[Model]
    left_out: LeftOut
    stated: bool

    @property
    def failures(self) -> int:
        return sum(one.basis.failures for one in self.models)

    @property
    def years(self) -> float:
        return sum(one.basis.years for one in self.models)


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
    from forecasting.survival import fit, models  # noqa: PLC0415 - SciPy costs half a second
    from inventory.imports import snapshots  # noqa: PLC0415
    from inventory.imports.lives import lives  # noqa: PLC0415

    frame, newest = lives(state, zone), snapshots.latest(state)
    if frame.empty or newest is None:
        return None
    known = fit(frame, today)
    stated = (
        any(one.state for one in newest.workstations) or frame["end"].isin(["failure", "retirement"]).any()
    )
    first, last = frame["entered"].min().date(), frame["left"].max().date()
    return _Found(today, first, last, list(models.of(frame, known)), known.left_out, bool(stated))


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
    return {
        "day": found.day,
        "first_import": found.first,
        "last_import": found.last,
        "machines": sum(one.machines for one in found.models),
        "machine_years": found.years if _watched(found) else None,
        "failures": found.failures if _watched(found) and found.stated else None,
        "left_out": dataclasses.asdict(found.left_out),
        "models": [_model_data(one, stated=found.stated, curve=curves) for one in shown],
    }


def _model_data(one: Model, *, stated: bool, curve: bool) -> dict[str, Any]:
    from forecasting.survival.models import AGES, STARTS  # noqa: PLC0415 - as above

    known, basis = stated and one.shares.begun is not None, one.basis
    chances = one.chances if stated else [None for _ in one.chances]
    made = {
        "maker": one.maker,
        "model": one.model,
        "machines": one.machines,
        "watched": basis.machines,
        "left_out": dataclasses.asdict(one.left_out),
        "machine_years": basis.years if one.shares.begun is not None else None,
        "watched_from_age": one.shares.begun,
        "watched_until_age": one.shares.until,
        "failures": basis.failures if known else None,
        "failures_of_maker": basis.of_maker if stated else None,
        "failures_of_all": basis.of_fleet if stated else None,
        "alive": [
            {"age": age, **_alive_data(alive if stated else None)}
            for age, alive in zip(AGES, one.shares.alive, strict=True)
        ],
        "fails_within_a_year": [
            {"age": age, "chance": chance} for age, chance in zip(STARTS, chances, strict=True)
        ],
        "own": basis.own if _curved(one, stated) else None,
        "leans_on": one.leans if _curved(one, stated) else None,
    }
    return {**made, "curve": _curve_data(one) if stated else None} if curve else made


def _curve_data(one: Model) -> list[dict[str, Any]]:
    return [
        {"age": step.age, "at_risk": step.at_risk, "failed": step.failed, **_alive_data(step.alive)}
        for step in one.shares.steps
    ]


def _alive_data(alive: Alive | None) -> dict[str, float | None]:
    names = ("share", "low", "high")
    return {name: None if alive is None else getattr(alive, name) for name in names}


def _watched(found: _Found) -> bool:
    return any(one.shares.begun is not None for one in found.models)


def _curved(one: Model, stated: bool) -> bool:
    """Whether there is a curve to count with, of which something can be its own."""
    return stated and one.basis.curve is not None


# --- as text ------------------------------------------------------------------------------------------


def _print(found: _Found, shown: Sequence[Model], limit: int, *, curves: bool) -> None:
    from forecasting.survival.models import AGES, STARTS  # noqa: PLC0415 - as above

    out = screen()
    for text in _head(found):
        out.print(verbatim(text))
    titles = (
        "maker", "model", "seen", "machine-years", "at ages", "failed", *(f"alive at {age} (95 %)" for age in AGES),
        *(f"fails at {age} to {age + 1}" for age in STARTS), "own", "the rest from", "left out",
    )  # fmt: skip
    print_rows(out, titles, [_row(one, stated=found.stated) for one in shown], limit)
    if not curves or not found.stated:
        return
    for one in shown:
        out.print(verbatim(_curve_title(one)))
        print_rows(out, ("age", "watched", "failed", "alive", "95 %"), list(_curve_rows(one)), 1_000_000)


def _head(found: _Found) -> Iterator[str]:
    machines, left_out = sum(one.machines for one in found.models), found.left_out
    many = "1 workstation" if machines == 1 else f"{machines} workstations"
    yield f"{many} seen from {found.first} to {found.last}"
    if left_out.total:
        said = (f"{many} {_REASONS[name]}" for name, many in dataclasses.asdict(left_out).items() if many)
        yield f"Left out: {'; '.join(said)}"
    yield _failed(found)


def _failed(found: _Found) -> str:
    if not _watched(found):
        return (
            "Nothing can be told of how long they last: none has a date of purchase and was seen on two days "
            "(import another day, or older exports with --day)"
        )
    watched = f"{found.years:.1f} machine-years were watched"
    if not found.stated:
        return f"{watched}; the inventory tells no state of any machine, so nobody knows which failed"
    if not found.failures:
        return (
            f"{watched}, and no failure was seen: chances are those of half a failure in as many years again; where the inventory "
            f"has no state for what failed, nobody knows"
        )
    return f"{watched}, and {_many(found.failures, 'failure')}"


def _row(one: Model, *, stated: bool) -> tuple[str, ...]:
    basis, watched = one.basis, one.shares.begun is not None
    curved = _curved(one, stated)
    nothing = ("",) * len(one.shares.alive)
    return (
        one.maker or "not told", one.model or "not told", str(one.machines), f"{basis.years:.1f}" if watched else "",
        f"{one.shares.begun:.1f} to {one.shares.until:.1f}" if watched else "", str(basis.failures) if watched and stated else "",
        *(map(_alive, one.shares.alive) if stated else nothing), *(map(_chance, one.chances) if stated else ("",) * len(one.chances)),
        f"{basis.own:.0%}" if curved else "", _LEANS[one.leans] if curved else "", _left_out(one.left_out),
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
