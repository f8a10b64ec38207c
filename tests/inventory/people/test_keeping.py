"""What is older than it may be kept goes, by the clock; what may stay is as it was."""

from __future__ import annotations

import datetime
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from peopling import DAY, START, holds, take, used
from tampering import killed_at

from inventory import databases
from inventory.imports import snapshots
from inventory.imports.lives import lives, moves
from inventory.people import erasing, finding, keeping
from inventory.people.pseudonyms import FILE, Key
from inventory.people.rules import People
from inventory.state import State, audit, open_state

ANA, BOB, EVE = "Lefèvre Anaïs", "bob.martineau", "eve"
NAMED = People.model_validate({"names": "names", "keep": "100d"})


def rules(**given: Any) -> People:
    return People.model_validate({"names": "names", **given})


def told(state: State, day: float) -> dict[str, str | None] | None:
    found = snapshots.on(state, datetime.date(2026, 1, 1) + datetime.timedelta(days=day))
    return {one.name: one.user for one in found.workstations} if found else None


@pytest.fixture
def years(state: State) -> State:
    """Ana's machine was Bob's after 10 days, and is Eve's after 200; Bob's other machine went after 10; one stays Ana's."""
    take(state, 0, used(1, ANA), used(2, BOB), used(3, ANA), used(4, ANA, site="A"))
    take(state, 10, used(1, BOB), used(3, ANA), used(4, ANA, site="B"))
    take(state, 200, used(1, EVE), used(3, ANA), used(4, BOB, site="B"))
    return state


def test_a_name_stays_so_long_after_it_was_said_last_and_no_longer(years: State) -> None:
    before = lives(years)
    assert keeping.tidy(years, NAMED, None, START + 110 * DAY).users == 0
    assert keeping.tidy(years, NAMED, None, START + 111 * DAY).users > 0
    assert told(years, 0) == {"PC-1": None, "PC-2": None, "PC-3": ANA, "PC-4": None}
    assert told(years, 10) == {"PC-1": BOB, "PC-3": ANA, "PC-4": ANA}
    assert told(years, 200) == {"PC-1": EVE, "PC-3": ANA, "PC-4": BOB}
    assert lives(years).equals(before)
    assert keeping.tidy(years, NAMED, None, START + 111 * DAY) == keeping.Tidied()


def test_names_go_from_the_newest_import_too_where_nobody_imports_any_more(years: State) -> None:
    assert keeping.tidy(years, NAMED, None, START + 299 * DAY).users > 0
    assert told(years, 200) == {"PC-1": EVE, "PC-3": ANA, "PC-4": BOB}
    keeping.tidy(years, NAMED, None, START + 301 * DAY)
    assert [set((told(years, day) or {}).values()) for day in (0, 10, 200)] == [{None}] * 3
    assert holds(years.path.parent, [ANA, "Anaïs", BOB, '"eve"']) == set()


def test_an_estate_that_lets_no_names_be_kept_keeps_none(years: State) -> None:
    assert keeping.tidy(years, People(), None, START + 200 * DAY).users == 7
    assert holds(years.path.parent, [ANA, "Anaïs", BOB, '"eve"', '"user":"']) == set()
    assert keeping.tidy(years, People(), None, START + 200 * DAY) == keeping.Tidied()


def test_names_become_pseudonyms_where_only_those_may_be_kept(years: State, key: Key) -> None:
    only = People(names="pseudonyms")
    keeping.tidy(years, only, key, START + 200 * DAY)
    ana, bob, eve = map(key.pseudonym, (ANA, BOB, EVE))
    assert told(years, 0) == {"PC-1": ana, "PC-2": bob, "PC-3": ana, "PC-4": ana}
    assert told(years, 200) == {"PC-1": eve, "PC-3": ana, "PC-4": bob}
    assert holds(years.path.parent, [ANA, "Anaïs", BOB, '"eve"']) == set()
    assert keeping.tidy(years, only, key, START + 200 * DAY) == keeping.Tidied()


