"""Every place of the state that may bear a user's name is known, is in the export of a person, and knows what an erasure does."""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Final

from peopling import START, holds, take, used

from dashboard.access import outsiders, sessions
from dashboard.access.outsiders import Outsider
from inventory import databases
from inventory.people import erasing, finding, keeping
from inventory.people.pseudonyms import Key
from inventory.people.rules import People
from inventory.state import State, audit, schema, views

ANA: Final = "ana.lefevre"

# What becomes of each at an erasure, as docs/data-protection.md says it. Places that hold a user within a JSON text are the
# first two: `finding.Use` tells them.
NAMED: Final = {
    ("workstation_now", "row"): "gone",
    ("workstation_before", "fields"): "gone",
    ("saved_view", "owner"): "gone",
    ("contact", "owner"): "gone",
    ("contact", "name"): "gone",
    ("contact", "address"): "gone",
    ("measure", "who"): "struck",
    ("measure_end", "who"): "struck",
    ("committee_answer", "who"): "struck",
    ("audit", "who"): "stays",
    ("snapshot", "who"): "stays",
    ("restore_test", "who"): "stays",
    ("restore_test_correction", "who"): "stays",
    ("scenario", "who"): "stays",
    ("scenario_decision", "who"): "stays",
    ("notice_answer", "who"): "stays",
    ("user", "name"): "stays",
    ("session", "user"): "stays",
    ("token", "user"): "stays",
}

# Numbers, names of machines and files, words of our own, digests, and what people wrote: that may mention somebody, and says so.
NAMELESS: Final = {
    "setting": {"name", "value"},
    "user": {"role", "password", "created", "origin", "subject"},
    "attempt": {"name", "failures", "last"},  # the name is four bytes of a digest
    "session": {"digest", "created", "seen"},
    "token": {"mark", "digest", "role", "name", "until", "created", "seen"},
    "audit": {"id", "at", "action", "detail", "source", "previous", "hash"},
    "audit_cut": {"upto", "hash", "at"},
    "snapshot": {"id", "at", "kind", "file", "part", "failures"},
    "workstation_now": {"id", "key", "since", "until", "seen"},
    "workstation_before": {"workstation", "since", "until"},
    "restore_test": {"id", "at", "target", "what", "job", "point", "seconds", "result", "evidence", "noted", "bytes", "remark"},
    "restore_test_correction": {"test", "replaced_by", "at", "why"},
    "scenario": {"id", "name", "title", "text", "at"},
    "scenario_decision": {"id", "scenario", "action", "at", "why"},
    "scenario_expected": {"decision", "unique_id", "text"},
    "measure": {"id", "machine", "name", "text", "since", "until", "noted"},
    "measure_end": {"measure", "day", "why", "noted"},
    "saved_view": {"id", "name", "path", "query", "seen"},
    "erasure": {"pseudonym", "at"},
    "contact": {"id", "role", "kinds", "language", "seen", "error"},
    "notice": {"id", "kind", "subject", "due", "opened", "gone", "ended"},
    "notice_answer": {"id", "notice", "action", "why", "until", "at"},
    # A message that waits holds the address: it goes with its contact, and once it was sent (see below).
    "outbox": {"id", "contact", "about", "mark", "content", "made", "claimed", "sent"},
    "told": {"contact", "notice", "round", "message"},
    "committee_file": {"id", "day", "since", "made"},
    "committee_question": {"id", "number", "topic"},
    "committee_asked": {"file", "question", "asked", "said", "due", "cost"},
    "committee_answer": {"id", "question", "outcome", "day", "until", "why", "noted"},
}  # fmt: skip

