"""Imports are kept as what changed: any day can be shown again, lives are learned from them, older files are brought up to date."""

from __future__ import annotations

import datetime
import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import databases
from inventory.imports import ImportFailedError, reading, snapshots
from inventory.imports.lives import lives, moves
from inventory.imports.preview import Preview
from inventory.state import State, open_state, schema
from inventory.workstations import Workstation

DAY = 86_400
START = 1_767_225_600  # the 1st of January 2026, UTC


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def take(state: State, day: int, *machines: Workstation) -> Preview:
    """An import of these machines, so many days after the first of January."""
    found = snapshots.compare(state, f"day {day}", machines)
    snapshots.commit(state, found, "ada", at=START + day * DAY)
    return found


def on(state: State, day: int) -> list[Workstation]:
    found = snapshots.on(state, datetime.date(2026, 1, 1) + datetime.timedelta(days=day))
    return list(found.workstations) if found else []


def machine(number: int, **fields: Any) -> Workstation:
    return Workstation(f"PC-{number}", serial=f"S{number}", **fields)


def test_every_day_can_be_shown_again_as_it_was(state: State) -> None:
    first = [machine(1, site="A"), machine(2, site="A"), machine(3)]
    second = [machine(1, site="B", memory=8), machine(3)]
    third = [machine(1, site="B"), machine(2, site="C"), machine(3)]
    for day, rows in ((0, first), (7, second), (14, third)):
        take(state, day, *rows)
    assert on(state, -1) == []
    assert on(state, 0) == on(state, 6) == first
    assert on(state, 7) == second
    assert on(state, 30) == third
    latest = snapshots.latest(state)
    assert latest is not None
    assert list(latest.workstations) == third
    assert [count for _, _, _, count in snapshots.history(state)] == [3, 2, 3]


def test_what_does_not_change_is_kept_once(state: State) -> None:
    for day in range(0, 70, 7):
        take(state, day, machine(1, site=f"site of day {day}", model="OptiPlex 7080"), machine(2))
    with sqlite3.connect(state.path) as plain:
        assert plain.execute("SELECT count(*) FROM workstation_now").fetchone() == (2,)
        kept = [
            json.loads(text)
            for (text,) in plain.execute("SELECT fields FROM workstation_before ORDER BY since")
        ]
    assert kept == [{"site": f"site of day {day}"} for day in range(0, 63, 7)]


def test_older_files_come_first(state: State) -> None:
    take(state, 7, machine(1))
    with pytest.raises(ImportFailedError, match="import older files first"):
        take(state, 6, machine(2))
    assert len(snapshots.history(state)) == 1


def test_when_a_machine_was_seen_is_kept_and_is_no_change(state: State) -> None:
    first, later = datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)
    take(state, 0, machine(1, seen=first), machine(2))
    for seen in (later, first):  # an older file does not make it seen earlier
        found = take(state, 30, machine(1, seen=seen), machine(2))
        assert not found.changes
    latest = snapshots.latest(state)
    assert latest is not None
    assert [one.seen for one in latest.workstations] == [later, None]
    with sqlite3.connect(state.path) as plain:
        assert plain.execute("SELECT count(*) FROM workstation_before").fetchone() == (0,)


# --- lives -------------------------------------------------------------------------------------------------


def frame(state: State) -> dict[str, tuple[str, str, str]]:
    """Of each machine the days that it was there, and how it ended."""
    found = lives(state)
    return {
        row.name: (row.entered.date().isoformat(), row.left.date().isoformat(), row.end)
        for row in found.itertuples(index=False)
    }


