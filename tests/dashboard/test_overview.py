"""The first page: what asks for somebody, by how bad it is, and never more of it than a screen holds."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from pathlib import Path

import pytest
from asking import ask, words

from dashboard.app import create
from dashboard.data import Data
from dashboard.issues import TROUBLES, Issue
from dashboard.standing import Backup, Watched
from exporters.jobs import Job
from exporters.status import Status, TableStatus, TargetStatus
from inventory.checking import load
from inventory.state import open_state

DOWN = 30
ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets:
  - {name: old-01, address: 127.0.0.1, service: research}
  - {name: new-01, address: 127.0.0.1}
  - {name: backup-01, address: 127.0.0.1, protect: {rpo: 24h, jobs: [nightly]}}
"""


def job(**changes: object) -> Job:
    """A nightly job whose last good point is three hours old."""
    nightly = Job(
        "backup-01", "nightly", "", last=time.time() - 3 * 3600, points=3.0, protecting=True, result="ok"
    )
    return dataclasses.replace(nightly, **changes)  # type: ignore[arg-type]


@pytest.fixture
def estate(tmp_path: Path) -> Data:
    """Thirty targets that are down, one whose system nobody mends any more, and a backup that says that it went well."""
    now = time.time()
    names = [f"srv-{number:02}" for number in range(DOWN)]
    ranks = ["low", "normal", "high", "critical"]
    listed = "".join(
        f"  - {{name: {name}, address: 127.0.0.1, criticality: {ranks[place % 4]}}}\n"
        for place, name in enumerate(names)
    )
    (tmp_path / "estate.yml").write_text(ESTATE + listed)
    good = TableStatus("system", True, now - 10, 0.02, 5)
    bad = TableStatus("system", False, now - 10, 0.02, 0, reason="timeout")

    def up(name: str, **known: object) -> TargetStatus:
        return TargetStatus(name, True, now - 10, 0.1, now - 10, tables=(good,), **known)  # type: ignore[arg-type]

    told = (
        up("old-01", product="Windows Server 2008 R2", version="6.1.7601"),
        up("new-01", product="Windows Server 2025", version="10.0.26100"),
        up("backup-01", jobs=(job(protecting=False, reasons=("empty",)),)),
        *(TargetStatus(name, False, now - 10, 0.1, now - 7200, tables=(bad,)) for name in names),
    )
    (tmp_path / "status.json").write_text(json.dumps(dataclasses.asdict(Status(now, told))))
    return Data(load(tmp_path / "estate.yml"), tmp_path)


def page(data: Data, language: str = "en") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return re.sub(r"\s+", " ", words(ask(app, "/", "", language)))


def test_issues_come_by_kind_and_the_most_critical_of_a_kind_first(estate: Data) -> None:
    found = estate.overview()
    assert [TROUBLES.index(one.trouble) for one in found] == sorted(
        TROUBLES.index(one.trouble) for one in found
    )
    down = [one.about.target.criticality for one in found if isinstance(one.about, Watched)]
    assert down == ["critical"] * 7 + ["high"] * 7 + ["normal"] * 8 + ["low"] * 8


def test_a_job_that_says_that_it_went_well_and_made_no_restore_point_is_told_before_a_late_one(
    estate: Data,
) -> None:
    (found,) = [one for one in estate.overview() if isinstance(one.about, Backup)]
    assert found.trouble == "lying"
    assert not found.about.overdue  # type: ignore[union-attr]  # its last good point is three hours old


def test_a_page_names_a_dozen_of_a_kind_and_counts_the_others(estate: Data) -> None:
    shown = page(estate)
    assert len(set(re.findall(r"srv-\d\d", shown))) == 12
    assert f"and {DOWN - 12} more" in shown
    assert f"et {DOWN - 12} de plus" in page(estate, "fr")
    assert re.search(rf"Down {DOWN} of {DOWN + 3} ", shown)


def test_a_page_names_fewer_of_each_kind_where_many_kinds_would_push_the_last_one_out_of_sight(
    estate: Data,
) -> None:
    down = [one.about for one in estate.overview() if one.trouble == "down"]
    troubles = ("down", "late", "over", "partly")
    estate.overview = lambda: [Issue(trouble, about) for trouble in troubles for about in down]  # type: ignore[method-assign]
    shown = page(estate)
    assert shown.count(f"and {DOWN - 5} more") == 4
    assert len(re.findall(r"srv-\d\d", shown)) == 4 * 5


def test_a_target_out_of_support_is_named_with_its_system_and_the_day(estate: Data) -> None:
    shown = page(estate)
    # https://learn.microsoft.com/lifecycle/products/windows-server-2008-r2: extended support ended on 14 January 2020
    assert "Windows Server 2008 R2 SP1: its maker's support ended on 14 Jan 2020" in shown
    assert "Out of support 1 of" in shown
    assert "new-01" not in shown[shown.index("What needs attention") :]


def test_an_estate_in_which_nothing_is_wrong_says_what_was_looked_at(tmp_path: Path) -> None:
    now = time.time()
    (tmp_path / "estate.yml").write_text(ESTATE)
    good = (TableStatus("system", True, now - 10, 0.02, 5),)
    told = [
        TargetStatus(
            name, True, now - 10, 0.1, now - 10, tables=good, jobs=(job(),) if name == "backup-01" else ()
        )
        for name in ("old-01", "new-01", "backup-01")
    ]
    (tmp_path / "status.json").write_text(json.dumps(dataclasses.asdict(Status(now, tuple(told)))))
    shown = page(Data(load(tmp_path / "estate.yml"), tmp_path))
    assert "Nothing is down, late, unprotected, out of support or full within 180 days" in shown
