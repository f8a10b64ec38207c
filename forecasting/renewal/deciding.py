"""Committing a scenario, whether it is about stores, about workstations or about both: one ledger for all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from exporters.history import Reader
from forecasting.correction import learnt
from forecasting.renewal import knowledge
from forecasting.renewal.scenarios import compare, expected
from forecasting.scenarios import deciding
from forecasting.scenarios.comparing import Comparison
from inventory.estate import Estate
from inventory.imports import snapshots
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError
from inventory.state import State
from inventory.state import scenarios as saved
from inventory.state.scenarios import Saved


def commit(
    state: State,
    reader: Callable[[], Reader],
    estate: Estate,
    found: Saved,
    who: str,
    why: str,
    now: float,
    source: str = "",
    known: Mapping[str, str] | None = None,
    plan: Path | None = None,
) -> Comparison | None:
    """Commit the version that was looked at, with what is expected of it as of `now` (UTC epoch seconds): all of it, or nothing.

    `known` is what is expected of workstations, where that was computed before of that version: see `issuing`. `plan` is the
    file whose bands have learnt from what came: without it they are taken as they are made.
    Returns what was compared of stores; None where it is about workstations alone, which no history is asked for. Raises
    ScenarioError (also where it is not the newest of its name), StateError, HistoryError, PlanError.
    """
    scenario = found.scenario
    besides = known if known is not None else frozen(state, estate, scenario, now) if scenario.renews else {}
    if scenario.renews_alone:
        saved.commit(state, found, besides, who, why, now, source)
        return None
    correct = learnt(plan, estate.timezone, now) if plan is not None else None
    return deciding.commit(state, reader(), estate, found, who, why, now, source, besides, correct)


def frozen(state: State, estate: Estate, scenario: Scenario, now: float) -> Mapping[str, str]:
    """What is expected of workstations, by year; nothing where none were imported. Raises ScenarioError."""
    snapshot = snapshots.latest(state)
    if snapshot is None or estate.workstations is None:
        return {}
    asked = knowledge.asked(estate, dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).date(), state)
    try:
        base, case = compare(snapshot.workstations, asked, [scenario], saved.committed(state))
    except ValueError as error:
        raise ScenarioError(f"{scenario.name} leaves no plan: {error}") from error
    return expected(base.plan, case.plan)
