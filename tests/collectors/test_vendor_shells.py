"""Machines that are read by a command line of their own: ESXi hosts and vSAN, 3PAR, Spectrum Virtualize.

The outputs are written by hand in the forms that their makers document: "Using Esxcli Commands with vSAN" (Broadcom),
the HPE 3PAR Command Line Interface Reference, the IBM Spectrum Virtualize command-line interface guide.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import logins
import paramiko
import pytest
import servers
import storage
from hypothesis import example, given
from hypothesis import strategies as st

from collectors import ssh
from collectors.command import CommandFile
from collectors.commands import COMMANDS, GROUPS, Command, esxi, ibmi, spectrum, threepar
from collectors.poll import PollError
from inventory.metrics import Sample, describe

TIB, GIB, MIB = 1 << 40, 1 << 30, 1 << 20


def read(parsed: Iterable[Sample]) -> dict[tuple[str, str], float]:
    """Values by metric and by what the labels say, in the order of their names."""
    samples = list(parsed)
    assert [said for sample in samples if (said := describe(sample))] == []
    found = {(s.metric.removeprefix("jauge_"), ",".join(v for _, v in s.labels)): s.value for s in samples}
    assert len(found) == len(samples)
    return found


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    connections = ssh.Connections()
    yield connections
    connections.close()


# --- ESXi -----------------------------------------------------------------------------------------------

DATASTORES = [
    {"Mount Point": "/vmfs/volumes/5e01", "Volume Name": "fast", "UUID": "5e01", "Mounted": True,
     "Type": "VMFS-6", "Size": 4 * TIB, "Free": 1 * TIB},
    {"Mount Point": "/vmfs/volumes/5e02", "Volume Name": "nfs", "UUID": "5e02", "Mounted": False,
     "Type": "NFS41", "Size": 0, "Free": 0},
    {"Mount Point": "/vmfs/volumes/vsan:52ab", "Volume Name": "vsanDatastore", "UUID": "vsan:52ab", "Mounted": True,
     "Type": "vsan", "Size": 40 * TIB, "Free": 30 * TIB},
    {"Mount Point": "/vmfs/volumes/5e03", "Volume Name": "BOOTBANK1", "UUID": "5e03", "Mounted": True,
     "Type": "vfat", "Size": 4 * GIB, "Free": 3 * GIB},
    {"Mount Point": "/vmfs/volumes/5e04", "Volume Name": "OSDATA-5e04", "UUID": "5e04", "Mounted": True,
     "Type": "VMFSOS", "Size": 100 * GIB, "Free": 90 * GIB},
]  # fmt: skip

SUMMARY = """(vim.host.Summary) {
   host = 'vim.HostSystem:ha-host',
   hardware = (vim.host.Summary.HardwareSummary) {
      memorySize = 137438953472,
      cpuMhz = 2000,
      numCpuPkgs = 2,
      numCpuCores = 32,
      numCpuThreads = 64,
   },
   quickStats = (vim.host.Summary.QuickStats) {
      overallCpuUsage = 16000,
      overallMemoryUsage = 65536,
      uptime = 72306
   },
}
"""

DATASTORE_VALUES = {
    ("storage_healthy", "filesystem,fast"): 1,
    ("storage_size_bytes", "filesystem,fast"): 4 * TIB,
    ("storage_used_bytes", "filesystem,fast"): 3 * TIB,
    ("storage_healthy", "filesystem,nfs"): 0,
    ("storage_healthy", "pool,vsanDatastore"): 1,
    ("storage_raw_bytes", "pool,vsanDatastore"): 40 * TIB,
    ("storage_raw_used_bytes", "pool,vsanDatastore"): 10 * TIB,
}


@pytest.mark.parametrize("change", [str, lambda key: key.replace(" ", "")])
def test_datastores_are_told_however_a_release_writes_the_keys(change: Callable[[str], str]) -> None:
    rows = [{change(key): value for key, value in row.items()} for row in DATASTORES]
    assert read(esxi.parse_datastores(json.dumps(rows))) == DATASTORE_VALUES


def test_datastores_of_one_name_are_told_apart() -> None:
    rows = [{**DATASTORES[0], "Mount Point": f"/vmfs/volumes/{n}"} for n in (1, 2)]
    sizes = {key for key in read(esxi.parse_datastores(json.dumps(rows))) if key[0] == "storage_size_bytes"}
    assert sizes == {("storage_size_bytes", f"filesystem,/vmfs/volumes/{n}") for n in (1, 2)}


def test_a_host_tells_its_memory_and_processors_in_the_units_of_its_own_summary() -> None:
    assert read(esxi.parse_summary(SUMMARY)) == {
        ("memory_size_bytes", ""): 128 * GIB,
        ("memory_used_bytes", ""): 64 * GIB,
        ("cpu_used_ratio", ""): 0.25,
        ("cpus", ""): 64,
        ("uptime_seconds", ""): 72306,
    }


def test_a_processor_above_its_nominal_speed_is_full_and_no_more() -> None:
    told = read(esxi.parse_summary(SUMMARY.replace("overallCpuUsage = 16000", "overallCpuUsage = 70000")))
    assert told["cpu_used_ratio", ""] == 1


def test_the_machines_that_run_are_listed() -> None:
    rows = [{"Display Name": "pacs", "World ID": 1, "UUID": "a"}, {"DisplayName": "twin", "UUID": "b"},
            {"DisplayName": "twin", "UUID": "c"}]  # fmt: skip
    assert read(esxi.parse_machines(json.dumps(rows))) == {
        ("vm_info", "running,pacs"): 1,
        ("vm_info", "running,twin (b)"): 1,
        ("vm_info", "running,twin (c)"): 1,
        ("vms", "running"): 3,
    }


def test_an_esxi_host_says_its_release_and_build() -> None:
    said = {"Product": "VMware ESXi", "Version": "8.0.2", "Build": "Releasebuild-22380479", "Update": "2"}
    for output in (json.dumps(said), json.dumps([said])):
        assert esxi.facts(output) == {"product": "VMware ESXi", "version": "8.0.2.22380479"}


# --- vSAN -----------------------------------------------------------------------------------------------

CLUSTER = """Cluster Information
   Enabled: true
   Current Local Time: 2025-05-08T09:08:05Z
   Local Node UUID: 6813878b-163d-3a33-cc63-0050569c4bac
   Local Node State: MASTER
   Local Node Health State: HEALTHY
   Sub-Cluster Member Count: 4
   Sub-Cluster Member UUIDs: 6813878b, 68138792
