"""Nights of the demo's last year, so that there is a past to hold its forecasts against.

Its hospital is invented, and so is that its planner was there; what the planner said is not: it is asked as of each night, and knows
what was measured by then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.capacity import Rules
from forecasting.plan.night import night
from inventory.estate import Estate
from jauge.demo.curves import DAY

BEFORE: Final = (365, 183, 61)
"""Days before now: what was said of a year, of half a year and of a quarter has come due, and the last meeting has its night. Each costs
a second, once."""


def live(estate: Estate, history: Path, plan: Path, now: float) -> None:
    """Plan as of each of those nights, the oldest first. Raises HistoryError and PlanError."""
    reader, outlooks = Reader(history), Outlooks(plan)
    roles = {target.name: target.role for target in estate.targets if target.role is not None}
    for days in BEFORE:
        night(reader, outlooks, now - days * DAY, Rules.of(estate), roles=roles)
