"""Write the dashboards of `mixin/dashboards`: six that look alike, each panel one line or a few.

    python scripts/dashboards.py            # make docs does it, too

JSON for Grafana 9 and later (schemaVersion 37). Where a panel has limits, they are those of the alerts that it names.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parent.parent / "mixin/dashboards"
RUNBOOKS: Final = "https://jauge.hospital.example/docs/runbooks/"
SOURCE: Final = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
WIDTH: Final = 24
"""Columns of Grafana's grid."""

GOOD, WARNING, CRITICAL, PLAIN = "#0072B2", "#E69F00", "#D55E00", "text"
"""Colours that people who see colours otherwise tell apart (Okabe and Ito). Beside them there is always a word or a number."""

T: Final = 'target=~"$target"'
C: Final = 'instance=~"$collector"'

Json = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Limit:
    """From `value` on the colour is that of the severity of `alert`; without one it is `colour`."""

    value: float
    alert: str
    colour: str = WARNING

    @property
    def shade(self) -> str:
        """The colour."""
        severity = _severities()[self.alert] if self.alert else ""
        return {"critical": CRITICAL, "": self.colour}.get(severity, WARNING)


@dataclasses.dataclass(frozen=True)
class Panel:
    """One panel. `queries` are pairs of PromQL and legend; `below` says that it is worse the lower it is.

    `words` are what 0 and 1 are called, `most` ends the scale. Where it is `named` the legend is shown and not the value.
    """

    title: str
    kind: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    limits: Sequence[Limit] = ()
    below: bool = False
    words: tuple[str, str] | None = None
    says: str = ""
    width: int = 12
    height: int = 8
    most: float | None = None
    named: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    """A heading over the panels that follow."""

    title: str


@dataclasses.dataclass(frozen=True)
class Board:
    """One dashboard. `variable` is what its panels are chosen by: a name, a label and the metric that bears it."""

    uid: str
    title: str
    says: str
    parts: Sequence[Panel | Row]
    variable: tuple[str, str, str] = ("target", "target", "jauge_target_up")
    span: str = "now-7d"


def line(title: str, query: str, legend: str, unit: str = "short", **more: Any) -> Panel:
    """A value over time."""
    return Panel(title, "timeseries", [(query, legend)], unit, **more)


def stat(title: str, query: str, unit: str = "short", **more: Any) -> Panel:
    """One number."""
    return Panel(title, "stat", [(query, "")], unit, **{"width": 4, "height": 4, **more})


def states(title: str, query: str, legend: str, words: tuple[str, str], alert: str, **more: Any) -> Panel:
    """What is 1 while it is well, as a word each."""
    return Panel(title, "stat", [(query, legend)], words=words, limits=[Limit(1, alert)], below=True, **{"width": 12, "height": 6, **more})  # fmt: skip


def table(title: str, query: str, unit: str = "short", **more: Any) -> Panel:
    """What is so now, a row each."""
    return Panel(title, "table", [(query, "")], unit, **more)


def bars(title: str, query: str, legend: str, unit: str = "percentunit", **more: Any) -> Panel:
    """What is so now, a bar each."""
    return Panel(title, "bargauge", [(query, legend)], unit, **more)


