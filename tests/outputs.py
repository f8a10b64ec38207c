"""Recorded outputs of commands: how each is read and what must come of it, or the reason why we do not run it.

Expectations are those of the corpus: rows that were computed from the output, what another project's parser read, facts
that are stated beside it. Where there are none, a line of the output is counted or searched, as a reader would.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from collectors.poll import Reading
from inventory.metrics import Sample, describe

PLACE = os.environ.get("JAUGE_CORPUS")
SSH = Path(PLACE, "recordings", "ssh") if PLACE else Path("(no corpus)")
INDEX: Final[dict[str, dict[str, Any]]] = (
    {row["file"]: row for row in json.loads((SSH / "index.json").read_text())}
    if PLACE
    else {"(no corpus)": {}}
)

Facts = dict[tuple[str, str], float]
"""Values by metric (without `jauge_`) and by what the labels say, in the order of their names."""


class Told(NamedTuple):
    """A recorded output, and what the corpus tells of it."""

    text: str
    parsed: Any
    expected: Any
    facts: Any


class Judge(NamedTuple):
    """How an output is read, and what must come of it; `whole` where nothing else may."""

    command: str
    wanted: Callable[[Told], Facts]
    given: Callable[[str], str] = str
    whole: bool = True


PSEUDO: Final = ("tmpfs", "devtmpfs", "swap", "proc", "sysfs")


def stores(told: Told) -> Facts:
    """Size and use of every file system that fills."""
    found: Facts = {}
    for row in told.expected:
        if row["device"] not in PSEUDO and (row["total_bytes"] or row["used_bytes"]):
            for word, column in (
                ("size", "total_bytes"),
                ("used", "used_bytes"),
                ("available", "avail_bytes"),
            ):
                if row[column] or word != "size":
                    found[f"storage_{word}_bytes", f"filesystem,{row['mount']}"] = row[column]
    return found


def pools(told: Told) -> Facts:
    """Pools of ZFS and their disks, as `jc` reads them."""
    found: Facts = {}
    for pool in told.parsed:
        name = pool["pool"]
        found["raid_healthy", name] = float(pool["state"] == "ONLINE")
        found["raid_degraded", name] = float(pool["state"] == "DEGRADED")
        for row in pool["config"]:
            if row["name"] != name and not row["name"].startswith(("mirror", "spares")):
                found["disk_healthy", f"{name}/{row['name']}"] = float(row["state"] in ("ONLINE", "AVAIL"))
    return found


def arrays(told: Told) -> Facts:
    """An array of md and its disks, as `jc` reads them."""
    name = told.parsed["device"].removeprefix("/dev/")
    degraded = "degraded" in told.parsed["state_list"]
    return {("raid_healthy", name): float(not degraded), ("raid_degraded", name): float(degraded)} | {
        ("disk_healthy", f"{name}/{row['device'].removeprefix('/dev/')}"): float("faulty" not in row["state"])
        for row in told.parsed["device_table"]
        if row["device"]
    }


def memory(told: Told) -> Facts:
    kib = told.parsed
    return {
        ("memory_size_bytes", ""): 1024 * kib["MemTotal"],
        ("memory_used_bytes", ""): 1024 * (kib["MemTotal"] - kib["MemAvailable"]),
        ("swap_size_bytes", ""): 1024 * kib["SwapTotal"],
        ("swap_used_bytes", ""): 1024 * (kib["SwapTotal"] - kib["SwapFree"]),
    }


def busy(told: Told) -> Facts:
    """The share of all time since the start that was neither idle nor waiting, by what `jc` reads."""
    times = told.parsed["cpu"]
    whole = sum(
        times[word] for word in ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    )
    return {("cpu_used_ratio", ""): 1 - (times["idle"] + times["iowait"]) / whole}


def from_the_start(text: str) -> str:
    """Two looks at the processors: when they started, and the recorded one."""
    return "cpu 0 0 0 0 0 0 0 0 0 0\n" + text.splitlines()[0] + "\n"


def ceph(told: Told) -> Facts:
    facts = told.facts
    used = {
        ("storage_used_bytes", f"pool,{name}"): pool["stored_bytes"] for name, pool in facts["pools"].items()
    }
    size = {
        ("storage_size_bytes", f"pool,{name}"): pool["stored_bytes"] + pool["max_avail_bytes"]
        for name, pool in facts["pools"].items()
    }
    return used | size | {("storage_raw_bytes", "tier,nvme"): facts["total_bytes"]}


def well(name: str, pattern: str) -> Callable[[Told], Facts]:
    """Disks that the output lists and calls well, their names made of the groups of a pattern."""

    def disks(told: Told) -> Facts:
        return {
            ("disk_healthy", name.format(*match.groups())): 1.0
            for match in re.finditer(pattern, told.text, re.MULTILINE)
        }

    return disks


def seen(**facts: float) -> Callable[[Told], Facts]:
    """What a person reads in the output: `metric__label`."""
    return lambda _: {tuple(name.split("__", 1)): value for name, value in facts.items()}  # type: ignore[misc]


_DRIVE: Final = r"^ +physicaldrive (\S+)\n"
_SLOT: Final = r"^Slot Number: (\d+)$"


def number(text: str, name: str) -> float:
    """The number behind a name of apcaccess."""
    match = re.search(rf"^{name} *: *([0-9.]+)", text, re.MULTILINE)
    assert match
    return float(match[1])


def drives(told: Told) -> Facts:
    """Drives of megacli by slot, with the state that stands beneath each."""
    parts = re.split(r"^Enclosure Device ID: (\S+)\n", told.text, flags=re.MULTILINE)[1:]
    found: Facts = {}
    for enclosure, part in zip(parts[::2], parts[1::2], strict=True):
        slot = re.search(_SLOT, part, re.MULTILINE)
        state = re.search(r"^Firmware state: (\w+)", part, re.MULTILINE)
        if slot and state:
            place = slot[1] if enclosure == "N/A" else f"{enclosure}:{slot[1]}"
            found["disk_healthy", f"0:{place}"] = float(state[1] in ("Online", "Hotspare"))
    return found


def disk(told: dict[str, Any]) -> Facts:
    """What smartctl's own JSON says of a disk."""
    name = told["device"]["name"].removeprefix("/dev/")
    return {
        ("disk_healthy", name): float(told["smart_status"]["passed"]),
        ("disk_size_bytes", name): told["user_capacity"]["bytes"],
        ("disk_celsius", name): told["temperature"]["current"],
        ("disk_powered_seconds", name): 3600 * told["power_on_time"]["hours"],
    }


