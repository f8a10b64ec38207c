"""One workstation: what it is, until when it is mended, whether Windows 11 runs on it, when it goes, and what imports told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    empty,
    heading,
    lead,
    mark,
    model_link,
    section,
    stack,
    table,
)
from dashboard.components.listing import nothing
from dashboard.data import Data
from dashboard.plans import offer_title
from dashboard.sentences import machines as sentences
from dashboard.sentences import renewal
from dashboard.sheets import fitness_remark, support_remark
from dashboard.texts import Texts, plain, product, purpose
from inventory.fitness import Fitness
from inventory.fleet.judging import Judged, runs_current
from inventory.imports.course import Course
from inventory.workstations import OUT, Workstation

NAME, PATH = "machine", "/workstations/machine"
IS_SHARED: Final = True
IS_STILL: Final = True
OF_ONE: Final = True

_FACTS: Final = (
    "serial", "asset", "kind", "state", "site", "service", "place", "purchased", "warranty", "price", "os", "edition", "os_version",
    "cpu", "memory", "disk", "firmware", "secure_boot", "tpm",
)  # fmt: skip
"""Fields of the inventory that are shown; who uses the machine is not among them."""

_CRITERIA: Final = (Column("criterion"), Column("state"), Column("told"))
_TOLD_BY: Final = {
    "processor": "cpu", "64 bits": "cpu", "memory": "memory", "disk": "disk", "UEFI": "firmware", "TPM": "tpm",
}  # fmt: skip
"""The field of the inventory by which a criterion is judged."""

_WAVES: Final = (Column("quarter"), Column("count", True), Column("item"), Column("why"))
_STEPS: Final = (Column("when"), Column("event"), Column("detail"), Column("file"))
_MOST: Final = 40
"""Imports of its course that are shown, the newest first, and purchases of its like."""


def layout(data: Data, view: View) -> Component:
    """The workstation that the address names."""
    t, key = view.t, view.query.get("of", "")
    back = dcc.Link(t("machine.back"), href="/workstations", id={"link": "back"}, className="back")
    found = data.machine(key) if key else None
    fleet = data.fleet()
    if found is None:
        said = nothing(t) if fleet is None else [empty(t("machine.lost"))]
        return stack(back, heading(t("machine.title")), *said)
    one = found.last
    judged = next((each for each in fleet.now if each.workstation.key == one.key), None) if fleet else None
    judged = None if found.is_gone else judged
    return stack(
        back,
        heading(plain(one.name), html.Span(plain(product(one.maker, one.model)), className="dim")),
        *_standing(found, t),
        _facts(one, judged, data, t),
        *([_support(judged, t), _fitness(judged, t), _plan(judged, data, t)] if judged else []),
        _course(found, data, t),
    )


def _standing(found: Course, t: Texts) -> list[Component]:
    """That it is not in use, where it is not."""
    if found.is_gone:
        said = t("machine.gone", at=t.instant(found.steps[0].at))
    elif found.last.state in OUT:
        said = t("machine.out", state=sentences.value("state", found.last.state, t, ""))
    else:
        return []
    return [html.P(said, className="warning", role="status")]


def _facts(one: Workstation, judged: Judged | None, data: Data, t: Texts) -> Component:
    pairs: list[tuple[str, Child]] = [(t("column.model"), model_link(one.maker, one.model, "machine", t))]
    pairs += [(sentences.field(name, t), _value(one, name, data, t)) for name in _FACTS]
    if judged is not None:
        use = judged.use
        critical = t("care.criticality", how=t(f"cell.{use.criticality}"))
        pairs.append((t("column.use"), f"{plain(purpose(use.title, use.name, t), 60)} · {critical}"))
    age = one.age(data.today)
    pairs.append((t("column.age"), t.unknown if age is None else t.count("years", int(age))))
    pairs.append((t("machine.seen"), t.day(one.seen)))
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(told)]) for name, told in pairs], className="facts panel"
    )


def _value(one: Workstation, name: str, data: Data, t: Texts) -> str:
    told = getattr(one, name)
    return sentences.value(name, told if told is None or isinstance(told, bool | int | float) else str(told), t, data.estate.currency)  # fmt: skip


def _support(one: Judged, t: Texts) -> Component:
    """What it runs, and until when that is mended."""
    state, until = one.support.state, t.day(one.until)
    system = plain(one.system) or t("machine.system.unknown")
    said = t(
        "machine.support.unknown" if one.until is None else f"machine.support.{state}",
        system=system,
        until=until,
    )
    remark = support_remark(one.support, t)
    own = t("machine.console", day=t.day(one.console.until)) if one.console and one.console.until else ""
    more = [html.P(text, className="dim") for text in (remark, own) if text]
    return section(
        t("machine.support"), mark(_SHAPES[state], t, t(f"deadlines.state.{state}")), lead(said), *more
    )


_SHAPES: Final[Mapping[str, str]] = {
    "ended": "late", "extended": "partly", "supported": "well", "unknown": "unknown", "unfit": "failed", "fit": "well",
}  # fmt: skip
"""The shape of a state of support, or of fitness."""


def _fitness(one: Judged, t: Texts) -> Component:
    """Each criterion of Windows 11, and what the inventory says of it."""
    found: Fitness = one.fitness
    runs = (
        t("cell.running")
        if runs_current(one.workstation)
        else fitness_remark(found, t) or t("cell.upgradable")
    )
    rows = [
        (
            t(f"criterion.{verdict.criterion}"),
            mark(_SHAPES[verdict.state], t, t(f"cell.{verdict.state}")),
            _told(one.workstation, verdict.criterion, t),
        )
        for verdict in found.verdicts
    ]
    title = t("machine.fitness")
    shown = mark(_SHAPES[found.state], t, t(f"cell.{found.state}"))
    return section(title, shown, lead(runs[:1].upper() + runs[1:] + "."), table(_CRITERIA, rows, title, t))


def _told(one: Workstation, criterion: str, t: Texts) -> str:
    name = _TOLD_BY[criterion]
    return sentences.value(name, getattr(one, name), t, "")


def _plan(one: Judged, data: Data, t: Texts) -> Component:
    """When the renewal plan replaces it, or its like, and why."""
    title = t("machine.plan")
    issued = data.renewal() if data.plans() else None
    if issued is None or issued.content is None:
        return section(title, empty(t("machine.plan.none")))
    plan = sentences.planned(issued.content, one)
    rows = _waves(plan.waves, issued.content, data, t)[:_MOST]
    like = table(_WAVES, rows, t("machine.plan.like"), t)
    told = [html.P(t("machine.plan.alike"), className="dim"), like] if rows else []
    kept = sum(row["machines"] for row in plan.kept)
    stay = [html.P(t.count("machine.plan.stay", int(kept)), className="dim")] if kept and rows else []
    at = t("made.at", at=t.instant(issued.at))
    way = dcc.Link(t("renewal.title"), href="/renewal", id={"link": "plan"})
    return section(
        title,
        lead(*sentences.said(plan, issued.content, t)),
        *told,
        *stay,
        html.P([at, " ", way], className="dim"),
    )


def _waves(
    waves: Sequence[sentences.Document], found: sentences.Document, data: Data, t: Texts
) -> list[tuple[Child, ...]]:
    """Purchases that read the same are one row."""
    counts = Counter[tuple[str, str, str, str]]()
    for row in waves:
        why = renewal.why(row, found["currency"], t, found.get("age_limits", {}))
        offer = plain(offer_title(data.rules, row["offer"]))
        counts[row["quarter"], renewal.quarter(row["quarter"], t), offer, why] += row["machines"]
    return [
        (quarter, t.number(counts[key]), offer, html.Div(why, className="prose"))
        for key in sorted(counts)
        for _, quarter, offer, why in (key,)
    ]


def _course(found: Course, data: Data, t: Texts) -> Component:
    """What each import told anew."""
    title = t("machine.course")
    rows: Sequence[tuple[Any, ...]] = [
        (
            html.Span(t.instant(step.at), className="when"),
            t(f"machine.event.{step.event}"),
            html.Div([html.Div(sentences.change(one, t, data.estate.currency)) for one in step.changes]),
            html.Div(plain(step.file), className="loose"),
        )
        for step in found.steps[:_MOST]
    ]
    more = t("workstations.more", n=t.number(_MOST), all=t.number(len(found.steps)))
    return section(
        title,
        table(_STEPS, rows, title, t),
        *([html.P(more, className="dim")] if len(found.steps) > _MOST else []),
    )
