"""From an estate's contracts and budgets to orders, by figures that were worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from outlining import outlook, path_of

from exporters.plan.outlooks import Outlook
from forecasting.purchase import Line, Plan, plan
from inventory.estate import Estate

TODAY = dt.date(2027, 1, 15)
TB = 1e12
DAILY = 0.1 * TB


def estate(**settings: object) -> Estate:
    tray = {"gives": {"storage": "20 TB"}, "price": 13_000}
    shipped = {
        "contracts": {"stock": {"lead_time": "16w", "items": {"tray": tray}}},
        "targets": [{"name": "nas-01", "contract": "stock", "lead_time": "16w", "criticality": "normal"}],
    }
    return Estate.model_validate({**shipped, **settings})


def planning(found: Estate, *outlooks: Outlook, **choices: object) -> Plan:
    return plan(found, outlooks, path_of(*outlooks), TODAY, **choices)  # type: ignore[arg-type]


def growing(**settings: object) -> Outlook:
    """90 TB of 100 TB on 2027-01-15, 0.1 TB more each day: 100 TB on 2027-04-25, 199.5 TB at the end of 2029-12-31."""
    return outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, DAILY, **settings)  # type: ignore[arg-type]


def test_trays_are_ordered_by_the_day_from_which_sixteen_weeks_are_too_long() -> None:
    """The first wall is on April 25, so a tray must be there on April 1; ordered at once, on January 15, it comes on May 7,
    and counts from June: April and May lack. 120 TB are reached on 2027-11-11, so the second tray must be there on
    November 1, and is ordered sixteen weeks before, on July 12."""
    found = planning(estate(), growing(), risk="central", years=1)
    assert [(line.lots, line.order_by, line.ready) for line in found.lines] == [
        (1, TODAY, dt.date(2027, 6, 1)),
        (1, dt.date(2027, 7, 12), dt.date(2027, 11, 1)),
    ]
    assert found.cost == 26_000
    assert [(one.first, one.last, one.why) for one in found.unmet] == [
        (dt.date(2027, 4, 1), dt.date(2027, 5, 1), "too late")
    ]
    # What lacks at the worst is what stands there on May 31, 136 days after January 15: 103.6 TB.
    assert found.unmet[0].amount == pytest.approx(3.6 * TB)
    assert (found.greedy_unmet, found.greedy_months, found.months_lacking) == (
        1,
        2,
        2,
    )  # April and May either way
    assert found.gap == 0


def test_a_lot_adds_what_the_ceiling_leaves_of_it() -> None:
    """At a ceiling of 80 % of 125 TB, 100 TB may be filled, and a tray of 20 TB adds 16: the second is needed earlier."""
    one = outlook("nas-01", "p0", TODAY, 90 * TB, 125 * TB, DAILY, ceiling=0.8)
    found = planning(estate(), one, risk="central", years=1)
    assert sum(line.lots for line in found.lines) == 2
    # 116 TB are reached 260 days later, on 2027-10-02.
    assert found.lines[-1].ready == dt.date(2027, 10, 1)


def test_the_early_path_asks_for_more_than_the_central_one() -> None:
    one = growing(band=0.1 * TB)
    central, early = (planning(estate(), one, risk=risk, years=2).cost for risk in ("central", "early"))
    # 2028-12-31 is 716 days later: 161.6 TB and 233.2 TB; 4 and 7 trays.
    assert (central, early) == (4 * 13_000, 7 * 13_000)


def test_what_may_be_full_before_its_path_is_beyond_the_limit_is_ordered_for_that_day() -> None:
    """The early path is beyond 100 TB on 2027-07-24, after 190 days; leaps make it full in one case of ten by June 10.

    One tray then lasts until 120 TB, beyond the end of the year: it must be there on June 1, sixteen weeks before which
    is February 9.
    """
    slow = outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.04 * TB, band=0.0127 * TB)
    leaping = dataclasses.replace(slow, dates={**slow.dates, (1.0, 0.1): dt.date(2027, 6, 10)})
    for one, order_by, ready in (
        (slow, dt.date(2027, 3, 11), dt.date(2027, 7, 1)),
        (leaping, dt.date(2027, 2, 9), dt.date(2027, 6, 1)),
    ):
        found = planning(estate(), one, risk="early", years=1)
        assert [(line.lots, line.order_by, line.ready) for line in found.lines] == [(1, order_by, ready)]
        assert found.unmet == ()


def test_the_targets_price_of_a_terabyte_is_a_contract_with_lots_of_one() -> None:
    """2027-12-31 is 350 days later: 125 TB, so 25 lots of 1 TB at 500."""
    bare = estate(
        contracts={}, targets=[{"name": "nas-01", "price": 500, "lead_time": "2w", "contract": "text"}]
    )
    found = planning(bare, growing(), risk="central", years=1)
    assert (found.cost, sum(line.lots for line in found.lines)) == (12_500, 25)
    assert {(line.contract, line.item) for line in found.lines} == {("text", "1 TB")}
    assert found.unmet == ()


def test_where_the_contract_sells_by_the_lot_the_price_of_a_terabyte_is_not_offered() -> None:
    both = estate(targets=[{"name": "nas-01", "contract": "stock", "price": 1, "lead_time": "16w"}])
    assert {line.item for line in planning(both, growing(), years=1).lines} == {"tray"}


def test_the_lead_time_of_a_target_stands_before_that_of_its_contract() -> None:
    sooner = estate(targets=[{"name": "nas-01", "contract": "stock", "lead_time": "2w"}])
    found = planning(sooner, growing(), risk="central", years=1)
    assert found.unmet == ()
    assert found.lines[0].order_by == dt.date(2027, 3, 18)  # two weeks before April 1


def test_a_contract_that_ends_is_used_before_and_what_comes_later_has_its_reason() -> None:
    tray = {"gives": {"storage": "20 TB"}, "price": 13_000}
    ended = estate(contracts={"stock": {"until": "2026-12-31", "items": {"tray": tray}}})
    assert {one.why for one in planning(ended, growing(), years=1).unmet} == {"contract ended"}
    ending = estate(contracts={"stock": {"until": "2027-02-10", "items": {"tray": tray}}})
    found = planning(ending, growing(), risk="central", years=1)
    # February's orders would count from June on as January's do: all that is left to buy is bought at once.
    assert [(line.lots, line.order_by) for line in found.lines] == [(2, TODAY)]


def test_nothing_that_fits_is_a_reason() -> None:
    bare = estate(contracts={}, targets=[{"name": "nas-01"}])
    found = planning(bare, growing(), years=1)
    assert [one.why for one in found.unmet] == ["no item"]
    assert (found.lines, found.cost) == ((), 0)


def test_a_budget_that_does_not_pay_leaves_a_need_with_that_reason_and_the_money_is_told() -> None:
    poor = estate(budgets={2027: {"amount": 20_000}})
    found = planning(poor, growing(), risk="central", years=1)
    assert found.cost == 13_000
    assert [(one.why, one.first) for one in found.unmet] == [
        ("too late", dt.date(2027, 4, 1)),
        ("budget", dt.date(2027, 11, 1)),
    ]
    assert found.needs_unmet == 1, "one store, for two reasons"
    assert [(one.year, one.spent, one.budget) for one in found.money] == [(2027, 13_000, 20_000)]


def test_lots_that_may_not_be_bought_are_a_reason_of_their_own() -> None:
    tray = {"gives": {"storage": "20 TB"}, "price": 13_000, "limit": 1}
    full = estate(
        contracts={"stock": {"lead_time": "2w", "items": {"tray": tray}}}, budgets={2027: {"amount": 1e9}}
    )
    found = planning(full, growing(), risk="central", years=1)
    assert [one.why for one in found.unmet if one.first > dt.date(2027, 10, 1)] == ["limit"]


def test_a_directorates_part_bounds_what_is_bought_for_its_targets() -> None:
    targets = [
        {"name": name, "contract": "stock", "lead_time": "2w", "directorate": directorate}
        for name, directorate in (("nas-01", "care"), ("nas-02", "research"))
    ]
    parts = estate(targets=targets, budgets={2027: {"directorates": {"care": 0}}})
    other = outlook("nas-02", "p0", TODAY, 90 * TB, 100 * TB, DAILY)
    found = planning(parts, growing(), other, risk="central", years=1)
    assert {line.target for line in found.lines} == {"nas-02"}
    assert {(one.target, one.why) for one in found.unmet} == {("nas-01", "budget")}
    assert ("care", 0.0) in {(one.purse, one.budget) for one in found.money}


def test_nothing_is_bought_for_what_is_cut_out_of_a_pool() -> None:
    volume = outlook("nas-01", "v0", TODAY, 9 * TB, 10 * TB, DAILY, kind="volume")
    roomy = outlook("nas-01", "p0", TODAY, 10 * TB, 1000 * TB, DAILY)
    found = planning(estate(), volume, roomy, years=1)
    assert (found.lines, found.unmet) == ((), ())
    assert found.inside == ("nas-01 v0",)


def test_a_node_brings_bytes_and_memory_to_one_cluster() -> None:
    node = {"gives": {"storage": "30 TB", "memory": "768 GiB"}, "price": 90_000, "kinds": ["pool"]}
    cluster = estate(
        contracts={"nodes": {"items": {"node": node}}},
        targets=[{"name": "hci", "contract": "nodes", "lead_time": "4w"}],
    )
    memory = outlook(
        "hci", "memory", TODAY, 900 * 2**30, 1000 * 2**30, 2**30, metric="jauge_memory_used_bytes", kind=""
    )
    found = planning(
        cluster, outlook("hci", "sp", TODAY, 90 * TB, 100 * TB, DAILY), memory, risk="central", years=1
    )
    # 25 TB and 250 GiB lack at the end of the year: one node brings both.
    assert [(line.lots, dict(line.gives)) for line in found.lines] == [
        (1, {"storage": 30 * TB, "memory": 768 * 2**30})
    ]


def test_what_has_no_size_or_no_forecast_is_told_apart() -> None:
    unsized = outlook("nas-01", "p1", TODAY, 1 * TB, None, DAILY)
    noisy = outlook("nas-01", "p2", TODAY, 1 * TB, 10 * TB, 0, reason="not enough history (< 14 days)")
    bare = noisy.path.iloc[:0] if noisy.path is not None else None
    paths = {unsized.unique_id: unsized.path, noisy.unique_id: bare}
    found = plan(estate(), [unsized, noisy], paths.__getitem__, TODAY)  # type: ignore[arg-type]
    assert [(one.what, one.reason) for one in found.missing] == [
        ("p1", "capacity unknown"),
        ("p2", "not enough history (< 14 days)"),
    ]


def test_a_plan_beyond_the_forecast_goes_on_as_in_its_last_year_and_says_so() -> None:
    found = planning(estate(), growing(), risk="central", years=5)
    assert found.carried
    # 2031-12-31 is 1,811 days later: 271.1 TB, so 9 trays.
    assert sum(line.lots for line in found.lines) == 9
    assert not planning(estate(), growing(), years=2).carried


def test_a_target_without_a_lead_time_is_named() -> None:
    tray = {"gives": {"storage": "20 TB"}, "price": 13_000}
    silent = estate(
        contracts={"stock": {"items": {"tray": tray}}}, targets=[{"name": "nas-01", "contract": "stock"}]
    )
    assert planning(silent, growing(), years=1).undelivered == ("nas-01",)


def test_orders_never_lie_in_the_past() -> None:
    over = outlook("nas-01", "p0", TODAY, 130 * TB, 100 * TB, DAILY)
    lines: tuple[Line, ...] = planning(estate(), over, years=2).lines
    assert lines
    assert all(line.order_by >= TODAY and line.ready >= line.order_by for line in lines)


@dataclasses.dataclass(frozen=True, slots=True)
class Shared(Outlook):
    """An outlook of processors, which are told as the share that is busy."""

    unit: str = "ratio"


def test_lots_are_never_added_to_what_is_told_as_a_share() -> None:
    busy = outlook("nas-01", "cpu", TODAY, 0.7, 1.0, 0.001, metric="jauge_cpu_used_ratio", kind="")
    fields = {field.name: getattr(busy, field.name) for field in dataclasses.fields(busy)}
    found = planning(estate(), Shared(**{**fields, "unit": "ratio"}), years=1)
    assert [one.reason for one in found.missing] == ["told as a share"]
    assert (found.lines, found.unmet) == ((), ())


# --- what it costs to move a wall -----------------------------------------------------------------------


def test_one_more_year_of_a_store_costs_what_covers_the_twelve_months_from_its_wall() -> None:
    """Full in April 2027; at the end of March 2028, 441 days on, 134.1 TB stand there: two trays, which do not come before
    June. The plan of one year asks for no more than it needs itself."""
    found = planning(estate(), growing(), risk="central", years=1)
    (one,) = found.postponed
    assert (one.target, one.what, one.quantity) == ("nas-01", "p0", "storage")
    assert (one.full, one.until) == (dt.date(2027, 4, 1), dt.date(2028, 4, 1))
    assert (one.lots, one.price, one.why, one.late) == ((("tray", 2),), 26_000, None, 2)


def test_money_does_not_change_what_a_year_costs_and_the_cheapest_lots_are_taken() -> None:
    """34.1 TB: two trays of 20 TB are 26,000, one of 35 TB is 21,000, and there is no money for either."""
    items = {
        "tray": {"gives": {"storage": "20 TB"}, "price": 13_000},
        "drawer": {"gives": {"storage": "35 TB"}, "price": 21_000},
    }
    poor = estate(
        contracts={"stock": {"lead_time": "2w", "items": items}},
        targets=[{"name": "nas-01", "contract": "stock"}],
        budgets={2027: {"amount": 1_000}, 2028: {"amount": 0}},
    )
    found = planning(poor, growing(), risk="central", years=2)
    assert {one.why for one in found.unmet} == {"budget"}
    assert [(one.lots, one.price, one.late) for one in found.postponed] == [((("drawer", 1),), 21_000, 0)]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"contracts": {}, "targets": [{"name": "nas-01"}]}, "no item"),
        ({"contracts": {"stock": {"until": "2026-12-31", "items": {"tray": {"gives": {"storage": "20 TB"}, "price": 1}}}}}, "contract ended"),
        ({"contracts": {"stock": {"items": {"tray": {"gives": {"storage": "20 TB"}, "price": 1, "limit": 1}}}}}, "limit"),
    ],
)  # fmt: skip
def test_a_wall_that_no_order_moves_by_a_year_says_why(settings: dict[str, object], why: str) -> None:
    (one,) = planning(estate(**settings), growing(), risk="central", years=1).postponed
    assert (one.price, one.lots, one.why) == (None, (), why)


def test_walls_are_told_in_the_order_in_which_they_come() -> None:
    other = outlook("nas-01", "p1", TODAY, 95 * TB, 100 * TB, DAILY)
    found = planning(estate(), growing(), other, risk="central", years=1)
    assert [(one.what, one.full.month) for one in found.postponed] == [("p1", 3), ("p0", 4)]
