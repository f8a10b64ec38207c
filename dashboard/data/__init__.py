"""The questions that pages may ask. No Dash here: reports and the API ask the same ones.

Files are only read, each time anew or from a short memory; one that is absent leaves its answers empty, and
the pages say what to do about it.

There is a file for each subject; `Data` is all of them.
"""

from __future__ import annotations

from typing import Final

from dashboard import issues
from dashboard.data.administration import Administration
from dashboard.data.archives import Archives
from dashboard.data.backups import Protecting
from dashboard.data.clusters import Clusters
from dashboard.data.committee import Committees
from dashboard.data.files import EVENTS, HISTORY, PLAN, STATE, STATUS, Fault
from dashboard.data.fleet import Standings, Workstations
from dashboard.data.making import Issued
from dashboard.data.own import Own
from dashboard.data.platforms import Services
from dashboard.data.scenarios import Compared, Scenarios
from dashboard.data.search import Searching
from dashboard.data.walls import Walls
from dashboard.issues import Issue, Unsupported
from dashboard.standing import Machines
from inventory.imports import snapshots
from inventory.imports.snapshots import Snapshot
from inventory.state import State
from inventory.workstations import OUT

__all__ = [
    "EVENTS",
    "HISTORY",
    "PLAN",
    "SOON",
    "STATE",
    "STATUS",
    "Compared",
    "Data",
    "Fault",
    "Issued",
    "Standings",
]

SOON: Final = 180
"""Days within which a store that fills up is shown on the overview."""


class Data(
    Searching,
    Walls,
    Scenarios,
    Archives,
    Protecting,
    Clusters,
    Services,
    Workstations,
    Committees,
    Administration,
    Own,
):
    """Everything that the pages know. `clock` gives UTC epoch seconds."""

    def workstations(self) -> Machines | None:
        """What is in use, or may be again, of the newest inventory; None where nothing was imported yet."""
        found = self._remember("workstations", (STATE,), None, self._snapshot)
        if found is None:
            return None
        kept = tuple(one for one in found.workstations if one.state not in OUT)
        return Machines(found.at, found.file, kept, self.today)

    def _snapshot(self) -> Snapshot | None:
        path = self.folder / STATE
        return snapshots.latest(State(path)) if path.is_file() else None

    def warm(self) -> None:
        """Have at hand what takes long the first time: servers fork afterwards, and share it."""
        self.overview()
        self.runway()

    def overview(self) -> list[Issue]:
        """What asks for somebody, worst first."""
        fleet = self.fleet()
        machines = Unsupported(fleet.counts.now["ended"], fleet.counts.machines) if fleet else None
        found = [
            *issues.of_targets(self.targets()),
            *issues.of_backups(self.backups()),
            *issues.of_stores(self.stores(), SOON),
            *issues.of_clusters(self.clusters()),
            *issues.of_support(self.supported(self.today), machines),
        ]
        return sorted(found, key=lambda issue: issue.order)
