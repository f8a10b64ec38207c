"""The nightly job, from a real history file to a real ledger."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from exporters.history import sqlite
from exporters.history.lock import Lock
from exporters.plan.outlooks import Outlooks
from exporters.plan.schema import PlanError
from forecasting.capacity import Rules
from forecasting.plan import SIZE, USED, plan, project_stores
from forecasting.plan.batch import Committed
from forecasting.plan.night import night
from forecasting.runway import Known, look
from inventory.checking import load
from inventory.metrics import labels

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
TODAY = int(NOW // 86400)
GROWING, YOUNG = labels(store="p0", kind="pool"), labels(store="p1", kind="pool")


def days(target, store, used, size=None, ago=0):
    for metric, values in ((USED, used), (SIZE, size or [])):
        for place, value in enumerate(values):
            day = TODAY - ago - len(values) + 1 + place - 1
            yield sqlite.Day(target, metric, store, day, float(value))


@pytest.fixture
def stores(tmp_path):
    writer = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: NOW)
    line = 1000.0 + np.arange(700) + np.random.default_rng(5).normal(0, 0.5, 700)
    capacity = [1500.0] * 650 + [2000.0] * 50
    writer.keep_days(
        [
            *days("nas-01", GROWING, line, capacity),
            *days("nas-01", YOUNG, line[:10], capacity[:10]),
            *days("nas-02", GROWING, line),
            *days("gone", GROWING, line[:300], ago=60),
        ]
    )
    writer.close()
    return sqlite.Reader(tmp_path / "history.db"), Outlooks(tmp_path / "plan.db")


def test_every_living_store_gets_an_outlook_with_dates_or_a_reason(stores):
    reader, ledger = stores
    summary = plan(reader, ledger, NOW)
    assert (summary.stores, summary.dated, summary.stale) == (3, 1, 1)
    assert summary.reasons == {"capacity unknown": 1, "not enough history (< 14 days)": 1}
    by_store = {(o.target, o.labels): o for o in ledger.latest()}
    full = by_store["nas-01", GROWING]
    assert full.capacity == 2000.0
    assert full.last == dt.date(2026, 2, 28)
    assert full.rate == pytest.approx(1.0, rel=0.15)
    assert abs((full.date - (full.last + dt.timedelta(days=301))).days) <= 30
    assert full.reasons[0.8] == "already over"
    assert by_store["nas-01", YOUNG].date is None
    assert by_store["nas-01", YOUNG].reason == "not enough history (< 14 days)"
    assert by_store["nas-02", GROWING].reason == "capacity unknown"


def test_the_path_of_a_store_starts_the_day_after_its_last(stores):
    reader, ledger = stores
    plan(reader, ledger, NOW)
    name = next(o.unique_id for o in ledger.latest("nas-02"))
    path = ledger.path(name)
    assert path["ds"].iloc[0].date() == dt.date(2026, 3, 1)
    assert len(path) == 1096
    assert (path["lo95"] <= path["mean"]).all()


def test_a_ceiling_brings_the_date_nearer(stores):
    reader, ledger = stores
    plan(reader, ledger, NOW)
    before = ledger.latest("nas-01")[0].date
    plan(reader, ledger, NOW + 1, ceilings={"nas-01": 0.9})
    after = ledger.latest("nas-01")[0].date
    assert 150 < (before - after).days < 250


def test_an_empty_history_gives_an_empty_issue(tmp_path):
    sqlite.Writer(tmp_path / "history.db", "UTC").close()
    ledger = Outlooks(tmp_path / "plan.db")
    assert plan(sqlite.Reader(tmp_path / "history.db"), ledger, NOW).stores == 0
    assert ledger.issues() == [NOW]


# --- sizes, pools, orders -----------------------------------------------------------------------------

METADATA = "jauge_storage_metadata_used_ratio"
DAY = dt.timedelta(days=1)


def rising(start, slope, days=700, seed=5, noise=0.2):
    """A line with a little noise, which ends exactly where it should."""
    line = start + slope * np.arange(days) + np.random.default_rng(seed).normal(0, noise, days)
    line[-1] = start + slope * (days - 1)
    return line


def written(folder, *rows):
    """A history of (target, metric, labels, values, days ago of the last one), and a plan beside it."""
    writer = sqlite.Writer(folder / "history.db", "Europe/Paris", clock=lambda: NOW)
    for target, metric, pairs, values in rows:
        writer.keep_days(
            sqlite.Day(target, metric, pairs, TODAY - len(values) + place, float(value))
            for place, value in enumerate(values)
        )
    writer.close()
    return sqlite.Reader(folder / "history.db"), Outlooks(folder / "plan.db")


def outlooks(folder, *rows, **more):
    reader, ledger = written(folder, *rows)
    plan(reader, ledger, NOW, **more)
    return {dict(one.labels).get("store", ""): one for one in ledger.latest()}


def rules_of(folder, target):
    file = folder / "estate.yml"
    head = "credentials: {c: {snmp: v2c, community: file:/etc/hostname}}\ndefaults: {credential: c}\n"
    file.write_text(f"{head}targets:\n  - {target}\n")
    return Rules.of(load(file))


def test_an_extension_is_an_event_of_the_size_and_does_not_move_the_trend(tmp_path):
    """1 a day from 1,699 on: 301 days to 2,000, whether the size was 2,000 all along or was 1,800 until 60 days ago."""
    a, b = labels(store="extended", kind="pool"), labels(store="always", kind="pool")
    line = rising(1000, 1)
    found = outlooks(
        tmp_path,
        ("x", USED, a, line), ("x", SIZE, a, [1800.0] * 640 + [2000.0] * 60),
        ("x", USED, b, line), ("x", SIZE, b, [2000.0] * 700),
    )  # fmt: skip
    assert found["extended"].dates == found["always"].dates
    assert found["extended"].rate == found["always"].rate
    assert abs((found["extended"].date - found["extended"].last).days - 301) <= 15
    (step,) = found["extended"].extensions
    assert (step.day, step.size) == (found["extended"].last - 59 * DAY, 200.0)
    assert found["always"].extensions == ()


def test_a_size_that_is_zero_or_nonsense_for_a_day_does_not_move_the_date(tmp_path):
    sound, faulty = labels(store="sound", kind="pool"), labels(store="faulty", kind="pool")
    size = np.full(700, 2000.0)
    broken = size.copy()
    broken[[300, 698]], broken[699] = 0.0, 20.0
    line = rising(1000, 1)
    found = outlooks(
        tmp_path, ("x", USED, sound, line), ("x", SIZE, sound, size), ("x", USED, faulty, line), ("x", SIZE, faulty, broken)
    )  # fmt: skip
    assert found["faulty"].dates == found["sound"].dates
    assert found["faulty"].extensions == ()


def test_thresholds_are_shares_of_what_may_be_filled_and_the_order_comes_before_the_early_date(tmp_path):
    """2,400 on four nodes is 1,800 without one, 1,620 under 90 %: 80 % of it is 1,296. 1 a day from 1,100 on."""
    store = labels(store="p0", kind="pool")
    rules = rules_of(
        tmp_path,
        "{name: x, address: 127.0.0.1, lead_time: 12w, capacity: {nodes: 4, ceiling: 0.9}}",
    )
    (one,) = outlooks(
        tmp_path, ("x", USED, store, rising(401, 1)), ("x", SIZE, store, [2400.0] * 700), rules=rules
    ).values()
    assert one.limit == pytest.approx(1620)
    assert one.rules == (("size", 2400.0), ("node", 1800.0), ("ceiling", pytest.approx(1620.0)))
    assert abs((one.dates[0.8, 0.5] - one.last).days - 196) <= 15
    assert abs((one.dates[0.9, 0.5] - one.last).days - 358) <= 25
    assert abs((one.dates[1.0, 0.5] - one.last).days - 520) <= 40
    for threshold in (0.8, 0.9, 1.0):
        early, central, late = (one.dates[threshold, quantile] for quantile in (0.1, 0.5, 0.9))
        assert early <= central <= late
    assert one.order_by == one.dates[1.0, 0.1] - 84 * DAY
    assert one.level == "probable"
    assert one.chances[0.8][365] > 0.9
    assert one.chances[1.0][30] < 0.1


def test_what_is_full_should_have_been_ordered_before_the_day_on_which_it_became_so(tmp_path):
    """1 a day up to 1,099: over 1,000 for the last 100 days."""
    store = labels(store="p0", kind="pool")
    rules = rules_of(tmp_path, "{name: x, address: 127.0.0.1, lead_time: 4w}")
    (one,) = outlooks(
        tmp_path,
        ("x", USED, store, rising(400, 1, noise=0)),
        ("x", SIZE, store, [1000.0] * 700),
        rules=rules,
    ).values()
    assert one.reason == "already over"
    assert one.order_by == one.last - (99 + 28) * DAY


@pytest.mark.parametrize(("reading", "limit"), [(16_990.0, 2000.0), (0.0, 1600.0), (0.0, 2000.0)])
def test_a_reading_of_nonsense_on_the_last_day_neither_fills_a_store_nor_empties_it(tmp_path, reading, limit):
    """1 a day up to 1,699: 1,698 is the last that can be believed."""
    store = labels(store="p0", kind="pool")
    used = rising(1000, 1)
    used[-1] = reading
    (one,) = outlooks(tmp_path, ("x", USED, store, used), ("x", SIZE, store, [limit] * 700)).values()
    assert one.used == pytest.approx(1698, abs=1)
    assert (one.reason == "already over") == (limit < 1698)
    if limit > 1698:
        assert (one.date - one.last).days == pytest.approx(limit - 1699, abs=15)


def test_a_store_that_is_merely_possibly_full_is_no_more_than_that_and_noise_is_not_ordered_for(tmp_path):
    calm, wild = labels(store="calm", kind="pool"), labels(store="wild", kind="pool")
    noise = 1000 + np.random.default_rng(3).normal(0, 60, 700)
    rules = rules_of(tmp_path, "{name: x, address: 127.0.0.1, lead_time: 4w}")
    found = outlooks(
        tmp_path,
        ("x", USED, calm, rising(1000, 0.02)), ("x", SIZE, calm, [5000.0] * 700),
        ("x", USED, wild, noise), ("x", SIZE, wild, [1300.0] * 700),
        rules=rules,
    )  # fmt: skip
    assert found["calm"].reason == "no crossing within 3 years"
    assert (found["calm"].level, found["calm"].order_by) == (None, None)
    wild = found["wild"]
    assert wild.reason == "no trend: noise"
    assert {day for (threshold, _), day in wild.dates.items() if threshold == 1.0} == {None}
    assert (wild.level, wild.order_by) == (None, None)
    assert wild.chance is not None
    assert wild.chance >= 0.1
    estate = load(tmp_path / "estate.yml")
    seen = look(Known(estate, wild.last, outlooks=Outlooks(tmp_path / "plan.db").latest()))
    (apart,) = [one for one in seen.dateless if one.what == "wild"]
    assert (apart.reason, apart.chance) == (wild.reason, wild.chance)


def test_in_a_thin_pool_the_pool_decides(tmp_path):
    """The pool has 100 days left, its volumes three years and more; the volume elsewhere is not concerned."""
    pool = labels(store="thin", kind="pool")
    inside, elsewhere = labels(store="v1", kind="volume", pool="thin"), labels(store="v2", kind="volume")
    own = labels(store="v3", kind="volume", pool="thin")
    found = outlooks(
        tmp_path,
        ("x", USED, pool, rising(1000, 1)), ("x", SIZE, pool, [1799.0] * 700),
        ("x", USED, inside, rising(100, 0.1)), ("x", SIZE, inside, [5000.0] * 700),
        ("x", USED, own, rising(1000, 1)), ("x", SIZE, own, [1729.0] * 700),
        ("x", USED, elsewhere, rising(100, 0.1)), ("x", SIZE, elsewhere, [5000.0] * 700),
        ("y", USED, inside, rising(100, 0.1)), ("y", SIZE, inside, [5000.0] * 700),
    )  # fmt: skip
    assert abs((found["thin"].date - found["thin"].last).days - 100) <= 10
    every = {(o.target, dict(o.labels)["store"]): o for o in Outlooks(tmp_path / "plan.db").latest()}
    member = every["x", "v1"]
    assert member.dates == found["thin"].dates
    assert member.cause == found["thin"].unique_id
    assert member.reason is None
    assert found["v3"].date < found["thin"].date  # full by itself in 30 days
    assert found["v3"].cause == ""
    assert found["v2"].cause == ""
    assert every["y", "v1"].cause == ""


def test_what_is_cut_out_of_a_pool_is_enlarged_and_only_the_pool_is_ordered_for(tmp_path):
    """1 a day, 301 days to 2,000 each; a volume of a target that tells no pool is bought for itself."""
    pool, named = labels(store="thin", kind="pool"), labels(store="v1", kind="filesystem", pool="thin")
    volume, disk = labels(store="v2", kind="volume"), labels(store="/", kind="filesystem")
    elsewhere = labels(store="v3", kind="volume")
    rules = rules_of(
        tmp_path,
        "{name: x, address: 127.0.0.1, lead_time: 4w}\n  - {name: y, address: 127.0.0.2, lead_time: 4w}",
    )
    sized = [("x", pool), ("x", named), ("x", volume), ("x", disk), ("y", elsewhere)]
    found = outlooks(
        tmp_path,
        *[(target, USED, store, rising(1000, 1)) for target, store in sized],
        *[(target, SIZE, store, [2000.0] * 700) for target, store in sized],
        rules=rules,
    )
    assert {name for name, one in found.items() if one.date is not None} == {"thin", "v1", "v2", "/", "v3"}
    assert {name for name, one in found.items() if one.order_by is not None} == {"thin", "/", "v3"}


def test_a_full_pool_fills_what_is_in_it_and_a_pool_in_a_group_has_its_space_already(tmp_path):
    group, thin = labels(store="vg0", kind="pool"), labels(store="vg0/thin", kind="pool", pool="vg0")
    inside = labels(store="v1", kind="volume", pool="vg0")
    found = outlooks(
        tmp_path,
        ("x", USED, group, [1000.0] * 700), ("x", SIZE, group, [1000.0] * 700),
        ("x", USED, thin, rising(100, 0.1)), ("x", SIZE, thin, [900.0] * 700),
        ("x", USED, inside, rising(100, 0.1)), ("x", SIZE, inside, [900.0] * 700),
    )  # fmt: skip
    assert found["vg0/thin"].reason != "already over"
    assert found["vg0/thin"].cause == ""
    assert found["v1"].reason == "already over"
    assert found["v1"].cause == found["vg0"].unique_id


def test_a_thin_pool_is_full_when_its_metadata_are(tmp_path):
    """Metadata at 0.76, growing by 0.0008 a day: full in 300 days, long before the pool's bytes."""
    pool = labels(store="thin", kind="pool")
    inside = labels(store="v1", kind="volume", pool="thin")
    reader, ledger = written(
        tmp_path,
        ("x", USED, pool, rising(100, 0.1)), ("x", SIZE, pool, [5000.0] * 700),
        ("x", METADATA, pool, rising(0.76 - 0.0008 * 699, 0.0008, noise=0.0002)),
        ("x", USED, inside, rising(100, 0.1)), ("x", SIZE, inside, [5000.0] * 700),
    )  # fmt: skip
    plan(reader, ledger, NOW)
    found = {(one.quantity, dict(one.labels)["store"]): one for one in ledger.latest()}
    metadata = found["metadata", "thin"]
    assert abs((metadata.date - metadata.last).days - 300) <= 30
    assert found["storage", "thin"].date == metadata.date
    assert found["storage", "thin"].cause == metadata.unique_id
    assert found["storage", "v1"].date == metadata.date


