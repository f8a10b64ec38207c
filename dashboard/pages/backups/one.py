"""One backup: what its maker tells, whether that is believed, the rule for its target, and its restore tests."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.access import gate
from dashboard.components import Child, View, coded, empty, heading, lead, mark, silence, stack, target_link
from dashboard.data import Data
from dashboard.pages.backups import cells, ledger, rule
from dashboard.restoring import PAGE, ROLE
from dashboard.sentences import backups as sentences
from dashboard.standing import Backup, Backups
from dashboard.texts import Texts, plain


def layout(known: Backups, data: Data, view: View) -> Component:
    """The backup that the address names."""
    t, asked = view.t, view.query
    back = dcc.Link(t("backups.back"), href=PAGE, id={"link": "back"}, className="back")
    found = known.one(asked.get("of", ""), asked.get("job", ""), asked.get("machine", ""))
    if found is None:
        return stack(back, heading(t("backups.title")), empty(t("backups.lost")))
    judged = next((one for one in known.judged if one.target.name == found.subject), None)
    tests = [one for one in known.ledger if one.test.target == found.subject]
    promised = judged is not None and judged.target.protect is not None
    return stack(
        back,
        heading(plain(found.job) or plain(found.subject), mark(found.state, t)),
        *silence(data, t),
        *([lead(t("backups.doubted", why=said))] if (said := sentences.why(found, t)) else []),
        *([html.P(coded(said), className="lead")] if (said := sentences.todo(found, t)) else []),
        *([html.Div(cells.record(found.subject, found.job, t))] if gate.allows(ROLE) else []),
        _facts(found, judged.rto if judged is not None else None, t),
        *([rule.of_one(judged, t)] if promised and judged is not None else []),
        ledger.table_of(tests, known, view),
    )


def _facts(found: Backup, rto: float | None, t: Texts) -> Component:
    told = found.told
    pairs: list[tuple[str, Child]] = [
        (t("column.target"), target_link(found.target, "backup")),
        (t("column.host"), plain(found.machine) or t.unknown),
        (t("backups.by"), target_link(told.by, "by") if told else t.unknown),
        (t("backups.says"), cells.says(found, t)),
        (t("backups.last"), t.instant(told.run if told else None)),
        (t("column.point"), cells.point(found, t)),
        (t("column.rpo"), t("none") if found.rpo is None else t.span(found.rpo)),
        (t("backups.rto"), t("none") if rto is None else t.span(rto)),
        (t("backups.count"), t.number(told.points if told else None)),
        (t("backups.size.last"), t.size(told.size if told else None)),
        (t("backups.immutable"), t.instant(told.immutable if told else None)),
        (t("column.tested"), cells.tested(found, t)),
        (t("backups.every"), t.span(found.every)),
    ]
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="facts panel"
    )