def test_details_of_machines_go_and_what_survival_asks_for_stays(state: State) -> None:
    known = {"maker": "Dell", "model": "7080", "kind": "laptop", "purchased": datetime.date(2020, 5, 1)}
    one = {**known, "cpu": "i5-8500", "asset": "A-1", "place": "room 12"}
    take(state, 0, used(1, site="A", **one), used(2, site="A", **one), used(3, site="A", state="used", **one))
    take(state, 10, used(1, site="B", **one), used(3, site="A", state="failed", **one))
    take(state, 20, used(1, site="C", **one), used(3, site="B", state="failed", **one))
    take(state, 400, used(1, site="C", **one))
    before, moved = lives(state), moves(state)
    assert len(moved) == 3
    assert keeping.tidy(state, rules(history="380d"), None, START + 400 * DAY).details > 0
    told_ = lives(state)
    kept = ["maker", "model", "kind", "site", "service", "purchased", "entered", "left", "end"]
    order = ["entered", "left", "end", "site"]
    assert (
        told_[kept]
        .sort_values(order, ignore_index=True)
        .equals(before[kept].sort_values(order, ignore_index=True))
    )
    assert sorted(told_["name"]) == ["-", "PC-1", "PC-3"]  # the second is gone for longer than that
    assert sorted(told_["key"]) == ["gone:2", "serial:s1", "serial:s3"]
    assert moves(state)[["day", "before", "after"]].equals(moved[["day", "before", "after"]])
    assert [told(state, day) is None for day in (0, 9, 10, 20, 400)] == [True, True, False, False, False]
    assert [count for *_, count in snapshots.history(state)] == [1, 2, 2, 3]
    on = snapshots.on(state, datetime.date(2026, 1, 15))
    assert on is not None
    assert {(w.name, w.site, w.cpu) for w in on.workstations} == {
        ("PC-1", "B", "i5-8500"),
        ("PC-3", "A", "i5-8500"),
    }
    assert keeping.tidy(state, rules(history="380d"), None, START + 400 * DAY) == keeping.Tidied()
    assert holds(state.path.parent, ["S2", "PC-2"]) == set()


def test_the_failure_of_a_machine_whose_key_another_one_bears_now_outlives_its_details(state: State) -> None:
    """The old one was bought in 2018 and failed on day 10; that which bears its key from day 20 on was bought on day 15."""
    place = {"kind": "desktop", "site": "A", "service": "Ward"}
    old = {**place, "maker": "Old", "model": "O1", "purchased": datetime.date(2018, 5, 1), "cpu": "i3"}
    new = {"maker": "New", "model": "N1", "kind": "laptop", "site": "B", "service": "Lab", "cpu": "i7"}
    take(state, 0, used(1, **old))
    take(state, 10, used(1, state="failed", **old))
    take(state, 20, used(1, purchased=datetime.date(2026, 1, 16), **new))
    take(state, 400, used(1, purchased=datetime.date(2026, 1, 16), **new))
    # That of day 0 tells nothing that day 10 does not, but its state.
    assert keeping.tidy(state, rules(history="370d"), None, START + 400 * DAY).details == 1
    told_ = lives(state)
    columns = ["maker", "model", "kind", "site", "service", "end"]
    assert [tuple(row) for row in told_[columns].itertuples(index=False)] == [
        ("Old", "O1", "desktop", "A", "Ward", "failure"),
        ("New", "N1", "laptop", "B", "Lab", ""),
    ]
    assert [str(day.date()) for day in told_["purchased"]] == ["2018-05-01", "2026-01-16"]
    assert [str(day.date()) for day in told_["left"]] == ["2026-01-11", "2027-02-05"]
    assert keeping.tidy(state, rules(history="370d"), None, START + 400 * DAY) == keeping.Tidied()


def test_all_else_goes_where_the_key_is_missing_and_that_is_said(state: State, key: Key) -> None:
    one = {"maker": "Dell", "cpu": "i5-8500"}
    take(state, 0, used(1, ANA, **one), used(2, ANA, **one))
    take(state, 10, used(1, BOB, **one))
    take(state, 400, used(1, BOB, **one))
    audit.note(state, "ada", "looked", "", "test")
    copy = state.path.with_name("state.db.schema5")
    databases.copy(state.path, copy)
    os.utime(copy, (START, START))
    only = People.model_validate({"names": "pseudonyms", "keep": "380d", "history": "380d"})
    done = keeping.tidy(state, only, None, START + 400 * DAY)
    # The user of the second, and that of the first before Bob; details of the second; the copy, older than 365 days.
    assert (done.users, done.details, done.copies) == (2, 1, ("state.db.schema5",))
    assert ["key of the pseudonyms is missing" in problem for problem in done.problems] == [True]
    assert {use.user for use in finding.users(state)} == {BOB}


def test_a_key_is_made_where_names_are_to_become_pseudonyms_and_never_in_place_of_one_that_is_missing(
    state: State, tmp_path: Path
) -> None:
    only, home = People(names="pseudonyms"), tmp_path / "home"
    home.mkdir()
    assert keeping.let_go(state, only, home).problems == ()
    assert not (home / FILE).exists()  # nobody is named
    take(state, 0, used(1, ANA))
    assert keeping.let_go(state, only, home).problems == ()
    made = Key((home / FILE).read_text())
    assert {use.user for use in finding.users(state)} == {made.pseudonym(ANA)}
    (home / FILE).unlink()
    take(state, 1, used(1, BOB))
    assert "missing" in " ".join(keeping.let_go(state, only, home).problems)
    assert not (home / FILE).exists()