def test_pools_that_are_in_each_other_do_not_hang_the_planner(tmp_path):
    one, other = labels(store="a", kind="volume", pool="b"), labels(store="b", kind="volume", pool="a")
    assert len(outlooks(tmp_path, ("x", USED, one, [1.0] * 20), ("x", USED, other, [1.0] * 20))) == 2


def test_raw_bytes_get_a_runway_of_their_own(tmp_path):
    store = labels(store="folder", kind="pool")
    (one,) = outlooks(
        tmp_path,
        ("x", "jauge_storage_raw_used_bytes", store, rising(1000, 1)),
        ("x", "jauge_storage_raw_bytes", store, [2000.0] * 700),
    ).values()
    assert one.quantity == "raw_storage"
    assert one.rules == (("raw", 2000.0),)
    assert abs((one.date - one.last).days - 301) <= 15


def test_a_young_store_that_is_full_says_so(tmp_path):
    store = labels(store="p0", kind="pool")
    (one,) = outlooks(tmp_path, ("x", USED, store, [95.0] * 5), ("x", SIZE, store, [100.0] * 5)).values()
    assert one.reasons == {0.8: "already over", 0.9: "already over", 1.0: "not enough history (< 14 days)"}
    assert one.rate is None


# --- what is decided ----------------------------------------------------------------------------------