ESTATE: Final = Board(
    "jauge-estate", "Jauge: estate", "What is down, what complains, and what fills: the first look of a day.",
    [
        stat("Targets that answer", f"sum(jauge_target_up{{{T}}})"),
        stat("Targets that do not", f"sum(1 - jauge_target_up{{{T}}})", limits=[Limit(1, "")]),
        stat("Parts that fail", f"sum(1 - jauge_table_up{{{T}}})", limits=[Limit(1, "")]),
        stat("Alerts, critical", 'count(ALERTS{alertname=~"Jauge.*",severity="critical",alertstate="firing"}) or vector(0)', limits=[Limit(1, "", CRITICAL)]),
        stat("Alerts, warning", 'count(ALERTS{alertname=~"Jauge.*",severity="warning",alertstate="firing"}) or vector(0)', limits=[Limit(1, "")]),
        stat("First wall", 'jauge_runway_first_wall_timestamp_seconds{probability="0.5"} * 1000', "dateTimeAsIso",
             says="When the first thing of the estate is full, ends or is out of support, of those more likely than not."),
        table("Alerts that fire", 'max by (alertname, severity, target, store, job, channel, node) (ALERTS{alertname=~"Jauge.*",alertstate="firing"})', width=24),
        table("Targets that do not answer", f"jauge_target_up{{{T}}} == 0", words=("down", "up"), limits=[Limit(1, "JaugeTargetDown")], below=True),
        table("Failures by reason, of the last half hour", f"sum by (target, reason) (increase(jauge_target_errors_total{{{T}}}[30m])) > 0"),
        Row("Power and hardware"),
        line("UPS: runtime", f"jauge_ups_runtime_seconds{{{T}}}", "{{target}}", "s", limits=[Limit(600, "JaugeUpsRuntimeLow")], below=True),
        line("UPS: load by line", f"jauge_ups_load_ratio{{{T}}}", "{{target}} line {{line}}", "percentunit", limits=[Limit(0.9, "JaugeUpsOverloaded")], most=1),
        stat("Disks in service", f"sum(jauge_disk_healthy{{{T}}})"),
        stat("Disks that failed", f"sum(1 - jauge_disk_healthy{{{T}}})", limits=[Limit(1, "")]),
        stat("Lowest charge of a UPS", f"min(jauge_ups_charge_ratio{{{T}}})", "percentunit"),
        line("Interfaces: the ten that receive the most", f"topk(10, jauge_interface_receive_bytes_per_second{{{T}}})", "{{target}} {{interface}}", "Bps", height=8),
        Row("Messages"),
        states("Channels of message engines", f"jauge_hl7_channel_up{{{T}}}", "{{channel}}", ("stopped", "runs"), "JaugeHl7ChannelStopped"),
        line("Messages that wait", f"jauge_hl7_queue_depth{{{T}}} or jauge_queue_messages{{{T}}}", "{{target}} {{channel}}{{queue}}", limits=[Limit(100, "JaugeHl7QueueGrows")], height=6),
        line("Messages a second", f"sum by (target, direction) (rate(jauge_hl7_messages_total{{{T}}}[$__rate_interval]))", "{{target}} {{direction}}", "mps", height=6),
        line("Errors of channels, within half an hour", f"increase(jauge_hl7_errors_total{{{T}}}[30m])", "{{channel}}", height=6),
        Row("Telephony, desktops, databases, licences"),
        bars("Telephones that are not registered", 'target_kind:jauge_telephony_unregistered:ratio{target=~"$target"}', "{{target}} {{kind}}", limits=[Limit(0.2, "JaugeTelephonesUnregistered")], most=1, height=6),
        bars("Calls, of what is possible", f"jauge_calls_active{{{T}}} / jauge_calls_limit", "{{target}}", limits=[Limit(0.9, "JaugeCallsNearLimit")], most=1, height=6),
        bars("Desktops in use", f"jauge_desktop_machines_used{{{T}}} / jauge_desktop_machines", "{{pool}}", most=1, height=6),
        bars("Connections to databases", f"jauge_database_connections{{{T}}} / jauge_database_connections_limit", "{{target}}", limits=[Limit(0.9, "JaugeDatabaseConnections")], most=1, height=6),
        line("Copies of databases: how far behind", f"jauge_database_replication_lag_seconds{{{T}}}", "{{target}} {{replica}}", "s", limits=[Limit(900, "JaugeReplicationLag")], height=6),
        bars("Licences taken", f"jauge_licenses_used{{{T}}} / jauge_licenses_owned", "{{target}} {{license}}", limits=[Limit(0.95, "JaugeLicenseUsedUp")], most=1, height=6),
        table("Ends of licences and contracts", f"sort(jauge_license_expiry_timestamp_seconds{{{T}}} > 0) - time()", "s", limits=[Limit(30 * 86400, "JaugeLicenseExpiring")], below=True),
        table("Ends of support", f"sort(jauge_support_end_timestamp_seconds{{{T}}} - time())", "s", limits=[Limit(180 * 86400, "JaugeSupportEnding")], below=True),
    ],
)  # fmt: skip