READ: Final[dict[str, Judge]] = {
    **dict.fromkeys(
        ("linux/df.centos-7.7.txt", "linux/df.long-device-name.txt", "df/df-PT.linux.txt", "df/df-PT.aix.txt",
         "df/df-PT.freebsd.txt", "df/df.solaris-zfs.txt", "df/bdf.hpux1-vxfs.txt", "df/bdf.hpux1-nfs.txt"),
        Judge("df", stores),
    ),
    "linux/proc/meminfo.txt": Judge("memory", memory, whole=False),
    "linux/proc/stat.txt": Judge("cpu", busy, from_the_start),
    "linux/proc/loadavg.txt": Judge(
        "load",
        lambda told: {("load1", ""): told.parsed["load_1m"]},
        lambda text: text + (SSH / "linux/proc/uptime.txt").read_text() + "2\n",
        whole=False,
    ),
    "linux/proc/uptime.txt": Judge(
        "load",
        lambda told: {("uptime_seconds", ""): told.parsed["up_time"]},
        lambda text: (SSH / "linux/proc/loadavg.txt").read_text() + text + "2\n",
        whole=False,
    ),
    "zfs/zpool-status-v.txt": Judge("zpool-status", pools, whole=False),
    "zfs/zpool-status-v2.txt": Judge("zpool-status", pools, whole=False),
    "zfs/zpool-status-spares.txt": Judge("zpool-status", pools, whole=False),
    "zfs/zpool-list-p.txt": Judge(
        "zpool-list", lambda _: {("storage_healthy", "pool,rpool"): 1, ("storage_healthy", "pool,zion"): 0}
    ),
    "zfs/zpool-list-vdev.txt": Judge(
        "zpool-list",
        lambda _: {("storage_healthy", "pool,rpool"): 1, ("storage_raw_bytes", "pool,rpool"): 2 * 4000249020416},
    ),
    "linux/mdadm-query-raid1-ok.txt": Judge("mdadm", arrays),
    "linux/mdadm-query-raid1-faulty.txt": Judge("mdadm", arrays),
    "linux/mdadm-query-raid0-ok.txt": Judge("mdadm", arrays),
    "linux/lvs-report.json": Judge(
        "lvm-volumes",
        lambda _: {
            ("storage_size_bytes", "pool,cm-vg,root"): 214232465408,
            ("storage_used_bytes", "pool,cm-vg,root"): 214232465408 * 0.7889,
            ("storage_metadata_used_ratio", "pool,cm-vg,root"): 0.1925,
        },
        whole=False,
    ),
    "linux/multipath-1.txt": Judge(
        "multipath",
        lambda told: {
            (metric, name): 2
            for name in re.findall(r"^(\S+) (?:\(\S+\) )?dm-\d", told.text, re.MULTILINE)
            for metric in ("disk_paths", "disk_paths_up")
        },
    ),
    "raid/hpacucli-storage-1.txt": Judge("smartarray", well("2:{}", _DRIVE)),
    "raid/hpacucli-storage-2.txt": Judge("smartarray", well("0:{}", _DRIVE), whole=False),
    "raid/ssacli-P408i-a.txt": Judge("smartarray", well("0:{}", _DRIVE), whole=False),
    "raid/ssacli-P400ar.txt": Judge("smartarray", well("0:{}", _DRIVE), whole=False),
    "raid/storcli-megaraid-controllers.json": Judge(
        "storcli",
        lambda _: {("controller_healthy", "0"): 1, ("controller_battery_healthy", "0"): 1, ("raid_healthy", "0:0"): 1},
        whole=False,
    ),
    "raid/storcli-megaraid-drives.json": Judge(
        "storcli", well("0:{}", r'^ +"EID:Slt" *: *"(\d+:\d+)"'), whole=False
    ),
    "raid/megacli-pdlist.txt": Judge("megacli", drives, whole=False),
    "raid/megacli-PDlist-set1.txt": Judge("megacli", drives, whole=False),
    "raid/megacli-PDlist-set3.txt": Judge("megacli", drives, whole=False),
    "ups/apcaccess-status.txt": Judge(
        "apcups",
        lambda told: {
            ("ups_charge_ratio", ""): number(told.text, "BCHARGE") / 100,
            ("ups_runtime_seconds", ""): number(told.text, "TIMELEFT") * 60,
            ("ups_on_battery_seconds", ""): number(told.text, "TONBATT"),
            ("ups_load_ratio", "1"): number(told.text, "LOADPCT") / 100,
            ("ups_battery_status", "normal"): 1,
            ("ups_battery_status", "low"): 0,
        },
    ),
    "disk/smartctl-sat-hdd.json": Judge(
        "smart",
        lambda told: disk(json.loads(told.text))
        | {("disk_reallocated_sectors", "sda"): 0, ("disk_pending_sectors", "sda"): 0},
    ),
    "disk/smartctl-nvme.json": Judge(
        "smart", lambda told: disk(json.loads(told.text)) | {("disk_wear_ratio", "nvme0"): 0, ("disk_errors", "nvme0"): 0}
    ),
    "disk/nvme-list.json": Judge(
        "nvme-list",
        lambda told: {
            ("disk_size_bytes", name): float(size)
            for name, size in zip(
                re.findall(r'"NameSpace": *"(\w+)"', told.text),
                re.findall(r'"PhysicalSize": *(\d+)', told.text),
                strict=True,
            )
        },
    ),
    "kvm/virsh-list-1.txt": Judge("virsh-vms", seen(vms__running=9), whole=False),
    "xenserver/xe-vm-list.txt": Judge("xen-vms", seen(vms__running=6, vms__stopped=1), whole=False),
    "ceph/ceph-df-f-json.json": Judge("ceph-pools", ceph, whole=False),
}  # fmt: skip
"""Outputs of commands that we run, or that print the same."""