"""
OBJECTS = """Health Status                                     Number Of Objects
------------------------------------------------  -----------------
reduced-availability-with-no-rebuild-delay-timer                  0
inaccessible                                                      0
data-move                                                         2
healthy                                                         120
reduced-availability-with-active-rebuild                          7
"""
RESYNC = """   Total Number Of Resyncing Objects: 7
   Total Bytes Left To Resync: 536870912
   Total GB Left To Resync: 0.50
"""
VSAN_DISKS = """UUID: 52e1
   Name: naa.1
   SSD: True
   Overall Health: green
   Congestion Health:
         State: green
         Congestion Value: 0
   In Cmmds: true
   Space Health:
         State: green
         Capacity: 1000 bytes
         Used: 250 bytes
         Reserved: 10 bytes
UUID: 52e2
   Name: naa.2
   Overall Health: red
   In Cmmds: true
   Space Health:
         Capacity: 0 bytes
UUID: 52e3
   Name: naa.3
   Overall Health: green
   In Cmmds: false
"""


def test_a_vsan_cluster_tells_who_takes_part() -> None:
    assert read(esxi.parse_cluster(CLUSTER)) == {
        ("cluster_members_up", "vsan"): 4,
        ("node_healthy", "local"): 1,
    }


def test_a_vsan_cluster_is_well_only_while_every_object_has_its_copies() -> None:
    told = read(esxi.parse_objects(OBJECTS))
    assert told["cluster_objects", "vsan,reduced-availability-with-active-rebuild"] == 7
    assert told["cluster_objects", "vsan,healthy"] == 120
    assert told["cluster_healthy", "vsan"] == 0
    mended = OBJECTS.replace(
        "active-rebuild                          7", "active-rebuild                          0"
    )
    assert read(esxi.parse_objects(mended))["cluster_healthy", "vsan"] == 1


def test_a_vsan_cluster_tells_what_is_still_to_be_copied() -> None:
    assert read(esxi.parse_resync(RESYNC)) == {("cluster_rebuild_bytes", "vsan"): 512 * MIB}


def test_a_disk_of_vsan_that_is_red_or_takes_no_part_is_not_in_service() -> None:
    assert read(esxi.parse_disks(VSAN_DISKS)) == {
        ("disk_healthy", "naa.1"): 1,
        ("disk_size_bytes", "naa.1"): 1000,
        ("disk_used_ratio", "naa.1"): 0.25,
        ("disk_healthy", "naa.2"): 0,
        ("disk_healthy", "naa.3"): 0,
    }


# --- 3PAR -----------------------------------------------------------------------------------------------

SHOWSYS = """------------General-------------
System Name       :        array-1
System Model      :  HP_3PAR 7200
Serial Number     :       0000001
Number of Nodes   :             2

