"""Backups against what is promised, and restores that were tested."""

from __future__ import annotations

from typing import Final, Literal, get_args

from pydantic import Field

from dashboard.api.parameters import choice, text
from dashboard.api.records import Id, Moment, Number, Record, Text, Whole, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.data import HISTORY, STATE, STATUS
from dashboard.sentences import backups as sentences
from dashboard.standing import Alone
from dashboard.standing import Backup as Known
from exporters.protection import Part, Protection, Rule, Why
from inventory.state.restores import Entry, Result

PLACE: Final = "Place in the order of the page: 1 is the worst."
BackupState = Literal["late", "doubted", "unknown", "unpromised", "met"]


class Backup(Record):
    """A backup job for one machine, and what was promised."""

    place: int = Field(description=PLACE, ge=1)
    id: Id
    target: Text = Field(description="Whose promise it is; where nothing is promised, who lists the job.")
    job: Text | None
    machine: Text | None = Field(description="As the job names it.")
    subject: Text = Field(
        description="What a restore of it brings back: a target, a machine as its job names it, else the job."
    )
    listed_by: Text | None = Field(description="The target that lists the job.")
    state: BackupState = Field(
        description="late: no restore point, or one older than promised; doubted: its last run is none, whatever it says; "
        "unknown: nobody tells of one; unpromised: there is one, and no promise; met."
    )
    last_point: Moment | None = Field(description="Its last good restore point.")
    promised_seconds: Number | None = Field(
        description="The age that a restore point may have (RPO); null where nothing is promised."
    )
    is_overdue: bool = Field(description="Whether the promise is broken.")
    says: Text | None = Field(description="What its maker says of the last run.")
    is_believed: bool | None = Field(
        description="Whether that run is a restore point; null where nobody can tell."
    )
    not_believed: list[Text] = Field(description="Why it is not.")
    restore_tested: Moment | None = Field(description="When a restore of it last brought everything back.")
    is_untested: bool = Field(description="Whether that is longer ago than is wanted, or never was.")
    test_every_seconds: Number
    next: Text | None = Field(description="What to do next: a sentence.")


class Kept(Record):
    """A part of the 3-2-1-1-0 rule."""

    rule: Rule
    is_met: bool | None
    reason: Why
    why: Text = Field(description="The same as a sentence.")


class Protected(Record):
    """A target that has backups or a promise, and the rule for it."""

    place: int = Field(description="Place in the estate.", ge=1)
    id: Id
    target: Text
    service: Text | None
    promised_seconds: Number | None = Field(description="The age that a restore point may have (RPO).")
    restore_within_seconds: Number | None = Field(description="The time that a restore may take (RTO).")
    is_slow: bool | None = Field(
        description="Whether the last whole restore took longer; null where one of the two is not known."
    )
    last_point: Moment | None = Field(description="The newest good restore point of any of its jobs.")
    rules: list[Kept] = Field(description="Empty where the estate promises nothing.")


class Bare(Record):
    """A machine in no backup job."""

    place: int = Field(description="By its name.", ge=1)
    machine: Text
    target: Text = Field(description="The target that it is, or that lists it.")


class Summary(Record):
    """How much of what should be saved is known."""

    backups: int
    promised: int
    overdue: int
    lying: int = Field(description="Whose last run says that it went well, and is no restore point.")
    untested: int
    makers: list[Text] = Field(description="Targets that list jobs.")
    unheard: list[Text] = Field(description="Of those, which did not answer in full at their last poll.")
    is_sure: bool = Field(description="Whether a machine that no job names is in none for certain.")
    machines: int = Field(description="Machines of which it can be told.")
    in_no_job: int | None = Field(description="Of those, in no job; null where nobody can tell.")


class Test(Record):
    """An entry of the ledger of restore tests."""

    place: int = Field(description="1 is the newest.", ge=1)
    number: int = Field(description="Of the entry.")
    ended: Moment
    target: Text
    job: Text | None
    what: Text
    point: Moment = Field(description="The moment that its data is of.")
    took_seconds: Number
    size_bytes: Whole | None
    result: Result = Field(description="ok: all came back; partial; failed.")
    evidence: Text
    remark: Text | None
    who: Text
    counts: bool = Field(description="Whether nobody corrected or withdrew it.")
    replaced_by: int | None = Field(description="The number of the entry in its place.")


def _id(one: Known) -> str:
    return id_of("backup", one.target, one.job, one.machine)


def _backups(asked: Asked) -> Left:
    return asked.left(
        asked.data.backups(),
        target=lambda one: one.target,
        subject=lambda one: one.subject,
        state=lambda one: one.state,
    )