@pytest.fixture
def growing(tmp_path):
    """1 a day from 1,699 on, of 2,000."""
    store = labels(store="p0", kind="pool")
    reader, ledger = written(
        tmp_path, ("x", USED, store, rising(1000, 1)), ("x", SIZE, store, [2000.0] * 700)
    )
    plan(reader, ledger, NOW)
    return reader, ledger, ledger.latest()[0]


def test_what_is_decided_reserves_its_place_and_what_is_bought_arrives(growing):
    """200 more from the 50th day on: 100 days earlier than 301. 300 of size on the 100th: 300 days later, of which 90 % count."""
    reader, ledger, before = growing
    name = before.unique_id
    step = np.repeat((np.arange(1096) >= 49)[:, None] * np.array([[100.0, 200.0, 300.0]]), 1, axis=0)
    plan(reader, ledger, NOW, committed=Committed({name: step}))
    reserved = ledger.latest()[0]
    assert abs((before.date - reserved.date).days - 200) <= 20
    assert (reserved.rate, reserved.used) == (before.rate, before.used)
    assert [reserved.figures[key] for key in ("added_low", "added", "added_high")] == [100, 200, 300]
    size = (np.arange(1096) >= 99) * 300.0
    plan(reader, ledger, NOW, committed=Committed(capacities={name: size}))
    bought = ledger.latest()[0]
    assert abs((bought.date - before.date).days - 300) <= 40
    assert [(event.day, event.size) for event in bought.ordered] == [(before.last + 100 * DAY, 300.0)]
    assert bought.limit == 2000