-----System Capacity (MB)-----
Total Capacity     : 6277120
Allocated Capacity :  687872
Free Capacity      : 5589248
Failed Capacity    :       0
"""
SHOWSPACE = """------------- System Capacity (MB) -------------
Total Capacity                    :     6277120
  Allocated                       :      687872
  Free                            :     5589248
-------------- Capacity Efficiency --------------
Compaction                        :         4.9
Dedup                             :         1.8
Data Reduction                    :         2.2
"""
SHOWVERSION = """Release version 3.2.2 (MU4)
Patches:  P61,P66

Component Name                   Version
CLI Server                       3.2.2 (MU4)
"""
# showvv in HPE's PowerShell toolkit: the used sizes of snapshots (vcopy) have a * before them, as they are estimates.
SHOWVV = """   0 admin          base    10240   10240 normal
2056 .srdata        base    81920   81920 normal
 494 DFS_DATA01     base  4608000 3147727 degraded
 495 thin           base  1126400       0 normal
 496 thin.copy      pcopy 1126400     512 normal
 497 thin.monday    vcopy 1126400    *128 normal
"""


def test_a_3par_tells_the_size_of_its_disks_and_no_usable_one() -> None:
    assert read(threepar.parse_system(SHOWSYS)) == {
        ("storage_raw_bytes", "pool,array-1"): 6277120 * MIB,
        ("storage_raw_used_bytes", "pool,array-1"): 687872 * MIB,
        ("nodes", ""): 2,
    }
    assert read(threepar.parse_efficiency(SHOWSPACE)) == {("storage_reduction_factor", "pool,system"): 2.2}


def test_a_3par_tells_what_it_is() -> None:
    assert threepar.product(SHOWSYS) == {"product": "HP_3PAR 7200"}
    assert threepar.version(SHOWVERSION) == {"version": "3.2.2 (MU4)"}
    assert threepar.version("Release version 4.4.1\n") == {"version": "4.4.1"}


def test_a_3par_tells_its_disks_controllers_and_volumes() -> None:
    assert read(threepar.parse_disks("   0 normal\n   1 failed\n  12 degraded\n")) == {
        ("disk_healthy", "0"): 1, ("disk_healthy", "1"): 0, ("disk_healthy", "12"): 0,
        ("disks", ""): 3, ("disks_failed", ""): 1,
    }  # fmt: skip
    assert read(threepar.parse_nodes("0 OK OK\n1 Degraded pci_error\n")) == {
        ("node_healthy", "0"): 1,
        ("node_healthy", "1"): 0,
    }
    told = read(threepar.parse_volumes(SHOWVV))
    assert told["storage_size_bytes", "volume,DFS_DATA01"] == 4608000 * MIB
    assert told["storage_used_bytes", "volume,DFS_DATA01"] == 3147727 * MIB
    assert told["storage_healthy", "volume,DFS_DATA01"] == 0
    assert told["storage_used_bytes", "volume,thin"] == 0
    stores = {labels for metric, labels in told if metric == "storage_size_bytes"}
    assert stores == {
        "volume,DFS_DATA01",
        "volume,thin",
        "volume,thin.copy",
    }  # no snapshot, nothing of the array's own


def test_what_a_3par_says_of_a_line_that_it_does_not_know_is_shown() -> None:
    with pytest.raises(PollError, match="Unknown field"):
        list(threepar.parse_volumes("Unknown field name: VSize_MB\n"))


# --- Spectrum Virtualize --------------------------------------------------------------------------------

POOLS = f"""id!name!status!mdisk_count!capacity!extent_size!free_capacity!virtual_capacity!used_capacity!real_capacity!parent_mdisk_grp_id!parent_mdisk_grp_name!used_capacity_before_reduction!used_capacity_after_reduction
0!pool0!online!4!{30 * TIB}!1024!{20 * TIB}!{45 * TIB}!{9 * TIB}!{10 * TIB}!0!pool0!0!0
1!reduced!degraded_paths!4!{30 * TIB}!1024!{25 * TIB}!{45 * TIB}!0!0!1!reduced!{12 * TIB}!{4 * TIB}
2!child!online!0!{2 * TIB}!1024!{1 * TIB}!{1 * TIB}!0!0!0!pool0!!
"""
DRIVES = """id!status!error_sequence_number!use!tech_type!capacity!mdisk_id!mdisk_name!member_id!enclosure_id!slot_id!node_id
0!online!!member!sas_hdd!558.4GB!7!mdisk8!4!1!24!
1!degraded!!member!sas_hdd!1.1TB!7!mdisk8!3!1!23!
2!offline!110!failed!sas_hdd!558.4GB!!!!1!22!
3!online!!spare!sas_hdd!558.4GB!!!!1!21!
"""
ARRAYS = """mdisk_id!mdisk_name!status!mdisk_grp_id!mdisk_grp_name!capacity!raid_status!raid_level
7!mdisk8!online!0!pool0!3.2TB!degraded!raid5
8!mdisk9!online!0!pool0!3.2TB!syncing!raid5
"""


def test_pools_of_a_spectrum_virtualize_are_usable_and_tell_what_was_promised() -> None:
    told = read(spectrum.parse_pools(POOLS))
    assert {key: value for key, value in told.items() if key[1] == "pool,pool0"} == {
        ("storage_healthy", "pool,pool0"): 1,
        ("storage_size_bytes", "pool,pool0"): 30 * TIB,
        ("storage_used_bytes", "pool,pool0"): 10 * TIB,
        ("storage_provisioned_bytes", "pool,pool0"): 45 * TIB,
    }
    assert told["storage_healthy", "pool,reduced"] == 0
    assert told["storage_reduction_factor", "pool,reduced"] == 3
    assert told["storage_logical_bytes", "pool,reduced"] == 12 * TIB


def test_a_child_pool_is_a_part_of_its_parent() -> None:
    assert read(spectrum.parse_pools(POOLS))["storage_size_bytes", "volume,pool0,child"] == 2 * TIB


def test_drives_and_arrays_of_a_spectrum_virtualize() -> None:
    told = read(spectrum.parse_drives(DRIVES))
    healthy = {disk: value for (metric, disk), value in told.items() if metric == "disk_healthy"}
    assert healthy == {"1:24": 1, "1:23": 0, "1:22": 0, "1:21": 1}
    assert told["disk_size_bytes", "1:24"] == pytest.approx(558.4 * GIB)
    assert (told["disks", ""], told["disks_failed", ""], told["disks_spare", ""]) == (4, 1, 1)
    assert read(spectrum.parse_arrays(ARRAYS)) == {
        ("raid_healthy", "mdisk8"): 0, ("raid_degraded", "mdisk8"): 1,
        ("raid_healthy", "mdisk9"): 1, ("raid_degraded", "mdisk9"): 0,
    }  # fmt: skip
    nodes = (
        "id!name!UPS_serial_number!WWNN!status!IO_group_id\n1!node1!!5005!online!0\n2!node2!!5006!offline!0\n"
    )
    assert read(spectrum.parse_nodes(nodes)) == {("node_up", "node1"): 1, ("node_up", "node2"): 0}


SYSTEM = """id!0000020
name!v7k
total_mdisk_capacity!10.80TB
code_level!8.6.0.0 (build 152.24.2403051134)
product_name!IBM FlashSystem 7200
physical_capacity!3.60TB
physical_free_capacity!3.15TB
"""


def test_a_spectrum_virtualize_tells_what_is_physically_below_its_pools() -> None:
    """lssystem as the tests of IBM's Ansible collection hold it: 3.60TB physical, of which 3.15TB are free."""
    assert read(spectrum.parse_system(SYSTEM)) == {
        ("storage_size_bytes", "array,system"): pytest.approx(3.60 * TIB),
        ("storage_used_bytes", "array,system"): pytest.approx(0.45 * TIB),
    }
    assert read(spectrum.parse_system("id!0000020\ncode_level!6.4.1.4 (build 75.3)\n")) == {}
    with pytest.raises(PollError):
        list(spectrum.parse_system("\n"))