def test_lives_are_learned_from_what_changed(state: State) -> None:
    take(state, 0, *(machine(number, state="used") for number in range(1, 8)))
    take(state, 30, machine(1, state="used"), machine(2, state="failed"), machine(3, state="retired"), machine(4, state="repair"),
         machine(6, state="failed"), machine(7, state="stock"), machine(8))  # fmt: skip
    take(state, 60, machine(1, state="used"), machine(2, state="retired"), machine(3, state="retired"), machine(4, state="used"),
         machine(6, state="used"), machine(8))  # fmt: skip
    take(
        state,
        90,
        machine(1, state="used"),
        machine(4, state="used"),
        machine(5, state="used"),
        machine(6, state="used"),
        machine(8),
    )
    assert frame(state) == {
        "PC-1": ("2026-01-01", "2026-04-01", ""),
        "PC-2": ("2026-01-01", "2026-01-31", "failure"),  # then retired, and gone: it had failed before
        "PC-3": ("2026-01-01", "2026-01-31", "retirement"),
        "PC-4": ("2026-01-01", "2026-04-01", ""),  # mended
        "PC-5": ("2026-01-01", "2026-04-01", ""),  # gone for a while
        "PC-6": ("2026-01-01", "2026-04-01", ""),  # failed, and in use again
        "PC-7": ("2026-01-01", "2026-03-02", "vanished"),
        "PC-8": ("2026-01-31", "2026-04-01", ""),
    }


def test_an_import_that_changes_nothing_says_that_all_were_still_there(state: State) -> None:
    take(state, 0, machine(1), machine(2))
    before = rows_of(state)
    assert not take(state, 30, machine(1), machine(2)).changes
    take(state, 30, machine(1), machine(2))  # the same of the same day again tells nothing
    assert frame(state) == {
        "PC-1": ("2026-01-01", "2026-01-31", ""),
        "PC-2": ("2026-01-01", "2026-01-31", ""),
    }
    assert [(count, at) for _, at, _, count in snapshots.history(state)] == [
        (2, START + 30 * DAY),
        (2, START),
    ]
    assert rows_of(state) == before, "a day on which nothing changed costs one row, whatever the fleet"
    take(state, 60, machine(1))
    assert frame(state)["PC-2"] == ("2026-01-01", "2026-03-02", "vanished")


def rows_of(state: State) -> list[tuple[Any, ...]]:
    with sqlite3.connect(state.path) as plain:
        return [
            row
            for table in ("workstation_now", "workstation_before")
            for row in plain.execute(f"SELECT * FROM {table}")
        ]


def test_a_part_of_a_list_says_nothing_of_the_machines_that_it_does_not_name(
    state: State, tmp_path: Path
) -> None:
    def complete(day: int, text: str) -> None:
        (tmp_path / "part.csv").write_text(text, "utf-8")
        asked = reading.Asked("glpi", supplement=True)
        with reading.read(state, tmp_path / "part.csv", datetime.date(2026, 12, 1), asked) as found:
            snapshots.commit(state, found, "ada", at=START + day * DAY)

    take(state, 0, machine(1), machine(2))
    complete(30, "Name;Serial number;Location\nPC-1;S1;B\nPC-3;S3;B\n")
    complete(60, "Name;Serial number;Location\nPC-1;S1;B\n")
    assert frame(state) == {
        "PC-1": ("2026-01-01", "2026-01-31", ""),
        "PC-2": ("2026-01-01", "2026-01-01", ""),
        "PC-3": ("2026-01-31", "2026-01-31", ""),
    }
    take(state, 90, machine(1, site="B"), machine(2), machine(3, site="B"))
    assert {left for _, left, _ in frame(state).values()} == {"2026-04-01"}


def test_a_machine_that_is_called_failed_again_after_it_was_mended_failed_the_second_time(
    state: State,
) -> None:
    for day, told in ((0, "used"), (30, "failed"), (60, "used"), (90, "failed"), (120, "failed")):
        take(state, day, machine(1, state=told), machine(2))
    assert frame(state)["PC-1"] == ("2026-01-01", "2026-04-01", "failure")


def test_a_machine_that_is_away_for_some_imports_was_there_all_the_time(state: State) -> None:
    """It lived through the gap, or it could not have come back: the whole time counts, and its end is that of the last absence."""
    for day, rows in ((0, (1, 2)), (30, (2,)), (60, (1, 2)), (90, (2,)), (120, (2,))):
        take(state, day, *(machine(number) for number in rows))
    assert frame(state)["PC-1"] == ("2026-01-01", "2026-04-01", "vanished")


