"""The vocabulary: one name for one thing, whatever the vendor.

Every value that leaves Jauge bears a name of this table. A collector that yields another name, or another
set of labels, is a programming error that the tests find. The metric reference of the docs is generated
from it, and the history keeps what `history` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, get_args

Labels = tuple[tuple[str, str], ...]
"""Label names and values, sorted by name. Empty labels are left out."""

Kind = Literal["gauge", "counter", "info"]

Reason = Literal[
    "timeout",
    "refused",
    "auth_failed",
    "wrong_privacy",
    "not_in_time_window",
    "unknown_engine",
    "host_key_unknown",
    "host_key_changed",
    "too_big",
    "not_increasing",
    "gen_err",
    "empty_answer",
    "truncated",
    "unparsed",
    "capped",
    "deadline",
    "tls",
    "internal",
]
"""Why a value is missing: a closed list, so that rules and pages can name each one."""

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

LABELS: Final[dict[str, str]] = {
    "access": "How a trunk group is joined to the network outside, as the exchange names it",
    "age": "Completed years since the purchase, in bands that the metric closes",
    "aet": "The DICOM application entity that is asked, by its title",
    "array": "Disks that hold data together: a RAID set, a logical drive, a virtual disk",
    "bank": "Outlets of a distribution unit that share a fuse",
    "channel": "A way of messages through a message engine",
    "class": "What workstations are for: a class of use of the estate",
    "cluster": "A cluster, by its name",
    "code": "The code by which an HL7 message was acknowledged (HL7 table 0008)",
    "component": "A part of a device that has no label of its own",
    "container": "A container, by its name",
    "controller": "A controller of disks: of an array, or in a server",
    "daemon": "A service of an operating system",
    "database": "A database, by its name",
    "day": "today or yesterday, in the estate's time zone",
    "direction": "received or sent",
    "directorate": "The directorate that a target belongs to, from the estate",
    "disk": "A physical disk or flash module",
    "domain": "An IP domain of a telephone exchange",
    "drive": "A tape drive",
    "family": "How the target is read",
    "fan": "A fan",
    "gpu": "A graphics processor",
    "interface": "A network interface or a port of a switch",
    "job": "A backup job, as its maker names it",
    "kind": "Which kind of thing, from a list that the metric closes: of stores `STORE_KINDS`",
    "library": "A tape library, or a partition of one",
    "license": "A licence, or a contract",
    "line": "An electrical phase",
    "machine": "What a backup job saves: a target, or a virtual machine that one lists",
    "member": "A unit of a redundant pair",
    "modality": "A DICOM modality: CT, MR ...",
    "node": "A machine of a cluster, or a hypervisor",
    "part": "The part of a device that a pool of memory is in",
    "pdu": "A power distribution unit",
    "peer": "A DICOM application entity that the archive itself knows",
    "pool": "A pool, by its name: of disks, where it is the one that a store takes its space from, or of memory",
    "probability": "How likely it is that it comes so soon",
    "problem": "What a cluster says is wrong, by its own word",
    "processor": "One processor, or the processors of one part",
    "product": "What the target is",
    "quantity": "What is planned, where it is no store: metadata, memory, processors, licences, sessions or databases",
    "queue": "A queue, by its name",
    "reason": "Why, from a closed list",
    "replica": "A copy of the databases of a server",
    "role": "What a target is for, from the estate",
    "rollout": "What is deployed to workstations, by its name in the estate",
    "rule": "A part of the 3-2-1-1-0 rule",
    "sensor": "A sensor, or the place that it measures",
    "service": "The service of the hospital that a target belongs to, from the estate",
    "severity": "How grave: from a closed list",
    "site": "Where a target stands, from the estate; where workstations stand, as their inventory writes it",
    "source": "A source of a transfer switch",
    "state": "The state that is meant, from a list that the metric closes",
    "store": "A thing that fills",
    "supply": "A power supply",
    "table": "A table or a command of ours",
    "tablespace": "A tablespace of a database",
    "thing": "What is planned, by the labels of what is used of it",
    "threshold": "A share of what may be filled",
    "tier": "How soon a PACS gives out what a store holds: ONLINE, NEARLINE or OFFLINE",
    "trunk": "A trunk group of a telephone exchange",
    "version": "Which version of the product it is",
    "vm": "A virtual machine, or a container that a hypervisor runs as one",
    "year": "A civil year: of a study, or in which workstations are to be replaced",
}
"""The names of labels, and the one meaning that each has wherever it stands."""

STORE_KINDS: Final = ("array", "pool", "volume", "filesystem", "share", "tier", "repository")
"""What a store (a thing that fills) can be: the values of the label `kind`."""


class Metric(NamedTuple):
    """One row of the vocabulary. `source` names the object that it is read from."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    help: str
    source: str
    history: bool = False


class Sample(NamedTuple):
    """One value as people look at it; polls keep values and series apart (see `collectors.poll`)."""

    metric: str
    value: float
    labels: Labels = ()


def labels(**pairs: str) -> Labels:
    """Labels in their one order, the empty ones left out.

    >>> labels(store="/", kind="filesystem", pool="")
    (('kind', 'filesystem'), ('store', '/'))
    """
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


_STORE = ("store", "kind", "pool")
_THING = ("quantity", "thing")
_BACKUP = ("job", "machine")
_PDU = ("pdu", "line", "bank")

