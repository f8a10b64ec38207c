"""Parsers of what Unix machines print of storage, disks, virtual machines and databases: recorded and documented output."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import logins
import pytest
import servers
import storage
from hypothesis import given
from hypothesis import strategies as st

from collectors import ssh
from collectors.command import systems
from collectors.commands import (
    COMMANDS,
    GROUPS,
    aix,
    apcups,
    bsd,
    ceph,
    df,
    mariadb,
    mdraid,
    megaraid,
    multipath,
    nvidia,
    oracle,
    os,
    proxmox,
    samba,
    smart,
    smartarray,
    sqlserver,
    virsh,
    xen,
    zfs,
)
from collectors.poll import PollError, Reading
from collectors.ssh.batch import script
from inventory.metrics import Sample, describe

TIB, GIB, MIB, KIB = 1 << 40, 1 << 30, 1 << 20, 1 << 10


def place(corpus: Path, name: str) -> Path:
    return corpus / "recordings" / "ssh" / name


def read(parsed: Iterable[Sample] | Reading) -> dict[tuple[str, str], float]:
    """Values by metric and by what the labels say, in the order of their names."""
    samples = (
        [
            Sample(name, value, pairs)
            for (name, pairs), value in zip(parsed.series, parsed.values, strict=True)
        ]
        if isinstance(parsed, Reading)
        else list(parsed)
    )
    wrong = [said for sample in samples if (said := describe(sample))]
    assert wrong == []
    found = {(s.metric.removeprefix("jauge_"), ",".join(v for _, v in s.labels)): s.value for s in samples}
    assert len(found) == len(samples)
    return found


# --- file systems ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "df/df.solaris-zfs.txt",
        "df/bdf.hpux1-vxfs.txt",
        "df/bdf.hpux1-nfs.txt",
        "linux/df.long-device-name.txt",
    ],
)
def test_df_of_other_unixes_gives_what_another_parser_read(corpus: Path, name: str) -> None:
    told = read(df.parse(place(corpus, name).read_text()))
    rows = json.loads(place(corpus, f"{name}.expected.json").read_text())
    real = [row for row in rows if row["used_bytes"] and row["device"] not in ("swap", "tmpfs")]
    assert real
    columns = {"size": "total_bytes", "used": "used_bytes", "available": "avail_bytes"}
    expected = {
        (f"storage_{word}_bytes", f"filesystem,{row['mount']}"): float(row[column])
        for row in real
        for word, column in columns.items()
        if row[column] or word != "size"
    }
    assert told == expected


def test_a_size_of_zero_is_unknown_and_what_is_used_is_not() -> None:
    text = "Filesystem kbytes used avail capacity Mounted on\nrpool/data 0 23468 471381611 1% /dump\n"
    assert read(df.parse(text)) == {
        ("storage_used_bytes", "filesystem,/dump"): 23468 * KIB,
        ("storage_available_bytes", "filesystem,/dump"): 471381611 * KIB,
    }


def test_a_device_without_figures_is_named() -> None:
    text = "Filesystem kbytes used avail %used Mounted on\n/dev/vg00/lvol1\n/dev/vg00/lvol2 4 2 2 50% /b\n"
    with pytest.raises(PollError, match="lvol1"):
        list(df.parse(text))


# --- ZFS ------------------------------------------------------------------------------------------------

RESILVER = """  pool: tank
 state: DEGRADED
status: One or more devices is currently being resilvered.
  scan: resilver in progress since Sat Oct 28 10:42:41 2023
\t820G scanned at 16.7G/s, 1.80G issued at 37.6M/s, 2.12T total
\t1.80G resilvered, 12.50% done, 16:23:57 to go
config:

\tNAME             STATE     READ WRITE CKSUM
\ttank             DEGRADED     0     0     0
\t  raidz1-0       DEGRADED     0     0     0
\t    sda          ONLINE       0     0     0
\t    replacing-1  DEGRADED     0     0     0
\t      sdb        FAULTED      3     1     0  too many errors
\t      sdd        ONLINE       0     0     0  (resilvering)
\t    sdc          ONLINE       0     0  1.5K
\tlogs
\t  nvme0n1p1      ONLINE       0     0     0
\tspares
\t  sde            AVAIL

errors: 3 data errors, use '-v' for a list
"""


@pytest.mark.parametrize("name", ["zpool-status-v", "zpool-status-v2", "zpool-status-spares"])
def test_recorded_pools_have_the_states_and_disks_that_another_parser_read(corpus: Path, name: str) -> None:
    told = read(zfs.parse_status(place(corpus, f"zfs/{name}.txt").read_text()))
    pools = json.loads(place(corpus, f"zfs/{name}.txt.parsed.json").read_text())
    expected: dict[tuple[str, str], float] = {}
    for pool in pools:
        expected["raid_healthy", pool["pool"]] = float(pool["state"] == "ONLINE")
        expected["raid_degraded", pool["pool"]] = float(pool["state"] == "DEGRADED")
        expected["raid_data_errors", pool["pool"]] = 0.0
        for row in pool["config"]:
            if row["name"] != pool["pool"] and not row["name"].startswith(("mirror", "spares")):
                expected["disk_healthy", f"{pool['pool']}/{row['name']}"] = float(
                    row["state"] in ("ONLINE", "AVAIL")
                )
                if row["read"] is not None:
                    expected["disk_errors", f"{pool['pool']}/{row['name']}"] = float(
                        row["read"] + row["write"] + row["checksum"]
                    )
    scrubs = {key: told.pop(key) for key in list(told) if key[0] == "raid_scrub_timestamp_seconds"}
    assert told == expected
    assert set(scrubs.values()) <= {1660609250.0, 1660526806.0}  # date -u -d 'Aug 16 00:20:50 2022' +%s


def test_a_pool_that_is_resilvered_says_how_far_it_is_and_what_it_has_lost() -> None:
    told = read(zfs.parse_status(RESILVER))
    assert told["raid_healthy", "tank"] == 0
    assert told["raid_degraded", "tank"] == 1
    assert told["raid_rebuilt_ratio", "tank"] == 0.125
    assert told["raid_data_errors", "tank"] == 3
    disks = {name: value for (metric, name), value in told.items() if metric == "disk_healthy"}
    assert disks == {
        f"tank/{name}": float(name != "sdb") for name in ("sda", "sdb", "sdd", "sdc", "nvme0n1p1", "sde")
    }
    assert told["disk_errors", "tank/sdb"] == 4
    assert told["disk_errors", "tank/sdc"] == 1536


def test_zpool_list_says_which_pool_serves_and_its_raw_size_only_where_all_disks_tell_theirs(
    corpus: Path,
) -> None:
    assert read(zfs.parse_pools(place(corpus, "zfs/zpool-list-p.txt").read_text())) == {
        ("storage_healthy", "pool,rpool"): 1,
        ("storage_healthy", "pool,zion"): 0,
    }
    assert read(zfs.parse_pools(place(corpus, "zfs/zpool-list-vdev.txt").read_text())) == {
        ("storage_healthy", "pool,rpool"): 1,
        ("storage_raw_bytes", "pool,rpool"): 2 * 4000249020416,
    }


def test_the_size_of_a_raidz_is_what_it_holds_and_has_left_and_not_that_of_its_disks() -> None:
    rows = {
        "tank": ("filesystem", 6 * TIB, 2 * TIB, 100 * KIB, 0, 0, "-"),
        "tank/home": ("filesystem", 3 * GIB, 1 * GIB, 3 * GIB, 4 * GIB, 0, "-"),
        "tank/mail": ("filesystem", 5 * GIB, 2 * TIB, 2 * GIB, 0, 8 * GIB, "-"),
        "tank/free": ("filesystem", 5 * GIB, 2 * TIB, 2 * GIB, 0, 0, "-"),
        "tank/vm-1": ("volume", 33 * GIB, 2 * TIB, 12 * GIB, "-", "-", 32 * GIB),
        "tank/home@night": ("snapshot", 1 * GIB, "-", 3 * GIB, "-", "-", "-"),
    }
    words = ("type", "used", "available", "referenced", "quota", "refquota", "volsize")
    text = "".join(
        f"{name}\t{word}\t{value}\n"
        for name, row in rows.items()
        for word, value in zip(words, row, strict=True)
    )
    assert read(zfs.parse_datasets(text)) == {
        ("storage_size_bytes", "pool,tank"): 8 * TIB,
        ("storage_used_bytes", "pool,tank"): 6 * TIB,
        ("storage_available_bytes", "pool,tank"): 2 * TIB,
        ("storage_size_bytes", "filesystem,tank,tank/home"): 4 * GIB,
        ("storage_used_bytes", "filesystem,tank,tank/home"): 3 * GIB,
        ("storage_size_bytes", "filesystem,tank,tank/mail"): 8 * GIB,
        ("storage_used_bytes", "filesystem,tank,tank/mail"): 2 * GIB,
        ("storage_size_bytes", "volume,tank,tank/vm-1"): 32 * GIB,
        ("storage_used_bytes", "volume,tank,tank/vm-1"): 12 * GIB,
    }


# --- arrays, paths, volumes -----------------------------------------------------------------------------

MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]
md0 : active raid1 sdb1[2] sda1[0] sdc1[1](F)
      136448 blocks super 1.2 [2/1] [U_]
      [==>..................]  recovery = 12.6% (17192/136448) finish=0.1min speed=8596K/sec

md1 : active (auto-read-only) raid5 sdd1[0] sde1[1] sdf1[3] sdg1[4](S)
      5860270080 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]
      [=>...................]  check =  8.0% (156448/2930135040) finish=1.1min speed=8596K/sec
      bitmap: 0/22 pages [0KB], 65536KB chunk

md2 : inactive sdh1[1](S)
      1953382488 blocks super 1.2

md4 : inactive sdk[1](S) sdl[0](S)
      6306 blocks super external:imsm

md3 : active raid0 sdi1[1] sdj1[0]
      200704 blocks super 1.2 512k chunks

unused devices: <none>
"""


