"""What systems print that PowerShell reads: excerpts in the makers' documented formats, and what they mean."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.command import systems
from collectors.commands import COMMANDS, GROUPS
from collectors.poll import PollError, Reading
from inventory.metrics import Sample, describe

GIB = 1 << 30
TIB = 1 << 40
NAMES = sorted(name for name, command in COMMANDS.items() if command.shell == "powershell")

Told = dict[tuple[str, ...], float]


def read(name: str, document: Any) -> Told:
    """What a command's output means: values by metric and the values of the labels, in the order of their names."""
    return meant(name, document if isinstance(document, str) else json.dumps(document))


def meant(name: str, output: str) -> Told:
    found = COMMANDS[name].parse(output)
    reading = found if isinstance(found, Reading) else Reading.of(found)
    table = {}
    for (metric, pairs), value in zip(reading.series, reading.values, strict=True):
        table[metric.removeprefix("jauge_"), *(text for _, text in pairs)] = value
    return table


# --- Windows --------------------------------------------------------------------------------------------


def test_a_windows_server_says_what_it_is_as_an_agent_of_it_does() -> None:
    facts = COMMANDS["windows-os"].facts
    for caption, product in (
        ("Microsoft Windows Server 2019 Standard", "Windows Server 2019"),
        ("Microsoft Windows Server 2012 R2 Datacenter", "Windows Server 2012 R2"),
        ("Microsoft Windows Server Datacenter", "Windows Server"),
        ("Microsoft Windows 10 Enterprise LTSC", "Windows 10 Enterprise LTSC"),
        ("Microsoft Windows 11 Entreprise", "Windows 11 Entreprise"),
        ("Microsoft Windows 8.1 Pro", "Windows 8.1 Pro"),
    ):
        told = json.dumps({"product": caption, "build": "17763"})
        assert facts(told) == {"product": product, "version": "17763"}
    assert facts(json.dumps({"product": None, "build": None})) == {}


def test_the_memory_of_windows_is_told_in_kilobytes() -> None:
    told = {
        "memory": 33554432, "free": 12582912, "virtual": 38797312, "virtualfree": 20971520, "up": 86400, "cpus": 16,
    }  # fmt: skip
    assert read("windows-machine", told) == {
        ("memory_size_bytes",): 32 * GIB,
        ("memory_used_bytes",): 20 * GIB,
        ("virtual_memory_size_bytes",): 37 * GIB,
        ("virtual_memory_used_bytes",): 17 * GIB,
        ("uptime_seconds",): 86400,
        ("cpus",): 16,
    }
    assert (
        read("windows-machine", told | {"free": None, "memory": "33554432"})[("memory_size_bytes",)]
        == 32 * GIB
    )
    assert ("memory_used_bytes",) not in read("windows-machine", told | {"free": None})
    assert ("uptime_seconds",) not in read("windows-machine", told | {"up": "/Date(1738548000000)/"})


def test_a_volume_of_windows_is_one_store_by_its_letter_or_mount_point() -> None:
    rows = [
        {"name": "C:\\", "size": 107374182400, "free": 53687091200},
        {"name": "D:\\data\\pacs\\", "size": 4 * TIB, "free": TIB},
        {"name": "\\\\?\\Volume{00000000-0000-0000-0000-100000000000}\\", "size": 104857600, "free": 1},
    ]
    assert read("windows-volumes", {"volumes": rows}) == {
        ("storage_size_bytes", "filesystem", "C:"): 100 * GIB,
        ("storage_used_bytes", "filesystem", "C:"): 50 * GIB,
        ("storage_available_bytes", "filesystem", "C:"): 50 * GIB,
        ("storage_size_bytes", "filesystem", "D:\\data\\pacs"): 4 * TIB,
        ("storage_used_bytes", "filesystem", "D:\\data\\pacs"): 3 * TIB,
        ("storage_available_bytes", "filesystem", "D:\\data\\pacs"): TIB,
    }
    assert read("windows-volumes", {"volumes": None}) == {}


