"""What the collector says of the targets of the estate."""

from __future__ import annotations

from functools import partial
from typing import Final

from dashboard.data.files import EVENTS, STATUS, Files
from dashboard.standing import Delay, Watched
from exporters import status
from exporters.events import EACH, Event, Events
from exporters.status import Status, TargetStatus
from inventory.estate import Target

LATE: Final = 2.0
"""Intervals without an answer after which a target is late."""


class Targets(Files):
    """How the targets stand, and what happened to them."""

    def status(self) -> Status:
        """What the collector last wrote; empty (`at` is None) where there is none, or it cannot be read."""
        return self._remember("status", (STATUS,), Status(), lambda: status.read(self.folder / STATUS))

    def targets(self) -> list[Watched]:
        """Every target of the estate, worst first: down, late, partly failed, never polled, well."""
        status, is_silent = self.status(), self.silent() is not None
        known = {one.name: one for one in status.targets}
        found = [
            self._watched(target, known.get(target.name), status.at, is_silent)
            for target in self.estate.targets
        ]
        return sorted(found, key=lambda one: (one.severity, one.name))

    def target(self, name: str) -> Watched | None:
        """One target of the estate, or None."""
        return next((one for one in self.targets() if one.name == name), None)

    def _watched(
        self, target: Target, known: TargetStatus | None, wrote: float | None, is_silent: bool
    ) -> Watched:
        now = self.clock()
        if known is None or known.at is None:
            return Watched(target, known, "never")
        since = now - known.last_success if known.last_success is not None else None
        if not known.up:
            return Watched(target, known, "down", since)
        if since is None or since > LATE * target.every:
            return Watched(target, known, "late", since, _delay(target, known, is_silent), wrote)
        failed = any(not table.up for table in known.tables)
        return Watched(target, known, "partly" if failed else "well", since)

    def events(self, limit: int, target: str | None = None) -> list[Event]:
        """The newest events, newest first: of one target where named."""
        none: list[Event] = []
        file = Events(self.folder / EVENTS)
        return self._remember(("events", target, limit), (EVENTS,), none, lambda: file.latest(limit, target))

    def versions(self, target: str) -> list[Event]:
        """When a target was found to have another version, newest first."""
        none: list[Event] = []
        file = Events(self.folder / EVENTS)
        read = partial(file.latest, EACH, target, ("version_changed",))
        return self._remember(("versions", target), (EVENTS,), none, read)

    def silent(self) -> float | None:
        """Seconds since the collector last wrote, where that is too long; None where all is well or absent."""
        at = self.status().at
        quiet = self.clock() - at if at is not None else 0.0
        longest = max((target.every for target in self.estate.targets), default=60.0)
        return quiet if quiet > LATE * max(longest, 60.0) else None


def _delay(target: Target, known: TargetStatus, is_silent: bool) -> Delay:
    """Why a target is late: what the collector wrote, and nothing that it did not."""
    if is_silent:
        return "silent"
    if known.begun is not None:
        return "running"
    return "long" if (known.seconds or 0.0) > target.every else "unknown"
