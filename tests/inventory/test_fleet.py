"""The fleet of a day: what is in care and mended by nobody, what is counted, and how far roll-outs are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from inventory.fleet import care, counts, judging
from inventory.fleet.care import Care
from inventory.fleet.tallies import TallyError, tally
from inventory.imports import snapshots
from inventory.imports.lives import lives, moves
from inventory.processors import Processors
from inventory.renewal import Renewal
from inventory.rollouts import CountsError, Rollout
from inventory.state import State, measures, open_state
from inventory.state.measures import Measured, Recorded
from inventory.workstations import Workstation

DAY = dt.date(2026, 11, 26)
START = 1_767_225_600  # the 1st of January 2026, UTC

WINDOWS_10 = {"os": "Microsoft Windows 10", "edition": "Professionnel", "os_version": "22H2"}
"""https://learn.microsoft.com/lifecycle: ended on 2025-10-14."""

WINDOWS_11 = {"os": "Microsoft Windows 11", "edition": "Professionnel", "os_version": "25H2"}
"""Ends on 2027-10-12."""

RENEWAL = Renewal.model_validate({
    "classes": [
        {"name": "theatre", "criticality": "critical", "care": True, "fits": {"services": ["Bloc*"]}},
        {"name": "pharmacy", "criticality": "high", "care": True, "fits": {"services": ["Pharmacie"]}},
        {"name": "office", "criticality": "low", "fits": {"services": ["Direction"]}},
    ],
    "consoles": [{"fits": {"names": ["SCAN-*"]}, "until": "2028-06-30", "why": "its maker validates nothing else"}],
    "measures": [{"fits": {"names": ["SCAN-*"]}, "text": "own network", "who": "CISO", "day": "2026-11-01"}],
})  # fmt: skip


def machine(name: str, service: str = "Bloc", **fields: Any) -> Workstation:
    return Workstation(name, serial=f"S-{name}", service=service, **fields)


def listed(*machines: Workstation, day: dt.date = DAY, recorded: tuple[Recorded, ...] = ()) -> Care:
    return care.listed(judging.judge(machines, RENEWAL, None, day), RENEWAL, recorded, day)


def names(found: Care) -> list[str]:
    return [one.machine.workstation.name for one in found.exposed]


def recorded(key: str, since: dt.date, until: dt.date | None = None) -> Recorded:
    return Recorded(1, key, "", "no mail", "Anne", since, until, 0.0)


# --- in care --------------------------------------------------------------------------------------


def test_the_list_holds_what_is_in_care_and_in_use_and_mended_by_nobody() -> None:
    found = listed(
        machine("old", **WINDOWS_10),
        machine("new", **WINDOWS_11),
        machine("office", "Direction", **WINDOWS_10),
        machine("stock", state="stock", **WINDOWS_10),
        machine("gone", state="retired", **WINDOWS_10),
        machine("mended", state="repair", **WINDOWS_10),
    )
    assert names(found) == ["mended", "old"]
    assert found.machines == 3
    assert found.exposed[0].since == dt.date(2025, 10, 15)


def test_what_nobody_can_tell_is_listed_with_its_reason_and_never_taken_for_supported() -> None:
    (one,) = listed(machine("dark")).exposed
    assert one.machine.support.state == "unknown"
    assert one.machine.support.told == "nobody tells what it runs"
    assert one.since is None


def test_a_day_to_come_shows_what_will_have_ended_by_then() -> None:
    assert names(listed(machine("new", **WINDOWS_11), day=dt.date(2027, 10, 12))) == []
    (one,) = listed(machine("new", **WINDOWS_11), day=dt.date(2027, 10, 13)).exposed
    assert one.since == dt.date(2027, 10, 13)


