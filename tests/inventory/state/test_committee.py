"""What the committee is asked keeps its number, and its answers are kept: the last one counts."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from inventory import databases
from inventory.committee import Answer, Book, File, Outcome, Placed, Wish, place
from inventory.state import State, StateError, audit, committee, open_state, schema
from inventory.state.committee import CommitteeError

NOW = 1_796_000_000.0  # 29 November 2026
FIRST, MET, SECOND = dt.date(2026, 9, 10), dt.date(2026, 9, 15), dt.date(2026, 11, 12)
BEFORE = dt.date(2026, 7, 14)
"""The files of two meetings: one on MET, of the file FIRST, and one after SECOND."""


def wish(topic: str, **more: object) -> Wish:
    said = {"en": (f"Order {topic}", "It will lack."), "fr": (f"Commander {topic}", "Il va manquer.")}
    return Wish(topic, said, **more)  # type: ignore[arg-type]  # fields by name


NAS, SAN, CARE = wish("nas", due=dt.date(2026, 10, 1), cost=4000.0), wish("san"), wish("care")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def made(state: State, day: dt.date, since: dt.date, *wishes: Wish) -> list[Placed]:
    return committee.keep(state, wishes, File(day, since), "anna", NOW, "command line")


def answered(
    state: State, number: str, outcome: Outcome, day: dt.date = MET, until: dt.date | None = None, why: str = "because", at: float = NOW
) -> None:  # fmt: skip
    committee.answer(state, number, Answer(outcome, day, until, None, why, at), "mana", "10.0.0.1")


def standings(found: list[Placed]) -> list[tuple[str, str, int]]:
    return [(one.number, one.standing, one.times) for one in found]


def test_a_file_made_twice_asks_the_same_with_the_same_numbers_and_is_told_once(state: State) -> None:
    first = made(state, FIRST, BEFORE, NAS, SAN)
    assert standings(first) == [("D-2026-09-1", "asked", 1), ("D-2026-09-2", "asked", 1)]
    assert [one.number for one in made(state, FIRST, BEFORE, SAN, NAS)] == ["D-2026-09-2", "D-2026-09-1"]
    (told,) = [one for one in audit.entries(state) if one.action == "committee's file made"]
    assert (told.who, told.source) == ("anna", "command line")
    assert told.detail == "2026-09-10: 2 decisions asked for: D-2026-09-1, D-2026-09-2"
    (question, _) = committee.read(state).questions
    assert [(one.file, one.due, one.cost, one.said["fr"][0]) for one in question.asked] == [
        (FIRST, dt.date(2026, 10, 1), 4000.0, "Commander nas")
    ]


def test_a_look_keeps_nothing_and_shows_the_numbers_that_would_be_given(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    before = committee.read(state)
    looked = place(before, [SAN, NAS, CARE], File(FIRST, BEFORE))
    assert [one.number for one in looked] == ["D-2026-09-2", "D-2026-09-1", "D-2026-09-3"]
    assert committee.read(state) == before
    assert standings(made(state, FIRST, BEFORE, SAN, NAS, CARE)) == standings(looked)


def test_what_nobody_answered_is_asked_again_under_its_number_and_counted_by_meetings(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    assert standings(made(state, FIRST + dt.timedelta(days=2), BEFORE, NAS)) == [
        ("D-2026-09-1", "asked", 1)
    ], "two files for one meeting"
    assert standings(made(state, SECOND, MET, NAS, CARE)) == [
        ("D-2026-09-1", "asked", 2),
        ("D-2026-11-1", "asked", 1),
    ]
    assert standings(made(state, dt.date(2027, 1, 7), dt.date(2026, 11, 17), NAS)) == [
        ("D-2026-09-1", "asked", 3)
    ]


def test_what_was_refused_keeps_its_number_and_its_refusal_even_if_it_was_not_wanted_meanwhile(
    state: State,
) -> None:
    made(state, FIRST, BEFORE, NAS)
    answered(state, "D-2026-09-1", "refused")
    made(state, SECOND, MET)
    (again,) = made(state, SECOND + dt.timedelta(days=60), SECOND, NAS)
    assert (again.number, again.standing) == ("D-2026-09-1", "refused")


def test_what_was_postponed_is_asked_by_the_file_of_the_meeting_at_its_date(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    answered(state, "D-2026-09-1", "postponed", until=dt.date(2027, 1, 15))
    found = [made(state, day, MET, NAS)[0].standing for day in (SECOND, dt.date(2027, 1, 5))]
    assert found == ["postponed", "asked"]


def test_what_was_accepted_and_comes_back_after_it_was_done_is_another_decision(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    answered(state, "D-2026-09-1", "accepted")
    assert standings(made(state, SECOND, MET, NAS))[0][:2] == ("D-2026-09-1", "accepted"), "not done yet"
    made(state, SECOND + dt.timedelta(days=60), SECOND, CARE)
    (back, _) = made(state, SECOND + dt.timedelta(days=120), SECOND, NAS, CARE)
    assert (back.number, back.standing) == ("D-2027-03-1", "asked")
    assert back.earlier is not None
    assert back.earlier.number == "D-2026-09-1"


def test_what_was_made_anew_since_its_refusal_is_another_decision_that_names_the_refusal(
    state: State,
) -> None:
    made(state, FIRST, BEFORE, wish("scenario", made=NOW - 10))
    answered(state, "D-2026-09-1", "refused")
    assert made(state, SECOND, MET, wish("scenario", made=NOW - 10))[0].standing == "refused"
    (new,) = made(state, SECOND + dt.timedelta(days=1), MET, wish("scenario", made=NOW + 10))
    assert (new.number, new.standing) == ("D-2026-11-1", "asked")
    assert new.earlier is not None
    assert new.earlier.answer is not None
    assert new.earlier.answer.outcome == "refused"


def test_of_answers_that_contradict_each_other_the_last_one_counts_and_all_are_kept(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    answered(state, "D-2026-09-1", "refused", day=dt.date(2026, 9, 20))
    answered(state, "D-2026-09-1", "accepted", why="money was found")
    (question,) = committee.read(state).questions
    assert [one.outcome for one in question.answers] == ["refused", "accepted"]
    assert question.answer is not None
    assert (question.answer.outcome, question.answer.why) == ("accepted", "money was found")
    told = [one for one in audit.entries(state) if one.action.startswith("decision ")]
    assert [(one.who, one.action, one.detail, one.source) for one in reversed(told)] == [
        ("mana", "decision refused", "D-2026-09-1: because", "10.0.0.1"),
        ("mana", "decision accepted", "D-2026-09-1: money was found", "10.0.0.1"),
    ]


def test_a_file_tells_what_became_of_what_the_last_meeting_was_asked_and_of_what_was_answered_since(
    state: State,
) -> None:
    made(state, FIRST, BEFORE, NAS, SAN)
    answered(state, "D-2026-09-1", "accepted")
    made(state, SECOND, MET, SAN, CARE)
    book = committee.read(state)
    assert [one.number for one in book.before(MET, SECOND)] == ["D-2026-09-1", "D-2026-09-2"]
    assert book.before(BEFORE, FIRST) == []
    assert book.met(SECOND) == MET
    assert Book().met(SECOND) is None
    meeting, third = dt.date(2026, 11, 17), dt.date(2027, 1, 7)
    assert [one.number for one in book.before(meeting, third)] == ["D-2026-09-2", "D-2026-11-1"]


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (Answer("accepted", MET, None, None, "  ", NOW), "why"),
        (Answer("accepted", BEFORE, None, None, "w", NOW), "day"),
        (Answer("accepted", dt.date(2026, 12, 24), None, None, "w", NOW), "day"),
        (Answer("postponed", MET, None, None, "w", NOW), "until"),
        (Answer("postponed", MET, MET, None, "w", NOW), "until"),
        (Answer("refused", MET, SECOND, None, "w", NOW), "until"),
        (Answer("perhaps", MET, None, None, "w", NOW), "outcome"),  # type: ignore[arg-type]
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_kept(
    told: Answer, refusal: str, state: State
) -> None:
    made(state, FIRST, BEFORE, NAS)
    with pytest.raises(CommitteeError) as error:
        committee.answer(state, "D-2026-09-1", told, "mana")
    assert error.value.refusal == refusal
    assert committee.read(state).questions[0].answers == ()


@pytest.mark.parametrize("number", ["D-2026-09-2", "", "D-2026-09-1' OR 1=1", "d-2026-09-1\x1b[2J"])
def test_what_no_file_asked_for_cannot_be_answered(number: str, state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    with pytest.raises(CommitteeError) as error:
        answered(state, number, "accepted")
    assert error.value.refusal == "number"
    assert str(error.value).isprintable()


def test_nobody_changes_or_deletes_what_was_asked_and_answered(state: State) -> None:
    made(state, FIRST, BEFORE, NAS)
    answered(state, "D-2026-09-1", "accepted")
    for statement in (
        "UPDATE committee_answer SET outcome = 'refused'",
        "DELETE FROM committee_answer",
        "DELETE FROM committee_asked",
        "UPDATE committee_question SET number = 'D-2026-09-9'",
        "DELETE FROM committee_file",
    ):
        with pytest.raises(StateError, match="append-only"), state.write() as connection:
            connection.execute(statement)


def test_a_state_of_before_is_read_as_one_that_asked_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()
    with databases.connect(path) as old:
        databases.migrate(schema.KIND, old, path, schema.MIGRATIONS[:-1])
    old.close()
    assert committee.read(State(path)) == Book()
    assert (
        committee.keep(open_state(path), [NAS], File(FIRST, BEFORE), "anna", NOW)[0].number == "D-2026-09-1"
    )
    with sqlite3.connect(path) as now:
        assert now.execute("SELECT count(*) FROM committee_asked").fetchone() == (1,)
    now.close()
