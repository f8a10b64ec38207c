"""Workstations: machines, figures, ends of support, the renewal plan. No user of any machine is in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, get_args

from pydantic import Field

from dashboard import fleet
from dashboard.api.parameters import Parameter, choice, day, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, Whole, id_of
from dashboard.api.resources import Asked, Document, Left, Listing, Made
from dashboard.data import STATE, STATUS
from dashboard.sentences import renewal as sentences
from inventory.criticality import Criticality
from inventory.fitness import State as Fit
from inventory.fleet.judging import Judged
from inventory.lifecycle.outlook import Standing
from inventory.lifecycle.support import State as Supported
from inventory.lifecycle.support import Support
from inventory.workstations import State

# --- machines -----------------------------------------------------------------------------------------


class Workstation(Record):
    """A workstation that is in use, or may be again, and how it stands today."""

    id: Id
    name: Text
    serial: Text | None
    asset: Text | None = Field(description="The number on its label.")
    state: State | None = Field(description="What the inventory says of it.")
    site: Text | None
    service: Text | None
    location: Text | None = Field(description="Room or department within the site.")
    use: Text = Field(description="Its class of use.")
    criticality: Criticality
    is_for_care: bool = Field(description="Whether patients are cared for with it.")
    kind: Text | None
    maker: Text | None
    model: Text | None
    purchased: Day | None
    warranty_until: Day | None
    price: Number | None = Field(description="In the currency of the estate.")
    os: Text | None
    edition: Text | None
    os_version: Text | None
    system: Text | None = Field(description="What it runs, as the catalogue of ends of support has it.")
    support: Supported
    supported_until: Day | None = Field(description="The last day on which it is mended.")
    support_reason: Text | None
    support_in_a_year: Supported
    fitness: Fit = Field(description="Whether Windows 11 runs on it.")
    fitness_reasons: list[Text] = Field(description="What it lacks, or nobody tells.")
    processor: Text | None
    memory_bytes: Whole | None
    disk_bytes: Whole | None
    tpm: Text | None
    firmware: Text | None


class OfClass(Record):
    """Machines of one class of use."""

    use: Text
    machines: int
    support: dict[Supported, int]
    support_in_a_year: dict[Supported, int]


class FleetFigures(Record):
    """The workstations in figures, as of a day. All but `states` count those that are in use, or may be again."""

    as_of: Day
    imported: Moment = Field(description="When the newest inventory was imported.")
    machines: int
    states: dict[str, int] = Field(description="All of the inventory, by what it says of them.")
    ages: dict[str, int] = Field(description="By completed years.")
    median_age_years: Number | None
    not_told: dict[str, int] = Field(description="Machines of which the inventory does not tell a field.")
    support: dict[Supported, int]
    support_in_a_year: dict[Supported, int]
    fitness: dict[Fit, int]
    run_windows_11: int
    in_care_without_measure: int | None = Field(
        description="In care, out of support, and without a measure; null where the estate says of no class that it is in care."
    )
    classes: list[OfClass]


class _Pair(NamedTuple):
    """A machine today, and in a year."""

    now: Judged
    later: Judged


def _machines(asked: Asked) -> Left | None:
    found = asked.data.fleet()
    if found is None:
        return None
    return asked.left(
        Made(_Pair, found.now, found.later),
        site=lambda one: one.now.workstation.site,
        service=lambda one: one.now.workstation.service,
        support=lambda one: one.now.support.state,
        fitness=lambda one: one.now.fitness.state,
    )


def _machine(_place: int, one: _Pair, _: Asked) -> Workstation:
    return told_of(*one)


def told_of(now: Judged, later: Judged) -> Workstation:
    """A machine as it stands today, and in a year."""
    told = fleet.record(now, later)
    return Workstation(
        id=id_of(now.workstation.key),
        use=told["class"],
        is_for_care=told["care"],
        location=told["place"],
        warranty_until=told["warranty"],
        support_in_a_year=told["support_later"],
        fitness_reasons=list(now.fitness.reasons),
        processor=told["cpu"],
        memory_bytes=told["memory"],
        disk_bytes=told["disk"],
        **{name: told[name] for name in _AS_TOLD},
    )


_AS_TOLD: Final = (
    "name", "serial", "asset", "state", "site", "service", "criticality", "kind", "maker", "model", "purchased", "price",
    "os", "edition", "os_version", "system", "support", "supported_until", "support_reason", "fitness", "tpm", "firmware",
)  # fmt: skip


def _figures(asked: Asked) -> FleetFigures | None:
    found, machines = asked.data.fleet(), asked.data.workstations()
    if found is None or machines is None:
        return None
    counts, care = found.counts, found.care
    return FleetFigures(
        as_of=found.day,
        imported=machines.at,
        machines=counts.machines,
        states=dict(counts.states),
        ages=dict(counts.ages),
        median_age_years=counts.median,
        not_told=dict(counts.missing),
        support=dict(counts.now),
        support_in_a_year=dict(counts.later),
        fitness=dict(counts.fitness),
        run_windows_11=counts.current,
        in_care_without_measure=len(care.uncovered) if care.declared else None,
        classes=[
            OfClass(
                use=one.use.title or one.use.name,
                machines=one.machines,
                support=dict(one.now),
                support_in_a_year=dict(one.later),
            )
            for one in counts.classes
        ],
    )


# --- ends of support ----------------------------------------------------------------------------------


class Deadline(Record):
    """A workstation or a target that runs something, and until when that is mended."""

    id: Id
    name: Text
    is_target: bool = Field(description="Whether it is a target of the estate; else it is a workstation.")
    kind: Text = Field(description="The class of use of a workstation, the role of a target.")
    is_in_care: bool = Field(
        description="Whether patients are cared for with it, and somebody works with it."
    )
    site: Text | None
    service: Text | None
    system: Text | None = Field(description="What it runs.")
    support: Supported = Field(description="On the day that was asked for.")
    until: Day | None = Field(description="The last day on which it is mended; null where nobody can tell.")
    reason: Text | None = Field(description="Why nobody can tell, or what its support rests on.")


class _Thing(NamedTuple):
    key: str
    name: str
    is_target: bool
    kind: str
    care: bool
    site: str | None
    service: str | None
    system: str
    support: Support
    until: dt.date | None


def _deadlines(asked: Asked) -> Left:
    seen = asked.data.standings(asked.given.get("on", asked.data.today))
    return asked.left(
        Made(_thing, [*seen.machines, *seen.targets]),
        support=lambda one: one.support.state,
        what=lambda one: "targets" if one.is_target else "workstations",
        site=lambda one: one.site,
        service=lambda one: one.service,
    )


def _thing(one: Judged | Standing) -> _Thing:
    if isinstance(one, Standing):
        item = one.item
        key = id_of("target", item.name)
        return _Thing(
            key,
            item.name,
            True,
            item.kind,
            False,
            item.site,
            item.service,
            one.system,
            one.support,
            one.until,
        )
    machine, use = one.workstation, one.use
    care = use.care and one.in_use
    return _Thing(
        id_of(machine.key), machine.name, False, use.title or use.name, care, machine.site, machine.service, one.system, one.support,
        one.until,
    )  # fmt: skip


def _deadline(_place: int, one: _Thing, _: Asked) -> Deadline:
    return Deadline(
        id=one.key,
        name=one.name,
        is_target=one.is_target,
        kind=one.kind,
        is_in_care=one.care,
        site=one.site or None,
        service=one.service or None,
        system=one.system or None,
        support=one.support.state,
        until=one.until,
        reason=one.support.told or None,
    )


# --- the renewal plan ---------------------------------------------------------------------------------


class RenewalYear(Record):
    """A year of the plan, or of a purse of it: money in the currency of the plan."""

    year: int
    purse: Text | None = Field(
        description="A site or a directorate, with its kind before it; null is all of it."
    )
    spent: Number
    budget: Number | None = Field(description="null where no bound is declared.")
    machines: int | None = Field(description="Bought that year; null of a purse.")
    failures: Number | None = Field(description="Machines that are expected to fail; null of a purse.")
    failures_low: Number | None
    failures_high: Number | None
    past_age: int | None = Field(
        description="Past their age limit or the allowed risk at its end; null of a purse."
    )
    months_late: Number | None = Field(description="Machine-months past a deadline; null of a purse.")


class Costs(Record):
    """A year's money by line."""

    year: int
    purchases: Number
    again: Number = Field(description="Machines that are bought again within the plan.")
    licences: Number
    updates: Number = Field(description="Paid updates.")
    spent: Number = Field(description="The sum of those: what is ordered.")
    running: Number
    support: Number
    repairs: Number
    total: Number


