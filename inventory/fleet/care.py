"""*Unsupported but in care*: workstations that patients are cared for with, and whose system nobody mends on a day.

A system of which nobody can tell whether it is mended counts as one that is not, and is listed with the reason.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from inventory.criticality import rank
from inventory.fleet.judging import Judged, runs_current, texts_of
from inventory.renewal import Renewal
from inventory.state.measures import Recorded

_UNSURE: Final = ("ended", "unknown")


class Compensation(NamedTuple):
    """A measure that holds for a machine: from the estate, or (`id`) from the state. `until` is its last day, None without one."""

    text: str
    who: str
    since: dt.date
    until: dt.date | None = None
    id: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Exposed:
    """A workstation in care that nobody mends, or of which nobody can tell, with the measures that hold on the day."""

    machine: Judged
    measures: tuple[Compensation, ...]

    @property
    def since(self) -> dt.date | None:
        """The first day without updates; None where nobody can tell."""
        machine = self.machine
        ended = machine.support.state == "ended" and machine.until is not None
        return machine.until + dt.timedelta(days=1) if ended and machine.until else None

    @property
    def why(self) -> str:
        """Why it is not upgraded, in English: its own dates, what it lacks for Windows 11, or that nothing speaks against it.

        What nobody tells of its system comes first: then nobody can tell that an upgrade is all that it needs.
        """
        machine, unsure = self.machine, self.machine.support.state == "unknown"
        if machine.console is not None:
            return machine.console.why
        if runs_current(machine.workstation):
            rest = "" if unsure else "runs Windows 11 already: a newer version of it is needed"
        elif machine.fitness.state == "fit":
            rest = "its hardware is fit for Windows 11" if unsure else "nothing speaks against Windows 11"
        else:
            rest = "; ".join(machine.fitness.reasons)
        return "; ".join(part for part in (machine.support.told if unsure else "", rest) if part)


@dataclasses.dataclass(frozen=True, slots=True)
class Care:
    """The list of a day: those without a measure first, then the most critical, then those that waited longest.

    `machines` is how many are in care at all; `declared` whether the estate says of any class that it is.
    """

    day: dt.date
    machines: int
    declared: bool
    exposed: tuple[Exposed, ...]

    @property
    def uncovered(self) -> tuple[Exposed, ...]:
        """Those for which no measure holds."""
        return tuple(one for one in self.exposed if not one.measures)


def listed(judged: Iterable[Judged], renewal: Renewal, recorded: Sequence[Recorded], day: dt.date) -> Care:
    """The list of a day, of machines judged on it. A machine in stock cares for nobody."""
    mine = [one for one in judged if one.use.care and one.in_use]
    of = _by_machine(recorded)
    exposed = [Exposed(one, _measures(one, renewal, of, day)) for one in mine if one.support.state in _UNSURE]
    declared = any(use.care for use in renewal.classes)
    return Care(day, len(mine), declared, tuple(sorted(exposed, key=_order)))


def _by_machine(recorded: Sequence[Recorded]) -> Mapping[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = {}
    for one in recorded:
        found.setdefault(one.machine, []).append(one)
    return found


def _measures(
    one: Judged, renewal: Renewal, of: Mapping[str, list[Recorded]], day: dt.date
) -> tuple[Compensation, ...]:
    texts = texts_of(one.workstation, renewal)
    written = [
        Compensation(each.text, each.who, each.day)
        for each in renewal.measures
        if each.day <= day and each.fits.match(texts)
    ]
    # A machine whose serial number became known later was called by its name before.
    keys = dict.fromkeys((one.workstation.key, f"name:{one.workstation.name.casefold()}"))
    kept = [
        Compensation(each.text, each.who, each.since, each.until, each.id)
        for key in keys
        for each in of.get(key, ())
        if each.holds(day)
    ]
    return (*written, *kept)


def _order(one: Exposed) -> tuple[object, ...]:
    machine = one.machine
    place = (machine.workstation.site or "", machine.workstation.service or "", machine.workstation.name)
    return (
        bool(one.measures), rank(machine.use.criticality), _UNSURE.index(machine.support.state),
        one.since or dt.date.max, *place,
    )  # fmt: skip