def test_a_service_that_should_run_and_does_not_is_told_and_no_other() -> None:
    rows = [{"name": "MSSQLSERVER", "state": "Stopped"}, {"name": "edgeupdate", "state": "Stopped"}]
    assert read("windows-services", {"services": rows}) == {("service_running", "MSSQLSERVER"): 0}
    assert read("windows-services", {"services": []}) == {}


def test_disks_of_windows_say_how_they_are_in_numbers_that_no_language_changes() -> None:
    ssd = {
        "id": "2", "name": "SAMSUNG MZ7L3", "size": 960197124096, "media": 4, "health": 1, "wear": 7, "celsius": 31,
        "hours": 1000, "errors": 0,
    }  # fmt: skip
    hdd = {"id": "3", "name": "ST4000", "size": 4000787030016, "media": 3, "health": 0, "wear": 0, "celsius": 0,
           "hours": None, "errors": None}  # fmt: skip
    assert read("windows-disks", {"disks": [ssd, hdd]}) == {
        ("disk_size_bytes", "2:SAMSUNG MZ7L3"): 960197124096,
        ("disk_healthy", "2:SAMSUNG MZ7L3"): 0,
        ("disk_celsius", "2:SAMSUNG MZ7L3"): 31,
        ("disk_powered_seconds", "2:SAMSUNG MZ7L3"): 3600000,
        ("disk_errors", "2:SAMSUNG MZ7L3"): 0,
        ("disk_wear_ratio", "2:SAMSUNG MZ7L3"): 0.07,
        ("disk_size_bytes", "3:ST4000"): 4000787030016,
        ("disk_healthy", "3:ST4000"): 1,
    }
    assert (
        read("windows-disks", {"disks": ssd | {"health": 5}}).get(("disk_healthy", "2:SAMSUNG MZ7L3")) is None
    )


# --- clusters and hypervisors ---------------------------------------------------------------------------

TB = 10**12


def a_cluster(nodes: int = 4, copies: int = 3, per_node: int = 3, **pool: Any) -> dict[str, Any]:
    """A cluster with drives of 4 TB for capacity, and one of 1 TB in each node as a cache."""
    drives, found = [], []
    for node in range(1, nodes + 1):
        own = [f"{{{node}-{place}}}" for place in range(per_node + 1)]
        drives += [
            {"id": one, "number": f"{node}00{place}", "name": "SSD", "size": (4 if place else 1) * TB,
             "usage": 1 if place else 5, "health": 0}
            for place, one in enumerate(own)
        ]  # fmt: skip
        found.append({"name": f"hv-0{node}", "drives": own})
    disk = {
        "name": "Volume1", "size": 8 * TB, "footprint": 8 * TB * copies, "resiliency": "Mirror", "copies": copies,
        "domain": 3, "health": 0,
    }  # fmt: skip
    raw = 4 * TB * nodes * per_node
    whole = {
        "name": "S2D on HV", "size": raw, "allocated": 8 * TB * copies, "health": 0,
        "drives": [drive["id"] for drive in drives], "disks": [disk],
    }  # fmt: skip
    return {"pools": [whole | pool], "drives": drives, "nodes": found, "jobs": []}


def of_pool(document: dict[str, Any]) -> dict[str, float]:
    told = read("s2d-storage", document)
    return {
        key[0].removeprefix("storage_"): value
        for key, value in told.items()
        if key[1:] == ("pool", "S2D on HV")
    }


def test_a_pool_of_storage_spaces_direct_is_told_raw_and_as_what_can_be_used() -> None:
    """Four nodes of three drives of 4 TB: 48 TB raw, 16 TB in three copies, 12 TB on three nodes; 16 TB are to be left."""
    assert of_pool(a_cluster()) == {
        "healthy": 1,
        "raw_bytes": 48 * TB,
        "raw_used_bytes": 24 * TB,
        "provisioned_bytes": 8 * TB,
        "copies": 3,
        "size_bytes": 16 * TB,
        "used_bytes": 8 * TB,
        "repair_reserve_bytes": 16 * TB,
        "size_without_node_bytes": 12 * TB,
        "rebuilding": 0,
    }
    told = read("s2d-storage", a_cluster())
    assert told["storage_raw_used_bytes", "volume", "S2D on HV", "Volume1"] == 24 * TB
    assert told["storage_copies", "volume", "S2D on HV", "Volume1"] == 3
    assert told[("disks",)] == 16
    assert told[("disks_failed",)] == 0
    assert told["disk_healthy", "1001:SSD"] == 1
    assert told["disk_size_bytes", "1000:SSD"] == TB