CLUSTER: Final = Board(
    "jauge-cluster", "Jauge: cluster", "Can each cluster lose a node, and what do its nodes do?",
    [
        states("Nodes", f"jauge_node_up{{{T}}}", "{{target}} {{node}}", ("down", "up"), "JaugeNodeDown"),
        bars("Memory without the largest node", 'target:jauge_node_memory_without_node_used:ratio{target=~"$target"}', "{{target}}", limits=[Limit(1, "JaugeMemoryCannotLoseANode")], most=1.2, height=6,
             says="Memory in use, over what is left when the largest node has failed."),
        bars("Stores without the largest node", 'target_store:jauge_storage_without_node_used:ratio{target=~"$target"}', "{{target}} {{store}}", limits=[Limit(1, "JaugeStoreCannotLoseANode")], most=1.2,
             says="Bytes in use, over what is left when the largest node has failed. Of clusters that say so."),
        bars("Pools, of what may be filled", 'target_store:jauge_storage_plannable_used:ratio{target=~"$target",kind="pool"}', "{{target}} {{store}}", limits=[Limit(1, "JaugeStoreOverPlannable")], most=1.2,
             says="What may be filled is what the rules of the estate leave after the loss of a node, copies, reserve and ceiling."),
        line("Processors", f"jauge_node_cpu_used_ratio{{{T}}}", "{{target}} {{node}}", "percentunit", most=1),
        line("Memory", f"jauge_node_memory_used_bytes{{{T}}} / jauge_node_memory_size_bytes", "{{target}} {{node}}", "percentunit", most=1),
        line("Virtual machines", f"jauge_node_vms{{{T}}}", "{{target}} {{node}}"),
        line("Pools: bytes in use", f'jauge_storage_used_bytes{{{T},kind="pool"}}', "{{target}} {{store}}", "bytes"),
        stat("Disks in service", f"sum(jauge_disk_healthy{{{T}}})", width=6),
        stat("Disks that failed", f"sum(1 - jauge_disk_healthy{{{T}}})", width=6, limits=[Limit(1, "")]),
        states("Clusters, by their own word", f"jauge_cluster_healthy{{{T}}}", "{{cluster}}", ("not well", "well"), "JaugeClusterUnhealthy", width=12, height=4),
        line("Copies that are missing", f"jauge_cluster_degraded_ratio{{{T}}}", "{{cluster}}", "percentunit", says="Until they are made again."),
        line("Members that decide, missing", f"jauge_cluster_members{{{T}}} - jauge_cluster_members_up", "{{cluster}}"),
    ],
)  # fmt: skip

PACS: Final = Board(
    "jauge-pacs", "Jauge: PACS", "Does each archive of images answer, what waits in it, and how does it grow?",
    [
        states("Echo of archives", f"jauge_dicom_echo_success{{{T}}}", "{{target}} {{aet}}", ("fails", "answers"), "JaugePacsEchoFails", width=8),
        states("Peers, as the archive reaches them", f"jauge_pacs_peer_echo_success{{{T}}}", "{{peer}}", ("silent", "answers"), "JaugePacsPeerSilent", width=8),
        table("Refusals", f"jauge_dicom_association_rejected{{{T}}} == 1", width=8, height=6),
        line("Time of an echo", f"jauge_dicom_echo_duration_seconds{{{T}}}", "{{target}} {{aet}}", "s", limits=[Limit(2, "JaugePacsEchoSlow")]),
        line("Time to store an image", f"jauge_pacs_store_seconds{{{T}}}", "{{target}}", "s", limits=[Limit(5, "JaugePacsStoreSlow")]),
        line("Jobs by state", f"jauge_pacs_jobs{{{T}}}", "{{target}} {{queue}} {{state}}", limits=[Limit(100, "JaugePacsQueueGrows")]),
        line("Images that a peer did not take", f"jauge_pacs_transfer_failed_instances{{{T}}}", "{{target}} {{peer}}", says="Of the last transfers."),
        line("Bytes in the archive", f"jauge_pacs_stored_bytes{{{T}}}", "{{target}}", "bytes"),
        line("Studies", f"jauge_pacs_studies{{{T}}}", "{{target}}"),
        bars("Stores of archives, of what may be filled", 'target_store:jauge_storage_plannable_used:ratio{target=~"$target"} and on (target) (jauge_dicom_echo_success or jauge_pacs_studies)', "{{target}} {{store}}", limits=[Limit(1, "JaugeStoreOverPlannable")], most=1.2),
        line("Studies of today and yesterday", f"jauge_pacs_recent_studies{{{T}}}", "{{target}} {{aet}} {{day}}"),
    ],
)  # fmt: skip