def _backup(place: int, one: Known, asked: Asked) -> Backup:
    told = one.told
    return Backup(
        place=place,
        id=_id(one),
        target=one.target,
        job=one.job or None,
        machine=one.machine or None,
        subject=one.subject,
        listed_by=told.by if told else None,
        state=one.state,
        last_point=one.last,
        promised_seconds=one.rpo,
        is_overdue=one.overdue,
        says=(told.result or None) if told else None,
        is_believed=told.protecting if told else None,
        not_believed=list(told.reasons) if told and one.doubted else [],
        restore_tested=one.tested.at if one.tested else None,
        is_untested=one.untested,
        test_every_seconds=one.every,
        next=sentences.todo(one, asked.texts) or None,
    )


def _protected(place: int, one: Protection, asked: Asked) -> Protected:
    parts = one.score() if one.target.protect is not None else ()
    return Protected(
        place=place,
        id=id_of(one.target.name),
        target=one.target.name,
        service=one.target.service,
        promised_seconds=one.rpo,
        restore_within_seconds=one.rto,
        is_slow=one.slow,
        last_point=one.last,
        rules=[_kept(part, asked) for part in parts],
    )


def _kept(part: Part, asked: Asked) -> Kept:
    why = sentences.part(part, asked.texts)
    return Kept(rule=part.rule, is_met=part.met, reason=part.why, why=why)


def _summary(asked: Asked) -> Summary:
    known = asked.data.protection()
    return Summary(
        backups=len(known.found),
        promised=sum(one.rpo is not None for one in known.found),
        overdue=sum(one.overdue for one in known.found),
        lying=sum(one.lying for one in known.found),
        untested=sum(one.untested for one in known.found),
        makers=list(known.makers),
        unheard=list(known.unheard),
        is_sure=known.sure,
        machines=known.machines,
        in_no_job=len(known.alone) if known.sure else None,
    )


def _alone(asked: Asked) -> Left | None:
    known = asked.data.protection()
    return asked.left(known.alone, target=lambda one: one.target) if known.sure else None


def _bare(place: int, one: Alone, _: Asked) -> Bare:
    return Bare(place=place, machine=one.machine, target=one.target)


def _tests(asked: Asked) -> Left:
    return asked.left(
        asked.data.protection().ledger,
        target=lambda one: one.test.target,
        result=lambda one: one.test.result,
    )


def _test(place: int, one: Entry, _: Asked) -> Test:
    test, told = one.test, one.correction
    return Test(
        place=place,
        number=one.id,
        ended=test.at,
        target=test.target,
        job=test.job or None,
        what=test.what,
        point=test.point,
        took_seconds=test.seconds,
        size_bytes=test.size,
        result=test.result,
        evidence=test.evidence,
        remark=test.remark or None,
        who=test.who,
        counts=told is None,
        replaced_by=told.replaced_by if told else None,
    )


_FILES: Final = (HISTORY, STATUS, STATE)
_TARGET: Final = text("target", "Only what is about this target of the estate.")

RESOURCES: Final = (
    Listing(
        path="/backups",
        title="Backups",
        about="Every promise and every backup job, each with its last good restore point.",
        page="/backups",
        model=Backup,
        rests_on=_FILES,
        is_worded=True,
        parameters=(
            _TARGET,
            text("subject", "Only what brings this back."),
            choice("state", "Only backups in this state.", get_args(BackupState)),
        ),
        ask=_backups,
        make=_backup,
        key=_id,
    ),
    Document(
        path="/backups/summary",
        title="Backups in figures",
        about="How many promises are broken, which jobs are not believed, and how much of it is known.",
        page="/backups",
        model=Summary,
        rests_on=_FILES,
        ask=_summary,
    ),
    Listing(
        path="/backups/rules",
        title="The rule of backups",
        about="The 3-2-1-1-0 rule for each target that has backups or a promise.",
        page="/backups",
        model=Protected,
        rests_on=_FILES,
        is_worded=True,
        parameters=(_TARGET,),
        ask=lambda asked: asked.left(asked.data.protection().judged, target=lambda one: one.target.name),
        make=_protected,
        key=lambda one: id_of(one.target.name),
    ),
    Listing(
        path="/backups/missing",
        title="In no backup",
        about="Machines in no backup job; 404 where nobody can tell.",
        page="/backups",
        model=Bare,
        rests_on=_FILES,
        parameters=(_TARGET,),
        ask=_alone,
        make=_bare,
    ),
    Listing(
        path="/restore-tests",
        title="Restore tests",
        about="The ledger of restores that were tested, with those that were corrected.",
        page="/backups",
        model=Test,
        rests_on=_FILES,
        parameters=(_TARGET, choice("result", "Only tests with this result.", get_args(Result))),
        ask=_tests,
        make=_test,
    ),
)