@pytest.mark.parametrize("name", ["raid1-ok", "raid1-faulty", "raid0-ok"])
def test_recorded_arrays_have_the_states_and_disks_that_another_parser_read(corpus: Path, name: str) -> None:
    told = read(mdraid.parse_detail(place(corpus, f"linux/mdadm-query-{name}.txt").read_text()))
    array = json.loads(place(corpus, f"linux/mdadm-query-{name}.txt.parsed.json").read_text())
    label = array["device"].removeprefix("/dev/")
    degraded = "degraded" in array["state_list"]
    expected = {("raid_healthy", label): float(not degraded), ("raid_degraded", label): float(degraded)}
    for row in array["device_table"]:
        if row["device"]:
            disk = f"{label}/{row['device'].removeprefix('/dev/')}"
            expected["disk_healthy", disk] = float("faulty" not in row["state"])
    assert told == expected


def test_mdstat_tells_a_rebuild_from_a_check_and_an_array_that_did_not_start() -> None:
    told = read(mdraid.parse_mdstat(MDSTAT))
    assert {name: value for (metric, name), value in told.items() if metric == "raid_healthy"} == {
        "md0": 0, "md1": 1, "md2": 0, "md3": 1,
    }  # fmt: skip
    assert {name: value for (metric, name), value in told.items() if metric == "raid_degraded"} == {
        "md0": 1, "md1": 0, "md2": 0, "md3": 0,
    }  # fmt: skip
    assert {key: value for key, value in told.items() if key[0] == "raid_rebuilt_ratio"} == {
        ("raid_rebuilt_ratio", "md0"): pytest.approx(0.126)
    }
    assert told["disk_healthy", "md0/sdc1"] == 0
    assert sum(value for (metric, _), value in told.items() if metric == "disk_healthy") == 11


def test_mdadm_says_how_far_a_rebuild_is() -> None:
    text = "/dev/md0:\n             State : clean, degraded, recovering \n    Rebuild Status : 12% complete\n"
    assert read(mdraid.parse_detail(text))["raid_rebuilt_ratio", "md0"] == 0.12


def test_recorded_multipath_has_two_paths_to_every_disk(corpus: Path) -> None:
    text = place(corpus, "linux/multipath-1.txt").read_text()
    told = read(multipath.parse(text))
    assert len(told) == 2 * text.count(" dm-")
    assert set(told.values()) == {2.0}


def test_a_failed_path_counts_as_a_path_that_does_not_work() -> None:
    text = (
        "mpatha (3600508b4) dm-0 HP,HSV300\nsize=10G features='0' hwhandler='0' wp=rw\n"
        "`-+- policy='service-time 0' prio=0 status=active\n"
        "  |- 0:0:0:1 sda 8:0   active undef running\n  `- #:#:#:# -   #:#   failed undef unknown\n"
        "3600a0b80 dm-1 IBM,1814\n[size=20G][features=0]\n\\_ round-robin 0 [prio=0][active]\n"
        " \\_ 1:0:0:2 sdb 8:16  [active][undef]\n"
    )
    assert read(multipath.parse(text)) == {
        ("disk_paths", "mpatha"): 2, ("disk_paths_up", "mpatha"): 1,
        ("disk_paths", "3600a0b80"): 1, ("disk_paths_up", "3600a0b80"): 1,
    }  # fmt: skip


def test_the_recorded_thin_pool_is_full_to_its_per_cent(corpus: Path) -> None:
    told = read(COMMANDS["lvm-volumes"].parse(place(corpus, "linux/lvs-report.json").read_text()))
    size = 214232465408  # another program's test reads size, 78.89 and 19.25 from it
    assert told["storage_size_bytes", "pool,cm-vg,root"] == size
    assert told["storage_used_bytes", "pool,cm-vg,root"] == pytest.approx(size * 0.7889)
    assert told["storage_metadata_used_ratio", "pool,cm-vg,root"] == pytest.approx(0.1925)