BACKUP: Final = Board(
    "jauge-backup", "Jauge: backup", "Is every machine saved as promised, and what of that was tried?",
    [
        stat("Promises kept", f"sum(1 - jauge_backup_rpo_exceeded{{{T}}})"),
        stat("Promises broken", f"sum(jauge_backup_rpo_exceeded{{{T}}})", limits=[Limit(1, "", CRITICAL)]),
        stat("Runs that are not believed", f"sum(1 - jauge_backup_protecting{{{T}}})", limits=[Limit(1, "")]),
        stat("Machines in no job", f"sum(jauge_backup_machine_in_no_job{{{T}}})", limits=[Limit(1, "")]),
        stat("Restore tests too slow", f"sum(jauge_restore_rto_exceeded{{{T}}})", limits=[Limit(1, "")]),
        stat("Oldest restore test, of what is allowed", f"max((time() - jauge_restore_tested_timestamp_seconds{{{T}}}) / jauge_restore_test_every_seconds)", "percentunit", limits=[Limit(1, "JaugeRestoreTestOverdue")]),
        table("Later than promised", f"jauge_backup_rpo_exceeded{{{T}}} == 1", words=("in time", "late"), limits=[Limit(1, "JaugeBackupLate")]),
        table("Not believed, and why", f"jauge_backup_not_protecting{{{T}}} == 1"),
        line("Age of the last good point", 'target_job_machine:jauge_backup:age_seconds{target=~"$target"}', "{{machine}} {{job}}", "s"),
        line("Promise (RPO)", f"jauge_backup_rpo_seconds{{{T}}}", "{{target}}", "s"),
        line("Restore points that are believed", f"jauge_backup_restore_points{{{T}}}", "{{machine}} {{job}}"),
        line("Size of a run, over the median of those before", f"jauge_backup_size_drift_ratio{{{T}}}", "{{machine}} {{job}}", "percentunit"),
        table("Which machines stand in no job", f"jauge_backup_machine_in_no_job{{{T}}} == 1"),
        table("3-2-1-1-0: what is not met", f"jauge_backup_rule_met{{{T}}} == 0", words=("not met", "met"), limits=[Limit(1, "JaugeBackupRuleBroken")], below=True),
        table("Age of the last restore test", f"time() - jauge_restore_tested_timestamp_seconds{{{T}}}", "s"),
        table("Restore tests in the ledger", f"sort(jauge_restore_tests{{{T}}})", limits=[Limit(1, "JaugeRestoreNeverTested")], below=True, says="Of each target that a backup is promised for."),
        bars("Stores of backup servers, of what may be filled", 'target_store:jauge_storage_plannable_used:ratio{target=~"$target"} and on (target) jauge_backup_restore_points', "{{target}} {{store}}", limits=[Limit(1, "JaugeStoreOverPlannable")], most=1.2),
        line("Repositories: bytes in use", f'jauge_storage_used_bytes{{{T},kind="repository"}}', "{{target}} {{store}}", "bytes"),
    ],
)  # fmt: skip

