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
        "series looked at over Orthanc /statistics CountSeries", False,
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
        "jauge_pacs_tier_used_bytes", "gauge", "bytes", ("store", "tier"),
        "Bytes in use on the file system of a store, by what it is for (`tier`): ONLINE, NEARLINE or OFFLINE.",
        "dcm4chee-arc /storage totalSpace - usableSpace by dcmInstanceAvailability", True,
    ),
    Metric(
        "jauge_pacs_store_seconds", "gauge", "seconds", (),
        "Longest time that storing an instance took, over the last ten seconds in which there was one.",
        "Orthanc /tools/metrics-prometheus orthanc_store_dicom_duration_ms", False,
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
