"""Scenarios, and what was decided of them."""

from __future__ import annotations

from typing import Final, get_args

from pydantic import Field

from dashboard.api.parameters import choice, text
from dashboard.api.records import Id, Moment, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Listing
from dashboard.data import STATE
from dashboard.sentences import scenarios as sentences
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


RESOURCES: Final = (
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