def test_volume_groups_mirrors_and_thin_pools_are_read_from_reports_of_lvm() -> None:
    groups = {"report": [{"vg": [
        {"vg_name": "vg0", "vg_size": "1000000000", "vg_free": "250000000", "vg_missing_pv_count": "0"},
        {"vg_name": "vg1", "vg_size": "500", "vg_free": "500", "vg_missing_pv_count": "1"},
    ]}]}  # fmt: skip
    assert read(COMMANDS["lvm-groups"].parse(json.dumps(groups))) == {
        ("storage_size_bytes", "pool,vg0"): 1000000000, ("storage_used_bytes", "pool,vg0"): 750000000,
        ("storage_healthy", "pool,vg0"): 1,
        ("storage_size_bytes", "pool,vg1"): 500, ("storage_used_bytes", "pool,vg1"): 0,
        ("storage_healthy", "pool,vg1"): 0,
    }  # fmt: skip
    volume = {
        "lv_size": "100",
        "vg_name": "vg0",
        "data_percent": "",
        "metadata_percent": "",
        "lv_health_status": "",
    }
    volumes = {"report": [{"lv": [
        volume | {"lv_full_name": "vg0/root", "lv_attr": "-wi-ao----", "copy_percent": ""},
        volume | {"lv_full_name": "vg0/mirror", "lv_attr": "rwi-aor---", "copy_percent": "100.00"},
        volume | {"lv_full_name": "vg0/ill", "lv_attr": "rwi-aor-p-", "copy_percent": "42.50",
                  "lv_health_status": "partial"},
        volume | {"lv_full_name": "vg0/thin", "lv_attr": "twi-aotz--", "data_percent": "90.00",
                  "metadata_percent": "40.00", "copy_percent": ""},
    ]}]}  # fmt: skip
    assert read(COMMANDS["lvm-volumes"].parse(json.dumps(volumes))) == {
        ("storage_size_bytes", "pool,vg0,vg0/thin"): 100, ("storage_used_bytes", "pool,vg0,vg0/thin"): 90,
        ("storage_metadata_used_ratio", "pool,vg0,vg0/thin"): 0.4,
        ("raid_healthy", "vg0/mirror"): 1, ("raid_degraded", "vg0/mirror"): 0,
        ("raid_healthy", "vg0/ill"): 0, ("raid_degraded", "vg0/ill"): 1,
        ("raid_rebuilt_ratio", "vg0/ill"): 0.425,
    }  # fmt: skip


# --- disks and controllers ------------------------------------------------------------------------------


def test_recorded_disks_tell_health_size_heat_and_hours(corpus: Path) -> None:
    assert read(smart.parse(place(corpus, "disk/smartctl-sat-hdd.json").read_text())) == {
        ("disk_healthy", "sda"): 1, ("disk_size_bytes", "sda"): 18000207937536, ("disk_celsius", "sda"): 49,
        ("disk_powered_seconds", "sda"): 8244 * 3600, ("disk_reallocated_sectors", "sda"): 0,
        ("disk_pending_sectors", "sda"): 0,
    }  # fmt: skip
    assert read(smart.parse(place(corpus, "disk/smartctl-nvme.json").read_text())) == {
        ("disk_healthy", "nvme0"): 1, ("disk_size_bytes", "nvme0"): 4000787030016, ("disk_celsius", "nvme0"): 39,
        ("disk_powered_seconds", "nvme0"): 3113 * 3600, ("disk_wear_ratio", "nvme0"): 0, ("disk_errors", "nvme0"): 0,
    }  # fmt: skip


def test_disks_behind_a_controller_and_worn_ones_are_told_apart() -> None:
    first = {
        "device": {"name": "/dev/bus/0", "type": "megaraid,8"},
        "smart_status": {"passed": False},
        "scsi_grown_defect_list": 12,
        "scsi_percentage_used_endurance_indicator": 11,
        "scsi_error_counter_log": {
            "read": {"total_uncorrected_errors": 2},
            "write": {"total_uncorrected_errors": 1},
        },
    }
    second = {"device": {"name": "/dev/sdb", "type": "sat"}, "ata_device_statistics": {"pages": [{"number": 7, "table": [
        {"name": "Percentage Used Endurance Indicator", "value": 120, "flags": {"valid": True}}]}]}}  # fmt: skip
    asleep = {"device": {"name": "/dev/sdc", "type": "sat"}, "smartctl": {"exit_status": 2}}
    text = "\n".join(json.dumps(disk) for disk in (first, second, asleep))
    assert read(smart.parse(text)) == {
        ("disk_healthy", "bus/0 megaraid,8"): 0, ("disk_reallocated_sectors", "bus/0 megaraid,8"): 12,
        ("disk_wear_ratio", "bus/0 megaraid,8"): 0.11, ("disk_errors", "bus/0 megaraid,8"): 3,
        ("disk_wear_ratio", "sdb"): 1,
    }  # fmt: skip


def test_recorded_namespaces_have_the_size_that_they_say(corpus: Path) -> None:
    told = read(COMMANDS["nvme-list"].parse(place(corpus, "disk/nvme-list.json").read_text()))
    assert told == {("disk_size_bytes", f"nvme{number}n1"): 4000787030016 for number in range(3)}


@pytest.mark.parametrize(("name", "drives", "hot"), [("ssacli-P408i-a", 4, 34), ("ssacli-P400ar", 8, 27)])
def test_recorded_smart_arrays_are_well(corpus: Path, name: str, drives: int, hot: int) -> None:
    text = place(corpus, f"raid/{name}.txt").read_text()
    told = read(smartarray.parse(text))
    assert [value for (metric, _), value in told.items() if metric == "disk_healthy"] == [1.0] * drives
    assert told["raid_healthy", "0:1"] == 1
    assert told["controller_healthy", "0"] == 1
    assert told["controller_battery_healthy", "0"] == 1
    assert next(value for (metric, _), value in told.items() if metric == "disk_celsius") == hot


def test_every_temperature_of_a_recorded_controller_is_the_current_one(corpus: Path) -> None:
    for name in ("ssacli-P408i-a", "ssacli-P400ar"):
        lines = place(corpus, f"raid/{name}.txt").read_text().splitlines()
        heats = [float(line.split(":")[1]) for line in lines if "Current Temperature (C):" in line]
        told = read(smartarray.parse("\n".join(lines)))
        assert sorted(value for (metric, _), value in told.items() if metric == "disk_celsius") == sorted(
            heats
        )


def test_recorded_hpacucli_lists_the_drive_of_each_slot(corpus: Path) -> None:
    assert read(smartarray.parse(place(corpus, "raid/hpacucli-storage-1.txt").read_text())) == {
        ("disk_healthy", "2:1:1"): 1
    }
    assert read(smartarray.parse(place(corpus, "raid/hpacucli-storage-2.txt").read_text())) == {
        ("disk_healthy", "0:1I:1:1"): 1, ("disk_celsius", "0:1I:1:1"): 31,
    }  # fmt: skip


