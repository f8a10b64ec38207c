"""Management controllers and operating systems are read as others read them, with product and version.

Expectations are those of the corpus: what other monitoring programs read of the same recorded objects.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import recorded
from recorded import Same

from collectors.device import families
from collectors.plan import Rows, read
from collectors.snmp.polling import detected, facts

pytestmark = pytest.mark.xdist_group("snmpsim")

CELSIUS, RPM, WATTS = "jauge_temperature_celsius", "jauge_fan_speed_rpm", "jauge_power_watts"
DELL, CPQ = "674.10892.5.4.", "232.6.2."

SAME = [
    Same("drac_r540", CELSIUS, {"sensor": "CPU1 Temp"}, DELL + "700.20.1.6.1.1"),
    Same("drac_r540", CELSIUS, {"sensor": "System Board Inlet Temp"}, DELL + "700.20.1.6.1.3"),
    Same("drac_r540", RPM, {"fan": "System Board Fan6"}, DELL + "700.12.1.6.1.6"),
    Same("drac_r540", WATTS, {"sensor": "System Board Pwr Consumption"}, DELL + "600.30.1.6.1.3"),
    Same("drac_idrac7", CELSIUS, {"sensor": "System Board Exhaust Temp"}, DELL + "700.20.1.6.1.2"),
    Same("drac_idrac7", WATTS, {"sensor": "System Board Pwr Consumption"}, DELL + "600.30.1.6.1.3"),
    Same("drac_m1000e", CELSIUS, {"sensor": "front panel"}, "674.10892.2.3.1.10.0"),
    Same("drac_m1000e", CELSIUS, {"sensor": "CMC ambient"}, "674.10892.2.3.1.11.0"),
    Same("drac_m1000e", RPM, {"fan": "System Board Fan1A"}, DELL + "700.12.1.6.1.1"),
    Same("dell-ome-m", CELSIUS, {"sensor": "front panel"}, "674.10892.6.3.1.8.0"),
    Same("dell-ome-m", WATTS, {"sensor": "chassis"}, "674.10892.6.4.1.1.9.1"),
    Same("hpe-ilo_4", CELSIUS, {"sensor": "ambient #1"}, CPQ + "6.8.1.4.0.1"),
    Same("hpe-ilo_4", CELSIUS, {"sensor": "Port 1I Box 6 Bay 4 #0"}, "232.3.2.5.1.1.70.0.0"),
    Same("hpe-ilo_4", WATTS, {"sensor": "1"}, CPQ + "9.3.1.7.0.1"),
    Same("hpe-ilo_4_with_bat_checks", CELSIUS, {"sensor": "Port 1I Box 2 Bay 5 #2"}, "232.3.2.5.1.1.70.2.0"),
    Same("hpe-ilo_4_with_bat_checks", WATTS, {"sensor": "2"}, CPQ + "9.3.1.7.0.2"),
    Same("hpe-ilo_hpe-ilo6-with-vmware", CELSIUS, {"sensor": "ambient #1"}, CPQ + "6.8.1.4.0.1"),
    Same("hpe-ilo_hpe-ilo6-with-vmware", CELSIUS, {"sensor": "memory #10"}, CPQ + "6.8.1.4.0.10"),
    Same("ibm-imm_x3550m3", CELSIUS, {"sensor": "Ambient Temp"}, "2.3.51.3.1.1.2.1.3.1"),
    Same("ibm-imm_x3550m3", "jauge_fan_speed_ratio", {"fan": "Fan 1A Tach"}, "2.3.51.3.1.3.2.1.3.1", 0.01),
    Same("xclarity_lenovoxcc", CELSIUS, {"sensor": "Exhaust Temp"}, "19046.11.1.1.1.2.1.3.4"),
    Same("xclarity_lenovoxcc", "jauge_fan_speed_ratio", {"fan": "Fan 3 Tach"}, "19046.11.1.1.3.2.1.3.3", 0.01),
    Same("xclarity_xcc-esx334m", WATTS, {"sensor": "system"}, "19046.11.1.1.10.1.10.0"),
    Same("cimc", CELSIUS, {"sensor": "rack-unit-1"}, "9.9.719.1.9.44.1.4.1"),
    Same("cimc", CELSIUS, {"sensor": "rack-unit-1/board/cpu-2"}, "9.9.719.1.41.2.1.10.2"),
    Same("cimc", WATTS, {"sensor": "rack-unit-1"}, "9.9.719.1.9.14.1.4.1"),
    Same("supermicro-bmc_x11", CELSIUS, {"sensor": "PCH Temp"}, "21317.1.3.1.2.2"),
    Same("supermicro-bmc_x11", RPM, {"fan": "FAN1"}, "21317.1.3.1.2.10"),
    Same("supermicro-bmc_x11", WATTS, {"sensor": "2"}, "21317.1.14.2.1.5.2"),
]  # fmt: skip


@pytest.mark.parametrize("same", SAME, ids=lambda same: f"{same.device}-{same.oid}")
async def test_a_controller_tells_what_others_read(
    same: Same, snmpsim: int, corpus: Path, agents: Any
) -> None:
    ours, theirs = await recorded.both(snmpsim, same, corpus, agents)
    assert ours == pytest.approx(theirs, rel=0.001)


NAMED = [
    ("drac_idrac7", "idrac"), ("drac_r540", "idrac"), ("drac_m1000e", "idrac"), ("dell-ome-m", "ome-modular"),
    ("hpe-ilo", "hpe-ilo"), ("hpe-ilo_4", "hpe-ilo"), ("hpe-ilo_4_with_bat_checks", "hpe-ilo"),
    ("hpe-ilo_hpe-ilo6-with-vmware", "hpe-ilo"), ("ibm-imm_x3550m3", "imm"), ("xclarity_lenovoxcc", "xcc"),
    ("xclarity_xcc-esx334m", "xcc"), ("cimc", "cisco-ucs"), ("supermicro-bmc_x11", "supermicro-bmc"),
]  # fmt: skip


@pytest.mark.parametrize(("device", "family"), NAMED)
async def test_a_controller_names_its_machine_and_firmware_as_others_do(
    device: str, family: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    told = recorded.expected(corpus, device)["os"]
    found = await recorded.poll(snmpsim, device, agents)
    assert (found.family, found.product, found.version) == (family, told["hardware"], told["version"])


@pytest.mark.parametrize(
    ("device", "family", "product", "version"),
    [
        ("windows_svr_2019_1809", "windows-server", "Windows Server 2019", "17763"),
        ("windows_7600s-detect", "windows-server", "Windows Server 2008 R2", "7600"),
        ("windows_9600d-detect", "windows-server", "Windows Server 2012 R2", "9600"),
        ("windows-server-2003", "windows-server", "Windows Server 2003", "3790"),
        ("aix", "aix", "AIX", "06.01.0009.0300"),
        ("pfsense", "freebsd", "pfSense", "2.3.2-RELEASE"),
        ("linux_powermon", "linux", "Enterprise Linux 8", "4.18.0-259.el8.x86_64"),
        ("linux_supermicro", "linux", "Debian", "4.9.0-8-amd64"),
        ("linux_ucd-diskio", "linux", "Linux", "6.1.0"),
        ("linux_raspberrypi", "linux", "Linux", "4.19.97+"),
        ("linux", "linux", "Linux", "4.9.0"),
        ("hp-onboard-administrator", "hpe-blade-enclosure", "BladeSystem c7000 Enclosure G2", "3.60"),
        ("ucs-fabric-interconnect", "cisco-ucs", "Cisco UCS 6100 fabric interconnect", "5.0(3)N2(3.13b)"),
    ],
)
async def test_a_system_is_known_with_its_release(
    device: str, family: str, product: str, version: str, snmpsim: int, agents: Any
) -> None:
    """Others read the same releases: Windows by its build, Linux by its kernel."""
    found = await recorded.poll(snmpsim, device, agents)
    assert (found.family, found.product, found.version) == (family, product, version)


WORKSTATION, SERVER, CONTROLLER = (f"1.3.6.1.4.1.311.1.1.3.1.{number}" for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("identity", "build", "product"),
    [  # the builds of Windows as Microsoft's pages of releases list them
        (SERVER, 14393, "Windows Server 2016"),
        (SERVER, 17763, "Windows Server 2019"),
        (CONTROLLER, 20348, "Windows Server 2022"),
        (SERVER, 26100, "Windows Server 2025"),
        (SERVER, 99999, "Windows Server"),
        (WORKSTATION, 7601, "Windows 7"),
        (WORKSTATION, 19045, "Windows 10"),
        (WORKSTATION, 22631, "Windows 11"),
        (WORKSTATION, 26100, "Windows 11"),
    ],
)
def test_a_windows_is_named_by_its_build_and_whether_it_serves(
    identity: str, build: int, product: str
) -> None:
    said = (
        "Hardware: Intel64 Family 6 Model 85 Stepping 7 AT/AT COMPATIBLE - Software: Windows Version 6.3 "
        f"(Build {build} Multiprocessor Free)"
    )
    names = [name for name, one in families().items() if detected(one, said, identity, frozenset())]
    assert len(names) == 1
    assert facts(names, said) == {"family": names[0], "product": product, "version": str(build)}


async def test_the_agents_of_hpe_tell_memory_and_file_systems_in_mebibytes(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    told = recorded.expected(corpus, "hpe-ilo_4_with_bat_checks")
    found = await recorded.poll(snmpsim, "hpe-ilo_4_with_bat_checks", agents)
    memory = {row["name"]: row for row in told["memory"]}
    assert recorded.value(found, "jauge_memory_size_bytes") == memory["Physical Memory"]["total_bytes"]
    assert recorded.value(found, "jauge_memory_used_bytes") == memory["Physical Memory"]["used_bytes"]
    sizes = {s.value for s in found if s.metric == "jauge_storage_size_bytes"}
    assert {row["total_bytes"] for row in told["storage"]} <= sizes
    used = {s.value for s in found if s.metric == "jauge_storage_used_bytes"}
    assert {row["used_bytes"] for row in told["storage"]} <= used


async def test_more_free_paging_memory_than_there_is_leaves_what_is_used_unknown(
    snmpsim: int, agents: Any
) -> None:
    """The recorded iLO says that 507716 MiB of 15943 are free."""
    found = await recorded.poll(snmpsim, "hpe-ilo_hpe-ilo6-with-vmware", agents)
    assert recorded.value(found, "jauge_memory_pool_size_bytes", pool="paging") == 15943 * 1024**2
    assert recorded.value(found, "jauge_memory_pool_used_bytes", pool="paging") is None


async def test_a_sensor_of_a_processor_that_is_not_there_tells_no_temperature(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    told = recorded.others(corpus, "xclarity_lenovoxcc")
    assert told["19046.11.1.1.1.2.1.3.2"] == -51
    found = await recorded.poll(snmpsim, "xclarity_lenovoxcc", agents)
    assert recorded.value(found, CELSIUS, sensor="CPU DTS") is None


async def test_an_empty_fan_header_is_no_fan_that_stands_still(snmpsim: int, agents: Any) -> None:
    """Headers 3 and 6 of the recorded board read 0, and have no lower threshold."""
    found = await recorded.poll(snmpsim, "supermicro-bmc_x11", agents)
    speeds = {dict(sample.labels)["fan"]: sample.value for sample in found if sample.metric == RPM}
    assert {"FAN1", "FAN2"} <= speeds.keys()
    assert not {"FAN3", "FAN6"} & speeds.keys()
    assert min(speeds.values()) > 1000


@pytest.mark.parametrize(
    ("device", "healthy"),
    [("drac_r540", 1), ("dell-ome-m", 1), ("xclarity_lenovoxcc", 1), ("ibm-imm_x3550m3", 0)],
)
async def test_a_machine_says_whether_all_is_well(
    device: str, healthy: int, snmpsim: int, agents: Any
) -> None:
    """The recorded IMM says 2, critical, as others read it too."""
    found = await recorded.poll(snmpsim, device, agents)
    assert recorded.value(found, "jauge_device_healthy") == healthy


async def test_the_size_of_a_dell_server_s_memory_is_that_of_its_modules(snmpsim: int, agents: Any) -> None:
    """Four modules of 16 GiB (memoryDeviceSize 16777216 KiB each)."""
    found = await recorded.poll(snmpsim, "drac_r540", agents)
    assert recorded.value(found, "jauge_memory_size_bytes") == 4 * 16 * 1024**3


async def test_the_wear_of_flash_disks_is_told_of_flash_disks_alone(snmpsim: int, agents: Any) -> None:
    """physicalDiskRemainingRatedWriteEndurance is 255 for disks that turn."""
    found = await recorded.poll(snmpsim, "drac_r540", agents)
    worn = [sample.value for sample in found if sample.metric == "jauge_disk_wear_ratio"]
    disks = [sample for sample in found if sample.metric == "jauge_disk_healthy"]
    assert worn == pytest.approx([0.01, 0.01])  # 99 per cent are left
    assert len(disks) > len(worn)


@pytest.mark.parametrize(
    ("used", "worn"), [(50, 0.005), (1200, 0.12), (0, 0), (10000, 1), (4294967295, None)]
)
def test_what_hpe_calls_used_of_a_flash_disk_is_its_wear(used: int, worn: float | None) -> None:
    """cpqDaPhyDrvSSDPercntEndrnceUsed, in hundredths of a per cent (50 is 0.5 %); 4294967295 for disks that turn."""
    table = next(table for table in families()["cpq"].tables if table.name == "cpq-disks")
    place = bytes((0, 3))
    rows: Rows = {
        table.column(64): {place: b"Port 1I Box 1 Bay 1"},
        table.column(37): {place: 2},
        table.column(75): {place: used},
    }
    found = read(table, rows, {})
    values = {metric: value for (metric, _), value in zip(found.series, found.values, strict=True)}
    told = values.get("jauge_disk_wear_ratio")
    assert told == (None if worn is None else pytest.approx(worn))
    assert found.series[0] == ("jauge_disk_healthy", (("disk", "Port 1I Box 1 Bay 1 #0"),))