def test_a_serial_number_that_another_machine_bears_later_has_two_lives(state: State) -> None:
    """A replaced main board that was given the old number, or a number that a maker used twice."""
    old, new, corrected = (datetime.date(*day) for day in ((2019, 5, 1), (2026, 2, 20), (2019, 6, 1)))
    take(state, 0, machine(1, purchased=old, state="used"), machine(2, purchased=old), machine(3))
    take(state, 30, machine(1, purchased=old, state="failed"), machine(2, purchased=corrected), machine(3))
    take(
        state,
        60,
        machine(1, purchased=new, state="used"),
        machine(2, purchased=corrected),
        machine(3, purchased=new),
    )
    rows = [
        (row.name, row.purchased, str(row.entered.date()), str(row.left.date()), row.end)
        for row in lives(state).itertuples(index=False)
    ]
    assert rows == [
        ("PC-1", pd.Timestamp(old), "2026-01-01", "2026-01-31", "failure"),
        ("PC-1", pd.Timestamp(new), "2026-03-02", "2026-03-02", ""),
        ("PC-2", pd.Timestamp(corrected), "2026-01-01", "2026-03-02", ""),  # a date that was put right
        ("PC-3", pd.Timestamp(new), "2026-01-01", "2026-03-02", ""),  # one that became known
    ]


def test_a_frame_of_lives_has_days_and_unknowns(state: State) -> None:
    empty = lives(state)
    take(
        state, 0, machine(1, purchased=datetime.date(2021, 3, 14), maker="Dell", kind="Portable"), machine(2)
    )
    found = lives(state)
    assert list(found.columns) == [
        "key", "name", "maker", "model", "kind", "site", "service", "purchased", "entered", "left", "end",
        "watched_from", "watched_until",
    ]  # fmt: skip
    assert list(empty.columns) == list(found.columns)
    assert {str(found[day].dtype) for day in ("purchased", "entered", "left")} == {"datetime64[s]"}
    assert {str(empty[day].dtype) for day in ("purchased", "entered", "left")} == {"datetime64[s]"}
    assert found["purchased"][0] == pd.Timestamp("2021-03-14")
    assert found[["maker", "purchased"]].isna().sum().tolist() == [1, 1]


def test_a_machine_whose_serial_number_becomes_known_has_one_life(state: State) -> None:
    take(state, 0, Workstation("PC-1"), Workstation("PC-2"))
    take(state, 30, Workstation("pc-1", serial="S1"), Workstation("PC-2"))
    found = lives(state)
    assert list(found["key"]) == ["name:pc-2", "serial:s1"]
    assert [day.date().isoformat() for day in found["entered"]] == ["2026-01-01", "2026-01-01"]


def test_moves_are_told_with_their_day(state: State) -> None:
    take(state, 0, machine(1, site="A", service="Radio"))
    take(state, 30, machine(1, site="B", service="Radio"))
    take(state, 60, machine(1, site="B"))
    found = moves(state)
    rows = [(row.name, row.day.date().isoformat(), row.field, row.before, None if pd.isna(row.after) else row.after)
            for row in found.itertuples(index=False)]  # fmt: skip
    assert rows == [
        ("PC-1", "2026-01-31", "site", "A", "B"),
        ("PC-1", "2026-03-02", "service", "Radio", None),
    ]


def test_a_machine_that_takes_over_a_key_has_not_moved_from_where_the_former_one_stood(state: State) -> None:
    old, new = datetime.date(2019, 5, 2), datetime.date(2026, 1, 20)
    take(state, 0, machine(1, purchased=old, site="A"))
    take(state, 30, machine(1, purchased=new, site="B"))
    take(state, 60, machine(1, purchased=new, site="C"))
    assert [(row.before, row.after) for row in moves(state).itertuples(index=False)] == [("B", "C")]


def test_the_last_day_of_the_calendar_shows_what_was_imported_last(state: State) -> None:
    take(state, 0, machine(1))
    found = snapshots.on(state, datetime.date.max)
    assert found is not None
    assert [one.name for one in found.workstations] == ["PC-1"]
    assert snapshots.on(state, datetime.date.min) is None


def test_no_user_stands_in_a_frame(state: State) -> None:
    take(state, 0, machine(1, user="durand"))
    take(state, 7, machine(1, user="martin", site="B"))
    assert "durand" not in lives(state).to_csv() + moves(state).to_csv()
    assert "martin" not in lives(state).to_csv() + moves(state).to_csv()


