"""What disks say of themselves, from smartctl 7 and later, which prints JSON: one document for each disk.

    {"device": {"name": "/dev/sda", "type": "sat"}, "smart_status": {"passed": true}, "temperature": {"current": 31},
     "ata_smart_attributes": {"table": [{"id": 5, "name": "Reallocated_Sector_Ct", "raw": {"value": 0}}]}}

A disk that sleeps is left asleep. The exit status of smartctl tells of errors of the disks, and is not one of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from collectors import documents
from collectors.documents import at, each, told
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(recordings=("disk/smartctl-nvme.json", "disk/smartctl-sat-hdd.json"))

COMMAND: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; l=$($s smartctl --scan) || exit; '
    'printf "%s\\n" "$l" | while read -r d o t x; do [ -z "$d" ] || '
    '$s smartctl --json=c -n standby -i -H -A -l devstat "$o" "$t" "$d"; :; done'
)

_SECONDS: Final = 3600
_REALLOCATED, _PENDING = 5, 197
_ENDURANCE: Final = "Percentage Used Endurance Indicator"


def parse(output: str) -> Iterator[Sample]:
    """Health, temperature, wear, sectors and errors of each disk, as far as it tells them."""
    found = documents.several(output)
    if not found:
        raise PollError("empty_answer", "smartctl found no disk")
    seen = set[str]()
    for disk in found:
        if not isinstance(at(disk, "device"), dict):
            raise PollError("unparsed", "smartctl printed something else than a disk")
        name = _name(disk)
        if name and name not in seen:
            seen.add(name)
            yield from _disk(disk, labels(disk=documents.label(name)))


def _name(disk: Any) -> str:
    """The device, with its number behind a RAID controller where it has one."""
    name, kind = at(disk, "device", "name"), at(disk, "device", "type")
    if not isinstance(name, str):
        return ""
    behind = f" {kind}" if isinstance(kind, str) and "," in kind else ""
    return name.removeprefix("/dev/") + behind


def _disk(disk: Any, pairs: Labels) -> Iterator[Sample]:
    passed = at(disk, "smart_status", "passed")
    if isinstance(passed, bool):
        yield Sample("jauge_disk_healthy", float(passed), pairs)
    attributes = {
        row.get("id"): at(row, "raw", "value") for row in each(disk, "ata_smart_attributes", "table")
    }
    health = at(disk, "nvme_smart_health_information_log")
    counters = each(disk, "scsi_error_counter_log")
    lost = [told(row.get("total_uncorrected_errors")) for row in counters]
    hours = told(at(disk, "power_on_time", "hours"))
    figures = {
        "jauge_disk_size_bytes": told(at(disk, "user_capacity", "bytes")),
        "jauge_disk_celsius": told(at(disk, "temperature", "current")),
        "jauge_disk_powered_seconds": None if hours is None else hours * _SECONDS,
        "jauge_disk_wear_ratio": _wear(disk),
        "jauge_disk_reallocated_sectors": _first(
            attributes.get(_REALLOCATED), at(disk, "scsi_grown_defect_list")
        ),
        "jauge_disk_pending_sectors": told(attributes.get(_PENDING)),
        "jauge_disk_errors": sum(known for known in lost if known is not None)
        if lost
        else told(at(health, "media_errors")),
    }
    for metric, figure in figures.items():
        if figure is not None and figure < float("inf"):
            yield Sample(metric, figure, pairs)


def _first(*values: Any) -> float | None:
    return next((figure for value in values if (figure := told(value)) is not None), None)


def _wear(disk: Any) -> float | None:
    statistics = (
        row.get("value")
        for page in each(disk, "ata_device_statistics", "pages")
        for row in each(page, "table")
        if row.get("name") == _ENDURANCE and at(row, "flags", "valid") is not False
    )
    used = _first(
        at(disk, "nvme_smart_health_information_log", "percentage_used"),
        at(disk, "scsi_percentage_used_endurance_indicator"),
        *statistics,
    )
    return None if used is None else min(used / 100, 1.0)
