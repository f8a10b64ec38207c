"""Unsupported but in care: workstations that patients are cared for with and nobody mends, those without a measure first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import measuring
from dashboard.access import gate
from dashboard.components import (
    Child,
    Column,
    View,
    empty,
    extra,
    field,
    heading,
    lead,
    machine_link,
    over,
    section,
    stack,
)
from dashboard.components.listing import again, around, downloads, listing, nothing, pick
from dashboard.data import Data
from dashboard.sheets import care_why, measured
from dashboard.texts import Texts, plain, purpose
from inventory.fleet.care import Care, Exposed
from inventory.state.measures import Recorded

NAME, PATH = "care", "/workstations/care"

_LIST: Final = (
    Column("machine"), Column("place"), Column("os"), Column("without", True), Column("why"), Column("measures"),
)  # fmt: skip
_RECORDED: Final = (
    Column("machine"), Column("measure"), Column("who"), Column("since", True), Column("holds", True), Column("act"),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """How many there are and how many of them without a measure, a form to record one, and the list."""
    t, fleet = view.t, data.fleet()
    top = [heading(t("care.title")), around(NAME, view)]
    if fleet is None:
        return stack(*top, *nothing(t))
    care = fleet.care
    if not care.declared:
        return stack(*top, empty(t("care.undeclared")))
    said = t(
        "care.lead", exposed=t.number(len(care.exposed)), machines=t.number(care.machines),
        uncovered=t.number(len(care.uncovered)), day=t.day(care.day),
    )  # fmt: skip
    may = gate.allows(measuring.ROLE)
    kept = [one for one in data.measures() if one.holds(data.today)]
    return stack(
        *top,
        lead(said),
        *_told(view),
        *(_forms(care, kept, view) if may else []),
        _exposed(care, may, view),
        _recorded(kept, may, view),
        *([] if may else [html.P(t("care.readers"), className="dim")]),
    )


def _exposed(care: Care, may: bool, view: View) -> Component:
    t = view.t
    shown = care.uncovered if view.query.get("measures") == "none" else care.exposed

    def cells(_place: int, one: Exposed) -> tuple[object, ...]:
        judged = one.machine
        machine = judged.workstation
        place = " · ".join(plain(part) for part in (machine.service, machine.place) if part)
        use = plain(purpose(judged.use.title, judged.use.name, t), 60)
        critical = t("care.criticality", how=t(f"cell.{judged.use.criticality}"))
        since = t.day(one.since) if one.since else t.unknown
        done: list[Child] = [plain(measured(one, t), 600)]
        if may:
            done.append(html.Div(_to_form("for", machine.key, t("care.record"), view)))
        return (
            over(machine_link(machine, "care"), f"{use} · {critical}"), over(plain(machine.site) or t.unknown, place), plain(judged.system) or t.unknown, since,
            plain(care_why(judged, t), 300), html.Div(done),
        )  # fmt: skip

    options = [("", t("every.measure")), ("none", t("care.measures.none"))]
    return section(
        t("care.list"),
        html.Div(
            [
                pick(t("column.measures"), "measures", options, PATH, view),
                downloads(t("export"), "/workstations/export", ("xlsx", "json")),
            ],
            className="filters",
        ),
        *listing(_LIST, shown, cells, t("care.list"), PATH, view, t("care.none")),
    )


def _to_form(name: str, value: str, text: str, view: View) -> Component:
    changed = {"for": "", "end": "", "done": "", "refused": "", name: value}
    return dcc.Link(text, href=again(PATH, view, **changed), id={"link": f"{name} {value}"})


def _recorded(kept: Sequence[Recorded], may: bool, view: View) -> Component:
    """What was recorded and holds today; the estate's own measures stand in the list above alone."""
    t = view.t

    def cells(_place: int, one: Recorded) -> tuple[object, ...]:
        end = _to_form("end", str(one.id), t("care.end"), view) if may else ""
        until = t.day(one.until) if one.until else ""
        return plain(one.name), plain(one.text, 400), plain(one.who), t.day(one.since), until, end

    columns = _RECORDED if may else _RECORDED[:-1]
    rows = listing(
        columns, kept, lambda place, one: cells(place, one)[: len(columns)], t("care.recorded"), PATH, view,
        t("care.recorded.none"), "measured",
    )  # fmt: skip
    return section(t("care.recorded"), *rows)