class Needed(Record):
    """Machines that are out of support today, by what they need."""

    needs: Text
    machines: int
    replaced: int = Field(description="Of those, which the plan replaces.")


class Renewal(Record):
    """The renewal plan as a whole."""

    computed: Moment | None
    is_being_made_anew: bool = Field(
        description="Whether something has changed since, and it is computed again."
    )
    problem: Text | None = Field(description="Why no plan can be made: a sentence.")
    as_of: Day | None = Field(description="null while there is no plan, as are those below.")
    currency: Text | None
    machines: int | None
    proven_gap_ratio: Number | None = Field(description="No plan is better by more than that share.")
    overdue: int | None = Field(description="Machines that stay past a deadline.")
    years: list[RenewalYear]
    costs: list[Costs]
    out_of_support: list[Needed]


class Wave(Record):
    """Machines that are replaced together."""

    place: int = Field(description="Place in the plan.", ge=1)
    quarter: Day = Field(description="Its first day.")
    ordered: Day | None
    year: int | None = Field(description="Of the money.")
    machines: int
    maker: Text | None
    model: Text | None
    kind: Text | None
    use: Text = Field(description="The class of use.")
    site: Text | None
    directorate: Text | None
    offer: Text = Field(description="What is bought.")
    money: Number
    deadline: Day | None
    reason: Text = Field(description="What decides the quarter.")
    is_again: bool = Field(description="Whether it replaces what the plan itself bought.")


