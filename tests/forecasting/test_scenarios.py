"""What scenarios add, against hand arithmetic and generated truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.history import Point
from exporters.history.days import number
from exporters.history.sqlite import Day, Reader, Writer
from forecasting.engine.projection import project
from forecasting.scenarios import additions, capacities, survey
from forecasting.scenarios.effects import bases, loads
from forecasting.scenarios.learning import Busy, Learnt, learn
from forecasting.scenarios.workdays import weights
from forecasting.scenarios.world import Series, World
from inventory.calendars import Calendar
from inventory.estate import Estate
from inventory.metrics import labels
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError

USED = "jauge_storage_used_bytes"
LAST = date(2026, 12, 31)
TB, GB, MB = 1e12, 1e9, 1e6


def series(target="pacs", store="data", used=50 * TB, rate=0.0, last=LAST, metric=USED, **more):
    pairs = labels(store=store, **more) if store else labels(**more)
    return Series(f"{metric}/{target}/{store}", target, metric, pairs, last, used, rate)


def world(*many, **more):
    return World({one.unique_id: one for one in many or (series(),)}, **more)


def scenario(*changes):
    return Scenario.model_validate({"name": "s", "changes": changes})


def added(change, here=None, days=366, start=None):
    """What one change adds to the one store (days, 3)."""
    found = additions([scenario(change)], Estate(), here or world(), start, days)
    assert len(found) == 1
    return next(iter(found.values()))


def modality(**more):
    return {"kind": "modality", "modality": "CT", "studies": 35, "size": "300 MB", "target": "pacs", "start": "2027-01-01",
            "calendar": {"days": 250}, **more}  # fmt: skip


# --- worked checks ----------------------------------------------------------------------------------


def test_one_ct_of_35_studies_on_250_days_is_2_6_tb_a_year_and_7_9_tb_in_three_copies():
    year = added(modality(), days=365)[-1]
    assert year == pytest.approx([35 * 250 * 0.3 * GB] * 3)
    assert year[1] / TB == pytest.approx(2.6, abs=0.03)
    assert added(modality(copies=3), days=365)[-1, 1] / TB == pytest.approx(7.9, abs=0.03)


def test_400_slides_of_2_gb_on_250_days_are_200_tb_a_year():
    change = {"kind": "pathology", "slides": 400, "size": "2 GB", "target": "pacs", "start": "2027-01-01",
              "calendar": {"days": 250}}  # fmt: skip
    assert added(change, days=365)[-1] == pytest.approx([200 * TB] * 3)
    assert added(change | {"digital": "25 %"}, days=365)[-1] == pytest.approx([50 * TB] * 3)
    assert added({k: v for k, v in change.items() if k != "size"}, days=365)[-1] / TB == pytest.approx(
        [100, 200, 500]
    )


def test_a_scanner_that_takes_the_place_of_another_adds_the_difference():
    change = modality(replaces={"studies": 30, "size": "200 MB"})
    assert added(change, days=365)[-1] == pytest.approx([250 * (35 * 300 * MB - 30 * 200 * MB)] * 3)


def test_compression_and_ramp_make_less_of_it():
    plain = added(modality(calendar={"holidays": "none", "weekdays": 7}), days=365)
    ramped = added(modality(calendar={"holidays": "none", "weekdays": 7}, ramp="8w"), days=365)
    assert plain[-1, 1] - ramped[-1, 1] == pytest.approx(28 * 35 * 300 * MB)  # half of 56 days
    halved = added(modality(compression=2), days=365)
    assert halved[-1, 1] == pytest.approx(added(modality(), days=365)[-1, 1] / 2)


# --- the calendar -----------------------------------------------------------------------------------


def days(first, last):
    return np.arange(np.datetime64(first), np.datetime64(last) + 1)


@pytest.mark.parametrize(
    ("year", "count"),
    [
        # 261 weekdays; 1 Jan, 29 Mar (Easter Monday), 6 May, 17 May, 14 Jul, 1 Nov and 11 Nov fall on one; 1 and
        # 8 May, 15 Aug and 25 Dec fall on a weekend.
        (2027, 261 - 7),
        # A leap year that begins on a Saturday has 260 weekdays; free: 17 Apr, 1, 8 and 25 May, 5 Jun, 14 Jul, 15 Aug,
        # 1 Nov and 25 Dec; 1 Jan and 11 Nov are Saturdays.
        (2028, 260 - 9),
    ],
)
def test_a_french_year_has_as_many_working_days_as_one_counts_by_hand(year, count):
    assert weights(Calendar(), days(f"{year}-01-01", f"{year}-12-31")).sum() == count


def test_easter_monday_is_free_and_14_july_on_a_weekend_takes_no_day_away():
    week = weights(Calendar(), days("2027-03-29", "2027-04-02"))
    assert week.tolist() == [0, 1, 1, 1, 1]
    july = weights(Calendar(), days("2029-07-09", "2029-07-15"))  # 14 July 2029 is a Saturday
    assert july.tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert weights(Calendar(weekdays=6), days("2029-07-09", "2029-07-15")).tolist() == [1, 1, 1, 1, 1, 0, 0]


def test_alsace_and_moselle_have_good_friday_and_26_december():
    local = Calendar(holidays="alsace-moselle")
    assert weights(Calendar(), days("2027-03-26", "2027-03-26")).tolist() == [1]
    assert weights(local, days("2027-03-26", "2027-03-26")).tolist() == [0]
    assert weights(local, days("2028-12-26", "2028-12-26")).tolist() == [0]


def test_a_given_number_of_working_days_is_that_of_any_year():
    for year in (2027, 2028):
        assert weights(Calendar(days=250), days(f"{year}-01-01", f"{year}-12-31")).sum() == pytest.approx(250)


def test_a_leap_year_has_one_day_more_of_a_daily_rate():
    change = {"kind": "rate", "amount": "1 TB", "per": "day", "target": "pacs", "start": "2028-01-01"}
    here = world(series(last=date(2027, 12, 31)))
    assert added(change, here, days=366)[-1, 1] == pytest.approx(366 * TB)


# --- each kind --------------------------------------------------------------------------------------


def test_a_migration_is_held_twice_for_its_months_and_then_leaves():
    here = world(series("old", used=40 * TB), series("new", used=0.0))
    change = {"kind": "migration", "from": {"target": "old"}, "to": {"target": "new"}, "months": {"low": 2, "likely": 3, "high": 6},
              "start": "2027-02-01", "over": "10d"}  # fmt: skip
    found = additions([scenario(change)], Estate(), here, days=365)
    new, old = (found[f"{USED}/{name}/data"] for name in ("new", "old"))
    ago = lambda day: (day - LAST).days - 1  # noqa: E731
    assert new[ago(date(2027, 1, 31))].tolist() == [0, 0, 0]
    assert new[ago(date(2027, 2, 5)), 1] == pytest.approx(20 * TB)
    assert new[-1] == pytest.approx([40 * TB] * 3)
    assert old[ago(date(2027, 4, 30))].tolist() == pytest.approx(
        [-40 * TB, 0, 0]
    )  # only the quickest has left
    assert old[ago(date(2027, 5, 5))].tolist() == pytest.approx([-40 * TB, -40 * TB, 0])
    assert old[-1] == pytest.approx([-40 * TB] * 3)


def test_a_purge_of_29_february_comes_on_the_28th_of_other_years():
    here = world(series(last=date(2027, 12, 31)))
    change = {"kind": "purge", "share": "10 %", "every": "yearly", "target": "pacs", "start": "2028-02-29"}
    found = added(change, here, days=3 * 366)
    steps = [
        LAST.replace(year=2027) + timedelta(days=int(k) + 1)
        for k in np.flatnonzero(np.diff(found[:, 1], prepend=0))
    ]
    assert steps == [date(2028, 2, 29), date(2029, 2, 28), date(2030, 2, 28)]
    assert found[-1] == pytest.approx([-15 * TB] * 3)


def test_retention_deletes_what_is_older_and_a_year_more_each_january():
    change = {"kind": "retention", "keep": 10, "target": "pacs", "start": "2027-06-01", "deletable": {"low": 0.5, "likely": 0.8, "high": 0.9},
              "years": {"2014": "1 TB", "2016": "2 TB", "2017": "4 TB", "2018": "8 TB", "2026": "9 TB"}}  # fmt: skip
    found = added(change, days=3 * 365)
    at = lambda day: found[(day - LAST).days - 1, 1]  # noqa: E731
    assert at(date(2027, 5, 31)) == 0
    assert at(date(2027, 6, 1)) == pytest.approx(-0.8 * 3 * TB)  # 2014 and 2016: eleven years and more
    assert at(date(2028, 1, 1)) == pytest.approx(-0.8 * 7 * TB)
    assert at(date(2029, 1, 1)) == pytest.approx(-0.8 * 15 * TB)
    assert found[-1] / TB == pytest.approx([-0.9 * 15, -0.8 * 15, -0.5 * 15])


def test_a_better_reduction_of_new_data_takes_its_part_of_the_growth_and_of_all_data_of_the_whole():
    here = world(series(used=60 * TB, rate=0.1 * TB))
    change = {"kind": "reduction", "before": 1.5, "after": 2, "target": "pacs", "start": "2027-01-01"}
    assert added(change, here, days=100)[-1] == pytest.approx([-100 * 0.1 * TB * 0.25] * 3)
    whole = added(change | {"data": "all", "over": "60d"}, here, days=100)[-1]
    assert whole == pytest.approx([-100 * 0.1 * TB * 0.25 - 60 * TB * 0.25] * 3)


def test_growth_is_compounded_over_years():
    change = {"kind": "growth", "rate": "10 %", "target": "pacs", "start": "2027-01-01"}
    found = added(change, days=731)
    assert found[364, 1] == pytest.approx(5 * TB, rel=2e-3)
    assert found[730, 1] == pytest.approx(10.5 * TB, rel=2e-3)
    assert added(change | {"rate": "-10 %"}, days=365)[-1, 1] == pytest.approx(-5 * TB, rel=2e-3)


def test_desktops_take_disk_memory_processors_licences_and_sessions_where_each_is():
    nodes = [
        Series(f"{m}/{n}", "hci", m, labels(node=n), LAST, u, 0.0)
        for m, u in (("jauge_node_memory_used_bytes", 600e9), ("jauge_node_cpu_used_ratio", 0.4))
        for n in ("a", "b")
    ]
    licence = Series("lic", "broker", "jauge_licenses_used", labels(license="vda"), LAST, 300.0, 0.0)
    pool = Series("ses", "broker", "jauge_desktop_machines_used", labels(pool="day"), LAST, 250.0, 0.0)
    here = world(series("hci", "vdi"), *nodes, licence, pool)
    change = {"kind": "desktops", "count": 100, "disk": "40 GB", "vcpu": 2, "busy": 0.2, "processors": 64, "memory": "8 GiB",
              "licence": {"target": "broker"}, "sessions": {"target": "broker", "store": "day"}, "connected": "70 %",
              "target": "hci", "start": "2027-03-01"}  # fmt: skip
    found = {
        name: values[-1, 1]
        for name, values in additions([scenario(change)], Estate(), here, days=100).items()
    }
    assert found == pytest.approx(
        {
            f"{USED}/hci/vdi": 4 * TB,
            "jauge_node_memory_used_bytes/a": 50 * 8 * 2**30,
            "jauge_node_memory_used_bytes/b": 50 * 8 * 2**30,
            "jauge_node_cpu_used_ratio/a": 20 / 64,  # 40 processors busy, half of them on each node of 64
            "jauge_node_cpu_used_ratio/b": 20 / 64,
            # and the cluster as a whole: the sum of its memory, the mean of its shares
            'jauge_node_memory_used_bytes{target="hci"}': 100 * 8 * 2**30,
            'jauge_node_cpu_used_ratio{target="hci"}': 20 / 64,
            "lic": 100.0,
            "ses": 70.0,
        }
    )


def test_a_building_brings_studies_desktops_and_files_for_each_place():
    here = world(series(), series("hci", "vdi"), series("nas", "home"))
    change = {
        "kind": "building", "places": 140, "start": "2027-01-01", "calendar": {"days": 250},
        "studies": [{"modality": "CT", "studies": 0.1, "size": "300 MB", "target": "pacs", "copies": 2}],
        "desktops": [{"each": 0.5, "disk": "40 GB", "target": "hci"}],
        "files": [{"each": "2 GB", "yearly": "3.652425 GB", "target": "nas"}],
    }  # fmt: skip
    found = additions([scenario(change)], Estate(), here, days=365)
    assert {name.split("/")[1]: values[-1, 1] for name, values in found.items()} == pytest.approx(
        {"pacs": 140 * 0.1 * 250 * 0.3 * GB * 2, "hci": 70 * 40 * GB, "nas": 140 * (2 * GB + 3.65 * GB)}
    )


def test_what_is_bought_arrives_as_capacity_once_and_only_ahead():
    change = {"kind": "bought", "amount": {"low": "8 TB", "likely": "10 TB", "high": "10 TB"}, "cost": 7000, "target": "pacs",
              "start": "2027-01-11"}  # fmt: skip
    assert additions([scenario(change)], Estate(), world()) == {}
    (path,) = capacities([scenario(change)], world(), days=20).values()
    assert path.tolist() == [0.0] * 10 + [10 * TB] * 10
    (late,) = capacities([scenario(change)], world(series(last=date(2027, 1, 11))), days=20).values()
    assert late.tolist() == [0.0] * 20


def test_a_volume_moves_the_pool_that_it_takes_its_space_from():
    here = world(series("nas", "vol", pool="aggr1"), series("nas", "aggr1", kind="pool"))
    found = additions(
        [scenario({"kind": "step", "amount": "3 TB", "target": "nas", "store": "vol", "start": "2027-01-02"})],
        Estate(), here, days=5,
    )  # fmt: skip
    assert {name: values[-1, 1] for name, values in found.items()} == {
        f"{USED}/nas/vol": 3 * TB,
        f"{USED}/nas/aggr1": 3 * TB,
    }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"target": "nowhere"}, "knows no storage of nowhere"),
        ({"store": "other"}, "no store other"),
        ({"quantity": "licences", "amount": 3}, "knows no licences of pacs"),
    ],
)
def test_a_place_that_the_history_does_not_know_is_named(change, why):
    step = {"kind": "step", "amount": "1 TB", "target": "pacs", "start": "2027-01-01"} | change
    with pytest.raises(ScenarioError, match=why):
        additions([scenario(step)], Estate(), world())


def test_a_target_of_several_stores_asks_which():
    with pytest.raises(ScenarioError, match="name one as store: data, root"):
        added(modality(), world(series(), series(store="root")))


# --- laws -------------------------------------------------------------------------------------------

AMOUNTS = st.lists(st.integers(1, 500), min_size=3, max_size=3).map(sorted)
CHANGES = st.sampled_from(["rate", "step", "modality", "desktops"])


def made(kind, low, likely, high, start, **more):
    three = {"low": low, "likely": likely, "high": high}
    sizes = {name: f"{value} GB" for name, value in three.items()}
    parts = {
        "rate": {"amount": sizes, **more},
        "step": {"amount": sizes},
        "modality": {"modality": "CT", "studies": three, "size": "1 GB", **more},
        "desktops": {"count": three, "disk": "1 GB", **more},
    }
    return {"kind": kind, "target": "pacs", "start": start.isoformat(), **parts[kind]}


@given(
    kind=CHANGES,
    amounts=AMOUNTS,
    ahead=st.integers(1, 300),
    ramp=st.sampled_from([{}, {"ramp": "6w"}]),
    times=st.integers(2, 7),
)
@settings(max_examples=60, deadline=None)
def test_additions_grow_with_the_amounts_are_in_order_and_begin_at_the_start(
    kind, amounts, ahead, ramp, times
):
    start = LAST + timedelta(days=ahead)
    once = added(made(kind, *amounts, start, **ramp), days=400)
    many = added(made(kind, *(times * one for one in amounts), start, **ramp), days=400)
    np.testing.assert_allclose(many, times * once, rtol=1e-9)
    assert (once[: ahead - 1] == 0).all()
    assert (np.diff(once, axis=1) >= 0).all()
    assert once[-1, 1] > 0


@given(amounts=AMOUNTS, ahead=st.integers(1, 100), length=st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_nothing_is_added_after_the_end_and_what_stood_for_a_time_leaves(amounts, ahead, length):
    start = LAST + timedelta(days=ahead)
    end = {"end": (start + timedelta(days=length)).isoformat()}
    fed = added(made("rate", *amounts, start) | end, days=400)
    assert (fed[ahead + length :] == fed[ahead + length - 1]).all()
    stood = added(made("step", *amounts, start) | end, days=400)
    assert (stood[ahead - 1 : ahead + length, 1] == amounts[1] * GB).all()
    assert (stood[ahead + length :] == 0).all()


@given(st.lists(st.tuples(CHANGES, AMOUNTS, st.integers(-200, 200)), min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_two_scenarios_add_up(parts):
    many = [scenario(made(kind, *amounts, LAST + timedelta(days=at))) for kind, amounts, at in parts]
    whole = additions(many, Estate(), world(), days=300)
    single = [additions([one], Estate(), world(), days=300) for one in many]
    for name, values in whole.items():
        np.testing.assert_allclose(values, sum(one[name] for one in single), atol=1.0)


# --- nothing is counted twice -----------------------------------------------------------------------


def test_a_step_that_the_history_holds_adds_nothing():
    step = {"kind": "step", "amount": "5 TB", "target": "pacs"}
    assert (added(step | {"start": LAST.isoformat()}) == 0).all()
    assert (added(step | {"start": "2027-01-01"}) == 5 * TB).all()


NOW = datetime(2027, 1, 1, 3, tzinfo=UTC).timestamp()
COUNT = 900


def grown(folder, since, stores=8, extra=100 * GB, ended=0):
    """A history of stores that grow by 100 GB a day, and by `extra` more in their last `since` days, but for the last `ended`."""
    chance = np.random.default_rng(11)
    writer = Writer(folder / "history.db", "Europe/Paris", clock=lambda: NOW)
    age = np.arange(COUNT)[::-1]
    more = np.where((age < since) & (age >= ended), extra, 0.0)
    first = number(LAST) - COUNT + 1
    for store in range(stores):
        daily = chance.gamma(4.0, 25 * GB, COUNT) + more
        level = 20 * TB + np.cumsum(daily) + chance.normal(0, 50 * GB, COUNT)
        pairs = labels(store=f"s{store}", kind="volume")
        writer.keep_days([Day("nas", USED, pairs, first + k, float(v)) for k, v in enumerate(level)])
    writer.close()
    return Reader(folder / "history.db")


def began(since, **more):
    start = (LAST - timedelta(days=since - 1)).isoformat()
    return [
        {"kind": "rate", "amount": "100 GB", "target": "nas", "store": f"s{k}", "start": start, **more}
        for k in range(8)
    ]


@pytest.mark.parametrize("since", [0, 30, 60, 120, 180, 365])
def test_a_project_gives_nearly_the_same_date_however_long_it_has_been_in_the_history(tmp_path, since):
    """Truth: 100 GB a day, and from a known day on 100 GB more; the scenario says so, and was committed before it."""
    here = survey(grown(tmp_path, since), NOW)
    found = additions([scenario(*began(since))], Estate(), here, days=365)
    names = sorted(found)
    projection = next(project(here.holding.history(names), 365, fleet=here.holding.fleet(USED)))
    moved = projection.plus(np.stack([found[name] for name in names]))
    truth = projection.panel.y[:, -1:] + 200 * GB * np.arange(1, 366)
    dates = (moved.paths[:, :, 0] >= truth[:, 200:201]).argmax(axis=1) + 1
    assert abs(np.mean(dates) - 201) <= 15
    if since == 365:  # and then it adds next to nothing: the history tells the date alone
        alone = (projection.paths[:, :, 0] >= truth[:, 200:201]).argmax(axis=1) + 1
        assert abs(np.mean(alone) - np.mean(dates)) <= 15


def test_what_the_forecast_holds_of_a_project_is_never_less_than_nothing_nor_more_than_it_brings(tmp_path):
    here = survey(grown(tmp_path, 60), NOW)
    whole = 100 * GB * np.arange(1, 101)
    for added in additions([scenario(*began(60))], Estate(), here, days=100).values():
        assert (added[:, 1] >= -GB).all()
        assert (added[:, 1] <= whole + GB).all()


def test_the_end_of_a_project_takes_away_what_the_trend_would_go_on_with(tmp_path):
    """Truth: it ran for a year and ends on the last day of the history; nothing of it comes any more."""
    here = survey(grown(tmp_path, 365), NOW)
    found = additions([scenario(*began(365, end=LAST.isoformat()))], Estate(), here, days=100)
    assert np.mean([added[-1, 1] for added in found.values()]) == pytest.approx(-100 * 100 * GB, rel=0.15)


# --- what desktops keep busy ------------------------------------------------------------------------


def desks(**more):
    return {"kind": "desktops", "count": 100, "vcpu": 2, "target": "hci", "start": "2027-03-01", **more}


def farm(**more):
    """A host of 64 processors, told by itself, and its pool of 250 desktops."""
    host = Series("cpu", "hci", "jauge_cpu_used_ratio", (), LAST, 0.4, 0.0)
    pool = Series("ses", "broker", "jauge_desktop_machines_used", labels(pool="day"), LAST, 180.0, 0.0)
    return world(host, pool, capacity={"ses": 250.0}, processors={"hci": 64.0}, **more)


def test_what_desktops_keep_busy_is_learnt_from_those_there_are_else_assumed_and_what_is_given_counts():
    learnt = farm(busy={"hci": Busy((20.0, 25.0, 30.0), 84)})
    joined = desks(sessions={"target": "broker", "store": "day"})
    (one,) = loads(scenario(joined).changes[0], learnt)
    assert (one.kind, one.days, one.processors, one.told) == ("learnt", 84, 64.0, True)
    assert one.busy == pytest.approx((0.08, 0.1, 0.12))  # 20, 25, 30 processors for 250 desktops
    found = additions([scenario(joined)], Estate(), learnt, days=100)
    assert found["cpu"][-1] == pytest.approx(np.array([8, 10, 12]) / 64)
    for change, here in ((desks(), learnt), (joined, farm())):  # in no pool, or nothing is known of its host
        (assumed,) = loads(scenario(change).changes[0], here)
        assert (assumed.kind, assumed.busy) == ("assumed", (0.2, 0.4, 0.8))
    (given_,) = loads(scenario(desks(busy=0.3, processors=32)).changes[0], learnt)
    assert (given_.kind, given_.busy[1], given_.processors, given_.told) == ("given", 0.6, 32.0, False)


def test_processors_that_nobody_tells_are_asked_for():
    nobody = world(Series("cpu", "hci", "jauge_cpu_used_ratio", (), LAST, 0.4, 0.0))
    with pytest.raises(ScenarioError, match="give processors: how many hci has"):
        additions([scenario(desks())], Estate(), nobody, days=100)


def test_the_number_of_processors_and_their_busiest_hours_are_read_from_the_history(tmp_path):
    """Two nodes of 32: at ten each day 0.5 and 0.25 of them are busy, and 0.05 more in the last week."""
    writer = Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: NOW)
    writer.roll(NOW)
    hours = [NOW // 3600 * 3600 - 3600.0 * k - 30.0 for k in range(24 * 24)]
    local = [pd.Timestamp(at, unit="s", tz="Europe/Paris") for at in hours]
    today = pd.Timestamp(NOW, unit="s", tz="Europe/Paris").normalize()
    for node, share in (("a", 0.5), ("b", 0.25)):
        named = labels(node=node)
        writer.append([
            Point("hci", "jauge_node_cpu_used_ratio", named, at, share + 0.05 * ((today - day.normalize()).days <= 7) if day.hour == 10 else 0.1)
            for at, day in zip(hours, local, strict=True)
        ])  # fmt: skip
        writer.append([Point("hci", "jauge_node_cpus", named, NOW - 60.0, 32.0)])
    writer.close()
    here = survey(Reader(tmp_path / "history.db"), NOW)
    assert here.processors == {"hci": 32.0}
    low, likely, high = here.busy["hci"].processors
    assert here.busy["hci"].days == 21
    assert (low, likely, high) == pytest.approx((24.0, 24.0, 27.2))


# --- sizes that are learnt --------------------------------------------------------------------------


def archive(studies, size, count=400, first=0.0, held=0):
    index = pd.date_range(end="2026-12-31", periods=count)
    n = held + studies * np.arange(count)
    return pd.Series(n, index=index), pd.Series(first + size * studies * np.arange(count), index=index)


def test_the_size_of_a_study_is_that_of_the_last_year_and_not_of_all():
    counts, stored = archive(20, 0.4 * GB, first=200_000 * 0.1 * GB, held=200_000)
    learnt = learn(counts, stored)
    assert learnt.recent
    assert learnt.studies == 20 * 399
    assert learnt.sizes == pytest.approx([0.4 * GB] * 3)


def test_where_hardly_anything_came_the_whole_archive_is_taken_and_where_it_is_empty_nothing():
    counts, stored = archive(0, 0.0, first=900 * 0.2 * GB, held=900)
    assert learn(counts, stored) == Learnt(pytest.approx((0.2 * GB,) * 3), 900, False)
    assert learn(*archive(0, 0.0, held=3)) is None
    assert learn(None, stored) is None


def test_a_learnt_size_takes_the_place_of_the_table_and_a_given_one_that_of_both():
    change = {k: v for k, v in modality().items() if k != "size"}
    here = world(studies={("pacs", "CT"): Learnt((2e8, 4e8, 6e8), 812, True)})

    def said(one, known):
        return next(bases(scenario(one).changes[0], known))

    assert (said(change, here).kind, said(change, here).studies) == ("recent", 812)
    assert said(change, world()).kind == "table"
    assert said(change, world()).sizes == (60 * MB, 300 * MB, 1500 * MB)
    assert said(modality(), here).kind == "given"
    assert added(change, world(studies=here.studies), days=365)[-1] == pytest.approx(
        [250 * 35 * s for s in (2e8, 4e8, 6e8)]
    )
