"""Scenarios and what was decided of them; what the committee was asked for, and what it answered."""

from __future__ import annotations

from typing import Final, get_args

from pydantic import Field

from dashboard.api.parameters import choice, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Listing
from dashboard.data import STATE
from dashboard.sentences import scenarios as sentences
from inventory.committee import OUTCOMES, Asking, Outcome, Question
from inventory.committee import Answer as Answered
from inventory.scenarios.reading import ScenarioError
from inventory.state.scenarios import Decision as Told
from inventory.state.scenarios import Saved, Standing


class Scenario(Record):
    """What may come: the newest version of a scenario, and how it stands."""

    id: Id
    name: Text
    title: Text
    standing: Standing
    since: Moment = Field(description="Since when it stands so.")
    who: Text = Field(description="Who saved it, or decided.")
    why: Text | None = Field(description="Why it was decided so.")


class Decision(Record):
    """What happened to a scenario."""

    at: Moment
    action: Standing
    who: Text
    why: Text | None


class ScenarioInFull(Scenario):
    """A scenario with all that happened to it."""

    changes: list[Text] | None = Field(
        description="What it changes: a sentence each; null where what was saved cannot be read any more."
    )
    decisions: list[Decision] = Field(description="The newest first.")


def _scenario(_place: int, one: Saved, _: Asked) -> Scenario:
    return Scenario(
        id=id_of(one.name),
        name=one.name,
        title=one.title,
        standing=one.standing,
        since=one.at,
        who=one.who,
        why=one.why or None,
    )


def _one(asked: Asked) -> ScenarioInFull | None:
    found = next((one for one in asked.data.scenarios() if id_of(one.name) == asked.given["id"]), None)
    if found is None:
        return None
    decisions = [_decision(one) for one in asked.data.decisions(found.name)]
    changes = _changes(found, asked)
    return ScenarioInFull(**dict(_scenario(0, found, asked)), changes=changes, decisions=decisions)


def _changes(one: Saved, asked: Asked) -> list[str] | None:
    try:
        return [sentences.described(change, asked.texts) for change in one.scenario.changes]
    except ScenarioError:
        return None


def _decision(one: Told) -> Decision:
    return Decision(at=one.at, action=one.action, who=one.who, why=one.why or None)


class CommitteeDecision(Record):
    """What the committee was asked for in its files."""

    id: Id
    number: str = Field(description="The number that stands in the files, and under which it is answered.")
    what: Text
    why: Text
    due: Day | None = Field(description="The day by which it is to be decided; null where none is set.")
    cost: Number | None = Field(
        description="In the currency of the estate; null where it costs nothing that is known."
    )
    first_file: Day = Field(description="Of which day the first file is that asked for it.")
    last_file: Day
    outcome: Outcome | None = Field(description="What was answered last; null where nothing was.")


class CommitteeAnswer(Record):
    """One answer of the committee, or of a person."""

    outcome: Outcome
    day: Day
    until: Day | None = Field(description="Until when it is postponed; null where it is not.")
    who: Text | None = Field(description="Who decided; null for the committee itself.")
    why: Text
    noted: Moment


class CommitteeDecisionInFull(CommitteeDecision):
    """A decision with all that was answered to it."""

    files: list[Day] = Field(description="The files that asked for it, the oldest first.")
    answers: list[CommitteeAnswer] = Field(description="The newest first: that one counts.")


def _question(_place: int, one: Question, asked: Asked) -> CommitteeDecision:
    what, why = _said(one.last, asked)
    return CommitteeDecision(
        id=id_of(one.number), number=one.number, what=what, why=why, due=one.last.due, cost=one.last.cost,
        first_file=one.askings[0].file, last_file=one.last.file, outcome=one.answer.outcome if one.answer else None,
    )  # fmt: skip


def _said(one: Asking, asked: Asked) -> tuple[str, str]:
    return one.said.get(asked.texts.language) or next(iter(one.said.values()))


def _question_in_full(asked: Asked) -> CommitteeDecisionInFull | None:
    questions = asked.data.committee().questions
    found = next((one for one in questions if id_of(one.number) == asked.given["id"]), None)
    if found is None:
        return None
    return CommitteeDecisionInFull(
        **dict(_question(0, found, asked)),
        files=[one.file for one in found.asked],
        answers=[_answer(one) for one in reversed(found.answers)],
    )


def _answer(one: Answered) -> CommitteeAnswer:
    return CommitteeAnswer(**one._asdict())


RESOURCES: Final = (
    Listing(
        path="/decisions",
        title="Decisions asked for",
        about="What the files of the committee asked for, and what was answered last. A file is made by `jauge report` or on its page.",
        page="/committee",
        model=CommitteeDecision,
        rests_on=(STATE,),
        parameters=(choice("outcome", "Only those that were answered so.", (*OUTCOMES, "none")),),
        ask=lambda asked: asked.left(
            asked.data.committee().questions, outcome=lambda one: one.answer.outcome if one.answer else "none"
        ),
        make=_question,
        key=lambda one: id_of(one.number),
        is_worded=True,
    ),
    Document(
        path="/decisions/{id}",
        title="One decision asked for",
        about="A decision with the files that asked for it, and all that was answered.",
        page="/committee",
        model=CommitteeDecisionInFull,
        rests_on=(STATE,),
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_question_in_full,
        is_worded=True,
    ),
    Listing(
        path="/scenarios",
        title="Scenarios",
        about="What may come, and what is decided.",
        page="/scenarios",
        model=Scenario,
        rests_on=(STATE,),
        parameters=(choice("standing", "Only scenarios that stand so.", get_args(Standing)),),
        ask=lambda asked: asked.left(asked.data.scenarios(), standing=lambda one: one.standing),
        make=_scenario,
        key=lambda one: id_of(one.name),
    ),
    Document(
        path="/scenarios/{id}",
        title="One scenario",
        about="A scenario with what it changes and all that was decided of it.",
        page="/scenarios",
        model=ScenarioInFull,
        rests_on=(STATE,),
        is_worded=True,
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_one,
    ),
)
