"""What is out of support on a day that the reader chooses: workstations, servers and platforms, those in care first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Column,
    View,
    choices,
    extra,
    heading,
    lead,
    link,
    over,
    section,
    stack,
)
from dashboard.components.listing import again, around, chosen, downloads, groups, listing, nothing, pick
from dashboard.data import Data, Standings
from dashboard.fleet import asked
from dashboard.sentences import deadlines
from dashboard.sentences import renewal as sentences
from dashboard.sheets import support_remark
from dashboard.texts import Texts, plain, purpose
from inventory.criticality import rank
from inventory.lifecycle.support import Support

NAME, PATH = "deadlines", "/workstations/deadlines"
IS_SHARED: Final = True

_STATES: Final = ("ended", "unknown", "extended", "supported")
_WHAT: Final = ("all", "workstations", "targets")
_BY: Final = ("system", "site", "service", "class")
_GROUPS: Final = (
    Column("group"), Column("ended", True), Column("unsure", True), Column("extended", True), Column("supported", True),
)  # fmt: skip
_LIST: Final = (
    Column("what"), Column("use"), Column("place"), Column("os"), Column("until", True), Column("remark"),
)  # fmt: skip


class _Thing(NamedTuple):
    """One thing that runs something; a target stands with its role as its class."""

    name: str
    use: str
    care: bool
    weight: int
    site: str
    service: str
    system: str
    support: Support
    until: dt.date | None
    target: bool
    key: str


def layout(data: Data, view: View) -> Component:
    """The sentence of the day, the groups, and the list."""
    t = view.t
    day = asked(view.query.get("on", ""))
    seen = data.standings(day or data.today)
    top = [heading(t("deadlines.title")), around(NAME, view)]
    if not seen.machines and not seen.targets:
        return stack(*top, *nothing(t))
    every = sorted(_things(seen, t), key=_order)
    what = chosen(view, "what", _WHAT, "all")
    things = [one for one in every if what == "all" or one.target == (what == "targets")]
    wrong = (
        [html.P(t("deadlines.wrong"), className="warning", role="status")]
        if "on" in view.query and day is None
        else []
    )
    return stack(
        *top,
        *wrong,
        lead(_sentence(things, seen.day, data, t)),
        *_needs(data, seen.day, t),
        html.Div(
            [
                _days(seen.day, data.today, view),
                pick(
                    t("deadlines.what"),
                    "what",
                    [(one, t(f"deadlines.what.{one}")) for one in _WHAT],
                    PATH,
                    view,
                    "all",
                ),
            ],
            className="filters",
        ),
        _groups(things, view),
        _list(things, view),
    )


def _things(seen: Standings, t: Texts) -> Iterator[_Thing]:
    for one in seen.machines:
        machine, use = one.workstation, one.use
        yield _Thing(
            machine.name, purpose(use.title, use.name, t), use.care and one.in_use,
            rank(use.criticality), machine.site or "", machine.service or "", one.system, one.support, one.until, False, machine.key,
        )  # fmt: skip
    for each in seen.targets:
        item = each.item
        yield _Thing(
            item.name, t("deadlines.server") if item.kind == "target" else item.kind, False, 1, item.site or "",
            item.service or "", each.system, each.support, each.until, True, item.name,
        )  # fmt: skip


def _order(one: _Thing) -> tuple[object, ...]:
    """Those in care first, then by how much depends on them, then those that ended the longest ago."""
    return not one.care, one.weight, one.until or dt.date.max, one.site, one.service, one.name


def _sentence(things: Sequence[_Thing], day: dt.date, data: Data, t: Texts) -> str:
    counts = Counter(one.support.state for one in things)
    ended = [one for one in things if one.support.state == "ended"]
    targets = sum(one.target for one in ended)
    care = sum(one.care for one in ended) if deadlines.is_care_declared(data.rules.classes) else None
    return deadlines.lead(
        deadlines.Ended(
            len(things), len(ended) - targets, targets, care, counts["unknown"], counts["extended"]
        ),
        day,
        t,
    )


def _needs(data: Data, day: dt.date, t: Texts) -> list[Component]:
    """What the renewal plan of that day says of the workstations that are out of support."""
    issued = data.renewal()
    if issued is None or issued.content is None or issued.content["today"] != day.isoformat():
        return []
    plan = dcc.Link(t("renewal.ended.plan"), href="/renewal")
    return [html.P([sentences.ended(issued.content, t), " ", plan], className="dim")]


def _days(day: dt.date, today: dt.date, view: View) -> Component:
    """Days that are one click away, and one that is typed."""
    t = view.t
    offered = [today, dt.date(today.year + 1, 1, 31), _later(today, 1), _later(today, 2)]
    if day not in offered:
        offered.append(day)
    links = [
        (
            t("deadlines.today") if one == today else t.day(one),
            again(PATH, view, on="" if one == today else one.isoformat()),
            one == day,
        )
        for one in sorted(set(offered))
    ]
    hidden = [
        dcc.Input(type="hidden", name=name, value=view.query[name])
        for name in ("what", "by", "state")
        if name in view.query
    ]
    typed = html.Form(
        [
            html.Label(t("deadlines.typed"), htmlFor="on", className="dim"),
            dcc.Input(
                id="on", name="on", type="text", placeholder="2027-01-31", pattern=r"\d{4}-\d{2}-\d{2}", maxLength=10,
                className="field", required=True,
            ),
            *hidden,
            html.Button(t("deadlines.show"), className="quiet"),
        ],
        action=PATH, method="GET", className="line", **extra(aria_label=t("deadlines.typed")),
    )  # fmt: skip
    return html.Div([choices(t("deadlines.day"), links, "day"), typed], className="filters")


def _later(day: dt.date, years: int) -> dt.date:
    return dt.date(day.year + years, day.month, min(day.day, 28 if day.month == 2 else 31))


def _groups(things: Sequence[_Thing], view: View) -> Component:
    t, by = view.t, chosen(view, "by", _BY, "system")
    counts: dict[str, Counter[str]] = {}
    for one in things:
        counts.setdefault(getattr(one, "use" if by == "class" else by), Counter())[one.support.state] += 1
    rows = sorted(counts.items(), key=lambda row: (-row[1]["ended"], -row[1]["unknown"], row[0]))
    cells = [
        (plain(name, 60) or t.unknown, *(t.number(row[state]) for state in _STATES)) for name, row in rows
    ]
    return section(
        t("deadlines.groups"),
        pick(t("deadlines.by"), "by", [(one, t(f"deadlines.by.{one}")) for one in _BY], PATH, view, "system"),
        *groups(_GROUPS, cells, t("deadlines.groups"), t("none"), view),
    )


def _name(one: _Thing) -> Component:
    path, field = ("/targets", "target") if one.target else ("/workstations/machine", "of")
    return link(plain(one.name), path, f"deadline {one.key}", **{field: one.key})


def _list(things: Sequence[_Thing], view: View) -> Component:
    t, state = view.t, chosen(view, "state", _STATES, "ended")
    day = {"on": view.query["on"]} if asked(view.query.get("on", "")) else {}
    shown = [one for one in things if one.support.state == state]

    def cells(_place: int, one: _Thing) -> tuple[object, ...]:
        care = html.Div(t("deadlines.care"), className="dim") if one.care else ""
        return (
            _name(one), html.Div([plain(one.use, 60), care]), over(plain(one.site) or t.unknown, plain(one.service)),
            plain(one.system) or t.unknown, t.day(one.until) if one.until else "", support_remark(one.support, t) or "",
        )  # fmt: skip

    return section(
        t("deadlines.list"),
        html.Div(
            [
                pick(
                    t("column.state"),
                    "state",
                    [(one, t(f"deadlines.state.{one}")) for one in _STATES],
                    PATH,
                    view,
                    "ended",
                ),
                downloads(t("export"), "/workstations/export", ("xlsx", "csv", "json"), **day),
            ],
            className="filters",
        ),
        *listing(_LIST, shown, cells, t("deadlines.list"), PATH, view, t("deadlines.none")),
    )