# --- forms --------------------------------------------------------------------------------------------


def _told(view: View) -> list[Component]:
    """What became of a form that was sent."""
    t, done, refused = view.t, view.query.get("done", ""), view.query.get("refused", "")
    if refused:
        key = f"care.refused.{refused}" if refused in measuring.REFUSALS else "care.refused.machine"
        return [html.P(t(key), className="warning", role="alert")]
    if done == "ended":
        return [html.P(t("care.done.ended"), className="warning good-news", role="status")]
    if done.isascii() and done.isdecimal() and len(done) < 8:
        return [html.P(t.count("care.done", int(done)), className="warning good-news", role="status")]
    return []


def _forms(care: Care, kept: Sequence[Recorded], view: View) -> list[Component]:
    """The form that the address asks for: to record a measure, or to end one."""
    t = view.t
    if "end" in view.query:
        ended = next((one for one in kept if str(one.id) == view.query["end"]), None)
        return [_ending(ended, t)] if ended else []
    one = measuring.find(care.exposed, view.query.get("for", ""))
    return [_recording(one, care, t)] if one else []


def _recording(one: Exposed, care: Care, t: Texts) -> Component:
    machine = one.machine.workstation
    fields: list[Child] = [
        dcc.Input(type="hidden", name="machine", value=machine.key),
        *field("scope", t("care.scope"), html.Select(_scopes(one, care, t), id="scope", name="scope", className="field wide-field")),
        *field(
            "text", t("care.text"),
            html.Textarea(id="text", name="text", required=True, maxLength=measuring.LONGEST, rows=2, className="reason"),
        ),
        *field(
            "who", t("care.who"),
            dcc.Input(id="who", name="who", type="text", value=gate.current().name, maxLength=80, required=True, className="field"),
        ),
        *field(
            "until", t("care.until"),
            dcc.Input(
                id="until", name="until", type="text", placeholder="2027-01-31", pattern=r"\d{4}-\d{2}-\d{2}", maxLength=10,
                className="field",
            ),
        ),
        html.Button(t("care.save"), name="action", value="record", className="quiet strong"),
    ]  # fmt: skip
    title = t("care.measure", name=plain(machine.name))
    form = html.Form(
        fields, action=measuring.PATH, method="POST", className="decide", **extra(aria_label=title)
    )
    return section(title, form)


def _scopes(one: Exposed, care: Care, t: Texts) -> list[Component]:
    """The machine alone, or all that are alike and have no measure; each says how many it means."""
    machine, use = one.machine.workstation, one.machine.use
    names = {
        "machine": plain(machine.name),
        "service": " · ".join(plain(part) for part in (machine.site, machine.service) if part) or t.unknown,
        "class": plain(purpose(use.title, use.name, t), 60),
    }
    found: list[Component] = []
    for scope in measuring.SCOPES:
        count = len(measuring.alike(care.exposed, one, scope))
        if scope == "machine" or count > 1:
            words = t(f"care.scope.{scope}", name=names[scope], n=t.number(count))
            found.append(html.Option(words, value=f"{scope}:{count}"))
    return found


def _ending(one: Recorded, t: Texts) -> Component:
    title = t("care.ending", name=plain(one.name))
    form = html.Form(
        [
            html.P(plain(one.text, 400)),
            dcc.Input(type="hidden", name="number", value=str(one.id)),
            html.Label(t("care.ending.why"), htmlFor="why", className="dim"),
            html.Textarea(id="why", name="why", required=True, maxLength=measuring.LONGEST, rows=2, className="reason"),
            html.Button(t("care.end"), name="action", value="end", className="quiet strong"),
        ],
        action=measuring.PATH, method="POST", className="decide", **extra(aria_label=title),
    )  # fmt: skip
    return section(title, form)
