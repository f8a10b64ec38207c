"""Each workstation as it stands on a day: its class of use, its support, whether it can run Windows 11."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inventory import fitness, processors
from inventory.fitness import Fitness
from inventory.imports import snapshots
from inventory.imports.snapshots import Snapshot
from inventory.lifecycle import outlook
from inventory.lifecycle.support import Support
from inventory.processors import Processors
from inventory.renewal import Console, Renewal, UseClass
from inventory.state import State
from inventory.workstations import OUT, Workstation


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A workstation on a day. `system` is what it runs as the catalogue has it, else as it was told; `until` the last day on
    which it is mended, None where nobody can tell; `console` says where it keeps dates of its own."""

    workstation: Workstation
    use: UseClass
    system: str
    support: Support
    until: dt.date | None
    fitness: Fitness
    console: Console | None

    @property
    def in_use(self) -> bool:
        """Whether somebody works with it, as far as the inventory tells: a machine in stock waits."""
        return self.workstation.state not in {*OUT, "stock"}


class Seen(NamedTuple):
    """What is known of the workstations on a day: the snapshot that tells it, and the lists of processors (None without any)."""

    snapshot: Snapshot
    listed: Processors | None

    def judge(self, renewal: Renewal, day: dt.date) -> list[Judged]:
        """Its machines on a day."""
        return judge(self.snapshot.workstations, renewal, self.listed, day)


def look(state: State, day: dt.date, timezone: dt.tzinfo) -> Seen | None:
    """What is known of a day: the inventory as it stood at its end, the newest for days to come and for those before the
    first import. None where nothing was imported yet."""
    snapshot = snapshots.on(state, day, timezone) or snapshots.latest(state)
    return None if snapshot is None else Seen(snapshot, processors.load(state))


def judge(
    workstations: Iterable[Workstation], renewal: Renewal, listed: Processors | None, day: dt.date
) -> list[Judged]:
    """The machines that are in use or may be again, in their order. Updates that are sold count as bought by nobody."""
    kept = [one for one in workstations if one.state not in OUT]
    rules, known = _Rules(renewal), dict[tuple[object, ...], Fitness]()
    found = list[Judged]()
    for one, standing in zip(kept, outlook.stand(outlook.of_workstations(kept), day), strict=True):
        key = (one.cpu, one.memory, one.disk, one.firmware, one.tpm, one.os, one.edition, one.os_version)
        if key not in known:
            known[key] = fitness.judge(one, listed)
        use, console = rules.of(one)
        found.append(Judged(one, use, standing.system, standing.support, standing.until, known[key], console))
    return found


def again(judged: Sequence[Judged], day: dt.date) -> list[Judged]:
    """The same machines on another day: nothing but their support is otherwise."""
    seen = outlook.stand(outlook.of_workstations([one.workstation for one in judged]), day)
    return [
        dataclasses.replace(one, support=standing.support, until=standing.until)
        for one, standing in zip(judged, seen, strict=True)
    ]


class _Rules:
    """Class and console of machines: those that are alike in all that the rules look at are looked up once."""

    def __init__(self, renewal: Renewal) -> None:
        self._renewal = renewal
        fits = [*(use.fits for use in renewal.classes), *(console.fits for console in renewal.consoles)]
        self._fields = sorted({field for each in fits for field in each.asked})
        self._known: dict[tuple[str | None, ...], tuple[UseClass, Console | None]] = {}

    def of(self, one: Workstation) -> tuple[UseClass, Console | None]:
        """What a machine is for, and what says that it keeps dates of its own."""
        key = tuple(getattr(one, field, None) for field in self._fields)
        if key not in self._known:
            texts = texts_of(one, self._renewal)
            console = next((each for each in self._renewal.consoles if each.fits.match(texts)), None)
            self._known[key] = self._renewal.use_class(str(texts["class"])), console
        return self._known[key]


def texts_of(one: Workstation, renewal: Renewal) -> dict[str, str | None]:
    """What rules of the estate look at: the texts of a machine, and its class."""
    texts: dict[str, str | None] = {
        "name": one.name, "serial": one.serial, "site": one.site, "service": one.service, "place": one.place,
        "kind": one.kind, "maker": one.maker, "model": one.model,
    }  # fmt: skip
    texts["class"] = renewal.classify(texts)
    return texts


def runs_current(one: Workstation) -> bool:
    """Whether Windows 11 runs on it, of any version."""
    return "windows 11" in (one.os or "").casefold()
