"""Three years of history for the cast, written by the history's own writer.

A later run adds what is missing since the last one, so that no day is a hole, and changes nothing else: days
that were measured stand.
"""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from exporters.history import Point
from exporters.history.sqlite import Day, Writer
from forecasting.quantities import QUANTITIES
from inventory.metrics import labels
from jauge.demo import services, shell
from jauge.demo.curves import DAY, TIMEZONE, Array, Curve, Limited, Nightly, Scaled, Steps, Whole
from jauge.demo.hospital import CAST, Archive, Backup, Database, Exchange, Machine, Measure, Store
from jauge.demo.pacs import INFLATION, INSTANCES, PATIENTS, SERIES, STUDIES, by_modality, by_year

YEARS: Final = 3
_HOURS: Final = 24 * 10
"""Hours before now that are written hour by hour."""

_BUSY: Final = 24 * 89
"""The same of what is planned by its busiest hour of each day: nearly all the hours that a history keeps."""

_PEAKS: Final = frozenset(quantity.used for quantity in QUANTITIES if quantity.peak)

_UP: Final = Measure("jauge_target_up", (), Steps(1.0))


def extend(path: Path, birth: float, until: float | None, now: float | None = None) -> float:
    """Write what a history lacks up to `now`; `until` is what an earlier call returned, None for a fresh file.

    Returns the instant up to which it is written (UTC epoch seconds). Raises HistoryError.
    """
    now = time.time() if now is None else now
    writer = Writer(path, TIMEZONE)
    try:
        if until is None:
            writer.roll(now)  # sets what is kept raw, so that older hours go where they belong
        writer.keep_days(itertools.chain.from_iterable(_days(writer, m, birth, until, now) for m in CAST))
        writer.append([point for m in CAST for point in _hours(m, birth, until, now)])
    finally:
        writer.close()
    return now


def _days(writer: Writer, machine: Machine, birth: float, until: float | None, now: float) -> Iterator[Day]:
    today = writer.calendar.day(now)
    first = today - 365 * YEARS if until is None else writer.calendar.day(until)
    days = range(first, min(today, _last(machine, birth, writer)))
    if not days:
        return
    ends = np.array([writer.calendar.start(day + 1) - 60.0 for day in days])
    for measure in measures(machine):
        name, pairs = measure.metric, measure.labels
        values = measure.curve.at(ends, birth).tolist()
        yield from (
            Day(machine.name, name, pairs, day, value) for day, value in zip(days, values, strict=True)
        )


def _last(machine: Machine, birth: float, writer: Writer) -> int:
    """The first day without history of a machine that no longer answers."""
    return writer.calendar.day(birth - machine.ended * DAY) if machine.ended else 1 << 40


def _hours(machine: Machine, birth: float, until: float | None, now: float) -> Iterator[Point]:
    if machine.ended:
        return
    spans = {hours: _instants(now - hours * 3600, until, now) for hours in (_HOURS, _BUSY)}
    for measure in measures(machine):
        instants = spans[_BUSY if measure.metric in _PEAKS else _HOURS]
        values = measure.curve.at(instants, birth).tolist() if len(instants) else []
        for at, value in zip(instants.tolist(), values, strict=True):
            yield Point(machine.name, measure.metric, measure.labels, at, value)


def _instants(first: float, until: float | None, now: float) -> Array:
    """An instant just before each full hour from `first`, or from `until` where that is later, up to now."""
    begin = first if until is None else max(until, first)
    return np.arange(np.ceil(begin / 3600), np.floor(now / 3600) + 1) * 3600.0 - 30.0


def measures(machine: Machine) -> list[Measure]:
    """The kept series of a machine, named as a poll of its agent names them."""
    found = [measure for store in machine.stores for measure in _store(store)]
    if machine.speech == "nutanix":  # which tells a pool before redundancy
        for store in (store for store in machine.stores if store.kind == "pool"):
            used = Limited(store.used, store.size)
            found.append(Measure("jauge_storage_raw_bytes", store.labels, store.size))
            found.append(Measure("jauge_storage_raw_used_bytes", store.labels, used))
    if machine.memory and (machine.speech == "firewall" or (machine.speech in _SERVERS and machine.stores)):
        found.append(Measure("jauge_memory_size_bytes", (), Steps(machine.memory)))
        found.append(Measure("jauge_memory_used_bytes", (), machine.filling))
    if machine.speech in (*_SERVERS, "netapp", "firewall") and machine.work:
        found.append(Measure("jauge_cpu_used_ratio", (), machine.work))
    if machine.speech in _SERVERS and machine.stores:
        found.append(Measure("jauge_cpus", (), Steps(float(machine.processors))))
    found += [*_nodes(machine), *_gate(machine)]
    if machine.speech == "ups" and machine.work:
        found += _power(machine.work)
    if machine.archive:
        found += _archive(machine.archive)
    if machine.backup:
        found += _backup(machine.backup)
    found += [*services.measures(machine), *_asked(machine)]
    return [*found, _UP] if found else []


