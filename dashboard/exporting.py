"""Files that are taken away from the pages: the workstations as they stand, the renewal plan, backups. No user of any
workstation is in them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response, abort, request

from dashboard import backups, comparisons, fleet, plans, sheets
from dashboard.data import Data
from dashboard.texts import Texts
from exporters import workbooks
from exporters.commas import csv_text

Speak = Callable[[Data], Texts]

_MOST: Final = 12
"""Scenarios of one workbook."""

_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}


def connect(server: Flask, data: Data, speak: Speak) -> None:
    """Let browsers fetch them; the gate asks for a login before."""
    server.add_url_rule(
        "/workstations/export", "export_workstations", lambda: _workstations(data, speak(data))
    )
    server.add_url_rule("/renewal/export", "export_renewal", lambda: _renewal(data, speak(data)))
    server.add_url_rule("/backups/export", "export_backups", lambda: _backups(data, speak(data)))
    server.add_url_rule("/scenarios/export", "export_scenarios", lambda: _scenarios(data, speak(data)))


def _workstations(data: Data, t: Texts) -> Response:
    form, day = _form(), _day(data.today)
    known = data.fleet() if day == data.today else data.stood(day)
    if known is None:
        abort(404)
    if form == "xlsx":
        made = sheets.inventory(known, data.estate.title or "Jauge", data.estate.currency, t)
        content = workbooks.content(made, t("sheet.title", title=data.estate.title or "Jauge"), t.language)
        return _file(content, "workstations", form, day)
    rows = [fleet.record(one, after) for one, after in zip(known.now, known.later, strict=True)]
    if form == "csv":
        text = csv_text(list(rows[0]) if rows else [], (list(row.values()) for row in rows))
    else:
        care = [fleet.exposed(one) for one in known.care.exposed] if known.care.declared else None
        text = _json({"day": known.day, "workstations": rows, "unsupported_in_care": care})
    return _file(text.encode(), "workstations", form, day)


def _renewal(data: Data, t: Texts) -> Response:
    issued, curve, form = data.renewal(), data.curve(), _form()
    if issued is None or issued.content is None:
        abort(404)
    found: Mapping[str, Any] = {**issued.content, "curve": (curve.content if curve else None) or []}
    if form == "xlsx":
        title = data.estate.title or "Jauge"
        made = plans.workbook(found, data.rules, title, t)
        content = workbooks.content(made, t("workbook.title", title=title), t.language)
        return _file(content, "renewal", form, data.today)
    text = csv_text(*plans.table(found, data.rules, t)) if form == "csv" else _json(found)
    return _file(text.encode(), "renewal", form, data.today)


def _backups(data: Data, t: Texts) -> Response:
    known, form = data.protection(), _form()
    if form == "xlsx":
        title = t("backups.sheet", title=data.estate.title or "Jauge")
        content = workbooks.content(backups.workbook(known, t), title, t.language)
        return _file(content, "backups", form, data.today)
    if form == "csv":
        rows = backups.records(known, data.zone)
        text = csv_text(list(rows[0]) if rows else [], (list(row.values()) for row in rows))
    else:
        text = _json(backups.document(known, data.clock(), data.zone))
    return _file(text.encode(), "backups", form, data.today)


def _scenarios(data: Data, t: Texts) -> Response:
    """Scenarios of workstations that the address names, beside the plan without them."""
    names = request.args.get("compare", "").split(",")[:_MOST]
    cases = data.compared([one for one in data.scenarios() if one.name in names])
    if not cases or _form() != "xlsx":
        abort(404)
    title = data.estate.title or "Jauge"
    made = comparisons.workbook(cases, title, t)
    content = workbooks.content(made, t("compared.title", title=title), t.language)
    return _file(content, "scenarios", "xlsx", data.today)


def _form() -> str:
    form = request.args.get("form", "xlsx")
    if form not in _TYPES:
        abort(404)
    return form


def _day(today: dt.date) -> dt.date:
    found = fleet.asked(request.args["on"]) if "on" in request.args else today
    if found is None:
        abort(404)
    return found


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"


def _file(content: bytes, name: str, form: str, day: dt.date) -> Response:
    answer = Response(content, mimetype=_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="jauge-{name}-{day.isoformat()}.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
