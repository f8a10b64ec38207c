"""Scenarios in the state: versions, decisions that stay, and several people at once."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, StateError, audit, open_state, scenarios, schema

NOW = 1_790_000_000.0


def written(name: str = "ct-3", amount: str = "2 TB", **more: Any) -> tuple[Scenario, str]:
    change = {"kind": "step", "target": "pacs-01", "amount": amount, "start": "2027-03-01"}
    raw = {"name": name, "changes": [change], **more}
    return Scenario.model_validate(raw), json.dumps(raw)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def saved(state: State, **more: Any) -> scenarios.Saved:
    one, text = written(**more)
    scenarios.save(state, one, text, "anna", NOW)
    found = scenarios.find(state, one.name)
    assert found is not None
    return found


def test_a_scenario_is_saved_committed_and_withdrawn_and_all_of_it_can_be_read_later(state: State) -> None:
    first = saved(state, title="A third CT")
    assert (first.standing, first.who, first.title) == ("saved", "anna", "A third CT")
    scenarios.commit(state, first, {"series": "{}"}, "bruno", "voted on 12 March", NOW + 10, "page")
    assert [one.name for one in scenarios.committed(state)] == ["ct-3"]
    scenarios.withdraw(state, "ct-3", "anna", "no budget", NOW + 20)
    assert scenarios.committed(state) == []
    assert [(one.action, one.who, one.why) for one in scenarios.decisions(state, "ct-3")] == [
        ("withdrawn", "anna", "no budget"),
        ("committed", "bruno", "voted on 12 March"),
        ("saved", "anna", ""),
    ]
    assert [(entry.action, entry.who) for entry in audit.entries(state)] == [
        ("scenario withdrawn", "anna"),
        ("scenario committed", "bruno"),
        ("scenario saved", "anna"),
    ]
    assert audit.verify(state) is None


def test_what_is_expected_is_frozen_with_the_commitment(state: State) -> None:
    one = saved(state)
    assert scenarios.expected(state, "ct-3") is None
    scenarios.commit(state, one, {"b": "2", "a": "1"}, "anna", "voted", NOW + 5)
    assert scenarios.expected(state, "ct-3") == (NOW + 5, {"a": "1", "b": "2"})
    scenarios.withdraw(state, "ct-3", "anna", "later", NOW + 6)
    scenarios.commit(state, one, {"a": "9"}, "anna", "after all", NOW + 7)
    assert scenarios.expected(state, "ct-3") == (NOW + 7, {"a": "9"})


def test_a_second_commitment_is_refused_and_changes_nothing(state: State) -> None:
    one = saved(state)
    scenarios.commit(state, one, {}, "anna", "voted", NOW)
    with pytest.raises(ScenarioError, match=r"committed already.*anna"):
        scenarios.commit(state, one, {"a": "1"}, "bruno", "voted", NOW + 1)
    assert len(scenarios.decisions(state, "ct-3")) == 2
    assert scenarios.expected(state, "ct-3") == (NOW, {})


def test_what_is_committed_is_not_saved_anew_before_it_is_withdrawn(state: State) -> None:
    scenarios.commit(state, saved(state), {}, "anna", "voted", NOW)
    other, text = written(amount="9 TB")
    with pytest.raises(ScenarioError, match="withdraw it first"):
        scenarios.save(state, other, text, "bruno", NOW + 1)
    scenarios.withdraw(state, "ct-3", "anna", "it grew", NOW + 2)
    scenarios.save(state, other, text, "bruno", NOW + 3)
    found = scenarios.find(state, "ct-3")
    assert found is not None
    assert (found.standing, found.scenario) == ("saved", other)


def test_a_version_that_was_replaced_meanwhile_is_not_committed(state: State) -> None:
    looked_at = saved(state)
    saved(state, amount="3 TB")
    with pytest.raises(ScenarioError, match="saved anew meanwhile"):
        scenarios.commit(state, looked_at, {}, "anna", "voted", NOW)


def test_saving_the_same_again_adds_no_version(state: State) -> None:
    assert saved(state).id == saved(state).id
    assert len(scenarios.decisions(state, "ct-3")) == 1


@pytest.mark.parametrize("why", ["", "  \n"])
def test_a_decision_needs_its_reason(state: State, why: str) -> None:
    one = saved(state)
    with pytest.raises(ScenarioError, match="say why"):
        scenarios.commit(state, one, {}, "anna", why, NOW)


def test_what_is_not_there_or_not_committed_cannot_be_withdrawn(state: State) -> None:
    with pytest.raises(ScenarioError, match="there is no scenario"):
        scenarios.withdraw(state, "\x1b[31m\udc80", "anna", "why", NOW)
    saved(state)
    with pytest.raises(ScenarioError, match="not committed"):
        scenarios.withdraw(state, "ct-3", "anna", "why", NOW)


def test_rows_cannot_be_changed_or_deleted(state: State) -> None:
    scenarios.commit(state, saved(state), {"a": "1"}, "anna", "voted", NOW)
    for statement in (
        "UPDATE scenario SET text = ''",
        "DELETE FROM scenario_decision",
        "UPDATE scenario_decision SET why = 'x'",
        "DELETE FROM scenario_expected",
    ):
        with pytest.raises(StateError, match="append-only"), state.write() as connection:
            connection.execute(statement)
    assert len(scenarios.decisions(state, "ct-3")) == 2


def test_of_many_who_commit_at_once_one_does(state: State) -> None:
    one = saved(state)
    outcomes: list[str] = []

    def commit(who: str) -> None:
        try:
            scenarios.commit(state, one, {"a": who}, who, "voted", NOW)
            outcomes.append(who)
        except ScenarioError as error:
            outcomes.append(f"refused: {error}")

    threads = [threading.Thread(target=commit, args=(f"user{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [one for one in outcomes if not one.startswith("refused: ")]
    assert len(outcomes) == 6
    assert len(winners) == 1
    assert scenarios.expected(state, "ct-3") == (NOW, {"a": winners[0]})
    assert audit.verify(state) is None


def test_hostile_titles_and_reasons_are_kept_on_one_harmless_line(state: State) -> None:
    one = saved(state, title="<script>\x1b[31m\u202e\n" + "x" * 150)
    assert "\x1b" not in one.title
    assert "\u202e" not in one.title
    assert "\n" not in one.title
    scenarios.commit(state, one, {}, "an\x00na", "be\x1bcause\nof " + "y" * 3000, NOW)
    newest = scenarios.decisions(state, "ct-3")[0]
    assert len(newest.why.encode()) <= 500
    assert not {"\x1b", "\n", "\x00"} & set(newest.why + newest.who)


def test_a_state_of_the_schema_before_learns_to_keep_scenarios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        audit.note(open_state(path), "anna", "kept")
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT name FROM sqlite_schema WHERE name = 'scenario'").fetchall() == []
    saved(open_state(path))
    assert [entry.action for entry in audit.entries(State(path))] == ["scenario saved", "kept"]