_ROWS: Final[tuple[Metric, ...]] = (
    # --- stores: things that fill -------------------------------------------------------------------
    Metric(
        "jauge_storage_size_bytes", "gauge", "bytes", _STORE,
        "Usable size of a store: what can be filled, after redundancy.",
        "hrStorageSize x hrStorageAllocationUnits (RFC 2790), df64TotalKBytes (NETAPP-MIB), df, restic", True,
    ),
    Metric(
        "jauge_storage_used_bytes", "gauge", "bytes", _STORE,
        "Bytes that a store holds.",
        "hrStorageUsed x hrStorageAllocationUnits (RFC 2790), df64UsedKBytes (NETAPP-MIB), df, restic stats",
        True,
    ),
    Metric(
        "jauge_storage_available_bytes", "gauge", "bytes", _STORE,
        "Bytes that an ordinary user of a store can still write, where the device says so itself.",
        "df64AvailKBytes (NETAPP-MIB), the available column of df, psutil.disk_usage", False,
    ),
    Metric(
        "jauge_storage_raw_bytes", "gauge", "bytes", _STORE,
        "Raw size of a store: its disks before redundancy.",
        "sum of dstNumRawBytes (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_storage_logical_bytes", "gauge", "bytes", _STORE,
        "Bytes that were written to a store, before deduplication and compression.",
        "fileSystemSpaceUsed of pre-comp (DATA-DOMAIN-MIB), df64UsedKBytes + df64TotalSaved (NETAPP-MIB)", True,
    ),
    Metric(
        "jauge_storage_provisioned_bytes", "gauge", "bytes", _STORE,
        "Bytes that a pool has promised to its volumes, which may be more than its size.",
        "hwInfoStoragePoolSubscribedCapacity (HUAWEI-STORAGE-SPACE-MIB), virtual-allocation of xe sr-list, lv_size of thin volumes (lvs)", True,
    ),
    Metric(
        "jauge_storage_size_without_node_bytes", "gauge", "bytes", _STORE,
        "Usable size that is left to a store when its largest node has failed and the others hold its data.",
        "ceph df, ceph osd df tree, ceph osd pool ls detail; drives of each node (Storage Spaces Direct), "
        "jauge_node_storage_raw_bytes and jauge_storage_copies (Nutanix Prism)", True,
    ),
    Metric(
        "jauge_storage_repair_reserve_bytes", "gauge", "bytes", _STORE,
        "Raw bytes that the maker advises to leave unallocated, so that what fails can be repaired where it is.",
        "one capacity drive of each node, four at most (Storage Spaces Direct)", True,
    ),
    Metric(
        "jauge_storage_metadata_used_ratio", "gauge", "ratio", _STORE,
        "Share of the space for metadata that is in use: a thin pool stops when either is full.",
        "metadata_percent of lvs, btrfs filesystem usage", True,
    ),
    Metric(
        "jauge_storage_raw_used_bytes", "gauge", "bytes", _STORE,
        "Bytes of its disks that a store takes, with all copies and parity.",
        "bytes_used of ceph df", True,
    ),
    Metric(
        "jauge_storage_cleanable_bytes", "gauge", "bytes", _STORE,
        "Bytes in use that the next cleaning gives back.", "fileSystemSpaceCleanable (DATA-DOMAIN-MIB)", False,
    ),
    Metric(
        "jauge_storage_healthy", "gauge", "", _STORE,
        "1 where a store is whole and in service, 0 where it is degraded, damaged or offline.",
        "zpoolHealth (FREENAS-MIB), raidStatus (SYNOLOGY-RAID-MIB), aggrState (NETAPP-MIB), status of pvesh /cluster/resources, State of virsh pool-info, VG STATE of lsvg", False,
    ),
    Metric(
        "jauge_storage_rebuilding", "gauge", "", _STORE,
        "1 while a store restores its redundancy, 0 while it does not.",
        "raidStatus (SYNOLOGY-RAID-MIB), aggrStatus (NETAPP-MIB), ldStatus (IFT-SNMP-MIB)", False,
    ),
    Metric(
        "jauge_storage_copies", "gauge", "", _STORE,
        "Copies that a store keeps of each block: its replication factor.",
        "replication_factor of storage_containers (Nutanix Prism)", True,
    ),
    Metric(
        "jauge_storage_reduction_factor", "gauge", "", _STORE,
        "How many times what was written is what a store takes for it, by deduplication and compression.",
        "space.data_reduction of arrays (Pure FlashArray), dataReductionRatio (Dell Unity)", True,
    ),
    Metric(
        "jauge_storage_idle_seconds", "gauge", "seconds", _STORE,
        "Time since a store was last written to, where it says so.",
        "time_since_last_modified (borg)", False,
    ),
    Metric(
        "jauge_storage_read_bytes_per_second", "gauge", "bytes", _STORE,
        "Bytes read from a store a second, as it counts itself.", "pureArrayReadBandwidth (PURESTORAGE-MIB)", False,
    ),
    Metric(
        "jauge_storage_write_bytes_per_second", "gauge", "bytes", _STORE,
        "Bytes written to a store a second, as it counts itself.", "pureArrayWriteBandwidth (PURESTORAGE-MIB)", False,
    ),
    Metric(
        "jauge_storage_reads_per_second", "gauge", "", _STORE,
        "Reads from a store a second, as it counts itself.", "pureArrayReadIOPS (PURESTORAGE-MIB)", False,
    ),
    Metric(
        "jauge_storage_writes_per_second", "gauge", "", _STORE,
        "Writes to a store a second, as it counts itself.", "pureArrayWriteIOPS (PURESTORAGE-MIB)", False,
    ),
    Metric(
        "jauge_storage_read_seconds", "gauge", "seconds", _STORE,
        "Mean time of a read from a store.", "pureArrayReadLatency (PURESTORAGE-MIB)", False,
    ),
    Metric(
        "jauge_storage_write_seconds", "gauge", "seconds", _STORE,
        "Mean time of a write to a store.", "pureArrayWriteLatency (PURESTORAGE-MIB)", False,
    ),
    # --- memory, processors, load -------------------------------------------------------------------
    Metric(
        "jauge_memory_size_bytes", "gauge", "bytes", (),
        "Installed memory.",
        "hrStorageSize of hrStorageRam (RFC 2790), memTotalReal (UCD-SNMP-MIB), MemTotal of /proc/meminfo",
        True,
    ),
    Metric(
        "jauge_memory_used_bytes", "gauge", "bytes", (),
        "Memory in use, buffers and caches left out where the device tells them apart.",
        "memTotalReal - memAvailReal - memBuffer - memCached (UCD-SNMP-MIB), MemTotal - MemAvailable", True,
    ),
    Metric(
        "jauge_swap_size_bytes", "gauge", "bytes", (),
        "Size of the swap space.", "memTotalSwap (UCD-SNMP-MIB), SwapTotal of /proc/meminfo", False,
    ),
    Metric(
        "jauge_swap_used_bytes", "gauge", "bytes", (),
        "Swap space in use.", "memTotalSwap - memAvailSwap (UCD-SNMP-MIB), SwapTotal - SwapFree", False,
    ),
    Metric(
        "jauge_virtual_memory_size_bytes", "gauge", "bytes", (),
        "Virtual memory that the system can give out: memory and swap space, on Windows the commit limit.",
        "hrStorageSize of hrStorageVirtualMemory (RFC 2790)", False,
    ),
    Metric(
        "jauge_virtual_memory_used_bytes", "gauge", "bytes", (),
        "Virtual memory that is given out, on Windows the commit charge.",
        "hrStorageUsed of hrStorageVirtualMemory (RFC 2790)", False,
    ),
    Metric(
        "jauge_memory_buffers_bytes", "gauge", "bytes", (),
        "Memory that buffers of devices take.",
        "memBuffer (UCD-SNMP-MIB), hrStorageUsed of Memory buffers (RFC 2790)", False,
    ),
    Metric(
        "jauge_memory_cached_bytes", "gauge", "bytes", (),
        "Memory that holds copies of files, and is given up when it is needed.",
        "memCached (UCD-SNMP-MIB), hrStorageUsed of Cached memory (RFC 2790)", False,
    ),
    Metric(
        "jauge_memory_shared_bytes", "gauge", "bytes", (),
        "Memory that several processes share.",
        "memShared (UCD-SNMP-MIB), hrStorageUsed of Shared memory (RFC 2790)", False,
    ),
    Metric(
        "jauge_memory_used_ratio", "gauge", "ratio", (),
        "Share of the memory in use, of a device that does not say how much it has.",
        "swMemUsage (SW-MIB), cseSysMemoryUtilization (CISCO-SYSTEM-EXT-MIB), fgSysMemUsage (FORTINET-FORTIGATE-MIB)", True,
    ),
    Metric(
        "jauge_real_memory_size_bytes", "gauge", "bytes", (),
        "Memory that is in use by processes, shared or not, as agents on BSD tell it beside the installed memory.",
        "hrStorageSize of Real memory (RFC 2790), t_rm of vmtotal", False,
    ),
    Metric(
        "jauge_real_memory_used_bytes", "gauge", "bytes", (),
        "Memory that processes used lately, as agents on BSD tell it.",
        "hrStorageUsed of Real memory (RFC 2790), t_arm of vmtotal", False,
    ),
    Metric(
        "jauge_memory_pool_size_bytes", "gauge", "bytes", ("pool", "part"),
        "Size of a pool of memory that a device keeps apart from others, and the part that it is in.",
        "cempMemPoolHCUsed + cempMemPoolHCFree (CISCO-ENHANCED-MEMPOOL-MIB), cpqHoPagingMemorySize (CPQHOST-MIB)", True,
    ),
    Metric(
        "jauge_memory_pool_used_bytes", "gauge", "bytes", ("pool", "part"),
        "Bytes of a pool of memory that are in use.",
        "cempMemPoolHCUsed (CISCO-ENHANCED-MEMPOOL-MIB), cpqHoPagingMemorySize - cpqHoPagingMemoryFree (CPQHOST-MIB)", True,
    ),
    Metric(
        "jauge_memory_pool_used_ratio", "gauge", "ratio", ("pool", "part"),
        "Share of a pool of memory in use, of a device that does not say how large it is.",
        "jnxOperatingBuffer (JUNIPER-MIB)", True,
    ),
    Metric(
        "jauge_cpu_used_ratio", "gauge", "ratio", (),
        "Mean share of processor time in use, over all processors.",
        "mean of hrProcessorLoad (RFC 2790), 1 - ssCpuIdle (UCD-SNMP-MIB), psutil.cpu_percent", True,
    ),
    Metric(
        "jauge_processor_used_ratio", "gauge", "ratio", ("processor",),
        "Share of the time of one processor in use, where a device tells apart what they do.",
        "hrProcessorLoad (RFC 2790) of the planes of a firewall, jnxOperatingCPU (JUNIPER-MIB), hwInfoControllerCPUUsage (HUAWEI-STORAGE-HARDWARE-MIB)", True,
    ),
    Metric(
        "jauge_cpus", "gauge", "", (),
        "Processors that the device counts.", "rows of hrProcessorTable (RFC 2790), nproc", True,
    ),
    Metric(
        "jauge_load1", "gauge", "", (),
        "Runnable processes, mean over one minute.", "laLoad.1 (UCD-SNMP-MIB), /proc/loadavg", False,
    ),
    Metric(
        "jauge_uptime_seconds", "gauge", "seconds", (),
        "Time since the device started.",
        "hrSystemUptime (RFC 2790), sysUpTime (RFC 3418), /proc/uptime", False,
    ),
    Metric(
        "jauge_clock_skew_seconds", "gauge", "seconds", (),
        "How far the device's own clock is ahead of the collector's (below 0: behind), to about a second.",
        "hrSystemDate (RFC 2790) with its time zone, less the collector's time when it was answered", False,
    ),
    # --- hyperconverged -----------------------------------------------------------------------------
    Metric(
        "jauge_node_cpu_used_ratio", "gauge", "ratio", ("node",),
        "Share of a hypervisor's processor time in use.", "hypervisorCpuUsagePercent (NUTANIX-MIB), cpu_avg of xe host-data-source-query", True,
    ),
    Metric(
        "jauge_node_memory_size_bytes", "gauge", "bytes", ("node",),
        "Memory of a hypervisor.", "hypervisorMemory (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_node_memory_used_bytes", "gauge", "bytes", ("node",),
        "Memory of a hypervisor in use.",
        "hypervisorMemory x hypervisorMemoryUsagePercent (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_node_vms", "gauge", "", ("node",),
        "Virtual machines on a hypervisor.", "hypervisorVmCount (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_node_cpus", "gauge", "", ("node",),
        "Processors that a node has.", "hypervisorCpuCount (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_node_storage_raw_bytes", "gauge", "bytes", ("node",),
        "Raw size of the disks of a node that its cluster keeps data on.",
        "usage_stats/storage.capacity_bytes of hosts (Nutanix Prism)", True,
    ),
    Metric(
        "jauge_node_healthy", "gauge", "", ("node",),
        "1 where a node of a cluster is well, 0 where it is not, though it may serve.",
        "nodeHealth (NETAPP-MIB), eqlMemberHealthStatus (EQLMEMBER-MIB), connUnitStatus (FCMGMT-MIB)", True,
    ),
    Metric(
        "jauge_node_up", "gauge", "", ("node",),
        "1 where a node of a cluster takes part, 0 where it does not.",
        "status of pvesh /cluster/resources, enabled and host-metrics-live of xe host-list, State of Get-ClusterNode and Get-BrokerController", True,
    ),
    Metric(
        "jauge_nodes", "gauge", "", (),
        "Nodes that a cluster has, in service or not.", "nodeCount (ISILON-MIB)", True,
    ),
    Metric(
        "jauge_vms", "gauge", "", ("state",),
        "Virtual machines on a host, by whether they run.", "vmwVmState (VMWARE-VMINFO-MIB), vmPowerState (NUTANIX-MIB), status of pvesh /cluster/resources, power-state of xe vm-list, State of virsh list", True,
    ),
    Metric(
        "jauge_vm_info", "info", "", ("vm", "node", "state"),
        "A virtual machine or container, where it runs and its state: always 1.",
        "pvesh /cluster/resources, xe vm-list, virsh list, esxcli vm process list, vmwVmDisplayName (VMWARE-VMINFO-MIB), "
        "vmName (NUTANIX-MIB), vms of Prism and vCenter", False,
    ),
    Metric(
        "jauge_vm_unprotected", "gauge", "", ("vm",),
        "1 for a virtual machine or container that the hypervisor's own backup jobs leave out, as it says; a backup server may "
        "save it all the same.",
        "pvesh /cluster/backup-info/not-backed-up", False,
    ),
    # --- virtual desktops ----------------------------------------------------------------------------
    Metric(
        "jauge_desktop_machines", "gauge", "", ("pool",),
        "Machines of a pool of virtual desktops or a delivery group.", "TotalDesktops of Get-BrokerDesktopGroup (Citrix), num_machines of desktop-pools/metrics (Horizon)", True,
    ),
    Metric(
        "jauge_desktop_machines_used", "gauge", "", ("pool",),
        "Machines of such a pool with a session, or that belong to somebody where each has an owner.", "DesktopsInUse of Get-BrokerDesktopGroup (Citrix), occupancy_count of desktop-pools/metrics (Horizon)", True,
    ),
    Metric(
        "jauge_desktop_machines_available", "gauge", "", ("pool",),
        "Machines of such a pool that wait for a session.", "DesktopsAvailable of Get-BrokerDesktopGroup (Citrix)", True,
    ),
    Metric(
        "jauge_desktop_machines_unregistered", "gauge", "", ("pool",),
        "Machines of such a pool that no controller has heard of: nobody gets a session there.", "DesktopsUnregistered of Get-BrokerDesktopGroup (Citrix)", False,
    ),
    Metric(
        "jauge_desktop_machines_faulted", "gauge", "", ("pool",),
        "Machines of such a pool that failed to start, hang, or cannot be reached.", "DesktopsFaulted of Get-BrokerDesktopGroup (Citrix)", False,
    ),
    Metric(
        "jauge_desktop_machines_in_maintenance", "gauge", "", ("pool",),
        "Machines of such a pool that take no new sessions.", "InMaintenanceMode of Get-BrokerMachine (Citrix)", False,
    ),
    Metric(
        "jauge_desktop_sessions", "gauge", "", ("pool",),
        "Sessions of such a pool.", "Sessions of Get-BrokerDesktopGroup (Citrix), num_connected_sessions of desktop-pools/metrics (Horizon)", True,
    ),
    Metric(
        "jauge_desktop_sessions_disconnected", "gauge", "", ("pool",),
        "Sessions of such a pool that nobody looks at.", "DesktopsDisconnected of Get-BrokerDesktopGroup (Citrix)", False,
    ),
    Metric(
        "jauge_desktop_pool_enabled", "gauge", "", ("pool",),
        "1 where such a pool is offered to people, 0 where it is not.", "Enabled of Get-BrokerDesktopGroup (Citrix), enabled of desktop-pools (Horizon)", False,
    ),
    # --- graphics processors ------------------------------------------------------------------------
    Metric(
        "jauge_gpu_used_ratio", "gauge", "ratio", ("gpu",),
        "Share of time in which a graphics processor was at work.",
        "utilization.gpu of nvidia-smi", True,
    ),
    Metric(
        "jauge_gpu_memory_size_bytes", "gauge", "bytes", ("gpu",),
        "Memory of a graphics processor.",
        "memory.total of nvidia-smi", True,
    ),
    Metric(
        "jauge_gpu_memory_used_bytes", "gauge", "bytes", ("gpu",),
        "Memory of a graphics processor in use.",
        "memory.used of nvidia-smi", True,
    ),
    Metric(
        "jauge_gpu_celsius", "gauge", "celsius", ("gpu",),
        "Temperature of a graphics processor.",
        "temperature.gpu of nvidia-smi", False,
    ),
    Metric(
        "jauge_gpu_power_watts", "gauge", "watts", ("gpu",),
        "Power that a graphics processor draws.",
        "power.draw of nvidia-smi", False,
    ),
    Metric(
        "jauge_gpu_power_limit_watts", "gauge", "watts", ("gpu",),
        "Power that a graphics processor may draw.",
        "power.limit of nvidia-smi", False,
    ),
    Metric(
        "jauge_gpu_uncorrected_errors", "gauge", "", ("gpu",),
        "Errors of its memory that a graphics processor could not correct, in its life.",
        "ecc.errors.uncorrected.aggregate.total of nvidia-smi", False,
    ),
    # --- databases and file servers -----------------------------------------------------------------
    Metric(
        "jauge_database_size_bytes", "gauge", "bytes", ("database",),
        "Bytes that a database takes on disk.",
        "pg_database_size (PostgreSQL), DATA_LENGTH + INDEX_LENGTH of information_schema (MariaDB), sys.master_files (SQL Server)", True,
    ),
    Metric(
        "jauge_database_connections", "gauge", "", (),
        "Connections to a database server.",
        "pg_stat_activity (PostgreSQL), Threads_connected (MariaDB)", True,
    ),
    Metric(
        "jauge_database_connections_limit", "gauge", "", (),
        "Connections that a database server allows.",
        "max_connections (PostgreSQL, MariaDB)", True,
    ),
    Metric(
        "jauge_database_replication_lag_seconds", "gauge", "seconds", ("replica",),
        "How far a copy of the databases is behind; without a label where the server is itself the copy.",
        "replay_lag of pg_stat_replication, pg_last_xact_replay_timestamp (PostgreSQL), Seconds_Behind_Master (MariaDB)", True,
    ),
    Metric(
        "jauge_database_archive_timestamp_seconds", "gauge", "seconds", (),
        "When the log of changes was last archived.",
        "last_archived_time of pg_stat_archiver (PostgreSQL)", True,
    ),
    Metric(
        "jauge_database_archive_failing", "gauge", "", (),
        "1 where the last try to archive the log of changes failed, 0 where it did not.",
        "last_failed_time of pg_stat_archiver (PostgreSQL)", False,
    ),
    Metric(
        "jauge_database_backup_timestamp_seconds", "gauge", "seconds", ("database", "kind"),
        "When the last backup of a database ended, by what it holds: full, differential or log.", "backup_finish_date of msdb.dbo.backupset (SQL Server)", True,
    ),
    Metric(
        "jauge_tablespace_size_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Size of the files of a tablespace.",
        "bytes of dba_data_files (Oracle), size of sys.database_files by file group (SQL Server)", True,
    ),
    Metric(
        "jauge_tablespace_used_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Bytes of a tablespace in use.",
        "bytes of dba_data_files - bytes of dba_free_space (Oracle), FILEPROPERTY SpaceUsed (SQL Server)", True,
    ),
    Metric(
        "jauge_tablespace_limit_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Size to which the files of a tablespace may grow by themselves.",
        "maxbytes of dba_data_files where autoextensible (Oracle), max_size of sys.database_files (SQL Server)", True,
    ),
    Metric(
        "jauge_smb_connections", "gauge", "", (),
        "Connections to shares of a file server.",
        "smbstatus -S", True,
    ),
    Metric(
        "jauge_smb_open_files", "gauge", "", (),
        "Files that clients of a file server hold open.",
        "smbstatus -L", True,
    ),
    # --- disks, containers --------------------------------------------------------------------------
    Metric(
        "jauge_disk_healthy", "gauge", "", ("disk",),
        "1 where a physical disk is in service, 0 where it is not.", "dstState (NUTANIX-MIB)", True,
    ),
    Metric(
        "jauge_disk_size_bytes", "gauge", "bytes", ("disk",),
        "Size of a physical disk.", "diskSize (ISILON-MIB), hwInfoDiskCapacity (HUAWEI-STORAGE-HARDWARE-MIB), user_capacity of smartctl, PhysicalSize of nvme list", False,
    ),
    Metric(
        "jauge_disk_used_ratio", "gauge", "ratio", ("disk",),
        "Share of a disk of a cluster that is filled: the fullest one stops the cluster.",
        "utilization of ceph osd df tree", True,
    ),
    Metric(
        "jauge_disk_celsius", "gauge", "celsius", ("disk",),
        "Temperature of a physical disk.", "diskTemperature (SYNOLOGY-DISK-MIB), temperature.current of smartctl, Drive Temperature of storcli and megacli, Current Temperature of ssacli", False,
    ),
    Metric(
        "jauge_disk_wear_ratio", "gauge", "ratio", ("disk",),
        "Share of the writes it is made for that a flash disk has taken; 1 where it has taken all of them, or more: what is left is the rest.",
        "percentage_used of smartctl (NVMe), Percentage Used Endurance Indicator (ATA, SCSI), SSD Smart Trip Wearout of ssacli, 1 - physicalDiskRemainingRatedWriteEndurance (IDRAC-MIB), cpqDaPhyDrvSSDPercntEndrnceUsed (CPQIDA-MIB), 1 - diskRemainLife (SYNOLOGY-DISK-MIB), 1 - PredictedMediaLifeLeftPercent (Redfish)", True,
    ),
    Metric(
        "jauge_disk_reallocated_sectors", "gauge", "", ("disk",),
        "Sectors that a disk has replaced by spare ones.",
        "raw value of attribute 5 (ATA), scsi_grown_defect_list (SCSI), smartctl, diskBadSector (SYNOLOGY-DISK-MIB)", False,
    ),
    Metric(
        "jauge_disk_pending_sectors", "gauge", "", ("disk",),
        "Sectors that a disk could not read, and will replace when they are written.",
        "raw value of attribute 197 (ATA), smartctl", False,
    ),
    Metric(
        "jauge_disk_errors", "gauge", "", ("disk",),
        "Errors of the medium that a disk, or what it is part of, has counted.",
        "media_errors of smartctl (NVMe), Media Error Count of storcli and megacli, READ + WRITE + CKSUM of zpool status", False,
    ),
    Metric(
        "jauge_disk_powered_seconds", "gauge", "seconds", ("disk",),
        "Time that a disk was switched on in its life.",
        "power_on_time of smartctl", False,
    ),
    Metric(
        "jauge_disk_paths", "gauge", "", ("disk",),
        "Paths to a disk of a storage network.",
        "multipath -l", False,
    ),
    Metric(
        "jauge_disk_paths_up", "gauge", "", ("disk",),
        "Paths to a disk of a storage network that work.",
        "multipath -l", False,
    ),
    Metric(
        "jauge_raid_healthy", "gauge", "", ("array",),
        "1 where an array of disks (a RAID set, a logical drive, a virtual disk) has all that it needs, 0 where it has not.",
        "State of mdadm --detail, /proc/mdstat, state of zpool status, State of storcli and megacli, Status of ssacli, cpqDaLogDrvCondition (CPQIDA-MIB), virtualDiskState (IDRAC-MIB)", False,
    ),
    Metric(
        "jauge_raid_degraded", "gauge", "", ("array",),
        "1 where an array serves with fewer disks than it has places for, 0 where it does not.",
        "State of mdadm --detail, /proc/mdstat, state of zpool status, State of storcli and megacli, Status of ssacli", False,
    ),
    Metric(
        "jauge_raid_rebuilt_ratio", "gauge", "ratio", ("array",),
        "How far an array is rebuilt; absent where it is not being rebuilt.",
        "Rebuild Status of mdadm --detail, recovery of /proc/mdstat, resilver of zpool status, Recovering of ssacli", False,
    ),
    Metric(
        "jauge_raid_data_errors", "gauge", "", ("array",),
        "Files or blocks of an array that are lost: no disk has a good copy.",
        "errors of zpool status", False,
    ),
    Metric(
        "jauge_raid_scrub_timestamp_seconds", "gauge", "seconds", ("array",),
        "When all data of an array were last read and checked, by the clock of the machine.",
        "scan of zpool status", False,
    ),
    # --- clusters and virtual machines --------------------------------------------------------------
    Metric(
        "jauge_cluster_healthy", "gauge", "", ("cluster",),
        "1 where a cluster says that it is well, 0 where it warns or has failed.",
        "health.status of ceph status", False,
    ),
    Metric(
        "jauge_cluster_problem", "gauge", "", ("cluster", "problem"),
        "What a cluster says is wrong: 1 for a warning, 2 for an error.",
        "health.checks of ceph status", False,
    ),
    Metric(
        "jauge_cluster_members", "gauge", "", ("cluster",),
        "Members that decide for a cluster.",
        "monmap of ceph status, cluster of pvesh /cluster/status", False,
    ),
    Metric(
        "jauge_cluster_members_up", "gauge", "", ("cluster",),
        "Members that decide for a cluster and take part at present.",
        "quorum of ceph status, nodes online of pvesh /cluster/status", False,
    ),
    Metric(
        "jauge_cluster_quorate", "gauge", "", ("cluster",),
        "1 where enough members of a cluster agree to decide, 0 where they do not.",
        "quorate of pvesh /cluster/status", False,
    ),
    Metric(
        "jauge_cluster_degraded_ratio", "gauge", "ratio", ("cluster",),
        "Share of the copies of data that are missing, until they are made again.",
        "pgmap.degraded_ratio of ceph status", False,
    ),
    Metric(
        "jauge_cluster_misplaced_ratio", "gauge", "ratio", ("cluster",),
        "Share of the copies of data that are to be moved elsewhere.",
        "pgmap.misplaced_ratio of ceph status", False,
    ),
    Metric(
        "jauge_cluster_recovery_bytes_per_second", "gauge", "bytes", ("cluster",),
        "Bytes a second that are copied anew to make data whole.",
        "pgmap.recovering_bytes_per_sec of ceph status", False,
    ),
    Metric(
        "jauge_cluster_copies", "gauge", "", ("cluster",),
        "Copies of all data that a cluster has at present: the loss of one fewer loses nothing.",
        "current_redundancy_factor of cluster (Nutanix Prism)", False,
    ),
    Metric(
        "jauge_cluster_copies_wanted", "gauge", "", ("cluster",),
        "Copies of all data that a cluster is to have.",
        "desired_redundancy_factor of cluster (Nutanix Prism)", False,
    ),
    Metric(
        "jauge_cluster_rebuild_bytes", "gauge", "bytes", ("cluster",),
        "Bytes that are still to be copied until all data have their copies.",
        "Total Bytes Left To Resync of esxcli vsan debug resync summary get", False,
    ),
    Metric(
        "jauge_cluster_objects", "gauge", "", ("cluster", "state"),
        "Objects (parts of the data of a vSAN cluster) in a state.",
        "Number Of Objects of esxcli vsan debug object health summary get", False,
    ),
    Metric(
        "jauge_placement_groups", "gauge", "", ("state",),
        "Placement groups (parts of the data of a Ceph cluster) in a state.",
        "pgmap.pgs_by_state of ceph status", False,
    ),
    Metric(
        "jauge_disks", "gauge", "", (),
        "Physical disks that a device counts.", "diskTotalCount (NETAPP-MIB), scObjCntDisks (DELL-STORAGE-SC-MIB)", False,
    ),
    Metric(
        "jauge_disks_failed", "gauge", "", (),
        "Physical disks that failed, or are about to.", "diskFailedCount + diskPrefailedCount (NETAPP-MIB)", False,
    ),
    Metric(
        "jauge_disks_rebuilding", "gauge", "", (),
        "Physical disks whose contents are being rebuilt.", "diskReconstructingCount (NETAPP-MIB)", False,
    ),
    Metric(
        "jauge_disks_spare", "gauge", "", (),
        "Physical disks that wait to replace one that fails.", "diskSpareCount (NETAPP-MIB)", False,
    ),
    Metric(
        "jauge_container_up", "gauge", "", ("container",),
        "1 where a container runs, 0 where it does not.", "docker inspect, State.Status", False,
    ),
    Metric(
        "jauge_container_memory_used_bytes", "gauge", "bytes", ("container",),
        "Memory that a container uses.", "docker stats, MemUsage", False,
    ),
    Metric(
        "jauge_container_memory_size_bytes", "gauge", "bytes", ("container",),
        "Memory that a container may use.", "docker stats, MemUsage", False,
    ),
    Metric(
        "jauge_container_cpus_used", "gauge", "", ("container",),
        "Processors that a container uses: 1 is one of them all the time.", "docker stats, CPUPerc", False,
    ),
    # --- sensors ------------------------------------------------------------------------------------
    Metric(
        "jauge_sensor_healthy", "gauge", "", ("sensor",),
        "1 where a sensor, or the part that it watches, is well, 0 where it is not.",
        "connUnitSensorStatus (FCMGMT-MIB)", False,
    ),
    # --- network interfaces -------------------------------------------------------------------------
    Metric(
        "jauge_interface_receive_bytes_total", "counter", "bytes", ("interface",),
        "Bytes received.", "ifHCInOctets (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_transmit_bytes_total", "counter", "bytes", ("interface",),
        "Bytes sent.", "ifHCOutOctets (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_receive_bytes_per_second", "gauge", "bytes", ("interface",),
        "Bytes received a second, mean since the poll before; absent where it cannot be told for certain.",
        "ifHCInOctets, or ifInOctets where there is none (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_transmit_bytes_per_second", "gauge", "bytes", ("interface",),
        "Bytes sent a second, mean since the poll before; absent where it cannot be told for certain.",
        "ifHCOutOctets, or ifOutOctets where there is none (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_receive_used_ratio", "gauge", "ratio", ("interface",),
        "Share of the nominal speed that is received; absent where more came than that speed allows.",
        "ifHCInOctets or ifInOctets over ifHighSpeed or ifSpeed (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_transmit_used_ratio", "gauge", "ratio", ("interface",),
        "Share of the nominal speed that is sent; absent where more left than that speed allows.",
        "ifHCOutOctets or ifOutOctets over ifHighSpeed or ifSpeed (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_receive_errors_per_second", "gauge", "", ("interface",),
        "Packets a second that came damaged, mean since the poll before.",
        "ifInErrors (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_transmit_errors_per_second", "gauge", "", ("interface",),
        "Packets a second that could not be sent for errors, mean since the poll before.",
        "ifOutErrors (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_receive_discards_per_second", "gauge", "", ("interface",),
        "Good packets a second that were dropped on their way in, mean since the poll before.",
        "ifInDiscards (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_transmit_discards_per_second", "gauge", "", ("interface",),
        "Good packets a second that were dropped on their way out, mean since the poll before.",
        "ifOutDiscards (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_speed_bytes", "gauge", "bytes", ("interface",),
        "Nominal speed, in bytes a second.",
        "ifHighSpeed x 125000, or ifSpeed / 8 where there are no counters of 64 bits (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_up", "gauge", "", ("interface",),
        "1 where the interface is up, 0 where it is not.", "ifOperStatus (IF-MIB, RFC 2863)", False,
    ),
    Metric(
        "jauge_interface_receive_dbm", "gauge", "dbm", ("interface",),
        "Optical power that comes in, in decibels over a milliwatt.", "swSfpRxPower (FA-EXT-MIB)", False,
    ),
    Metric(
        "jauge_interface_transmit_dbm", "gauge", "dbm", ("interface",),
        "Optical power that leaves, in decibels over a milliwatt.", "swSfpTxPower (FA-EXT-MIB)", False,
    ),
    # --- power --------------------------------------------------------------------------------------
    Metric(
        "jauge_ups_charge_ratio", "gauge", "ratio", (),
        "Charge of the battery.", "upsEstimatedChargeRemaining (UPS-MIB, RFC 1628)", True,
    ),
    Metric(
        "jauge_ups_runtime_seconds", "gauge", "seconds", (),
        "Time that the battery will last at this load.",
        "upsEstimatedMinutesRemaining (UPS-MIB, RFC 1628)", True,
    ),
    Metric(
        "jauge_ups_on_battery_seconds", "gauge", "seconds", (),
        "Time spent on battery, 0 on mains.", "upsSecondsOnBattery (UPS-MIB, RFC 1628)", False,
    ),
    Metric(
        "jauge_ups_load_ratio", "gauge", "ratio", ("line",),
        "Load of an output line.", "upsOutputPercentLoad (UPS-MIB, RFC 1628)", True,
    ),
    Metric(
        "jauge_ups_battery_status", "gauge", "", ("state",),
        "1 for the state that the battery is in, 0 for the others.",
        "upsBatteryStatus (UPS-MIB, RFC 1628)", False,
    ),
    Metric(
        "jauge_ups_battery_celsius", "gauge", "celsius", (),
        "Temperature of the battery.", "upsBatteryTemperature (UPS-MIB, RFC 1628)", False,
    ),
    Metric(
        "jauge_ups_output_source", "gauge", "", ("state",),
        "1 for what feeds the output now (normal, battery, bypass, eco ...), 0 for the others.",
        "upsOutputSource (UPS-MIB, RFC 1628), upsBasicOutputStatus (PowerNet-MIB), xupsOutputSource (XUPS-MIB)", False,
    ),
    Metric(
        "jauge_ups_battery_healthy", "gauge", "", (),
        "1 where the battery is sound, 0 where it must be replaced or has a fault.",
        "upsAdvBatteryReplaceIndicator (PowerNet-MIB), upsmgBatteryReplacement (MG-SNMP-UPS-MIB)", False,
    ),
    Metric(
        "jauge_ups_alarms", "gauge", "", (),
        "Alarms that the UPS has now.",
        "upsAlarmsPresent (UPS-MIB, RFC 1628), xupsAlarms (XUPS-MIB)", False,
    ),
    Metric(
        "jauge_ups_output_phases", "gauge", "", (),
        "Phases of the output.", "upsmgOutputPhaseNum (MG-SNMP-UPS-MIB)", False,
    ),
    Metric(
        "jauge_ups_input_volts", "gauge", "volts", ("line",),
        "Voltage of an input line.", "upsInputVoltage (UPS-MIB, RFC 1628)", False,
    ),
    Metric(
        "jauge_ups_output_volts", "gauge", "volts", ("line",),
        "Voltage of an output line.", "upsOutputVoltage (UPS-MIB, RFC 1628)", False,
    ),
    Metric(
        "jauge_ups_output_watts", "gauge", "watts", ("line",),
        "Real power that an output line gives.", "upsOutputPower (UPS-MIB, RFC 1628)", True,
    ),
    Metric(
        "jauge_pdu_load_ratio", "gauge", "ratio", _PDU,
        "Load of a line or a bank of a distribution unit, of what it may carry.",
        "inputCurrentPercentLoad (EATON-EPDU-MIB), lgpPduRbEntryEcUsedBeforeAlarm (LIEBERT-GP-PDU-MIB)", True,
    ),
    Metric(
        "jauge_pdu_load_healthy", "gauge", "", _PDU,
        "1 where a distribution unit, a line or a bank of it is below its limits, 0 where it is near them or above.",
        "rPDU2PhaseStatusLoadState (PowerNet-MIB), inputCurrentThStatus (EATON-EPDU-MIB)", False,
    ),
    Metric(
        "jauge_pdu_amperes", "gauge", "amperes", _PDU,
        "Current through a line or a bank of a distribution unit.",
        "rPDU2PhaseStatusCurrent (PowerNet-MIB), inputCurrent (EATON-EPDU-MIB)", True,
    ),
    Metric(
        "jauge_pdu_volts", "gauge", "volts", _PDU,
        "Voltage of a line of a distribution unit.",
        "rPDU2PhaseStatusVoltage (PowerNet-MIB), inputVoltage (EATON-EPDU-MIB)", False,
    ),
    Metric(
        "jauge_pdu_watts", "gauge", "watts", _PDU,
        "Real power that a distribution unit gives, or a line of it.",
        "rPDU2DeviceStatusPower (PowerNet-MIB), inputWatts (EATON-EPDU-MIB)", True,
    ),
    Metric(
        "jauge_power_watts", "gauge", "watts", ("sensor",),
        "Real power that a device or a part of it draws.",
        "cpqHeFltTolPowerSupplyCapacityUsed (CPQHLTH-MIB), amperageProbeReading (IDRAC-MIB)", True,
    ),
    Metric(
        "jauge_transfer_source", "gauge", "", ("source",),
        "1 for the source that a transfer switch takes, 0 for the other.",
        "atsStatusSelectedSource (PowerNet-MIB)", False,
    ),
    Metric(
        "jauge_transfer_source_healthy", "gauge", "", ("source",),
        "1 where a source of a transfer switch is good, 0 where it is not.",
        "atsStatusSourceAStatus, atsStatusSourceBStatus (PowerNet-MIB)", False,
    ),
    Metric(
        "jauge_transfer_redundant", "gauge", "", (),
        "1 where the transfer switch can change to its other source, 0 where it cannot.",
        "atsStatusRedundancyState (PowerNet-MIB)", False,
    ),
    # --- environment and parts ----------------------------------------------------------------------
    Metric(
        "jauge_temperature_celsius", "gauge", "celsius", ("sensor",),
        "Temperature of a sensor.",
        "connUnitSensorMessage (FCMGMT-MIB), cpqHeTemperatureCelsius (CPQHLTH-MIB), temperatureProbeReading (IDRAC-MIB), iemStatusProbeCurrentTemp", False,
    ),
    Metric(
        "jauge_temperature_healthy", "gauge", "", ("sensor",),
        "1 where a temperature is within the device's own limits, 0 where it is not.",
        "cpqHeTemperatureCondition (CPQHLTH-MIB), temperatureProbeStatus (IDRAC-MIB)", False,
    ),
    Metric(
        "jauge_sensor_volts", "gauge", "volts", ("sensor",),
        "Voltage at a sensor.",
        "entPhySensorValue (ENTITY-SENSOR-MIB, RFC 3433)", False,
    ),
    Metric(
        "jauge_sensor_amperes", "gauge", "amperes", ("sensor",),
        "Current at a sensor.",
        "entPhySensorValue (ENTITY-SENSOR-MIB, RFC 3433)", False,
    ),
    Metric(
        "jauge_humidity_ratio", "gauge", "ratio", ("sensor",),
        "Relative humidity of a sensor.", "iemStatusProbeCurrentHumid (PowerNet-MIB)", False,
    ),
    Metric(
        "jauge_sensor_dbm", "gauge", "dbm", ("sensor",),
        "Optical power at a sensor, in decibels over a milliwatt.",
        "entSensorValue (CISCO-ENTITY-SENSOR-MIB)", False,
    ),
    Metric(
        "jauge_fan_healthy", "gauge", "", ("fan",),
        "1 where a fan works as it should, 0 where it does not.",
        "cpqHeFltTolFanCondition (CPQHLTH-MIB), coolingDeviceStatus (IDRAC-MIB)", False,
    ),
    Metric(
        "jauge_fan_speed_rpm", "gauge", "rpm", ("fan",),
        "Revolutions of a fan in a minute.",
        "coolingDeviceReading (IDRAC-MIB)", False,
    ),
    Metric(
        "jauge_fan_speed_ratio", "gauge", "ratio", ("fan",),
        "Speed of a fan, of the greatest that it has.",
        "fanSpeed (LENOVO-XCC-MIB, IMM-MIB)", False,
    ),
    Metric(
        "jauge_power_supply_healthy", "gauge", "", ("supply",),
        "1 where a power supply works as it should, 0 where it does not.",
        "cpqHeFltTolPowerSupplyCondition (CPQHLTH-MIB), powerSupplyStatus (IDRAC-MIB)", False,
    ),
    # --- firewalls, sessions, licences, telephony ---------------------------------------------------
    Metric(
        "jauge_sessions", "gauge", "", ("kind",),
        "Sessions that are open: of a firewall, of users of its VPN, of a session border controller, of clients of a file server.",
        "fgSysSesCount (FORTINET-FORTIGATE-MIB), panSessionActive (PAN-COMMON-MIB), cfwConnectionStatValue (CISCO-FIREWALL-MIB), smbstatus -p", True,
    ),
    Metric(
        "jauge_sessions_limit", "gauge", "", ("kind",),
        "Sessions that can be open at once.",
        "panSessionMax (PAN-COMMON-MIB), crasMaxSessionsSupportable (CISCO-REMOTE-ACCESS-MONITOR-MIB)", True,
    ),
    Metric(
        "jauge_licenses_used", "gauge", "", ("license",),
        "Units of a licence that are taken.",
        "fgVdNumber (FORTINET-FORTIGATE-MIB), licensingUsedQuota (CHECKPOINT-MIB)", True,
    ),
    Metric(
        "jauge_licenses_owned", "gauge", "", ("license",),
        "Units of a licence that were bought.",
        "fgVdMaxVdoms (FORTINET-FORTIGATE-MIB), licensingTotalQuota (CHECKPOINT-MIB)", True,
    ),
    Metric(
        "jauge_licenses_used_ratio", "gauge", "ratio", ("license",),
        "Share of a licence that is taken, of a device that does not say how many units it has.",
        "acKpiLicenseStatsCurrentGlobalLicenseSbcMediaUsage (AC-KPI-MIB), apSysLicenseCapacity (APSYSMGMT-MIB)", True,
    ),
    Metric(
        "jauge_license_expiry_timestamp_seconds", "gauge", "seconds", ("license",),
        "When a licence or contract ends.",
        "fgLicContractExpiry (FORTINET-FORTIGATE-MIB), licensingExpirationDate (CHECKPOINT-MIB)", True,
    ),
    Metric(
        "jauge_redundancy_state", "gauge", "", ("state",),
        "1 for the state that a unit of a redundant pair is in, 0 for the others.",
        "panSysHAState (PAN-COMMON-MIB), haState (CHECKPOINT-MIB), pbxRole (A4400-RTM-MIB)", False,
    ),
    Metric(
        "jauge_redundancy_member_active", "gauge", "", ("member",),
        "1 where a unit of a redundant pair carries the service, 0 where it waits.",
        "cfwHardwareStatusValue (CISCO-FIREWALL-MIB)", False,
    ),
    Metric(
        "jauge_redundancy_member_healthy", "gauge", "", ("member",),
        "1 where a unit of a redundant pair can carry the service and is in step with the other, 0 where it is not.",
        "cfwHardwareStatusValue (CISCO-FIREWALL-MIB), fgHaStatsSyncStatus (FORTINET-FORTIGATE-MIB)", False,
    ),
    Metric(
        "jauge_calls_active", "gauge", "", (),
        "Calls that are under way.",
        "acKpiSbcCallStatsCurrentGlobalActiveCallsIn (AC-KPI-MIB), core show channels count (Asterisk)", True,
    ),
    Metric(
        "jauge_calls_limit", "gauge", "", (),
        "Calls that can be under way at once, where the exchange has a limit.",
        "core show channels count (Asterisk)", True,
    ),
    Metric(
        "jauge_channels_active", "gauge", "", (),
        "Channels that are in use: two for an ordinary call.",
        "core show channels count (Asterisk)", True,
    ),
    Metric(
        "jauge_trunk_channels", "gauge", "", ("trunk", "access"),
        "Channels of a trunk group that are in service.",
        "freechan + busychan (A4400-RTM-MIB)", True,
    ),
    Metric(
        "jauge_trunk_channels_used", "gauge", "", ("trunk", "access"),
        "Channels of a trunk group that carry a call.",
        "busychan (A4400-RTM-MIB)", True,
    ),
    Metric(
        "jauge_trunk_channels_out_of_service", "gauge", "", ("trunk", "access"),
        "Channels of a trunk group that are out of service.",
        "ooschan (A4400-RTM-MIB)", False,
    ),
    Metric(
        "jauge_trunk_up", "gauge", "", ("trunk", "access"),
        "1 where a trunk group is in service, 0 where it is not.",
        "trunkstatus (A4400-RTM-MIB)", False,
    ),
    Metric(
        "jauge_telephony_devices_registered", "gauge", "", ("kind",),
        "Telephones, gateways and other devices that are registered.",
        "ccmRegisteredPhones (CISCO-CCM-MIB), setsInService (A4400-RTM-MIB), pjsip show endpoints (Asterisk)", True,
    ),
    Metric(
        "jauge_telephony_devices_unregistered", "gauge", "", ("kind",),
        "Telephones, gateways and other devices that are known and not registered.",
        "ccmUnregisteredPhones (CISCO-CCM-MIB), setsOutOfService (A4400-RTM-MIB), pjsip show endpoints (Asterisk)", True,
    ),
    Metric(
        "jauge_telephony_devices_rejected", "gauge", "", ("kind",),
        "Telephones, gateways and other devices that were refused.",
        "ccmRejectedPhones (CISCO-CCM-MIB)", False,
    ),
    Metric(
        "jauge_media_resources", "gauge", "", ("kind", "domain"),
        "Compressors, conference bridges and external calls that an IP domain may use.",
        "dspRessAvailable + dspRessBusy, confAvailable + confBusy, cacAllowed (A4400-RTM-MIB)", True,
    ),
    Metric(
        "jauge_media_resources_used", "gauge", "", ("kind", "domain"),
        "Compressors, conference bridges and external calls of an IP domain that are in use.",
        "dspRessBusy, confBusy, cacUsed (A4400-RTM-MIB)", True,
    ),
    Metric(
        "jauge_service_running", "gauge", "", ("daemon",),
        "1 where a service of the operating system (`daemon`) runs, 0 where it does not.",
        "sysApplRunElmtCPU (SYSAPPL-MIB, RFC 2287)", False,
    ),
    Metric(
        "jauge_device_healthy", "gauge", "", (),
        "1 where a device says of itself that all of it is well, 0 where it says otherwise.",
        "productIDGlobalStatus (DELL-STORAGE-SC-MIB), clusterHealth (ISILON-MIB), cpqHeMibCondition (CPQHLTH-MIB), globalSystemStatus (IDRAC-MIB), productStatusGlobalStatus (DellUPS-MIB)", False,
    ),
    Metric(
        "jauge_alarm_severity", "gauge", "", ("severity",),
        "1 for the severity of the gravest of what a device complains of, 0 for the others.",
        "pbxState (A4400-CPU-MIB), acSysStateGWSeverity (AC-SYSTEM-MIB)", False,
    ),
    Metric(
        "jauge_component_healthy", "gauge", "", ("component",),
        "1 where a part or subsystem is well, 0 where it is not.",
        "cpqHeResilientMemCondition (CPQHLTH-MIB), systemStateMemoryDeviceStatusCombined (IDRAC-MIB)", False,
    ),
    Metric(
        "jauge_controller_healthy", "gauge", "", ("controller",),
        "1 where a storage controller, of an array or in a server, is well, 0 where it is not.",
        "cpqDaCntlrCondition (CPQIDA-MIB), controllerComponentStatus (IDRAC-MIB), scCtlrStatus (DELL-STORAGE-SC-MIB), Controller Status of storcli and ssacli", False,
    ),
    Metric(
        "jauge_controller_battery_healthy", "gauge", "", ("controller",),
        "1 where the battery or capacitor behind the cache of a storage controller is well, 0 where it is not.",
        "BBU_Info and Cachevault_Info of storcli, Battery/Capacitor Status of ssacli", False,
    ),
    # --- tape libraries -----------------------------------------------------------------------------
    Metric(
        "jauge_tape_library_healthy", "gauge", "", ("library",),
        "1 where a tape library says that all is well, 0 where it does not.",
        "bDTGlobalStatus (BDT-MIB), hpHttpMgDeviceHealth (SEMI-MIB), subChassis-OperationalStatus (SNIA-SML-MIB)", False,
    ),
    Metric(
        "jauge_tape_library_online", "gauge", "", ("library",),
        "1 where a tape library is online, 0 where it is not.", "onlineStatus (ADIC-INTELLIGENT-STORAGE-MIB)", False,
    ),
    Metric(
        "jauge_tape_robotics_ready", "gauge", "", ("library",),
        "1 where the robotics of a tape library are ready, 0 where they are not.",
        "readiness (ADIC-INTELLIGENT-STORAGE-MIB)", False,
    ),
    Metric(
        "jauge_tape_drive_healthy", "gauge", "", ("drive",),
        "1 where a tape drive is well, 0 where it is not.",
        "phDriveRasStatus (ADIC-INTELLIGENT-STORAGE-MIB), mediaAccessDevice-OperationalStatus (SNIA-SML-MIB)", False,
    ),
    Metric(
        "jauge_tape_drive_online", "gauge", "", ("drive",),
        "1 where a tape drive is online, 0 where it is not.",
        "phDriveOnlineStatus (ADIC-INTELLIGENT-STORAGE-MIB)", False,
    ),
    Metric(
        "jauge_tape_drive_cleaning", "gauge", "", ("drive",),
        "1 where a tape drive asks to be cleaned, 0 where it does not.",
        "mediaAccessDevice-NeedsCleaning (SNIA-SML-MIB)", False,
    ),
    Metric(
        "jauge_tape_drives", "gauge", "", (),
        "Drives of a tape library.",
        "numberOfMediaAccessDevices (SNIA-SML-MIB), rows of phDriveTable (ADIC-INTELLIGENT-STORAGE-MIB)", True,
    ),
    Metric(
        "jauge_tape_slots", "gauge", "", (),
        "Places for cartridges in a tape library.", "numberOfStorageMediaLocations (SNIA-SML-MIB)", True,
    ),
    Metric(
        "jauge_tape_cartridges", "gauge", "", (),
        "Cartridges in a tape library.", "numberOfPhysicalMedias (SNIA-SML-MIB)", True,
    ),
    # --- PACS ---------------------------------------------------------------------------------------
    Metric(
        "jauge_dicom_echo_success", "gauge", "", ("aet",),
        "1 where the application entity answered C-ECHO with success, 0 where it answered otherwise.",
        "C-ECHO (DICOM PS3.7, 9.1.5)", True,
    ),
    Metric(
        "jauge_dicom_echo_duration_seconds", "gauge", "seconds", ("aet",),
        "Time of the association and its C-ECHO.", "C-ECHO (DICOM PS3.7, 9.1.5)", True,
    ),
    Metric(
        "jauge_dicom_association_rejected", "gauge", "", ("aet", "reason"),
        "1 where the last association was rejected or aborted, with the reason that the peer gave.",
        "A-ASSOCIATE-RJ (DICOM PS3.8, 9.3.4)", True,
    ),
    Metric(
        "jauge_pacs_recent_studies", "gauge", "", ("aet", "day"),
        "Studies of a day (`day`: today or yesterday, in the estate's time zone).",
        "C-FIND by StudyDate, number of answers (DICOM PS3.4, C.4.1)", True,
    ),
    Metric(
        "jauge_pacs_recent_modality_studies", "gauge", "", ("aet", "day", "modality"),
        "Studies of a day that hold a series of a modality: one of several modalities counts in each.",
        "C-FIND by StudyDate, ModalitiesInStudy of the answers (DICOM PS3.4, C.4.1)", True,
    ),
    Metric(
        "jauge_pacs_patients", "gauge", "", (),
        "Patients in the archive (a count; no identity is ever read).",
        "Orthanc /statistics CountPatients", True,
    ),
    Metric(
        "jauge_pacs_studies", "gauge", "", (),
        "Studies in the archive.", "Orthanc /statistics CountStudies", True,
    ),
    Metric(
        "jauge_pacs_series", "gauge", "", (),
        "Series in the archive.", "Orthanc /statistics CountSeries", True,
    ),
    Metric(
        "jauge_pacs_instances", "gauge", "", (),
        "Instances in the archive.", "Orthanc /statistics CountInstances", True,
    ),
    Metric(
        "jauge_pacs_stored_bytes", "gauge", "bytes", (),
        "Bytes that the archive keeps on disk.", "Orthanc /statistics TotalDiskSize", True,
    ),
    Metric(
        "jauge_pacs_uncompressed_bytes", "gauge", "bytes", (),
        "Bytes that the archive would keep without compression.",
        "Orthanc /statistics TotalUncompressedSize", True,
    ),
    Metric(
        "jauge_pacs_modality_studies", "gauge", "", ("modality",),
        "Studies that hold a series of a modality: one of several modalities counts in each.",
        "Orthanc /series/{id} Modality, ParentStudy", True,
    ),
    Metric(
        "jauge_pacs_modality_stored_bytes", "gauge", "bytes", ("modality",),
        "Bytes on disk of the series of a modality.", "Orthanc /series/{id}/statistics DiskSize", True,
    ),
    Metric(
        "jauge_pacs_year_studies", "gauge", "", ("year",),
        "Studies of a year, by their StudyDate; `unknown` where they have none.",
        "Orthanc /instances/{id}/content/0008-0020", True,
    ),
    Metric(
        "jauge_pacs_year_stored_bytes", "gauge", "bytes", ("year",),
        "Bytes on disk of the studies of a year: what may be deleted when their time is over.",
        "Orthanc /series/{id}/statistics DiskSize", True,
    ),
    Metric(
        "jauge_pacs_followed_ratio", "gauge", "ratio", (),
        "Share of the archive's series that were looked at: figures by modality and year are absent before all were.",
        "series looked at over Orthanc /statistics CountSeries", True,
    ),
    Metric(
        "jauge_pacs_series_deleted_total", "counter", "", (),
        "Series that left the archive since it has been followed.", "Orthanc /series", False,
    ),
    Metric(
        "jauge_pacs_jobs", "gauge", "", ("queue", "state"),
        "Jobs of the archive by state: pending, running, paused and retry, and of those that ended success and failure.",
        "Orthanc /jobs State, dcm4chee-arc /monitor/export/count", True,
    ),
    Metric(
        "jauge_pacs_transfers", "gauge", "", ("peer", "state"),
        "Transfers by C-STORE from the archive to a peer, by state: those that wait or run, and the last that ended.",
        "Orthanc /jobs Type DicomModalityStore, Content RemoteAet, State", True,
    ),
    Metric(
        "jauge_pacs_transfer_failed_instances", "gauge", "", ("peer",),
        "Instances of these transfers that the peer did not take.",
        "Orthanc /jobs Content FailedInstancesCount", True,
    ),
    Metric(
        "jauge_pacs_tier_info", "info", "", ("store", "tier"),
        "How soon the archive gives out what a store holds (`tier`): ONLINE, NEARLINE or OFFLINE. Always 1.",
        "dcm4chee-arc /storage dcmInstanceAvailability", True,
    ),
    Metric(
        "jauge_pacs_store_seconds", "gauge", "seconds", (),
        "Longest time that storing an instance took, over the last ten seconds in which there was one.",
        "Orthanc /tools/metrics-prometheus orthanc_store_dicom_duration_ms", True,
    ),
    Metric(
        "jauge_pacs_peer_echo_success", "gauge", "", ("peer",),
        "1 where the archive got an echo from a modality that it knows, 0 where it got none.",
        "Orthanc /modalities/{id}/echo", True,
    ),
    # --- HL7 ----------------------------------------------------------------------------------------
    Metric(
        "jauge_hl7_listener_up", "gauge", "", (),
        "1 where the HL7 listener takes connections, 0 where it does not.", "TCP or TLS connection (MLLP)", True,
    ),
    Metric(
        "jauge_hl7_ack", "gauge", "", ("code",),
        "1 for the code by which the listener acknowledged our message, 0 for the others: AA, AE, AR, CA, CE, CR.",
        "MSA-1 (HL7 v2, table 0008)", True,
    ),
    Metric(
        "jauge_hl7_ack_seconds", "gauge", "seconds", (),
        "Time from sending our message to its acknowledgement.", "MSA (HL7 v2)", True,
    ),
    # --- message engines ----------------------------------------------------------------------------
    Metric(
        "jauge_hl7_queue_depth", "gauge", "", ("channel",),
        "Messages of a channel that wait to be processed or sent.", "a message engine's own count", True,
    ),
    Metric(
        "jauge_hl7_oldest_message_age_seconds", "gauge", "seconds", ("channel",),
        "Time that the oldest message of a channel has waited; 0 where none waits.",
        "a message engine's own count", True,
    ),
    Metric(
        "jauge_hl7_messages_total", "counter", "", ("channel", "direction"),
        "Messages of a channel, received or sent (`direction`).", "a message engine's own count", False,
    ),
    Metric(
        "jauge_hl7_errors_total", "counter", "", ("channel",),
        "Messages of a channel that ended in an error.", "a message engine's own count", False,
    ),
    Metric(
        "jauge_hl7_channel_up", "gauge", "", ("channel",),
        "1 where a channel of a message engine runs, 0 where it does not.",
        "state of dashboardStatus (Mirth Connect)", True,
    ),
    Metric(
        "jauge_queue_messages", "gauge", "", ("queue",),
        "Messages in a queue of a broker or of a mail gateway, waiting or given out and not yet confirmed.",
        "messages of queues (RabbitMQ), extOutput (UCD-SNMP-MIB) of a Barracuda", True,
    ),
    Metric(
        "jauge_queue_unconfirmed_messages", "gauge", "", ("queue",),
        "Messages of a queue that were given out and not yet confirmed.",
        "messages_unacknowledged of queues (RabbitMQ)", False,
    ),
    Metric(
        "jauge_queue_consumers", "gauge", "", ("queue",),
        "Consumers of a queue: where there is none, nobody takes its messages.",
        "consumers of queues (RabbitMQ)", False,
    ),
    Metric(
        "jauge_queue_healthy", "gauge", "", ("queue",),
        "1 where a queue of a broker can be used, 0 where it cannot.",
        "state of queues (RabbitMQ)", False,
    ),
    # --- backup: what each job holds of each machine, judged (see collectors.backups) ---------------
    Metric(
        "jauge_backup_last_timestamp_seconds", "gauge", "seconds", _BACKUP,
        "When the last restore point that is believed was taken: the moment that its data is of.",
        "restic snapshots --json, time; borg info --json, start; StartTime (Bacula, Bareos); rsnapshot, mtime",
        True,
    ),
    Metric(
        "jauge_backup_restore_points", "gauge", "", _BACKUP,
        "Restore points that are kept and believed.", "rows that the maker lists, less those with a flaw", True,
    ),
    Metric(
        "jauge_backup_last_size_bytes", "gauge", "bytes", _BACKUP,
        "Bytes of the last believed restore point, as restored, where the maker says so; of an incremental one, "
        "what changed.",
        "restic snapshots --json, summary.total_bytes_processed (restic 0.17 and later); borg info --json, "
        "stats.original_size; JobBytes (Bacula, Bareos)",
        True,
    ),
    Metric(
        "jauge_backup_last_files", "gauge", "", _BACKUP,
        "Files of the last believed restore point, where the maker says so.",
        "restic snapshots --json, summary.total_files_processed (restic 0.17 and later); borg info --json, "
        "stats.nfiles; JobFiles (Bacula, Bareos)",
        True,
    ),
    Metric(
        "jauge_backup_last_duration_seconds", "gauge", "seconds", _BACKUP,
        "Time that the last believed restore point took.",
        "end less start of the run, as the maker tells them", True,
    ),
    Metric(
        "jauge_backup_last_run_timestamp_seconds", "gauge", "seconds", _BACKUP,
        "When the last run that ended had started, believed or not.", "the newest row that the maker lists", False,
    ),
    Metric(
        "jauge_backup_last_errors", "gauge", "", _BACKUP,
        "Errors that the last run counted.", "JobErrors (Bacula, Bareos)", False,
    ),
    Metric(
        "jauge_backup_result", "gauge", "", (*_BACKUP, "state"),
        "1 for the state that the maker gives the last run: ok, warning, failed, cancelled, unknown. The others are "
        "absent. It is what the maker says, not what is believed.",
        "JobStatus (Bacula, Bareos); ok for restic and borg, which list nothing else", False,
    ),
    Metric(
        "jauge_backup_protecting", "gauge", "", _BACKUP,
        "1 where the last run is a restore point that is believed, 0 where it is none, whatever it says of itself.",
        "all of what the maker lists, held against the runs before", True,
    ),
    Metric(
        "jauge_backup_not_protecting", "gauge", "", (*_BACKUP, "reason"),
        "1 for each reason why the last run is not believed: failed, cancelled, unfinished, unknown_state, errors, "
        "empty, shrunken (less than half of the median of the ten believed ones before), source_missing, in_future, "
        "end_before_start, no_time, no_full, not_verified, repository_broken.",
        "all of what the maker lists, held against the runs before", False,
    ),
    Metric(
        "jauge_backup_size_drift_ratio", "gauge", "ratio", _BACKUP,
        "Bytes of the last full run over the median of the ten believed ones before it; more than 1 where it grew.",
        "the sizes that the maker lists", True,
    ),
    Metric(
        "jauge_backup_files_drift_ratio", "gauge", "ratio", _BACKUP,
        "Files of the last full run over the median of the ten believed ones before it; more than 1 where it grew.",
        "the numbers of files that the maker lists", True,
    ),
    Metric(
        "jauge_backup_immutable_until_timestamp_seconds", "gauge", "seconds", _BACKUP,
        "Until when a believed restore point cannot be deleted or changed, the longest of them.",
        "what the maker says of its immutability", False,
    ),
    Metric(
        "jauge_backup_repository_sound", "gauge", "", ("store",),
        "1 where the last verification of a repository that came to its end found it whole, 0 where it did not. Absent "
        "where there was none.",
        "the end of the log that restic check or borg check left on the machine", True,
    ),
    Metric(
        "jauge_backup_repository_verified_timestamp_seconds", "gauge", "seconds", ("store",),
        "When the last verification of a repository ended.",
        "time of the log that restic check or borg check left on the machine", False,
    ),
    Metric(
        "jauge_backup_rpo_seconds", "gauge", "seconds", (),
        "Data of the target that may be lost: the greatest age of a good restore point.", "the estate, protect.rpo",
        False,
    ),
    Metric(
        "jauge_backup_rto_seconds", "gauge", "seconds", (),
        "Time within which the target must run again.", "the estate, protect.rto", False,
    ),
    Metric(
        "jauge_backup_rpo_exceeded", "gauge", "", ("job",),
        "1 where the last good restore point of a job that is promised for the target is older than its RPO, or there is "
        "none; absent while nobody who lists jobs can tell. Where the promise names no job, the newest point of all jobs for "
        "the target counts for each of them.",
        "jauge_backup_last_timestamp_seconds of the backup server, held against the estate, protect.rpo", False,
    ),
    Metric(
        "jauge_backup_machine_in_no_job", "gauge", "", ("machine",),
        "1 where no backup job knows a machine (the target, or a virtual machine that it lists), 0 where one does. Absent "
        "for those that the estate excludes, and while somebody who lists jobs was not heard.",
        "jauge_vm_info and the estate, held against the jobs of all backup servers", False,
    ),
    Metric(
        "jauge_backup_rule_met", "gauge", "", ("rule",),
        "1 where a part of the 3-2-1-1-0 rule is met for the target, 0 where it is not; absent where that is not known.",
        "the estate, protect.held, with what was measured of its jobs and restore tests", False,
    ),
    Metric(
        "jauge_restore_tested_timestamp_seconds", "gauge", "seconds", (),
        "When the last restore test of the target ended that brought everything back.", "jauge backup tested", False,
    ),
    Metric(
        "jauge_restore_tests", "gauge", "", (),
        "Restore tests of the target that are in the ledger and count, where a backup is promised for it or one was tested: 0 where nobody "
        "recorded any. Absent where the ledger cannot be read, or is on another machine.", "jauge backup tested", False,
    ),
    Metric(
        "jauge_restore_test_every_seconds", "gauge", "seconds", (),
        "Time within which a restore of the target is to be tested again, where a backup is promised for it or one was tested.",
        "the estate, protect.test_every; a year where it says nothing", False,
    ),
    Metric(
        "jauge_restore_tested_duration_seconds", "gauge", "seconds", (),
        "Time that this restore took, until what was restored could be used.", "jauge backup tested", False,
    ),
    Metric(
        "jauge_restore_rto_exceeded", "gauge", "", (),
        "1 where that time is longer than the RTO, 0 where it is not.",
        "jauge backup tested, held against the estate, protect.rto", False,
    ),
    Metric(
        "jauge_restore_result", "gauge", "", ("state",),
        "1 for how the last restore test of the target ended: ok, partial or failed. The others are absent.",
        "jauge backup tested", False,
    ),
    # --- Jauge on a target --------------------------------------------------------------------------
    Metric(
        "jauge_target_up", "gauge", "", (),
        "1 where at least one table or command of the target answered at the last poll.", "Jauge", True,
    ),
    Metric(
        "jauge_target_poll_seconds", "gauge", "seconds", (),
        "Time that the last poll took.", "Jauge", False,
    ),
    Metric(
        "jauge_target_age_seconds", "gauge", "seconds", (),
        "Time since the last poll ended, when this was served.", "Jauge", False,
    ),
    Metric(
        "jauge_target_last_success_timestamp_seconds", "gauge", "seconds", (),
        "When the target last answered.", "Jauge", False,
    ),
    Metric(
        "jauge_target_samples_dropped", "gauge", "", (),
        "Values left out of what is served: outside the vocabulary, alike once made harmless, or too many.",
        "Jauge", False,
    ),
    Metric(
        "jauge_certificate_end_timestamp_seconds", "gauge", "seconds", ("kind",),
        "When the certificate ends that a server showed over TLS, by protocol (https, mllp, dicom); also where it is not checked.",
        "notAfter of the certificate (RFC 5280)", False,
    ),
    Metric(
        "jauge_target_errors_total", "counter", "", ("reason",),
        "Failed tables and commands since the collector started.", "Jauge", False,
    ),
    Metric(
        "jauge_target_info", "info", "",
        ("site", "role", "service", "directorate", "family", "product", "version"),
        "What the target is: always 1.", "the estate, sysDescr (RFC 3418)", False,
    ),
    Metric(
        "jauge_table_up", "gauge", "", ("table",),
        "1 where a table or command answered at the last poll, 0 where it failed.", "Jauge", False,
    ),
    Metric(
        "jauge_table_poll_seconds", "gauge", "seconds", ("table",),
        "Time that a table or command took.", "Jauge", False,
    ),
    Metric(
        "jauge_table_age_seconds", "gauge", "seconds", ("table",),
        "Age of the values of a table that are served, when the poll ended.", "Jauge", False,
    ),
    Metric(
        "jauge_table_rows", "gauge", "", ("table",),
        "Rows that a table or command listed at the last poll.", "Jauge", False,
    ),
    Metric(
        "jauge_table_retries", "gauge", "", ("table",),
        "Requests that were sent again at the last poll.", "Jauge", False,
    ),
    Metric(
        "jauge_table_malformed", "gauge", "", ("table",),
        "Datagrams and values that broke the rules of their protocol at the last poll, and were dropped.",
        "Jauge", False,
    ),
    Metric(
        "jauge_table_rows_withheld", "gauge", "", ("table",),
        "Rows left out because they share one label set, or hold what cannot be true.", "Jauge", False,
    ),
    # --- forecasts ----------------------------------------------------------------------------------
    Metric(
        "jauge_storage_full_timestamp_seconds", "gauge", "seconds", (*_STORE, "threshold", "probability"),
        "When a store reaches a threshold of what may be filled of it, with that probability. Absent without a date, as where what it does cannot be told from chance.",
        "jauge plan", False,
    ),
    Metric(
        "jauge_storage_plannable_bytes", "gauge", "bytes", _STORE,
        "What may be filled of a store: its size after node loss, copies, reserve and ceiling.", "jauge plan", False,
    ),
    Metric(
        "jauge_storage_order_by_timestamp_seconds", "gauge", "seconds", (*_STORE, "state"),
        "Last day to order an extension of a store: its early date of being full less the time of delivery; none for what is cut out of a pool. "
        "state is probable where it is more likely than not to be full within three years, possible where one chance in ten is.",
        "jauge plan", False,
    ),
    Metric(
        "jauge_storage_growth_bytes_per_day", "gauge", "bytes", _STORE,
        "Bytes that a store should take a day, in the mean of the next 90.", "jauge plan", False,
    ),
    Metric(
        "jauge_storage_full_chance_ratio", "gauge", "ratio", (*_STORE, "threshold"),
        "Chance that a store has reached a threshold of what may be filled of it within 90 days.", "jauge plan", False,
    ),
    Metric(
        "jauge_planned_full_timestamp_seconds", "gauge", "seconds", (*_THING, "threshold", "probability"),
        "The same as jauge_storage_full_timestamp_seconds, of what is no store: memory, processors, licences ...",
        "jauge plan", False,
    ),
    Metric(
        "jauge_planned_limit", "gauge", "", _THING,
        "What may be used of it, in its own unit: bytes, a share of 1, or a number.", "jauge plan", False,
    ),
    Metric(
        "jauge_planned_order_by_timestamp_seconds", "gauge", "seconds", (*_THING, "state"),
        "The same as jauge_storage_order_by_timestamp_seconds, of what is no store.", "jauge plan", False,
    ),
    Metric(
        "jauge_planned_growth_per_day", "gauge", "", _THING,
        "What it should take a day, in its own unit, in the mean of the next 90.", "jauge plan", False,
    ),
    Metric(
        "jauge_planned_full_chance_ratio", "gauge", "ratio", (*_THING, "threshold"),
        "The same as jauge_storage_full_chance_ratio, of what is no store.", "jauge plan", False,
    ),
    Metric(
        "jauge_storage_forecast_coverage_ratio", "gauge", "ratio", (*_STORE, "probability"),
        "Share of the forecasts of a store 90 days ahead that came due and were inside their band, which was to hold with that probability.",
        "jauge plan", False,
    ),
    Metric(
        "jauge_planned_forecast_coverage_ratio", "gauge", "ratio", (*_THING, "probability"),
        "The same as jauge_storage_forecast_coverage_ratio, of what is no store.", "jauge plan", False,
    ),
    Metric(
        "jauge_forecast_age_seconds", "gauge", "seconds", (),
        "Time since the outlooks of the target were computed.", "jauge plan", False,
    ),
)  # fmt: skip

