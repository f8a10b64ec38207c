"""Compensating measures: kept for good, in force from one day to another, told in the audit log."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from inventory.state import State, StateError, audit, measures, open_state, schema
from inventory.state.measures import Measured, MeasureError

NOW = 1_796_000_000.0
DAY = dt.date(2026, 11, 26)
TOLD = Measured(
    (("serial:s1", "PC-1"), ("serial:s2", "PC-2")),
    "network of its own",
    "the CISO",
    DAY,
    dt.date(2027, 6, 30),
)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def test_a_measure_is_kept_for_each_machine_and_told_in_the_audit_log(state: State) -> None:
    assert measures.add(state, TOLD, NOW, "anne", "command line") == [1, 2]
    first, second = measures.listed(state)
    assert (first.machine, first.name, second.name) == ("serial:s1", "PC-1", "PC-2")
    assert (first.text, first.who, first.since, first.until) == TOLD[1:]
    told = [entry for entry in audit.entries(state) if entry.action == "measure recorded"]
    assert [(entry.who, entry.source) for entry in told] == [("anne", "command line")] * 2
    assert "PC-1" in told[1].detail
    assert "2027-06-30" in told[1].detail


def test_a_form_that_is_sent_twice_makes_one_measure_of_a_machine(state: State) -> None:
    assert measures.add(state, TOLD, NOW, "anne") == measures.add(state, TOLD, NOW + 2, "anne") == [1, 2]
    assert measures.add(state, TOLD._replace(text="replaced"), NOW + 3, "anne") == [3, 4]
    assert measures.add(state, TOLD, NOW + 3600, "anne") == [5, 6]  # somebody means it
    assert len([entry for entry in audit.entries(state) if entry.action == "measure recorded"]) == 6


def test_it_holds_on_its_first_and_last_day_and_no_other_day(state: State) -> None:
    measures.add(state, TOLD, NOW, "anne")
    (one, _) = measures.listed(state)
    days = (dt.date(2026, 11, 25), DAY, dt.date(2027, 6, 30), dt.date(2027, 7, 1))
    assert [one.holds(day) for day in days] == [False, True, True, False]


def test_one_without_a_last_day_holds_until_somebody_ends_it(state: State) -> None:
    measures.add(state, TOLD._replace(until=None), NOW, "anne")
    assert measures.listed(state)[0].holds(dt.date(2099, 1, 1))
    measures.end(state, 1, dt.date(2027, 1, 10), NOW, "bob", "replaced", "command line")
    one, other = measures.listed(state)
    assert [one.holds(dt.date(2027, 1, day)) for day in (9, 10)] == [True, False]
    assert (one.ended, one.ended_by, one.ended_why) == (dt.date(2027, 1, 10), "bob", "replaced")
    assert other.ended is None
    assert "replaced" in next(e for e in audit.entries(state) if e.action == "measure ended").detail


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"text": "  "}, "say what was done"),
        ({"who": ""}, "who answers"),
        ({"until": dt.date(2026, 11, 25)}, "before the first"),
        ({"until": dt.date(2099, 1, 1)}, "looks at it again"),
    ],
)
def test_a_measure_that_says_nothing_is_refused(state: State, told: dict[str, object], why: str) -> None:
    with pytest.raises(MeasureError, match=why):
        measures.add(state, TOLD._replace(**told), NOW, "anne")
    assert (measures.listed(state), audit.entries(state)) == ([], [])


@pytest.mark.parametrize(
    ("number", "day", "why", "message"),
    [
        (7, DAY, "replaced", "no measure 7"),
        (1, dt.date(2026, 11, 1), "replaced", "cannot end before"),
        (1, DAY, " ", "say why"),
        (2, DAY, "again", "was ended on 2026-11-26 by bob"),
    ],
)
def test_an_end_that_cannot_be_is_refused(
    state: State, number: int, day: dt.date, why: str, message: str
) -> None:
    measures.add(state, TOLD, NOW, "anne")
    measures.end(state, 2, DAY, NOW, "bob", "replaced")
    with pytest.raises(MeasureError, match=message):
        measures.end(state, number, day, NOW, "anne", why)


def test_a_measure_cannot_be_changed_or_taken_back(state: State) -> None:
    measures.add(state, TOLD, NOW, "anne")
    measures.end(state, 1, DAY, NOW, "bob", "replaced")
    kept = measures.listed(state)
    for statement in (
        "UPDATE measure SET until = NULL",
        "DELETE FROM measure",
        "DELETE FROM measure_end",
        "UPDATE measure_end SET day = ''",
    ):
        with pytest.raises(StateError, match="append-only"), state.write() as connection:
            connection.execute(statement)
    assert measures.listed(state) == kept


def test_a_text_from_anywhere_is_kept_on_one_harmless_line(state: State) -> None:
    measures.add(state, TOLD._replace(text="own\nnetwork\x1b[31m", who="x" * 900), NOW, "anne")
    one = measures.listed(state)[0]
    assert one.text == "own␊network␛[31m"
    assert len(one.who) <= 500


def test_a_state_from_before_measures_has_none_and_learns_to_keep_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    earlier = next(
        number
        for number, steps in enumerate(schema.MIGRATIONS)
        if any("CREATE TABLE measure " in str(step) for step in steps)
    )
    with monkeypatch.context() as before:
        before.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:earlier])
        open_state(path)
        assert measures.listed(State(path)) == []
    assert measures.add(open_state(path), TOLD, NOW, "anne") == [1, 2]
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT count(*) FROM measure").fetchone() == (2,)