def test_a_smart_array_that_recovers_says_how_far_it_is() -> None:
    text = (
        "Smart Array P420i in Slot 0 (Embedded)\n   Controller Status: OK\n   Battery/Capacitor Status: Failed\n"
        "   Array: A\n      Logical Drive: 1\n         Status: Recovering, 34.50% complete\n"
        "      Logical Drive: 2\n         Status: Interim Recovery Mode\n"
        "      physicaldrive 1I:1:1\n         Status: Predictive Failure\n"
        "      physicaldrive 1I:1:2 (port 1I:box 1:bay 2, SAS, 300 GB, Rebuilding)\n"
        "      physicaldrive 1I:1:3 (port 1I:box 1:bay 3, SAS, 300 GB, OK, spare)\n"
    )
    assert read(smartarray.parse(text)) == {
        ("controller_healthy", "0"): 1, ("controller_battery_healthy", "0"): 0,
        ("raid_healthy", "0:1"): 0, ("raid_degraded", "0:1"): 1, ("raid_rebuilt_ratio", "0:1"): 0.345,
        ("raid_healthy", "0:2"): 0, ("raid_degraded", "0:2"): 1,
        ("disk_healthy", "0:1I:1:1"): 0, ("disk_healthy", "0:1I:1:2"): 1, ("disk_healthy", "0:1I:1:3"): 1,
    }  # fmt: skip


def test_recorded_megaraid_controllers_and_drives_are_well(corpus: Path) -> None:
    slots = (0, 1, 3, 4, 5, 7)
    text = place(corpus, "raid/storcli-megaraid-controllers.json").read_text()
    told = read(megaraid.parse_storcli(text + place(corpus, "raid/storcli-megaraid-drives.json").read_text()))
    assert told["controller_healthy", "0"] == 1
    assert told["controller_battery_healthy", "0"] == 1
    assert told["raid_healthy", "0:0"] == 1
    assert {name: value for (metric, name), value in told.items() if metric == "disk_healthy"} == {
        f"0:252:{slot}": 1.0 for slot in slots
    }
    heats = [value for (metric, _), value in told.items() if metric == "disk_celsius"]
    assert heats == [28, 27, 28, 28, 28, 28]


def test_a_drive_of_storcli_that_warns_is_not_well_though_it_is_online() -> None:
    drive = {"EID:Slt": "32:1", "State": "Onln"}
    state = {"S.M.A.R.T alert flagged by drive": "Yes", "Media Error Count": 7}
    name = "Drive /c1/e32/s1"
    data = {"VD LIST": [{"DG/VD": "0/239", "State": "Dgrd"}], "PD LIST": [drive, drive | {"EID:Slt": "32:2", "State": "UBad"}],
            f"{name} - Detailed Information": {f"{name} State": state}, "Cachevault_Info": [{"State": "Degraded"}]}  # fmt: skip
    text = json.dumps({"Controllers": [{"Command Status": {"Controller": 1}, "Response Data": data}]})
    assert read(megaraid.parse_storcli(text)) == {
        ("controller_battery_healthy", "1"): 0, ("raid_healthy", "1:239"): 0, ("raid_degraded", "1:239"): 1,
        ("disk_healthy", "1:32:1"): 0, ("disk_errors", "1:32:1"): 7, ("disk_healthy", "1:32:2"): 0,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "drives"), [("pdlist", 8), ("PDlist-set1", 2), ("PDlist-set3", 5)])
def test_recorded_megacli_lists_each_drive_once(corpus: Path, name: str, drives: int) -> None:
    text = place(corpus, f"raid/megacli-{name}.txt").read_text()
    slots = {line for line in text.splitlines() if line.startswith("Slot Number")}
    told = read(megaraid.parse_megacli(text))
    states = [value for (metric, _), value in told.items() if metric == "disk_healthy"]
    assert len(states) == len(slots)
    assert sum(states) == text.count("Firmware state: Online") + text.count("Firmware state: Hotspare")
    assert drives >= len(states) > 0


def test_a_recorded_ups_has_the_charge_that_apcaccess_prints(corpus: Path) -> None:
    told = read(apcups.parse(place(corpus, "ups/apcaccess-status.txt").read_text()))
    assert told == {
        ("ups_charge_ratio", ""): 1.0, ("ups_runtime_seconds", ""): 130 * 60, ("ups_on_battery_seconds", ""): 0,
        ("ups_load_ratio", "1"): pytest.approx(0.093),
        ("ups_battery_status", "normal"): 1, ("ups_battery_status", "low"): 0,
    }  # fmt: skip


def test_a_ups_that_apcupsd_has_lost_tells_nothing() -> None:
    with pytest.raises(PollError, match="COMMLOST"):
        list(apcups.parse("STATUS   : COMMLOST\nBCHARGE  : 100.0 Percent\n"))


def test_graphics_processors_leave_out_what_they_do_not_support() -> None:
    text = "0, 23, 40960, 1024, 45, 61.52, 250.00, 0\n1, 0, 8192, 3, 38, [N/A], [Not Supported], [N/A]\n"
    assert read(nvidia.parse(text)) == {
        ("gpu_used_ratio", "0"): 0.23, ("gpu_memory_size_bytes", "0"): 40 * GIB, ("gpu_memory_used_bytes", "0"): GIB,
        ("gpu_celsius", "0"): 45, ("gpu_power_watts", "0"): 61.52, ("gpu_power_limit_watts", "0"): 250,
        ("gpu_uncorrected_errors", "0"): 0,
        ("gpu_used_ratio", "1"): 0, ("gpu_memory_size_bytes", "1"): 8 * GIB, ("gpu_memory_used_bytes", "1"): 3 * MIB,
        ("gpu_celsius", "1"): 38,
    }  # fmt: skip


# --- Ceph -----------------------------------------------------------------------------------------------


def test_recorded_ceph_pools_have_the_facts_that_another_parser_read(corpus: Path) -> None:
    index = json.loads(place(corpus, "index.json").read_text())
    facts = next(row["expected_facts"] for row in index if row["file"] == "ceph/ceph-df-f-json.json")
    told = read(ceph.parse(place(corpus, "ceph/ceph-df-f-json.json").read_text()))
    for name, pool in facts["pools"].items():
        assert told["storage_used_bytes", f"pool,{name}"] == pool["stored_bytes"]
        assert told["storage_size_bytes", f"pool,{name}"] == pool["stored_bytes"] + pool["max_avail_bytes"]
    assert told["storage_raw_bytes", "tier,nvme"] == facts["total_bytes"]
    assert told["storage_raw_used_bytes", "tier,nvme"] == facts["used_raw_bytes"]


def cluster(hosts: list[list[float]], domain: str, size: int, stored: float, raw: float) -> str:
    """What Ceph prints of one pool on these hosts, in GiB."""
    osds = [(host, disk) for host, disks in enumerate(hosts) for disk in disks]
    nodes: list[dict[str, Any]] = [
        {"id": -1, "type": "root", "name": "default", "children": [-2 - n for n in range(len(hosts))]}
    ]
    for host in range(len(hosts)):
        own = [number for number, (at, _) in enumerate(osds) if at == host]
        nodes.append({"id": -2 - host, "type": "host", "name": f"h{host}", "children": own})
    for number, (_, disk) in enumerate(osds):
        kib = disk * GIB / KIB
        nodes.append(
            {
                "id": number,
                "type": "osd",
                "name": f"osd.{number}",
                "kb": kib,
                "utilization": 10,
                "status": "up",
            }
        )
    stats = {"stored": stored * GIB, "max_avail": raw / size * GIB, "avail_raw": raw * GIB}
    step = {"op": "chooseleaf_firstn", "num": 0, "type": domain}
    documents: list[Any] = [
        {"stats": {}, "pools": [{"name": "p", "stats": stats}]},
        {"nodes": nodes},
        {
            "erasure_code_profiles": {},
            "pools": [{"pool_name": "p", "type": 1, "size": size, "crush_rule": 0}],
        },
        [{"rule_id": 0, "steps": [{"op": "take", "item_name": "default"}, step, {"op": "emit"}]}],
    ]
    return "\n".join(json.dumps(one) for one in documents)


