"""Contracts, budgets and rules of retention: what is accepted, and that every mistake has its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inventory.checking import Check, EstateError, check, load
from inventory.contracts import StoreKind
from inventory.estate import Estate
from inventory.metrics import STORE_KINDS
from inventory.quantities import amount
from inventory.retention import Retention

HEAD = """\
credentials: {a: {snmp: v2c, community: env:COMMUNITY}}
defaults: {credential: a, lead_time: 3w}
"""
SOUND = (
    HEAD
    + """\
currency: CHF
contracts:
  stock:
    title: Stock market
    lead_time: 16w
    since: 2026-01-01
    until: 2028-06-30
    items:
      tray: {gives: {storage: 20 TB}, price: 13 000, targets: [nas-01], kinds: [pool], least: 2, most: 4, limit: 9}
      node: {gives: {storage: 30 TB, memory: 768 GiB, processors: 64}, price: 9.5e4}
budgets: {2027: {amount: 400000, directorates: {Care: 90000}}}
purchase: {risk: central, years: 5}
retention: {years: 20, returned: {low: 20 %, likely: 0.3, high: 40 %}, deaths: 0}
targets:
  - {name: nas-01, contract: stock, directorate: Care, retention: {years: 30, modalities: {MG: 40}, store: /srv}}
  - {name: nas-02, contract: stock, lead_time: 2w}
  - {name: nas-03, contract: any text}
"""
)


def reading(tmp_path: Path, text: str) -> Check:
    (tmp_path / "estate.yml").write_text(text)
    return check(tmp_path / "estate.yml")


def test_all_that_may_be_declared_is_read(tmp_path: Path) -> None:
    found = reading(tmp_path, SOUND)
    assert found.problems == []
    estate = found.estate
    assert estate is not None
    node = estate.contracts["stock"].items["node"]
    assert dict(node.gives) == {"storage": 30e12, "memory": 768 * 2**30, "processors": 64}
    assert estate.budgets[2027].directorates == {"Care": 90_000}
    assert (estate.currency, estate.purchase.risk, estate.purchase.years) == ("CHF", "central", 5)
    assert estate.retention is not None
    assert estate.retention.returned is not None
    assert (estate.retention.returned.low, estate.retention.returned.high) == (0.2, 0.4)
    assert estate.retention.deaths is not None
    assert estate.retention.deaths.likely == 0


def test_the_lead_time_is_the_targets_else_the_contracts_else_the_default(tmp_path: Path) -> None:
    estate = reading(tmp_path, SOUND).estate
    assert estate is not None
    week = 7 * 86_400
    assert [target.lead_time for target in estate.targets] == [16 * week, 2 * week, 3 * week]


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("contracts: {c: {items: {i: {gives: {storage: much}, price: 1}}}}", 46, "'much' is no amount"),
        ("contracts: {c: {items: {i: {gives: {storage: 1}, price: 1, leest: 2}}}}", 60, "did you mean least?"),
        ("contracts: {c: {items: {i: {gives: {disk: 1}, price: 1}}}}", 37, "disk: input should be 'storage'"),
        ("contracts: {c: {items: {i: {gives: {storage: 1}, price: 1, least: 3, most: 2}}}}", 28, "most is below least"),
        ("contracts: {c: {items: {i: {gives: {storage: 1}, price: 1, targets: [nas-1]}}}}", 70, "there is no target nas-1"),
        ("contracts: {c: {since: 2027-02-01, until: 2027-01-01}}", 16, "until is before since"),
        ("budgets: {27: {amount: 1}}", 11, "27: input should be greater"),
        ("budgets: {2027: {amount: -1}}", 26, "amount: input should be greater"),
        ("retention: {deaths: {low: 3 %, likely: 2 %, high: 4 %}}", 21, "low, likely and high do not rise"),
        ("currency: euro", 11, "currency is not of the form"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place(tmp_path: Path, line: str, column: int, message: str) -> None:
    found = reading(tmp_path, f"{HEAD}{line}\ntargets: [{{name: nas-01}}]\n")
    assert [(one.place.line, one.place.column) for one in found.errors] == [(3, column)], found.errors
    assert message in found.errors[0].message


def test_names_that_are_nearly_right_are_warned_of(tmp_path: Path) -> None:
    text = SOUND.replace("contract: stock, lead_time: 2w", "contract: stokc, lead_time: 2w").replace(
        "directorates: {Care:", "directorates: {Cure:"
    )
    found = reading(tmp_path, text)
    assert [problem.message for problem in found.problems] == [
        "no target is of Cure",
        "stokc is no name of contracts: did you mean stock?",
    ]
    assert found.errors == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("20 TB", 20e12), ("20TB", 20e12), ("1.5 To", 1.5e12), ("768 GiB", 768 * 2**30), ("64", 64), (64, 64), ("2 kB", 2000), ("1,5 To", 1.5e12), ("12\u202f500", 12500), ("0,5", 0.5)],
)  # fmt: skip
def test_an_amount_is_bytes_or_a_number(text: str | float, value: float) -> None:
    assert amount(text) == value


@given(st.text(max_size=12) | st.booleans() | st.none() | st.lists(st.integers(), max_size=1))
def test_what_is_no_amount_is_refused_with_an_example(value: object) -> None:
    assert _refusal(value) is None or "20 TB" in str(_refusal(value))


def _refusal(value: object) -> ValueError | None:
    """Why a value is no amount; None where it is one."""
    try:
        amount(value)
    except ValueError as error:
        return error
    return None


def test_the_kinds_that_an_item_may_name_are_those_of_stores() -> None:
    assert get_args(StoreKind) == STORE_KINDS


def test_a_contract_is_open_from_its_first_to_its_last_day() -> None:
    contract = Estate.model_validate(
        {"contracts": {"c": {"since": "2027-01-01", "until": "2027-02-01"}}}
    ).contracts["c"]
    days = [dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2027, 2, 1), dt.date(2027, 2, 2)]
    assert [contract.is_open(day) for day in days] == [False, True, True, False]


def test_a_share_is_one_number_or_three_that_rise() -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate({"minors": "101 %"})
    found = Retention.model_validate({"minors": "2 %"}).minors
    assert found is not None
    assert (found.low, found.likely, found.high) == (0.02, 0.02, 0.02)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contracts: {c: {lead_time: 99999999999w}}\ntargets: [{name: a, host: true}]\n", "lead_time"),
        ("targets: [{name: a, host: true, lead_time: 99999999999w}]\n", "lead_time"),
        ("targets: [{name: a, host: true, price: 1e308}]\n", "price"),
        (
            "contracts: {c: {items: {i: {gives: {storage: 1 TB}, price: 1e308}}}}\ntargets: [{name: a, host: true}]\n",
            "price",
        ),
    ],
)
def test_a_time_or_a_price_that_no_contract_has_is_an_error_before_it_breaks_a_plan(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "estate.yml").write_text(text)
    with pytest.raises(EstateError) as caught:
        load(tmp_path / "estate.yml")
    (problem,) = caught.value.problems
    assert f"{said}: input should be less than or equal to" in problem.message