def test_where_too_few_nodes_would_stay_for_all_copies_nothing_is_said_of_them() -> None:
    for nodes, copies in ((2, 2), (3, 3)):
        told = of_pool(a_cluster(nodes, copies))
        assert "size_without_node_bytes" not in told
        assert told["repair_reserve_bytes"] == nodes * 4 * TB
    assert of_pool(a_cluster(3, 2))["size_without_node_bytes"] == 12 * TB
    assert of_pool(a_cluster(8, 3))["repair_reserve_bytes"] == 16 * TB


def test_of_nodes_of_unlike_size_the_largest_is_left_out() -> None:
    """12, 12, 12 and 24 TB in two copies: without the last, 36 TB hold 18 TB."""
    document = a_cluster(4, 2)
    for drive in document["drives"]:
        if drive["id"].startswith("{4-") and drive["usage"] == 1:
            drive["size"] = 8 * TB
    assert of_pool(document)["size_without_node_bytes"] == 18 * TB


def test_what_depends_on_what_comes_next_is_not_said() -> None:
    parity = {
        "name": "Volume2",
        "size": 8 * TB,
        "footprint": 16 * TB,
        "resiliency": "Parity",
        "copies": 1,
        "health": 0,
    }
    document = a_cluster()
    document["pools"][0]["disks"].append(parity)
    told = of_pool(document)
    assert {"copies", "size_bytes", "used_bytes", "size_without_node_bytes"} & set(told) == set()
    assert told["provisioned_bytes"] == 16 * TB
    racks = a_cluster()
    racks["pools"][0]["disks"][0]["domain"] = 5
    assert "size_without_node_bytes" not in of_pool(racks)
    lost = a_cluster()
    lost["nodes"].pop()
    assert {"size_without_node_bytes", "repair_reserve_bytes"} & set(of_pool(lost)) == set()
    assert "raw_bytes" not in of_pool(a_cluster(allocated=10**15))


def test_a_pool_that_repairs_itself_says_so_and_one_that_balances_does_not() -> None:
    for name, state, rebuilding in (
        ("Repair", 4, 1),
        ("Rebuild", 5, 1),
        ("Repair", 7, 0),
        ("Optimize", 4, 0),
    ):
        document = a_cluster() | {"jobs": {"name": name, "state": state}}
        assert of_pool(document)["rebuilding"] == rebuilding
    two = a_cluster()
    two["pools"].append(two["pools"][0] | {"name": "Other"})
    assert "rebuilding" not in of_pool(two)


def test_a_failing_drive_is_counted() -> None:
    document = a_cluster()
    document["drives"][5]["health"] = 2
    document["pools"][0]["health"] = 1
    told = read("s2d-storage", document)
    assert told[("disks_failed",)] == 1
    assert told["storage_healthy", "pool", "S2D on HV"] == 0
    document["drives"][5]["health"] = 5
    assert ("disks_failed",) not in read("s2d-storage", document)


def test_nodes_volumes_and_machines_of_a_failover_cluster() -> None:
    nodes = [
        {"name": "hv-01", "state": "Up"},
        {"name": "hv-02", "state": "Paused"},
        {"name": "hv-03", "state": "Up"},
    ]
    assert read("cluster-nodes", {"nodes": nodes}) == {
        ("node_up", "hv-01"): 1,
        ("node_up", "hv-02"): 0,
        ("node_up", "hv-03"): 1,
        ("cluster_members", "failover"): 3,
        ("cluster_members_up", "failover"): 2,
    }
    volumes = [
        {"name": "C:\\ClusterStorage\\Volume1", "state": "Online", "size": 8 * TB, "free": 3 * TB},
        {"name": "C:\\ClusterStorage\\Volume2", "state": "Failed", "size": 0, "free": 0},
    ]
    assert read("cluster-volumes", {"volumes": volumes}) == {
        ("storage_healthy", "filesystem", "C:\\ClusterStorage\\Volume1"): 1,
        ("storage_size_bytes", "filesystem", "C:\\ClusterStorage\\Volume1"): 8 * TB,
        ("storage_used_bytes", "filesystem", "C:\\ClusterStorage\\Volume1"): 5 * TB,
        ("storage_available_bytes", "filesystem", "C:\\ClusterStorage\\Volume1"): 3 * TB,
        ("storage_healthy", "filesystem", "C:\\ClusterStorage\\Volume2"): 0,
    }
    machines = [
        {"name": "pacs-01", "node": "hv-01", "state": "Online"},
        {"name": "ris-01", "node": "hv-02", "state": "Offline"},
    ]
    assert read("cluster-machines", {"machines": machines}) == {
        ("vm_info", "hv-01", "running", "pacs-01"): 1,
        ("vm_info", "hv-02", "stopped", "ris-01"): 1,
    }


