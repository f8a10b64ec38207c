"""What a plan learns from imports, by the days of the estate."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.renewal import knowledge
from inventory.estate import Estate
from inventory.imports import snapshots
from inventory.state import open_state
from inventory.workstations import Workstation

NEW_YORK = "America/New_York"


def test_a_failure_of_this_evening_is_known_though_it_is_tomorrow_in_greenwich(tmp_path: Path) -> None:
    """It was imported at ten in the evening in New York on the last of June, which is two in the morning of July in UTC: who counts
    days by UTC does not know it yet, and expects fewer failures."""
    state, zone = open_state(tmp_path / "state.db"), ZoneInfo(NEW_YORK)
    moments = (dt.datetime(2026, 1, 5, 12, tzinfo=zone), dt.datetime(2026, 6, 30, 22, tzinfo=zone))
    for at, ended in zip(moments, (None, "failed"), strict=True):
        machines = [
            Workstation(name, serial=name, model="M", purchased=dt.date(2023, 1, 1), state=how)
            for name, how in (("a", ended), ("b", None))
        ]
        snapshots.commit(state, snapshots.compare(state, str(at), machines), "ada", at=at.timestamp())

    def chance(timezone: str) -> float:
        asked = knowledge.asked(Estate(workstations={}, timezone=timezone), dt.date(2026, 6, 30), state)
        assert asked.learnt
        names = np.array([""], dtype=object), np.array(["M"], dtype=object)
        return float(asked.fails(*names, np.array([3.0]), np.array([4.0]))[0])

    assert chance(NEW_YORK) > chance("UTC")
