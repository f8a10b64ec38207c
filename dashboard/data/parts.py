"""The parts of targets, as the history last saw them: nodes, disks, queues, pools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.data.files import DAY, GONE, Files

LATELY: Final = 2.0
"""Days after its last value from which a part is silent: the history knows a value by its day."""

Told = Mapping[str, float]
"""What a part told lately, by field; nothing where it is silent."""

Name = tuple[str, ...]
"""What a part is called: the values of its labels."""


class Parts(Files):
    """What is known of parts."""

    def _parts(self, metrics: Mapping[str, str], *labels: str) -> dict[str, dict[Name, Told]]:
        """What the parts of each target told lately, by the fields of these metrics. One that told nothing for GONE days is not there."""
        now = self.clock()
        known = [one for metric in metrics for one in self._series(metric) if now - one.last <= GONE * DAY]
        last = self._last([one.unique_id for one in known if now - one.last <= LATELY * DAY], LATELY + 1)
        found: dict[str, dict[Name, Told]] = {}
        for one in known:
            parts = found.setdefault(one.target, {})
            named = dict(one.labels)
            name = tuple(named.get(label, "") for label in labels)
            told = {metrics[one.metric]: last[one.unique_id]} if one.unique_id in last else {}
            parts[name] = {**parts.get(name, {}), **told}
        return found
