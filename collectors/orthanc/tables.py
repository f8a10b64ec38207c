"""What Orthanc tells at once.

/system       {"Version": "1.10.1", "Name": "TEST", ...}
/statistics   {"CountPatients": 2, "TotalDiskSize": "89740", ...}    sizes are strings
/jobs?expand  [{"State": "Running", "Type": "DicomModalityStore",
               "Content": {"RemoteAet": "PACS2", "InstancesCount": 120, "FailedInstancesCount": 0}, ...}]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from collectors import documents
from collectors.orthanc.client import Client
from collectors.poll import PollError, Reading, StatusError
from inventory.estate import OrthancRules
from inventory.metrics import Sample, labels

STATISTICS: Final = {
    "CountPatients": "jauge_pacs_patients",
    "CountStudies": "jauge_pacs_studies",
    "CountSeries": "jauge_pacs_series",
    "CountInstances": "jauge_pacs_instances",
    "TotalDiskSize": "jauge_pacs_stored_bytes",
    "TotalUncompressedSize": "jauge_pacs_uncompressed_bytes",
}

STATES: Final = ("pending", "running", "paused", "retry", "success", "failure")
"""States of a job, in small letters."""

_MANY: Final = 1 << 40  # more instances than any transfer has

ECHO_SECONDS: Final = 3
"""The longest that Orthanc may wait for one modality."""

# Sizes are not taken from here: some releases fill orthanc_uncompressed_size_mb with the compressed size.
_METRICS: Final = {
    "orthanc_store_dicom_duration_ms": ("jauge_pacs_store_seconds", 0.001),
    "orthanc_up_time_s": ("jauge_uptime_seconds", 1.0),
}
_LINE: Final = re.compile(r"([a-z0-9_]+) ([0-9]+(?:\.[0-9]+)?)(?: [0-9]+)?")


async def system(client: Client) -> Reading:
    """Note product and version. Raises PollError where another program answers."""
    document = await client.get("/system")
    version = document.get("Version") if isinstance(document, dict) else None
    if not isinstance(version, str):
        raise PollError("unparsed", "/system names no Version: is this Orthanc?")
    client.facts.update(product="Orthanc", version=documents.label(version))
    return Reading.of(())


async def statistics(client: Client) -> Reading:
    """Patients, studies, series, instances and bytes of the archive."""
    document = await client.get("/statistics")
    return Reading.of(
        [Sample(metric, documents.number(document, name)) for name, metric in STATISTICS.items()]
    )


async def jobs(client: Client) -> Reading:
    """Jobs by state: those that wait or run, and the last that ended. Of what they do, only C-STORE to others is looked at."""
    document = await client.look("/jobs?expand")
    if not isinstance(document, list):
        raise PollError("unparsed", "/jobs is no list")
    found = Counter(str(job.get("State")).lower() for job in document if isinstance(job, dict))
    unknown = sum(count for state, count in found.items() if state not in STATES)
    if unknown or sum(found.values()) < len(document):
        raise PollError("unparsed", f"{unknown} of {len(document)} jobs are in a state that is not known")
    counted = [Sample("jauge_pacs_jobs", float(found[state]), labels(state=state)) for state in STATES]
    return Reading.of([*counted, *_transfers(document)], rows=len(document))


def _transfers(listed: list[dict[str, Any]]) -> Iterator[Sample]:
    """Transfers to each peer by state, and the instances that were refused: a permissive job goes on after one."""
    states: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    for job in listed:
        content = job.get("Content")
        told = content if job.get("Type") == "DicomModalityStore" and isinstance(content, dict) else {}
        peer = documents.label(str(told.get("RemoteAet") or ""))
        if peer:
            states[peer, str(job["State"]).lower()] += 1
            failed = told.get("FailedInstancesCount", 0)
            refused[peer] += failed if isinstance(failed, int) and 0 <= failed < _MANY else 0
    for peer in refused:
        for state in STATES:
            yield Sample("jauge_pacs_transfers", float(states[peer, state]), labels(peer=peer, state=state))
        yield Sample("jauge_pacs_transfer_failed_instances", float(refused[peer]), labels(peer=peer))


async def metrics(client: Client) -> Reading:
    """What Orthanc measures of itself, where it does."""
    try:
        said = await client.peek("/tools/metrics-prometheus")
    except StatusError as error:
        if not 400 <= error.status < 500 or error.reason != "unparsed":
            raise
        return Reading((), (), notes=("Orthanc measures nothing of itself: see MetricsEnabled",))
    return Reading.of(_measured(said))


def _measured(said: str) -> Iterator[Sample]:
    seen = set()
    for line in said.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is not None and match[1] in _METRICS and match[1] not in seen:
            seen.add(match[1])
            name, scale = _METRICS[match[1]]
            yield Sample(name, float(match[2]) * scale)


async def peers(client: Client) -> Reading:
    """Whether modalities that Orthanc knows answer it: a POST each, so only those that the estate names."""
    rules = client.access.orthanc or OrthancRules()
    samples = []
    for peer in dict.fromkeys(rules.echo):
        success = await _echoed(client, peer)
        samples.append(
            Sample("jauge_pacs_peer_echo_success", float(success), labels(peer=documents.label(peer)))
        )
    return Reading.of(samples)


async def _echoed(client: Client, peer: str) -> bool:
    try:
        await client.post(f"/modalities/{quote(peer, safe='')}/echo", {"Timeout": ECHO_SECONDS})
    except StatusError as error:
        if error.status == 404:
            raise PollError("unparsed", f"Orthanc knows no modality {documents.legible(peer, 40)}") from None
        if error.status < 500:
            raise
        return False
    return True
