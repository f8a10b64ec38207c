"""What the tables of backups show in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.access import gate
from dashboard.components import Child, coded, link, mark, over, target_link
from dashboard.restoring import PAGE, ROLE
from dashboard.sentences import backups as sentences
from dashboard.standing import Backup
from dashboard.texts import Texts, plain

_NAMES: Final = 5


def job(found: Backup, where: str) -> Component:
    """The job, linked to the page of it, over whose promise it is (or who lists it), and the machine where that is another."""
    name = f"{where} {found.target} {found.job} {found.machine}"
    way = link(
        plain(found.job) or plain(found.target),
        PAGE,
        name,
        of=found.target,
        job=found.job,
        machine=found.machine,
    )
    other = [] if found.machine in ("", found.target) else [" · ", plain(found.machine)]
    return named(way, target_link(found.target, f"of {name}"), *other)


def named(what: Child, *note: Child) -> Component:
    """What people or devices call something, over what belongs to it: it may be one endless word, and is broken anywhere."""
    below = [html.Div(list(note), className="dim")] if any(note) else []
    return html.Div([what, *below], className="loose")


def point(found: Backup, t: Texts) -> Child:
    """The last good restore point, and how old it is."""
    if found.last is None:
        return t("backups.never")
    when = html.Span(t.instant(found.last), className="when")
    return over(when, html.Span(t("backups.old", age=t.span(found.age)), className="when"))


def says(found: Backup, t: Texts) -> str:
    """What its maker says of its last run."""
    return sentences.says(found.told.result if found.told is not None else "", t)


def tested(found: Backup, t: Texts) -> Component:
    """When a restore of it was last tested, and a way to record one."""
    state = "untested" if found.tested is None else "stale" if found.untested else "tested"
    below: list[Child] = [t.instant(found.tested.at)] if found.tested is not None else []
    return html.Div([mark(state, t), html.Div(below, className="dim")] if below else mark(state, t))


def todo(found: Backup, t: Texts) -> Child:
    """The next action, and a way to record a restore test where one is wanted."""
    said = sentences.todo(found, t)
    inside: list[Child] = [html.Div(coded(said))] if said else []
    if found.untested and gate.allows(ROLE):
        inside.append(html.Div(record(found.subject, found.job, t, f"{found.target} {found.machine}")))
    return html.Div(inside, className="loose") if inside else ""


def record(subject: str, named: str, t: Texts, where: str = "") -> Component:
    """A link to the form that records a restore test."""
    name = f"record {where} {subject} {named}"
    return link(t("backups.record"), PAGE, name, record="1", of=subject, job=named)


def some(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    more = [f"+ {len(names) - _NAMES}"] if len(names) > _NAMES else []
    return ", ".join([*(plain(name) for name in names[:_NAMES]), *more])


def met(state: bool | None, t: Texts) -> Component:
    """Whether a part of the rule is kept."""
    return mark({True: "met", False: "unmet", None: "unknown"}[state], t)