class Overdue(Record):
    """A machine that stays past its deadline."""

    place: int = Field(description="Place in the plan.", ge=1)
    name: Text
    site: Text | None
    service: Text | None
    use: Text
    model: Text | None
    deadline: Day
    reason: Text = Field(description="What the deadline is of.")
    until: Day | None = Field(
        description="The last day on which it is late; null where that is not within the plan."
    )
    late_months: Number
    replaced: Day | None
    why: Text = Field(description="Why it stays: order, offer, cap, hands or weight.")


def _plan(asked: Asked) -> Mapping[str, Any] | None:
    issued = asked.data.renewal()
    content: Mapping[str, Any] | None = issued.content if issued else None
    return content


def _renewal(asked: Asked) -> Renewal | None:
    issued, made = asked.data.renewal(), _plan(asked)
    if issued is None:
        return None
    problem = sentences.problem(issued.problem, asked.texts) if issued.problem else None
    return Renewal(
        computed=issued.at,
        is_being_made_anew=issued.stale,
        problem=problem,
        as_of=made["today"] if made else None,
        currency=made["currency"] if made else None,
        machines=made["machines"] if made else None,
        proven_gap_ratio=made["gap"] if made else None,
        overdue=len(made["overdue"]) if made else None,
        years=_years(made) if made else [],
        costs=[Costs(**{name: one[name] for name in Costs.model_fields}) for one in made["costs"]]
        if made
        else [],
        out_of_support=[Needed(**one) for one in made["out_of_support"]] if made else [],
    )


def _years(made: Mapping[str, Any]) -> list[RenewalYear]:
    fails = {row["year"]: row for row in made["failures"]}
    bought: dict[int, int] = {}
    for row in made["waves"]:
        bought[row["year"]] = bought.get(row["year"], 0) + row["machines"]
    return [_year(one, made, fails.get(one["year"], {}), bought) for one in made["money"]]


