"""Forecasts held against what came, each number worked out by hand; from real files."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from tampering import tamper

from exporters.history import sqlite
from exporters.history.days import number
from exporters.plan.frozen import (
    BRIDGED,
    CLEANED,
    COMMITTED,
    EXTENDED,
    FALL,
    HORIZONS,
    MEASURED,
    MISREAD,
    REDUCED,
    RISE,
)
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlook, Outlooks
from forecasting.accuracy import judge, table
from forecasting.freezing import Freezer
from forecasting.scoring import Summary, score
from inventory.metrics import labels

USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
START = dt.date(2026, 1, 1)
ISSUE = 200
"""Day of the issue, counted from START; the store holds 1,000 then, and gains 1 a day."""

LINE = 800.0 + np.arange(400)
OFFSETS = np.array([0.0, -2.0, 3.0, -4.0, 5.0])
"""Mean, lo80, hi80, lo95, hi95 about the central path."""


def at(day):
    """Noon of a day counted from START."""
    return dt.datetime.combine(START + dt.timedelta(days=day), dt.time(12), dt.UTC).timestamp()


def keep(folder, store, values, size=None, target="nas-01"):
    """A history file with these values, NaN where nothing was measured."""
    writer = sqlite.Writer(folder / "history.db", "Europe/Paris", clock=lambda: at(600))
    for metric, column in ((USED, values), (SIZE, np.array([]) if size is None else size)):
        writer.keep_days(
            sqlite.Day(
                target, metric, labels(store=store, kind="pool"), number(START) + int(day), float(column[day])
            )
            for day in np.flatnonzero(np.isfinite(column))
        )
    writer.close()
    return sqlite.Reader(folder / "history.db")


def said(store="p0", rate=1.0, used=1000.0, target="nas-01", **changes):
    """An outlook of day ISSUE that lets the store grow by `rate` a day."""
    ahead = np.arange(1, 1097)
    last = START + dt.timedelta(days=ISSUE)
    path = {
        name: used + rate * ahead + offset
        for name, offset in zip(("mean", "lo80", "hi80", "lo95", "hi95"), OFFSETS, strict=True)
    }
    days = pd.date_range(last + dt.timedelta(days=1), periods=1096)
    pairs = labels(store=store, kind="pool")
    name = ",".join(f'{key}="{value}"' for key, value in (("target", target), *pairs))
    given = {
        "unique_id": f"{USED}{{{name}}}",
        "target": target,
        "metric": USED,
        "labels": pairs,
        "issued_at": at(ISSUE),
        "first": START,
        "last": last,
        "used": used,
        "capacity": None,
        "rate": rate,
        "dates": {},
        "reasons": {},
        "figures": {"move": 30.0},
        "path": pd.DataFrame({"ds": days, **path}),
    }
    return Outlook(**{**given, **changes})


def issue(folder, *outlooks, day=ISSUE):
    """Issue and freeze; the ledger."""
    freezer = Freezer(number(START) + day, at(day))
    Outlooks(folder / "plan.db").issue(freezer.watch(outlooks), at(day), freezer.write)
    assert freezer.kept == len(outlooks)
    return Ledger(folder / "plan.db")


def outcome(ledger, horizon=7):
    return ledger.outcome(number(START) + ISSUE, horizon)


def test_a_forecast_that_held_is_scored_by_hand(tmp_path):
    """1,007 came. Half the growth was forecast: 1,003.5, with 1,001.5 to 1,006.5 (80 %) and 999.5 to 1,008.5 (95 %).

    The miss is 3.5, which is 0.35 % of the level and 3.5 thirtieths of a monthly move of 30. Losses of the five
    quantiles: 0.5 x 3.5, 0.1 x 5.5, 0.9 x 0.5, 0.025 x 7.5 and 0.025 x 1.5, together 2.975.
    """
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said(rate=0.5))
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(1, 1, 0, 0)
    scores = judge(ledger.night(number(START) + ISSUE), 7, outcome(ledger))
    assert scores.miss[0] == pytest.approx(3.5)
    assert scores.share[0] == pytest.approx(0.0035)
    assert scores.moves[0] == pytest.approx(3.5 / 30)
    assert scores.pinball[0] == pytest.approx(2.975 / 5)
    assert (scores.in80[0], scores.in95[0], scores.above[0], scores.below[0]) == (False, True, True, False)
    row = table(ledger).iloc[0]
    assert (row["quantity"], row["kind"], row["horizon"]) == ("storage", "pool", 7)
    assert (row["due"], row["scored"], row["in80"], row["in95"], row["above"]) == (1, 1, 0, 1, 1)
    assert row["mean_share"] == pytest.approx(0.0035)
    assert row["mean_pinball"] == pytest.approx(0.595 / 1000)
    assert math.isnan(row["missed_ratio"])


@pytest.mark.parametrize(
    ("rate", "held"),
    [(1.0, (True, True, False, False)), (1 + 2.1 / 7, (False, True, False, True)),
     (1 + 4.1 / 7, (False, False, False, True)), (1 - 5.1 / 7, (False, False, True, False)),
     (1 + 2 / 7, (True, True, False, False)), (1 - 3 / 7, (True, True, False, False))],
)  # fmt: skip
def test_a_value_on_the_edge_of_a_band_is_inside_it(tmp_path, rate, held):
    """The bands reach 2 and 4 below the path, 3 and 5 above it."""
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said(rate=rate))
    score(reader, ledger, at(ISSUE + 13))
    scores = judge(ledger.night(number(START) + ISSUE), 7, outcome(ledger))
    assert (scores.in80[0], scores.in95[0], scores.above[0], scores.below[0]) == held


def test_scoring_again_changes_nothing_and_nothing_is_scored_before_it_settles(tmp_path):
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said())
    assert score(reader, ledger, at(ISSUE + 12)) == Summary(0, 0, 0, 0)
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(1, 1, 0, 0)
    before = ledger.tallies(), ledger.standings(said().unique_id)
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(0, 0, 0, 0)
    assert (ledger.tallies(), ledger.standings(said().unique_id)) == before


def without(*days):
    values = LINE.copy()
    values[[ISSUE + day for day in days]] = np.nan
    return values


@pytest.mark.parametrize(
    ("values", "state"),
    [
        (LINE, MEASURED),
        (without(7), BRIDGED),
        (without(5, 6, 7, 8), BRIDGED),
        (without(4, 5, 6, 7, 8), 0),
        (LINE[: ISSUE + 7], 0),
    ],
)
def test_a_day_without_a_value_is_bridged_where_the_gap_is_short_and_else_counted(tmp_path, values, state):
    reader = keep(tmp_path, "p0", values)
    ledger = issue(tmp_path, said())
    summary = score(reader, ledger, at(ISSUE + 13))
    found = outcome(ledger)
    assert found.state[0] == state
    assert summary == (Summary(1, 1, 0, 0) if state else Summary(1, 0, 1, 0))
    if state:
        assert found.came[0] == pytest.approx(7.0)
    (standing,) = ledger.standings(said().unique_id)
    assert (standing.due, standing.scored, standing.in80) == (1, int(state > 0), int(state > 0))


def test_a_store_that_history_does_not_know_is_counted_and_not_scored(tmp_path):
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said(), said("p1"))
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(1, 1, 1, 0)
    assert list(outcome(ledger).state) == [MEASURED, 0]


def test_a_forecast_is_judged_without_the_glitch_of_its_day(tmp_path):
    values = LINE.copy()
    values[ISSUE + 7 : ISSUE + 9] = 0.0
    reader = keep(tmp_path, "p0", values)
    ledger = issue(tmp_path, said())
    score(reader, ledger, at(ISSUE + 13))
    assert outcome(ledger).state[0] == MEASURED | CLEANED
    assert outcome(ledger).came[0] == pytest.approx(7.0)


def test_a_forecast_that_set_out_from_a_glitch_says_so(tmp_path):
    values = LINE.copy()
    values[ISSUE] = 3000.0
    reader = keep(tmp_path, "p0", values)
    ledger = issue(tmp_path, said(used=3000.0))
    score(reader, ledger, at(ISSUE + 13))
    assert outcome(ledger).state[0] == MEASURED | MISREAD
    assert outcome(ledger).came[0] == pytest.approx(1007 - 3000)


@pytest.mark.parametrize(("size", "state"), [(500.0, RISE), (-300.0, FALL)])
def test_a_jump_in_between_is_told_with_its_day_and_size(tmp_path, size, state):
    values = LINE + np.where(np.arange(400) >= ISSUE + 3, size, 0.0)
    reader = keep(tmp_path, "p0", values)
    ledger = issue(tmp_path, said())
    score(reader, ledger, at(ISSUE + 13))
    found = outcome(ledger)
    assert found.state[0] == MEASURED | state
    assert found.jump[0] == pytest.approx(size, abs=1.5)
    assert found.jumped[0] == 3
    assert [key.event for _, _, key, _ in ledger.tallies()] == [True]
    last = ledger.standings(said().unique_id)[0].last
    assert (last.jumped - number(START), last.due - number(START)) == (ISSUE + 3, ISSUE + 7)
    assert last.came == pytest.approx(1007 + size)


@pytest.mark.parametrize(("after", "state"), [(3000.0, EXTENDED), (1500.0, REDUCED), (2001.0, 0)])
def test_a_size_that_changed_in_between_is_told(tmp_path, after, state):
    sizes = np.where(np.arange(400) >= ISSUE + 5, after, 2000.0)
    reader = keep(tmp_path, "p0", LINE, sizes)
    ledger = issue(tmp_path, said(capacity=2000.0))
    score(reader, ledger, at(ISSUE + 13))
    assert outcome(ledger).state[0] == MEASURED | state


@pytest.mark.parametrize(("day", "state"), [(0, 0), (1, COMMITTED), (7, COMMITTED), (8, 0)])
def test_a_committed_scenario_in_between_is_told(tmp_path, day, state):
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said())
    begins = {said().unique_id: [number(START) + ISSUE + day]}
    score(reader, ledger, at(ISSUE + 13), committed=begins)
    assert outcome(ledger).state[0] == MEASURED | state


@pytest.mark.parametrize(
    ("central", "limit", "expected"),
    [
        (25, 1020.0, (1, 1, 1, 0, 0, 5.0)),  # said for day 25, came on day 20
        (0, 1020.0, (1, 1, 0, 1, 0, 11.0)),  # not said: cut at 31
        (40, 1020.0, (1, 1, 0, 1, 0, 11.0)),  # said for later than the horizon: the same
        (25, 1040.0, (1, 0, 1, 0, 1, 6.0)),  # said, came on day 40
        (0, 1040.0, (1, 0, 0, 0, 0, 0.0)),
        (25, 1000.0, (0, 0, 0, 0, 0, 0.0)),  # full already
        (25, math.nan, (0, 0, 0, 0, 0, 0.0)),
    ],
)
def test_dates_are_held_against_the_day_that_the_limit_was_reached(tmp_path, central, limit, expected):
    reader = keep(tmp_path, "p0", LINE)
    last = START + dt.timedelta(days=ISSUE)
    room = None if math.isnan(limit) else limit
    dates = {(1.0, 0.5): last + dt.timedelta(days=central) if central else None}
    ledger = issue(tmp_path, said(limit=room, dates=dates))
    score(reader, ledger, at(ISSUE + 36))
    counts = [one for _, horizon, _, one in ledger.tallies() if horizon == 30]
    found = counts[0]
    assert (found.judged, found.crossed, found.alarms, found.missed, found.false, found.days) == expected


def test_roles_and_the_age_of_the_history_are_told_apart(tmp_path):
    reader = keep(tmp_path, "p0", LINE)
    young = said(first=START + dt.timedelta(days=ISSUE - 80))
    ledger = issue(tmp_path, young)
    score(reader, ledger, at(ISSUE + 13), {"nas-01": "pacs"})
    row = table(ledger, ["role", "age", "event", "horizon"]).iloc[0]
    assert (row["role"], row["age"], row["event"], row["horizon"]) == ("pacs", "young", False, 7)


def test_forecasts_of_a_target_that_was_renamed_are_scored_under_its_new_name(tmp_path):
    reader = keep(tmp_path, "p0", LINE, target="nas-new")
    ledger = issue(tmp_path, said())
    ledger.rename({"nas-01": "nas-new"})
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(1, 1, 0, 0)
    assert ledger.standings(said(target="nas-new").unique_id)[0].in80 == 1


def test_a_damaged_night_is_said_once_and_not_scored(tmp_path):
    reader = keep(tmp_path, "p0", LINE)
    ledger = issue(tmp_path, said())
    tamper(
        tmp_path / "plan.db",
        "UPDATE frozen SET block = CAST(substr(block, 1, length(block) - 1) || x'00' AS BLOB)",
    )
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(0, 0, 0, 1)
    assert score(reader, ledger, at(ISSUE + 13)) == Summary(0, 0, 0, 0)
    assert ledger.faults() == [(number(START) + ISSUE, 7, "damaged")]
    assert ledger.tallies() == []


def test_nights_that_were_missed_are_made_up_for(tmp_path):
    """The planner did not run for a year: all five horizons of that night are scored when it comes back."""
    reader = keep(tmp_path, "p0", 800.0 + np.arange(600))
    ledger = issue(tmp_path, said())
    assert score(reader, ledger, at(ISSUE + 371)) == Summary(5, 5, 0, 0)
    assert list(table(ledger)["in80"]) == [1] * len(HORIZONS)


def test_a_forecast_from_older_values_is_due_that_much_earlier(tmp_path):
    """The last value was of day 200, the issue of day 203: seven days ahead is day 207."""
    reader = keep(tmp_path, "p0", LINE)
    freezer = Freezer(number(START) + ISSUE + 3, at(ISSUE + 3))
    Outlooks(tmp_path / "plan.db").issue(freezer.watch([said()]), at(ISSUE + 3), freezer.write)
    ledger = Ledger(tmp_path / "plan.db")
    score(reader, ledger, at(ISSUE + 16))
    assert ledger.outcome(number(START) + ISSUE + 3, 7).came[0] == pytest.approx(7.0)


def test_an_issue_that_fails_freezes_nothing(tmp_path):
    from exporters.plan.schema import PlanError

    freezer = Freezer(number(START) + ISSUE, at(ISSUE))
    with pytest.raises(PlanError):
        Outlooks(tmp_path / "plan.db").issue(freezer.watch([said(), said()]), at(ISSUE), freezer.write)
    assert Ledger(tmp_path / "plan.db").nights() == []
    assert Ledger(tmp_path / "plan.db").series() == {}


def test_a_store_without_a_forecast_is_not_frozen(tmp_path):
    freezer = Freezer(number(START) + ISSUE, at(ISSUE))
    given = [said(path=None), said("p1")]
    assert Outlooks(tmp_path / "plan.db").issue(freezer.watch(given), at(ISSUE), freezer.write) == 2
    assert freezer.kept == 1


def test_the_memory_of_a_cluster_is_held_against_the_sum_of_its_nodes(tmp_path):
    """Two nodes of 400 + d and 390 + d on day d: 1,190 on the night's day, 1,204 a week later; 1,200 was forecast."""
    writer = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: at(600))
    for node, base, size in (("n1", 400.0, 2000.0), ("n2", 390.0, 3000.0)):
        for metric, values in (
            ("jauge_node_memory_used_bytes", base + np.arange(400)),
            ("jauge_node_memory_size_bytes", np.full(400, size)),
        ):
            writer.keep_days(
                sqlite.Day("hci-01", metric, labels(node=node), number(START) + day, float(value))
                for day, value in enumerate(values)
            )
    writer.close()
    whole = said(
        unique_id='jauge_node_memory_used_bytes{target="hci-01"}',
        target="hci-01",
        metric="jauge_node_memory_used_bytes",
        labels=(),
        quantity="memory",
        used=1190.0,
        capacity=5000.0,
        rate=10 / 7,
    )
    ledger = issue(tmp_path, whole)
    score(sqlite.Reader(tmp_path / "history.db"), ledger, at(ISSUE + 13))
    assert outcome(ledger).came[0] == pytest.approx(14.0)
    assert outcome(ledger).state[0] == MEASURED
    assert [key.quantity for _, _, key, _ in ledger.tallies()] == ["memory"]
