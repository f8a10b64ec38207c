"""The purchase plan that was made last, kept in a file: to make one takes seconds, and a page must not wait for it.

It tells what it was made from. One that was made from something else is old, and shown as such until the new one is there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, TypeAdapter, ValidationError

from exporters.plan.outlooks import Outlooks
from forecasting import purchase
from forecasting.plan.processes import give_way
from forecasting.purchase import Plan
from inventory import files
from inventory.estate import Estate

FILE: Final = "purchase.json"

_FORM: Final = 1
"""Of what is kept: another one is made anew."""


class Kept(NamedTuple):
    """A plan, what it was made from, and when (UTC epoch seconds)."""

    made_from: str
    at: float
    plan: Plan


_KEPT: Final = TypeAdapter(Kept, config=ConfigDict(ser_json_inf_nan="constants"))


def read(folder: Path) -> Kept | None:
    """What was kept last; None where nothing was, or it cannot be read: cut off, or of a version that says other things."""
    try:
        return _KEPT.validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def made_from(estate: Estate, outlooks: Outlooks, today: dt.date) -> str | None:
    """What a plan would be made from on a day, in one word; None where the planner never ran. Raises PlanError."""
    issues = outlooks.issues()
    if not issues:
        return None
    declared = [
        estate.purchase.model_dump(mode="json"), estate.currency,
        [(name, one.model_dump(mode="json")) for name, one in sorted(estate.contracts.items())],
        [(year, one.model_dump(mode="json")) for year, one in sorted(estate.budgets.items())],
        [one.model_dump(mode="json") for one in estate.targets],
    ]  # fmt: skip
    parts = [_FORM, today, max(issues), declared]
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()[:24]


def issue(estate: Estate, plan: Path, folder: Path, now: float) -> bool:
    """Make the plan by the outlooks of the file `plan` where it is not there or old; whether it was made.

    Another process that is at it is left alone. Raises PlanError and OSError.
    """
    outlooks, today = Outlooks(plan), dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).date()
    wanted, path = made_from(estate, outlooks, today), folder / FILE
    if wanted is None:
        return False
    with files.alone(path.with_suffix(".lock")) as mine:
        kept = read(folder)
        if not mine or (kept is not None and kept.made_from == wanted):
            return False
        made = purchase.plan(estate, outlooks.latest(), outlooks.paths(), today)
        files.replace(path, path.with_suffix(".new"), _KEPT.dump_json(Kept(wanted, time.time(), made)))
    return True


def work(estate: Estate, plan: Path, folder: Path, now: float) -> None:
    """The same in a process of its own, which gives way to others and ends with its parent."""
    give_way()
    issue(estate, plan, folder, now)
