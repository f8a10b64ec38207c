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

STORE_KINDS: Final = ("pool", "volume", "filesystem", "share", "tier", "repository")
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
        "jauge_storage_raw_used_bytes", "gauge", "bytes", _STORE,
        "Bytes of its disks that a store takes, with all copies and parity.",
        "bytes_used of ceph df", False,
    ),
    Metric(
        "jauge_storage_provisioned_bytes", "gauge", "bytes", _STORE,
        "Bytes that a store has promised to volumes; more than its size where they are thin.",
        "virtual-allocation of xe sr-list, lv_size of thin volumes (lvs)", True,
    ),
    Metric(
        "jauge_storage_size_without_node_bytes", "gauge", "bytes", _STORE,
        "Usable size that is left to a store when its largest node has failed and the others hold its data.",
        "ceph df, ceph osd df tree, ceph osd pool ls detail", True,
    ),
    Metric(
        "jauge_storage_metadata_used_ratio", "gauge", "ratio", _STORE,
        "Share of the space for metadata that is in use: a thin pool stops when either is full.",
        "metadata_percent of lvs, btrfs filesystem usage", True,
    ),
    Metric(
        "jauge_storage_healthy", "gauge", "", _STORE,
        "1 where a store can be used, 0 where it cannot.",
        "status of pvesh /cluster/resources, State of virsh pool-info, VG STATE of lsvg", False,
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
        "jauge_cpu_used_ratio", "gauge", "ratio", (),
        "Mean share of processor time in use, over all processors.",
        "mean of hrProcessorLoad (RFC 2790), 1 - ssCpuIdle (UCD-SNMP-MIB), psutil.cpu_percent", True,
    ),
    Metric(
        "jauge_cpus", "gauge", "", (),
        "Processors that the device counts.", "rows of hrProcessorTable (RFC 2790), nproc", False,
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
        "Share of a hypervisor's processor time in use.", "hypervisorCpuUsagePercent (NUTANIX-MIB)", True,
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
        "jauge_disk_healthy", "gauge", "", ("disk",),
        "1 where a physical disk is in service, 0 where it is not.", "dstState (NUTANIX-MIB)", False,
    ),
    Metric(
        "jauge_disk_size_bytes", "gauge", "bytes", ("disk",),
        "Raw size of a physical disk.",
        "user_capacity of smartctl, PhysicalSize of nvme list", False,
    ),
    Metric(
        "jauge_disk_used_ratio", "gauge", "ratio", ("disk",),
        "Share of a disk of a cluster that is filled: the fullest one stops the cluster.",
        "utilization of ceph osd df tree", True,
    ),
    Metric(
        "jauge_disk_celsius", "gauge", "celsius", ("disk",),
        "Temperature of a physical disk.",
        "temperature.current of smartctl, Drive Temperature of storcli and megacli, Current Temperature of ssacli", False,
    ),
    Metric(
        "jauge_disk_wear_ratio", "gauge", "ratio", ("disk",),
        "Share of the writes it is made for that a flash disk has taken; 1 where it has taken all of them, or more.",
        "percentage_used of smartctl (NVMe), Percentage Used Endurance Indicator (ATA, SCSI), SSD Smart Trip Wearout of ssacli", True,
    ),
    Metric(
        "jauge_disk_reallocated_sectors", "gauge", "", ("disk",),
        "Sectors that a disk has replaced by spare ones.",
        "raw value of attribute 5 (ATA), scsi_grown_defect_list (SCSI), smartctl", False,
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
        "1 where an array of disks has all that it needs, 0 where it has not.",
        "State of mdadm --detail, /proc/mdstat, state of zpool status, State of storcli and megacli, Status of ssacli", False,
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
    Metric(
        "jauge_raid_controller_healthy", "gauge", "", ("controller",),
        "1 where a RAID controller is well, 0 where it is not.",
        "Controller Status of storcli and ssacli", False,
    ),
    Metric(
        "jauge_raid_battery_healthy", "gauge", "", ("controller",),
        "1 where the battery or capacitor behind the cache of a RAID controller is well, 0 where it is not.",
        "BBU_Info and Cachevault_Info of storcli, Battery/Capacitor Status of ssacli", False,
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
        "jauge_placement_groups", "gauge", "", ("state",),
        "Placement groups (parts of the data of a Ceph cluster) in a state.",
        "pgmap.pgs_by_state of ceph status", False,
    ),
    Metric(
        "jauge_node_up", "gauge", "", ("node",),
        "1 where a node of a cluster takes part, 0 where it does not.",
        "status of pvesh /cluster/resources, enabled and host-metrics-live of xe host-list", True,
    ),
    Metric(
        "jauge_vms", "gauge", "", ("state",),
        "Virtual machines and containers in a state.",
        "status of pvesh /cluster/resources, power-state of xe vm-list, State of virsh list", True,
    ),
    Metric(
        "jauge_vm_info", "info", "", ("vm", "node", "state"),
        "A virtual machine or container, where it runs and its state: always 1.",
        "pvesh /cluster/resources, xe vm-list, virsh list", False,
    ),
    Metric(
        "jauge_vm_unprotected", "gauge", "", ("vm",),
        "1 for a virtual machine or container that stands in no backup job.",
        "pvesh /cluster/backup-info/not-backed-up", False,
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
        "jauge_tablespace_size_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Size of the files of a tablespace.",
        "bytes of dba_data_files (Oracle)", True,
    ),
    Metric(
        "jauge_tablespace_used_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Bytes of a tablespace in use.",
        "bytes of dba_data_files - bytes of dba_free_space (Oracle)", True,
    ),
    Metric(
        "jauge_tablespace_limit_bytes", "gauge", "bytes", ("tablespace", "database"),
        "Size to which the files of a tablespace may grow by themselves.",
        "maxbytes of dba_data_files where autoextensible (Oracle)", True,
    ),
    Metric(
        "jauge_smb_sessions", "gauge", "", (),
        "Sessions of clients of a file server.",
        "smbstatus -p", True,
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
    # --- PACS ---------------------------------------------------------------------------------------
    Metric(
        "jauge_dicom_echo_success", "gauge", "", ("aet",),
        "1 where the application entity answered C-ECHO with success, 0 where it answered otherwise.",
        "C-ECHO (DICOM PS3.7, 9.1.5)", True,
    ),
    Metric(
        "jauge_dicom_echo_duration_seconds", "gauge", "seconds", ("aet",),
        "Time of the association and its C-ECHO.", "C-ECHO (DICOM PS3.7, 9.1.5)", False,
    ),
    Metric(
        "jauge_dicom_associations_rejected", "gauge", "", ("aet", "cause"),
        "1 where the last association was rejected or aborted, with the cause that the peer gave.",
        "A-ASSOCIATE-RJ (DICOM PS3.8, 9.3.4)", False,
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
    # --- backup -------------------------------------------------------------------------------------
    Metric(
        "jauge_backup_last_timestamp_seconds", "gauge", "seconds", ("job",),
        "When the last restore point was taken.", "restic snapshots --json, time", True,
    ),
    Metric(
        "jauge_backup_restore_points", "gauge", "", ("job",),
        "Restore points that are kept.", "restic snapshots --json, number of rows", True,
    ),
    Metric(
        "jauge_backup_last_size_bytes", "gauge", "bytes", ("job",),
        "Bytes of the last restore point, as restored, where the repository says so.",
        "restic snapshots --json, summary.total_bytes_processed (restic 0.17 and later)", True,
    ),
    Metric(
        "jauge_backup_last_files", "gauge", "", ("job",),
        "Files of the last restore point, where the repository says so.",
        "restic snapshots --json, summary.total_files_processed (restic 0.17 and later)", True,
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
        "When a store reaches a threshold of its usable size, with that probability. Absent without a date.",
        "jauge plan", False,
    ),
    Metric(
        "jauge_forecast_age_seconds", "gauge", "seconds", (),
        "Time since the outlooks of the target were computed.", "jauge plan", False,
    ),
)  # fmt: skip

METRICS: Final[dict[str, Metric]] = {row.name: row for row in _ROWS}


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
