"""What is followed: what archives may delete, machines in care that nobody mends, and roll-outs."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from pydantic import Field

from dashboard.api.parameters import choice
from dashboard.api.records import Day, Id, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.data import HISTORY, PLAN, STATE
from forecasting.deploying import Followed
from forecasting.retention import Purged, Schedule
from inventory.criticality import Criticality
from inventory.fleet.care import Compensation, Exposed
from inventory.lifecycle.support import State as Supported

PLACE: Final = "Place in the order of the page."

# --- retention ----------------------------------------------------------------------------------------


class Deletable(Record):
    """What an archive may delete from the 1st of January of a year on, that was not deletable before: bytes."""

    year: int
    low_bytes: Number
    likely_bytes: Number | None = Field(
        description="null where the share of those who come back is not declared."
    )
    high_bytes: Number
    total_likely_bytes: Number | None = Field(description="With the years before.")
    total_high_bytes: Number


class Filled(Record):
    """When the store of an archive is full: as forecast, and where what may go is deleted."""

    store: Id
    without: Day | None = Field(description="null where it is not full within the forecast.")
    low: Day | None
    likely: Day | None
    high: Day | None
    is_likely_known: bool


class Retained(Record):
    """What an archive may delete by its rule, year by year."""

    place: int = Field(description=PLACE, ge=1)
    target: Text
    keeps_years: Number
    held_bytes: Number
    undated_bytes: Number = Field(
        description="Of studies without a date: they are never counted as deletable."
    )
    undeclared: list[Text] = Field(description="Shares that the owner of the archive did not declare.")
    years: list[Deletable]
    full: Filled | None = Field(description="null where the store has no size or no forecast.")


def _retention(asked: Asked) -> Left:
    return asked.left(asked.data.retention())


def _retained(place: int, pair: tuple[Schedule, Purged | None], _: Asked) -> Retained:
    one, effect = pair
    return Retained(
        place=place,
        target=one.archive.target,
        keeps_years=one.rule.years,
        held_bytes=sum(one.archive.by_year.values()),
        undated_bytes=one.archive.undated,
        undeclared=list(one.undeclared),
        years=[_deletable(row) for row in one.frame.to_dict("records")],
        full=_filled(effect) if effect is not None else None,
    )


def _deletable(row: Any) -> Deletable:
    return Deletable(
        year=int(row["year"]),
        **{
            f"{name}_bytes": float(row[name])
            for name in ("low", "likely", "high", "total_likely", "total_high")
        },
    )


def _filled(one: Purged) -> Filled:
    return Filled(
        store=id_of(one.unique_id),
        without=one.without,
        low=one.dates.get("low"),
        likely=one.dates.get("likely"),
        high=one.dates.get("high"),
        is_likely_known="likely" in one.dates,
    )


# --- machines in care ---------------------------------------------------------------------------------


class Measure(Record):
    """What makes up for it that nobody mends a machine."""

    what: Text
    who: Text
    since: Day
    until: Day | None = Field(description="Its last day; null without one.")
    is_of_estate: bool = Field(description="Whether the estate's file says it, and not somebody on the page.")


class InCare(Record):
    """A workstation that care depends on and that nobody mends, or of which nobody can tell."""

    place: int = Field(description=PLACE, ge=1)
    workstation: Id
    name: Text
    site: Text | None
    service: Text | None
    use: Text
    criticality: Criticality
    system: Text | None
    support: Supported
    since: Day | None = Field(description="The first day without updates; null where nobody can tell.")
    why: Text = Field(description="Why it is not upgraded, in English.")
    measures: list[Measure]


def _care(asked: Asked) -> Left | None:
    fleet = asked.data.fleet()
    if fleet is None:
        return None
    return asked.left(fleet.care.exposed, measures=lambda one: "some" if one.measures else "none")


def _in_care(place: int, one: Exposed, _: Asked) -> InCare:
    judged = one.machine
    machine = judged.workstation
    return InCare(
        place=place,
        workstation=id_of(machine.key),
        name=machine.name,
        site=machine.site,
        service=machine.service,
        use=judged.use.title or judged.use.name,
        criticality=judged.use.criticality,
        system=judged.system or None,
        support=judged.support.state,
        since=one.since,
        why=one.why,
        measures=[_measure(each) for each in one.measures],
    )


def _measure(one: Compensation) -> Measure:
    return Measure(what=one.text, who=one.who, since=one.since, until=one.until, is_of_estate=one.id is None)


# --- roll-outs ----------------------------------------------------------------------------------------


class Week(Record):
    """A week of a roll-out, in all at its end; null where nothing was counted."""

    week: Day = Field(description="Its Monday.")
    planned: Number
    deployed: Number | None
    behind: Number | None = Field(description="Planned less deployed: below 0 where it is ahead.")


class RollOut(Record):
    """A roll-out, and when it will be done."""

    name: Text
    title: Text
    problem: Text | None = Field(description="Why it cannot be followed.")
    machines: int | None
    deployed: Number | None
    planned_by_now: Number | None
    undetermined: int | None = Field(description="Machines that do not tell whether it runs on them.")
    early: Day | None = Field(description="The day before which it is done in one case of ten.")
    central: Day | None
    late: Day | None
    weekly_pace: Number | None = Field(description="What the last working weeks gave, in the mean.")
    weekly_needed: Number | None = Field(
        description="What each week must give from now to the end of the plan."
    )
    weeks: list[Week]


class RollOuts(Record):
    """The roll-outs of the estate."""

    rollouts: list[RollOut]


def _rollouts(asked: Asked) -> RollOuts | None:
    fleet = asked.data.fleet()
    return None if fleet is None else RollOuts(rollouts=[_rollout(one, asked) for one in fleet.rollouts])


def _rollout(one: Followed, asked: Asked) -> RollOut:
    made = one.progress
    return RollOut(
        name=one.name,
        title=one.title,
        problem=one.problem or None,
        machines=made.total if made else None,
        deployed=made.deployed if made else None,
        planned_by_now=one.planned(asked.data.today),
        undetermined=one.unknown,
        early=made.early if made else None,
        central=made.central if made else None,
        late=made.late if made else None,
        weekly_pace=made.weekly if made else None,
        weekly_needed=made.needed if made else None,
        weeks=[_week(row) for row in made.weeks.to_dict("records")] if made else [],
    )


def _week(row: Any) -> Week:
    values = {name: None if pd.isna(row[name]) else float(row[name]) for name in ("deployed", "behind")}
    return Week(week=row["week"].date(), planned=float(row["planned"]), **values)


RESOURCES: Final = (
    Listing(
        path="/retention",
        title="Retention",
        about="What each archive that has a rule may delete, year by year.",
        page="/retention",
        model=Retained,
        rests_on=(HISTORY, PLAN),
        ask=_retention,
        make=_retained,
    ),
    Listing(
        path="/care",
        title="Unsupported but in care",
        about="Workstations that care depends on and that nobody mends; 404 before the first import.",
        page="/workstations/care",
        model=InCare,
        rests_on=(STATE,),
        parameters=(
            choice("measures", "Only machines for which a measure holds, or none.", ("some", "none")),
        ),
        ask=_care,
        make=_in_care,
        key=lambda one: id_of(one.machine.workstation.key),
    ),
    Document(
        path="/rollouts",
        title="Roll-outs",
        about="How far each roll-out is, and when it will be done; 404 before the first import.",
        page="/workstations/rollouts",
        model=RollOuts,
        rests_on=(STATE,),
        ask=_rollouts,
    ),
)
