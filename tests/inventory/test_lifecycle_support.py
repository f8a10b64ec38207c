"""How a system stands on a day: by the dates that makers publish, and what follows from them for any day."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from cataloguing import judge
from hypothesis import given
from hypothesis import strategies as st

from inventory.lifecycle import support
from inventory.lifecycle.catalogue import cycles
from inventory.lifecycle.named import Named
from inventory.lifecycle.outlook import Item, look, of_workstations
from inventory.lifecycle.support import WORST, of
from inventory.workstations import Workstation


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("product", "version", "on", "esu", "state"),
    [
        ("Windows 10 Pro", "22H2", "2025-10-14", False, "supported"),  # the last day is still one
        ("Windows 10 Pro", "22H2", "2025-10-15", False, "ended"),
        ("Windows 10 Pro", "22H2", "2025-10-15", True, "extended"),
        ("Windows 10 Pro", "22H2", "2028-10-10", True, "extended"),
        ("Windows 10 Pro", "22H2", "2028-10-11", True, "ended"),
        ("Windows 11 Pro", "24H2", "2026-10-13", False, "supported"),
        ("Windows 11 Pro", "24H2", "2026-10-14", True, "ended"),  # nothing is sold for it
        ("Windows 11 Entreprise", "24H2", "2026-10-14", False, "supported"),
        ("Microsoft SQL Server 2016 SP3 Standard", "", "2026-07-15", True, "extended"),
        ("Microsoft SQL Server 2016 SP3 Standard", "", "2029-07-17", True, "extended"),
        ("Microsoft SQL Server 2016 SP3 Standard", "", "2029-07-18", True, "ended"),
        ("Microsoft SQL Server 2014 SP3 Enterprise", "", "2024-07-09", True, "supported"),
        ("Microsoft SQL Server 2014 SP3 Enterprise", "", "2027-07-12", True, "extended"),
        ("Microsoft SQL Server 2014 SP3 Web", "", "2024-07-10", True, "ended"),
        ("Microsoft SQL Server 2016 SP3 Express", "", "2026-07-15", True, "ended"),  # nothing is sold for it
        ("Microsoft SQL Server", "13.0.6300.2", "2026-07-14", False, "supported"),
        ("Microsoft SQL Server", "13.0.6300.2", "2026-07-15", False, "ended"),
        ("Microsoft SQL Server", "13.0.6300.2", "2026-07-15", True, "unknown"),  # its edition is not told
        ("Debian GNU/Linux", "12", "2026-07-12", False, "extended"),  # LTS, free for all
        ("Debian GNU/Linux", "12", "2028-07-01", False, "ended"),
        ("Debian GNU/Linux", "12", "2028-07-01", True, "extended"),  # ELTS, paid
        ("Ubuntu", "20.04", "2026-01-01", False, "ended"),
        ("Ubuntu", "20.04", "2026-01-01", True, "extended"),  # ESM
        ("Windows Server 2016", "14393", "2027-01-12", False, "supported"),
        ("Windows Server 2016", "14393", "2027-01-13", False, "ended"),
    ],
)
def test_a_system_stands_by_the_day(product: str, version: str, on: str, esu: bool, state: str) -> None:
    assert judge(product, version, None, day(on), esu).state == state


def test_before_a_version_was_released_nobody_can_tell() -> None:
    found = judge("Windows 11 Pro", "25H2", None, day("2025-09-29"))
    assert (found.state, found.reason) == ("unknown", "not released yet")
    assert judge("Windows 11 Pro", "25H2", None, day("2025-09-30")).state == "supported"


def test_what_has_no_announced_end_is_supported_on_the_days_up_to_that_on_which_it_was_checked() -> None:
    assert judge("Proxmox VE", "9.0", None, day("2026-08-22")).state == "supported"
    found = judge("Proxmox VE", "9.0", None, day("2026-08-23"))
    assert (found.state, found.reason, found.ends) == ("unknown", "no end announced", None)


def test_what_had_ended_when_it_was_checked_has_ended_since_a_day_that_nobody_tells() -> None:
    """Veeam lists 9.0 as ended, without a day; the table was of 2026-08-22."""
    found = judge("Veeam Backup & Replication", "9.0.0.1715", None, day("2026-11-26"))
    assert (found.state, found.ends, support.until(found)) == ("ended", None, None)
    assert found.told == "had ended by 2026-08-22, since when is not known"
    assert judge("Veeam Backup & Replication", "9.0", None, day("2026-08-22")).state == "ended"
    assert judge("Veeam Backup & Replication", "9.0", None, day("2018-01-01")).state == "unknown"
    assert judge("TrueNAS SCALE", "24.04.2.2", None, day("2026-11-26")).state == "ended"
    assert judge("TrueNAS SCALE", "25.10.1", None, day("2026-11-26")).state == "unknown"
    assert judge("TrueNAS CORE", "13.0", None, day("2026-11-26")).state == "unknown"
    assert judge("pfSense", "2.3.2-RELEASE", None, day("2026-11-26")).state == "ended"


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-10-13", "supported"),
        ("2026-10-14", "unknown"),
        ("2027-10-12", "unknown"),
        ("2027-10-13", "unknown"),
    ],
)
def test_an_edition_that_is_not_known_is_judged_on_the_days_on_which_all_editions_agree(
    on: str, state: str
) -> None:
    """Windows 11 24H2: Pro ends 2026-10-13, Enterprise 2027-10-12, LTSC 2029-10-09, IoT LTSC 2034-10-10."""
    found = judge("Windows 11", "24H2", None, day(on))
    assert (found.state, found.ends, found.cycle) == (state, None, None)
    assert "Windows 11 24H2 (Home, Pro) ends 2026-10-13" in found.told
    assert judge("Windows 11", "24H2", None, day("2034-10-11")).state == "ended"


def test_the_last_day_is_told_with_what_is_paid_for_and_without() -> None:
    found = judge("Windows 10 Pro", "22H2", None, day("2026-01-01"))
    assert support.until(found) == day("2025-10-14")
    assert support.until(found, esu=True) == day("2028-10-10")
    assert found.told == "ESU (paid) until 2028-10-10"
    assert support.until(judge("Dream OS", "1", None, day("2026-01-01"))) is None


DAYS = st.dates(dt.date(1995, 1, 1), dt.date(2045, 1, 1))
MANY = st.lists(st.sampled_from(cycles()), min_size=1, max_size=4, unique=True)


@given(MANY, DAYS, st.booleans())
def test_a_state_is_that_of_each_cycle_that_may_be_meant_or_unknown(
    found: list, on: dt.date, esu: bool
) -> None:
    together = of(Named("x", "1", None, tuple(found), "version not known"), on, esu)
    alone = {of(Named("x", "1", None, (one,)), on, esu).state for one in found}
    assert together.state == (alone.pop() if len(alone) == 1 else "unknown")


@given(st.sampled_from(cycles()), DAYS, DAYS, st.booleans())
def test_once_ended_it_stays_ended_and_paying_never_makes_it_worse(
    one: object, first: dt.date, second: dt.date, esu: bool
) -> None:
    earlier, later = sorted((first, second))
    named = Named("x", "1", None, (one,))  # type: ignore[arg-type]
    if of(named, earlier, esu).state == "ended":
        assert of(named, later, esu).state == "ended"
    paid, unpaid = of(named, first, esu=True).state, of(named, first).state
    assert WORST.index(paid) >= WORST.index(unpaid)


@given(st.sampled_from(cycles()), DAYS, st.booleans())
def test_it_is_mended_up_to_the_last_day_and_not_after_it(one: object, on: dt.date, esu: bool) -> None:
    found = of(Named("x", "1", None, (one,)), on, esu)  # type: ignore[arg-type]
    last = support.until(found, esu)
    if last is not None and found.reason != "not released yet":
        assert (found.state in ("supported", "extended")) == (on <= last)


FLEET = [
    Workstation(
        "a", os="Microsoft Windows 10 Professionnel", os_version="22H2", site="Nord", service="Pharmacie"
    ),
    Workstation("b", os="Windows 10 Pro", os_version="10.0.19045", site="Nord"),
    Workstation("c", os="Windows 11 Entreprise", os_version="23H2", site="Sud"),
    Workstation("d", os="Windows 11", os_version="24H2", site="Sud"),
    Workstation("e", site="Sud"),
    Workstation("f", os="Windows 10 Pro", os_version="22H2", state="retired"),
]
SERVERS = [
    Item("hv-01", "hypervisor", "VMware ESXi", "7.0.3", site="Nord", family="vmware"),
    Item("sql-01", "database", "Windows Server 2016", "14393", site="Nord"),
]


def test_what_is_out_of_support_on_a_day_is_listed_worst_first_workstations_and_servers_alike() -> None:
    """On 2027-01-31: ESXi 7.0 since 2025-10-02, Windows 10 since 2025-10-14, 23H2 since 2026-11-10, the server since
    2027-01-12. Of d nobody knows the edition, of e nothing; f is out of use."""
    found = look([*of_workstations(FLEET), *SERVERS], day("2027-01-31"))
    assert [one.item.name for one in found.standings] == ["hv-01", "a", "b", "c", "sql-01", "d", "e"]
    assert [one.item.name for one in found.of("ended")] == ["hv-01", "a", "b", "c", "sql-01"]
    assert [one.item.name for one in found.of("unknown")] == ["d", "e"]
    assert found.count("site") == {"Nord": {"ended": 4}, "Sud": {"ended": 1, "unknown": 2}}
    assert found.count("kind")["workstation"] == {"ended": 3, "unknown": 2}
    assert found.count("system")["Windows 10 22H2 (Pro, Enterprise, Education)"] == {"ended": 2}
    assert found.count("service")[None] == {"ended": 4, "unknown": 2}


def test_what_is_paid_for_is_extended_and_the_rest_is_not() -> None:
    found = look(of_workstations(FLEET, frozenset({"name:a"})), day("2027-01-31"))
    states = {one.item.name: one.support.state for one in found.standings}
    assert (states["a"], states["b"]) == ("extended", "ended")


@given(st.permutations([*of_workstations(FLEET), *SERVERS]), DAYS)
def test_the_same_things_stand_in_the_same_order_however_they_come(items: list[Item], on: dt.date) -> None:
    assert look(items, on) == look([*of_workstations(FLEET), *SERVERS], on)


@given(DAYS)
def test_the_counts_add_up(on: dt.date) -> None:
    items = [*of_workstations(FLEET), *(dataclasses.replace(one, esu=True) for one in SERVERS)]
    found = look(items, on)
    for by in ("site", "service", "kind", "system"):
        assert sum(sum(row.values()) for row in found.count(by).values()) == len(items)
