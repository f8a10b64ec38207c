"""Workstations: how old they are and how long they last, the oldest first, and those of which nobody knows."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Column,
    View,
    address,
    chart,
    empty,
    heading,
    lead,
    machine_link,
    model_link,
    section,
    stack,
    table,
    tile,
)
from dashboard.components.listing import around, nothing
from dashboard.components.lives import lives
from dashboard.data import Data
from dashboard.figures import ages
from dashboard.fleet import Fleet
from dashboard.standing import Machines
from dashboard.texts import Texts, plain, purpose
from inventory.workstations import Workstation

NAME, PATH = "workstations", "/workstations"
IS_SHARED: Final = True
IS_STILL: Final = True

_SHOWN: Final = 40
_OLDEST: Final = (
    Column("machine"), Column("age", True), Column("purchased", True), Column("model"), Column("os"),
    Column("site"), Column("service"),
)  # fmt: skip
_STANDS: Final = (
    Column("use"),
    Column("count", True),
    Column("ended", True),
    Column("unsure", True),
    Column("later", True),
)
_UNKNOWN: Final = (Column("machine"), Column("model"), Column("os"), Column("site"), Column("service"))


def layout(data: Data, view: View) -> Component:
    """The pyramid with its table, how long models last, then the oldest, then those of unknown age."""
    t = view.t
    machines, fleet = data.workstations(), data.fleet()
    top = [heading(t("workstations.title")), around("overview", view)]
    if machines is None or fleet is None:
        return stack(*top, *nothing(t))
    return stack(
        *top,
        lead(_sentence(machines, t)),
        _tiles(fleet, t),
        section(t("fleet.stands"), _stands(fleet, t)),
        section(t("workstations.chart"), _pyramid(machines, t)),
        section(t("lives.title"), *lives(data.lives(), PATH, view)),
        *_missing(fleet, t),
        section(t("workstations.oldest"), *_oldest(machines, t)),
        section(t("workstations.unknown"), *_unknown(machines, t)),
    )


def _tiles(fleet: Fleet, t: Texts) -> Component:
    """Four figures, each a link to its list."""
    counts, care = fleet.counts, fleet.care
    of = t("fleet.tile.of", n=t.number(counts.machines))
    later = address("/workstations/deadlines", on=fleet.later_day.isoformat())

    def one(key: str, number: int, note: str, href: str) -> Component:
        return tile(t(key), t.number(number), note, "late" if number else "well", href)

    cared = t("fleet.tile.of", n=t.number(care.machines)) if care.declared else t("fleet.tile.undeclared")
    return html.Div(
        [
            one("fleet.tile.ended", counts.now["ended"], of, "/workstations/deadlines"),
            one("fleet.tile.later", counts.later["ended"], of, later),
            one("fleet.tile.unfit", counts.fitness["unfit"], of, "/workstations/fitness"),
            one("fleet.tile.care", len(care.uncovered), cared, "/workstations/care"),
        ],
        className="tiles",
    )


def _stands(fleet: Fleet, t: Texts) -> Component:
    """Support of each class of use, today and in a year."""
    rows = [
        (
            plain(purpose(one.use.title, one.use.name, t), 60),
            *(
                t.number(number)
                for number in (one.machines, one.now["ended"], one.now["unknown"], one.later["ended"])
            ),
        )
        for one in fleet.counts.classes
    ]
    counts = fleet.counts
    whole = (counts.machines, counts.now["ended"], counts.now["unknown"], counts.later["ended"])
    rows.append((t("column.sum"), *(t.number(number) for number in whole)))
    return table(_STANDS, rows, t("fleet.stands"), t)


def _missing(fleet: Fleet, t: Texts) -> list[Component]:
    """What the inventory does not tell, by field."""
    if not fleet.counts.missing:
        return []
    rows = [(t(f"fleet.missing.{name}"), t.number(count)) for name, count in fleet.counts.missing.items()]
    return [
        section(
            t("fleet.missing"), table((Column("what"), Column("count", True)), rows, t("fleet.missing"), t)
        )
    ]


def _sentence(machines: Machines, t: Texts) -> str:
    total, old = len(machines.rows), machines.older_than(ages.OLD)
    return t(
        "workstations.lead",
        all=t.number(total),
        at=t.instant(machines.at),
        old=t.number(old),
        years=ages.OLD,
        ratio=t.ratio(old / total if total else None),
        unknown=t.number(len(machines.unknown())),
    )


def _pyramid(machines: Machines, t: Texts) -> Component:
    frame = machines.pyramid()
    if not len(frame):
        return empty(t("workstations.undated.none"))
    ordered = frame.sort_values("age", ascending=False).to_dict("records")
    rows = [(t.count("years", int(row["age"])), t.number(int(row["count"]))) for row in ordered]
    rows.append((t.unknown, t.number(len(machines.unknown()))))
    columns = (Column("age", True), Column("count", True))
    return html.Div(
        [
            chart(ages.pyramid(frame, t), t("workstations.chart.label"), t),
            table(columns, rows, t("workstations.chart"), t),
        ],
        className="beside",
    )


def _oldest(machines: Machines, t: Texts) -> list[Component]:
    frame = machines.oldest(_SHOWN)
    total = len(machines.rows) - len(machines.unknown())
    rows = [
        (
            machine_link(Workstation(row["name"], serial=row["serial"] or None), "oldest"),
            t.count("years", int(row["age"])),
            t.day(row["purchased"].date()),
            model_link(row["maker"], row["model"], f"oldest {row['serial']} {row['name']}", t),
            _text(row["os"], t),
            _text(row["site"], t),
            _text(row["service"], t),
        )
        for row in frame.to_dict("records")
    ]
    more = [lead(t("workstations.more", n=t.number(_SHOWN), all=t.number(total)))] if total > _SHOWN else []
    return [*more, table(_OLDEST, rows, t("workstations.oldest"), t)] if rows else [empty(t("none"))]


def _unknown(machines: Machines, t: Texts) -> list[Component]:
    found = machines.unknown()
    rows = [
        (
            machine_link(m, "undated"),
            model_link(m.maker, m.model, f"undated {m.key}", t),
            _text(m.os, t),
            _text(m.site, t),
            _text(m.service, t),
        )
        for m in found[:_SHOWN]
    ]
    shown, total = t.number(_SHOWN), t.number(len(found))
    more = [lead(t("workstations.more", n=shown, all=total))] if len(found) > _SHOWN else []
    return [*more, table(_UNKNOWN, rows, t("workstations.unknown"), t)] if rows else [empty(t("none"))]


def _text(value: str | None, t: Texts) -> str:
    return plain(value) if value else t.unknown