@pytest.mark.parametrize(
    ("hosts", "size", "stored", "raw", "expected"),
    [
        ([[10], [10], [10], [10]], 3, 1, 37, 10),  # three hosts of 10 GiB hold three copies of 10
        ([[10], [10], [10]], 3, 1, 27, None),  # two hosts cannot keep three copies
        ([[10], [10], [10], [2]], 3, 1, 29, 2),  # the small host holds one copy of everything that is left
        ([[5, 5], [5, 5], [5, 5]], 2, 4, 22, 10),  # 20 GiB are left for two copies
    ],
)
def test_without_its_largest_node_a_pool_holds_what_the_others_can_copy(
    hosts: list[list[float]], size: int, stored: float, raw: float, expected: float | None
) -> None:
    told = read(ceph.parse(cluster(hosts, "host", size, stored, raw)))
    found = told.get(("storage_size_without_node_bytes", "pool,p"))
    assert found == (None if expected is None else pytest.approx(expected * GIB))


def test_a_rule_that_spreads_over_racks_leaves_the_loss_of_a_node_untold() -> None:
    told = read(ceph.parse(cluster([[10]] * 4, "rack", 3, 1, 37)))
    assert ("storage_size_without_node_bytes", "pool,p") not in told
    assert told["storage_size_bytes", "pool,p"] == pytest.approx((1 + 37 / 3) * GIB)


def test_figures_that_swell_while_copies_are_missing_are_those_of_the_whole_cluster() -> None:
    documents = cluster([[10], [10]], "host", 2, 16, 20).splitlines()
    swollen = json.loads(documents[0])
    swollen["pools"][0]["stats"] |= {"stored": 16 * GIB, "max_avail": 20 * GIB}  # one copy of two is gone
    told = read(ceph.parse("\n".join([json.dumps(swollen), *documents[1:]])))
    assert told["storage_used_bytes", "pool,p"] == 8 * GIB
    assert told["storage_available_bytes", "pool,p"] == 10 * GIB


def test_numbers_that_are_none_in_the_json_of_ceph_are_unknown() -> None:
    text = cluster([[10], [10]], "host", 2, 1, 18).replace('"utilization": 10', '"utilization": -nan', 1)
    told = read(ceph.parse(text))
    assert ("disk_used_ratio", "osd.0") not in told
    assert told["disk_used_ratio", "osd.1"] == 0.1


# --- virtual machines -----------------------------------------------------------------------------------


def test_proxmox_tells_nodes_shared_storages_once_and_guests_by_their_number() -> None:
    rows = [
        {
            "type": "node",
            "node": "pve1",
            "status": "online",
            "cpu": 0.25,
            "maxmem": 64 * GIB,
            "mem": 16 * GIB,
        },
        {"type": "node", "node": "pve2", "status": "offline"},
        {
            "type": "storage",
            "node": "pve2",
            "storage": "nfs",
            "shared": 1,
            "status": "unknown",
            "disk": 0,
            "maxdisk": 0,
        },
        {
            "type": "storage",
            "node": "pve1",
            "storage": "nfs",
            "shared": 1,
            "status": "available",
            "disk": 5,
            "maxdisk": 9,
        },
        {
            "type": "storage",
            "node": "pve1",
            "storage": "local",
            "shared": 0,
            "status": "available",
            "disk": 2,
            "maxdisk": 3,
        },
        {
            "type": "storage",
            "node": "pve2",
            "storage": "local",
            "shared": 0,
            "status": "unknown",
            "disk": 0,
            "maxdisk": 0,
        },
        {"type": "qemu", "vmid": 100, "name": "pacs", "node": "pve1", "status": "running", "template": 0},
        {"type": "qemu", "vmid": 101, "name": "pacs", "node": "pve2", "status": "stopped", "template": 0},
        {"type": "lxc", "vmid": 102, "name": "dns", "node": "pve1", "status": "running"},
        {"type": "qemu", "vmid": 900, "name": "debian", "node": "pve1", "status": "stopped", "template": 1},
        {"type": "sdn", "node": "pve1", "sdn": "zone"},
    ]
    assert read(proxmox.parse_resources(json.dumps(rows))) == {
        ("node_up", "pve1"): 1, ("node_up", "pve2"): 0, ("node_cpu_used_ratio", "pve1"): 0.25,
        ("node_memory_size_bytes", "pve1"): 64 * GIB, ("node_memory_used_bytes", "pve1"): 16 * GIB,
        ("node_vms", "pve1"): 2,
        ("storage_healthy", "pool,nfs"): 1, ("storage_size_bytes", "pool,nfs"): 9, ("storage_used_bytes", "pool,nfs"): 5,
        ("storage_healthy", "pool,pve1/local"): 1, ("storage_size_bytes", "pool,pve1/local"): 3,
        ("storage_used_bytes", "pool,pve1/local"): 2, ("storage_healthy", "pool,pve2/local"): 0,
        ("vm_info", "pve1,running,pacs (100)"): 1, ("vm_info", "pve2,stopped,pacs (101)"): 1,
        ("vm_info", "pve1,running,dns (102)"): 1, ("vms", "running"): 2, ("vms", "stopped"): 1,
    }  # fmt: skip


def test_proxmox_names_who_stands_in_no_backup_job_as_it_names_its_guests() -> None:
    assert read(proxmox.parse_unprotected('[{"vmid":101,"type":"qemu","name":"pacs"}]')) == {
        ("vm_unprotected", "pacs (101)"): 1
    }
    assert read(proxmox.parse_unprotected("[]")) == {}


def test_proxmox_counts_the_nodes_that_are_online_and_says_whether_they_may_decide() -> None:
    rows = [{"type": "cluster", "name": "c", "nodes": 3, "quorate": 1}]
    rows += [{"type": "node", "name": f"pve{n}", "online": int(n != 2)} for n in range(3)]
    assert read(proxmox.parse_status(json.dumps(rows))) == {
        ("cluster_members", "proxmox"): 3, ("cluster_members_up", "proxmox"): 2, ("cluster_quorate", "proxmox"): 1,
    }  # fmt: skip


def test_the_recorded_version_of_proxmox_is_that_of_its_manager(corpus: Path) -> None:
    said = proxmox.facts(place(corpus, "proxmox/pveversion.txt").read_text())
    assert said == {"product": "Proxmox VE", "version": "1.1-1"}


def test_recorded_guests_of_libvirt_are_counted_by_state(corpus: Path) -> None:
    told = read(virsh.parse_vms(place(corpus, "kvm/virsh-list-1.txt").read_text()))
    assert told["vms", "running"] == 9
    assert told["vms", "stopped"] == 1
    assert told["vm_info", "stopped,vm-srv-net1"] == 1
    assert len(told) == 12


