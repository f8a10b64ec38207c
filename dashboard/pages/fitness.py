"""Which workstations can run Windows 11, which cannot and why, and of which nobody can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Column,
    View,
    coded,
    heading,
    lead,
    machine_link,
    model_link,
    over,
    section,
    stack,
    table,
)
from dashboard.components.listing import around, chosen, groups, listing, nothing, pick
from dashboard.data import Data
from dashboard.fleet import Fleet
from dashboard.sheets import fitness_remark
from dashboard.texts import Texts, chipmaker, plain, product, purpose
from inventory.fleet.judging import Judged, runs_current

NAME, PATH = "fitness", "/workstations/fitness"
IS_SHARED: Final = True
IS_STILL: Final = True

_STATES: Final = ("unfit", "unknown", "fit")
_CRITERIA: Final = ("processor", "64 bits", "memory", "disk", "UEFI", "TPM")
_BY: Final = ("site", "service", "class", "model")
_REASONS: Final = (Column("criterion"), Column("unfit", True), Column("unsure", True), Column("fit", True))
_GROUPS: Final = (Column("group"), Column("unfit", True), Column("unsure", True), Column("fit", True))
_LIST: Final = (
    Column("machine"), Column("model"), Column("os"), Column("place"), Column("why"),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """The counts in a sentence, by reason, by place, and the list."""
    t, fleet = view.t, data.fleet()
    top = [heading(t("fitness.title")), around(NAME, view)]
    if fleet is None:
        return stack(*top, *nothing(t))
    return stack(
        *top,
        lead(_sentence(fleet, t)),
        *_lists(fleet, t),
        section(
            t("fitness.reasons"), html.P(t("fitness.reasons.lead"), className="dim"), _reasons(fleet.now, t)
        ),
        _groups(fleet.now, view),
        _list(fleet.now, view),
    )


def _sentence(fleet: Fleet, t: Texts) -> str:
    counts = fleet.counts
    return t(
        "fitness.lead", all=t.number(counts.machines), fit=t.number(counts.fitness["fit"]),
        unfit=t.number(counts.fitness["unfit"]), unknown=t.number(counts.fitness["unknown"]),
        current=t.number(counts.current),
    )  # fmt: skip


def _lists(fleet: Fleet, t: Texts) -> list[Component]:
    """Which lists of processors the judgement rests on."""
    listed = fleet.seen.listed
    if listed is None:
        return [html.P(coded(t("fitness.unlisted")), className="warning", role="status")]
    said = ", ".join(
        t("fitness.list", maker=chipmaker(maker), day=t.day(day))
        for maker, day in sorted(listed.days.items())
    )
    return [html.P(t("fitness.lists", lists=said), className="dim")]


def _reasons(machines: Sequence[Judged], t: Texts) -> Component:
    """Each criterion by itself: a machine that misses two stands in two rows."""
    counts = {name: Counter[str]() for name in _CRITERIA}
    for one in machines:
        for verdict in one.fitness.verdicts:
            counts[verdict.criterion][verdict.state] += 1
    rows = [
        (t(f"criterion.{name}"), *(t.number(row[state]) for state in _STATES)) for name, row in counts.items()
    ]
    return table(_REASONS, rows, t("fitness.reasons"), t)


def _group(one: Judged, by: str, t: Texts) -> str:
    machine = one.workstation
    if by == "class":
        return purpose(one.use.title, one.use.name, t)
    if by == "model":
        return product(machine.maker, machine.model)
    return (machine.site if by == "site" else machine.service) or ""


def _groups(machines: Sequence[Judged], view: View) -> Component:
    t, by = view.t, chosen(view, "by", _BY, "site")
    counts: dict[str, Counter[str]] = {}
    for one in machines:
        counts.setdefault(_group(one, by, t), Counter())[one.fitness.state] += 1
    rows = sorted(counts.items(), key=lambda row: (-row[1]["unfit"], -row[1]["unknown"], row[0]))
    cells = [
        (plain(name, 60) or t.unknown, *(t.number(row[state]) for state in _STATES)) for name, row in rows
    ]
    return section(
        t("fitness.groups"),
        pick(t("deadlines.by"), "by", [(one, t(f"fitness.by.{one}")) for one in _BY], PATH, view, "site"),
        *groups(_GROUPS, cells, t("fitness.groups"), t("none"), view),
    )


def _fit(one: Judged, t: Texts) -> str:
    """What is to be said of a machine that may run it: that it does, or that nobody tells what it runs now."""
    if runs_current(one.workstation):
        return t("cell.running")
    return "" if one.workstation.os else t("support.nothing told")


def _list(machines: Sequence[Judged], view: View) -> Component:
    t, state = view.t, chosen(view, "state", _STATES, "unfit")
    reason = chosen(view, "reason", _CRITERIA, "")
    shown = [
        one
        for one in machines
        if one.fitness.state == state
        and (not reason or any(v.criterion == reason and v.state == state for v in one.fitness.verdicts))
    ]
    shown.sort(
        key=lambda one: (
            not one.use.care,
            one.workstation.site or "",
            one.workstation.service or "",
            one.workstation.name,
        )
    )

    def cells(_place: int, one: Judged) -> tuple[object, ...]:
        machine = one.workstation
        why = fitness_remark(one.fitness, t) or _fit(one, t)
        return (
            machine_link(machine, "fitness"), over(model_link(machine.maker, machine.model, f"fitness {machine.key}", t), plain(machine.cpu) or t("fitness.no_cpu")),
            plain(one.system) or t.unknown, over(plain(machine.site) or t.unknown, plain(machine.service)), why,
        )  # fmt: skip

    reasons = [("", t("every.reason")), *((one, t(f"criterion.{one}")) for one in _CRITERIA)]
    return section(
        t("fitness.list.title"),
        html.Div(
            [
                pick(
                    t("column.state"),
                    "state",
                    [(one, t(f"cell.{one}")) for one in _STATES],
                    PATH,
                    view,
                    "unfit",
                ),
                pick(t("fitness.reason"), "reason", reasons, PATH, view),
            ],
            className="filters",
        ),
        *listing(_LIST, shown, cells, t("fitness.list.title"), PATH, view, t("none")),
    )