def test_one_projection_again_with_a_scenario_is_that_of_the_night_without_one(growing):
    reader, _, night = growing
    name = night.unique_id
    (again,) = project_stores(reader, [name], NOW, Rules())
    assert dataclasses.replace(again, packed=None) == night
    (moved,) = project_stores(reader, [name], NOW, Rules(), {name: np.full((30, 3), 100.0)})
    assert abs((night.date - moved.date).days - 100) <= 15
    assert project_stores(reader, ["nobody"], NOW, Rules()) == []


def test_the_figures_say_what_would_move_the_date(growing):
    """200 more of size, 10 % of 2,000: 200 days later at 1 a day. One more week of 7: some days earlier."""
    _, _, one = growing
    assert one.figures["more"] == 200
    central = (one.date - one.last).days
    assert abs(one.figures["more_date"] - central - 200) <= 25
    assert 6 <= one.figures["peak"] <= 9
    assert 4 <= central - one.figures["peak_date"] <= 12


# --- the night's run ----------------------------------------------------------------------------------


def test_a_swing_of_the_week_is_not_told_as_growth(tmp_path):
    """800 on working days and 300 at weekends, for 125 days that begin on a Sunday and end on a Friday or the like."""
    store = labels(store="p", kind="pool")
    week = [800.0] * 5 + [300.0] * 2
    values = (week * 19)[6 : 6 + 125]
    (one,) = outlooks(tmp_path, ("x", USED, store, values), ("x", SIZE, store, [1000.0] * 125)).values()
    assert one.figures["swing"] == pytest.approx(500.0)
    assert values[-1] - values[0] == 500.0
    assert one.figures["span"] % 7 == 0
    assert one.figures["grown"] == 0.0