def test_pools_of_libvirt_tell_bytes_and_whether_they_are_active() -> None:
    text = (
        "Name:           images\nUUID:           d51d500b\nState:          running\nCapacity:       107321753600\n"
        "Allocation:     53660876800\nAvailable:      53660876800\n\n"
        "Name:           iso\nUUID:           d51d500c\nState:          inactive\nPersistent:     yes\n\n"
    )
    assert read(virsh.parse_pools(text)) == {
        ("storage_healthy", "pool,images"): 1, ("storage_size_bytes", "pool,images"): 107321753600,
        ("storage_used_bytes", "pool,images"): 53660876800, ("storage_healthy", "pool,iso"): 0,
    }  # fmt: skip


def test_recorded_guests_of_xenserver_leave_out_its_own_domains(corpus: Path) -> None:
    told = read(xen.parse_vms(place(corpus, "xenserver/xe-vm-list.txt").read_text()))
    assert told["vms", "running"] == 6
    assert told["vms", "stopped"] == 1
    assert not any("Control domain" in name for _, name in told)


def test_stores_and_hosts_of_xenserver_are_told_as_far_as_they_are_known() -> None:
    stores = (
        "uuid ( RO)                    : 1\n              name-label ( RW): Local storage\n                    host ( RO): xcp-01\n"
        "                    type ( RO): ext\n     physical-size ( RO): 1000\n   physical-utilisation ( RO): 400\n"
        "   virtual-allocation ( RO): 1500\n            content-type ( RO): user\n\n\n"
        "uuid ( RO)                    : 2\n              name-label ( RW): Local storage\n                    host ( RO): xcp-02\n"
        "                    type ( RO): ext\n     physical-size ( RO): -1\n\n\n"
        "uuid ( RO)                    : 3\n              name-label ( RW): ISOs\n                    type ( RO): iso\n"
        "     physical-size ( RO): 77\n"
    )
    assert read(xen.parse_stores(stores)) == {
        ("storage_size_bytes", "pool,xcp-01/Local storage"): 1000,
        ("storage_used_bytes", "pool,xcp-01/Local storage"): 400,
        ("storage_provisioned_bytes", "pool,xcp-01/Local storage"): 1500,
    }
    hosts = (
        "uuid ( RO)                : 8\n          name-label ( RW): xcp-01\n             enabled ( RO): true\n"
        "   host-metrics-live ( RO): true\n   memory-total ( RO): 64\n    memory-free ( RO): 16\n"
        "    software-version (MRO): product_version: 8.2.1; product_brand: XCP-ng; build_number: release\n"
    )
    assert read(xen.parse_hosts(hosts)) == {
        ("node_up", "xcp-01"): 1, ("node_memory_size_bytes", "xcp-01"): 64, ("node_memory_used_bytes", "xcp-01"): 48,
    }  # fmt: skip
    assert xen.facts(hosts) == {"product": "XCP-ng", "version": "8.2.1"}
    loads = (
        "uuid ( RO)                : 8\n          name-label ( RW): xcp-01\n\n\n"
        "uuid ( RO)                : 9\n          name-label ( RW): xcp-02\n\n\n"
        "cpu_avg 8 0.125\ncpu_avg 9 \ncpu_avg 7 NaN\n"
    )
    assert read(xen.parse_loads(loads)) == {("node_cpu_used_ratio", "xcp-01"): 0.125}


# --- other Unixes ---------------------------------------------------------------------------------------


def test_memory_of_aix_in_use_leaves_out_pages_of_files() -> None:
    text = (
        "              1310720 memory pages\n              1217707 lruable pages\n               144217 free pages\n"
        "                    1 memory pools\n               764830 file pages\n                 62.8 numperm percentage\n"
        "Total Paging Space   Percent Used\n      512MB               25%\n"
    )
    assert read(aix.parse_memory(text)) == {
        ("memory_size_bytes", ""): 5 * GIB, ("memory_cached_bytes", ""): 764830 * 4096,
        ("memory_used_bytes", ""): (1310720 - 144217 - 764830) * 4096,
        ("swap_size_bytes", ""): 512 * MIB, ("swap_used_bytes", ""): 128 * MIB,
    }  # fmt: skip


def test_processors_of_aix_are_busy_neither_idle_nor_waiting() -> None:
    text = (
        "System configuration: lcpu=8 mem=5120MB ent=1.00\n\n"
        "kthr    memory              page              faults              cpu\n"
        " r  b   avm   fre  re  pi  po  fr   sr  cy  in   sy  cs us sy id wa    pc    ec\n"
        " 1  3 113726   124   0  14   6 151  600   0 521 5533 816 23 13  7 57  0.36 36.0\n"
        " 0  3 113643   346   0   2  14 208  690   0 585 2201 866 16  9  5 70  0.25 25.0\n"
    )
    assert read(aix.parse_processors(text)) == {("cpu_used_ratio", ""): pytest.approx(0.25)}


def test_volume_groups_of_aix_tell_what_is_allocated_and_stale() -> None:
    text = (
        "VOLUME GROUP:       rootvg                   VG IDENTIFIER:  005529fc00004c000000012aee01c41b\n"
        "VG STATE:           active                   PP SIZE:        64 megabyte(s)\n"
        "VG PERMISSION:      read/write               TOTAL PPs:      1094 (70016 megabytes)\n"
        "MAX LVs:            256                      FREE PPs:       330 (21120 megabytes)\n"
        "LVs:                18                       USED PPs:       764 (48896 megabytes)\n"
        "STALE PVs:          0                        STALE PPs:      3\n"
    )
    assert read(aix.parse_groups(text)) == {
        ("storage_size_bytes", "pool,rootvg"): 70016 * MIB, ("storage_used_bytes", "pool,rootvg"): 48896 * MIB,
        ("storage_healthy", "pool,rootvg"): 1, ("raid_healthy", "rootvg"): 0, ("raid_degraded", "rootvg"): 1,
    }  # fmt: skip
    assert aix.facts("7200-05-03-2148\n") == {"product": "AIX", "version": "7200-05-03-2148"}


def test_freebsd_counts_inactive_pages_and_the_cache_of_zfs_as_spare() -> None:
    text = (
        "hw.physmem: 8589934592\nhw.ncpu: 4\nvm.loadavg: { 0.25 0.10 0.08 }\n"
        "kern.boottime: { sec = 1700000000, usec = 0 } Tue Nov 14 22:13:20 2023\n"
        "vm.stats.vm.v_page_size: 4096\nvm.stats.vm.v_free_count: 262144\nvm.stats.vm.v_inactive_count: 262144\n"
        "kstat.zfs.misc.arcstats.size: 1073741824\nnow:1700003600\n"
        "Device          1K-blocks     Used    Avail Capacity\n/dev/ada0p3       2097152  1048576  1048576    50%\n"
        "kern.cp_time: 100 0 100 0 800\nkern.cp_time: 120 0 110 0 870\n"
    )
    assert read(bsd.parse(text)) == {
        ("memory_size_bytes", ""): 8 * GIB, ("memory_used_bytes", ""): 5 * GIB, ("memory_cached_bytes", ""): GIB,
        ("swap_size_bytes", ""): 2 * GIB, ("swap_used_bytes", ""): GIB, ("cpu_used_ratio", ""): pytest.approx(0.3),
        ("cpus", ""): 4, ("load1", ""): 0.25, ("uptime_seconds", ""): 3600,
    }  # fmt: skip


