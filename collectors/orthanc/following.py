"""Following an Orthanc: its series are looked at once each, and again when its change log says so.

A first pass over a large archive goes on over many polls. Orthanc logs no deletions: where its count of series is
another than ours, its list of series is gone through again, and what is not in it is looked up.

/changes?since=4&limit=2   {"Changes": [{"ChangeType": "NewSeries", "ID": "a408fad1-...", "Seq": 5}], "Done": true, "Last": 5}
/series?since=0&limit=2    ["a408fad1-...", "e822dc75-..."]
/series/{id}               {"ParentStudy": "7b412482-...", "Instances": ["954f05c1-..."], "MainDicomTags": {"Modality": "CT"}}
/series/{id}/statistics    {"DiskSize": "26922", ...}
/instances/{id}/content/0008-0020    20260105: this element alone, as /studies/{id} would name the patient
"""

from __future__ import annotations

import re
import time
from typing import Any, Final

from collectors import documents
from collectors.orthanc.client import Client
from collectors.orthanc.ledger import Ledger, year
from collectors.poll import PollError, Reading, StatusError
from inventory.metrics import Sample

SERIES_CAP: Final = 250_000
"""Series of an archive that is followed: each takes some 300 bytes of memory."""

PER_POLL: Final = 150
"""Series that are looked at in one poll: two or three requests each."""

PAGE: Final = 1000
PAGES: Final = 20
"""Pages of the change log, and of the list of series, in one poll."""

SHARE: Final = 0.5
"""Share of the time that is left which following may take: it has all day."""

LAG: Final = 0.01
"""Share of the series that may wait to be looked at while figures are told."""

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")
_CHANGED: Final = ("NewSeries", "StableSeries")


class Archive:
    """How far one archive was followed."""

    def __init__(self) -> None:
        self.identity: tuple[str, ...] | None = None
        self.deleted = 0
        self._begin()

    def _begin(self) -> None:
        self.ledger = Ledger()
        self.seen_change: int | None = None
        self.waiting: dict[int, None] = {}
        self.offset: int | None = 0
        self._listed: set[int] = set()
        self._odds = 0
        self.complete = False

    def meet(self, identity: tuple[str, ...]) -> None:
        """Begin anew where this is another archive than before."""
        if self.identity not in (None, identity):
            self._begin()
        self.identity = identity

    def change(self, document: Any) -> bool:
        """Take over a page of the change log. True where it was the last one."""
        last, changes = documents.number(document, "Last"), document.get("Changes")
        if not isinstance(changes, list):
            raise PollError("unparsed", "/changes has no list of changes")
        if self.seen_change is not None and last < self.seen_change:
            self._begin()  # the archive was made anew: its log counts from 1 again
            return False
        for change in changes:
            if isinstance(change, dict) and change.get("ChangeType") in _CHANGED:
                changed = key(change.get("ID"))
                self.waiting[changed] = None
                self._listed.add(changed)
        self.seen_change = int(last)
        return not changes or document.get("Done") is not False

    def list(self, page: Any) -> None:
        """Take over a page of the list of series: at its end what was not in it is to be looked up."""
        if not isinstance(page, list) or self.offset is None:
            raise PollError("unparsed", "/series is no list")
        for name in page:
            listed = key(name)
            self._listed.add(listed)
            if listed not in self.ledger:
                self.waiting.setdefault(listed)
        self.offset += len(page)
        if len(page) < PAGE:
            self.waiting |= dict.fromkeys(known for known in self.ledger.keys() if known not in self._listed)  # noqa: SIM118 - a ledger is no mapping
            self.offset, self._listed, self.complete = None, set(), True

    def compare(self, series: int) -> None:
        """Go through the list again where the archive counts other series than we do, by as many as the poll before.

        Series that come while we look make another difference each time.
        """
        odds = series - len(self.ledger) if self.offset is None and not self.waiting else 0
        if odds and odds == self._odds:
            self.offset = 0
        self._odds = odds

    def reading(self, series: int) -> Reading:
        """What is known: the figures only where they are of all series, but for a few that are new."""
        known = len(self.ledger)
        samples = [
            Sample("jauge_pacs_followed_ratio", min(1.0, known / series) if series else 1.0),
            Sample("jauge_pacs_series_deleted_total", float(self.deleted)),
        ]
        if self.complete and len(self.waiting) <= LAG * max(known, series):
            return Reading.of([*samples, *self.ledger.samples()], rows=known)
        note = f"{known} of {series} series were looked at: figures by modality and year follow when all were"
        reading = Reading.of(samples, rows=known)
        return Reading(reading.series, reading.values, reading.rows, notes=(note,))