def test_those_without_a_measure_come_first_then_the_most_critical() -> None:
    found = listed(
        machine("pharmacy", "Pharmacie", **WINDOWS_10),
        machine("SCAN-1", **WINDOWS_10),
        machine("theatre-unknown"),
        machine("theatre", **WINDOWS_10),
    )
    assert names(found) == ["theatre", "theatre-unknown", "pharmacy", "SCAN-1"]
    assert [one.machine.workstation.name for one in found.uncovered] == names(found)[:3]


def test_a_console_keeps_its_own_dates_and_says_why() -> None:
    (one,) = listed(machine("SCAN-1", **WINDOWS_10)).exposed
    assert one.machine.console is not None
    assert one.machine.console.until == dt.date(2028, 6, 30)
    assert one.why == "its maker validates nothing else"
    assert [(each.text, each.who, each.id) for each in one.measures] == [("own network", "CISO", None)]


def test_a_measure_of_the_estate_covers_no_day_before_its_own() -> None:
    assert listed(machine("SCAN-1", **WINDOWS_10), day=dt.date(2026, 10, 31)).uncovered


def test_a_recorded_measure_covers_its_own_days_of_its_own_machine() -> None:
    kept = recorded("serial:s-old", DAY, dt.date(2026, 12, 31))
    two = (machine("old", **WINDOWS_10), machine("other", **WINDOWS_10))
    assert names(listed(*two, recorded=(kept,))) == ["other", "old"]
    assert len(listed(*two, recorded=(kept,)).uncovered) == 1
    assert len(listed(*two, recorded=(kept,), day=dt.date(2027, 1, 1)).uncovered) == 2


def test_a_measure_stays_with_a_machine_whose_serial_number_became_known_later() -> None:
    kept = recorded("name:old", DAY)
    assert not listed(machine("OLD", **WINDOWS_10), recorded=(kept,)).uncovered


def test_why_a_machine_is_not_upgraded_is_what_it_lacks() -> None:
    lacks = machine("lacks", tpm="1.2", firmware="bios", **WINDOWS_10)
    (one,) = listed(lacks).exposed
    assert one.why == "starts by BIOS: as it is set up, or as it is built; TPM 1.2 instead of 2.0"
    (one,) = listed(machine("old 11", **{**WINDOWS_11, "os_version": "23H2"})).exposed
    assert one.why == "runs Windows 11 already: a newer version of it is needed"


GOOD = {
    "cpu": "Intel Core i5-13500T", "memory": 16 * 2**30, "disk": 512 * 10**9, "firmware": "uefi", "tpm": "2.0",
}  # fmt: skip
CHIPS = Processors(frozenset({"intel i5-13500t"}), frozenset())


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({**GOOD, **WINDOWS_10}, "nothing speaks against Windows 11"),
        (GOOD, "nobody tells what it runs; its hardware is fit for Windows 11"),
        ({**GOOD, "tpm": None}, "nobody tells what it runs; its TPM is not told"),
        (
            {**GOOD, **WINDOWS_10, "cpu": None},
            "its processor is not told; whether it has 64 bits is not told",
        ),
        ({**GOOD, **WINDOWS_10, "firmware": None}, "whether it starts by UEFI is not told"),
        ({**GOOD, **WINDOWS_10, "memory": None}, "its memory is not told"),
        ({**GOOD, "os": "Microsoft Windows 11", "os_version": "99H9"}, "version not known"),
    ],
)
def test_what_is_not_told_is_said_and_speaks_for_no_upgrade(fields: dict[str, Any], why: str) -> None:
    judged = judging.judge([machine("one", **fields)], RENEWAL, CHIPS, DAY)
    (one,) = care.listed(judged, RENEWAL, (), DAY).exposed
    assert one.why == why


def test_an_estate_without_a_class_in_care_says_so() -> None:
    plain = Renewal()
    found = care.listed(judging.judge([machine("old", **WINDOWS_10)], plain, None, DAY), plain, [], DAY)
    assert (found.declared, found.machines, found.exposed) == (False, 0, ())


# --- figures --------------------------------------------------------------------------------------