def test_a_pool_of_drives_that_compress_is_as_large_as_they_are() -> None:
    """Its capacity is what may fit once it is compressed: nothing more fits when the physical one is full."""
    header = "id!name!status!capacity!free_capacity!virtual_capacity!physical_capacity!physical_free_capacity"
    told = read(
        spectrum.parse_pools(f"{header}\n0!gold!online!{90 * TIB}!{44 * TIB}!0!{30 * TIB}!{4 * TIB}\n")
    )
    assert told["storage_size_bytes", "pool,gold"] == 30 * TIB
    assert told["storage_used_bytes", "pool,gold"] == 26 * TIB


def test_a_spectrum_virtualize_tells_what_it_is() -> None:
    said = "id!0000020\nname!v7k\ncode_level!8.6.0.0 (build 152.24.2403051134)\nproduct_name!IBM FlashSystem 7200\n"
    assert spectrum.facts(said) == {"product": "IBM FlashSystem 7200", "version": "8.6.0.0"}
    old = "id!0000020\ncode_level!6.4.1.4 (build 75.3)\n"
    assert spectrum.facts(old) == {"product": "IBM Spectrum Virtualize", "version": "6.4.1.4"}


# --- IBM i ----------------------------------------------------------------------------------------------

IBM_I = """release 7 4

ASP_NUMBER  TOTAL_CAPACITY       TOTAL_CAPACITY_AVAILABLE
----------- -------------------- ------------------------
          1              1700000                   680000
         33               500000                        -
         34                   -2                       -2

  3 RECORD(S) SELECTED.


CONFIGURED_CPUS MAIN_STORAGE_SIZE
--------------- --------------------
              4             33554432

  1 RECORD(S) SELECTED.


AVERAGE_CPU_UTILIZATION
-----------------------
                  12.50

  1 RECORD(S) SELECTED.

"""


