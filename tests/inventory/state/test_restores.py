"""The ledger of restore tests."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from inventory.state import State, StateError, audit, open_state, restores, schema
from inventory.state.restores import Correction, Entry, Instead, Restore, RestoreError

NOW = 1_768_003_200.0
TEST = Restore(
    NOW - 3600, "pacs-01", "the database", "pacs-01:nightly", NOW - 86_400, 2400.0, "ok", "ticket 4711", "anna", NOW
)  # fmt: skip


def test_a_restore_test_is_kept_and_told_in_the_audit_log(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    restores.record(state, TEST, "boris", "command line")
    restores.record(state, TEST._replace(target="db-01", at=NOW - 1800, result="failed"), "boris")
    assert restores.listed(state, "pacs-01") == [TEST]
    assert [test.target for test in restores.listed(state)] == ["db-01", "pacs-01"]
    (first,) = [entry for entry in audit.entries(state) if "pacs-01" in entry.detail]
    assert (first.who, first.action, first.source) == ("boris", "restore tested", "command line")
    assert "ticket 4711" in first.detail
    assert "anna" not in first.detail, "who restored stands in the ledger: the log is of who recorded"


def test_a_form_that_is_sent_twice_records_one_test(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    # A form without an end takes the moment at which it came.
    again = TEST._replace(at=TEST.at + 2, noted=TEST.noted + 2)
    assert restores.record(state, TEST, "boris") == restores.record(state, again, "boris")
    other = restores.record(state, again._replace(evidence="INC-2"), "boris")
    later = restores.record(state, TEST._replace(at=TEST.at + 3600, noted=TEST.noted + 3600), "boris")
    assert len({one.id for one in restores.ledger(state)} | {other, later}) == 3
    assert len([entry for entry in audit.entries(state) if entry.action == "restore tested"]) == 3


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"at": NOW + 60}, "future"),
        ({"point": NOW - 3601}, "before the test began"),
        ({"point": NOW + 1}, "before the test began"),
        ({"seconds": 0.0}, "minutes"),
        ({"seconds": -60.0}, "minutes"),
        ({"evidence": " \n"}, "evidence"),
        ({"what": ""}, "what was restored"),
    ],
)
def test_a_test_that_cannot_be_true_is_refused_with_the_reason(
    tmp_path: Path, told: dict[str, Any], why: str
) -> None:
    state = open_state(tmp_path / "state.db")
    with pytest.raises(RestoreError, match=why) as refused:
        restores.record(state, TEST._replace(**told), "boris")
    assert refused.value.refusal in restores.REFUSALS
    assert restores.listed(state) == []
    assert audit.entries(state) == []


def test_a_wrong_entry_is_corrected_by_another_and_stays_in_the_ledger(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    wrong = restores.record(state, TEST, "boris")
    right = TEST._replace(target="db-01", remark="of the copy")
    number = restores.record(state, right, "clara", "10.0.0.9", Instead(wrong, "it was db-01"))
    assert restores.listed(state) == [right]
    assert restores.ledger(state) == [
        Entry(number, right),
        Entry(wrong, TEST, Correction(number, NOW, "clara", "it was db-01")),
    ]
    entry = next(one for one in audit.entries(state) if one.action == "restore test corrected")
    assert (entry.who, entry.source) == ("clara", "10.0.0.9")
    assert entry.detail == f"{wrong} by {number}: pacs-01: it was db-01"


def test_an_entry_that_never_was_is_withdrawn_and_counts_no_more(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    number = restores.record(state, TEST._replace(size=3.6e12), "boris")
    restores.withdraw(state, number, "of a drill, nothing came back", "clara", NOW + 60)
    assert restores.listed(state) == []
    assert restores.speeds(state) == {}
    assert restores.ledger(state)[0].correction == Correction(
        None, NOW + 60, "clara", "of a drill, nothing came back"
    )


@pytest.mark.parametrize(
    ("chosen", "why", "refusal"), [(0, " ", "why"), (0, "again", "entry"), (7, "x", "entry")]
)
def test_what_is_not_there_or_was_corrected_is_not_corrected(
    tmp_path: Path, chosen: int, why: str, refusal: str
) -> None:
    state = open_state(tmp_path / "state.db")
    number = restores.record(state, TEST, "boris")
    if why == "again":
        restores.withdraw(state, number, "wrong", "boris", NOW)
    before = restores.ledger(state), audit.entries(state)
    for correct in (
        lambda: restores.withdraw(state, number + chosen, why, "boris", NOW),
        lambda: restores.record(state, TEST, "boris", "", Instead(number + chosen, why)),
    ):
        with pytest.raises(RestoreError) as refused:
            correct()
        assert refused.value.refusal == refusal
    assert (restores.ledger(state), audit.entries(state)) == before, "all or nothing"


def test_what_was_tested_cannot_be_changed_or_taken_back(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    restores.record(state, TEST, "boris")
    restores.withdraw(
        state, restores.record(state, TEST._replace(target="db-01"), "boris"), "no", "boris", NOW
    )
    for statement in (
        "UPDATE restore_test SET result = 'ok'",
        "DELETE FROM restore_test",
        "UPDATE restore_test_correction SET why = 'so'",
        "DELETE FROM restore_test_correction",
    ):
        with pytest.raises(StateError, match="append-only"), state.write() as connection:
            connection.execute(statement)
    assert restores.listed(state) == [TEST]


def test_a_state_of_the_first_schema_learns_to_keep_restore_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        audit.note(open_state(path), "anna", "kept")
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT name FROM sqlite_schema WHERE name = 'restore_test'").fetchall() == []
    state = open_state(path)
    restores.record(state, TEST, "boris")
    assert [entry.action for entry in audit.entries(state)] == ["restore tested", "kept"]
    assert audit.verify(state) is None


def test_a_speed_is_learnt_from_what_came_back_whole_and_was_counted(tmp_path: Path) -> None:
    """3.6 TB in an hour are a gigabyte a second; a test that failed, and one of which nobody counted the bytes, tell none."""
    state = open_state(tmp_path / "state.db")
    hour = TEST._replace(seconds=3600.0, result="ok", size=3.6e12)
    for test in (hour, hour._replace(size=None), hour._replace(result="partial"), hour._replace(size=7.2e12)):
        restores.record(state, test, "boris")
    assert restores.speeds(state) == {TEST.target: [2e9, 1e9]}
    with pytest.raises(RestoreError, match="12 TB"):
        restores.record(state, hour._replace(size=0.0), "boris")


def test_tests_of_a_file_that_was_not_brought_up_to_date_yet_are_told_without_their_bytes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        for statements in schema.MIGRATIONS[:3]:
            for statement in statements:
                db.execute(statement)
        row = (*TEST[:10],)
        db.execute(f"INSERT INTO restore_test VALUES (NULL{', ?' * len(row)})", row)
    assert restores.listed(State(path)) == [TEST]
    assert restores.speeds(State(path)) == {}