def counted(*machines: Workstation) -> counts.Counts:
    now = judging.judge(machines, RENEWAL, None, DAY)
    return counts.count(machines, now, judging.again(now, DAY + counts.YEAR), DAY)


def test_what_nobody_knows_is_counted_apart() -> None:
    found = counted(
        machine("a", purchased=dt.date(2026, 11, 26), **WINDOWS_11),
        machine("b", purchased=dt.date(2020, 11, 27), **WINDOWS_10),
        machine("c"),
        machine("d", state="failed"),
        machine("e", state="stock", purchased=dt.date(2016, 11, 26)),
    )
    assert found.states == {"stock": 1, "failed": 1, "unknown": 3}
    assert found.machines == 4
    assert found.ages == {"0-1": 1, "4-5": 1, "8+": 1, "unknown": 1}
    assert found.now == {"ended": 1, "unknown": 2, "extended": 0, "supported": 1}
    assert found.later == {"ended": 2, "unknown": 2, "extended": 0, "supported": 0}
    assert found.missing["os"] == 2
    assert "serial" not in found.missing
    assert found.current == 1


def test_the_median_age_of_a_fleet_of_unknown_ages_is_unknown() -> None:
    assert counted(machine("a"), machine("b")).median is None


def test_what_ends_within_a_year_had_support_before() -> None:
    machines = [machine("a", **WINDOWS_11), machine("b", **WINDOWS_10), machine("c")]
    now = judging.judge(machines, RENEWAL, None, DAY)
    later = judging.again(now, DAY + counts.YEAR)
    assert [counts.ending(*pair) for pair in zip(now, later, strict=True)] == [True, False, False]


def test_judging_again_is_judging_on_the_other_day() -> None:
    machines = [machine("a", **WINDOWS_11), machine("SCAN-1", **WINDOWS_10), machine("c", "Pharmacie")]
    day = dt.date(2028, 1, 1)
    again = judging.again(judging.judge(machines, RENEWAL, None, DAY), day)
    assert again == judging.judge(machines, RENEWAL, None, day)


# --- what the imports tell ------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def take(state: State, day: int, *machines: Workstation) -> None:
    """An import of these machines, so many days after the first of January 2026."""
    found = snapshots.compare(state, f"day {day}", machines)
    snapshots.commit(state, found, "ada", at=START + day * 86_400)


def test_the_newest_import_tells_what_it_changed(state: State) -> None:
    assert snapshots.changes(state) is None
    take(state, 0, machine("a"), machine("b"), machine("c"))
    first = snapshots.changes(state)
    assert first is not None
    assert (first.added, first.before) == (3, None)
    take(state, 7, machine("a", site="x"), machine("c"), machine("d"))
    found = snapshots.changes(state)
    assert found is not None
    assert (found.added, found.changed, found.vanished, found.returned) == (1, 1, 1, 0)
    assert found.before == START
    take(state, 14, machine("a", site="x"), machine("b"), machine("c"))
    found = snapshots.changes(state)
    assert found is not None
    assert (found.added, found.changed, found.vanished, found.returned) == (0, 0, 1, 1)


TOLD = {"used": 3, "unknown": 1}


def test_machines_that_moved_are_counted_once_and_a_place_told_for_the_first_time_is_no_move(
    state: State,
) -> None:
    """a moves twice, on day 10 and by the newest import; b on day 10; of c a place is told for the first time."""
    take(state, 0, machine("a", site="Nord"), machine("b", site="Nord"), machine("c"))
    take(state, 10, machine("a", site="Sud"), machine("b", site="Sud"), machine("c"))
    take(state, 20, machine("a", site="Est", place="12"), machine("b", site="Sud"), machine("c", site="Sud"))
    days = [
        dt.datetime.fromtimestamp(START, dt.UTC).date() + dt.timedelta(days=count) for count in (20, 20 + 366)
    ]
    told = moves(state)
    assert counts.moved(told, days[0], days[0]) == (1, 2)
    assert counts.moved(told, days[0], days[1]) == (1, 0)