def test_a_hyper_v_host_and_its_machines() -> None:
    host = {"name": "HV-01", "memory": 512 * GIB, "free": 128 * GIB, "cpus": 64, "idle": 75, "running": 21}
    assert read("hyper-v-host", host) == {
        ("node_memory_size_bytes", "HV-01"): 512 * GIB,
        ("node_memory_used_bytes", "HV-01"): 384 * GIB,
        ("node_cpus", "HV-01"): 64,
        ("node_vms", "HV-01"): 21,
        ("node_cpu_used_ratio", "HV-01"): 0.25,
    }
    for idle in (0, 101, None):
        assert ("node_cpu_used_ratio", "HV-01") not in read("hyper-v-host", host | {"idle": idle})
    machines = {
        "machines": [
            {"name": "pacs-01", "node": "HV-01", "state": "Running"},
            {"name": "test (2f0c)", "node": "HV-01", "state": "Saved"},
        ]
    }
    assert read("hyper-v-machines", machines) == {
        ("vm_info", "HV-01", "running", "pacs-01"): 1,
        ("vm_info", "HV-01", "suspended", "test (2f0c)"): 1,
        ("vms", "running"): 1,
        ("vms", "stopped"): 0,
        ("vms", "suspended"): 1,
    }
    assert read("hyper-v-machines", {"machines": []}) == {}


# --- databases, virtual desktops, vSAN ------------------------------------------------------------------


def test_databases_of_sql_server_say_how_far_their_files_may_grow_and_when_they_were_saved() -> None:
    told = {
        "version": "16.0.4105.2",
        "servers": [{"connections": 40}, {"connections": 2}],
        "databases": [{"name": "ris", "size": 12 * GIB}, {"name": "LAB\\lis", "size": GIB}],
        "files": [
            {"database": "ris", "tablespace": "PRIMARY", "size": 10 * GIB, "used": 7 * GIB, "most": 50 * GIB},
            {"database": "ris", "tablespace": "log", "size": 2 * GIB, "used": GIB, "most": -1},
            {"database": "LAB\\lis", "tablespace": "PRIMARY", "size": GIB, "used": -1, "most": GIB},
        ],
        "backups": [
            {"database": "ris", "kind": "D", "at": 1700000000},
            {"database": "ris", "kind": "L", "at": 1700003600},
            {"database": "LAB\\lis", "kind": "I", "at": -1},
            {"database": "ris", "kind": "F", "at": 1700000000},
        ],
    }
    assert read("sqlserver-windows", told) == {
        ("database_connections",): 42,
        ("database_size_bytes", "ris"): 12 * GIB,
        ("database_size_bytes", "LAB\\lis"): GIB,
        ("tablespace_size_bytes", "ris", "PRIMARY"): 10 * GIB,
        ("tablespace_used_bytes", "ris", "PRIMARY"): 7 * GIB,
        ("tablespace_limit_bytes", "ris", "PRIMARY"): 50 * GIB,
        ("tablespace_size_bytes", "ris", "log"): 2 * GIB,
        ("tablespace_used_bytes", "ris", "log"): GIB,
        ("tablespace_size_bytes", "LAB\\lis", "PRIMARY"): GIB,
        ("tablespace_limit_bytes", "LAB\\lis", "PRIMARY"): GIB,
        ("database_backup_timestamp_seconds", "ris", "full"): 1700000000,
        ("database_backup_timestamp_seconds", "ris", "log"): 1700003600,
    }
    assert COMMANDS["sqlserver-windows"].facts(json.dumps(told)) == {
        "product": "Microsoft SQL Server",
        "version": "16.0.4105.2",
    }