# --- reconciling -------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "A", "b", "c", "ß", "ss"])
serials = st.sampled_from([None, None, "s1", "S1", "s2", "s3", "s4"])
parks = st.lists(
    st.builds(
        Workstation,
        names,
        serial=serials,
        site=st.sampled_from([None, "x", "y"]),
        memory=st.sampled_from([None, 8]),
    ),
    max_size=7,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=parks, after=parks, data=st.data())
def test_laws_of_reconciling(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[Workstation],
    after: list[Workstation],
    data: st.DataObject,
) -> None:
    state = open_state(tmp_path_factory.mktemp("laws") / "state.db")
    with snapshots.compare(state, "before", before) as first:
        snapshots.commit(state, first, "ada", partial=True)
    known = snapshots.latest(state)
    standing = len(known.workstations) if known else 0
    with snapshots.compare(state, "after", after) as found:
        counted = {word: len(listing) for word, listing in vars(found).items() if hasattr(listing, "first")}
        # Every known machine is unchanged, changed, kept or gone; every row is taken or refused.
        assert counted["same"] + counted["changed"] + counted["kept"] + counted["absent"] == standing
        assert counted["same"] + counted["changed"] + counted["added"] + counted["refused"] == len(after)
        shown = [list(found.added), list(found.changed), list(found.absent), list(found.kept)]
        with snapshots.compare(state, "mixed", data.draw(st.permutations(after))) as mixed:
            assert shown == [list(mixed.added), list(mixed.changed), list(mixed.absent), list(mixed.kept)]
        expected = {one.key for listing in (found.added, found.same, found.kept) for one in listing}
        expected |= {change.after.key for change in found.changed}
        snapshots.commit(state, found, "ada", partial=True)
    latest = snapshots.latest(state)
    assert {one.key for one in latest.workstations} == expected if latest else not expected
    with snapshots.compare(state, "again", after) as again:
        assert not again.changes


@pytest.mark.parametrize(
    ("known", "rows", "said"),
    [
        (
            [Workstation("A", serial="S1")],
            [Workstation("A", serial="S2")],
            "A had the serial number S1, now S2",
        ),
        (
            [Workstation("A", serial="S1", model="X")],
            [Workstation("B", serial="S1", model="Y")],
            r"serial number S1 was A (X), now B (Y)",
        ),
        (
            [Workstation("A")],
            [Workstation("A", serial="S1"), Workstation("a", serial="S2")],
            "bears the name of 2 rows",
        ),
    ],
)
def test_a_match_that_may_be_wrong_is_told(
    state: State, known: list[Workstation], rows: list[Workstation], said: str
) -> None:
    take(state, 0, *known)
    (doubt,) = snapshots.compare(state, "x", rows).doubts
    assert said in doubt.reason


def test_a_row_whose_name_two_known_machines_bear_is_refused_and_both_stay(state: State) -> None:
    take(state, 0, Workstation("A", serial="S1"), Workstation("a", serial="S2"))
    found = snapshots.compare(state, "x", [Workstation("A")])
    assert [one.reason for one in found.refused] == [
        "the known machines of this name are 2: give the serial number"
    ]
    assert len(found.kept) == 2
    assert len(found.vanished) == 0


# --- files that tell less ----------------------------------------------------------------------------------


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "park.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_file_that_has_no_column_for_a_field_leaves_it_as_it_is(state: State, tmp_path: Path) -> None:
    take(state, 0, machine(1, purchased=datetime.date(2021, 3, 14), model="X", user="durand"))
    path = write(tmp_path, "Nom;Modèle\nPC-1;Y\n")
    with reading.read(state, path, datetime.date(2026, 2, 1), reading.Asked("glpi")) as found:
        (change,) = found.changed
    assert (change.after.serial, change.after.purchased, change.after.model) == (
        "S1",
        datetime.date(2021, 3, 14),
        "Y",
    )
    assert change.after.user is None  # nobody asked for users this time