def test_failures_are_unknown_where_the_inventory_tells_no_state_of_any_machine(state: State) -> None:
    take(state, 0, machine("a"), machine("b"))
    take(state, 10, machine("a"))
    found = counts.ended(lives(state), dt.date(2026, 1, 20), {"unknown": 1})
    assert found is not None
    assert found.ends == {"vanished": 1}


def test_failures_are_unknown_before_a_second_import(state: State) -> None:
    take(state, 0, machine("a"), machine("was", state="failed"))
    assert counts.ended(lives(state), dt.date(2026, 1, 1), TOLD) is None


def test_what_had_ended_when_it_was_seen_first_is_no_failure_of_the_year(state: State) -> None:
    take(state, 0, *(machine(name) for name in "abc"), machine("was", state="failed"))
    take(
        state, 10, machine("a", state="failed"), machine("b", state="retired"), machine("was", state="failed")
    )
    found = counts.ended(lives(state), dt.date(2026, 1, 20), TOLD)
    assert found is not None
    assert found.ends == {"failure": 1, "retirement": 1, "vanished": 1}
    assert (found.since, found.until) == (dt.date(2026, 1, 1), dt.date(2026, 1, 11))
    later = counts.ended(lives(state), dt.date(2027, 1, 12), TOLD)
    assert later is not None
    assert later.ends == {"failure": 0, "retirement": 0, "vanished": 0}


def test_a_day_is_looked_at_in_the_inventory_that_stood_then(state: State) -> None:
    take(state, 0, machine("a"))
    take(state, 10, machine("a"), machine("b"))
    days = (dt.date(2025, 1, 1), dt.date(2026, 1, 5), dt.date(2026, 1, 11), dt.date(2030, 1, 1))
    seen = [judging.look(state, day, dt.UTC) for day in days]
    assert [len(each.snapshot.workstations) for each in seen if each] == [2, 1, 2, 2]


# --- roll-outs ------------------------------------------------------------------------------------


def rollout(**said: Any) -> Rollout:
    told = {"counted": {"kind": "os", "os": "Windows 11"}, "start": "2026-01-01", "end": "2026-06-30", **said}
    return Rollout.model_validate(told)


def test_what_runs_is_counted_in_each_import(state: State) -> None:
    take(state, 0, *(machine(name, **WINDOWS_10) for name in "abcd"))
    take(state, 7, machine("a", **WINDOWS_11), *(machine(name, **WINDOWS_10) for name in "bcd"))
    take(state, 14, machine("a", **WINDOWS_11), machine("b", **WINDOWS_11), machine("c", **WINDOWS_10), machine("e", **WINDOWS_11))  # fmt: skip
    found = tally(rollout(), RENEWAL, state, dt.UTC)
    days = [day.date() for day in found.history["day"]]
    assert days == [dt.date(2026, 1, 1), dt.date(2026, 1, 8), dt.date(2026, 1, 15)]
    assert list(found.history["count"]) == [0, 1, 3]
    assert (found.total, found.unknown) == (4, 0)


def test_only_machines_that_are_meant_and_in_use_are_counted(state: State) -> None:
    take(
        state, 0,
        machine("a", **WINDOWS_11), machine("b", "Pharmacie", **WINDOWS_11), machine("c", "Direction", **WINDOWS_11),
        machine("d", state="stock", **WINDOWS_11), machine("e", state="failed", **WINDOWS_11), machine("f", **WINDOWS_10),
    )  # fmt: skip
    found = tally(rollout(among={"classes": ["theatre", "pharmacy"]}), RENEWAL, state, dt.UTC)
    assert (list(found.history["count"]), found.total) == ([2], 3)


