"""Switches and firewalls are read as others read them; what no recording holds, as their MIBs and manuals say.

Expectations are those of the corpus (what other monitoring programs read of the same recorded objects), of RFC 3433, or
figures that a vendor's document prints.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import recorded
from hypothesis import given
from hypothesis import strategies as st
from recorded import Same
from tables import column, recognised, told

from collectors.device import families
from collectors.figures import magnified, number, pointed
from collectors.snmp.oid import encode
from collectors.snmp.values import ObjectId
from collectors.tables import Value as Rule

pytestmark = pytest.mark.xdist_group("snmpsim")

OPTICS = "1588.2.1.1.1.28.1.1.4.16.0.0.39.248.216.250.233.0.0.0.0.0.0.0.0"

SAME = [
    Same("fortigate_60f", "jauge_temperature_celsius", {"sensor": "CPU ON-DIE Temperature"}, "12356.101.4.3.2.1.3.1"),
    Same("panos", "jauge_sessions", {"kind": "firewall"}, "25461.2.1.2.3.3.0"),
    Same("panos", "jauge_sessions", {"kind": "ssl-proxy"}, "25461.2.1.2.3.7.0"),
    Same("panos", "jauge_sessions", {"kind": "vpn"}, "25461.2.1.2.5.1.3.0"),
    Same("fabos_6520", "jauge_fan_speed_rpm", {"fan": "FAN #4"}, "1588.2.1.1.1.1.22.1.4.13"),
    Same("fabos_6520", "jauge_interface_receive_dbm", {"interface": "Port0 #1"}, f"{OPTICS}.1"),
    Same("fabos_6520", "jauge_interface_receive_dbm", {"interface": "NT-WZ-SAN-BU_FC0 #10"}, f"{OPTICS}.10"),
    Same("iosxe_isr4321", "jauge_sensor_volts", {"sensor": "Slot 6 - V: 12v"}, "9.9.91.1.1.1.1.4.7004"),
    Same(
        "iosxe_isr4321", "jauge_sensor_dbm", {"sensor": "subslot 0/0 transceiver 0 Rx Power Sensor"},
        "9.9.91.1.1.1.1.4.1098",
    ),
    Same("iosxe_isr4321", "jauge_channels_active", {}, "9.9.63.1.3.8.1.1.2.2"),
    Same("barracudaspamfirewall", "jauge_queue_messages", {"queue": "Out"}, "2021.8.1.100.2"),
]  # fmt: skip

CLASSES = {
    "temperature": "jauge_temperature_celsius",
    "voltage": "jauge_sensor_volts",
    "current": "jauge_sensor_amperes",
    "fanspeed": "jauge_fan_speed_rpm",
}
"""Our metric for a class of sensors of the corpus."""

MACHINES = {
    "asa": ("cisco-asa", "Cisco ASA"),
    "barracudaspamfirewall": ("barracuda", "Barracuda Email Security Gateway"),
    "fabos_6520": ("fabricos", "Brocade Fabric OS"),
    "fortigate_60f": ("fortigate", "Fortinet FortiOS"),
    "iosxe_isr4321": ("cisco-ios", "Cisco IOS XE"),
    "nxos_n5548-7.3.3": ("cisco-nxos", "Cisco NX-OS"),
    "panos": ("panos", "Palo Alto Networks PAN-OS"),
}


@pytest.mark.parametrize("same", SAME, ids=lambda same: f"{same.device} {same.metric} {same.labels}")
async def test_a_figure_is_what_others_read_of_its_object(
    same: Same, snmpsim: int, corpus: Path, agents: Any
) -> None:
    ours, theirs = await recorded.both(snmpsim, same, corpus, agents)
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("device", ["asa", "fabos_6520", "fortigate_60f", "iosxe_isr4321"])
async def test_every_sensor_that_others_sampled_is_read(
    device: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    for sample in recorded.expected(corpus, device)["sensors"]["samples"]:
        metric = CLASSES.get(sample["class"])
        if metric is not None:
            ours = [value for (name, _), value in recorded.values(found).items() if name == metric]
            assert any(value == pytest.approx(sample["value"]) for value in ours), sample


@pytest.mark.parametrize("device", ["asa", "panos"])
async def test_pools_of_memory_have_the_sizes_that_others_read(
    device: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = recorded.values(await recorded.poll(snmpsim, device, agents))
    pairs = [
        (size, found[metric.replace("_size_", "_used_"), pairs])
        for (metric, pairs), size in found.items()
        if metric in ("jauge_memory_pool_size_bytes", "jauge_memory_size_bytes")
    ]
    rows = recorded.expected(corpus, device)["memory"]
    assert len(pairs) == len(rows)
    for row in rows:
        told_so = [
            size == pytest.approx(row["total_bytes"]) and used == pytest.approx(row["used_bytes"])
            for size, used in pairs
        ]
        assert any(told_so), row


async def test_a_switch_that_tells_shares_gets_no_bytes(snmpsim: int, corpus: Path, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "fabos_6520", agents)
    (row,) = recorded.expected(corpus, "fabos_6520")["memory"]
    assert recorded.value(found, "jauge_memory_used_ratio") == pytest.approx(row["percent"] / 100)
    assert not [sample for sample in found if "memory" in sample.metric and sample.metric.endswith("_bytes")]


async def test_memory_of_a_firewall_is_its_capacity_and_a_share_of_it(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "fortigate_60f", agents)
    (row,) = recorded.expected(corpus, "fortigate_60f")["memory"]
    assert recorded.value(found, "jauge_memory_size_bytes") == row["total_bytes"]
    assert recorded.value(found, "jauge_memory_used_bytes") == pytest.approx(row["used_bytes"], abs=1)


async def test_flash_of_a_switch_is_a_store(snmpsim: int, corpus: Path, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "nxos_n5548-7.3.3", agents)
    for row in recorded.expected(corpus, "nxos_n5548-7.3.3")["storage"]:
        store, _, partition = row["name"].removesuffix("):").partition("(")
        names = {"store": store, "pool": partition, "kind": "filesystem"}
        assert recorded.value(found, "jauge_storage_size_bytes", **names) == row["total_bytes"]
        assert recorded.value(found, "jauge_storage_used_bytes", **names) == row["used_bytes"]


@pytest.mark.parametrize("device", MACHINES)
async def test_a_machine_is_recognised_with_its_product_and_version(
    device: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    facts = recorded.expected(corpus, device)
    assert (found.family, found.product) == MACHINES[device]
    others = facts["os"].get("version") or facts["sysDescr"]
    assert found.version in others
    assert bool(found.version) == (device != "barracudaspamfirewall"), "no object of it tells a version"


async def test_both_units_of_a_failover_pair_are_told(snmpsim: int, corpus: Path, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "asa", agents)
    states = {"6": "Primary unit", "7": "Secondary unit"}
    samples = {
        s["oid"].rpartition(".")[2]: s["value"]
        for s in recorded.expected(corpus, "asa")["sensors"]["samples"]
        if ".9.9.147.1.2.1.1.1.3." in s["oid"]
    }
    for index, member in states.items():
        active = recorded.value(found, "jauge_redundancy_member_active", member=member)
        assert active == (samples[index] == 9)
        assert recorded.value(found, "jauge_redundancy_member_healthy", member=member) == 1


async def test_a_state_that_is_told_in_words_is_spread(snmpsim: int, agents: Any) -> None:
    found = recorded.values(await recorded.poll(snmpsim, "panos", agents))
    states = {
        dict(pairs)["state"]: v for (metric, pairs), v in found.items() if metric == "jauge_redundancy_state"
    }
    assert [state for state, value in states.items() if value] == ["active"]
    assert {"passive", "suspended"} <= set(states)


# --- what no recording holds --------------------------------------------------------------------------------


def test_a_sensor_is_read_as_rfc_3433_says() -> None:
    """0 to 100 degrees in tenths: EntitySensorPrecision 1, EntitySensorDataScale units(9), value in degrees x 10."""
    entry = "1.3.6.1.2.1.99.1.1.1"
    found = told(
        "entity-sensor",
        "entity-celsius",
        column(f"{entry}.1", 8, 8, 8, 8)
        | column(f"{entry}.2", 9, 9, 9, 8)
        | column(f"{entry}.3", 1, 1, 1, 0)
        | column(f"{entry}.4", 215, 1_000_000_000, 300, 36_500)
        | column(f"{entry}.5", 1, 1, 3, 1)
        | column("1.3.6.1.2.1.47.1.1.1.1.7", b"inlet", b"overflow", b"broken", b""),
    )
    assert found == {
        ("jauge_temperature_celsius", (("sensor", "inlet"),)): 21.5,
        ("jauge_temperature_celsius", (("sensor", "4"),)): 36.5,
    }


@given(st.integers(-(2**31), 2**31), st.integers(-300, 300), st.integers(-300, 300))
def test_a_scale_that_rfc_3433_does_not_know_gives_no_figure(value: int, digits: int, step: int) -> None:
    assert (pointed(value, digits) is None) == (digits < -8 or digits > 9)
    assert (magnified(value, step) is None) == (step < 1 or step > 17)


@given(st.integers(-(10**9), 10**9), st.integers(0, 9), st.integers(6, 12))
def test_a_scaled_figure_gives_its_digits_back(value: int, digits: int, step: int) -> None:
    scaled = magnified(pointed(value, digits) or 0, step)
    assert scaled is not None
    assert scaled * 10.0**digits / 1000.0 ** (step - 9) == pytest.approx(value)


EXPIRY = Rule(column=2, date="ctime")


def test_a_contract_ends_when_its_text_says() -> None:
    contract = "1.3.6.1.4.1.12356.101.4.6.3.1.2.1"
    found = told(
        "fortigate",
        "fortigate-contracts",
        column(f"{contract}.1", b"Attack Definitions", b"Web Filter")
        | column(f"{contract}.2", b"Mon Feb  3 02:00:00 2025", b"n/a"),
    )
    ends = dt.datetime(2025, 2, 3, 2, tzinfo=dt.UTC).timestamp()
    labels = (("license", "Attack Definitions"),)
    assert found == {("jauge_license_expiry_timestamp_seconds", labels): ends}


@given(st.integers(0, 253_402_300_799))
def test_any_moment_is_read_back(seconds: int) -> None:
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert number(EXPIRY, at.ctime().encode()) == seconds


@given(
    st.one_of(st.binary(max_size=30), st.from_regex(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}"))
)
def test_any_other_text_is_no_moment_or_a_plausible_one(text: bytes | str) -> None:
    told_as = number(EXPIRY, text if isinstance(text, bytes) else text.encode())
    assert (
        told_as is None
        or 0 <= told_as <= dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC).timestamp() + 1
    )


def test_a_firewall_without_a_disk_has_no_store() -> None:
    system = "1.3.6.1.4.1.12356.101.4.1"
    labels = (("kind", "filesystem"), ("store", "disk"))
    assert told("fortigate", "fortigate-disk", {f"{system}.6.0": 0, f"{system}.7.0": 0}) == {}
    assert told("fortigate", "fortigate-disk", {f"{system}.6.0": 1280, f"{system}.7.0": 3027}) == {
        ("jauge_storage_size_bytes", labels): 3027 * 1024**2,
        ("jauge_storage_used_bytes", labels): 1280 * 1024**2,
    }


def test_virtual_domains_are_used_of_those_that_are_owned() -> None:
    found = told(
        "fortigate",
        "fortigate-domains",
        {"1.3.6.1.4.1.12356.101.3.1.1.0": 2, "1.3.6.1.4.1.12356.101.3.1.2.0": 10},
    )
    labels = (("license", "virtual domains"),)
    assert found == {("jauge_licenses_used", labels): 2, ("jauge_licenses_owned", labels): 10}


def test_processors_and_memory_of_a_stack_are_told_as_a_whole() -> None:
    entry = "1.3.6.1.4.1.9.9.109.1.1.1.1"
    assert told("cisco", "cisco-processors", column(f"{entry}.7", 10, 30)) == {
        ("jauge_cpu_used_ratio", ()): 0.2
    }
    wide = column(f"{entry}.17", 2_000_000, 1_000_000) | column(f"{entry}.19", 6_000_000, 7_000_000)
    assert told("cisco", "cisco-processor-memory", wide) == {
        ("jauge_memory_size_bytes", ()): 16_000_000 * 1024,
        ("jauge_memory_used_bytes", ()): 3_000_000 * 1024,
    }


def test_a_partition_of_more_than_4_gib_is_not_taken_for_one_of_4_gib() -> None:
    entry, name = "1.3.6.1.4.1.9.9.10.1.1.4.1.1", {"1.3.6.1.4.1.9.9.10.1.1.2.1.7.1": b"bootflash"}
    narrow = {f"{entry}.4.1.1": 2**32 - 1, f"{entry}.5.1.1": 2**32 - 1, f"{entry}.10.1.1": b"p1"}
    wide = {f"{entry}.13.1.1": 8 * 2**30, f"{entry}.14.1.1": 5 * 2**30, f"{entry}.10.1.1": b"p1"}
    labels = (("kind", "filesystem"), ("pool", "p1"), ("store", "bootflash"))
    assert told("cisco", "cisco-flash-32", name | narrow) == {}
    assert told("cisco", "cisco-flash", name | wide) == {
        ("jauge_storage_size_bytes", labels): 8 * 2**30,
        ("jauge_storage_used_bytes", labels): 3 * 2**30,
    }


def test_a_pool_that_is_full_by_design_is_left_out() -> None:
    entry = "1.3.6.1.4.1.9.9.48.1.1.1"
    pools = column(f"{entry}.2", b"Processor", b"lsmpi_io")
    found = told(
        "cisco",
        "cisco-old-pools",
        pools | column(f"{entry}.5", 300, 6_294_304) | column(f"{entry}.6", 700, 824),
    )
    assert found == {
        ("jauge_memory_pool_size_bytes", (("pool", "Processor"),)): 1000,
        ("jauge_memory_pool_used_bytes", (("pool", "Processor"),)): 300,
    }


def test_modules_that_can_be_switched_off_are_no_power_supplies() -> None:
    found = told(
        "cisco",
        "cisco-supplies",
        column("1.3.6.1.4.1.9.9.117.1.1.2.1.2", 2, 5, 8)
        | column("1.3.6.1.2.1.47.1.1.1.1.5", 9, 6, 6)
        | column("1.3.6.1.2.1.47.1.1.1.1.7", b"Linecard 1", b"PS 1", b"PS 2"),
    )
    assert set(found.values()) == {0}
    assert [dict(labels)["supply"] for _, labels in found] == ["PS 1", "PS 2"]


@pytest.mark.parametrize(
    ("description", "identity", "family"),
    [
        ("Cisco NX-OS(tm) nxos.9.3.5.bin, Software (nxos), Version 9.3(5)", "1.3.6.1.4.1.9.12.3.1.3.1812", {"cisco-nxos"}),
        ("Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3", "1.3.6.1.4.1.9.1.1208", {"cisco-ios"}),
        ("Cisco Firepower Threat Defense, Version 7.0.1 (Build 84), ASA Version 9.16(2)", "1.3.6.1.4.1.9.1.2313", {"cisco-asa"}),
        ("Linux gw 3.10.0-957.21.3cpx86_64", "1.3.6.1.4.1.2620.1.6.123.1.49", {"checkpoint"}),
        ("Juniper Networks, Inc. ex2200-24t-4g internet router, kernel JUNOS 10.2R1.8 #0", "1.3.6.1.4.1.2636.1.1.1.2.43", {"juniper"}),
        ("HP J9728A 2920-48G Switch, revision WB.16.02.0012, ROM WB.16.03", "1.3.6.1.4.1.11.2.3.7.11.152", {"procurve"}),
        ("ArubaOS (MODEL: Aruba7210), Version 8.6.0.4 (74969)", "1.3.6.1.4.1.14823.1.1.32", {"aruba-controller"}),
        ("HPE Comware Platform Software, Software Version 7.1.070, Release 6728P06", "1.3.6.1.4.1.25506.11.1.181", {"comware"}),
        ("Aruba JL727A 6200F 48G CL4 4SFP+370W Swch ML.10.07.0005", "1.3.6.1.4.1.47196.4.1.1.1.303", {"aruba-cx"}),
        ("Alcatel-Lucent OS6860E-P24 8.4.1.141.R03 GA", "1.3.6.1.4.1.6486.801.1.1.2.1.11.1.2", {"omniswitch"}),
        ("Alcatel-Lucent OS6850-24 6.4.4.743.R01 GA", "1.3.6.1.4.1.6486.800.1.1.2.1.7.1.10", {"omniswitch-6"}),
        ("BIG-IP Virtual Edition : Linux 3.10.0", "1.3.6.1.4.1.3375.2.1.3.4.43", {"f5-bigip"}),
        ("NetScaler NS13.0: Build 58.32.nc", "1.3.6.1.4.1.5951.1", {"netscaler"}),
        ("Arista Networks EOS version 4.28.3M running on an Arista Networks DCS-7050TX-64", "1.3.6.1.4.1.30065.1.3011.7050", {"arista"}),
        ("ExtremeXOS (X460G2-24t-10G4) version 30.2.1.8", "1.3.6.1.4.1.1916.2.197", {"extreme-exos"}),
        ("Huawei Versatile Routing Platform Software\r\nVRP (R) software,Version 5.170 (AR2220 V200R009C00SPC500)", "1.3.6.1.4.1.2011.2.224", {"huawei-vrp"}),
        ("SonicWALL TZ 210 (SonicOS Enhanced 5.8.1.9-58o)", "1.3.6.1.4.1.8741.1", {"sonicwall"}),
        ("Sophos Firewall", "1.3.6.1.4.1.2604.5", {"sophos-sfos"}),
        ("Stormshield", "1.3.6.1.4.1.11256.2.0", {"stormshield"}),
        ("Linux web01 6.1.0-18-amd64", "1.3.6.1.4.1.8072.3.2.10", set()),
    ],
)  # fmt: skip
def test_a_machine_is_taken_for_its_family_alone(description: str, identity: str, family: set[str]) -> None:
    assert recognised(description, identity) == family


def test_sessions_have_no_limit_where_0_stands_for_none() -> None:
    counted = {"1.3.6.1.4.1.2620.1.1.25.3.0": 420, "1.3.6.1.4.1.2620.1.1.25.10.0": 0}
    assert told("checkpoint", "checkpoint-sessions", counted) == {
        ("jauge_sessions", (("kind", "firewall"),)): 420
    }
    counted["1.3.6.1.4.1.2620.1.1.25.10.0"] = 25_000
    assert (
        told("checkpoint", "checkpoint-sessions", counted)["jauge_sessions_limit", (("kind", "firewall"),)]
        == 25_000
    )


def test_a_licence_without_an_end_has_none() -> None:
    entry = "1.3.6.1.4.1.2620.1.6.18.1.1"
    blades = column(f"{entry}.4", b"Firewall", b"IPS") | column(f"{entry}.6", 2**32 - 1, 1_798_761_600)
    found = told("checkpoint", "checkpoint-license-ends", blades)
    assert found == {("jauge_license_expiry_timestamp_seconds", (("license", "IPS"),)): 1_798_761_600}


def test_states_in_words_are_read_in_any_case() -> None:
    entry = "1.3.6.1.4.1.2620.1.6.7.9.1.1"
    found = told("checkpoint", "checkpoint-supplies", column(f"{entry}.2", b"Up", b"Down", b"Dummy"))
    assert list(found.values()) == [1, 0]
    cluster = told("checkpoint", "checkpoint-cluster", {"1.3.6.1.4.1.2620.1.5.6.0": b"Standby"})
    assert [dict(labels)["state"] for (_, labels), value in cluster.items() if value] == ["standby"]
    assert told("checkpoint", "checkpoint-cluster", {"1.3.6.1.4.1.2620.1.5.6.0": b"somewhere else"}) == {}


def test_a_routing_engine_is_told_apart_from_its_parts() -> None:
    entry = "1.3.6.1.4.1.2636.3.1.13.1"
    objects = (
        column(f"{entry}.5", b"Routing Engine 0", b"Routing Engine 1", b"USB Hub", b"Power Supply 0", b"Fan Tray 0")
        | column(f"{entry}.6", 2, 7, 2, 6, 2)
        | column(f"{entry}.7", 38, 0, 0, 0, 0)
        | column(f"{entry}.8", 12, 3, 0, 0, 0)
        | column(f"{entry}.11", 25, 10, 0, 0, 0)
        | column(f"{entry}.15", 2048, 2048, 0, 0, 0)
    )  # fmt: skip
    assert told("juniper", "juniper-busiest", objects) == {("jauge_cpu_used_ratio", ()): 0.12}
    memory = told("juniper", "juniper-memory", objects)
    assert memory["jauge_memory_pool_size_bytes", (("pool", "Routing Engine 0"),)] == 2 * 2**30
    assert memory["jauge_memory_pool_used_bytes", (("pool", "Routing Engine 0"),)] == 2**29
    assert len(memory) == 4
    assert told("juniper", "juniper-celsius", objects) == {
        ("jauge_temperature_celsius", (("sensor", "Routing Engine 0"),)): 38
    }
    assert list(told("juniper", "juniper-supplies", objects).values()) == [0]
    assert list(told("juniper", "juniper-fans", objects).values()) == [1]


def test_an_empty_bay_of_a_switch_is_no_broken_part() -> None:
    entry = "1.3.6.1.4.1.11.2.14.11.1.2.6.1"
    supply, fan = (ObjectId(encode(f"1.3.6.1.4.1.11.2.3.7.8.3.{kind}")) for kind in (1, 2))
    objects = column(f"{entry}.2", fan, supply, supply, supply) | column(f"{entry}.4", 4, 4, 2, 5)
    assert told("procurve", "procurve-supplies", objects) == {
        ("jauge_power_supply_healthy", (("supply", "2"),)): 1,
        ("jauge_power_supply_healthy", (("supply", "3"),)): 0,
    }
    assert list(told("procurve", "procurve-fans", objects).values()) == [1]


def test_memory_of_a_switch_is_what_its_mib_shows() -> None:
    """NETSWITCH-MIB as others print it: 11337704 bytes, of which 9669100 are free and 1668732 allocated."""
    entry = "1.3.6.1.4.1.11.2.14.11.5.1.1.2.1.1.1"
    found = told(
        "procurve", "procurve-memory", column(f"{entry}.5", 11_337_704) | column(f"{entry}.7", 1_668_732)
    )
    assert found == {("jauge_memory_size_bytes", ()): 11_337_704, ("jauge_memory_used_bytes", ()): 1_668_732}


def test_a_firewall_that_says_freebsd_of_itself_is_known_by_its_objects() -> None:
    """Stormshield SNS has net-snmp's identity of FreeBSD, and the maker's objects."""
    own = frozenset({"1.3.6.1.4.1.11256.1"})
    assert "stormshield" in recognised("FreeBSD fw 11.3", "1.3.6.1.4.1.8072.3.2.8", own)
    assert "stormshield" not in recognised("FreeBSD fw 11.3", "1.3.6.1.4.1.8072.3.2.8")


def test_a_wireless_controller_is_told_apart_from_a_router() -> None:
    """AireOS has the identities of Cisco, and says no more of itself than that it is a controller."""
    own = frozenset({"1.3.6.1.4.1.14179.1.1"})
    assert recognised("Cisco Controller", "1.3.6.1.4.1.9.1.2427", own) == {"cisco-wlc"}
    objects = {
        f"1.3.6.1.4.1.14179.1.1.5.{place}.0": value for place, value in ((1, 12), (2, 4096), (3, 1024))
    }
    assert told("cisco-wlc", "wlc-memory", objects) == {
        ("jauge_memory_size_bytes", ()): 4 * 2**20,
        ("jauge_memory_used_bytes", ()): 3 * 2**20,
    }
    assert told("cisco-wlc", "wlc-processor", objects) == {("jauge_cpu_used_ratio", ()): 0.12}


def test_memory_of_a_switch_of_extreme_is_what_others_print() -> None:
    """EXTREME-SOFTWARE-MONITOR-MIB as others print it: 8388608 kB, of which 7031304 are free."""
    entry = "1.3.6.1.4.1.1916.1.32.2.2.1"
    found = told(
        "extreme-exos", "exos-memory", column(f"{entry}.2", b"8388608") | column(f"{entry}.3", b"7031304")
    )
    assert list(found.values()) == [8 * 2**30, 1_357_304 * 1024]


def test_the_switch_of_a_server_chassis_is_no_switch_of_a_network() -> None:
    """A fabric interconnect of Cisco UCS runs NX-OS too."""
    description = "Cisco NX-OS(tm) ucs, Software (ucs-6100-k9-system), Version 5.0(3)N2"
    assert "cisco-nxos" not in recognised(description, "1.3.6.1.4.1.9.12.3.1.3.899")


def test_a_store_of_a_maker_of_switches_is_no_switch() -> None:
    """Huawei's stores have identities beside those of its switches."""
    assert "huawei-vrp" not in recognised("ISM SNMP Agent", "1.3.6.1.4.1.2011.2.91")