def fleet(folder, count):
    rows = []
    for number in range(count):
        store = labels(store=f"v{number:03d}", kind="volume")
        rows += [
            ("x", USED, store, rising(1000 + number, 0.5 + number % 7 / 5, days=200, seed=number)),
            ("x", SIZE, store, [1500.0] * 200),
        ]
    return written(folder, *rows)


def test_a_second_run_of_a_day_replaces_the_first_and_says_the_same(tmp_path):
    reader, ledger = fleet(tmp_path, 3)
    plan(reader, ledger, NOW)
    first = ledger.latest()
    plan(reader, ledger, NOW)
    assert (ledger.latest(), ledger.issues()) == (first, [NOW])
    plan(reader, ledger, NOW + 3600)
    assert [dataclasses.replace(one, issued_at=NOW) for one in ledger.latest()] == first
    assert ledger.issues() == [NOW + 3600]


def test_days_are_those_of_the_estate(tmp_path):
    """23:30 in London is the next day in Paris, in winter."""
    reader, ledger = fleet(tmp_path, 1)
    evening = dt.datetime(2026, 2, 28, 22, 30, tzinfo=dt.UTC).timestamp()
    plan(reader, ledger, evening)
    plan(reader, ledger, evening + 3600)
    assert len(ledger.issues()) == 2


def test_processes_say_what_one_says(tmp_path):
    reader, ledger = fleet(tmp_path, 300)
    told = []
    plan(reader, ledger, NOW)
    alone = ledger.latest()
    plan(reader, ledger, NOW, workers=2, progress=lambda done, total: told.append((done, total)))
    assert ledger.latest() == alone
    assert told == [(128, 300), (256, 300), (300, 300)]
    assert len(ledger.path(alone[7].unique_id)) == 1096


