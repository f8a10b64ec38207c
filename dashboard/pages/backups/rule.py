"""The 3-2-1-1-0 rule: for each service of the hospital and each target of which something is promised, the worst first."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, coded, lead, section, table, target_link
from dashboard.components.listing import listing
from dashboard.pages.backups import cells
from dashboard.restoring import PAGE
from dashboard.sentences import backups as sentences
from dashboard.standing import Backups
from dashboard.texts import Texts, plain
from exporters import protection
from exporters.protection import Part, Protection

_PARTS: Final = (Column("copies"), Column("media"), Column("offsite"), Column("immutable"), Column("errors"))
_TARGETS: Final = (Column("target"), *_PARTS, Column("next"))
_SERVICES: Final = (Column("service"), *_PARTS)
_ONE: Final = (Column("rule"), Column("state"), Column("why"))


def table_of(known: Backups, view: View) -> Component:
    """Two tables: services, and targets."""
    t, title = view.t, view.t("backups.rule")
    judged = [one for one in known.judged if one.target.protect is not None]
    scored = sorted(
        ((one, one.score()) for one in judged), key=lambda pair: (_order(pair[1]), pair[0].target.name)
    )
    services = sorted(protection.services(judged).items(), key=lambda pair: (_order(pair[1]), pair[0]))

    def of_target(_place: int, pair: tuple[Protection, tuple[Part, ...]]) -> tuple[object, ...]:
        one, parts = pair
        marks = (cells.met(part.met, t) for part in parts)
        return (target_link(one.target.name, "rule"), *marks, html.Div(coded(sentences.mend(parts, t))))

    def of_service(_place: int, pair: tuple[str, tuple[Part, ...]]) -> tuple[object, ...]:
        service, parts = pair
        return (plain(service), *(_of_service(part, t) for part in parts))

    return section(
        title,
        *([lead(t("backups.rule.lead"))] if judged else []),
        *(
            [
                html.H3(t("backups.rule.services")),
                *listing(
                    _SERVICES, services, of_service, t("backups.rule.services"), PAGE, view, "", "services"
                ),
                html.H3(t("backups.rule.targets")),
            ]
            if services
            else []
        ),
        *listing(_TARGETS, scored, of_target, title, PAGE, view, t("backups.rule.none"), "rules"),
    )


def of_one(one: Protection, t: Texts) -> Component:
    """Each part of the rule for one target, and why."""
    rows = [
        (t(f"rule.{part.rule}"), cells.met(part.met, t), plain(sentences.part(part, t), 400))
        for part in one.score()
    ]
    return section(t("backups.rule"), table(_ONE, rows, t("backups.rule"), t))


def _of_service(part: Part, t: Texts) -> Component:
    named = html.Div(sentences.part(part, t) if part.names else "", className="dim")
    return html.Div([cells.met(part.met, t), named])


def _order(parts: tuple[Part, ...]) -> tuple[int, int]:
    """Worst first: how many are not met, then how many are unknown."""
    return -sum(part.met is False for part in parts), -sum(part.met is None for part in parts)
