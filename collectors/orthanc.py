"""Orthanc over its REST interface: what it is, and how much it keeps. Counts only, never an identity.

/system       {"Version": "1.10.1", "Name": "TEST", ...}
/statistics   {"CountPatients": 2, "TotalDiskSize": "89740", ...}    sizes are strings
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from collectors import documents
from collectors.poll import PollError, Reading
from inventory.metrics import Sample

STATISTICS: Final = {
    "CountPatients": "jauge_pacs_patients",
    "CountStudies": "jauge_pacs_studies",
    "CountSeries": "jauge_pacs_series",
    "CountInstances": "jauge_pacs_instances",
    "TotalDiskSize": "jauge_pacs_stored_bytes",
    "TotalUncompressedSize": "jauge_pacs_uncompressed_bytes",
}


class Client(Protocol):
    """What the readers need of `collectors.http.families.Interface`."""

    facts: dict[str, str]

    async def get(self, path: str) -> Any: ...


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


TABLES: Final[dict[str, Callable[[Client], Awaitable[Reading]]]] = {
    "system": system,
    "statistics": statistics,
}