OPENBSD = (
    "hw.physmem=8589934592\nhw.ncpu=4\nvm.loadavg=0.25 0.10 0.08\nkern.boottime=Tue Nov 14 22:13:20 2023\nnow:1700003600\n"
    "Device      1K-blocks     Used    Avail Capacity  Priority\n/dev/sd0b     2097152  1048576  1048576    50%    0\n"
    "      4096 bytes per page\n   2000000 pages managed\n    262144 pages free\n    900000 pages active\n"
    "    262144 pages inactive\nkern.cp_time=100,0,100,0,0,800\nkern.cp_time=120,0,110,0,0,870\n"
)
NETBSD = (
    "hw.physmem = 2147483647\nhw.ncpu = 4\nvm.loadavg: 0.25 0.10 0.08\nkern.boottime = Tue Nov 14 22:13:20 2023\nnow:1700003600\n"
    "Device      1K-blocks     Used    Avail Capacity  Priority\n/dev/wd0b     2097152  1048576  1048576    50%    0\n"
    "hw.physmem64 = 8589934592\n      4096 bytes per page\n    262144 pages free\n    262144 pages inactive\n"
    "kern.cp_time: user = 100, nice = 0, sys = 100, intr = 0, idle = 800\n"
    "kern.cp_time: user = 120, nice = 0, sys = 110, intr = 0, idle = 870\n"
)


@pytest.mark.parametrize("text", [OPENBSD, NETBSD])
def test_openbsd_and_netbsd_tell_the_same_in_forms_of_their_own(text: str) -> None:
    assert read(bsd.parse(text)) == {
        ("memory_size_bytes", ""): 8 * GIB, ("memory_used_bytes", ""): 6 * GIB,
        ("swap_size_bytes", ""): 2 * GIB, ("swap_used_bytes", ""): GIB, ("cpu_used_ratio", ""): pytest.approx(0.3),
        ("cpus", ""): 4, ("load1", ""): 0.25,
    }  # fmt: skip


@given(at=st.integers(0, len(OPENBSD)), much=st.integers(0, 80), new=st.text(max_size=20))
def test_what_no_bsd_prints_gives_samples_or_is_refused(at: int, much: int, new: str) -> None:
    for text in (OPENBSD, NETBSD):
        samples: list[Sample] = []
        with contextlib.suppress(PollError):
            samples.extend(bsd.parse(text[:at] + new + text[at + much :]))
        assert all(describe(sample) is None and 0 <= sample.value < float("inf") for sample in samples)


@pytest.mark.parametrize(
    ("text", "product", "version"),
    [
        ("2\nAIX\n7\n", "AIX", "7.2"),
        ("5.11\nSunOS\n11.4.42.111.0\n", "Solaris", "11"),
        ("B.11.31\nHP-UX\nU\n", "HP-UX", "B.11.31"),
        ("7.4\nOpenBSD\nGENERIC.MP#2\n", "OpenBSD", "7.4"),
        ('NAME="Debian GNU/Linux"\nVERSION_ID="12"\n6.1.0\nLinux\n#1 SMP\n', "Debian GNU/Linux", "12"),
        ('NAME="Arch Linux"\n6.9.1-arch1-1\nLinux\n#1 SMP\n', "Arch Linux", "6.9.1-arch1-1"),
    ],
)
def test_a_machine_without_os_release_is_named_by_uname(text: str, product: str, version: str) -> None:
    assert os.facts(text) == {"product": product, "version": version}


# --- databases and file servers -------------------------------------------------------------------------


def test_tablespaces_of_oracle_tell_size_use_and_room_to_grow() -> None:
    text = "instance|PROD\nversion|19.0.0.0.0\ntablespace|USERS|1000|32000|400\n\ninstance|TEST\ntablespace|USERS|10|10|0\n"
    assert read(oracle.parse(text)) == {
        ("tablespace_size_bytes", "PROD,USERS"): 1000, ("tablespace_limit_bytes", "PROD,USERS"): 32000,
        ("tablespace_used_bytes", "PROD,USERS"): 600,
        ("tablespace_size_bytes", "TEST,USERS"): 10, ("tablespace_limit_bytes", "TEST,USERS"): 10,
        ("tablespace_used_bytes", "TEST,USERS"): 10,
    }  # fmt: skip
    assert oracle.facts(text) == {"product": "Oracle Database", "version": "19.0.0.0.0"}


def test_an_error_of_oracle_is_said_with_its_instance() -> None:
    with pytest.raises(PollError, match="PROD: ORA-01034"):
        list(oracle.parse("instance|PROD\nERROR:\nORA-01034: ORACLE not available\n".replace("ERROR:\n", "")))


def test_databases_of_sql_server_and_mariadb_tell_sizes_and_connections() -> None:
    text = "version|16.0.4105.2\nconnections|12\ndatabase|hr|8589934592\n"
    assert read(sqlserver.parse(text)) == {
        ("database_connections", ""): 12,
        ("database_size_bytes", "hr"): 8 * GIB,
    }
    assert sqlserver.facts(text)["version"] == "16.0.4105.2"
    text = (
        "version\t8.0.36\nlimit\t151\nThreads_connected\t7\ndatabase\tlims\t1073741824\ndatabase\tempty\tNULL\n"
        "*************************** 1. row ***************************\n        Seconds_Behind_Source: 42\n"
    )
    assert read(mariadb.parse(text)) == {
        ("database_connections_limit", ""): 151, ("database_connections", ""): 7,
        ("database_size_bytes", "lims"): GIB, ("database_replication_lag_seconds", ""): 42,
    }  # fmt: skip
    assert mariadb.facts(text) == {"product": "MySQL", "version": "8.0.36"}


def test_a_file_server_is_told_in_counts_and_its_users_are_never_asked() -> None:
    assert read(samba.parse("Version 4.17.12\nsessions 12\nconnections 31\nfiles 0\n")) == {
        ("sessions", "smb"): 12, ("smb_connections", ""): 31, ("smb_open_files", ""): 0,
    }  # fmt: skip
    assert samba.COMMAND.count("awk") == samba.COMMAND.count("smbstatus -") - 1  # --version alone is printed


# --- all of them ----------------------------------------------------------------------------------------


def test_no_command_carries_a_secret_or_changes_anything() -> None:
    words = " ".join(command.text for command in COMMANDS.values()).lower()
    for forbidden in (
        "--password",
        " -p'",
        "pgpassword",
        "mysql_pwd",
        "identified by",
        "as sysdba",
        "zpool scrub",
    ):
        assert forbidden not in words


def test_every_group_names_commands_that_there_are() -> None:
    assert {name for group in GROUPS.values() for name in group} == set(COMMANDS)
    assert GROUPS["ceph"] == ("ceph-version", "ceph-status", "ceph-pools")
    assert {"ceph", "lvm", "nvme", "postgresql"} <= set(systems())


