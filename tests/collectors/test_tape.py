"""Tape libraries are read as others read them. Expectations are those of the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import recorded
from recorded import Same

from collectors.device import TableFile, families
from collectors.plan import Rows, read
from collectors.poll import Reading
from collectors.snmp.oid import encode

pytestmark = pytest.mark.xdist_group("snmpsim")

COOLING = "3764.1.1.200.200."

SAME = [
    Same("quantum_scalari6000", "jauge_temperature_celsius", {"sensor": "RCU2 #0.1"}, COOLING + "30.1.4.8.0.0.0.0.0.0.0.0.1"),
    Same("quantum_scalari6000", "jauge_temperature_celsius", {"sensor": "LPC1 #0.2"}, COOLING + "30.1.4.8.0.0.0.0.0.0.0.0.2"),
    Same("quantum_scalari6000", "jauge_fan_speed_rpm", {"fan": "RCS FAN1 #49.1"}, COOLING + "40.1.4.8.0.0.0.0.0.5.0.49.1"),
]  # fmt: skip


@pytest.mark.parametrize("same", SAME, ids=lambda same: same.oid)
async def test_a_library_tells_what_others_read(same: Same, snmpsim: int, corpus: Path, agents: Any) -> None:
    ours, theirs = await recorded.both(snmpsim, same, corpus, agents)
    assert ours == theirs


async def test_a_drive_in_warning_is_not_healthy(snmpsim: int, corpus: Path, agents: Any) -> None:
    """Others read the states of four drives by their serial numbers: 1 is good, 4 a warning."""
    samples = recorded.expected(corpus, "quantum_scalari6000")["sensors"]["samples"]
    told = {s["name"].removeprefix("Service: "): s["value"] for s in samples if "110.1.31." in s["oid"]}
    found = await recorded.poll(snmpsim, "quantum_scalari6000", agents)
    ours = {dict(s.labels)["drive"]: s.value for s in found if s.metric == "jauge_tape_drive_healthy"}
    assert ours == {serial: float(state == 1) for serial, state in told.items()}
    assert recorded.value(found, "jauge_tape_drives") == len(told)


@pytest.mark.parametrize(
    ("device", "family", "product", "version"),
    [
        ("quantum_scalari6000", "quantum-scalar", "Scalar i6000", "800Q.GS25700"),
        ("bdt-flexstor", "bdt-library", "FlexStor II", "6.21"),
        ("hpe-msl-detect", "hpe-tape-library", "HPE StoreEver MSL", ""),
    ],
)
async def test_a_library_is_known_without_being_named(
    device: str, family: str, product: str, version: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    assert (found.family, found.product, found.version) == (family, product, version)


async def test_a_library_of_bdt_says_that_it_is_well(snmpsim: int, corpus: Path, agents: Any) -> None:
    assert recorded.others(corpus, "bdt-flexstor")["20884.10893.2.101.2.1.0"] == 3
    found = await recorded.poll(snmpsim, "bdt-flexstor", agents)
    assert recorded.value(found, "jauge_tape_library_healthy") == 1


def _table(name: str) -> TableFile:
    return next(table for table in families()["snia-sml"].tables if table.name == name)


def _values(found: Reading) -> dict[str, float]:
    return dict(zip((metric for metric, _ in found.series), found.values, strict=True))


def test_a_library_of_ibm_counts_slots_cartridges_and_drives() -> None:
    """Objects as SNIA-SML-MIB names them: 13.1 places, 13.2 media, 6.1 drives."""
    told = {"13.1.0": 287, "13.2.0": 214, "6.1.0": 4}
    scalars = {encode(f"1.3.6.1.4.1.14851.3.1.{oid}"): number for oid, number in told.items()}
    assert _values(read(_table("sml-media"), {}, scalars)) == {
        "jauge_tape_slots": 287,
        "jauge_tape_cartridges": 214,
        "jauge_tape_drives": 4,
    }


@pytest.mark.parametrize(("status", "healthy"), [(2, 1), (3, 0), (5, 0), (6, 0), (0, None)])
def test_a_drive_of_ibm_is_well_where_cim_says_ok(status: int, healthy: float | None) -> None:
    """OperationalStatus of CIM: 0 unknown, 2 OK, 3 degraded, 5 predictive failure, 6 error."""
    table = _table("sml-drives")
    rows: Rows = {table.column(3): {b"\1": b"drive 1"}, table.column(11): {b"\1": status}}
    assert _values(read(table, rows, {})).get("jauge_tape_drive_healthy") == healthy