def test_a_place_without_a_fan_is_no_broken_fan() -> None:
    """HUAWEI-ENTITY-EXTENT-MIB: present 1, absent 2; normal 1, abnormal 2; supply 1, notSupply 2."""
    root = "1.3.6.1.4.1.2011.5.25.31.1.1"
    fans = column(f"{root}.10.1.6", 1, 2, 1) | column(f"{root}.10.1.7", 1, 2, 2)
    assert list(told("huawei-vrp", "vrp-fans", fans).values()) == [1, 0]
    supplies = column(f"{root}.18.1.5", 1, 2, 1) | column(f"{root}.18.1.6", 1, 2, 2)
    assert list(told("huawei-vrp", "vrp-supplies", supplies).values()) == [1, 0]


def test_memory_of_a_firewall_without_figures_is_absent() -> None:
    """SFOS-FIREWALL-MIB: megabytes and per cent."""
    root = "1.3.6.1.4.1.2604.5.1.2.5"
    found = told("sophos-sfos", "sfos-memory", {f"{root}.1.0": 4096, f"{root}.2.0": 25})
    assert found == {("jauge_memory_size_bytes", ()): 2**32, ("jauge_memory_used_bytes", ()): 2**30}
    assert told("sophos-sfos", "sfos-memory", {f"{root}.1.0": 0, f"{root}.2.0": 0}) == {}