def test_an_ibm_i_tells_its_pools_processors_and_main_storage() -> None:
    assert read(ibmi.parse(IBM_I)) == {
        ("storage_size_bytes", "pool,system"): 1_700_000_000_000,
        ("storage_used_bytes", "pool,system"): 1_020_000_000_000,
        ("storage_size_bytes", "pool,33"): 500_000_000_000,
        ("cpus", ""): 4,
        ("memory_size_bytes", ""): 32 * GIB,
        ("cpu_used_ratio", ""): 0.125,
    }
    assert ibmi.facts(IBM_I) == {"product": "IBM i", "version": "V7R4M0"}


def test_an_uncapped_partition_of_an_ibm_i_is_busy_and_no_more() -> None:
    assert read(ibmi.parse(IBM_I.replace("12.50", "131.25")))["cpu_used_ratio", ""] == 1


def test_what_db2_says_instead_of_rows_is_shown() -> None:
    with pytest.raises(PollError, match="SQLSTATE"):
        list(ibmi.parse("release 7 2\n **** CLI ERROR ***** SQLSTATE: 42704\n"))


def test_each_query_reaches_db2_as_one_word(tmp_path: Path) -> None:
    """What stands in for qsh prints its words; db2 there gets one."""
    (tmp_path / "qsh").write_text('#!/bin/sh\n[ "$1" = -c ] && exec sh -c "$2"\n')
    (tmp_path / "db2").write_text('#!/bin/sh\necho "$#:$1"\n')
    for name in ("qsh", "db2"):
        (tmp_path / name).chmod(0o755)
    said = storage.shell(ibmi.COMMAND, {"PATH": f"{tmp_path}:/usr/bin:/bin"}).splitlines()
    assert [line for line in said if not line.startswith("release")] == [
        "1:select ASP_NUMBER, TOTAL_CAPACITY, TOTAL_CAPACITY_AVAILABLE from QSYS2.ASP_INFO",
        "1:select CONFIGURED_CPUS, MAIN_STORAGE_SIZE from QSYS2.SYSTEM_STATUS_INFO",
        "1:select AVERAGE_CPU_UTILIZATION from TABLE(QSYS2.SYSTEM_ACTIVITY_INFO())",
    ]


