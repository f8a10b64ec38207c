"""Every recorded device is polled over real SNMP, and what is read equals what others derived from it.

The expectations are those of the corpus (the test data of other monitoring programs, or recomputed from the
recorded objects by its makers), never of our reader.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import recorded
import truth

from collectors.poll import Poll, Reading, Table
from collectors.polling import Poller
from collectors.recording import agents as files
from collectors.recording import replaying
from inventory.metrics import Sample, describe, labels

pytestmark = [
    pytest.mark.xdist_group("snmpsim"),
    pytest.mark.timeout(600),
]  # the first test polls all devices

PLACE = os.environ.get("JAUGE_CORPUS")
DEVICES = (
    sorted(path.stem for path in Path(PLACE, "recordings").glob("*.snmprec")) if PLACE else ["(no corpus)"]
)

SIZE = "jauge_storage_size_bytes"

BETTER = {"truenas": "/mnt/tank/"}
"""Where hrStorageTable tells less of stores than the device's own table: of a data set without its snapshots."""

OTHER_MEMORY = {"asa", "audiocodes_virtualsbc", "fabos_6520", "panos"}
"""Devices whose memory is told by pools or in per cent."""


MISSED = {
    "audiocodes_virtualsbc": "hrStorageTable says 4096 units of one byte for its memory, none of them used: not credible",
}
"""Devices of which we read less than others, and why. What is missed of any other device is a fault."""

Truth = dict[str, list[truth.Row]]
"""What others read of each device, and whether we do."""

KINDS = ("storage", "memory", "cpu", "ups")


@pytest.fixture(scope="module")
def polls(snmpsim: int, agents: Any) -> dict[str, Poll]:
    """One poll of every recorded device, with no family given."""
    return recorded.all_polls(snmpsim, DEVICES, agents) if PLACE else {}


@pytest.fixture(scope="module")
def rows(polls: dict[str, Poll], corpus: Path) -> Truth:
    return {
        device: list(truth.rows(device, recorded.expected(corpus, device), found))
        for device, found in polls.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_hundred_figures_that_others_read_ninety_five_are_read(kind: str, rows: Truth) -> None:
    """Sizes to one per cent, processors to two points, batteries to one."""
    listed = [row for told in rows.values() for row in told if row.kind == kind]
    print(truth.summary(listed))
    for row in listed:
        if not row.right:
            print(
                f"missed of {row.device}: {row.name} {row.expected} ({MISSED.get(row.device, 'not explained')})"
            )
    assert len(listed) >= 30
    assert sum(row.right for row in listed) >= 0.95 * len(listed)


def test_whatever_is_missed_is_explained_and_what_is_explained_is_missed(rows: Truth) -> None:
    assert {device for device, told in rows.items() if not all(row.right for row in told)} == set(MISSED)


@pytest.mark.parametrize("device", DEVICES)
def test_nothing_that_is_read_is_absurd(device: str, polls: dict[str, Poll], corpus: Path) -> None:
    """Nothing negative, no more used than there is, no share above 1, no store counted twice."""
    assert list(truth.absurd(polls[device], recorded.expected(corpus, device))) == []


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([("size", 100, "a"), ("used", 101, "a")], "holds 101.0 of 100.0"),
        ([("size", 100, "a"), ("used", -1, "a")], "is -1"),
        ([("size", 1000, "a"), ("used", 10, "a"), ("size", 1000, "b"), ("used", 10, "b")], "counted 2 times"),
        ([("size", 1000, "a"), ("used", 10, "a"), ("size", 1000, "b"), ("used", 11, "b")], ""),
    ],
)
def test_what_is_absurd_is_noticed(samples: list[tuple[str, int, str]], said: str) -> None:
    told = Reading.of(
        Sample(f"jauge_storage_{what}_bytes", value, labels(store=name, kind="volume"))
        for what, value, name in samples
    )
    table = Table("stores", 0.0, 0.0, series=told.series, values=told.values)
    found = Poll("device", 0.0, 0.0, (table,))
    assert said in "; ".join(truth.absurd(found, {"storage": []}))
    assert bool(said) == bool(list(truth.absurd(found, {"storage": []})))


@pytest.mark.parametrize("device", DEVICES)
def test_a_recorded_device_is_read_as_others_read_it(
    device: str, polls: dict[str, Poll], corpus: Path
) -> None:
    found, expected = polls[device], recorded.expected(corpus, device)
    assert found.up
    failed = [table for table in found.tables if not table.up]
    assert [table.name for table in failed] in ([], ["families"]), failed
    assert [describe(sample) for sample in found if describe(sample)] == []
    _compare_stores(found, expected)
    if device not in OTHER_MEMORY:
        _compare_memory(found, expected)
    _compare_cpu(found, expected)


def _compare_stores(found: Poll, expected: dict[str, Any]) -> None:
    sizes = {s.labels: s.value for s in found if s.metric == "jauge_storage_size_bytes"}
    used = {s.labels: s.value for s in found if s.metric == "jauge_storage_used_bytes"}
    assert all(used[store] <= size for store, size in sizes.items() if store in used)
    for row in expected["storage"]:
        if not row["significant"] or not row["total_bytes"]:
            continue
        if row["table"] == "hrstorage" and row["name"].startswith(BETTER.get(expected["device"], "\0")):
            continue
        twins = [
            store for store, size in sizes.items() if size == pytest.approx(row["total_bytes"], rel=0.01)
        ]
        assert twins, f"{row['name']} of {row['total_bytes']} bytes is not among {sizes}"
        near = max(1, 0.001 * row["total_bytes"])  # another table of the same store may be rounded
        assert any(used[store] == pytest.approx(row["used_bytes"], rel=0.01, abs=near) for store in twins), (
            row
        )


