"""RAID controllers of Broadcom (LSI MegaRAID, Dell PERC, Lenovo ServeRAID), from storcli and perccli, or from MegaCli.

    {"Controllers": [{"Command Status": {"Controller": 0}, "Response Data": {
       "Status": {"Controller Status": "Optimal"}, "VD LIST": [{"DG/VD": "0/0", "State": "Optl"}],
       "PD LIST": [{"EID:Slt": "252:0", "State": "Onln"}], "BBU_Info": [{"State": "Optimal"}]}}]}

    Adapter #0
    Virtual Drive: 0 (Target Id: 0)
    State               : Optimal
    Enclosure Device ID: 32
    Slot Number: 0
    Firmware state: Online, Spun Up

A drive is named CONTROLLER:ENCLOSURE:SLOT, a virtual drive CONTROLLER:NUMBER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from collectors import documents
from collectors.documents import at, each, told
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(
    recordings=(
        "raid/megacli-PDlist-set1.txt",
        "raid/megacli-PDlist-set3.txt",
        "raid/megacli-pdlist.txt",
        "raid/storcli-megaraid-controllers.json",
        "raid/storcli-megaraid-drives.json",
    )
)

STORCLI: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; for t in storcli64 storcli perccli64 perccli; do '
    "$s $t /call show all J && { $s $t /call/eall/sall show all J; break; }; done"
)
MEGACLI: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; for t in megacli MegaCli64 MegaCli; do '
    "$s $t -LDInfo -Lall -aAll -NoLog && { $s $t -PDList -aAll -NoLog; break; }; done"
)
"""Without -NoLog it would write a log into the folder where it runs."""

_WELL: Final = ("optimal", "optl", "ok")
_DEGRADED: Final = ("degraded", "partially degraded", "dgrd", "pdgd", "rec")
_SERVING: Final = ("onln", "ugood", "ghs", "dhs", "jbod", "rbld", "cpybck", "conf")
_ONLINE: Final = ("online", "hotspare", "unconfigured(good)", "jbod", "rebuild", "copyback")
_DETAILS: Final = re.compile(r"Drive /c(\d{1,4})(?:/e(\d{1,5}))?/s(\d{1,5}) - Detailed Information")
_CELSIUS: Final = re.compile(r"\s*([0-9]{1,3})C\b")


# --- storcli ----------------------------------------------------------------------------------------------


def parse_storcli(output: str) -> Iterator[Sample]:
    """Controllers, batteries, virtual and physical drives of all documents that were printed."""
    found = documents.several(output)
    controllers = [row for one in found for row in each(one, "Controllers")]
    if not controllers:
        raise PollError("unparsed" if found else "empty_answer", "storcli named no controller")
    drives: dict[str, dict[str, Any]] = {}
    for row in controllers:
        number, data = at(row, "Command Status", "Controller"), at(row, "Response Data")
        if not isinstance(data, dict):
            continue
        yield from _controller(str(number), data)
        for drive in each(data, "PD LIST"):
            drives.setdefault(_drive(number, drive), {})["State"] = drive.get("State")
        for key, details in data.items():
            if match := _DETAILS.fullmatch(key):
                name = ":".join(part or "" for part in match.groups())
                drives.setdefault(name, {}).update(_details(key, details, data))
    for name, facts in drives.items():
        yield from _disk(labels(disk=documents.label(name)), facts)


def _drive(number: Any, drive: dict[str, Any]) -> str:
    return f"{number}:{str(drive.get('EID:Slt', '')).strip()}"


def _details(key: str, details: Any, data: dict[str, Any]) -> dict[str, Any]:
    """State and counters of a drive, from the two places where they stand."""
    place = key.removesuffix(" - Detailed Information")
    found = (
        dict(at(details, f"{place} State") or {}) if isinstance(at(details, f"{place} State"), dict) else {}
    )
    listed = each(data, place)
    return found | ({"State": listed[0].get("State")} if listed else {})


def _controller(number: str, data: dict[str, Any]) -> Iterator[Sample]:
    pairs = labels(controller=documents.label(number))
    status = at(data, "Status", "Controller Status")
    if isinstance(status, str):
        yield Sample("jauge_controller_healthy", float(status.strip().lower() in _WELL), pairs)
    batteries = [row.get("State") for key in ("BBU_Info", "Cachevault_Info") for row in each(data, key)]
    if batteries and all(isinstance(state, str) for state in batteries):
        well = all(str(state).strip().lower() in _WELL for state in batteries)
        yield Sample("jauge_controller_battery_healthy", float(well), pairs)
    for row in each(data, "VD LIST"):
        volume = str(row.get("DG/VD", "")).rpartition("/")[2]
        yield from _array(labels(array=documents.label(f"{number}:{volume}")), row.get("State"))


def _array(pairs: Labels, state: Any) -> Iterator[Sample]:
    if isinstance(state, str) and state.strip():
        word = state.strip().lower()
        yield Sample("jauge_raid_healthy", float(word in _WELL), pairs)
        yield Sample("jauge_raid_degraded", float(word in _DEGRADED), pairs)


def _disk(pairs: Labels, facts: dict[str, Any]) -> Iterator[Sample]:
    state = facts.get("State")
    if isinstance(state, str) and state.strip():
        warned = str(facts.get("S.M.A.R.T alert flagged by drive", "No")).strip() == "Yes"
        well = state.strip().lower() in _SERVING and not warned
        yield Sample("jauge_disk_healthy", float(well), pairs)
    if warm := _CELSIUS.match(str(facts.get("Drive Temperature", ""))):
        yield Sample("jauge_disk_celsius", float(warm[1]), pairs)
    errors = told(facts.get("Media Error Count"))
    if errors is not None:
        yield Sample("jauge_disk_errors", errors, pairs)


# --- MegaCli ----------------------------------------------------------------------------------------------


def parse_megacli(output: str) -> Iterator[Sample]:
    """Virtual and physical drives, each once: a drive of several arrays is listed below each."""
    adapter, enclosure, place = "", "", dict[str, str]()
    volumes, drives = dict[str, dict[str, str]](), dict[str, dict[str, str]]()
    for line in output.splitlines():
        name, _, value = (part.strip() for part in line.partition(":"))
        if match := re.match(r"Adapter #?(\d{1,4})", line):
            adapter, place = match[1], {}
        elif line.strip() and not adapter and "Exit Code" not in line:
            raise documents.unparsed(line)
        elif name == "Virtual Drive":
            place = volumes.setdefault(f"{adapter}:{value.split(' ')[0]}", {})
        elif name == "Enclosure Device ID":
            enclosure = "" if value == "N/A" else value
        elif name == "Slot Number":
            place = drives.setdefault(f"{adapter}:{enclosure}:{value}", {})
        else:
            place.setdefault(name, value)
    if not adapter:
        raise PollError("empty_answer", "MegaCli named no adapter")
    for name, facts in volumes.items():
        yield from _array(labels(array=documents.label(name)), facts.get("State"))
    for name, facts in drives.items():
        yield from _megacli_disk(labels(disk=documents.label(name)), facts)


def _megacli_disk(pairs: Labels, facts: dict[str, str]) -> Iterator[Sample]:
    if state := facts.get("Firmware state", "").lower():
        warned = facts.get("Drive has flagged a S.M.A.R.T alert", "No") == "Yes"
        yield Sample("jauge_disk_healthy", float(state.startswith(_ONLINE) and not warned), pairs)
    if warm := _CELSIUS.match(facts.get("Drive Temperature", "")):
        yield Sample("jauge_disk_celsius", float(warm[1]), pairs)
    errors = told(facts.get("Media Error Count"))
    if errors is not None:
        yield Sample("jauge_disk_errors", errors, pairs)
