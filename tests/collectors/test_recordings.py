"""Every recorded device is polled over real SNMP, and what is read equals what others derived from it.

The expectations are those of the corpus (the test data of other monitoring programs, or recomputed from the
recorded objects by its makers), never of our reader.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from collectors.poll import Poll
from collectors.polling import Poller
from inventory.metrics import describe

pytestmark = pytest.mark.xdist_group("snmpsim")

PLACE = os.environ.get("JAUGE_CORPUS")
DEVICES = (
    sorted(path.stem for path in Path(PLACE, "recordings").glob("*.snmprec")) if PLACE else ["(no corpus)"]
)

SIZE = "jauge_storage_size_bytes"

BETTER = {"truenas": "/mnt/tank/"}
"""Where hrStorageTable tells less of stores than the device's own table: of a data set without its snapshots."""

OTHER_MEMORY = {"asa", "audiocodes_virtualsbc", "fabos_6520", "panos"}
"""Devices whose memory is told by pools or in per cent."""


async def poll(port: int, device: str, make: Any) -> Poll:
    estate = make.estate(port, make.community(device))
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


@pytest.mark.parametrize("device", DEVICES)
async def test_a_recorded_device_is_read_as_others_read_it(
    device: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await poll(snmpsim, device, agents)
    expected = json.loads((corpus / "recordings" / "expected" / f"{device}.json").read_text())
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
    found = await poll(snmpsim, "linux_supermicro", agents)
    assert {sample.metric for sample in found} <= {"jauge_uptime_seconds"}
    (families,) = [table for table in found.tables if not table.up]
    assert (families.reason, families.detail) == (
        "empty_answer",
        "the agent answers, but no family knows its objects",
    )


async def test_a_wrapped_size_is_withheld_and_counted(snmpsim: int, agents: Any) -> None:
    """Isilon's /ifs holds 107 TB (ifsTotalBytes); hrStorageSize says 1.5 TB, less than what is used."""
    found = await poll(snmpsim, "isilon-onefs-7.2", agents)
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
    expected = json.loads((corpus / "recordings" / "expected" / f"{device}.json").read_text())["raw"][
        "ups_mib"
    ]
    found = {sample.metric: sample.value for sample in await poll(snmpsim, device, agents)}
    assert found["jauge_ups_charge_ratio"] == pytest.approx(expected["charge_percent"] / 100)
    assert charge is None or found["jauge_ups_charge_ratio"] == charge
    minutes = expected["minutes_remaining"]
    if minutes in (-1, 4294967295):
        assert "jauge_ups_runtime_seconds" not in found
    else:
        # A maker's own objects tell seconds of the minute that RFC 1628 tells.
        assert minutes * 60 <= found["jauge_ups_runtime_seconds"] < (minutes + 1) * 60
    assert seconds_on_battery is None or found["jauge_ups_on_battery_seconds"] == seconds_on_battery
