"""Committing a scenario freezes what is expected of it; measuring holds that against what came.

The forecast of the day of commitment goes on as if nothing had been decided. What was measured above it is the
effect: the difference between how both moved since the scenario began, so that what had drifted before does not count.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Reader
from exporters.history.days import number
from exporters.plan.outlooks import KNOTS
from forecasting.plan.batch import Correction
from forecasting.quantities import DAY
from forecasting.scenarios import World, additions, capacities, cascade, survey, touched
from forecasting.scenarios.comparing import Case, Comparison, compare
from inventory.estate import Estate
from inventory.scenarios import Scenario
from inventory.scenarios.amounts import Triple
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, restores, scenarios
from inventory.state.scenarios import Saved

Floats = npt.NDArray[np.float64]

FLEET: Final = "workstations"
"""What names of what is expected of workstations begin with: no series of a history."""

PATIENCE: Final = 30
"""Days after its beginning from which an effect may be told."""

Answer = Literal["not begun", "too early", "too small", "gone", "as expected", "less", "more"]
"""What can be said of an effect: a closed list."""


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """Expected and measured effect on one series, `days` after its beginning, in the unit of the series.

    `measured` is None where nothing can be said yet; its low and high leave out what the forecast of that time could
    not know (its 80 % band).
    """

    unique_id: str
    place: str
    start: date
    at: date
    days: int
    expected: Triple
    measured: Triple | None
    answer: Answer


class Reserved(NamedTuple):
    """What the planner has to count with, by unique_id, as `additions` and `capacities` give it.

    `left_out` are scenarios that are committed and cannot be computed any more, each with the reason.
    """

    additions: Mapping[str, Floats]
    capacities: Mapping[str, Floats]
    left_out: tuple[tuple[str, str], ...]


def begun(state: Path) -> dict[str, list[int]]:
    """The days (numbers) on which what is committed begins, by series, as it was expected on commitment. Raises StateError."""
    found: dict[str, list[int]] = {}
    for one in scenarios.listed(State(state)) if state.exists() else ():
        expected = scenarios.expected(State(state), one.name) if one.standing == "committed" else None
        for series, text in expected.text.items() if expected else ():
            if series.startswith(FLEET):
                continue
            with contextlib.suppress(
                ScenarioError
            ):  # a flipped byte must not keep a night's plan from being made
                start = date.fromisoformat(_thawed(one.name, text)["start"])
                found.setdefault(series, []).append(number(start))
    return found


def reserved(state: Path, reader: Reader, estate: Estate, now: float) -> Reserved:
    """What is committed in a state file as of `now` (UTC epoch seconds); nothing where there is no file.

    One scenario that names what is gone must not keep a night's plan from being made. Raises StateError, HistoryError.
    """
    left_out: dict[str, str] = {}
    decided = _readable(state, left_out)
    if not decided:
        return Reserved({}, {}, tuple(left_out.items()))
    world = survey(reader, now, cascade.concerned(touched(decided), estate))
    sound = [one for one in decided if _computable(one, estate, world, left_out)]
    return Reserved(additions(sound, estate, world), capacities(sound, world), tuple(left_out.items()))


def _readable(state: Path, left_out: dict[str, str]) -> list[Scenario]:
    found = []
    for one in scenarios.listed(State(state)) if state.exists() else ():
        if one.standing == "committed":
            try:
                found.append(one.scenario)
            except ScenarioError as error:
                left_out[one.name] = str(error)
    return found


def _computable(one: Scenario, estate: Estate, world: World, left_out: dict[str, str]) -> bool:
    try:
        additions([one], estate, world, days=1)
        capacities([one], world, days=1)
    except ScenarioError as error:
        left_out[one.name] = str(error)
        return False
    return True


def commit(
    state: State,
    reader: Reader,
    estate: Estate,
    saved: Saved,
    who: str,
    why: str,
    now: float,
    source: str = "",
    besides: Mapping[str, str] | None = None,
    correct: Correction | None = None,
) -> Comparison:
    """Commit the version that was looked at, with what is expected of it as of `now`. Returns what was compared.

    `besides` is what others expect of it, by the same kind of name: the renewal plan. `correct` is what the plan has learnt
    of its bands, as `compare` takes it: what is frozen is what was shown.

    Raises ScenarioError where it is not the newest of its name, is committed already, or cannot be computed (nothing is
    committed then), and HistoryError.
    """
    found = compare(
        reader, estate, [saved.scenario], scenarios.committed(state), now, restores.speeds(state), correct
    )
    (case,) = found.cases
    scenarios.commit(state, saved, {**_frozen(found.base, case), **(besides or {})}, who, why, now, source)
    return found


def _frozen(base: Case, case: Case) -> dict[str, str]:
    """Of each series that is added to: its last day, the forecast without the scenario, and what it adds, at KNOTS."""
    found = {}
    for name, added in case.added.items():
        prospect = base.prospects.get(name)
        if prospect is None or not len(prospect.path):
            continue
        days = [day for day in KNOTS if day <= min(len(added), len(prospect.path))]
        rows = np.array(days) - 1
        begins = int(np.flatnonzero(added.any(axis=1))[0]) if added.any() else len(added)
        path = prospect.path.iloc[rows]
        found[name] = json.dumps(
            {
                "place": f"{prospect.series.target} {prospect.series.store or prospect.series.quantity}",
                "last": prospect.series.last.isoformat(),
                "start": (prospect.series.last + timedelta(days=begins + 1)).isoformat(),
                "days": days,
                "base": {column: path[column].tolist() for column in ("lo80", "mean", "hi80")},
                "added": added[rows].tolist(),
            }
        )
    return found


def measure(state: State, reader: Reader, name: str, now: float) -> list[Effect]:
    """Expected against measured effect of a scenario that is, or was, committed. Raises ScenarioError, HistoryError."""
    frozen = scenarios.expected(state, name)
    if frozen is None:
        raise ScenarioError(f"{name} was never committed: nothing was expected of it")
    thawed = {key: _thawed(name, text) for key, text in frozen.text.items() if not key.startswith(FLEET)}
    last = min((one["last"] for one in thawed.values()), default=None)
    start = now if last is None else pd.Timestamp(last).timestamp() - 2 * DAY
    frame = reader.read(list(thawed), start=start, end=now)
    values = {str(key): rows.set_index("ds")["y"] for key, rows in frame.groupby("unique_id")}
    return [_effect(key, one, values.get(key)) for key, one in thawed.items()]


def _thawed(name: str, text: str) -> dict[str, Any]:
    """What was frozen of one series. Raises ScenarioError where it is not as it was written."""
    try:
        found = json.loads(text)
        date.fromisoformat(found["last"]), date.fromisoformat(found["start"])
        days, added = np.asarray(found["days"], dtype=float), np.asarray(found["added"], dtype=float)
        if isinstance(found["place"], str) and len(days) == len(added):
            return dict(found)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ScenarioError(f"what was expected of {name} is damaged in state.db: restore it from a backup")


def _effect(name: str, frozen: Mapping[str, Any], values: pd.Series | None) -> Effect:
    last, place = date.fromisoformat(frozen["last"]), str(frozen["place"])
    days, added = np.array(frozen["days"]), np.array(frozen["added"])
    start = date.fromisoformat(frozen["start"])
    if values is None or values.empty:
        return Effect(name, place, start, last, 0, (0.0, 0.0, 0.0), None, "gone")
    at = values.index[-1].date()
    age, since = (at - last).days, (at - start).days
    expected = _at(days, added, age)
    if since < 0:
        return Effect(name, place, start, at, since, expected, None, "not begun")
    if since < PATIENCE:
        return Effect(name, place, start, at, since, expected, None, "too early")
    measured = _measured(frozen, values, last, start, at)
    return Effect(name, place, start, at, since, expected, measured, _answer(expected, measured))


def _at(days: Any, columns: Any, age: int) -> Triple:
    """The columns at a day between the knots; before the first one, and what was 0, it is 0."""
    axis = np.concatenate(([0], days))
    low, likely, high = (
        float(np.interp(age, axis, np.concatenate(([0.0], columns[:, place])))) for place in range(3)
    )
    return low, likely, high


def _measured(frozen: Mapping[str, Any], values: pd.Series, last: date, start: date, at: date) -> Triple:
    """How much more it moved since the start than was forecast; low and high by the half width of the band of that day."""
    days = np.array(frozen["days"])
    base = np.stack([frozen["base"][column] for column in ("lo80", "mean", "hi80")], axis=1)
    first, then = (start - last).days, (at - last).days
    begun = values[values.index < pd.Timestamp(start)]
    level = float(begun.iloc[-1]) if len(begun) else math.nan
    before, now = (np.array([np.interp(age, days, base[:, k]) for k in range(3)]) for age in (first, then))
    effect = (float(values.iloc[-1]) - level) - (now[1] - before[1])
    return float(effect - (now[2] - now[1])), float(effect), float(effect + (now[1] - now[0]))


def _answer(expected: Triple, measured: Triple) -> Answer:
    low, likely, high = measured
    if math.isnan(likely):
        return "gone"
    if abs(expected[1]) < (high - low) / 2:
        return "too small"
    if high < expected[0]:
        return "less"
    return "more" if low > expected[2] else "as expected"
