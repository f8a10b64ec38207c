"""What is to be decided by when: walls, purchases, and what an archive may delete."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from dashboard.data.files import DAY, HISTORY, PLAN, STATUS
from dashboard.data.making import Issued, Making
from dashboard.data.stores import Stores
from dashboard.data.targets import Targets
from exporters.plan.outlooks import Outlooks
from forecasting import kept_purchase, retention
from forecasting.kept_purchase import Kept
from forecasting.renewal import kept
from forecasting.renewal.walls import newest
from forecasting.retention import Archive, Purged, Schedule
from forecasting.runway import SOURCES, Runway, know, look

RENEWAL: Final = str(kept.path_of(Path(), kept.PLAN))


class Walls(Stores, Targets, Making):
    """The runway, the purchase plan, and retention."""

    def runway(self) -> Runway:
        """Every wall of the estate, worst first."""
        none = Runway(self.today, (), ())
        return self._remember(("runway", self.today), (HISTORY, PLAN, STATUS, RENEWAL), none, self._runway)

    def _runway(self) -> Runway:
        reader = self.reader() if (self.folder / HISTORY).is_file() else None
        known = know(self.estate, self.outlooks(), reader, self.status(), self.clock())
        return look(known, (*SOURCES, newest(self.folder)))

    def purchase(self) -> Issued | None:
        """The purchase plan (`forecasting.purchase.Plan`) that was made last; None where the planner never ran."""
        path, estate, today = self.folder / PLAN, self.estate, self.today
        if not self.outlooks():
            return None
        ask = lambda: kept_purchase.made_from(estate, Outlooks(path), today)  # noqa: E731
        wanted = self._remember(("purchase from", today, id(estate)), (PLAN,), None, ask, DAY)
        kept = self._kept_purchase()
        is_stale = kept is None or kept.made_from != wanted
        if is_stale and wanted is not None:
            self._jobs.start("purchase", kept_purchase.work, estate, path, self.folder, self.clock())
        return Issued(kept.plan, kept.at, is_stale) if kept else Issued(None, None, True)

    def _kept_purchase(self) -> Kept | None:
        return self._remember(
            "purchase", (kept_purchase.FILE,), None, lambda: kept_purchase.read(self.folder)
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
