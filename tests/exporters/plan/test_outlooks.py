"""The ledger of what the planner issued."""

from __future__ import annotations

import dataclasses
import sqlite3
from datetime import date

import numpy as np
import pandas as pd
import pytest

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
    with sqlite3.connect(other) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(PlanError, match="version 99"):
        Outlooks(other).latest()
    (tmp_path / "text.db").write_text("this is not a database, whatever its name says" * 50)
    with pytest.raises(PlanError, match=r"text\.db"):
        Outlooks(tmp_path / "text.db").latest()
