"""What is to be decided by when: walls, purchases, and what an archive may delete."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from dashboard.data.files import DAY, HISTORY, PLAN, STATUS
from dashboard.data.stores import Stores
from dashboard.data.targets import Targets
from exporters.plan.outlooks import Outlooks
from forecasting import purchase, retention
from forecasting.purchase import Plan
from forecasting.renewal import kept
from forecasting.renewal.walls import newest
from forecasting.retention import Archive, Purged, Schedule
from forecasting.runway import SOURCES, Runway, know, look

RENEWAL: Final = str(kept.path_of(Path(), kept.PLAN))

_SEARCH: Final = 5.0
"""Seconds for which a purchase plan is searched while a page waits."""


class Walls(Stores, Targets):
    """The runway, the purchase plan, and retention."""

    def runway(self) -> Runway:
        """Every wall of the estate, worst first."""
        none = Runway(self.today, (), ())
        return self._remember(("runway", self.today), (HISTORY, PLAN, STATUS, RENEWAL), none, self._runway)

    def _runway(self) -> Runway:
        reader = self.reader() if (self.folder / HISTORY).is_file() else None
        known = know(self.estate, self.outlooks(), reader, self.status(), self.clock())
        return look(known, (*SOURCES, newest(self.folder)))

    def purchase(self) -> Plan | None:
        """The purchase plan by the newest outlooks; None where the planner never ran."""
        outlooks, estate = self.outlooks(), self.estate
        if not outlooks:
            return None
        paths = Outlooks(self.folder / PLAN).paths
        return self._remember(
            ("purchase", self.today, id(estate)),
            (PLAN,),
            None,
            lambda: purchase.plan(estate, outlooks, paths(), self.today, seconds=_SEARCH),
            fresh=DAY,
        )

    def archives(self) -> list[Archive]:
        """The archives that tell their bytes by year of study."""
        if not (self.folder / HISTORY).is_file():
            return []
        return self._remember("archives", (HISTORY,), [], lambda: retention.read(self.reader(), self.clock()))

    def retention(self) -> list[tuple[Schedule, Purged | None]]:
        """What may be deleted of each archive that has a rule, and how that moves its wall."""
        path = Outlooks(self.folder / PLAN).path
        return [
            (one, self._remember(
                ("purged", one.archive.target, self.today, id(self.estate)), (PLAN, HISTORY), None,
                functools.partial(retention.purged, one, self.outlooks(), path, self.today),
            ))
            for one in retention.ledgers(self.estate, self.archives(), self.today)
        ]  # fmt: skip