RECORDED: list[tuple[str, Callable[..., Any]]] = [
    ("zfs/zpool-status-spares.txt", zfs.parse_status), ("zfs/zpool-list-vdev.txt", zfs.parse_pools),
    ("linux/mdadm-query-raid1-faulty.txt", mdraid.parse_detail), ("linux/multipath-1.txt", multipath.parse),
    ("disk/smartctl-sat-hdd.json", smart.parse), ("raid/ssacli-P408i-a.txt", smartarray.parse),
    ("raid/storcli-megaraid-drives.json", megaraid.parse_storcli), ("raid/megacli-pdlist.txt", megaraid.parse_megacli),
    ("ups/apcaccess-status.txt", apcups.parse), ("ceph/ceph-df-f-json.json", ceph.parse),
    ("kvm/virsh-list-1.txt", virsh.parse_vms), ("xenserver/xe-vm-list.txt", xen.parse_vms),
    ("df/bdf.hpux1-nfs.txt", df.parse),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parse"), RECORDED)
@given(data=st.data())
def test_recorded_output_that_is_cut_swapped_or_damaged_gives_samples_or_is_refused(
    corpus: Path, name: str, parse: Callable[..., Any], data: st.DataObject
) -> None:
    text = place(corpus, name).read_text()
    at = data.draw(st.integers(0, len(text)))
    much = data.draw(st.integers(0, 200))
    new = data.draw(
        st.sampled_from(["", "\n", "9" * 400, "-1", "1e400", "\x00", '"', "{}", "[]", " : ", "nan", "\t"])
    )
    damaged = text[:at] + new + text[at + much :]
    samples: list[Sample] = []
    with contextlib.suppress(PollError):
        samples.extend(parse(damaged))
    assert all(describe(sample) is None and 0 <= sample.value < float("inf") for sample in samples)


# --- the lines that are run -----------------------------------------------------------------------------

TOOLS: dict[str, str] = {
    "sudo": 'shift; exec "$@"',
    "smbstatus": """case $1 in
        --version) echo 'Version 4.17.12';;
        -p) printf '\\nSamba version 4.17.12\\nPID Username Group Machine\\n---------\\n7 mdupont care ws-1\\n8 jdurand care ws-2\\n';;
        -S) printf '\\nService pid Machine Connected at\\n---------\\npacs 7 ws-1 Mon Nov 24\\n\\n';;
        -L) echo '/run/samba/locking.tdb not initialised';; esac""",
    "smartctl": """case $1 in
        --scan) printf '/dev/sda -d sat # /dev/sda [SAT], ATA device\\n/dev/bus/0 -d megaraid,8 # [megaraid_disk_08]\\n';;
        *) while [ $# -gt 2 ]; do shift; done; t=$1; case $t in /dev/*) t=;; esac
           printf '{"device":{"name":"%s","type":"%s"},"smart_status":{"passed":true}}\\n' "$2" "$1"; exit 4;; esac""",
    "virsh": """case "$*" in
        *"pool-list --all --name") printf 'images\\na pool\\n\\n';;
        *) for last; do :; done; printf 'Name:           %s\\nState:          running\\nCapacity:       10\\n\\n' "$last";; esac""",
    "lsvg": """case $1 in -o) echo rootvg; echo datavg;; *) printf 'VOLUME GROUP:       %s   VG IDENTIFIER:  0\\nVG STATE:  active   PP SIZE: 4\\n' "$1";; esac""",
    "storcli": """case $1 in
        /call) printf '{"Controllers":[{"Command Status":{"Controller":0},"Response Data":{"Status":{"Controller Status":"Optimal"}}}]}';;
        *) printf '{"Controllers":[{"Response Data":{"Drive /c0/e8/s1":[{"State":"Onln"}],"Drive /c0/e8/s1 - Detailed Information":{}}}]}';; esac""",
    "megacli": """echo 'Adapter #0'; case $1 in -PDList) echo 'Enclosure Device ID: 32'; echo 'Slot Number: 1'; echo 'Firmware state: Failed';; esac""",
    "hpacucli": """echo 'Smart Array P410i in Slot 0 (Embedded)'; echo '   Controller Status: OK'""",
    "sqlcmd": """[ "$SQLCMDPASSWORD" = hidden ] || exit 3; case "$*" in *hidden*) exit 4;; esac; echo 'version|16.0'; echo 'database|hr|8192'""",
}
"""Programs that answer as those of that name do, as far as a line needs it."""

SAID: dict[str, dict[tuple[str, str], float]] = {
    "samba": {("sessions", "smb"): 2, ("smb_connections", ""): 1, ("smb_open_files", ""): 0},
    "smart": {("disk_healthy", "sda"): 1, ("disk_healthy", "bus/0 megaraid,8"): 1},
    "virsh-pools": {
        (f"storage_{metric}", f"pool,{name}"): value
        for name in ("images", "a pool")
        for metric, value in (("healthy", 1), ("size_bytes", 10))
    },
    "aix-groups": {("storage_healthy", "pool,rootvg"): 1, ("storage_healthy", "pool,datavg"): 1},
    "storcli": {("controller_healthy", "0"): 1, ("disk_healthy", "0:8:1"): 1},
    "megacli": {("disk_healthy", "0:32:1"): 0},
    "smartarray": {("controller_healthy", "0"): 1},
    "sqlserver": {("database_size_bytes", "hr"): 8192},
}


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs, and a home that holds a password."""
    place = tmp_path_factory.mktemp("tools")
    for name, body in TOOLS.items():
        (place / name).write_text(f"#!/bin/sh\n{body}\n")
        (place / name).chmod(0o755)
    (place / ".jauge-sqlcmd").write_text("hidden\n")
    return place


@pytest.mark.parametrize("name", SAID)
def test_a_line_asks_each_thing_of_the_machine_and_reads_what_it_says(tools: Path, name: str) -> None:
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tools)}
    output = storage.shell(COMMANDS[name].text, environment)
    assert read(COMMANDS[name].parse(output)) == SAID[name]
    assert not any(word in output for word in ("dupont", "durand", "ws-1", "hidden"))


async def test_names_of_several_commands_are_read_over_ssh(tools: Path) -> None:
    pool = ssh.Connections()
    try:
        with servers.sshd(lines=[f"SetEnv PATH={tools}:/usr/bin:/bin"]) as server:
            estate = logins.of(server, commands=("samba", "smart", "aix-groups"), timeout=60)
            tables, facts = await logins.poll(estate, pool)
    finally:
        pool.close()
    assert {name: table.reason for name, table in tables.items()} == {
        "samba": None,
        "smart": None,
        "aix-groups": None,
    }
    for name, table in tables.items():
        assert read(iter(table)) == SAID[name]
    assert facts["product"]


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh", "mksh"])
def test_every_line_is_one_that_every_shell_understands(shell: str) -> None:
    words = shell.split()
    program = servers.program(words[0], words[0])
    line = script([command.text for command in COMMANDS.values() if command.shell == "sh"], "MARK")
    checked = subprocess.run(
        [program, *words[1:], "-n", "-c", shlex.split(line)[3]],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
