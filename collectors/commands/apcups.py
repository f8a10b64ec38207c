"""A UPS of APC at a machine that runs apcupsd.

STATUS   : ONLINE
LOADPCT  :   9.3 Percent Load Capacity
BCHARGE  : 100.0 Percent
TIMELEFT : 130.0 Minutes
TONBATT  : 0 seconds
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(recordings=("ups/apcaccess-status.txt",))

COMMAND: Final = "apcaccess status"

_FIGURES: Final = (
    ("jauge_ups_charge_ratio", "BCHARGE", "percent", 0.01),
    ("jauge_ups_runtime_seconds", "TIMELEFT", "minutes", 60.0),
    ("jauge_ups_on_battery_seconds", "TONBATT", "seconds", 1.0),
    ("jauge_ups_load_ratio", "LOADPCT", "percent", 0.01),
)
_FIGURE: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) +([A-Za-z]+)")
_STATES: Final = ("normal", "low")


def parse(output: str) -> Iterator[Sample]:
    """Charge, runtime, load and state of the battery. Nothing while apcupsd has lost its UPS: it repeats itself."""
    told: dict[str, str] = {}
    for line in output.splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            raise documents.unparsed(line)
        told[name.strip()] = value.strip()
    status = told.get("STATUS", "").split()
    if not status:
        raise PollError("empty_answer", "apcupsd tells no STATUS")
    if "COMMLOST" in status:
        raise PollError("empty_answer", "apcupsd has lost its UPS (COMMLOST)")
    for metric, name, unit, scale in _FIGURES:
        match = _FIGURE.match(told.get(name, ""))
        if match and match[2].lower() == unit:
            pairs = labels(line="1") if name == "LOADPCT" else ()
            yield Sample(metric, float(match[1]) * scale, pairs)
    state = "low" if "LOWBATT" in status else "normal"
    for each in _STATES:
        yield Sample("jauge_ups_battery_status", float(each == state), labels(state=each))
