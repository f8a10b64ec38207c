"""UPS, transfer switches and distribution units are read as others read them, each thing once.

Expectations are those of the corpus: what other monitoring programs read of the same recorded objects, and the objects
recomputed by its makers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import recorded
from recorded import Same

pytestmark = pytest.mark.xdist_group("snmpsim")

SAME = [
    Same("apc_smart1500", "jauge_ups_charge_ratio", {}, "318.1.1.1.2.3.1.0", 0.01),
    Same("apc_smart1500", "jauge_ups_runtime_seconds", {}, "318.1.1.1.2.2.3.0", 60),
    Same("apc_smart1500", "jauge_ups_load_ratio", {}, "318.1.1.1.4.3.3.0", 0.01),
    Same("apc_smart1500", "jauge_ups_battery_celsius", {}, "318.1.1.1.2.3.2.0"),
    Same("apc_smart1500", "jauge_ups_input_volts", {}, "318.1.1.1.3.3.1.0"),
    Same("apc_smart1500", "jauge_ups_output_volts", {}, "318.1.1.1.4.3.1.0"),
    Same("apc_smart1500", "jauge_ups_output_watts", {}, "318.1.1.1.4.2.8.0"),
    Same("apc_smart1500", "jauge_temperature_celsius", {"sensor": "Temp. Rack"}, "318.1.1.25.1.2.1.6.1.1"),
    Same("apc_smart1500", "jauge_temperature_celsius", {"sensor": "Temp. Room"}, "318.1.1.25.1.2.1.6.2.1"),
    Same("apc_sua1500rmi2u", "jauge_ups_load_ratio", {}, "318.1.1.1.4.3.3.0", 0.01),
    Same("apc_symmetralx", "jauge_ups_runtime_seconds", {}, "318.1.1.1.2.2.3.0", 60),
    Same("apc_ap8853", "jauge_pdu_amperes", {"pdu": "1", "line": "1"}, "318.1.1.12.2.3.1.1.2.1"),
    Same("apc_ap8853", "jauge_pdu_watts", {"pdu": "1"}, "318.1.1.26.4.3.1.5.1"),
    Same("apc_ap8853", "jauge_pdu_volts", {"pdu": "1", "line": "1"}, "318.1.1.26.6.3.1.6.1"),
    Same("apc-mgeups_galaxy7000", "jauge_ups_charge_ratio", {}, "705.1.5.2.0", 0.01),
    Same("apc-mgeups_galaxy7000", "jauge_ups_runtime_seconds", {}, "705.1.5.1.0"),
    Same("apc-mgeups_galaxy7000", "jauge_ups_battery_celsius", {}, "705.1.5.7.0"),
    Same("apc-mgeups_galaxy7000", "jauge_ups_input_volts", {"line": "2"}, "705.1.6.2.1.2.2.0"),
    Same("apc-mgeups_galaxy7000", "jauge_ups_output_volts", {"line": "3"}, "705.1.7.2.1.2.3.0"),
    Same("apc-mgeups_galaxy7000", "jauge_ups_load_ratio", {"line": "2"}, "705.1.7.2.1.4.2.0", 1e-5),
    Same("apc-mgeups_galaxy7000", "jauge_ups_load_ratio", {"line": "3"}, "705.1.7.2.1.4.3.0", 1e-5),
    Same("eaton-mgeups_5px", "jauge_temperature_celsius", {"sensor": "remote"}, "534.1.6.5.0"),
    Same("eaton-mgeups_5px", "jauge_humidity_ratio", {"sensor": "remote"}, "534.1.6.6.0", 0.01),
    Same("eaton-mgeups_5px", "jauge_ups_output_watts", {"line": "1"}, "1.3.6.1.2.1.33.1.4.4.1.4.1"),
    Same("eaton-mgeups_9px", "jauge_temperature_celsius", {"sensor": "ambient"}, "534.1.6.1.0"),
    Same("eatonups", "jauge_ups_charge_ratio", {}, "534.1.2.4.0", 0.01),
    Same("eatonups", "jauge_ups_runtime_seconds", {}, "534.1.2.1.0", 60),
    Same("eatonups", "jauge_ups_load_ratio", {}, "534.1.4.1.0", 0.01),
    Same("eatonups", "jauge_ups_input_volts", {"line": "1"}, "534.1.3.4.1.2.1"),
    Same("eatonups", "jauge_ups_output_watts", {"line": "2"}, "534.1.4.4.1.4.2"),
    Same("eatonupsm2_9px", "jauge_ups_charge_ratio", {}, "1.3.6.1.2.1.33.1.2.4.0", 0.01),
    Same("eatonpdu_2", "jauge_pdu_volts", {"pdu": "0", "line": "1"}, "534.6.6.7.3.2.1.3.0.1.1"),
    Same("eatonpdu_2", "jauge_pdu_amperes", {"pdu": "0", "line": "1"}, "534.6.6.7.3.3.1.4.0.1.1"),
    Same("eatonpdu_2", "jauge_pdu_watts", {"pdu": "0", "line": "1"}, "534.6.6.7.3.4.1.4.0.1.1"),
    Same("huaweiups_ups2000", "jauge_ups_battery_celsius", {}, "1.3.6.1.2.1.33.1.2.7.0"),
    Same("huaweiups_ups2000", "jauge_ups_output_volts", {"line": "1"}, "1.3.6.1.2.1.33.1.4.4.1.2.1"),
    Same("socomec-ups", "jauge_ups_charge_ratio", {}, "4555.1.1.7.1.2.4.0", 0.01),
    Same("socomec-ups", "jauge_ups_load_ratio", {"line": "1"}, "4555.1.1.7.1.4.4.1.4.1", 0.01),
    Same("socomec-ups", "jauge_temperature_celsius", {"sensor": "ambient"}, "4555.1.1.7.1.2.7.0"),
    Same("socomec-ups", "jauge_ups_output_volts", {"line": "1"}, "4555.1.1.7.1.4.4.1.2.1"),
    Same("dell-ups_rack3750w", "jauge_ups_runtime_seconds", {}, "674.10902.2.120.5.3.0", 60),
    Same("dell-ups_rack3750w", "jauge_ups_output_watts", {}, "674.10902.2.120.2.6.0"),
    Same("liebert", "jauge_temperature_celsius", {"sensor": "3C00000032C6E342"}, "476.1.42.3.8.60.15.1.70.1.2.1"),
    Same("liebert", "jauge_pdu_watts", {"pdu": "1.1"}, "476.1.42.3.8.30.20.1.65.1.1"),
    Same("liebert", "jauge_pdu_load_ratio", {"pdu": "1", "bank": "Branch 1"}, "476.1.42.3.8.40.20.1.160.1.1", 0.01),
    Same("liebert", "jauge_pdu_amperes", {"pdu": "1", "bank": "Branch 3"}, "476.1.42.3.8.40.20.1.130.1.3"),
]  # fmt: skip


@pytest.mark.parametrize("same", SAME, ids=lambda same: f"{same.device}-{same.oid}")
async def test_a_power_device_tells_what_others_read(
    same: Same, snmpsim: int, corpus: Path, agents: Any
) -> None:
    ours, theirs = await recorded.both(snmpsim, same, corpus, agents)
    assert ours == pytest.approx(theirs, rel=0.001)


@pytest.mark.parametrize(
    ("device", "family", "product", "version"),
    [
        ("apc_smt750x-nmc2", "apc-ups", "Smart-UPS X 750", "7.0.8"),
        ("apc_sua1500rmi2u", "apc-ups", "Smart-UPS 1500 RM", "3.7.3"),
        ("apc_symmetralx", "apc-ups", "Symmetra LX 16000 RM", "6.2.0"),
        ("apc_ats", "apc-ats", "AP4423", "6.4.6"),
        ("apc_ap8853", "apc-rack-pdu", "AP8853", "6.8.2"),
        ("apc-epdu_epdu1116s", "apc-easy-pdu", "EPDU1116S", "11.10"),
        ("eaton-mgeups_9px", "eaton-mge", "Eaton 9PX 1000i RT 2U", "01.16.4638"),
        ("eatonupsm2_9px", "eaton-xups", "Eaton 9PX 1000i RT 2U", "01.20.5072"),
        ("eatonpdu_2", "eaton-epdu", "EMA114-10", "05.01.0002"),
        ("huaweiups_ups2000", "huawei-ups", "UPS2000 6kVA", "V100R001C00SPC602"),
        ("socomec-ups", "socomec-ups", "NETYS RT", "8.00"),
        ("dell-ups_rack3750w", "dell-ups", "Dell UPS Rack 3750W High Efficiency Online HV", "01.08"),
        ("liebert", "liebert", "Liebert GXT2-3000RT120", ""),
    ],
)
async def test_a_power_device_is_known_without_being_named(
    device: str, family: str, product: str, version: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    assert (found.family, found.product, found.version) == (family, product, version)


@pytest.mark.parametrize(
    ("device", "state"),
    [
        ("apc_smart1500", "normal"),  # upsBasicOutputStatus 2 is onLine
        ("eatonupsm2_9px", "normal"),  # upsOutputSource 3
        ("socomec-ups", "normal"),  # upsOutputSource 3 is onInverter
        ("eatonups", "normal"),  # xupsOutputSource 3
    ],
)
async def test_a_ups_feeds_its_output_from_one_source(
    device: str, state: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    sources = {dict(s.labels)["state"]: s.value for s in found if s.metric == "jauge_ups_output_source"}
    assert {name for name, value in sources.items() if value} == {state}
    assert {"bypass", "none"} <= sources.keys()


@pytest.mark.parametrize("device", ["eaton-mgeups_9px", "eatonupsm2_9px", "huaweiups_ups2000"])
async def test_a_load_that_two_mibs_tell_is_told_once(device: str, snmpsim: int, agents: Any) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    assert len([sample for sample in found if sample.metric == "jauge_ups_load_ratio"]) == 1


async def test_a_sensor_that_is_not_there_is_not_at_zero_degrees(snmpsim: int, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "eaton-mgeups_5px", agents)
    assert recorded.value(found, "jauge_ups_battery_celsius") is None
    assert recorded.value(found, "jauge_temperature_celsius", sensor="ambient") is None


async def test_a_line_near_its_limit_is_not_healthy(snmpsim: int, agents: Any) -> None:
    """14.1 A of 16 A, above the warning threshold of 12.8 A that the unit holds."""
    found = await recorded.poll(snmpsim, "eatonpdu_2", agents)
    assert recorded.value(found, "jauge_pdu_load_healthy", pdu="0", line="1") == 0
    assert recorded.value(found, "jauge_pdu_load_ratio", pdu="0", line="1") == 0.88


async def test_a_transfer_switch_tells_its_sources(snmpsim: int, corpus: Path, agents: Any) -> None:
    """Others read: source 1 (A) selected, both sources 2 (ok), redundancy 2 (fully redundant)."""
    told = recorded.others(corpus, "apc_ats")
    assert (told["318.1.1.8.5.1.2.0"], told["318.1.1.8.5.1.12.0"], told["318.1.1.8.5.1.3.0"]) == (1, 2, 2)
    found = await recorded.poll(snmpsim, "apc_ats", agents)
    assert recorded.value(found, "jauge_transfer_source", source="A") == 1
    assert recorded.value(found, "jauge_transfer_source", source="B") == 0
    assert recorded.value(found, "jauge_transfer_source_healthy", source="B") == 1
    assert recorded.value(found, "jauge_transfer_redundant") == 1