# --- what no machine prints -----------------------------------------------------------------------------

PARSERS: dict[str, tuple[Callable[[str], Iterable[Sample]], str]] = {
    "datastores": (esxi.parse_datastores, json.dumps(DATASTORES)),
    "machines": (esxi.parse_machines, json.dumps([{"Display Name": "a", "UUID": "b"}])),
    "summary": (esxi.parse_summary, SUMMARY),
    "cluster": (esxi.parse_cluster, CLUSTER),
    "objects": (esxi.parse_objects, OBJECTS),
    "resync": (esxi.parse_resync, RESYNC),
    "vsan-disks": (esxi.parse_disks, VSAN_DISKS),
    "3par-system": (threepar.parse_system, SHOWSYS),
    "3par-efficiency": (threepar.parse_efficiency, SHOWSPACE),
    "3par-disks": (threepar.parse_disks, "0 normal\n1 failed\n"),
    "3par-nodes": (threepar.parse_nodes, "0 OK OK\n"),
    "3par-volumes": (threepar.parse_volumes, SHOWVV),
    "pools": (spectrum.parse_pools, POOLS),
    "system": (spectrum.parse_system, SYSTEM),
    "drives": (spectrum.parse_drives, DRIVES),
    "arrays": (spectrum.parse_arrays, ARRAYS),
    "ibm-i": (ibmi.parse, IBM_I),
}


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@example(data=None)
def test_output_that_is_cut_swapped_or_damaged_gives_samples_or_is_refused(name: str, data: Any) -> None:
    parse, text = PARSERS[name]
    if data is not None:
        at, much = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 200))
        new = data.draw(
            st.sampled_from(
                ["", "\n", "9" * 400, "-1", "1e400", "\x00", '"', "{}", "[]", " : ", "nan", "!", "\t"]
            )
            | st.text(max_size=40)
        )
        text = text[:at] + new + text[at + much :]
    samples: list[Sample] = []
    with contextlib.suppress(PollError):
        samples.extend(parse(text))
    assert all(describe(sample) is None and 0 <= sample.value < float("inf") for sample in samples)
    assert data is not None or samples


@given(st.text(max_size=300))
def test_facts_of_any_text_are_texts_or_are_refused(text: str) -> None:
    for facts in (esxi.facts, threepar.product, threepar.version, spectrum.facts, ibmi.facts):
        with contextlib.suppress(PollError):
            found = facts(text)
            assert set(found) <= {"product", "version"}
            assert all(0 < len(value) <= 200 and value.isprintable() for value in found.values())


# --- a channel for each line ----------------------------------------------------------------------------

ARRAY = {
    "showsys -d": SHOWSYS,
    "showversion": SHOWVERSION,
    "showsys -space": SHOWSPACE,
    "showpd -showcols Id,State -nohdtot": "0 normal\n1 failed\n",
    "shownode -s -nohdtot": "0 OK OK\n",
    "showvv -showcols Id,Name,Type,VSize_MB,Usr_Used_MB,State -notree -nohdtot": SHOWVV,
}


class Cli:
    """A command line that knows its own words and no other, as an array has it; `status` is what it ends with."""

    def __init__(self, status: int | None = 0) -> None:
        self.lines: list[str] = []
        self.status = status

    def __call__(self, channel: paramiko.Channel, line: str) -> None:
        self.lines.append(line)
        channel.sendall(ARRAY.get(line, f"{line.split(maxsplit=1)[0]}: command not found\n").encode())
        if self.status is not None:
            channel.send_exit_status(self.status if line in ARRAY else 1)
        channel.close()


