"""Archives and message engines that declared files read: dcm4chee-arc, and the example of an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from telling import telling

from collectors import http
from collectors.command import SystemFile
from collectors.files import load_file
from collectors.poll import PollError, Table
from inventory.estate import Estate

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "engine.yml"

# Written after what StorageRS and QueueManagerRS of dcm4chee-arc-light write.
STORAGE = [
    {"dcmStorageID": "fs1", "dcmURI": "file:///online", "dcmInstanceAvailability": "ONLINE", "dicomAETitle": ["DCM4CHEE"],
     "usages": ["dcmObjectStorageID"], "usableSpace": 4 * 10**12, "totalSpace": 10**13},
    {"dcmStorageID": "tape", "dcmURI": "file:///nearline", "dcmInstanceAvailability": "NEARLINE",
     "usableSpace": 10**12, "totalSpace": 5 * 10**13},
    {"dcmStorageID": "s3", "dcmURI": "jclouds:aws-s3:", "dcmInstanceAvailability": "NEARLINE"},
    {"dcmStorageID": "cloud", "dcmURI": "jclouds:swift:", "dcmInstanceAvailability": "NEARLINE", "usableSpace": -1, "totalSpace": -1},
]  # fmt: skip
TASKS = {
    "/monitor/export/count?status=FAILED": {"count": 7},
    "/monitor/export/count?status=SCHEDULED": {"count": 2},
    "/monitor/export/count?status=IN%20PROCESS": {"count": 1},
}


async def archive(pages: dict[str, Any]) -> dict[str, Table]:
    with telling(pages) as (url, _):
        access = {"family": "dcm4chee-arc", "url": url}
        estate = Estate.model_validate({"targets": [{"name": "pacs", "timeout": 30, "http": access}]})
        tables, facts = await http.poll(estate.targets[0], estate, lambda _: None)
    assert facts["product"] == "dcm4chee-arc"
    return {table.name: table for table in tables}


def values(table: Table) -> dict[str, float]:
    return {"/".join((s.metric, *(value for _, value in s.labels))): s.value for s in table}


async def test_dcm4chee_tells_its_tiers_and_what_it_has_no_size_of_is_absent() -> None:
    tables = await archive({"/storage": STORAGE})
    assert values(tables["tiers"]) == {
        "jauge_pacs_tier_info/fs1/ONLINE": 1,
        "jauge_pacs_tier_info/tape/NEARLINE": 1,
        "jauge_pacs_tier_info/s3/NEARLINE": 1,
        "jauge_pacs_tier_info/cloud/NEARLINE": 1,
    }
    assert values(tables["storage"]) == {
        "jauge_storage_size_bytes/tier/fs1": 10**13,
        "jauge_storage_available_bytes/tier/fs1": 4 * 10**12,
        "jauge_storage_used_bytes/tier/fs1": 6 * 10**12,
        "jauge_storage_size_bytes/tier/tape": 5 * 10**13,
        "jauge_storage_available_bytes/tier/tape": 10**12,
        "jauge_storage_used_bytes/tier/tape": 49 * 10**12,
    }


async def test_dcm4chee_tells_its_tasks_by_state() -> None:
    tables = await archive({"/storage": STORAGE} | TASKS)
    assert values(tables["export-failure"]) == {"jauge_pacs_jobs/export/failure": 7}
    assert values(tables["export-pending"]) == {"jauge_pacs_jobs/export/pending": 2}
    assert values(tables["export-running"]) == {"jauge_pacs_jobs/export/running": 1}
    assert tables["retrieve-failure"].reason == "unparsed"  # what it does not offer fails alone


PRINTED = {
    "version": "4.2",
    "channels": {
        "adt-in": {"waiting": 12, "oldest": 340, "received": 98123, "sent": 98101, "errors": 3},
        "lab-out": {"waiting": 0, "oldest": 0, "received": 7},
    },
}


def test_the_example_of_a_message_engine_reads_what_it_says() -> None:
    system = load_file(EXAMPLE, SystemFile)
    (command,) = system.commands.values()
    reading = command.read(json.dumps(PRINTED))
    read = {
        "/".join((metric.removeprefix("jauge_hl7_"), *(text for _, text in pairs))): value
        for (metric, pairs), value in zip(reading.series, reading.values, strict=True)
    }
    assert read == {
        "queue_depth/adt-in": 12, "oldest_message_age_seconds/adt-in": 340, "errors_total/adt-in": 3,
        "messages_total/adt-in/received": 98123, "messages_total/adt-in/sent": 98101,
        "queue_depth/lab-out": 0, "oldest_message_age_seconds/lab-out": 0, "messages_total/lab-out/received": 7,
    }  # fmt: skip
    assert system.facts("engine-channels", json.dumps(PRINTED)) == {
        "product": "Message engine",
        "version": "4.2",
    }


@pytest.mark.parametrize("output", ["", "no JSON", "[]", '{"version": "4.2"}'])
def test_an_engine_that_prints_otherwise_is_not_guessed_at(output: str) -> None:
    (command,) = load_file(EXAMPLE, SystemFile).commands.values()
    with pytest.raises(PollError):
        command.read(output)