def test_delivery_groups_of_citrix_are_pools_of_machines_and_sessions() -> None:
    group = {
        "name": "Wards", "enabled": True, "total": 200, "used": 150, "available": 38, "unregistered": 12, "faulted": 3,
        "sessions": 161, "disconnected": 20, "resting": 5,
    }  # fmt: skip
    assert read("citrix-groups", {"groups": group}) == {
        ("desktop_machines", "Wards"): 200,
        ("desktop_machines_used", "Wards"): 150,
        ("desktop_machines_available", "Wards"): 38,
        ("desktop_machines_unregistered", "Wards"): 12,
        ("desktop_machines_faulted", "Wards"): 3,
        ("desktop_machines_in_maintenance", "Wards"): 5,
        ("desktop_sessions", "Wards"): 161,
        ("desktop_sessions_disconnected", "Wards"): 20,
        ("desktop_pool_enabled", "Wards"): 1,
    }
    site = {
        "version": "7.33.0.0", "licensed": 161,
        "controllers": [
            {"name": "ddc1.hospital.example", "state": "Active", "license": "OK"},
            {"name": "ddc2.hospital.example", "state": "Off", "license": "OK"},
        ],
    }  # fmt: skip
    assert read("citrix-controllers", site) == {
        ("node_up", "ddc1.hospital.example"): 1,
        ("node_up", "ddc2.hospital.example"): 0,
        ("licenses_used", "concurrent sessions"): 161,
    }
    assert COMMANDS["citrix-controllers"].facts(json.dumps(site))["version"] == "7.33.0.0"
    rows = [{"name": "XDT, Concurrent", "used": 161, "owned": 300}]
    assert read("citrix-licenses", {"licenses": rows}) == {
        ("licenses_used", "XDT, Concurrent"): 161,
        ("licenses_owned", "XDT, Concurrent"): 300,
    }


def test_no_command_asks_who_has_a_session() -> None:
    text = " ".join(command.text for command in COMMANDS.values() if command.shell != "sh")
    for word in ("Get-BrokerSession", "UserName", "UserFullName", "login_name", "Get-HVLocalSession"):
        assert word not in text


def test_a_cluster_of_vsan_is_told_raw_and_as_what_its_policy_lets_in() -> None:
    """100 TiB raw of which 40 are free; the policy keeps two copies: 50 TiB, of which 20 are free."""
    row = {
        "name": "vSAN-1", "raw": 102400, "rawfree": 40960, "size": 51200, "free": 20480, "reserve": 25600, "syncing": 0,
    }  # fmt: skip
    assert read("vsan-space", {"clusters": row}) == {
        ("storage_raw_bytes", "pool", "vSAN-1"): 100 * TIB,
        ("storage_raw_used_bytes", "pool", "vSAN-1"): 60 * TIB,
        ("storage_rebuilding", "pool", "vSAN-1"): 0,
        ("storage_repair_reserve_bytes", "pool", "vSAN-1"): 25 * TIB,
        ("storage_size_bytes", "pool", "vSAN-1"): 50 * TIB,
        ("storage_used_bytes", "pool", "vSAN-1"): 30 * TIB,
        ("storage_available_bytes", "pool", "vSAN-1"): 20 * TIB,
    }
    bare = read("vsan-space", {"clusters": row | {"size": None, "free": None, "reserve": 0, "syncing": 7}})
    assert bare["storage_rebuilding", "pool", "vSAN-1"] == 1
    assert ("storage_size_bytes", "pool", "vSAN-1") not in bare
    assert ("storage_repair_reserve_bytes", "pool", "vSAN-1") not in bare


