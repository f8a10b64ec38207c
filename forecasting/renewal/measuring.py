"""What was expected of a committed scenario about workstations, against what later imports showed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecasting.scenarios.deciding import FLEET
from inventory.imports.lives import lives
from inventory.scenarios.reading import ScenarioError
from inventory.state import State
from inventory.state import scenarios as saved

_NEVER: Final = np.datetime64("1900-01-01", "s")


class Year(NamedTuple):
    """One civil year: what was expected without the scenario and with it, and what imports showed until the day `until`.

    `came` are machines bought in that year after the day of the commitment that an import showed since then, `failed` those
    that an import called failed; None where no import reaches into the year. `money` is expected alone: imports know no prices.
    """

    series: str
    year: int
    until: dt.date | None
    machines: tuple[int, int]
    came: int | None
    failures: tuple[float | None, float | None]
    failed: int | None
    money: tuple[float, float]


def measure(state: State, name: str, timezone: str) -> list[Year]:
    """By year; empty where nothing was expected of workstations. Raises ScenarioError, StateError."""
    frozen = saved.expected(state, name)
    told = {key: text for key, text in frozen.text.items() if key.startswith(FLEET)} if frozen else {}
    known = lives(state, ZoneInfo(timezone)) if told else pd.DataFrame()
    return sorted(_years(name, told, known), key=lambda one: one.year)


def _years(name: str, told: dict[str, str], known: pd.DataFrame) -> Iterator[Year]:
    for series, text in told.items():
        one = _thawed(name, text)
        since = np.datetime64(one["today"], "s")
        first, after = (np.datetime64(f"{one['year'] + more}-01-01", "s") for more in (0, 1))
        last = np.max(np.append(known["left"].to_numpy(dtype="datetime64[s]"), _NEVER))
        seen = bool(last > max(first, since))
        bought, entered, left = (known[column] for column in ("purchased", "entered", "left"))
        came = (bought >= max(first, since)) & (bought < after) & (entered > since)
        failed = (known["end"] == "failure") & (left > since) & (left >= first) & (left < after)
        yield Year(
            series=series,
            year=int(one["year"]),
            until=min(pd.Timestamp(last).date(), dt.date(one["year"], 12, 31)) if seen else None,
            machines=(int(one["machines"][0]), int(one["machines"][1])),
            came=int(came.sum()) if seen else None,
            failures=(one["failures"][0], one["failures"][1]),
            failed=int(failed.sum()) if seen else None,
            money=(float(one["money"][0]), float(one["money"][1])),
        )


def _thawed(name: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        dt.date.fromisoformat(found["today"])
        if isinstance(found["year"], int) and all(
            len(found[key]) == 2 for key in ("machines", "failures", "money")
        ):
            return dict(found)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ScenarioError(f"what was expected of {name} is damaged in state.db: restore it from a backup")