@pytest.mark.parametrize(
    ("family", "description", "version"),
    [
        ("comware", "H3C Comware Platform Software, Software Version 7.1.045, Release 1121\r\nH3C S5560-54C-EI", "7.1.045"),
        ("aruba-cx", "Aruba JL658A 6300M 24SFP+ 4SFP56 Swch FL.10.08.1010", "10.08.1010"),
        ("arista", "Arista Networks EOS version 4.26.2FX-RSVP-DPE running on an Arista Networks DCS-7808-CH", "4.26.2FX-RSVP-DPE"),
        ("extreme-exos", "ExtremeXOS (X450e-24p) version 15.3.5.2 v1535b2-patch1-19 by release-manager", "15.3.5.2"),
        ("huawei-vrp", "VRP (R) software, Version 8.220 (CE6857EI V200R022C00SPC500)", "V200R022C00SPC500"),
        ("huawei-vrp", "Huawei Versatile Routing Platform Software VRP (R) software, Version 5.160", "5.160"),
        ("omniswitch", "Alcatel-Lucent OS6860E-P24 8.4.1.141.R03 GA, March 15, 2017.", "8.4.1.141.R03"),
        ("omniswitch-6", "Alcatel-Lucent OS6850-24 6.4.4.743.R01 GA, May 2014.", "6.4.4.743.R01"),
    ],
)  # fmt: skip
def test_the_release_of_a_switch_is_in_what_it_says_of_itself(
    family: str, description: str, version: str
) -> None:
    patterns = [pattern for pattern in families()[family].version if isinstance(pattern, str)]
    found = [match for pattern in patterns if (match := re.search(pattern, description))]
    assert found[0][1] == version