def key(name: Any) -> int:
    """The key of a resource: its identifier is a hash in hexadecimal, in five groups."""
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise PollError("unparsed", "a resource without an identifier of Orthanc's form")
    return int(name.replace("-", ""), 16)


def name_of(key: int) -> str:
    """The identifier of a resource.

    >>> name_of(key("954f05c1-a2443785-5500377a-605e8261-de04a84f"))
    '954f05c1-a2443785-5500377a-605e8261-de04a84f'
    """
    digits = f"{key:040x}"
    return "-".join(digits[start : start + 8] for start in range(0, 40, 8))


async def follow(client: Client) -> Reading:
    """Follow the archive for a while, and tell what it keeps by modality and year. Raises PollError."""
    end = time.monotonic() + SHARE * max(0.0, client.end - time.monotonic())
    archive = client.memory.recall(Archive)
    system = await client.get("/system")
    if not isinstance(system, dict):
        raise PollError("unparsed", "/system is no object")
    archive.meet(tuple(str(system.get(name)) for name in ("Name", "DicomAet")))
    series = await _count(client)
    if series > SERIES_CAP:
        raise PollError("capped", f"{series} series: an archive of more than {SERIES_CAP} is not followed")
    await _hear(client, archive, end)
    await _list(client, archive, end)
    await _look(client, archive, end)
    series = await _count(client)
    archive.compare(series)
    await _list(client, archive, end)
    await _look(client, archive, end)
    return archive.reading(series)


async def _count(client: Client) -> int:
    return int(documents.number(await client.look("/statistics"), "CountSeries"))


async def _hear(client: Client, archive: Archive, end: float) -> None:
    """Read on in the change log."""
    for _ in range(PAGES):
        if archive.seen_change is None:
            # What was changed before is in the list of series.
            archive.seen_change = int(documents.number(await client.look("/changes?last"), "Last"))
            return
        page = await client.look(f"/changes?since={archive.seen_change}&limit={PAGE}")
        if archive.change(page) or time.monotonic() > end:
            return


async def _list(client: Client, archive: Archive, end: float) -> None:
    """Go on through the list of series, where that is to be done."""
    for _ in range(PAGES):
        if archive.offset is None or time.monotonic() > end:
            return
        archive.list(await client.look(f"/series?since={archive.offset}&limit={PAGE}"))


async def _look(client: Client, archive: Archive, end: float) -> None:
    """Look at series that wait for it."""
    for _ in range(PER_POLL):
        if not archive.waiting or time.monotonic() > end:
            return
        wanted = next(iter(archive.waiting))
        try:
            await _enter(client, archive.ledger, wanted)
        except StatusError as error:
            if error.status != 404:
                raise
            archive.deleted += archive.ledger.remove(wanted)
        archive.waiting.pop(wanted, None)


async def _enter(client: Client, ledger: Ledger, wanted: int) -> None:
    """Enter one series. Raises PollError, with HTTP 404 where it is gone."""
    path = f"/series/{name_of(wanted)}"
    series = await client.look(path)
    if not isinstance(series, dict):
        raise PollError("unparsed", "a series is no object")
    size = documents.number(await client.look(f"{path}/statistics"), "DiskSize")
    tags, instances = series.get("MainDicomTags"), series.get("Instances")
    study = key(series.get("ParentStudy"))
    told = ""
    if not ledger.dated(study) and isinstance(instances, list) and instances:
        told = await _date(client, name_of(key(instances[0])))
    modality = tags.get("Modality") if isinstance(tags, dict) else None
    ledger.put(wanted, str(modality or ""), study, int(size), year(told))


async def _date(client: Client, instance: str) -> str:
    """The date of a study, empty where it has none."""
    try:
        return await client.peek(f"/instances/{instance}/content/0008-0020")
    except StatusError as error:
        if error.status == 404:  # no such element; or gone, which the next request says
            return ""
        raise
