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
_BACKUP = ("job", "machine")

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
        "none; absent while nobody who lists jobs can tell.",
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