def test_a_part_without_a_processor_does_not_lower_the_load() -> None:
    """HH3C-ENTITY-EXT-MIB: every part has a row, and those that have no processor say 0 for ever."""
    entry, names = "1.3.6.1.4.1.25506.2.6.1.1.1.1", "1.3.6.1.2.1.47.1.1.1.1"
    objects = (
        column(f"{entry}.6", 0, 30, 10, 0, 0)
        | column(f"{entry}.8", 0, 50, 40, 0, 0)
        | column(f"{entry}.10", 0, 2**30, 2**32 - 1, 0, 0)
        | column(f"{entry}.12", 65535, 41, 65535, 0, 0)
        | column(f"{entry}.19", 2, 2, 2, 51, 4)
        | column(f"{names}.5", 3, 9, 9, 6, 6)
        | column(f"{names}.7", b"Chassis", b"Board 1", b"Board 2", b"PSU 1", b"PSU 2")
    )
    assert told("comware", "comware-processors", objects) == {
        ("jauge_cpu_used_ratio", ()): pytest.approx(0.2)
    }
    board = (("part", "Board 1"), ("pool", "memory"))
    assert told("comware", "comware-memory", objects) == {
        ("jauge_memory_pool_size_bytes", board): 2**30,
        ("jauge_memory_pool_used_bytes", board): 2**29,
    }
    assert sorted(told("comware", "comware-memory-share", objects).values()) == pytest.approx([0.4, 0.5])
    assert list(told("comware", "comware-celsius", objects).values()) == [41]
    assert told("comware", "comware-supplies", objects) == {
        ("jauge_power_supply_healthy", (("supply", "PSU 1"),)): 0
    }


