"""What a plan learns from imports, by the days of the estate."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecasting.renewal import knowledge
from inventory.estate import Estate
from inventory.imports import snapshots
from inventory.state import open_state
from inventory.workstations import Workstation

TODAY = dt.date(2027, 1, 1)
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


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "untold"),
        ({"os": "Windows 10"}, "untold"),  # editions end on different days
        (
            {"os": "Windows 10", "os_version": "22H2", "edition": "Windows 11 Pro 23H2"},
            "untold",
        ),  # two systems
        ({"os": "Haiku", "os_version": "R1"}, "unlisted"),
        ({"os": "Ubuntu", "os_version": "99.04"}, "unlisted"),
        ({"os": "Windows 10 Team", "os_version": "22H2"}, "unlisted"),
    ],
)
def test_what_the_inventory_does_not_tell_is_told_apart_from_what_the_catalogue_does_not_know(
    told: dict[str, str], why: str
) -> None:
    assert knowledge.support(TODAY)(Workstation("pc", **told)) == why
