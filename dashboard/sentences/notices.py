"""A notice in true sentences: what it is about, why, what to do next, and where the pages show it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from dashboard.issues import Issue
from dashboard.notices import Found, Own
from dashboard.sentences import issues, walls
from dashboard.standing import Alone, Backup, Watched
from dashboard.texts import Texts, bare, plain
from forecasting.quantities import STORES
from forecasting.runway import Wall

_LONG = 200


class Said(NamedTuple):
    """What is said of a notice; `way` is the path and query of the page that shows it."""

    thing: str
    why: str
    todo: str
    way: str


def said(found: Found, t: Texts) -> Said:
    """What is said of one notice."""
    match found.about:
        case Wall() as wall:
            return Said(walls.thing(wall, t), _why(wall, t), _todo(wall, t), _place(wall))
        case Alone(machine, target):
            return Said(
                plain(machine),
                t("notices.alone.why", target=plain(target)),
                t("notices.alone.do"),
                "/backups?" + urlencode({"show": "alone", "host": machine}),
            )
        case Own() as own:
            return Said(
                t("notices.own.thing"), _own(own, t), t(f"notices.own.do.{own.what}"), "/administration"
            )
        case Issue() as issue:
            return Said(_thing(issue), issues.why(issue, t), bare(issues.todo(issue, t)), _way(issue))


def _place(wall: Wall) -> str:
    return "/capacity?" + urlencode({"store": wall.unique_id}) if wall.unique_id else "/runway"


def _thing(issue: Issue) -> str:
    match issue.about:
        case Backup() as one:
            return " · ".join(plain(part) for part in (one.target, one.job) if part)
        case Watched() as one:
            return plain(one.name)
        case _:
            return ""


def _way(issue: Issue) -> str:
    match issue.about:
        case Backup() as one:
            way = {"of": one.target, "job": one.job, "machine": one.machine}
            return "/backups?" + urlencode({name: text for name, text in way.items() if text})
        case Watched() as one:
            return "/targets?" + urlencode({"target": one.name})
        case _:
            return "/"


def _why(wall: Wall, t: Texts) -> str:
    day = t.day(wall.central or wall.late or wall.early)
    reached = wall.severity == "over"
    key = (
        "notices.full.why"
        if reached and wall.cause == "full"
        else "notices.over.why"
        if reached
        else "notices.wall.why"
    )
    return t(key, day=day, cause=walls.cause(wall, t))


def _todo(wall: Wall, t: Texts) -> str:
    if wall.severity == "over" and wall.cause == "full":
        return t("overview.do.over" if wall.unique_id and wall.quantity in STORES else "notices.do.relieve")
    if wall.cause == "renewal":
        return t("notices.do.renewal")
    if pool := wall.facts.get("pool"):
        return t("overview.do.enlarge", pool=plain(str(pool)), day=t.day(wall.early or wall.central))
    if wall.order_by is None:
        return t("notices.do.decide")
    key = "overview.do.order.now" if wall.severity == "late" else "notices.do.order"
    return t(key, day=t.day(wall.order_by))


def _own(own: Own, t: Texts) -> str:
    span = t.span(own.seconds)
    return bare(t(f"notices.own.{own.what}", name=plain(own.name, _LONG), span=span))
