"""Each workstation as it stands on a day: its class of use, its support, whether it can run Windows 11."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple

from inventory import fitness, processors
from inventory.fitness import Fitness
from inventory.imports import snapshots
from inventory.imports.snapshots import Snapshot
from inventory.lifecycle import outlook
from inventory.lifecycle.support import Support
from inventory.processors import Processors
from inventory.renewal import Console, Renewal, UseClass
from inventory.state import State
from inventory.workstations import Workstation

OUT: Final = frozenset({"failed", "retired"})
"""States of machines that are of no use any more."""


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
    seen = outlook.stand(outlook.of_workstations(kept), day)
    known: dict[tuple[object, ...], Fitness] = {}
    found = list[Judged]()
    for one, standing in zip(kept, seen, strict=True):
        texts = texts_of(one, renewal)
        key = (one.cpu, one.memory, one.disk, one.firmware, one.tpm, one.os, one.edition, one.os_version)
        if key not in known:
            known[key] = fitness.judge(one, listed)
        use = renewal.use_class(str(texts["class"]))
        console = next((each for each in renewal.consoles if each.fits.match(texts)), None)
        found.append(Judged(one, use, standing.system, standing.support, standing.until, known[key], console))
    return found


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
