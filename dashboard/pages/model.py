"""One model of workstations: how many there are, how they stand, and each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    empty,
    heading,
    lead,
    link,
    machine_link,
    over,
    section,
    stack,
)
from dashboard.components.listing import listing, nothing
from dashboard.data import Data
from dashboard.sheets import fitness_remark
from dashboard.texts import Texts, plain, product
from inventory.fleet.judging import Judged

NAME, PATH = "model", "/workstations/model"
IS_SHARED: Final = True
IS_STILL: Final = True
OF_ONE: Final = True

_LIST: Final = (
    Column("machine"), Column("place"), Column("os"), Column("until", True), Column("fitness"), Column("purchased", True),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """The model that the address names."""
    t, asked = view.t, (view.query.get("maker", ""), view.query.get("model", ""))
    back = dcc.Link(t("machine.back"), href="/workstations", id={"link": "back"}, className="back")
    fleet = data.fleet()
    found = [one for one in fleet.now if _of(one) == asked] if fleet and any(asked) else []
    if not found:
        said = nothing(t) if fleet is None else [empty(t("model.lost"))]
        return stack(back, heading(t("model.title")), *said)
    found.sort(key=lambda one: (one.workstation.site or "", one.workstation.name))
    return stack(
        back,
        heading(plain(product(*asked))),
        lead(*_sentences(found, data, t)),
        *_curve(asked, data, t),
        section(
            t("model.machines"),
            *listing(_LIST, found, lambda _, one: _row(one, t), t("model.machines"), PATH, view, ""),
        ),
    )


def _of(one: Judged) -> tuple[str, str]:
    return one.workstation.maker or "", one.workstation.model or ""


def _sentences(found: list[Judged], data: Data, t: Texts) -> Iterator[str]:
    support, fit = Counter(one.support.state for one in found), Counter(one.fitness.state for one in found)
    yield t(
        "model.lead", all=t.count("search.machines", len(found)), ended=t.number(support["ended"]), unknown=t.number(support["unknown"]),
        unfit=t.number(fit["unfit"]), unsure=t.number(fit["unknown"]),
    )  # fmt: skip
    ages = sorted(age for one in found if (age := one.workstation.age(data.today)) is not None)
    if ages:
        low, high = (t.count("years", int(age)) for age in (ages[0], ages[-1]))
        yield t("model.ages" if low != high else "model.age", low=low, high=high)


def _curve(asked: tuple[str, str], data: Data, t: Texts) -> list[Component]:
    """The way to how long such machines last, where that is known."""
    issued = data.lives()
    curves = issued.content["curves"] if issued is not None and issued.content else []
    one = next(
        (each for each in curves if (each["maker"] or "", each["model"] or "") == asked and each["rests_on"]),
        None,
    )
    return [html.P(link(t("model.curve"), "/workstations", "curve", model=one["key"]))] if one else []


def _row(one: Judged, t: Texts) -> tuple[Child, ...]:
    machine = one.workstation
    place = " · ".join(plain(part) for part in (machine.service, machine.place) if part)
    return (
        over(machine_link(machine, "model"), plain(machine.serial)), over(plain(machine.site) or t.unknown, place),
        plain(one.system) or t.unknown, t.day(one.until), fitness_remark(one.fitness, t) or t("cell.fit"), t.day(machine.purchased),
    )  # fmt: skip
