"""What asks for somebody, how targets stand, and whether Jauge itself is well."""

from __future__ import annotations

from collections import Counter
from typing import Final, get_args

from pydantic import Field

from dashboard.api.parameters import choice, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.clusters import Cluster
from dashboard.data import HISTORY, PLAN, STATE, STATUS
from dashboard.issues import TROUBLES, Issue, Trouble, Unsupported
from dashboard.sentences import issues as sentences
from dashboard.sentences import targets as target_sentences
from dashboard.standing import SEVERITY, Backup, Delay, Watched
from dashboard.standing import Standing as State
from dashboard.standing import Store as Filling
from exporters.status import TableStatus
from inventory.criticality import Criticality
from inventory.lifecycle.outlook import Standing

# --- what asks for somebody ---------------------------------------------------------------------------


class Concern(Record):
    """One thing that asks for somebody."""

    place: int = Field(description="1 is the worst.", ge=1)
    trouble: Trouble
    target: Text | None = Field(description="The target of the estate; null where it is about workstations.")
    thing: Text | None = Field(
        description="The store or the backup job of that target; null where it is about all of it."
    )
    store: Id | None = Field(description="The `id` of the store.")
    why: Text = Field(description="A sentence.")
    next: Text = Field(description="What to do next: a sentence.")


def _concern(place: int, one: Issue, asked: Asked) -> Concern:
    target, thing, store = _named(one)
    why, todo = sentences.why(one, asked.texts), sentences.todo(one, asked.texts)
    return Concern(
        place=place, trouble=one.trouble, target=target, thing=thing, store=store, why=why, next=todo
    )


def _named(one: Issue) -> tuple[str | None, str | None, str | None]:
    """What it is about: target, thing, and the id of a store."""
    match one.about:
        case Filling() as filling:
            return filling.target, filling.name, id_of(filling.unique_id)
        case Backup() as backup:
            return backup.target, backup.job, None
        case Watched() as watched:
            return watched.name, None, None
        case Cluster() as cluster:
            return cluster.name, None, None
        case Standing() as standing:
            return standing.item.name, None, None
        case Unsupported():
            return None, None, None


# --- targets ------------------------------------------------------------------------------------------


class Target(Record):
    """A target of the estate, and how it stands."""

    place: int = Field(description="Place in the order of the page: 1 is the worst.", ge=1)
    id: Id
    name: Text
    site: Text | None
    service: Text | None
    role: Text | None
    criticality: Criticality | None = Field(description="As the estate says; null where it says nothing.")
    state: State = Field(
        description="down: it does not answer; late: not for two intervals; partly: a part of it failed; never: it was not polled yet."
    )
    reason: Text | None = Field(
        description="The reason that most of its failures have (docs/metrics.md); null where nothing failed."
    )
    delay: Delay | None = Field(
        description="Why it is late: silent: the collector does not write; running: a poll has not ended; long: the last poll took longer than the interval; unknown. null where it is not late."
    )
    why: Text | None = Field(description="What failed, or why it is late: a sentence.")
    next: Text | None = Field(description="What to do about it: a sentence.")
    family: Text | None = Field(description="As what it was read last.")
    product: Text | None
    version: Text | None
    polled: Moment | None = Field(description="When its last poll ended.")
    answered: Moment | None = Field(description="When it answered last.")
    every_seconds: Number = Field(description="How often it is polled.")


class Part(Record):
    """A table or command of a target at its last poll."""

    name: Text
    is_up: bool
    read: Moment = Field(description="When its values were read: before the poll where it failed.")
    took_seconds: Number | None
    rows: int
    values: int
    withheld: int = Field(description="Rows that were not believed.")
    reason: Text | None
    detail: Text | None


class TargetInFull(Target):
    """A target with the parts of its last poll."""

    parts: list[Part]


def _targets(asked: Asked) -> Left:
    return asked.left(
        asked.data.targets(),
        state=lambda one: one.state,
        site=lambda one: one.target.site,
        service=lambda one: one.target.service,
        role=lambda one: one.target.role,
    )


