"""What Jauge knows of itself: its processes, its files, and what is amiss in them."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Final, NamedTuple

from dashboard.data.files import PLAN, STATE, Fault
from dashboard.data.targets import Targets
from exporters import digested, pulse, supervision
from exporters.digested import Digested
from exporters.plan.outlooks import Outlooks
from exporters.pulse import Pulse
from exporters.supervision import Supervision
from inventory.people.erasing import COPIED
from inventory.state import State, audit

COLLECTOR: Final = pulse.FILE


class File(NamedTuple):
    """One of our files: the bytes that it takes, and by how many it grew a day, None where that is not known yet."""

    name: str
    size: int
    growth: float | None


class Room(NamedTuple):
    """The disk of the data, in bytes."""

    size: int
    free: int


class Failures(NamedTuple):
    """Why tables and commands failed: how often since the collector started, and on how many targets at their last poll."""

    reason: str
    times: int
    targets: int


class Own(Targets):
    """The processes and files of Jauge."""

    def pulse(self) -> Pulse:
        """What the collector last said of itself; empty (`at` is None) where there is none, or it cannot be read."""
        return self._remember("pulse", (COLLECTOR,), Pulse(), lambda: pulse.read(self.folder / COLLECTOR))

    def faults(self) -> list[Fault]:
        """The files that could not be read when they were last asked, and those that the collector saw and that are gone."""
        found = super().faults()
        told = {fault.file for fault in found}
        gone = [self.folder / name for name in self.pulse().gone if name not in told]
        return found + [
            Fault(path.name, f"{path} was there, and is gone or empty: put it back, or restore a backup", 0.0)
            for path in gone
            if not pulse.is_there(path)
        ]

    def beats(self) -> bool | None:
        """Whether the collector runs now; None where it never did with these files."""
        at = self.pulse().at
        return None if at is None else self.clock() - at <= pulse.SILENT

    def supervision(self) -> Supervision | None:
        """How `jauge start` stands, and what it started again; None where it does not supervise, or its file cannot be read."""
        none: Supervision | None = None
        path = self.folder / supervision.FILE
        told = self._remember("supervision", (path.name,), none, lambda: supervision.read(path, self.clock()))
        return told if told is not None and self.clock() - told.at <= supervision.SILENT else None

    def digested(self) -> Digested | None:
        """The last run of `jauge digest`; None where there was none, or its file cannot be read."""
        none: Digested | None = None
        path = self.folder / digested.FILE
        return self._remember("digested", (path.name,), none, lambda: digested.read(path))

    def planned(self) -> float | None:
        """When the newest forecasts were made (UTC epoch seconds); None where there are none."""
        file = Outlooks(self.folder / PLAN)
        return self._remember("planned", (PLAN,), None, lambda: max(file.issues(), default=None))

    def saved(self) -> float | None:
        """When the files were last backed up by `jauge files backup` (UTC epoch seconds), as the audit log tells; None where never."""

        def ask() -> float | None:
            found = audit.newest(State(self.folder / STATE), COPIED)
            return found.at if found else None

        none: float | None = None
        return self._remember("saved", (STATE,), none, ask) if (self.folder / STATE).is_file() else None

    def files(self) -> list[File]:
        """Our files, the largest first."""
        sizes = self.pulse().sizes
        now = pulse.measure(self.folder)
        found = [File(name, size, pulse.growth(sizes, name)) for name, size in now.items()]
        return sorted(found, key=lambda one: (-one.size, one.name))

    def room(self) -> Room | None:
        """The disk of the data; None where it cannot be asked."""
        try:
            found = shutil.disk_usage(self.folder)
        except OSError:
            return None
        return Room(found.total, found.free)

    def failures(self) -> list[Failures]:
        """Why tables and commands failed, the most frequent first."""
        told = self.status().targets
        total: Counter[str] = Counter()
        for one in told:
            total.update(one.errors)
        now = Counter(reason for one in told for reason in {table.reason for table in one.tables} if reason)
        reasons = total.keys() | now.keys()
        found = [Failures(reason, total[reason], now[reason]) for reason in reasons]
        return sorted(found, key=lambda one: (-one.targets, -one.times, one.reason))
