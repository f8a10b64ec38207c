"""A person is erased from every import, from the log and the copies beside the state, and does not come back."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peopling import DAY, START, holds, take, used
from tampering import EACH_STEP, begin, killed_at

from inventory import databases
from inventory.imports import snapshots
from inventory.imports.lives import lives
from inventory.people import PeopleError, erasing, finding, keeping
from inventory.people.pseudonyms import FILE, Key
from inventory.people.rules import People
from inventory.state import State, StateError, audit, measures, open_state, schema
from inventory.workstations import Workstation
from jauge import copies
from jauge.files import Files

ANA = "Lefèvre-Grandjean Anaïs"
BOB = "bob.martineau"


def told(state: State, day: float) -> dict[str, str | None]:
    found = snapshots.on(state, datetime.date(2026, 1, 1) + datetime.timedelta(days=day))
    return {one.name: one.user for one in found.workstations} if found else {}


def test_a_person_is_gone_from_every_import_and_nobody_takes_their_place(state: State, key: Key) -> None:
    take(state, 0, used(1, ANA), used(2, BOB), used(3))
    take(state, 7, used(1, BOB), used(2, ANA, site="B"), used(3, ANA))
    take(state, 14, used(1, BOB, site="C"), used(2, BOB))
    done = erasing.erase(state, key, [ANA], "ada")
    assert done.entries == 3
    assert told(state, 0) == {"PC-1": None, "PC-2": BOB, "PC-3": None}
    assert told(state, 7) == {"PC-1": BOB, "PC-2": None, "PC-3": None}
    assert told(state, 14) == {"PC-1": BOB, "PC-2": BOB}
    assert holds(state.path.parent, [ANA, "Lefèvre", "Anaïs"]) == set()
    assert holds(state.path.parent, [BOB]) == {BOB}


def test_the_name_is_in_no_byte_of_the_folder_though_it_stood_in_the_log_and_in_free_pages(
    tmp_path: Path, key: Key
) -> None:
    state = open_state(tmp_path / "state.db")
    with state.session() as reader:  # keeps the log
        reader.execute("SELECT 1 FROM snapshot").fetchall()
        take(state, 0, *(used(number, f"{ANA} {number}") for number in range(500)))
    careless = sqlite3.connect(state.path, isolation_level=None)  # as a program did that did not overwrite
    careless.execute("PRAGMA secure_delete = OFF")
    careless.execute("CREATE TABLE scrap AS SELECT row FROM workstation_now")
    careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    careless.execute("DROP TABLE scrap")
    careless.close()
    assert state.path.read_bytes().count(ANA.encode()) > 500
    erasing.erase(state, key, [f"{ANA} {number}" for number in range(500)], "ada")
    assert holds(tmp_path, [ANA, "Grandjean"]) == set()


def test_other_ways_to_write_a_name_are_shown_before_and_erased_where_they_are_given(
    state: State, key: Key
) -> None:
    take(
        state, 0, used(1, "CHU\\durand"), used(2, "DURAND"), used(3, "durand@chu.example"), used(4, "durant")
    )
    found = finding.find(state, ["durand"], key)
    assert found.of("same") == ["DURAND"]
    assert found.of("alike") == ["CHU\\durand", "durand@chu.example"]
    assert erasing.erase(state, key, ["durand"], "ada").entries == 1
    assert told(state, 0) == {
        "PC-1": "CHU\\durand",
        "PC-2": None,
        "PC-3": "durand@chu.example",
        "PC-4": "durant",
    }
    assert erasing.erase(state, key, ["chu\\DURAND", "Durand@chu.example"], "ada").entries == 2
    assert told(state, 0)["PC-4"] == "durant"


def test_pseudonyms_are_found_and_erased_by_the_name_or_by_themselves(state: State, key: Key) -> None:
    take(
        state,
        0,
        used(1, key.pseudonym("durand")),
        used(2, key.pseudonym("CHU\\durand")),
        used(3, key.pseudonym("x")),
    )
    found = finding.find(state, ["Durand"], key)
    assert found.of("same") == [key.pseudonym("durand")]
    assert found.of("alike") == [key.pseudonym("CHU\\durand")]
    assert finding.find(state, ["Durand"], None).writings == {}
    assert erasing.erase(state, key, ["DURAND"], "ada").entries == 1
    assert erasing.erase(state, key, [key.pseudonym("CHU\\durand")], "ada").entries == 1
    assert told(state, 0) == {"PC-1": None, "PC-2": None, "PC-3": key.pseudonym("x")}


def test_the_audit_log_and_the_list_tell_of_an_erasure_and_not_of_whom(state: State, key: Key) -> None:
    take(state, 0, used(1, ANA))
    erasing.erase(state, key, [ANA], "ada", at=START)
    (entry,) = audit.entries(state, 1)
    assert (entry.who, entry.action, entry.detail) == ("ada", "person erased", "1 entries of the inventory")
    assert audit.verify(state) is None
    assert erasing.erased(state) == {key.pseudonym(ANA): START}
    assert erasing.erase(state, key, [ANA], "ada").entries == 0
    assert erasing.erased(state) == {key.pseudonym(ANA): START}


def test_all_that_is_held_of_a_person_is_exported_with_what_they_did_and_where_they_are_named(
    state: State, key: Key
) -> None:
    take(state, 0, used(1, "ada", site="A"), used(2))
    take(state, 7, used(1, "ada", site="A"), used(2), Workstation("PC-ADA"))
    take(state, 14, used(1, "bob", site="A"), used(2, "Ada"), Workstation("PC-ADA"))
    found = finding.find(state, ["ADA"], key)
    assert [(use.name, use.user, use.since, use.until) for use in found.uses] == [
        ("PC-1", "ada", START, START + 14 * DAY),
        ("PC-2", "Ada", START + 14 * DAY, None),
    ]
    assert {(act["table"], act.get("action", "")) for act in found.acts} == {
        ("audit", "workstations imported"),
        ("snapshot", ""),
    }
    assert {(one.table, one.column): one.examples for one in found.mentions}["workstation_now", "row"] == (
        "PC-ADA",
    )
    assert [use.user for use in finding.users(state)] == ["bob", "Ada"]


def test_copies_beside_the_state_are_cleared_and_keep_their_age(tmp_path: Path, key: Key) -> None:
    old = tmp_path / "old.db"
    databases.create(old)
    with sqlite3.connect(old, isolation_level=None) as plain:
        databases.migrate(schema.KIND, plain, old, schema.MIGRATIONS[:4])
        plain.execute("INSERT INTO snapshot VALUES (1, ?, 'workstations', 'park.csv', 'ada')", (START,))
        rows = [("name:pc-1", {"name": "PC-1", "user": ANA}), ("name:pc-2", {"name": "PC-2", "user": BOB})]
        for name, row in rows:
            text = json.dumps(row, ensure_ascii=False)
            plain.execute("INSERT INTO workstation VALUES (1, ?, ?)", (name, text))
    plain.close()
    (tmp_path / "data").mkdir()
    path = shutil.move(old, tmp_path / "data" / "state.db")
    state = open_state(Path(path))  # brings it up to date, and keeps a copy
    kept = databases.kept(state.path, 4)
    shutil.copy(state.path, state.path.with_name("state.db.replaced.2"))
    os.utime(kept, (START, START))
    assert holds(tmp_path, [ANA]) == {ANA}
    done = erasing.erase(state, key, [ANA], "ada")
    assert done.copies == {"state.db.replaced.2": 1, "state.db.schema4": 1}
    assert done.problems == ()
    assert holds(tmp_path, [ANA, "Grandjean"]) == set()
    assert kept.stat().st_mtime == START
    with sqlite3.connect(kept) as plain:
        assert len(plain.execute("SELECT row FROM workstation WHERE row LIKE '%martineau%'").fetchall()) == 1
    plain.close()


def test_a_copy_that_cannot_be_read_is_named_and_the_erasure_stays_pending(tmp_path: Path, key: Key) -> None:
    state = open_state(tmp_path / "state.db")
    take(state, 0, used(1, ANA))
    broken = tmp_path / "state.db.replaced"
    broken.write_bytes(b"SQLite format 3\0" + ANA.encode() * 200)
    done = erasing.erase(state, key, [ANA], "ada")
    assert [str(broken) in problem and "remove it" in problem for problem in done.problems] == [True]
    assert erasing.pending(state)
    broken.unlink()
    erasing.finish(state, erasing.Erased(erasing.erased(state), key))
    assert not erasing.pending(state)
    assert holds(tmp_path, [ANA]) == set()


def test_a_reader_that_does_not_end_is_said_and_the_log_is_emptied_the_next_time(
    state: State, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.2)
    take(state, 0, used(1, ANA))
    with state.read() as reader:
        assert reader.execute("SELECT count(*) FROM workstation_now").fetchone() == (1,)
        with pytest.raises(StateError, match=r"another program reads it: try again|busy|locked"):
            erasing.erase(state, key, [ANA], "ada")
    assert erasing.pending(state)
    erasing.finish(state, erasing.Erased(erasing.erased(state), key))
    assert holds(state.path.parent, [ANA]) == set()


@pytest.mark.timeout(900)
@EACH_STEP
def test_an_erasure_that_is_killed_anywhere_is_whole_and_done_the_next_time(
    tmp_path: Path, key: Key, stride: int
) -> None:
    first = tmp_path / "first" / "state.db"
    first.parent.mkdir()
    state = open_state(first)
    take(state, 0, *(used(number, ANA if number % 2 else BOB) for number in range(40)))
    take(state, 7, *(used(number, BOB, site="B") for number in range(40)))
    databases.copy(first, first.with_name("state.db.replaced"))
    step, killed = begin(stride), True
    while killed:
        folder = tmp_path / str(step)
        shutil.copytree(first.parent, folder)
        killed = killed_at(
            step,
            lambda: erasing.erase(open_state(folder / "state.db"), key, [ANA], "ada"),  # noqa: B023
        )
        found = open_state(folder / "state.db")
        names = [use.user for use in finding.find(found, [ANA, BOB], key).uses]
        assert (names.count(ANA), names.count(BOB)) in ((20, 40), (0, 40))
        assert audit.verify(found) is None
        if ANA not in names and killed:  # decided: whoever comes next does the rest
            assert erasing.erased(found)
            if erasing.pending(found):
                erasing.finish(found, erasing.Erased(erasing.erased(found), key))
        elif killed:
            erasing.erase(found, key, [ANA], "ada")
        assert holds(folder, [ANA, "Grandjean"]) == set()
        assert not erasing.pending(found)
        shutil.rmtree(folder)
        step += stride
    assert step > 25


def test_who_was_erased_with_another_key_is_not_forgotten_silently(state: State, key: Key) -> None:
    erasing.erase(state, key, [ANA], "ada")
    with pytest.raises(PeopleError, match="another key"):
        erasing.erase(state, Key("another secret of thirty-two chars"), [BOB], "ada")
    assert list(erasing.erased(state)) == [key.pseudonym(ANA)]


def test_a_list_that_is_none_is_said_in_words_and_nothing_is_erased(state: State, key: Key) -> None:
    take(state, 0, used(1, ANA))
    (state.path.parent / erasing.LIST).write_text('{"erased": {"durand": 1}}')
    with pytest.raises(PeopleError, match=r"erasures\.json is no list of erasures"):
        erasing.erase(state, key, [ANA], "ada")
    assert told(state, 0) == {"PC-1": ANA}


def test_a_name_that_is_allowed_again_is_on_neither_list(state: State, key: Key) -> None:
    erasing.erase(state, key, [ANA, BOB], "ada")
    assert erasing.allow(state, key, [ANA.upper()], "ada") == 1
    assert list(erasing.erased(state)) == [key.pseudonym(BOB)]
    assert ANA not in repr(audit.entries(state))


def test_an_import_that_was_read_before_an_erasure_brings_nobody_back_for_longer_than_to_its_end(
    state: State, key: Key
) -> None:
    take(state, 0, used(1, ANA))
    with snapshots.compare(state, "read before", [used(1, ANA), used(2, ANA), used(3, BOB)]) as found:
        erasing.erase(state, key, [ANA], "eve", at=START + DAY)
        snapshots.commit(state, found, "ada", at=START + DAY)
    keeping.tidy(state, People(names="names"), key, START + 2 * DAY)
    assert told(state, 2) == {"PC-1": None, "PC-2": None, "PC-3": BOB}
    assert holds(state.path.parent, [ANA]) == set()


USERS = st.sampled_from([None, ANA, ANA.upper(), BOB, "carla", "CHU\\bob"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    imports=st.lists(st.lists(USERS, min_size=3, max_size=3), min_size=1, max_size=5),
    gone=st.sets(st.sampled_from([ANA, BOB])),
)
def test_erasing_takes_those_users_out_of_every_day_and_changes_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, key: Key, imports: list[list[str | None]], gone: set[str]
) -> None:
    state = open_state(tmp_path_factory.mktemp("laws") / "state.db")
    for day, names in enumerate(imports):
        take(state, day, *(used(number, name) for number, name in enumerate(names)))
    before = lives(state)
    if gone:
        erasing.erase(state, key, sorted(gone), "ada")
    pseudonyms = {key.pseudonym(name) for name in gone}
    for day, names in enumerate(imports):
        wanted = {
            f"PC-{n}": None if name and key.pseudonym(name) in pseudonyms else name
            for n, name in enumerate(names)
        }
        assert told(state, day) == wanted
    assert lives(state).equals(before)


def _measured(state: State, who: str) -> int:
    day = datetime.date(2026, 1, 1)
    told_ = measures.Measured([("serial:s1", "PC-1")], "no mail", who, day)
    (number,) = measures.add(state, told_, START, "eve")
    return number


def test_who_answers_for_a_measure_is_struck_out_and_the_measure_stays(state: State, key: Key) -> None:
    first, second = _measured(state, ANA), _measured(state, BOB)
    measures.end(state, first, datetime.date(2026, 2, 1), START, "Eve", "replaced")
    before = measures.listed(state)
    done = erasing.erase(state, key, [ANA, "eve"], "eve")
    assert (done.entries, done.struck) == (0, 2)
    assert measures.listed(state) == [
        before[0]._replace(who=erasing.STRUCK, ended_by=erasing.STRUCK),
        before[1],
    ]
    assert (before[1].id, before[1].who) == (second, BOB)
    assert holds(state.path.parent, [ANA, "Grandjean"]) == set()
    assert audit.entries(state, 1)[0].detail == "0 entries of the inventory, 2 of ledgers"
    for table in ("measure", "measure_end"):
        for change in (f"UPDATE {table} SET who = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(StateError, match="append-only"), state.write() as connection:
                connection.execute(change)
    open_state(state.path)  # which looks whether it is built as a new one


def test_a_copy_that_comes_beside_the_state_after_an_erasure_loses_whom_it_names_at_night(
    state: State, tmp_path: Path, key: Key
) -> None:
    take(state, 0, used(1, ANA), used(2, BOB))
    _measured(state, ANA)
    databases.copy(state.path, tmp_path / "kept.db")
    erasing.erase(state, key, [ANA], "eve", at=START)
    shutil.move(tmp_path / "kept.db", tmp_path / "state.db.schema6")
    assert keeping.tidy(state, People(names="names"), key, START + 2 * DAY).problems == ()
    assert holds(tmp_path, [ANA, "Grandjean"]) == set()
    assert holds(tmp_path, [BOB], ["state.db"]) == {BOB}


def test_a_night_without_the_key_says_so_and_takes_nobody_s_name_for_that_of_the_erased(
    state: State, key: Key
) -> None:
    take(state, 0, used(1, ANA), used(2, BOB))
    erasing.empty_log(state)
    before = state.path.read_bytes()
    erasing.erase(state, key, [ANA], "eve")
    state.path.write_bytes(before)
    done = keeping.tidy(state, People(names="names"), None, START + 2 * DAY)
    assert (done.users, done.problems) == (0, (erasing.NO_KEY,))
    assert told(state, 0) == {"PC-1": ANA, "PC-2": BOB}
    assert keeping.tidy(state, People(names="names"), key, START + 2 * DAY).problems == ()
    assert told(state, 0) == {"PC-1": None, "PC-2": BOB}


def _undone(folder: Path) -> set[str]:
    """Files of a restore that is neither done nor to be done."""
    return {
        path.name for path in folder.iterdir() if ".restoring" in path.name or path.name == "restore.json"
    }


@pytest.mark.timeout(1800)
@EACH_STEP
def test_a_restore_that_is_killed_anywhere_brings_nobody_back_who_was_erased(
    tmp_path: Path, key: Key, stride: int
) -> None:
    first, kept = tmp_path / "first", tmp_path / "kept"
    first.mkdir()
    state = open_state(first / "state.db")
    take(state, 0, *(used(number, ANA if number % 2 else BOB) for number in range(40)))
    _measured(state, ANA)
    copies.backup(Files(first), kept)
    erasing.erase(state, key, [ANA], "eve", at=START)
    take(state, 1, used(1, BOB))
    step, killed, outcomes = begin(stride), True, set()
    while killed:
        folder = tmp_path / str(step)
        shutil.copytree(first, folder)
        killed = killed_at(step, lambda: copies.restore(Files(folder), kept, key), files=True)  # noqa: B023
        decided = (folder / "restore.json").exists()
        Files(folder).make()  # as every start of the program does
        assert _undone(folder) == set()
        assert holds(folder, [ANA, "Grandjean"]) == set()
        found = open_state(folder / "state.db")
        assert audit.verify(found) is None
        assert list(erasing.erased(found)) == [key.pseudonym(ANA)]
        machines = len(told(found, 1))
        assert machines in (1, 40)
        assert machines == 40 or not decided
        outcomes.add((decided, machines))
        copies.restore(Files(folder), kept, key)
        assert len(told(open_state(folder / "state.db"), 1)) == 40
        assert holds(folder, [ANA, "Grandjean"]) == set()
        shutil.rmtree(folder)
        step += stride
    assert outcomes >= {(False, 1), (True, 40), (False, 40)}
    assert step > 40


def test_what_a_killed_program_left_beside_a_copy_is_not_played_back_onto_the_next(tmp_path: Path) -> None:
    for name, user in (("old", ANA), ("new", BOB)):
        (tmp_path / name).mkdir()
        state = open_state(tmp_path / name / "state.db")
        take(state, 0, *(used(number, user, place="a room " * 20) for number in range(200)))
    place = tmp_path / "state.db.restoring"
    databases.copy(tmp_path / "old" / "state.db", place)
    killed = os.fork()
    if killed == 0:
        connection = sqlite3.connect(place, isolation_level=None)
        connection.execute(
            "PRAGMA cache_size = 1"
        )  # what is changed goes to the disk, and what was there to the journal
        connection.execute("BEGIN")
        connection.execute("UPDATE workstation_now SET row = upper(row)")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    assert ANA.encode() in place.with_name(f"{place.name}-journal").read_bytes()
    databases.copy(tmp_path / "new" / "state.db", place)
    with sqlite3.connect(place) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute(
            "SELECT count(*) FROM workstation_now WHERE row LIKE '%martineau%'"
        ).fetchone() == (200,)
    plain.close()
    assert holds(tmp_path, [ANA], ["state.db"]) == set()


# --- another key -------------------------------------------------------------------------------------------


def test_what_is_kept_goes_over_to_a_newer_key_which_knows_whom_the_older_one_erased(tmp_path: Path) -> None:
    older = Key("a secret of thirty-two characters")
    newer = Key("a secret of thirty-two characters\nanother secret of thirty-two chars")
    data, kept = tmp_path / "data", tmp_path / "kept"
    data.mkdir()
    state, pseudonyms = open_state(data / "state.db"), People(names="pseudonyms")
    take(state, 0, used(1, older.pseudonym(ANA)), used(2, older.pseudonym(BOB)))
    take(state, 1, used(1, older.pseudonym(BOB)), used(2, older.pseudonym(BOB)))
    with state.write() as connection:
        erasing.agree(connection, older)
    copies.backup(Files(data), kept)
    databases.copy(state.path, data / "state.db.replaced")
    erasing.erase(state, older, [ANA], "eve", at=START + DAY)
    for _ in range(2):
        assert keeping.tidy(state, pseudonyms, newer, START + 2 * DAY).problems == ()
        assert told(state, 0) == {"PC-1": None, "PC-2": newer.pseudonym(BOB)}
        assert erasing.erased(state) == {newer.pseudonym(ANA): START + DAY}
        assert holds(
            data, [older.pseudonym(ANA), older.pseudonym(BOB), newer.pseudonym(ANA)[:17], older.mark]
        ) == {
            newer.pseudonym(ANA)[:17]  # in the list of who was erased
        }
        copies.restore(Files(data), kept, newer)  # which is of the older key
    assert told(open_state(data / "state.db"), 1) == dict.fromkeys(("PC-1", "PC-2"), newer.pseudonym(BOB))
    with pytest.raises(PeopleError, match="another key"):
        erasing.accept(state, Key("another secret of thirty-two chars"))


@pytest.mark.timeout(900)
def test_a_change_of_the_key_that_is_killed_anywhere_is_ended_by_the_next_night(tmp_path: Path) -> None:
    older = Key("a secret of thirty-two characters")
    newer = Key("a secret of thirty-two characters\nanother secret of thirty-two chars")
    first = tmp_path / "first"
    first.mkdir()
    state = open_state(first / "state.db")
    take(state, 0, used(1, older.pseudonym(ANA)), used(2, older.pseudonym(BOB)))
    erasing.erase(state, older, [ANA], "eve", at=START)
    step, killed = 0, True
    while killed:
        folder = tmp_path / str(step)
        shutil.copytree(first, folder)
        found = State(folder / "state.db")
        killed = killed_at(step, lambda: erasing.accept(found, newer), files=True)  # noqa: B023
        keeping.tidy(found, People(names="pseudonyms"), newer, START + 2 * DAY)
        assert told(found, 0) == {"PC-1": None, "PC-2": newer.pseudonym(BOB)}
        assert erasing.erased(found) == {newer.pseudonym(ANA): START}
        assert holds(folder, [older.pseudonym(ANA), older.pseudonym(BOB)]) == set()
        shutil.rmtree(folder)
        step += 1
    assert step > 10


def test_no_key_is_made_where_one_was_used_and_is_missing(state: State, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    key = erasing.usable(state, People(), home)
    erasing.accept(state, key)
    (home / FILE).rename(home / "elsewhere")
    with pytest.raises(PeopleError, match=r"is missing, which was .*pseudonym\.key .*give it back"):
        erasing.usable(state, People(), home)
    assert not (home / FILE).exists()
    (home / "elsewhere").rename(home / FILE)
    assert erasing.usable(state, People(), home).mark == key.mark
