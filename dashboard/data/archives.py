"""PACS archives, as they were last seen."""

from __future__ import annotations

from dashboard.data.files import DAY, GONE, HISTORY
from dashboard.data.targets import Targets
from dashboard.standing import Pacs


class Archives(Targets):
    """The questions about archives."""

    def pacs(self) -> list[Pacs]:
        """Every archive: targets asked over DICOM, or whose archive statistics the history knows."""
        none: dict[tuple[str, str], float] = {}
        last = self._remember("pacs", (HISTORY,), none, self._pacs)
        names = {name for name, _ in last} | {one.name for one in self.estate.targets if one.dicom}
        watched = {one.name: one for one in self.targets()}
        found = [
            Pacs(
                name, watched.get(name), {metric: v for (target, metric), v in last.items() if target == name}
            )
            for name in names
        ]
        return sorted(found, key=lambda one: (one.severity, one.name))

    def _pacs(self) -> dict[tuple[str, str], float]:
        now = self.clock()
        wanted = (
            "jauge_dicom_echo_success",
            "jauge_pacs_studies",
            "jauge_pacs_stored_bytes",
            "jauge_pacs_instances",
        )
        known = [one for metric in wanted for one in self._series(metric) if now - one.last <= GONE * DAY]
        last = self._last([one.unique_id for one in known], GONE + 1)
        return {(one.target, one.metric): last[one.unique_id] for one in known if one.unique_id in last}
