"""RAID controllers of HP and HPE (Smart Array), from ssacli and the hpssacli and hpacucli before it.

    Smart Array P440ar in Slot 0 (Embedded)
       Controller Status: OK
       Array: A
          Logical Drive: 1
             Status: OK
          physicaldrive 1I:1:1
             Status: OK
             Current Temperature (C): 27

What lies deeper belongs to what stands above. A drive is named SLOT:PORT:BOX:BAY, a logical drive SLOT:NUMBER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(
    recordings=(
        "raid/hpacucli-storage-1.txt",
        "raid/hpacucli-storage-2.txt",
        "raid/ssacli-P400ar.txt",
        "raid/ssacli-P408i-a.txt",
    )
)

COMMAND: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s ssacli ctrl all show config detail || '
    "$s hpssacli ctrl all show config detail || $s hpacucli ctrl all show config detail"
)

_CONTROLLER: Final = re.compile(r"(?:HPE? )?(?:Smart|Dynamic) .* in Slot (\d{1,4})\b")
_PART: Final = re.compile(
    r"(\s+)(?:(physicaldrive) (\S+)|(Logical Drive): (\d{1,5})|(Array):? (\S+)|(Sensor ID): (\d{1,5}))\s*\Z"
)
_LISTED: Final = re.compile(r"\s+(physicaldrive|logicaldrive) (\S+) \((.*)\)\s*\Z")
_SERVING: Final = ("ok", "rebuilding", "recovering")
_DEGRADED: Final = (
    "interim recovery",
    "recovering",
    "ready for recovery",
    "ready for rebuild",
    "waiting for rebuild",
)
_DONE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)% complete")


class _Part(NamedTuple):
    """Whose attributes the lines below are."""

    kind: str
    name: str
    depth: int


def parse(output: str) -> Iterator[Sample]:
    """Controllers, their cache batteries, logical and physical drives."""
    slot, part, told = "", _Part("", "", -1), dict[tuple[str, str], dict[str, str]]()
    for line in output.splitlines():
        if found := _CONTROLLER.match(line):
            slot = found[1]
            part = _Part("controller", slot, 0)
            told.setdefault(("controller", slot), {})
        elif slot and (opened := _PART.match(line)):
            kind, name = (word for word in opened.groups()[1:] if word)
            part = _Part(kind, f"{slot}:{name}", len(opened[1]))
            told.setdefault((part.kind, part.name), {})
        elif slot and (listed := _LISTED.match(line)):
            kind = "physicaldrive" if listed[1] == "physicaldrive" else "Logical Drive"
            told.setdefault((kind, f"{slot}:{listed[2]}"), {}).setdefault("Status", _listed(listed[3]))
        elif slot and ":" in line:
            if len(line) - len(line.lstrip()) <= part.depth:
                part = _Part("controller", slot, 0)
            name, _, value = line.partition(":")
            told.setdefault((part.kind, part.name), {}).setdefault(name.strip(), value.strip())
    if not told:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "there is no controller")
        )
    for (kind, name), facts in told.items():
        yield from _KINDS.get(kind, _nothing)(name, facts)


def _listed(text: str) -> str:
    """The status in a list such as "port 1I:box 1:bay 1, SATA SSD, 1.9 TB, OK"."""
    parts = [part.strip() for part in text.split(",")]
    known = (
        part for part in parts if part.lower().startswith((*_SERVING, *_DEGRADED, "failed", "predictive"))
    )
    return next(known, parts[-1])


def _nothing(_name: str, _facts: dict[str, str]) -> Iterator[Sample]:
    return iter(())


def _controller(name: str, facts: dict[str, str]) -> Iterator[Sample]:
    pairs = labels(controller=name)
    for metric, word in (
        ("jauge_controller_healthy", "Controller Status"),
        ("jauge_controller_battery_healthy", "Battery/Capacitor Status"),
    ):
        if word in facts:
            yield Sample(metric, float(facts[word].startswith("OK")), pairs)


def _logical(name: str, facts: dict[str, str]) -> Iterator[Sample]:
    status = facts.get("Status", "").lower()
    pairs = labels(array=documents.label(name))
    if status:
        yield Sample("jauge_raid_healthy", float(status.startswith("ok")), pairs)
        yield Sample("jauge_raid_degraded", float(status.startswith(_DEGRADED)), pairs)
    if status.startswith("recovering") and (done := _DONE.search(status)):
        yield Sample("jauge_raid_rebuilt_ratio", min(float(done[1]) / 100, 1.0), pairs)


def _physical(name: str, facts: dict[str, str]) -> Iterator[Sample]:
    pairs = labels(disk=documents.label(name))
    if status := facts.get("Status", "").lower():
        tripped = facts.get("SSD Smart Trip Wearout") == "True"
        yield Sample("jauge_disk_healthy", float(status.startswith(_SERVING) and not tripped), pairs)
    yield from _figure("jauge_disk_celsius", facts.get("Current Temperature (C)"), pairs)
    left = _number(facts.get("Usage remaining", "").removesuffix("%"))
    if left is not None and left <= 100:
        yield Sample("jauge_disk_wear_ratio", (100 - left) / 100, pairs)
    hours = _number(facts.get("Power On Hours", ""))
    if hours is not None:
        yield Sample("jauge_disk_powered_seconds", hours * 3600, pairs)


def _figure(metric: str, text: str | None, pairs: Labels) -> Iterator[Sample]:
    figure = _number(text or "")
    if figure is not None:
        yield Sample(metric, figure, pairs)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text) else None


_KINDS: Final = {"controller": _controller, "Logical Drive": _logical, "physicaldrive": _physical}
