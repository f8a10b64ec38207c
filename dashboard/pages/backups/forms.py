"""The forms of the ledger of restore tests: to record one, and to correct one that is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import restoring
from dashboard.access import gate
from dashboard.components import Child, View, empty, extra, field, heading, outcome, section, stack
from dashboard.data import Data
from dashboard.standing import Backups
from dashboard.texts import Texts, plain
from inventory.state.restores import LENGTH, RESULTS, Entry

_MOMENT: Final = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}"


def told(view: View) -> list[Component]:
    """What became of a form that was sent."""
    return outcome("backups", restoring.REFUSALS, restoring.DONE, view)


def layout(known: Backups, data: Data, view: View) -> Component:
    """The form that the address asks for. No figure that moves stands beside it: a page that is drawn anew loses what was typed."""
    t, asked = view.t, view.query
    back = dcc.Link(t("backups.back"), href=restoring.PAGE, id={"link": "back"}, className="back")
    top = [back, heading(t("backups.record"))]
    if not gate.allows(restoring.ROLE):
        return stack(*top, html.P(t("backups.readers"), className="dim"))
    if "correct" in asked:
        wrong = next((one for one in known.ledger if str(one.id) == asked["correct"]), None)
        if wrong is None or wrong.correction is not None:
            return stack(*top, html.P(t("backups.refused.entry"), className="warning", role="alert"))
        return stack(*top, *told(view), _correcting(wrong, data, view))
    jobs = known.subjects().get(asked.get("of", ""))
    if jobs is None:
        return stack(*top, empty(t("backups.lost")))
    return stack(*top, *told(view), _recording(known, jobs, data, view))


def _recording(known: Backups, jobs: Sequence[str], data: Data, view: View) -> Component:
    t, asked = view.t, view.query
    subject = asked["of"]
    last = max(
        (one.last for one in known.found
         if one.subject == subject and one.job == asked.get("job", one.job) and one.last is not None),
        default=None,
    )  # fmt: skip
    filled = {
        "point": _written(last, data) if last is not None else "", "result": "ok", "who": gate.current().name, **asked,
    }  # fmt: skip
    options = _options(
        [("", t("backups.job.any")), *((job, plain(job)) for job in jobs)], filled.get("job", "")
    )
    fields: list[Child] = [
        dcc.Input(type="hidden", name="of", value=subject),
        *field(
            "job", t("backups.job"),
            html.Select(options, id="job", name="job", className="field wide-field"),
        ),
        *_fields(filled, t),
        _button("record", t("backups.save")),
    ]  # fmt: skip
    return _form(t("backups.record.of", name=plain(subject)), fields)


def _correcting(wrong: Entry, data: Data, view: View) -> Component:
    t, test = view.t, wrong.test
    filled = {
        "of": test.target, "job": test.job, "what": test.what, "point": _written(test.point, data),
        "ended": _written(test.at, data), "minutes": t.typed(test.seconds / 60), "result": test.result,
        "size": t.typed_size(test.size) if test.size else "", "evidence": test.evidence, "remark": test.remark,
        "who": test.who, **view.query,
    }  # fmt: skip
    fields: list[Child] = [
        dcc.Input(type="hidden", name="entry", value=str(wrong.id)),
        *field("why", t("backups.why"), _area("why", filled)),
        *field("of", t("backups.of"), _input("of", filled, required=True)),
        *field("job", t("backups.job"), _input("job", filled)),
        *_fields(filled, t),
        _button("replace", t("backups.replace")),
        _button("withdraw", t("backups.withdraw"), formNoValidate=True),
    ]
    return _form(t("backups.correct.of", n=wrong.id, name=plain(test.target)), fields)


def _fields(filled: Mapping[str, str], t: Texts) -> list[Child]:
    """What a test tells, filled in as far as it is known."""
    results = _options([(one, t(f"result.{one}")) for one in RESULTS], filled["result"])
    return [
        *field("what", t("backups.what"), _area("what", filled)),
        *field("point", t("backups.point"), _input("point", filled, required=True, pattern=_MOMENT, maxLength=16)),
        *field("ended", t("backups.ended"), _input("ended", filled, pattern=_MOMENT, maxLength=16)),
        *field("minutes", t("backups.minutes"), _input("minutes", filled, required=True, maxLength=10)),
        *field(
            "result", t("backups.result"),
            html.Select(results, id="result", name="result", className="field wide-field"),
        ),
        *field("size", t("backups.size"), _input("size", filled, maxLength=20)),
        *field("evidence", t("backups.evidence"), _input("evidence", filled, required=True)),
        *field("remark", t("backups.remark"), _area("remark", filled, required=False)),
        *field("who", t("backups.who"), _input("who", filled, required=True, maxLength=80)),
    ]  # fmt: skip


def _input(name: str, filled: Mapping[str, str], **more: Any) -> Component:
    given = {"maxLength": LENGTH, **more}
    return dcc.Input(id=name, name=name, type="text", value=filled.get(name, ""), className="field", **given)


def _area(name: str, filled: Mapping[str, str], required: bool = True) -> Component:
    return html.Textarea(
        filled.get(name, ""),
        id=name,
        name=name,
        required=required,
        maxLength=LENGTH,
        rows=2,
        className="reason",
    )


def _options(values: Sequence[tuple[str, str]], chosen: str) -> list[Component]:
    """The options of a choice, (value, words), the chosen one first: a browser takes that one."""
    ordered = sorted(values, key=lambda one: one[0] != chosen)
    return [html.Option(words, value=value) for value, words in ordered]


def _button(action: str, text: str, **more: Any) -> Component:
    return html.Button(text, name="action", value=action, className="quiet strong", **more)


def _form(title: str, fields: list[Child]) -> Component:
    form = html.Form(
        fields, action=restoring.PATH, method="POST", className="decide", **extra(aria_label=title)
    )
    return section(title, form)


def _written(at: float, data: Data) -> str:
    """A time as the form takes it, in the estate's timezone."""
    return dt.datetime.fromtimestamp(at, data.zone).strftime("%Y-%m-%d %H:%M")