def test_a_bay_that_was_never_filled_is_not_told() -> None:
    """F5-BIGIP-SYSTEM-MIB: bad 0, good 1, notpresent 2; ARUBAWIRED-POWERSUPPLY-MIB: faultAbsent 2, empty 12."""
    chassis = column("1.3.6.1.4.1.3375.2.1.3.2.2.2.1.2", 1, 0, 2)
    assert list(told("f5-bigip", "bigip-supplies", chassis).values()) == [1, 0]
    entry = "1.3.6.1.4.1.47196.4.1.1.3.11.2.1.1"
    found = told(
        "aruba-cx",
        "aruba-cx-supplies",
        column(f"{entry}.3", b"1/1", b"1/2", b"1/3", b"1/4") | column(f"{entry}.11", 1, 3, 12, 2),
    )
    assert found == {
        ("jauge_power_supply_healthy", (("supply", "1/1"),)): 1,
        ("jauge_power_supply_healthy", (("supply", "1/2"),)): 0,
    }


def test_a_balancer_tells_its_part_of_a_pair() -> None:
    """F5-BIGIP-SYSTEM-MIB: unknown 0, offline 1, forcedOffline 2, standby 3, active 4."""
    root = "1.3.6.1.4.1.3375.2.1.14.3.1.0"
    found = told("f5-bigip", "bigip-cluster", {root: 3})
    assert [dict(labels)["state"] for (_, labels), value in found.items() if value] == ["standby"]
    assert told("f5-bigip", "bigip-cluster", {root: 0}) == {}


def test_licences_in_use_are_those_that_do_not_remain() -> None:
    """CISCO-LICENSE-MGMT-MIB: of one feature there may be a licence to try it beside the one that is used."""
    entry = "1.3.6.1.4.1.9.9.543.1.2.3.1"
    objects = (
        column(f"{entry}.3", b"base", b"base-ap-count", b"base-ap-count")
        | column(f"{entry}.6", 2, 1, 1)
        | column(f"{entry}.10", 0, 100, 500)
        | column(f"{entry}.11", 0, 60, 500)
        | column(f"{entry}.14", 3, 3, 2)
    )
    assert told("cisco", "cisco-licenses", objects) == {
        ("jauge_licenses_owned", (("license", "base-ap-count"),)): 100,
        ("jauge_licenses_used", (("license", "base-ap-count"),)): 40,
    }