ROWS: Final = (
    "INSERT INTO user (name, role, password, created) VALUES (:who, 'viewer', 'secret hash', 0)",
    "INSERT INTO session VALUES (x'00', :who, 0, 0)",
    "INSERT INTO token VALUES ('jt_1', x'00', :who, 'viewer', 'scripts', '2027-01-01', 0, NULL)",
    "INSERT INTO restore_test (at, target, what, job, point, seconds, result, evidence, who, noted) "
    "VALUES (0, 't', '', '', 0, 1, 'ok', 'e', :who, 0)",
    "INSERT INTO restore_test_correction VALUES (1, NULL, 0, :who, 'w')",
    "INSERT INTO scenario (name, title, text, at, who) VALUES ('s', '', '', 0, :who)",
    "INSERT INTO scenario_decision (scenario, action, at, who, why) VALUES (1, 'committed', 0, :who, 'w')",
    "INSERT INTO measure (machine, name, text, who, since, noted) VALUES ('m', 'm', 't', :who, '2026-01-01', 0)",
    "INSERT INTO measure_end VALUES (1, '2026-01-02', :who, 'w', 0)",
    "INSERT INTO contact (owner, name, role, address, seen) VALUES ('local:' || :who, :who, '', :who || '@h.example', 0)",
    "INSERT INTO notice (kind, subject, opened) VALUES ('silent', 's', 0)",
    "INSERT INTO notice_answer (notice, action, who, why, at) VALUES (1, 'taken', :who, 'w', 0)",
    "INSERT INTO outbox (contact, about, mark, content, made) VALUES (1, 'digest', 'm', 'To: somebody', 0)",
    "INSERT INTO told VALUES (1, 1, 0, 1)",
    "INSERT INTO committee_question (number, topic) VALUES ('D-2026-01-1', 'care')",
    "INSERT INTO committee_answer (question, outcome, day, who, why, noted) VALUES (1, 'refused', '2026-01-02', :who, 'w', 0)",
)


def filled(state: State) -> None:
    """Somebody stands in each place that is named, once."""
    take(state, 0, used(1, ANA), used(2))
    take(state, 7, used(1, site="B"), used(2, ANA))
    with state.write() as connection:
        connection.execute("UPDATE snapshot SET who = ? WHERE id = 1", (ANA,))
        for row in ROWS:
            connection.execute(row, {"who": ANA})
        audit.record(connection, ANA, "login", "")
    views.save(state, ANA, "mine", "/capacity", "site=B")