def test_an_earlier_day_can_be_planned_again_and_is_not_the_latest(tmp_path):
    reader, ledger = fleet(tmp_path, 1)
    plan(reader, ledger, NOW)
    plan(reader, ledger, NOW - 100 * 86400)
    assert ledger.latest()[0].last == dt.date(2026, 2, 28)
    earlier = ledger.issued(NOW - 100 * 86400)[0]
    assert earlier.last == dt.date(2026, 3, 1) - 100 * DAY


def test_two_planners_do_not_run_at_once(tmp_path):
    reader, ledger = fleet(tmp_path, 1)
    held = Lock(tmp_path / "plan.lock")
    with pytest.raises(PlanError, match=rf"process {os.getpid()}"):
        plan(reader, ledger, NOW)
    held.release()
    plan(reader, ledger, NOW)


def test_a_second_night_scores_nothing_while_another_is_at_work(tmp_path):
    """Forecasts of seven days have come due, and wait for whoever plans."""
    reader, ledger = fleet(tmp_path, 1)
    night(reader, ledger, NOW - 20 * 86400, Rules.ceiled({}))
    held = Lock(tmp_path / "plan.lock")
    with pytest.raises(PlanError, match=rf"process {os.getpid()}"):
        night(reader, ledger, NOW, Rules.ceiled({}))
    held.release()
    assert night(reader, ledger, NOW, Rules.ceiled({})).due.scored == 1


def test_a_planner_that_fails_lets_go_and_leaves_the_issue_before_it(tmp_path):
    reader, ledger = fleet(tmp_path, 1)
    plan(reader, ledger, NOW)

    class Broken(sqlite.Reader):
        def read(self, *_args, **_more):
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        plan(Broken(tmp_path / "history.db"), ledger, NOW + 86400)
    assert ledger.issues() == [NOW]
    plan(reader, ledger, NOW + 86400)


KILLED = """
import sys
from pathlib import Path
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.plan import plan
folder = Path(sys.argv[1])
if __name__ == "__main__":
    print("ready", flush=True)
    while True:
        plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), float(sys.argv[2]), workers=2)
        print("again", flush=True)
"""


@pytest.mark.timeout(600)
def test_a_planner_that_is_killed_leaves_a_whole_issue_and_no_process(tmp_path):
    reader, ledger = fleet(tmp_path, 300)
    plan(reader, ledger, NOW)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    chance = np.random.default_rng(1)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, str(script), str(tmp_path), str(NOW)],
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            process.stdout.readline()
            time.sleep(float(chance.uniform(0.5, 6)))
            process.send_signal(signal.SIGKILL)
        assert len(ledger.latest()) == 300
        with contextlib.closing(sqlite3.connect(tmp_path / "plan.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM outlook").fetchone() == (300,)
        _wait_until_gone(process.pid)
    plan(reader, ledger, NOW + 86400)


def _wait_until_gone(session):
    """No process of that session is left: the forecasting ones have seen that nobody waits for them."""
    for _ in range(600):
        if not any(_session(pid) == session for pid in psutil.pids()):
            return
        time.sleep(0.1)
    pytest.fail("a process of the planner outlives it")


def _session(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize(("months", "swing"), [(1, 30 * 60.0), (3, 91 * 60.0)])
def test_a_purge_by_the_calendar_is_told_as_a_swing_and_neither_as_growth_nor_as_jumps(
    tmp_path, months, swing
):
    """10 a day stay; 60 more a day go on the 1st of the month, or of the quarter: 30 days of them at most, or 91."""
    last = np.datetime64("2026-02-28")
    calendar = last - np.arange(829, -1, -1)
    since, values = 0, []
    for place, day in enumerate(calendar):
        month = day.astype("datetime64[M]")
        first = month.astype("datetime64[D]") == day and int(month.astype(int)) % months == 0
        since = 0 if first else since + 1
        values.append(1e5 + 10.0 * place + 60.0 * since)
    noisy = np.array(values[100:]) + 5.0 * np.random.default_rng(2).normal(0, 1, 730)
    store = labels(store="p", kind="pool")
    (one,) = outlooks(tmp_path, ("x", USED, store, noisy), ("x", SIZE, store, [2e5] * 730)).values()
    assert one.rate == pytest.approx(10.0, abs=1.0)
    assert one.figures["cycle"] == months
    assert one.figures["cycle_swing"] == pytest.approx(swing, rel=0.1)
    assert one.figures["jumps"] == 0
    assert one.figures["grown"] == pytest.approx(10.0 * one.figures["span"], abs=200.0)
    assert one.events == ()
