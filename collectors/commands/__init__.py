"""What is run over SSH: a pure parser in a module of its own, or a declarative file for what prints JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors.command import SystemFile, systems
from collectors.commands import (
    aix,
    apcups,
    asterisk,
    bacula,
    bsd,
    btrfs,
    ceph,
    cpu,
    df,
    esxi,
    ibmi,
    load,
    mariadb,
    mdraid,
    megaraid,
    memory,
    multipath,
    netbackup,
    nvidia,
    oracle,
    os,
    proxmox,
    s2d,
    samba,
    smart,
    smartarray,
    spectrum,
    sqlserver,
    threepar,
    veeam,
    virsh,
    xen,
    zfs,
)
from collectors.poll import Reading
from inventory.metrics import Sample

Parse = Callable[[str], Iterator[Sample] | Reading]
"""Makes samples of an output. Raises PollError("unparsed") where it is another."""

Facts = Callable[[str], dict[str, str]]
"""Makes product and version of an output, as far as it tells them."""


def _nothing(_output: str) -> dict[str, str]:
    return {}


class Command(NamedTuple):
    """What is run, and what is made of its output: a table, and what the machine says that it is.

    `shell` is what runs it: sh, powershell, or none, where the machine has a command line of its own.
    """

    text: str
    parse: Parse
    facts: Facts = _nothing
    shell: str = "sh"


def _bare(text: str, parse: Parse, facts: Facts = _nothing) -> Command:
    """A command of a machine without a POSIX shell."""
    return Command(text, parse, facts, "none")


_PARSED: Final[dict[str, Command]] = {
    "asterisk": Command(asterisk.COMMAND, asterisk.parse, asterisk.facts),
    "bacula": Command(bacula.BACULA, bacula.parse),
    "bareos": Command(bacula.BAREOS, bacula.parse),
    "cpu": Command(cpu.COMMAND, cpu.parse),
    "df": Command(df.COMMAND, df.parse),
    "load": Command(load.COMMAND, load.parse),
    "memory": Command(memory.COMMAND, memory.parse),
    "netbackup": Command(netbackup.COMMAND, netbackup.parse),
    "os": Command(os.COMMAND, os.parse, os.facts),
    # --- other kinds of Unix
    "bsd": Command(bsd.COMMAND, bsd.parse),
    "aix-memory": Command(aix.MEMORY, aix.parse_memory),
    "aix-cpu": Command(aix.PROCESSORS, aix.parse_processors),
    "aix-groups": Command(aix.GROUPS, aix.parse_groups),
    "aix-release": Command(aix.RELEASE, aix.parse_release, aix.facts),
    "ibm-i": Command(ibmi.COMMAND, ibmi.parse, ibmi.facts),
    # --- disks and what they are joined to
    "zpool-status": Command(zfs.STATUS, zfs.parse_status),
    "zpool-list": Command(zfs.POOLS, zfs.parse_pools),
    "zfs-datasets": Command(zfs.DATASETS, zfs.parse_datasets),
    "btrfs": Command(btrfs.COMMAND, btrfs.parse),
    "mdstat": Command(mdraid.MDSTAT, mdraid.parse_mdstat),
    "mdadm": Command(mdraid.DETAIL, mdraid.parse_detail),
    "multipath": Command(multipath.COMMAND, multipath.parse),
    "smart": Command(smart.COMMAND, smart.parse),
    "smartarray": Command(smartarray.COMMAND, smartarray.parse),
    "storcli": Command(megaraid.STORCLI, megaraid.parse_storcli),
    "megacli": Command(megaraid.MEGACLI, megaraid.parse_megacli),
    "ceph-pools": Command(ceph.COMMAND, ceph.parse),
    # --- what is beside and inside the machine
    "apcups": Command(apcups.COMMAND, apcups.parse),
    "nvidia": Command(nvidia.COMMAND, nvidia.parse),
    # --- virtual machines
    "proxmox-version": Command(proxmox.VERSION, proxmox.parse_version, proxmox.facts),
    "proxmox-resources": Command(proxmox.RESOURCES, proxmox.parse_resources),
    "proxmox-status": Command(proxmox.STATUS, proxmox.parse_status),
    "proxmox-unprotected": Command(proxmox.UNPROTECTED, proxmox.parse_unprotected),
    "xen-hosts": Command(xen.HOSTS, xen.parse_hosts, xen.facts),
    "xen-loads": Command(xen.LOADS, xen.parse_loads),
    "xen-vms": Command(xen.VMS, xen.parse_vms),
    "xen-stores": Command(xen.STORES, xen.parse_stores),
    "esxi-version": Command(esxi.VERSION, esxi.parse_version, esxi.facts),
    "esxi-datastores": Command(esxi.DATASTORES, esxi.parse_datastores),
    "esxi-vms": Command(esxi.MACHINES, esxi.parse_machines),
    "esxi-host": Command(esxi.SUMMARY, esxi.parse_summary),
    "esxi-vsan-cluster": Command(esxi.CLUSTER, esxi.parse_cluster),
    "esxi-vsan-objects": Command(esxi.OBJECTS, esxi.parse_objects),
    "esxi-vsan-resync": Command(esxi.RESYNC, esxi.parse_resync),
    "esxi-vsan-disks": Command(esxi.DISKS, esxi.parse_disks),
    "virsh-vms": Command(virsh.VMS, virsh.parse_vms),
    "virsh-pools": Command(virsh.POOLS, virsh.parse_pools),
    # --- arrays whose command line is no shell
    "hpe-3par-system": _bare(threepar.SYSTEM, threepar.parse_system, threepar.product),
    "hpe-3par-version": _bare(threepar.VERSION, threepar.parse_version, threepar.version),
    "hpe-3par-efficiency": _bare(threepar.EFFICIENCY, threepar.parse_efficiency),
    "hpe-3par-disks": _bare(threepar.DISKS, threepar.parse_disks),
    "hpe-3par-nodes": _bare(threepar.NODES, threepar.parse_nodes),
    "hpe-3par-volumes": _bare(threepar.VOLUMES, threepar.parse_volumes),
    "ibm-spectrum-system": _bare(spectrum.SYSTEM, spectrum.parse_system, spectrum.facts),
    "ibm-spectrum-pools": _bare(spectrum.POOLS, spectrum.parse_pools),
    "ibm-spectrum-drives": _bare(spectrum.DRIVES, spectrum.parse_drives),
    "ibm-spectrum-arrays": _bare(spectrum.ARRAYS, spectrum.parse_arrays),
    "ibm-spectrum-nodes": _bare(spectrum.NODES, spectrum.parse_nodes),
    # --- databases and file servers
    "mariadb": Command(mariadb.COMMAND, mariadb.parse, mariadb.facts),
    "oracle": Command(oracle.COMMAND, oracle.parse, oracle.facts),
    "sqlserver": Command(sqlserver.COMMAND, sqlserver.parse, sqlserver.facts),
    "samba": Command(samba.COMMAND, samba.parse),
    "s2d-storage": Command(s2d.COMMAND, s2d.parse, _nothing, "powershell"),
    # --- backups
    "veeam-sessions": Command(veeam.COMMAND, veeam.parse, _nothing, "powershell"),
}

_TOGETHER: Final[dict[str, tuple[str, ...]]] = {
    "aix": ("df", "aix-memory", "aix-cpu", "aix-groups", "aix-release"),
    "ceph": ("ceph-pools",),
    "esxi": ("esxi-version", "esxi-datastores", "esxi-vms", "esxi-host"),
    "hpe-3par": (
        "hpe-3par-system",
        "hpe-3par-version",
        "hpe-3par-efficiency",
        "hpe-3par-disks",
        "hpe-3par-nodes",
        "hpe-3par-volumes",
    ),
    "ibm-spectrum": (
        "ibm-spectrum-system",
        "ibm-spectrum-pools",
        "ibm-spectrum-drives",
        "ibm-spectrum-arrays",
        "ibm-spectrum-nodes",
    ),
    "proxmox": ("proxmox-resources", "proxmox-status", "proxmox-unprotected", "proxmox-version"),
    "s2d": ("s2d-storage", "cluster-nodes", "cluster-volumes"),
    "veeam": ("veeam-sessions",),
    "virsh": ("virsh-vms", "virsh-pools"),
    "esxi-vsan": ("esxi-vsan-cluster", "esxi-vsan-objects", "esxi-vsan-resync", "esxi-vsan-disks"),
    "xen": ("xen-hosts", "xen-loads", "xen-vms", "xen-stores"),
    "zfs": ("zpool-status", "zpool-list", "zfs-datasets"),
}
"""Parsed commands that belong together; those of a system of the same name go before them."""

_SYSTEMS: Final = systems()


def declared(found: Mapping[str, SystemFile]) -> dict[str, Command]:
    """The commands of declared systems, by name."""
    return {
        name: Command(command.text, command.read, functools.partial(system.facts, name), command.shell)
        for system in found.values()
        for name, command in system.commands.items()
    }


COMMANDS: Final[dict[str, Command]] = _PARSED | declared(_SYSTEMS)
"""Every command by its name, which is that of its table."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {name: (name,) for name in COMMANDS} | {
    name: (*(_SYSTEMS[name].commands if name in _SYSTEMS else ()), *_TOGETHER.get(name, ()))
    for name in (*_SYSTEMS, *_TOGETHER)
}
"""The commands of each name that `ssh.commands` of a target may hold: one, or all of a system."""