def _target(place: int, one: Watched, asked: Asked) -> Target:
    status, declared = one.status, one.target
    return Target(
        place=place,
        id=id_of(one.name),
        name=one.name,
        site=declared.site,
        service=declared.service,
        role=declared.role,
        criticality=declared.criticality,
        state=one.state,
        reason=one.reason,
        delay=one.delay,
        why=target_sentences.why(one, asked.texts) or None,
        next=target_sentences.todo(one, asked.texts) or None,
        family=(status.family or None) if status else None,
        product=(status.product or None) if status else None,
        version=(status.version or None) if status else None,
        polled=status.at if status else None,
        answered=status.last_success if status else None,
        every_seconds=declared.every,
    )


def _one(asked: Asked) -> TargetInFull | None:
    wanted = asked.given["id"]
    found = next((each for each in enumerate(asked.data.targets(), 1) if id_of(each[1].name) == wanted), None)
    if found is None:
        return None
    tables = found[1].status.tables if found[1].status else ()
    return TargetInFull(**dict(_target(*found, asked)), parts=[_part(one) for one in tables])


def _part(one: TableStatus) -> Part:
    return Part(
        name=one.name,
        is_up=one.up,
        read=one.at,
        took_seconds=one.seconds,
        rows=one.rows,
        values=one.values,
        withheld=one.withheld,
        reason=one.reason,
        detail=one.detail or None,
    )


# --- Jauge itself -------------------------------------------------------------------------------------


class Health(Record):
    """Whether what the other answers rest on is there and is new."""

    title: Text | None = Field(description="Of the estate.")
    timezone: str = Field(description="Of the estate: its days are those of answers.")
    today: Day
    currency: Text = Field(description="Of all money.")
    is_well: bool = Field(
        description="Whether the collector writes, every file can be read, and the estate's file has no mistake."
    )
    collector_wrote: Moment | None = Field(
        description="When the collector last wrote; null where it never did."
    )
    collector_is_silent: bool | None = Field(
        description="Whether that is too long ago; null where it never wrote."
    )
    planner_issued: Moment | None = Field(
        description="When the forecasts were made; null where none ever were."
    )
    unreadable: list[Text] = Field(description="Files that cannot be read.")
    estate_has_mistake: bool = Field(
        description="Whether the estate's file has a mistake: an earlier one counts then."
    )
    targets: dict[State, int] = Field(description="How many targets stand how.")


def _health(asked: Asked) -> Health:
    data, status = asked.data, asked.data.status()
    silent, counts = data.silent() is not None, Counter(one.state for one in data.targets())
    issued = max((one.issued_at for one in data.outlooks()), default=None)
    estate, unread = data.estate, [fault.file for fault in data.faults()]
    return Health(
        title=estate.title,
        timezone=estate.timezone,
        today=data.today,
        currency=estate.currency,
        is_well=status.at is not None and not (silent or unread or data.mistake),
        collector_wrote=status.at,
        collector_is_silent=None if status.at is None else silent,
        planner_issued=issued,
        unreadable=unread,
        estate_has_mistake=bool(data.mistake),
        targets={state: counts[state] for state in SEVERITY},
    )


RESOURCES: Final = (
    Document(
        path="/health",
        title="Health",
        about="Whether Jauge itself is well: the collector, the forecasts, files.",
        page="/targets",
        model=Health,
        rests_on=(),
        ask=_health,
    ),
    Listing(
        path="/overview",
        title="Overview",
        about="What asks for somebody, worst first, each with why and what to do next.",
        page="/",
        model=Concern,
        rests_on=(HISTORY, PLAN, STATUS, STATE),
        is_worded=True,
        parameters=(choice("trouble", "Only troubles of this kind.", TROUBLES),),
        ask=lambda asked: asked.left(asked.data.overview(), trouble=lambda one: one.trouble),
        make=_concern,
    ),
    Listing(
        path="/targets",
        title="Targets",
        about="The targets of the estate, and why they do not answer.",
        page="/targets",
        model=Target,
        rests_on=(STATUS,),
        is_worded=True,
        parameters=(
            choice("state", "Only targets in this state.", get_args(State)),
            text("site", "Only targets at this site."),
            text("service", "Only targets of this service."),
            text("role", "Only targets of this role."),
        ),
        ask=_targets,
        make=_target,
        key=lambda one: id_of(one.name),
    ),
    Document(
        path="/targets/{id}",
        title="One target",
        about="A target with the parts of its last poll.",
        page="/targets",
        model=TargetInFull,
        rests_on=(STATUS,),
        is_worded=True,
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_one,
    ),
)
