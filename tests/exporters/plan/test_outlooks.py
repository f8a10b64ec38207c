"""The ledger of what the planner issued."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
import zlib
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from exporters.plan import schema
from exporters.plan.outlooks import PATH_COLUMNS, Event, Outlook, Outlooks
from exporters.plan.schema import PlanError


def outlook(name="s0", target="nas-01", at=1000.0, **changes):
    days = pd.date_range("2026-01-02", periods=1096).astype("datetime64[s]")
    path = pd.DataFrame(
        {"ds": days} | {c: 5e12 + k * 1e9 + 1e8 * np.arange(1, 1097) for k, c in enumerate(PATH_COLUMNS)}
    )
    made = Outlook(
        unique_id=name,
        target=target,
        metric="jauge_storage_used_bytes",
        labels=(("kind", "pool"), ("store", 'p"0')),
        issued_at=at,
        first=date(2025, 1, 1),
        last=date(2026, 1, 1),
        used=5e12,
        capacity=None,
        rate=1e8,
        dates={(1.0, 0.5): date(2028, 2, 29), (1.0, 0.9): None},
        reasons={1.0: None, 0.9: "already over"},
        events=(Event(date(2025, 6, 1), -1e11),),
        figures={"days": 366.0},
        path=path,
    )
    return dataclasses.replace(made, **changes)


def test_an_issue_is_read_back_as_it_was_given(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    given = [outlook("s0"), outlook("s1", "nas-02")]
    assert ledger.issue(given, 1000.0) == 2
    assert ledger.latest() == given
    assert ledger.latest("nas-02") == given[1:]
    assert ledger.latest("nobody") == []


def test_the_path_comes_back_day_by_day(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0)
    path, given = ledger.path("s0"), outlook().path
    assert path["ds"].tolist() == given["ds"].tolist()
    for name in PATH_COLUMNS:
        assert path[name].to_numpy() == pytest.approx(given[name].to_numpy(), abs=1e5)


def test_the_newest_issue_is_the_latest_and_the_older_ones_stay(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook(at=1000.0), outlook("gone", at=1000.0)], 1000.0)
    ledger.issue([outlook(at=2000.0, used=6e12)], 2000.0)
    assert [o.unique_id for o in ledger.latest()] == ["s0"]
    assert [(o.issued_at, o.used) for o in ledger.ledger("s0")] == [(1000.0, 5e12), (2000.0, 6e12)]
    assert ledger.issues() == [1000.0, 2000.0]


def test_an_issue_that_fails_midway_leaves_nothing(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0)
    with pytest.raises(PlanError, match=r"plan\.db"):
        ledger.issue([outlook("a", at=2000.0), outlook("b", at=2000.0), outlook("a", at=2000.0)], 2000.0)
    assert ledger.issues() == [1000.0]


def test_an_issue_is_never_replaced(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0)
    with pytest.raises(PlanError):
        ledger.issue([outlook(used=1.0)], 1000.0)
    assert ledger.latest()[0].used == 5e12


def test_a_ledger_nobody_wrote_to_is_empty_and_makes_no_file(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    assert ledger.latest() == []
    assert ledger.path("s0").empty
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private(tmp_path):
    Outlooks(tmp_path / "plan.db").issue([outlook()], 1000.0)
    assert (tmp_path / "plan.db").stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_version_or_another_kind_is_refused_in_words(tmp_path):
    other = tmp_path / "plan.db"
    Outlooks(other).issue([outlook()], 1000.0)
    with contextlib.closing(sqlite3.connect(other)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(PlanError, match=r"written by a newer Jauge \(schema 99, "):
        Outlooks(other).latest()
    with contextlib.closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("PRAGMA application_id = 7")
        db.execute("CREATE TABLE issue (id)")
    with pytest.raises(PlanError, match="is not a plan of Jauge"):
        Outlooks(tmp_path / "state.db").latest()
    (tmp_path / "text.db").write_text("this is not a database, whatever its name says" * 50)
    with pytest.raises(PlanError, match=r"text\.db"):
        Outlooks(tmp_path / "text.db").latest()


# --- days, thinning, upgrades -------------------------------------------------------------------------


def test_an_issue_takes_the_place_of_that_of_its_day_and_of_no_other(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook(at=1000.0)], 1000.0, day=date(2026, 1, 1))
    ledger.issue([outlook(at=2000.0), outlook("s1", at=2000.0)], 2000.0, day=date(2026, 1, 2))
    ledger.issue([outlook(at=3000.0, used=7e12)], 3000.0, day=date(2026, 1, 2))
    assert ledger.issues() == [1000.0, 3000.0]
    assert [one.used for one in ledger.latest()] == [7e12]
    assert ledger.issued(1000.0) == [outlook(at=1000.0)]


def test_an_issue_that_fails_leaves_the_one_of_its_day(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0, day=date(2026, 1, 1))

    def fail(_db):
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        ledger.issue([outlook("other", at=2000.0)], 2000.0, fail, date(2026, 1, 1))
    assert ledger.latest() == [outlook()]


def test_everything_an_outlook_says_comes_back(tmp_path):
    given = outlook(
        quantity="memory", unit="bytes", limit=4e12, rules=(("size", 5e12), ("ceiling", 4e12)),
        extensions=(Event(date(2025, 5, 1), 1e12),), ordered=(Event(date(2026, 9, 1), 2e12),),
        chances={1.0: {30: 0.0, 90: 0.25}, 0.9: {30: 1.0}}, order_by=date(2026, 4, 1), cause="the pool",
    )  # fmt: skip
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([given], 1000.0)
    assert ledger.latest() == [given]


def test_the_path_of_an_outlook_is_known_on_the_days_on_which_it_is_scored():
    given = outlook()
    for days in (1, 7, 30, 90, 180, 365):
        assert given.ahead([days])[0] == pytest.approx(
            given.path.loc[days - 1, list(PATH_COLUMNS)].astype(float).to_numpy(), abs=1e5
        )
    assert outlook(path=None).ahead([1]) is None


def test_older_issues_keep_their_dates_alone_and_then_one_a_month_stays(tmp_path):
    ledger = Outlooks(tmp_path / "plan.db")
    first = date(2026, 1, 1)
    for night in range(120):
        at = 1e9 + night * 86400.0
        ledger.issue([outlook(at=at)], at, day=first + timedelta(days=night))
    kept = {first + timedelta(days=round((at - 1e9) / 86400)) for at in ledger.issues()}
    newest = {first + timedelta(days=night) for night in range(106, 120)}
    assert kept == newest | {date(2026, month, 1) for month in (1, 2, 3, 4)}
    told = ledger.ledger("s0")
    assert all(one.dates == outlook().dates for one in told)
    assert [len(ledger.path("s0", one.issued_at)) for one in told[-4:]] == [0, 0, 1096, 1096]
    assert (told[-3].events, told[-2].events) == ((), outlook().events)


def test_a_plan_of_the_first_version_is_brought_up_to_date_and_read(tmp_path):
    file = tmp_path / "plan.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        for statement in schema.MIGRATIONS[0]:
            db.execute(statement)
        db.execute("INSERT INTO issue (id, at) VALUES (1, 1000.0)")
        db.execute(
            "INSERT INTO outlook VALUES (1, 's0', 'nas-01', 'm', '[]', '2025-01-01', '2026-01-01', 5.0, NULL, NULL,"
            " '[[1.0, 0.5, \"2028-02-29\"]]', '[[1.0, null]]', '[]', '{}', NULL)"
        )
        db.execute("PRAGMA user_version = 1")
        db.commit()
    (found,) = Outlooks(file).latest()
    assert (found.quantity, found.unit, found.limit, found.date) == (
        "storage",
        "bytes",
        None,
        date(2028, 2, 29),
    )
    Outlooks(file).issue([outlook(at=2000.0)], 2000.0, day=date(2026, 1, 2))
    assert len(Outlooks(file).issues()) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("labels", "zzz"),
        ("labels", '[["store", 5]]'),
        ("first", "zzz"),
        ("last", b"\xff"),
        ("target", b"\xff"),
        ("used", "zzz"),
        ("used", float("inf")),
        ("capacity", "zzz"),
        ("room", float("-inf")),
        ("dates", "[[1]]"),
        ("dates", "[" * 100_000),
        ("reasons", "5"),
        ("chances", "[[[], 5, 5]]"),
        ("events", '[["2026-13-01", 5]]'),
        ("rules", "null"),
        ("order_by", "soon"),
    ],
)
def test_a_row_that_is_damaged_is_told_as_such_and_never_taken_for_figures(tmp_path, column, value):
    """Rows bear no checksum, and SQLite takes a flipped byte inside a value for what was written."""
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0)
    with contextlib.closing(sqlite3.connect(tmp_path / "plan.db", isolation_level=None)) as db:
        db.execute(f"UPDATE outlook SET {column} = ?", (value,))
    for ask in (ledger.latest, lambda: ledger.issued(1000.0), lambda: ledger.ledger("s0")):
        with pytest.raises(PlanError, match=r"what plan\.db says of s0 is damaged: run jauge plan"):
            ask()


@pytest.mark.parametrize(
    "path", [b"", b"nonsense", zlib.compress(b"xx"), zlib.compress(b"0" * 8_000_000)[:400]]
)
def test_a_path_that_is_damaged_is_told_as_such(tmp_path, path):
    ledger = Outlooks(tmp_path / "plan.db")
    ledger.issue([outlook()], 1000.0)
    with contextlib.closing(sqlite3.connect(tmp_path / "plan.db", isolation_level=None)) as db:
        db.execute("UPDATE outlook SET path = ?", (path,))
    with pytest.raises(PlanError, match="is damaged"):
        ledger.path("s0")