def test_hosts_of_vcenter_that_are_gone_have_no_load() -> None:
    up = {"name": "esx-01", "state": "Connected", "share": 0.25, "cpus": 32, "memory": 511.5, "used": 256}
    gone = up | {"name": "esx-02", "state": "NotResponding"}
    told = {"product": "VMware vCenter", "version": "8.0.2", "hosts": [up, gone]}
    assert read("vsan-hosts", told) == {
        ("node_up", "esx-01"): 1,
        ("node_cpus", "esx-01"): 32,
        ("node_memory_size_bytes", "esx-01"): 511.5 * GIB,
        ("node_memory_used_bytes", "esx-01"): 256 * GIB,
        ("node_cpu_used_ratio", "esx-01"): 0.25,
        ("node_up", "esx-02"): 0,
    }
    assert COMMANDS["vsan-hosts"].facts(json.dumps(told)) == {"product": "VMware vCenter", "version": "8.0.2"}


# --- Veeam ----------------------------------------------------------------------------------------------


def test_repositories_of_veeam_are_stores_and_extents_lie_in_their_scale_out_repository() -> None:
    rows = [
        {"name": "Default", "pool": "", "size": 4 * TIB, "free": TIB, "gone": False},
        {"name": "Extent 1", "pool": "Scale-out", "size": 8 * TIB, "free": 2 * TIB, "gone": True},
        {"name": "S3", "pool": "", "size": 0, "free": 0, "gone": False},
    ]
    assert read("veeam-repositories", {"repositories": rows}) == {
        ("storage_size_bytes", "repository", "Default"): 4 * TIB,
        ("storage_used_bytes", "repository", "Default"): 3 * TIB,
        ("storage_available_bytes", "repository", "Default"): TIB,
        ("storage_healthy", "repository", "Default"): 1,
        ("storage_size_bytes", "repository", "Scale-out", "Extent 1"): 8 * TIB,
        ("storage_used_bytes", "repository", "Scale-out", "Extent 1"): 6 * TIB,
        ("storage_available_bytes", "repository", "Scale-out", "Extent 1"): 2 * TIB,
        ("storage_healthy", "repository", "Scale-out", "Extent 1"): 0,
    }


def test_a_veeam_server_says_its_build() -> None:
    assert COMMANDS["veeam-server"].facts('{"version":"12.1.2.172"}') == {
        "product": "Veeam Backup & Replication",
        "version": "12.1.2.172",
    }
    assert GROUPS["veeam"] == ("veeam-server", "veeam-repositories", "veeam-sessions")


# --- all of them ----------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["12,5", "/Date(1738548000000)/", "1.234.567,89", "-1", "\ufeff", "C:\\"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def keys(name: str) -> list[str]:
    """The words that a command writes before a value."""
    return sorted(set(re.findall(r"(\w+)\s?=(?!=)", COMMANDS[name].text)))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=int(os.environ.get("JAUGE_EXAMPLES", "40")), deadline=None)
@given(st.data())
def test_whatever_a_command_prints_is_samples_of_the_vocabulary_or_no_answer(
    name: str, data: st.DataObject
) -> None:
    """The members that it does print, with any values, alone, in lists and in each other. JAUGE_EXAMPLES=2000 tries more of them."""
    words = st.sampled_from(keys(name))
    row = st.dictionaries(words, JSON, max_size=8)
    document = data.draw(
        JSON | row | st.dictionaries(words, row | st.lists(row, max_size=3) | JSON, max_size=6)
    )
    try:
        found = COMMANDS[name].parse(json.dumps(document))
        samples = (
            list(zip(found.series, found.values, strict=True)) if isinstance(found, Reading) else list(found)
        )
    except PollError as error:
        assert error.reason in ("unparsed", "empty_answer")  # noqa: PT017 - what is raised is half of the rule
        return
    for sample in samples:
        one = sample if isinstance(sample, Sample) else Sample(sample[0][0], sample[1], sample[0][1])
        assert describe(one) is None
        assert float("-inf") < one.value < float("inf")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_printed_is_no_answer(name: str) -> None:
    for output in ("", "\r\n", "not JSON", "{"):
        with pytest.raises(PollError):
            meant(name, output)


def test_every_system_that_is_read_by_powershell_says_what_would_prove_it() -> None:
    for name, system in systems().items():
        if any(command.shell == "powershell" for command in system.commands.values()):
            assert system.unproven, name
            assert name in GROUPS
