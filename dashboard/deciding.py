"""Decisions that people take on a page: forms of our own, sent by those whose role allows it.

The gate refuses whatever does not come from a page of this server; here only the role is asked for.
"""

from __future__ import annotations

from typing import Final

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from dashboard.data.files import PLAN
from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, scenarios
from inventory.state.scenarios import Saved

log = structlog.get_logger(__name__)

PATH: Final = "/scenarios/decide"
ROLE: Final = "manager"
VERSION: Final = "version"
"""The field of a form that says which version of a scenario it was shown with."""

_LARGEST_FORM: Final = 16 * 1024


def connect(server: Flask, data: Data, state: State) -> None:
    """Let forms commit and withdraw scenarios."""
    server.add_url_rule(PATH, "decide", lambda: _decide(data, state), methods=["POST"])


def _decide(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    name, why = request.args.get("name", ""), request.form.get("why", "")
    try:
        _act(data, state, request.form.get("action", ""), name, why)
    except (ScenarioError, HistoryError, PlanError) as error:
        log.warning("decision refused", scenario=name[:128], why=str(error))
        return _to(name, refused="anew" if isinstance(error, scenarios.SupersededError) else "yes")
    return _to(name)


def _act(data: Data, state: State, action: str, name: str, why: str) -> None:
    who, source = gate.current().name, request.remote_addr or ""
    if action == "withdraw":
        scenarios.withdraw(state, name, who, why, data.clock(), source)
    elif action == "commit":
        _commit(data, state, _looked_at(state, name), who, why, source)
    else:
        raise ScenarioError("a decision commits or withdraws")


def _looked_at(state: State, name: str) -> Saved:
    """The version that the form was shown with. Raises ScenarioError where that is not the newest."""
    newest = scenarios.need(state, name)
    if request.form.get(VERSION, "") != str(newest.id):
        raise scenarios.superseded(newest)
    return newest


def _commit(data: Data, state: State, found: Saved, who: str, why: str, source: str) -> None:
    """Commit with what was computed of workstations before: a page does not wait for plans."""
    from forecasting.renewal.deciding import commit  # noqa: PLC0415 - the engine: only this needs it

    issued = data.beside(found)
    if issued is not None and (issued.content is None or issued.stale):
        raise ScenarioError(
            str(issued.problem or "") or f"{found.name} is being computed: wait until its figures are shown"
        )
    known = issued.content["expected"] if issued else None
    commit(state, data.reader, data.estate, found, who, why, data.clock(), source, known, data.folder / PLAN)
    data.begin()


def _to(name: str, **more: str) -> Response:
    answer: Response = redirect(address("/scenarios", name=name, **more), 303)  # type: ignore[assignment]
    return answer