METRICS: Final[dict[str, Metric]] = {row.name: row for row in _ROWS}

_GROUP: Final = ("class", "site")
_INVENTORY: Final = "the newest inventory"

FLEET: Final[tuple[Metric, ...]] = (
    Metric(
        "jauge_workstations", "gauge", "", ("state",),
        "Workstations of the newest inventory, by what it says of their state: used, stock, repair, failed, retired, unknown.",
        _INVENTORY,
    ),
    Metric(
        "jauge_workstations_by_age", "gauge", "", (*_GROUP, "age"),
        "Workstations in use or that may be again, by completed years since the purchase; unknown where nobody wrote it down.",
        _INVENTORY,
    ),
    Metric(
        "jauge_workstations_by_support", "gauge", "", (*_GROUP, "state"),
        "The same, by the support of their system today: supported, extended (by a free programme), ended, unknown.",
        "the newest inventory, the catalogue of ends of support",
    ),
    Metric(
        "jauge_workstations_support_ending", "gauge", "", _GROUP,
        "Those that have support today and none in 12 months, by dates that are known.",
        "the newest inventory, the catalogue of ends of support",
    ),
    Metric(
        "jauge_workstations_by_fitness", "gauge", "", (*_GROUP, "state"),
        "The same, by whether they can run Windows 11: fit, unfit, unknown.",
        "the newest inventory, the lists of processors",
    ),
    Metric(
        "jauge_workstations_unsupported_in_care", "gauge", "", ("class", "state"),
        "Workstations in use of a class in care whose support has ended or is unknown; state is covered where a compensating "
        "measure holds today, open where none does.",
        "the newest inventory, the estate, recorded measures",
    ),
    Metric(
        "jauge_workstations_gone", "gauge", "", ("reason",),
        "Workstations that came to an end within the last 12 months, or since the first import where that is later: failure, "
        "retirement, vanished. Absent before a second import, and what the inventory does not tell.",
        "the inventories that were imported",
    ),
    Metric(
        "jauge_workstations_imported_timestamp_seconds", "gauge", "seconds", (),
        "When the newest inventory was imported.", _INVENTORY,
    ),
    Metric(
        "jauge_workstations_planned_replacements", "gauge", "", ("year",),
        "Workstations that the renewal plan replaces in a civil year.", "the renewal plan",
    ),
    Metric(
        "jauge_rollout_goal", "gauge", "", ("rollout",),
        "How many a roll-out is to reach.", "the estate, the newest inventory",
    ),
    Metric(
        "jauge_rollout_deployed", "gauge", "", ("rollout",),
        "How many it has reached, when they were counted last.", "the inventories that were imported, or written counts",
    ),
    Metric(
        "jauge_rollout_planned", "gauge", "", ("rollout",),
        "How many it is to have reached by the end of this week.", "the estate",
    ),
    Metric(
        "jauge_rollout_done_timestamp_seconds", "gauge", "seconds", ("rollout", "probability"),
        "When it will have reached all, with that probability. Absent where there is no date.",
        "the inventories that were imported, or written counts",
    ),
)  # fmt: skip
"""What the program says of workstations at its own `/metrics`: no target has them. A class or site, never a machine or a user."""


def describe(sample: Sample) -> str | None:
    """Say what is wrong with a sample, or None where it speaks the vocabulary."""
    metric = METRICS.get(sample.metric)
    if metric is None:
        return f"{sample.metric} is not in the vocabulary"
    unknown = [name for name, _ in sample.labels if name not in metric.labels]
    if unknown:
        return f"{sample.metric} has no label {', '.join(unknown)}"
    return None


def kept(rows: Iterable[Metric] = _ROWS) -> frozenset[str]:
    """Names of the metrics whose daily history is kept."""
    return frozenset(row.name for row in rows if row.history)