_SERVERS: Final = ("linux", "windows", "shell")


def _gate(machine: Machine) -> Iterator[Measure]:
    """Sessions and licences of a firewall."""
    if machine.sessions is not None:
        kind = labels(kind="firewall")
        yield Measure("jauge_sessions", kind, Limited(machine.sessions, machine.sessions_limit))
        yield Measure("jauge_sessions_limit", kind, machine.sessions_limit)
    for licence in machine.licences:
        named = labels(license=licence.name)
        yield Measure("jauge_license_expiry_timestamp_seconds", named, licence.ends)
        if licence.used is not None:
            yield Measure("jauge_licenses_owned", named, licence.owned)
            yield Measure("jauge_licenses_used", named, Limited(licence.used, licence.owned))


def _store(store: Store) -> tuple[Measure, Measure]:
    return (
        Measure("jauge_storage_size_bytes", store.labels, store.size),
        Measure("jauge_storage_used_bytes", store.labels, Limited(store.used, store.size)),
    )


def _nodes(machine: Machine) -> Iterator[Measure]:
    for index, name in enumerate(machine.nodes, 1):
        node = labels(node=name)
        if machine.work:
            yield Measure("jauge_node_cpu_used_ratio", node, Scaled(machine.work, 1.0, index / 100))
        yield Measure("jauge_node_cpus", node, Steps(float(machine.processors)))
        yield Measure("jauge_node_memory_size_bytes", node, Steps(machine.memory))
        yield Measure("jauge_node_memory_used_bytes", node, machine.filling)
        yield Measure("jauge_node_vms", node, Steps(31.0 + 3 * index, ((430, 5.0), (200, 2.0))))


def _power(load: Curve) -> Iterator[Measure]:
    yield Measure("jauge_ups_charge_ratio", (), Steps(1.0))
    yield Measure("jauge_ups_runtime_seconds", (), Steps(1560.0, ((400, -60.0), (100, -60.0))))
    for line in (1, 2, 3):
        yield Measure("jauge_ups_load_ratio", labels(line=str(line)), Scaled(load, 1.0, (line - 2) / 100))


def _archive(archive: Archive) -> Iterator[Measure]:
    yield Measure("jauge_dicom_echo_success", labels(aet=archive.aet), Steps(1.0))
    counts = {"patients": PATIENTS, "studies": 1.0, "series": SERIES, "instances": INSTANCES}
    for name, factor in counts.items():
        yield Measure(f"jauge_pacs_{name}", (), Scaled(archive.studies, factor))
    yield Measure("jauge_pacs_stored_bytes", (), archive.stored)
    yield Measure("jauge_pacs_uncompressed_bytes", (), Scaled(archive.stored, INFLATION))
    for year, share in by_year(dt.datetime.now(dt.UTC).year).items():
        yield Measure("jauge_pacs_year_stored_bytes", labels(year=str(year)), Scaled(archive.stored, share))
    yield Measure("jauge_dicom_echo_duration_seconds", labels(aet=archive.aet), archive.echo)
    for modality, growth in by_modality(archive):
        pairs = labels(modality=modality)
        yield Measure("jauge_pacs_modality_stored_bytes", pairs, growth)
        yield Measure("jauge_pacs_modality_studies", pairs, Whole(Scaled(archive.studies, STUDIES[modality])))


def _asked(machine: Machine) -> Iterator[Measure]:
    """What a platform tells that is asked by a command."""
    match machine.service:
        case Exchange() as exchange:
            yield Measure("jauge_calls_active", (), Limited(exchange.calls, exchange.limit))
            yield Measure("jauge_calls_limit", (), exchange.limit)
        case Database() as server:
            yield Measure("jauge_database_connections", (), Limited(server.connections, server.limit))
            yield Measure("jauge_database_connections_limit", (), server.limit)
            for name, holds in server.databases:
                yield Measure("jauge_database_size_bytes", labels(database=name), holds)


def _backup(backup: Backup) -> Iterator[Measure]:
    repository = labels(store=backup.repository, kind="repository")
    yield Measure("jauge_storage_used_bytes", repository, backup.stored)
    for place, (job, growth, lost) in enumerate(backup.jobs):
        pairs = labels(job=f"{job}:{shell.TAG}", machine=job)  # as `collectors.commands.restic` names a job
        ended = shell.ended(place)
        # The newest run of a job that lost something is no restore point: the one of the night before is the last.
        believed = Scaled(Nightly(ended), 1.0, -DAY) if lost else Nightly(ended)
        yield Measure("jauge_backup_last_timestamp_seconds", pairs, believed)
        yield Measure("jauge_backup_restore_points", pairs, Steps(float(backup.points)))
        size = Nightly(ended, growth)
        yield Measure("jauge_backup_last_size_bytes", pairs, size)
        yield Measure("jauge_backup_last_files", pairs, Scaled(size, 1 / shell.FILE_SIZE, 1000.0))