CAPACITY: Final = Board(
    "jauge-capacity", "Jauge: capacity", "When is each store full, how sure is that, and what is to be ordered by when?",
    [
        Panel("Walls of the estate", "bargauge", [("jauge_runway_walls", "{{severity}}")], width=8, height=6,
              says="over: reached. late: should have been ordered for. soon: within 180 days. possible: one chance in ten only."),
        Panel("First wall", "stat", [("jauge_runway_first_wall_timestamp_seconds * 1000", "with probability {{probability}}")], "dateTimeAsIso", width=8, height=6),
        stat("Stores over what may be filled", 'sum(target_store:jauge_storage_plannable_used:ratio{target=~"$target"} >= bool 1)', width=4, height=6, limits=[Limit(1, "JaugeStoreOverPlannable")]),
        stat("Forecast made", f"min(jauge_forecast_age_seconds{{{T}}})", "s", width=4, height=6, limits=[Limit(129600, "JaugeForecastStale")]),
        table("To order: days that are left (probable)", 'sort(target_store:jauge_storage_order_by:days{target=~"$target",state="probable"})', "d", limits=[Limit(30, "JaugeStoreOrderSoon")], below=True),
        table("Perhaps to order: days that are left (one chance in ten)", f'sort(target_store:jauge_storage_order_by:days{{{T},state="possible"}} or (jauge_planned_order_by_timestamp_seconds{{{T},state="possible"}} - time()) / 86400)', "d"),
        table("Full, more likely than not", f'sort(jauge_storage_full_timestamp_seconds{{{T},threshold="1",probability="0.5"}} - time())', "s", limits=[Limit(604800, "JaugeStoreFullWithinAWeek")], below=True),
        table("Chance of being full within 90 days", f'sort_desc(jauge_storage_full_chance_ratio{{{T},threshold="1"}} > 0)', "percentunit"),
        bars("The twenty fullest, of their size", 'topk(20, target_store:jauge_storage_used:ratio{target=~"$target"})', "{{target}} {{store}}", limits=[Limit(0.98, "JaugeStoreFull")], most=1, height=12),
        bars("The twenty fullest, of what may be filled", 'topk(20, target_store:jauge_storage_plannable_used:ratio{target=~"$target"})', "{{target}} {{store}}", limits=[Limit(1, "JaugeStoreOverPlannable")], most=1.2, height=12),
        line("Bytes in use", f"jauge_storage_used_bytes{{{T}}}", "{{target}} {{store}}", "bytes"),
        line("Growth a day, as foreseen", f"jauge_storage_growth_bytes_per_day{{{T}}}", "{{target}} {{store}}", "bytes"),
        table("Memory, processors, licences, sessions: days left to order", f'sort((jauge_planned_order_by_timestamp_seconds{{{T},state="probable"}} - time()) / 86400)', "d", limits=[Limit(30, "JaugePlannedOrderSoon")], below=True),
        Panel("Forecasts that lay inside their band", "bargauge", [('sum by (band, horizon) (jauge_forecasts_inside_total) / on (horizon) group_left sum by (horizon) (jauge_forecasts_scored_total)', "{{horizon}} days, band {{band}}")], "percentunit", most=1,
              says="0.8 and 0.95 where the bands are right."),
    ],
    span="now-90d",
)  # fmt: skip

