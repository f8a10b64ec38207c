"""Renewal plans that were computed, kept in files: a plan takes seconds, and a page must not wait for it.

Each file holds one *piece* and what it was made from: how long machines last, the plan itself, its curve, or a scenario beside the
plan without it. A piece that was made from something else is old: it is shown with its age until the new one is there.

    renewal/lives.json, renewal/plan.json, renewal/curve.json, renewal/case-NAME.json
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from forecasting.plan.processes import give_way
from forecasting.renewal import curve, document, hindrances, knowledge, plan
from forecasting.renewal.kept import CURVE, LIVES, PLAN, Piece, path_of, read
from forecasting.renewal.scenarios import applied, compare, expected
from forecasting.survival import document as lives
from inventory import files, processors
from inventory.estate import Estate
from inventory.imports import snapshots
from inventory.lifecycle.catalogue import products
from inventory.processors import Processors
from inventory.renewal import Renewal
from inventory.scenarios import Scenario
from inventory.state import State
from inventory.state import scenarios as saved

__all__ = ["CURVE", "LIVES", "PLAN", "Piece", "case", "issue", "made_from", "night", "read", "work"]

_FORM: Final = 8
"""Of what is kept: another one is made anew."""


def case(name: str) -> str:
    """The piece of a scenario."""
    return f"case-{name}"


def made_from(state: State, estate: Estate, now: float, piece: str = PLAN) -> str | None:
    """What a piece would be made from now, in one word; None where nothing was imported, or there is nothing to plan with, which
    only how long machines last does not ask for.

    Raises StateError, and ScenarioError where what is committed cannot be read any more.
    """
    rules = estate.workstations
    if piece != LIVES and (rules is None or not rules.offers):
        return None
    with state.read() as connection:
        newest = snapshots.newest(connection)
    if newest is None:
        return None
    parts = [_FORM, piece, _today(estate, now), estate.timezone, newest.id, newest.at]
    if piece != LIVES and rules is not None:
        parts += _planned_from(state, estate, rules, piece)
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


def _planned_from(state: State, estate: Estate, rules: Renewal, piece: str) -> list[object]:
    """What a plan is made from besides machines and their lives."""
    return [
        _listed(processors.load(state)), rules.model_dump_json(),
        sorted((name, one.model_dump_json()) for name, one in estate.contracts.items()), estate.currency, _texts(state, piece),
        _catalogue(),
    ]  # fmt: skip


def _listed(found: Processors | None) -> list[object]:
    """Lists of one day are told apart by what they hold."""
    if found is None:
        return []
    return [sorted(one) for one in (found.days.items(), found.supported, found.unsupported)]


def _catalogue() -> list[tuple[str, str]]:
    return sorted(
        (cycle.title, f"{cycle.ends} {cycle.extended}") for found in products().values() for cycle in found
    )


def _texts(state: State, piece: str) -> list[str]:
    """The scenarios that have a part in a piece, as they were written."""
    every = saved.listed(state)
    mine = [one for one in every if case(one.name) == piece]
    others = [one for one in every if one.standing == "committed" and one not in mine and one.scenario.renews]
    return [one.text for one in (*mine, *others)]


def _today(estate: Estate, now: float) -> dt.date:
    return dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).date()


def issue(state: State, estate: Estate, folder: Path, now: float, piece: str = PLAN) -> bool:
    """Make a piece where it is not there or old; whether it was made. Another process that is at it is left alone.

    What cannot be planned is kept with the reason, so that nobody tries again before something changes.
    """
    wanted = made_from(state, estate, now, piece)
    if wanted is None:
        return False
    with files.alone(path_of(folder, piece).with_suffix(".lock")) as mine:
        kept = read(folder, piece)
        if not mine or (kept is not None and kept.made_from == wanted):
            return False
        try:
            found = Piece(wanted, time.time(), _make(state, estate, now, piece))
        except ValueError as error:
            found = Piece(wanted, time.time(), None, hindrances.of(error))
        text = json.dumps(found._asdict(), ensure_ascii=False, default=str)
        path = path_of(folder, piece)
        files.replace(path, path.with_suffix(".new"), text.encode())
    return True


def night(state: State, estate: Estate, folder: Path, now: float) -> None:
    """Make every piece that is old: lives, the plan, what scenarios make of it, then its curve. Raises StateError, OSError."""
    fleet = [one for one in saved.listed(state) if one.standing != "withdrawn" and one.scenario.renews]
    for piece in (LIVES, PLAN, *(case(one.name) for one in fleet), CURVE):
        issue(state, estate, folder, now, piece)


def work(state: Path, estate: Estate, folder: Path, now: float, piece: str) -> None:
    """The same in a process of its own, which gives way to others and ends with its parent."""
    give_way()
    issue(State(state), estate, folder, now, piece)


def _make(state: State, estate: Estate, now: float, piece: str) -> Any:
    """A piece. Raises ValueError where there is no plan."""
    today = _today(estate, now)
    if piece == LIVES:
        return lives.of(*knowledge.learn(state, today, ZoneInfo(estate.timezone)))
    snapshot = snapshots.latest(state)
    machines = snapshot.workstations if snapshot else ()
    asked = knowledge.asked(estate, today, state)
    committed = saved.committed(state)
    if piece == PLAN:
        return document.of(plan.plan(machines, applied(asked, committed)))
    if piece == CURVE:
        known = applied(asked, committed)
        found = plan.plan(machines, known)
        return [one._asdict() for one in curve.curve(found, known.fails)]
    one = next(each for each in saved.listed(state) if case(each.name) == piece)
    return _beside(machines, asked, one.scenario, committed)


def _beside(machines: Any, asked: Any, scenario: Scenario, committed: Sequence[Scenario]) -> dict[str, Any]:
    base, mine = compare(machines, asked, [scenario], committed)
    return {
        "without": document.outline(base.plan),
        "with": document.outline(mine.plan),
        "expected": dict(expected(base.plan, mine.plan)),
    }