def test_an_import_that_does_not_tell_what_runs_counts_nothing_rather_than_0(state: State) -> None:
    take(state, 0, machine("a"), machine("b"))
    take(state, 7, machine("a", **WINDOWS_11), machine("b"))
    found = tally(rollout(), RENEWAL, state, dt.UTC)
    assert [day.date() for day in found.history["day"]] == [dt.date(2026, 1, 8)]
    assert (list(found.history["count"]), found.total, found.unknown) == ([1], 2, 1)


def test_of_several_imports_of_a_day_the_last_one_counts(state: State) -> None:
    take(state, 0, machine("a", **WINDOWS_10))
    snapshots.commit(state, snapshots.compare(state, "again", [machine("a", **WINDOWS_11)]), "ada", at=START)
    snapshots.commit(
        state, snapshots.compare(state, "third", [machine("a", **WINDOWS_11), machine("b", **WINDOWS_11)]), "ada", at=START + 60
    )  # fmt: skip
    assert list(tally(rollout(), RENEWAL, state, dt.UTC).history["count"]) == [2]


def test_the_counts_of_imports_are_those_of_each_snapshot_looked_at_alone(state: State) -> None:
    """The same figures another way: each day's inventory made whole, and counted one by one."""
    kinds = ({}, WINDOWS_10, WINDOWS_11, {"os": "Microsoft Windows 11"})
    for week in range(9):
        machines = [
            machine(str(number), **kinds[(number * week + number) % 4])
            for number in range(12)
            if (number + week) % 5
        ]
        take(state, 7 * week, *machines)
    found = tally(
        rollout(counted={"kind": "os", "os": "Windows 11", "version": "25H2"}), RENEWAL, state, dt.UTC
    )
    for day, count in zip(found.history["day"], found.history["count"], strict=True):
        then = snapshots.on(state, day.date())
        assert then is not None
        assert count == sum(one.os_version == "25H2" for one in then.workstations)


def test_what_people_write_down_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "phones.csv"
    file.write_text("day;count\n2026-09-07;0\n2026-09-14;40\n", "utf-8")
    told = {"kind": "days", "file": str(file), "days": {"2026-09-21": 80}}
    found = tally(rollout(counted=told, total=1800), RENEWAL, None, dt.UTC)
    expected = pd.to_datetime(["2026-09-07", "2026-09-14", "2026-09-21"]).astype("datetime64[s]")
    assert list(found.history["day"]) == list(expected)
    assert (list(found.history["count"]), found.total, found.unknown) == ([0, 40, 80], 1800, None)


@pytest.mark.parametrize("count", ["99999999999999999999", "10000001"])
def test_a_count_that_nothing_can_have_is_told_with_its_line(tmp_path: Path, count: str) -> None:
    file = tmp_path / "phones.csv"
    file.write_text(f"day,count\n2026-09-07,{count}\n", "utf-8")
    told = rollout(counted={"kind": "days", "file": str(file)}, total=10)
    with pytest.raises(CountsError, match=r"line 2: .* is more than 10000000"):
        tally(told, RENEWAL, None, dt.UTC)


def test_what_cannot_be_counted_says_why(state: State) -> None:
    with pytest.raises(TallyError, match="no inventory was imported yet"):
        tally(rollout(), RENEWAL, state, dt.UTC)
    with pytest.raises(TallyError, match="do not tell what software"):
        tally(rollout(counted={"kind": "software", "software": "Office 2024"}), RENEWAL, state, dt.UTC)
    take(state, 0, machine("a", **WINDOWS_10))
    with pytest.raises(TallyError, match="no workstation in use that it is for"):
        tally(rollout(among={"sites": ["nowhere"]}), RENEWAL, state, dt.UTC)


def test_measures_that_were_recorded_reach_the_list(state: State) -> None:
    measures.add(state, Measured([("serial:s-old", "old")], "no mail", "Anne", DAY), 0.0, "anne")
    found = listed(machine("old", **WINDOWS_10), recorded=tuple(measures.listed(state)))
    assert [each.id for each in found.exposed[0].measures] == [1]