ITSELF: Final = Board(
    "jauge-itself", "Jauge itself", "Does the collector poll in time, keep its history, and have room?",
    [
        states("Collector", 'up{job="jauge-itself",instance=~"$collector"}', "{{instance}}", ("down", "up"), "JaugeCollectorDown", width=6, height=4),
        Panel("Version", "stat", [(f"jauge_build_info{{{C}}}", "{{version}}")], width=6, height=4, named=True),
        Panel("Targets", "bargauge", [(f"jauge_targets{{{C}}}", "{{state}}")], width=6, height=4),
        states("Estate in force", f"jauge_estate_reload_successful{{{C}}}", "{{instance}}", ("file has a mistake", "as in its file"), "JaugeEstateNotReloaded", width=6, height=4),
        line("Polls a second", f"rate(jauge_polls_total{{{C}}}[$__rate_interval])", "{{outcome}}", "ops"),
        Panel("Time that polls take", "timeseries", [
            (f"histogram_quantile({share}, sum by (le) (rate(jauge_poll_seconds_bucket{{{C}}}[$__rate_interval])))", f"{share:.0%} take less")
            for share in (0.5, 0.99)
        ], "s"),
        line("Lateness of polls, 99 %", 'instance:jauge_poll_lateness_seconds:p99_15m{instance=~"$collector"}', "{{instance}}", "s", limits=[Limit(30, "JaugePollsLate")]),
        line("Polls left out, within half an hour", f"increase(jauge_polls_skipped_total{{{C}}}[30m])", "{{instance}}", limits=[Limit(5, "JaugePollsSkipped")]),
        line("Failures of targets by reason", "sum by (reason) (rate(jauge_target_errors_total[$__rate_interval]))", "{{reason}}", "ops"),
        line("Oldest values on the board", "topk(5, jauge_target_age_seconds)", "{{target}}", "s", limits=[Limit(1800, "JaugeTargetStale")]),
        line("Values that wait for the history", f"jauge_history_waiting{{{C}}}", "{{instance}}"),
        states("History", f"1 - jauge_history_failing{{{C}}}", "{{instance}}", ("cannot be written", "is written"), "JaugeHistoryFailing", width=6, height=8),
        stat("Damaged pieces of the history", f"jauge_history_damaged_blocks{{{C}}}", width=6, height=8, limits=[Limit(1, "")]),
        bars("Room on the disk of the files", f"jauge_data_available_bytes{{{C}}} / jauge_data_size_bytes", "{{instance}}", limits=[Limit(0.05, "JaugeDataDiskFull")], below=True, most=1, height=5),
        line("Memory", f'process_resident_memory_bytes{{job="jauge-itself",{C}}}', "{{instance}}", "bytes", height=5),
        line("Processor", f'rate(process_cpu_seconds_total{{job="jauge-itself",{C}}}[$__rate_interval])', "{{instance}}", "percentunit"),
        bars("Open files, of those allowed", f'process_open_fds{{job="jauge-itself",{C}}} / process_max_fds', "{{instance}}", limits=[Limit(0.9, "JaugeFilesNearLimit")], most=1),
        line("Answers a second, by route and status", f"sum by (path, status) (rate(jauge_http_answers_total{{{C}}}[$__rate_interval]))", "{{path}} {{status}}", "reqps"),
        line("Time of answers, 99 %", f"histogram_quantile(0.99, sum by (path, le) (rate(jauge_http_answer_seconds_bucket{{{C}}}[$__rate_interval])))", "{{path}}", "s"),
        line("Events, within an hour", f"increase(jauge_events_total{{{C}}}[1h])", "{{kind}}"),
        line("Datagrams at the port for traps", f"increase(jauge_traps_total{{{C}}}[1h])", "{{outcome}}"),
        line("Queue to the engine of the history", f"jauge_history_queue_age_seconds{{{C}}}", "{{instance}}", "s", limits=[Limit(3600, "JaugeHistoryQueueOld")],
             says="Where the history is kept in VictoriaMetrics or Prometheus."),
        line("Values that the history lost, within an hour", f"increase(jauge_history_dropped_values_total{{{C}}}[1h])", "{{reason}}", says="Where the history is kept in VictoriaMetrics or Prometheus."),
    ],
    variable=("collector", "instance", "jauge_build_info"),
    span="now-24h",
)  # fmt: skip

BOARDS: Final = (ESTATE, CLUSTER, PACS, BACKUP, CAPACITY, ITSELF)


def board(one: Board) -> Json:
    """A dashboard as Grafana reads it."""
    name, label, metric = one.variable
    return {
        "uid": one.uid,
        "title": one.title,
        "description": one.says,
        "tags": ["jauge"],
        "schemaVersion": 37,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": "1m",
        "time": {"from": one.span, "to": "now"},
        "links": [
            {"type": "dashboards", "title": "Jauge", "tags": ["jauge"], "asDropdown": False, "includeVars": True, "keepTime": True, "targetBlank": False},
            {"type": "link", "title": "Runbooks", "url": f"{RUNBOOKS}README.md", "icon": "doc", "targetBlank": True},
        ],
        "annotations": {"list": []},
        "templating": {"list": [_source(), _choice(name, label, metric)]},
        "panels": list(_placed(one.parts)),
    }  # fmt: skip


