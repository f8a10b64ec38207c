"""What the program knows of its workstations: the newest inventory judged, and how its roll-outs stand."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final, NamedTuple

from forecasting import deploying
from forecasting.deploying import Followed
from inventory.fleet import care, counts, judging
from inventory.fleet.care import Care, Exposed
from inventory.fleet.counts import Counts, Ended, Moved
from inventory.fleet.judging import Judged, Seen
from inventory.imports import lives, snapshots
from inventory.imports.snapshots import Changes
from inventory.renewal import Renewal
from inventory.state import State, measures

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Fleet(NamedTuple):
    """The fleet of a day. `now` and `later` are the machines in use, in one order, judged on the day and a year after it."""

    day: dt.date
    zone: dt.tzinfo
    seen: Seen
    now: list[Judged]
    later: list[Judged]
    counts: Counts
    care: Care
    imports: int
    changes: Changes | None
    ended: Ended | None
    moved: Moved | None
    rollouts: list[Followed]

    @property
    def later_day(self) -> dt.date:
        """A year after the day."""
        return self.day + counts.YEAR


def known(state: State, renewal: Renewal, today: dt.date, timezone: dt.tzinfo) -> Fleet | None:
    """How the fleet stands today; None where nothing was imported yet. Raises StateError."""
    found = stood(state, renewal, today, timezone, today)
    if found is None:
        return None
    changes = snapshots.changes(state)
    return found._replace(
        imports=len(snapshots.history(state)),
        changes=changes,
        ended=counts.ended(lives.lives(state, timezone), today, found.counts.states),
        moved=_moved(state, changes, today, timezone),
        rollouts=deploying.followed(renewal, state, today, timezone),
    )


def stood(state: State, renewal: Renewal, today: dt.date, timezone: dt.tzinfo, on: dt.date) -> Fleet | None:
    """The fleet as it is known today, judged on a day: of imports, ends and roll-outs nothing is said."""
    seen = judging.look(state, today, timezone)
    if seen is None:
        return None
    now = seen.judge(renewal, on)
    later = judging.again(now, on + counts.YEAR)
    counted = counts.count(seen.snapshot.workstations, now, later, on)
    listed = care.listed(now, renewal, measures.listed(state), on)
    return Fleet(on, timezone, seen, now, later, counted, listed, 0, None, None, None, [])


def asked(text: str) -> dt.date | None:
    """A day as an address has it; None where it is none, or no year follows it."""
    try:
        found = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and found.year < dt.MAXYEAR else None


def _moved(state: State, changes: Changes | None, today: dt.date, timezone: dt.tzinfo) -> Moved | None:
    """None before a second import, which alone can tell."""
    if changes is None or changes.before is None:
        return None
    last = dt.datetime.fromtimestamp(changes.at, timezone).date()
    return counts.moved(lives.moves(state, timezone), last, today)


def in_care(state: State, renewal: Renewal, day: dt.date, timezone: dt.tzinfo) -> tuple[Seen, Care] | None:
    """The list *unsupported but in care* of a day; None where nothing was imported yet."""
    seen = judging.look(state, day, timezone)
    if seen is None:
        return None
    return seen, care.listed(seen.judge(renewal, day), renewal, measures.listed(state), day)


def record(one: Judged, after: Judged) -> dict[str, Any]:
    """A machine for exports: what the inventory says of it but who uses it, and how it stands on the day and a year after it."""
    machine = one.workstation
    return {
        "name": machine.name, "serial": machine.serial, "asset": machine.asset, "state": machine.state,
        "site": machine.site, "service": machine.service, "place": machine.place, "class": one.use.title or one.use.name,
        "criticality": one.use.criticality, "care": one.use.care, "kind": machine.kind, "maker": machine.maker,
        "model": machine.model, "purchased": machine.purchased, "warranty": machine.warranty, "price": machine.price,
        "os": machine.os, "edition": machine.edition, "os_version": machine.os_version, "system": one.system or None,
        "support": one.support.state, "supported_until": one.until, "support_reason": one.support.told or None,
        "support_later": after.support.state, "fitness": one.fitness.state, "fitness_reasons": "; ".join(one.fitness.reasons) or None,
        "cpu": machine.cpu, "memory": machine.memory, "disk": machine.disk, "tpm": machine.tpm, "firmware": machine.firmware,
        "console_until": one.console.until if one.console else None,
    }  # fmt: skip


def exposed(one: Exposed) -> dict[str, Any]:
    """A machine of the care list for exports."""
    judged = one.machine
    machine = judged.workstation
    return {
        "name": machine.name, "serial": machine.serial, "site": machine.site, "service": machine.service,
        "place": machine.place, "class": judged.use.title or judged.use.name, "criticality": judged.use.criticality,
        "system": judged.system or None, "os_version": machine.os_version, "support": judged.support.state,
        "since": one.since, "support_reason": judged.support.told or None, "fitness": judged.fitness.state, "why": one.why,
        "console_until": judged.console.until if judged.console else None,
        "measures": [each._asdict() for each in one.measures],
    }  # fmt: skip