def test_nothing_of_the_inventory_goes_where_the_estate_says_nothing_of_its_history(years: State) -> None:
    before = lives(years)
    keeping.tidy(years, rules(keep="3660d"), None, START + 3000 * DAY)
    assert lives(years).equals(before)
    assert told(years, 0) == {"PC-1": ANA, "PC-2": BOB, "PC-3": ANA, "PC-4": ANA}


def test_the_audit_log_and_who_imported_go_after_a_year_and_the_chain_holds(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: START)
    take(state, 0, used(1))
    monkeypatch.setattr("time.time", lambda: START + 300 * DAY)
    take(state, 300, used(1), used(2))
    assert keeping.tidy(state, People(), None, START + 365 * DAY).rows == 0
    monkeypatch.setattr("time.time", lambda: START + 366 * DAY)
    assert keeping.tidy(state, People(), None).rows == 1
    assert audit.verify(state) is None
    with sqlite3.connect(state.path) as plain:
        assert plain.execute("SELECT who FROM snapshot ORDER BY id").fetchall() == [("",), ("ada",)]
    half = People.model_validate({"log": "180d"})
    assert keeping.tidy(state, half, None, START + (300 + 181) * DAY).rows == 1
    assert audit.verify(state) is None


@pytest.mark.parametrize("log", ["179d", "367d", "1d"])
def test_a_log_is_kept_for_six_months_to_a_year(log: str) -> None:
    with pytest.raises(ValueError, match=r"greater than or equal to|less than or equal to"):
        People.model_validate({"log": log})


def test_copies_beside_the_state_hold_no_names_that_may_not_be_kept_and_go_with_the_log(
    years: State, tmp_path: Path
) -> None:
    copy = years.path.with_name("state.db.schema5")
    databases.copy(years.path, copy)
    os.utime(copy, (START, START))
    assert keeping.tidy(years, NAMED, None, START + 50 * DAY).copies == ()
    assert holds(tmp_path, [ANA], ["state.db"]) == {ANA}
    keeping.tidy(years, NAMED, None, START + 101 * DAY)
    assert holds(tmp_path, [ANA], ["state.db"]) == set()
    assert copy.stat().st_mtime == START
    assert keeping.tidy(years, NAMED, None, START + 366 * DAY).copies == ("state.db.schema5",)
    assert not copy.exists()


def test_an_erasure_that_was_cut_short_is_ended_by_the_night(years: State, key: Key) -> None:
    with years.write() as connection:
        erasing.take_out(connection, lambda user: user == ANA)
        erasing.pend(connection)
    keeping.tidy(years, rules(), key, START + 200 * DAY)
    assert not erasing.pending(years)
    assert holds(years.path.parent, [ANA]) == set()


def test_a_state_that_was_put_back_by_hand_is_erased_again_by_the_night(years: State, key: Key) -> None:
    folder = years.path.parent
    erasing.empty_log(years)
    before = years.path.read_bytes()
    erasing.erase(years, key, [ANA], "ada")
    years.path.write_bytes(before)
    assert holds(folder, [ANA]) == {ANA}
    assert keeping.tidy(years, rules(), key, START + 200 * DAY).users > 0
    assert holds(folder, [ANA]) == set()
    assert told(years, 200) == {"PC-1": EVE, "PC-3": None, "PC-4": BOB}
    assert keeping.tidy(years, rules(), key, START + 200 * DAY) == keeping.Tidied()


def _night(path: Path, key: Key) -> None:
    keeping.tidy(open_state(path), rules(keep="100d", history="150d"), key, START + 380 * DAY)


@pytest.mark.timeout(900)
def test_a_night_that_is_killed_anywhere_leaves_all_whole_and_is_ended_by_the_next(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, killed = 0, True
    while killed:
        folder = tmp_path / str(step)
        folder.mkdir()
        state = open_state(folder / "state.db")
        monkeypatch.setattr("time.time", lambda: START)
        take(state, 0, used(1, ANA), used(2, BOB, site="A"))
        take(state, 10, used(1, BOB))
        take(state, 370, used(1, EVE))
        before = lives(state)[["entered", "left", "end"]]
        killed = killed_at(step, lambda: _night(state.path, key))  # noqa: B023
        assert audit.verify(state) is None
        assert [count for *_, count in snapshots.history(state)] == [1, 1, 2]
        keeping.tidy(state, rules(keep="100d", history="150d"), key, START + 380 * DAY)
        assert audit.verify(state) is None
        assert told(state, 370) == {"PC-1": EVE}
        assert holds(folder, [ANA, '"PC-2"']) == set()
        found = lives(state)[["entered", "left", "end"]]
        assert sorted(map(tuple, found.to_numpy())) == sorted(map(tuple, before.to_numpy()))
        assert not erasing.pending(state)
        step += 3  # each third statement: the rest reads
    assert step > 25