@functools.cache
def _severities() -> dict[str, str]:
    """The severity of each alert, from its rule."""
    files = [YAML(typ="safe").load(path) for path in sorted((FOLDER.parent / "alerts").glob("*.yml"))]
    rules = [rule for held in files for group in held["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule["labels"]["severity"] for rule in rules}


def _source() -> Json:
    return {"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0, "current": {}, "refresh": 1}  # fmt: skip


def _choice(name: str, label: str, metric: str) -> Json:
    query = f"label_values({metric}, {label})"
    return {
        "name": name, "label": name.capitalize(), "type": "query", "datasource": SOURCE, "definition": query,
        "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "hide": 0, "multi": True, "includeAll": True, "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }  # fmt: skip


def _placed(parts: Sequence[Panel | Row]) -> Iterator[Json]:
    """Panels from left to right, in lines as high as their highest."""
    x = y = high = 0
    for number, part in enumerate(parts, 1):
        width, height = (WIDTH, 1) if isinstance(part, Row) else (part.width, part.height)
        if x + width > WIDTH:
            x, y, high = 0, y + high, 0
        place = {"id": number, "gridPos": {"x": x, "y": y, "w": width, "h": height}}
        yield {**place, **(_heading(part) if isinstance(part, Row) else _panel(part))}
        x, high = x + width, max(high, height)


def _heading(row: Row) -> Json:
    return {"type": "row", "title": row.title, "collapsed": False, "panels": []}


def _panel(one: Panel) -> Json:
    alerts = [limit.alert for limit in one.limits if limit.alert]
    return {
        "type": one.kind,
        "title": one.title,
        "description": one.says,
        "datasource": SOURCE,
        "links": [{"title": alert, "url": f"{RUNBOOKS}{alert}.md", "targetBlank": True} for alert in alerts],
        "targets": [_target(one, number, *query) for number, query in enumerate(one.queries)],
        "fieldConfig": {"defaults": _field(one), "overrides": []},
        "options": _OPTIONS[one.kind] | ({"textMode": "name"} if one.named else {}),
        "transformations": _TIDY if one.kind == "table" else [],
    }


def _target(one: Panel, number: int, query: str, legend: str) -> Json:
    now = one.kind != "timeseries"
    return {
        "refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query, "legendFormat": legend or "__auto",
        "instant": now, "range": not now, "format": "table" if one.kind == "table" else "time_series",
    }  # fmt: skip


def _field(one: Panel) -> Json:
    field: Json = {"unit": one.unit, "thresholds": {"mode": "absolute", "steps": _steps(one)}, "mappings": []}
    field["color"] = {"mode": "palette-classic" if one.kind == "timeseries" else "thresholds"}
    if one.most is not None:
        field |= {"min": 0, "max": one.most}
    if one.words:
        named = {str(value): {"text": word, "index": value} for value, word in enumerate(one.words)}
        field["mappings"] = [{"type": "value", "options": named}]
    if one.kind == "timeseries":
        shown = "line" if one.limits else "off"
        field["custom"] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "spanNulls": False, "thresholdsStyle": {"mode": shown}}  # fmt: skip
    if one.kind == "table":
        field["custom"] = {"align": "auto", "displayMode": "color-text" if one.limits else "auto"}
    return field


def _steps(one: Panel) -> list[Json]:
    """Steps of colour: the first one holds from below. Where less is worse, the colours stand the other way round."""
    if not one.limits:
        return [{"color": PLAIN, "value": None}]
    if one.below:
        (limit,) = one.limits
        return [{"color": limit.shade, "value": None}, {"color": GOOD, "value": limit.value}]
    return [{"color": GOOD, "value": None}] + [
        {"color": each.shade, "value": each.value} for each in one.limits
    ]


_REDUCED: Final = {"values": False, "calcs": ["lastNotNull"], "fields": ""}
_OPTIONS: Final[dict[str, Json]] = {
    "stat": {"reduceOptions": _REDUCED, "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "auto"},
    "bargauge": {"reduceOptions": _REDUCED, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": True},
    "timeseries": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}, "tooltip": {"mode": "multi", "sort": "desc"}},
    "table": {"showHeader": True, "cellHeight": "sm"},
}  # fmt: skip
_TIDY: Final = [
    {"id": "organize", "options": {"excludeByName": {"Time": True, "__name__": True, "instance": True, "role": True}, "indexByName": {}, "renameByName": {}}}
]  # fmt: skip


def made() -> dict[str, str]:
    """The text of each file."""
    return {f"{one.uid}.json": json.dumps(board(one), indent=2, ensure_ascii=False) + "\n" for one in BOARDS}


def main() -> int:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in made().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