def _compare_memory(found: Poll, expected: dict[str, Any]) -> None:
    totals = [row["total_bytes"] for row in expected["memory"] if row["class"] in ("ram", "system")]
    sizes = [sample.value for sample in found if sample.metric == "jauge_memory_size_bytes"]
    if totals:
        assert len(sizes) == 1
        assert any(sizes[0] == pytest.approx(total, rel=0.01) for total in totals), (sizes, totals)


def _compare_cpu(found: Poll, expected: dict[str, Any]) -> None:
    mean = expected["cpu"]["mean_percent"]
    ratios = [sample.value for sample in found if sample.metric == "jauge_cpu_used_ratio"]
    if mean is not None:
        assert ratios, "no processor load"
        assert 100 * ratios[0] == pytest.approx(mean, abs=2)


async def test_a_device_that_only_tells_its_name_has_no_values_and_says_why(
    snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "linux_supermicro", agents)
    assert {sample.metric for sample in found} <= {"jauge_uptime_seconds"}
    (families,) = [table for table in found.tables if not table.up]
    assert families.reason == "empty_answer"
    assert families.detail.startswith(
        "the agent tells what it is and nothing more that is known: Linux servers"
    )


@pytest.mark.parametrize(("named", "mistaken"), [("synology", True), ("apc-ups", True), ("netapp", False)])
async def test_a_family_that_the_estate_names_and_the_device_has_not_is_told(
    named: str, mistaken: bool, snmpsim: int, agents: Any
) -> None:
    """A NetApp filer, under its own name and those of others."""
    poller = Poller(agents.estate(snmpsim, agents.community("netapp-fas3270"), family=named, timeout=60))
    found = await poller.poll(poller.estate.targets[0])
    poller.close()
    wrong = [table for table in found.tables if table.name == "families"]
    assert [table.reason for table in wrong] == (["empty_answer"] if mistaken else [])
    assert all(f"the estate says family {named}" in table.detail for table in wrong)


async def test_a_wrapped_size_is_withheld_and_counted(snmpsim: int, agents: Any) -> None:
    """Isilon's /ifs holds 107 TB (ifsTotalBytes); hrStorageSize says 1.5 TB, less than what is used."""
    found = await recorded.poll(snmpsim, "isilon-onefs-7.2", agents)
    (table,) = [table for table in found.tables if table.name == "hr-storage"]
    assert table.withheld == 1
    assert "/ifs" in table.notes[0]
    (size,) = [s for s in found if s.metric == SIZE and dict(s.labels).get("store") == "/ifs"]
    assert size.value == 107_084_322_865_152
    assert dict(size.labels)["kind"] == "pool"


@pytest.mark.parametrize(
    ("device", "charge", "seconds_on_battery"),
    [("huaweiups_ups2000", 1.0, 0), ("eaton-mgeups_5px", None, None), ("eatonupsm2_9px", None, None)],
)
async def test_a_ups_tells_its_charge(
    device: str,
    charge: float | None,
    seconds_on_battery: float | None,
    snmpsim: int,
    corpus: Path,
    agents: Any,
) -> None:
    expected = recorded.expected(corpus, device)["raw"]["ups_mib"]
    found = {sample.metric: sample.value for sample in await recorded.poll(snmpsim, device, agents)}
    assert found["jauge_ups_charge_ratio"] == pytest.approx(expected["charge_percent"] / 100)
    assert charge is None or found["jauge_ups_charge_ratio"] == charge
    minutes = expected["minutes_remaining"]
    if minutes in (-1, 4294967295):
        assert "jauge_ups_runtime_seconds" not in found
    else:
        # A maker's own objects tell seconds of the minute that RFC 1628 tells.
        assert minutes * 60 <= found["jauge_ups_runtime_seconds"] < (minutes + 1) * 60
    assert seconds_on_battery is None or found["jauge_ups_on_battery_seconds"] == seconds_on_battery


def lasting(poll: Poll) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a poll tells, without what changes from one moment to the next."""
    moving = ("jauge_uptime_seconds", "jauge_clock_skew_seconds")
    told = recorded.values(poll).items()
    return {key: value for key, value in told if key[0] not in moving and "per_second" not in key[0]}


@pytest.mark.parametrize("device", ["netapp-fas3270", "apc_smt750x-nmc2"])
async def test_playing_a_recording_reads_what_a_poll_of_the_device_reads(
    device: str, snmpsim: int, agents: Any, corpus: Path
) -> None:
    over_wire = await recorded.poll(snmpsim, device, agents)
    played = await replaying.play(files.read(corpus / "recordings" / f"{device}.snmprec"))
    assert lasting(played) == lasting(over_wire)
    assert (played.family, played.product, played.version) == (
        over_wire.family,
        over_wire.product,
        over_wire.version,
    )