def test_a_supplement_ends_no_machine_and_empties_no_field(state: State, tmp_path: Path) -> None:
    take(state, 0, machine(1, model="X"), machine(2))
    path = write(tmp_path, "Nom;Modèle;Lieu\nPC-1;;B\nPC-3;Z;\n")
    asked = reading.Asked("glpi", supplement=True)
    with reading.read(state, path, datetime.date(2026, 2, 1), asked) as found:
        assert len(found.vanished) == 0
        snapshots.commit(state, found, "ada")
    latest = snapshots.latest(state)
    assert latest is not None
    assert [(one.name, one.model, one.site) for one in latest.workstations] == [
        ("PC-1", "X", "B"),
        ("PC-2", None, None),
        ("PC-3", "Z", None),
    ]


# --- files of before ---------------------------------------------------------------------------------------


def old(path: Path, imports: list[list[Workstation]]) -> None:
    """A state of the schema before, which kept every machine of every import whole."""
    databases.create(path)
    with sqlite3.connect(path, isolation_level=None) as plain:
        databases.migrate(schema.KIND, plain, path, schema.MIGRATIONS[:4])
        for number, machines in enumerate(imports, 1):
            plain.execute(
                "INSERT INTO snapshot VALUES (?, ?, 'workstations', 'park.csv', 'ada')",
                (number, START + number * 7 * DAY),
            )
            for one in machines:
                row = {"name": one.name, "serial": one.serial, "site": one.site, "purchased": one.purchased}
                text = json.dumps(
                    {name: value for name, value in row.items() if value is not None}, default=str
                )
                plain.execute("INSERT INTO workstation VALUES (?, ?, ?)", (number, one.key, text))


def test_a_file_of_before_shows_every_import_as_it_was(tmp_path: Path) -> None:
    bought = datetime.date(2021, 3, 14)
    imports = [
        [machine(1, purchased=bought), machine(2, site="é"), Workstation("PC-3"), machine(4)],
        [machine(1, purchased=bought, site="B"), Workstation("PC-3", serial="S3"), machine(4), machine(5)],
        [
            machine(1, site="B"),
            machine(2, site="é"),
            Workstation("PC-3", serial="S3"),
            machine(4),
            machine(5),
        ],
    ]
    old(tmp_path / "state.db", imports)
    state = open_state(tmp_path / "state.db")
    for number, machines in enumerate(imports, 1):
        assert on(state, number * 7) == sorted(machines, key=lambda one: one.name)
    assert [count for _, _, _, count in snapshots.history(state)] == [5, 4, 4]
    assert frame(state)["PC-3"] == ("2026-01-08", "2026-01-22", "")
    assert frame(state)["PC-2"] == ("2026-01-08", "2026-01-22", "")
    with snapshots.compare(state, "again", imports[-1]) as found:
        assert not found.changes
    assert databases.kept(state.path, 4).is_file()


@pytest.mark.parametrize(
    ("states", "told"), [(("used", "failed"), 1), (("used", "retired"), 0), ((None,), 0)]
)
def test_imports_of_before_could_tell_failures_where_they_told_more_than_a_directory_does(
    tmp_path: Path, states: tuple[str | None, ...], told: int
) -> None:
    path = tmp_path / "state.db"
    databases.create(path)
    with sqlite3.connect(path, isolation_level=None) as plain:
        databases.migrate(schema.KIND, plain, path, schema.MIGRATIONS[:8])
        plain.execute("INSERT INTO snapshot VALUES (1, ?, 'workstations', 'park.csv', 'ada', 0)", (START,))
        for number, state in enumerate(states):
            row = json.dumps({"name": f"PC-{number}", "state": state})
            plain.execute(
                "INSERT INTO workstation_now VALUES (NULL, ?, 1, NULL, ?, NULL)", (f"k{number}", row)
            )
    with open_state(path).read() as connection:
        assert connection.execute("SELECT failures FROM snapshot").fetchall() == [(told,)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.integers(1, 5), st.sampled_from([None, "A", "B"]), max_size=5), max_size=5)
)
def test_any_file_of_before_shows_every_import_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, imports: list[dict[int, str | None]]
) -> None:
    path = tmp_path_factory.mktemp("old") / "state.db"
    parks = [[machine(number, site=site) for number, site in sorted(one.items())] for one in imports]
    old(path, parks)
    state = open_state(path)
    for number, machines in enumerate(parks, 1):
        assert on(state, number * 7) == machines