NAMED: Final = {"proxmox/pveversion.txt": {"product": "Proxmox VE", "version": "1.1-1"}}
"""Outputs that tell product and version and no value."""

NOT_OURS: Final = {
    "linux/df-h.centos-7.7.txt": "sizes are rounded: df is asked for bytes",
    "linux/free.centos-7.7.txt": "memory is read from /proc/meminfo",
    "linux/free-w.centos-7.7.txt": "memory is read from /proc/meminfo",
    "linux/uptime.centos-7.7.txt": "load and uptime are read from /proc, whatever the language of the machine",
    "linux/lsblk.centos-7.7.txt": "names block devices, and tells nothing of what they hold",
    "linux/lsblk-allcols.centos-7.7.txt": "names block devices, and tells nothing of what they hold",
    "linux/iostat-x.centos-7.7.txt": "means since the machine started say nothing of now",
    "linux/vmstat.centos-7.7.txt": "means since the machine started: processors are read from /proc/stat, twice",
    "linux/mpstat.centos-7.7.txt": "means since the machine started: processors are read from /proc/stat, twice",
    "linux/mount.centos-7.7.txt": "no sizes: file systems are read with df",
    "linux/findmnt-l.centos-7.7.txt": "no sizes: file systems are read with df",
    "aix/mount.txt": "no sizes: file systems are read with df",
    "linux/systemctl.centos-7.7.txt": "which units must run is not known",
    "linux/ps-axu.centos-7.7.txt": "names users and their commands: never asked",
    "linux/ifconfig.centos-7.7.txt": "interfaces are read over SNMP, or from an exporter",
    "linux/proc/net_dev.txt": "interfaces are read over SNMP, or from an exporter",
    "linux/proc/diskstats.txt": "work of disks, and not what they hold",
    "linux/proc/swaps.txt": "swap space is read from /proc/meminfo",
    "linux/proc/partitions.txt": "names block devices, and tells nothing of what they hold",
    "linux/proc/version.txt": "the version is read from os-release and uname",
    "linux/dmidecode-memory.txt": "modules of memory are read from the machine's own controller; it needs root",
    "linux/lvm-vgs-1.txt": "rounded, and without names of columns: vgs is asked for JSON in bytes",
    "linux/lvm-vgs-2.txt": "rounded, and without names of columns: vgs is asked for JSON in bytes",
    "linux/lvm-pvs-1.txt": "parts of volume groups, which are read with vgs",
    "linux/lvm-pvs-2.txt": "parts of volume groups, which are read with vgs",
    "linux/lvm-lvs-1.txt": "rounded, and without names of columns: lvs is asked for JSON in bytes",
    "zfs/zpool-iostat.txt": "means since the machine started; sizes are read with zfs list",
    "raid/hpacucli-slots-1.txt": "names controllers without their state, which `show config detail` tells",
    "raid/hpacucli-slots-2.txt": "names controllers without their state, which `show config detail` tells",
    "fileserver/smbstatus-profile.txt": "counters of a build that profiles; sessions and files are counted instead",
    "windows/systeminfo.win10.txt": "translated into the language of the machine: Windows is read otherwise",
    "windows/systeminfo.hyperv.txt": "translated into the language of the machine: Windows is read otherwise",
    "proxmox/qm-list.txt": "rounded: pvesh tells all guests of the cluster in bytes",
    "proxmox/qm-config-1.txt": "the configuration of a guest, and not what it uses",
    "proxmox/pct-list.txt": "pvesh tells all guests of the cluster",
    "kvm/virsh-dumpxml-1.txt": "the configuration of a guest, and not what it uses",
    "xenserver/xe-vm-param-list-001.txt": "all of one guest: xe vm-list is asked for what is needed of all",
    "network/fortigate-get-system-status-7.4.txt": "firewalls are read over SNMP, which tells more",
    "network/panos-show-system-info.txt": "firewalls are read over SNMP, which tells more",
    "http/nutanix-prism-storage-pool.json": "an answer over HTTP: the tests of HTTP families read it",
}
"""Outputs of commands that we do not run, and why."""


def load(name: str) -> Told:
    """An output with all that the corpus tells of it."""
    row = INDEX[name]
    beside = {
        word: json.loads((SSH / row[word]).read_text()) if word in row else None
        for word in ("parsed", "expected")
    }
    return Told((SSH / name).read_text(), beside["parsed"], beside["expected"], row.get("expected_facts"))


def values(parsed: Iterable[Sample] | Reading) -> Facts:
    samples = (
        [
            Sample(name, value, pairs)
            for (name, pairs), value in zip(parsed.series, parsed.values, strict=True)
        ]
        if isinstance(parsed, Reading)
        else list(parsed)
    )
    assert [said for sample in samples if (said := describe(sample))] == []
    return {(s.metric.removeprefix("jauge_"), ",".join(v for _, v in s.labels)): s.value for s in samples}