def columns(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {
        (table, column)
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        if not table.startswith("sqlite_")
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")
    }


def bearing(state: State, text: str) -> Counter[tuple[str, str]]:
    """Where in the state a text stands, and in how many rows."""
    with state.read() as connection:
        return Counter(
            {
                place: count
                for place in columns(connection)
                if (
                    count := connection.execute(
                        f"SELECT count(*) FROM {place[0]} WHERE instr(lower({place[1]}), ?)", (text,)
                    ).fetchone()[0]
                )
            }
        )


def test_every_column_of_the_state_is_said_to_name_a_user_or_nobody(state: State) -> None:
    """A new one fails here: say what it is above, show and erase it in `inventory.people`, and tell it in the document."""
    nameless = {(table, column) for table, those in NAMELESS.items() for column in those}
    assert NAMED.keys() & nameless == set()
    with state.read() as connection:
        assert columns(connection) == NAMED.keys() | nameless


def test_the_sheet_for_the_officer_names_every_place_and_what_becomes_of_it() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data-protection.md").read_text("utf-8")
    told = {}
    for places, becomes in re.findall(
        r"^\| ((?:`\w+\.\w+`(?:, )?)+) \| (gone|struck|stays) \|", page, re.MULTILINE
    ):
        told |= {tuple(place.split(".")): becomes for place in re.findall(r"`(\w+\.\w+)`", places)}
    assert told == NAMED


def test_every_place_that_names_a_user_is_in_the_export_and_is_erased_as_it_is_said(
    state: State, key: Key
) -> None:
    filled(state)
    assert bearing(state, ANA).keys() == NAMED.keys()
    found = finding.find(state, ["ANA.LEFEVRE"], key)
    assert [(use.name, use.until is None) for use in found.uses] == [("PC-1", False), ("PC-2", True)]
    assert {act["table"] for act in found.acts} == {
        table for table, _ in NAMED if not table.startswith("workstation")
    }
    assert "secret hash" not in str(found)
    done = erasing.erase(state, key, [ANA], "eve")
    assert (done.entries, done.struck, done.views) == (2, 3, 2)
    left = bearing(state, ANA).keys()
    assert left == {place for place, what in NAMED.items() if what == "stays"}
    assert bearing(state, erasing.STRUCK).keys() == {
        place for place, what in NAMED.items() if what == "struck"
    }
    assert {act["table"] for act in finding.find(state, [ANA], key).acts} == {table for table, _ in left}
    assert holds(state.path.parent, ["somebody", "@h.example"]) == set()  # the message that waited, too


def test_the_saved_views_of_a_person_are_shown_whole_and_erased_and_those_of_others_stay(
    state: State, key: Key
) -> None:
    for name in ("ana", "bob"):
        with state.write() as connection:
            connection.execute(ROWS[0], {"who": name})
        views.save(state, name, f"grows of {name}", "/capacity", f"grouping={name}-rooms")
    (shown,) = (act for act in finding.find(state, ["Ana"], None).acts if act["table"] == "saved_view")
    assert (shown["name"], shown["path"], shown["query"]) == (
        "grows of ana",
        "/capacity",
        "grouping=ana-rooms",
    )
    assert erasing.erase(state, key, ["ANA"], "eve").views == 1
    assert audit.entries(state, 1)[0].detail == "0 entries of the inventory, 1 saved views and addresses"
    assert views.listed(state, "ana") == []
    assert [one.name for one in views.listed(state, "bob")] == ["grows of bob"]
    assert holds(state.path.parent, ["grows of ana", "ana-rooms"]) == set()
    # Whoever goes on working with Jauge keeps what they save from then on.
    views.save(state, "ana", "new", "/", "")
    take(state, 0, used(1, "ana"))
    keeping.tidy(state, People(names="names"), key)
    assert [one.name for one in views.listed(state, "ana")] == ["new"]


def test_views_of_who_is_known_elsewhere_are_found_by_the_name_though_their_session_is_over(
    state: State, key: Key
) -> None:
    for name, account in (("zoe", "account-1"), ("yves", "account-2")):
        outsiders.admit(state, Outsider(name, "viewer", "oidc", account))
        views.save(state, name, f"of {name}", "/", "")
    with state.write() as connection:
        connection.execute("UPDATE user SET created = 0")
        sessions.forget(connection)
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (0,)
    for name in ("Zoé", "account-1"):
        acts = finding.find(state, [name], key).acts
        assert [act["name"] for act in acts if act["table"] == "saved_view"] == ["of zoe"]
    assert erasing.erase(state, key, ["zoe"], "eve").views == 1
    assert erasing.erase(state, key, ["account-2"], "eve").views == 1


def test_saved_views_are_gone_from_copies_beside_the_state_and_do_not_come_back_with_one(
    state: State, tmp_path: Path, key: Key
) -> None:
    filled(state)
    old, kept = tmp_path / "old.db", tmp_path / "kept.db"
    for place in (old, kept):
        databases.copy(state.path, place)
    old.rename(tmp_path / "state.db.schema12")
    assert erasing.erase(state, key, [ANA], "eve", at=START).copies == {"state.db.schema12": 7}
    kept.rename(tmp_path / "state.db.replaced")  # came back since
    keeping.tidy(state, People(names="names"), key, time.time())
    for name in ("state.db.schema12", "state.db.replaced"):
        assert ("saved_view", "owner") not in bearing(State(tmp_path / name), ANA), name
    # And where such a copy takes the place of the state by hand, the next night erases again.
    databases.copy(tmp_path / "state.db.replaced", tmp_path / "again.db")
    with sqlite3.connect(tmp_path / "again.db") as again:
        again.execute("DELETE FROM erasure")
        again.execute(
            "INSERT INTO saved_view (owner, name, path, query, seen) VALUES (?, 'v', '/', '', 0)",
            (f"local:{ANA}",),
        )
    again.close()
    erasing.empty_log(state)
    (tmp_path / "again.db").replace(state.path)
    keeping.tidy(state, People(names="names"), key, time.time())
    assert views.listed(state, ANA) == []


def test_a_copy_from_before_there_were_saved_views_has_none(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()
    with databases.connect(path) as old:
        databases.migrate(schema.KIND, old, path, schema.MIGRATIONS[:6])
        assert not erasing.saves(old, lambda _: True)
        assert erasing.drop_views(old, lambda _: True) == 0
    old.close()
