"""Beside the renewal plan: what more money would buy, how long models last, and what imports told of one machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from dashboard.api.machines import Workstation, told_of
from dashboard.api.parameters import text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.data import STATE
from dashboard.sentences import renewal as sentences
from forecasting.renewal.kept import LUMP
from forecasting.survival.models import Leans, Rests
from inventory.imports.course import Change, Course, Event

_ANEW: Final = "Whether something has changed since, and it is computed again."

# --- what more money would buy ------------------------------------------------------------------------


class Money(Record):
    """The plan again, with other budgets. Money is of all its years."""

    more_ratio: Number = Field(
        description="By how much the money of each year is more (less: negative) than the plan's."
    )
    budget: Number
    spent: Number
    late: int = Field(description="Machines that stay past a deadline.")
    months_late: Number = Field(description="Machine-months past a deadline.")
    failures: Number = Field(description="Machines that are expected to fail.")
    weighed: Number = Field(
        description="All that the plan weighs, as money: it is never more where there is more money."
    )
    proven_gap_ratio: Number = Field(description="No plan for that money is better by more than that share.")
    lump_is_worth: Number | None = Field(
        description="By how much `lump` more in all would lessen what is weighed, from the point before; null of the first one."
    )


class Curve(Record):
    """What more and less money would buy."""

    computed: Moment | None
    is_being_made_anew: bool = Field(description=_ANEW)
    problem: Text | None = Field(description="Why it cannot be made: a sentence.")
    currency: Text | None = Field(description="null while there is no plan.")
    lump: Number = Field(description="The money that `lump_is_worth` is about.")
    points: list[Money] = Field(description="From the least money on; none where no year has a bound.")


def _curve(asked: Asked) -> Curve | None:
    issued, plan = asked.data.curve(), asked.data.renewal()
    if issued is None:
        return None
    points = issued.content or []
    is_bounded = any(one["budget"] for one in points)
    return Curve(
        computed=issued.at,
        is_being_made_anew=issued.stale,
        problem=sentences.problem(issued.problem, asked.texts) if issued.problem else None,
        currency=plan.content["currency"] if plan and plan.content else None,
        lump=LUMP,
        points=[_point(one) for one in points] if is_bounded else [],
    )


def _point(one: Mapping[str, Any]) -> Money:
    same = {name: one[name] for name in ("budget", "spent", "late", "failures")}
    return Money(
        more_ratio=one["share"],
        months_late=one["lateness"],
        weighed=one["worth"],
        proven_gap_ratio=one["gap"],
        lump_is_worth=one["lump"],
        **same,
    )


# --- how long models last -----------------------------------------------------------------------------

Key = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]


class Lives(Record):
    """What is known of how long machines last, and from what. What is learnt is null where it is assumed."""

    computed: Moment | None
    is_being_made_anew: bool = Field(description=_ANEW)
    problem: Text | None = Field(description="Why it cannot be made: a sentence.")
    as_of: Day | None
    is_learnt: bool | None = Field(
        description="Whether failures of this hospital tell it; else it is assumed."
    )
    since: Day | None = Field(description="The first import that could have told a failure.")
    until: Day | None
    failures: int | None
    machines: int | None = Field(description="Machines that were watched.")
    machine_years: Number | None
    is_few: bool | None = Field(description="Whether the failures are few, so that bands are wide.")
    left_out: dict[str, int] | None = Field(description="Lives that say nothing of ages, by reason.")
    models_left_out: int | None = Field(
        description="Models beyond those of the list, which holds those with most machines watched."
    )


class Alive(Record):
    """The share of machines that live at an age."""

    age_years: Number
    ratio: Number | None = Field(description="null where nobody was watched.")
    low_95_ratio: Number | None
    high_95_ratio: Number | None


class Chance(Record):
    """How likely a machine of an age is to fail within a year, as a plan counts with."""

    age_years: Number
    ratio: Number | None


class Lifetime(Record):
    """A model of workstations, and how long those last that were watched."""

    id: Key
    maker: Text | None
    model: Text | None
    machines: int = Field(description="That were ever seen.")
    watched: int
    failures: int | None = Field(description="null where none was watched.")
    machine_years: Number | None
    watched_from_age_years: Number | None
    watched_until_age_years: Number | None
    is_few: bool = Field(description="Whether the failures are few.")
    rests_on: Rests | None = Field(
        description="Whose the greater part of its curve is: its own, of its maker, or of all."
    )
    leans_on: Leans | None = Field(description="Where the rest of its curve is from.")
    own_ratio: Number | None = Field(description="The part of its curve that is its own.")
    alive: list[Alive]
    fails_within_a_year: list[Chance]


class Failed(Alive):
    """An age at which machines failed (Kaplan and Meier)."""

    at_risk: int
    failed: int


class Counted(Record):
    """The share that lives at an age, of those that lived when watching began, as a plan counts with."""

    age_years: Number
    ratio: Number
    low_80_ratio: Number
    high_80_ratio: Number


class LifetimeInFull(Lifetime):
    """A model with its curves."""

    seen: list[Failed]
    counted_with: list[Counted]


def _lives(asked: Asked) -> Lives | None:
    issued = asked.data.lives()
    if issued is None:
        return None
    found = issued.content or {}
    same = {name: found.get(name) for name in ("since", "until", "failures", "machines", "left_out")}
    return Lives(
        computed=issued.at,
        is_being_made_anew=issued.stale,
        problem=sentences.problem(issued.problem, asked.texts) if issued.problem else None,
        as_of=found.get("today"),
        is_learnt=found["known"] == "learnt" if found else None,
        machine_years=found.get("years"),
        is_few=found.get("few"),
        models_left_out=found.get("more"),
        **same,
    )


def _curves(asked: Asked) -> list[Mapping[str, Any]] | None:
    issued = asked.data.lives()
    return None if issued is None or issued.content is None else issued.content["curves"]


def _models(asked: Asked) -> Left | None:
    """As on their page: those with most machines watched first."""
    found = _curves(asked)
    if found is None:
        return None
    ordered = sorted(found, key=lambda one: (-one["watched"], -one["machines"]))
    return asked.left(ordered, maker=lambda one: one["maker"])


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    same = ("maker", "model", "machines", "watched", "failures", "machine_years", "rests_on", "leans_on")
    return {
        "id": one["key"],
        "watched_from_age_years": one["watched_from_age"],
        "watched_until_age_years": one["watched_until_age"],
        "is_few": one["few"],
        "own_ratio": one["own"],
        "alive": [Alive(**_alive(row)) for row in one["alive"]],
        "fails_within_a_year": [
            Chance(age_years=row["age"], ratio=row["chance"]) for row in one["fails_within_a_year"]
        ],
        **{name: one[name] for name in same},
    }


def _alive(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "age_years": row["age"],
        "ratio": row["share"],
        "low_95_ratio": row["low"],
        "high_95_ratio": row["high"],
    }


def _model(_place: int, one: Mapping[str, Any], _: Asked) -> Lifetime:
    return Lifetime(**_told(one))


def _in_full(asked: Asked) -> LifetimeInFull | None:
    one = next((each for each in _curves(asked) or () if each["key"] == asked.given["id"]), None)
    if one is None:
        return None
    return LifetimeInFull(
        **_told(one),
        seen=[Failed(**_alive(row), at_risk=row["at_risk"], failed=row["failed"]) for row in one["curve"]],
        counted_with=[
            Counted(
                age_years=row["age"], ratio=row["share"], low_80_ratio=row["low"], high_80_ratio=row["high"]
            )
            for row in one["fitted"]
        ],
    )


# --- one machine --------------------------------------------------------------------------------------


def _scalar(value: Any) -> Any:
    """What the inventory wrote: a number or a truth as it is, all else as text."""
    return value if value is None or isinstance(value, bool | int | float) else str(value)


Told = Annotated[bool | int | float | Text | None, BeforeValidator(_scalar)]


class Changed(Record):
    """A field that became another, as the inventory writes both; null where it told nothing."""

    field: Text
    before: Told
    after: Told


class Step(Record):
    """What an import said anew of a machine."""

    at: Moment
    event: Event
    file: Text
    changes: list[Changed]


class WorkstationInFull(Record):
    """A workstation, and what imports told of it, the newest first. Who uses it is in neither."""

    id: Id
    name: Text
    is_gone: bool = Field(description="Whether the newest inventory has it no more.")
    workstation: Workstation | None = Field(
        description="How it stands today; null where it is not in use, nor may be again."
    )
    course: list[Step]


def _one(asked: Asked) -> WorkstationInFull | None:
    fleet, wanted = asked.data.fleet(), asked.given["id"]
    key = next((one.key for one in asked.data.inventory() if id_of(one.key) == wanted), None)
    found: Course | None = asked.data.machine(key) if key is not None else None
    if found is None or fleet is None:
        return None
    pairs = zip(fleet.now, fleet.later, strict=True)
    stands = next((told_of(now, later) for now, later in pairs if now.workstation.key == key), None)
    return WorkstationInFull(
        id=wanted,
        name=found.last.name,
        is_gone=found.is_gone,
        workstation=None if found.is_gone else stands,
        course=[
            Step(at=one.at, event=one.event, file=one.file, changes=list(map(_changed, one.changes)))
            for one in found.steps
        ],
    )


def _changed(one: Change) -> Changed:
    return Changed(field=one.field, before=one.before, after=one.after)


RESOURCES: Final = (
    Document(
        path="/workstations/{id}",
        title="One workstation",
        about="A workstation of the newest inventory, those out of use among them, with what each import told anew of it.",
        page="/workstations/machine",
        model=WorkstationInFull,
        rests_on=(STATE,),
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_one,
    ),
    Document(
        path="/lives",
        title="How long workstations last",
        about="What that is learnt from; 404 before the first import.",
        page="/workstations",
        model=Lives,
        rests_on=(STATE,),
        is_worded=True,
        ask=_lives,
    ),
    Listing(
        path="/lifetimes",
        title="How long models last",
        about="Each model of workstations with the share that lives at each age; 404 while that is computed for the first time.",
        page="/workstations",
        model=Lifetime,
        rests_on=(STATE,),
        parameters=(text("maker", "Only models of this maker."),),
        ask=_models,
        make=_model,
        key=lambda one: str(one["key"]),
    ),
    Document(
        path="/lifetimes/{id}",
        title="How long one model lasts",
        about="A model with the curve that was seen, and the one that a plan counts with.",
        page="/workstations",
        model=LifetimeInFull,
        rests_on=(STATE,),
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_in_full,
    ),
    Document(
        path="/renewal/curve",
        title="What more money would buy",
        about="The renewal plan again with more and with less money; 404 where there is nothing to plan with.",
        page="/renewal",
        model=Curve,
        rests_on=(STATE,),
        is_worded=True,
        ask=_curve,
    ),
)