@pytest.mark.parametrize("status", [0, None])
async def test_a_machine_without_a_shell_gets_each_line_as_it_stands_over_one_login(
    tmp_path: Path, pool: ssh.Connections, status: int | None
) -> None:
    cli = Cli(status)
    recorder = logins.Recorder(cli)
    with logins.a_server(tmp_path, recorder) as host:
        for _ in range(2):
            tables, facts = await logins.poll(host.estate(commands=("hpe-3par",), timeout=30), pool)
    assert {name: table.detail for name, table in tables.items() if not table.up} == {}
    assert set(tables) == set(GROUPS["hpe-3par"])
    assert facts == {"product": "HP_3PAR 7200", "version": "3.2.2 (MU4)"}
    assert read(tables["hpe-3par-disks"])["disk_healthy", "1"] == 0
    assert sorted(cli.lines) == sorted([*ARRAY] * 2)  # nothing of a shell's
    assert len(recorder.attempts) == 1


async def test_a_real_shell_runs_such_lines_too(
    sshd: servers.Sshd, pool: ssh.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSH gives every line a channel and a status of its own."""
    monkeypatch.setitem(
        COMMANDS, "hpe-3par-nodes", Command("echo 0 OK OK", threepar.parse_nodes, shell="none")
    )
    failing = Command("echo 0 OK OK; echo no >&2; exit 3", threepar.parse_nodes, shell="none")
    monkeypatch.setitem(COMMANDS, "hpe-3par-disks", failing)
    tables, _ = await logins.poll(
        logins.of(sshd, commands=("hpe-3par-nodes", "hpe-3par-disks", "load"), timeout=60), pool
    )
    assert tables["load"].up
    assert read(tables["hpe-3par-nodes"]) == {("node_healthy", "0"): 1}
    assert "exit status 3: no" in tables["hpe-3par-disks"].detail


async def test_a_line_that_hangs_leaves_time_for_the_others(tmp_path: Path, pool: ssh.Connections) -> None:
    cli = Cli()

    def behave(channel: paramiko.Channel, line: str) -> None:
        if line == "showsys -d":
            time.sleep(60)
        else:
            cli(channel, line)

    with logins.a_server(tmp_path, logins.Recorder(behave)) as host:
        tables, facts = await logins.poll(host.estate(commands=("hpe-3par",), timeout=8), pool)
    assert tables["hpe-3par-system"].reason == "deadline"
    assert [name for name, table in tables.items() if not table.up] == ["hpe-3par-system"]
    assert facts == {"version": "3.2.2 (MU4)"}


async def test_a_flood_is_cut_and_a_lost_connection_is_no_whole_answer(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    def flood(channel: paramiko.Channel, line: str) -> None:
        while True:
            channel.sendall(b"0 normal\n" * 1000)

    with logins.a_server(tmp_path, logins.Recorder(flood)) as host:
        tables, _ = await logins.poll(host.estate(commands=("hpe-3par-disks",), timeout=60), pool)
    assert tables["hpe-3par-disks"].reason == "truncated"

    def hang_up(channel: paramiko.Channel, line: str) -> None:
        channel.sendall(b"0 normal\n1 nor")
        time.sleep(0.2)
        channel.get_transport().close()

    (tmp_path / "other").mkdir()
    with logins.a_server(tmp_path / "other", logins.Recorder(hang_up)) as host:
        tables, _ = await logins.poll(host.estate(commands=("hpe-3par-disks",), timeout=30), pool)
    assert tables["hpe-3par-disks"].reason in ("truncated", "refused")
    assert ("disk_healthy", "1") not in read(tables["hpe-3par-disks"])


def test_only_a_shell_can_run_a_line_as_root() -> None:
    with pytest.raises(ValueError, match="POSIX shell"):
        CommandFile.model_validate({"run": "showsys", "root": True, "shell": "none"})


async def test_all_of_a_spectrum_virtualize_is_asked_for_in_lines_without_a_shell() -> None:
    assert {COMMANDS[name].shell for name in GROUPS["ibm-spectrum"]} == {"none"}
    assert not any(set(COMMANDS[name].text) & set(";|&$>") for name in GROUPS["ibm-spectrum"])