def _year(
    one: Mapping[str, Any], made: Mapping[str, Any], failing: Mapping[str, Any], bought: Mapping[int, int]
) -> RenewalYear:
    year, whole = one["year"], not one["purse"]
    return RenewalYear(
        year=year,
        purse=one["purse"] or None,
        spent=one["spent"],
        budget=one["budget"],
        machines=bought.get(year, 0) if whole else None,
        failures=failing.get("expected") if whole else None,
        failures_low=failing.get("low") if whole else None,
        failures_high=failing.get("high") if whole else None,
        past_age=made["past_age"].get(str(year), 0) if whole else None,
        months_late=made["lateness"].get(str(year), 0.0) if whole else None,
    )


def _rows(name: str) -> Callable[[Asked], Left | None]:
    """What asks for rows of the plan."""

    def ask(asked: Asked) -> Left | None:
        made = _plan(asked)
        return None if made is None else asked.left(made[name], site=lambda row: row["site"])

    return ask


def _wave(place: int, row: Mapping[str, Any], _: Asked) -> Wave:
    told = {
        name: row[name] or None
        for name in ("maker", "model", "kind", "site", "directorate", "ordered", "deadline")
    }
    return Wave(
        place=place,
        quarter=row["quarter"],
        year=row["year"] or None,
        machines=row["machines"],
        use=row["use"],
        offer=row["offer"],
        money=row["money"],
        reason=row["why"],
        is_again=bool(row["again"]),
        **told,
    )


def _overdue(place: int, row: Mapping[str, Any], _: Asked) -> Overdue:
    told = {name: row[name] or None for name in ("site", "service", "model", "until", "replaced")}
    same = {name: row[name] for name in ("name", "use", "deadline", "reason", "why")}
    return Overdue(place=place, late_months=row["months"], **same, **told)


_SITE: Final = text("site", "Only what stands at this site.")
_SERVICE: Final = text("service", "Only what is of this service.")


def _support(about: str) -> Parameter:
    return choice("support", about, get_args(Supported))


RESOURCES: Final = (
    Listing(
        path="/workstations",
        title="Workstations",
        about="Every workstation that is in use or may be again, without its user; 404 before the first import.",
        page="/workstations",
        model=Workstation,
        rests_on=(STATE,),
        parameters=(
            _SITE,
            _SERVICE,
            _support("Only machines whose support stands so today."),
            choice("fitness", "Only machines that Windows 11 runs on, or does not.", get_args(Fit)),
        ),
        ask=_machines,
        make=_machine,
        key=lambda one: id_of(one.now.workstation.key),
    ),
    Document(
        path="/workstations/figures",
        title="Workstations in figures",
        about="How many there are, how old, until when they are mended, and what the inventory does not tell.",
        page="/workstations",
        model=FleetFigures,
        rests_on=(STATE,),
        ask=_figures,
    ),
    Listing(
        path="/deadlines",
        title="Ends of support",
        about="Everything that runs something, and whether that is mended on a day.",
        page="/workstations/deadlines",
        model=Deadline,
        rests_on=(STATE, STATUS),
        parameters=(
            day("on", "The day; today, where nothing is said."),
            _support("Only what stands so on that day."),
            choice("what", "Only workstations, or only targets.", ("workstations", "targets")),
            _SITE,
            _SERVICE,
        ),
        ask=_deadlines,
        make=_deadline,
        key=lambda one: one.key,
    ),
    Document(
        path="/renewal",
        title="Renewal plan",
        about="What renewing the workstations costs, year by year; 404 where there is nothing to plan with.",
        page="/renewal",
        model=Renewal,
        rests_on=(STATE,),
        is_worded=True,
        ask=_renewal,
    ),
    Listing(
        path="/renewal/purchases",
        title="Waves of the renewal plan",
        about="Which workstations are replaced, when, and by what.",
        page="/renewal",
        model=Wave,
        rests_on=(STATE,),
        parameters=(_SITE,),
        ask=_rows("waves"),
        make=_wave,
    ),
    Listing(
        path="/renewal/overdue",
        title="Past their deadline",
        about="Workstations that stay past a deadline although the plan is kept, and why.",
        page="/renewal",
        model=Overdue,
        rests_on=(STATE,),
        parameters=(_SITE,),
        ask=_rows("overdue"),
        make=_overdue,
    ),
)
