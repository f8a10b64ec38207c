"""Jauge itself: what is amiss in it, how its processes and files stand, and why anything could not be read."""

from __future__ import annotations

import importlib.metadata
import signal
from collections.abc import Iterator
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    heading,
    lead,
    link,
    mark,
    over,
    section,
    stack,
    table,
)
from dashboard.data import Data
from dashboard.data.own import File, Room
from dashboard.pages import targets
from dashboard.texts import Texts, plain
from exporters.health import DEAD, PLANNED_SECONDS
from exporters.pulse import Pulse
from exporters.supervision import Restart, Supervision

NAME, PATH = "itself", "/jauge"

_AMISS: Final = (Column("own part"), Column("next"))
_PROCESSES: Final = (Column("process"), Column("state"), Column("program"))
_RESTARTS: Final = (Column("process"), Column("when"), Column("ended why"))
_WORK: Final = (Column("figure"), Column("value", True))
_FILES: Final = (Column("file"), Column("takes", True), Column("a day", True))
_ERRORS: Final = (Column("failed why"), Column("failing now", True), Column("counted", True), Column("next"))

_YEARS: Final = 3 * 365.0
"""Days from which nobody needs to know when a disk is full."""


def layout(data: Data, view: View) -> Component:
    """One sentence on how it stands, then what is amiss, processes, work, files and failures."""
    t, told = view.t, data.pulse()
    return stack(
        heading(t("itself.title")),
        *_said(data, told, t),
        section(t("itself.amiss"), *_amiss(data, told, t)),
        section(t("itself.processes"), _processes(data, told, t)),
        *_restarts(data, t),
        *([section(t("itself.work"), _work(told, t))] if told.at is not None else []),
        section(t("itself.files"), *_files(data, t)),
        section(t("itself.errors"), *_errors(data, t)),
        html.P(coded(t("itself.more")), className="dim"),
    )


def _said(data: Data, told: Pulse, t: Texts) -> Iterator[Component]:
    if told.at is None:
        yield empty(t("itself.absent"))
    elif not data.beats():
        said = t("itself.silent", span=t.span(data.clock() - told.at))
        yield html.P(coded(said), className="warning", role="status")
    elif DEAD.intersection(told.parts):
        yield html.P(t("itself.dead"), className="warning", role="status")
    elif told.parts:
        yield lead(t.count("itself.degraded", len(told.parts)))
    else:
        yield lead(t("itself.well"))


def _amiss(data: Data, told: Pulse, t: Texts) -> list[Child]:
    if not told.parts or not data.beats():
        return [html.P(t("itself.amiss.none") if data.beats() else t.unknown, className="dim")]
    rows = [
        (
            mark("failed" if part in DEAD else "partly", t, t(f"part.{part}")),
            html.Span(coded(t(f"part.{part}.do"))),
        )
        for part in told.parts
    ]
    return [table(_AMISS, rows, t("itself.amiss"), t)]


def _processes(data: Data, told: Pulse, t: Texts) -> Component:
    version = importlib.metadata.version("jauge")
    rows: list[tuple[Child, Child, str]] = [
        (t("itself.collector"), _collector(data, told, t), plain(told.version, 40)),
        (t("itself.pages"), _runs(data.started, data, t), version),
        (t("itself.planner"), _planned(data, t), ""),
        (t("itself.backup"), _saved(data, t), ""),
    ]
    if data.estate.notices is not None:
        rows.append((t("itself.digests"), _digested(data, t), ""))
    return table(_PROCESSES, rows, t("itself.processes"), t)


def _collector(data: Data, told: Pulse, t: Texts) -> Child:
    if told.at is None:
        return mark("never", t, t("never"))
    if data.beats() and told.started is not None:
        return _runs(told.started, data, t)
    return over(mark("silent", t, t("itself.stopped")), t("itself.wrote", at=t.instant(told.at)))


def _runs(since: float, data: Data, t: Texts) -> Child:
    span = t.span(max(data.clock() - since, 0.0))
    return over(mark("well", t, t("itself.runs")), t("itself.up", at=t.instant(since), span=span))


def _planned(data: Data, t: Texts) -> Child:
    at = data.planned()
    if at is None:
        return mark("never", t, t("itself.planned.none"))
    age = data.clock() - at
    state, word = ("stale", "itself.old") if age > PLANNED_SECONDS else ("well", "itself.fresh")
    return over(mark(state, t, t(word)), t("itself.planned", at=t.instant(at), span=t.span(age)))


def _saved(data: Data, t: Texts) -> Child:
    at = data.saved()
    if at is None:
        return html.Span(coded(t("itself.saved.none")))
    said = t("itself.saved", at=t.instant(at), span=t.span(data.clock() - at))
    return over(mark("well", t, t("itself.made")), said)


def _digested(data: Data, t: Texts) -> Child:
    last = data.digested()
    if last is None:
        return html.Span(coded(t("itself.digested.none")))
    state, said = (
        ("partly", "itself.digested.problems") if last.problems else ("well", "itself.digested.well")
    )
    span = t.span(data.clock() - last.at)
    word = t.count(said, last.problems) if last.problems else t(said)
    return over(mark(state, t, word), t("itself.digested", at=t.instant(last.at), span=span))


def _restarts(data: Data, t: Texts) -> list[Component]:
    """What `jauge start` started again, the newest first; nothing where something else keeps the processes running."""
    told = data.supervision()
    if told is None:
        return []
    since = t.instant(told.started)
    if not told.last:
        none = html.P(coded(t("itself.restarts.none", since=since)), className="dim")
        return [section(t("itself.restarts"), none)]
    rows = [(_process(one.process, t), t.instant(one.at), _ended(one, t)) for one in reversed(told.last)]
    counted = html.P(coded(_counted(told, since, t)))
    return [section(t("itself.restarts"), counted, table(_RESTARTS, rows, t("itself.restarts"), t))]


def _counted(told: Supervision, since: str, t: Texts) -> str:
    """How often each process was started again."""
    each = ", ".join(f"{_process(name, t)} {t.number(count)}" for name, count in told.counts.items() if count)
    return t("itself.restarts.counted", since=since, each=each)


def _process(name: str, t: Texts) -> str:
    """A process as it is called elsewhere on the page."""
    return t({"collector": "itself.collector", "dashboard": "itself.pages"}.get(name, "itself.devices"))


def _ended(one: Restart, t: Texts) -> str:
    """What a process ended with, in words."""
    if one.status >= 0:
        return t("itself.ended.status", status=one.status)
    try:
        name = signal.Signals(-one.status).name
    except ValueError:  # a real-time signal
        name = str(-one.status)
    return t("itself.ended.killed" if name == "SIGKILL" else "itself.ended.signal", signal=name)


def _work(told: Pulse, t: Texts) -> Component:
    rows = [
        (t("itself.polls"), t.number(told.polls)),
        (t("itself.skipped"), t.number(told.skipped)),
        (t("itself.late"), t.span(told.late)),
        (t("itself.waiting"), t.number(told.waiting)),
        (t("itself.events"), t.number(told.events)),
    ]
    if told.queue is not None:
        rows.append((t("itself.queue"), t.number(told.queue)))
    if told.oldest is not None:
        rows.append((t("itself.oldest"), t.instant(told.oldest)))
    return table(_WORK, rows, t("itself.work"), t)


def _files(data: Data, t: Texts) -> list[Child]:
    found, room = data.files(), data.room()
    if not found:
        return [html.P(t("itself.files.none"), className="dim")]
    free = (
        t("itself.room", free=t.size(room.free), size=t.size(room.size)) if room else t("itself.room.unknown")
    )
    rows = [(one.name, t.size(one.size), t.size(one.growth)) for one in found]
    return [html.P(f"{free} {_grows(found, room, t)}"), table(_FILES, rows, t("itself.files"), t)]


def _grows(found: list[File], room: Room | None, t: Texts) -> str:
    known = [one.growth for one in found if one.growth is not None]
    if not known:
        return t("itself.grows.unknown")
    growth = sum(known)
    if growth <= 0 or room is None:
        return t("itself.grows.not") if growth <= 0 else ""
    days = room.free / growth
    if days > _YEARS:
        return t("itself.grows.slow", growth=t.size(growth))
    return t("itself.grows", growth=t.size(growth), span=t.span(days * 86_400))


def _errors(data: Data, t: Texts) -> list[Child]:
    found = data.failures()
    if not found:
        return [html.P(t("itself.errors.none"), className="dim")]
    rows = [
        (
            over(t(f"why.{one.reason}"), html.Code(one.reason)),
            link(t.number(one.targets), targets.PATH, f"reason {one.reason}", state="failed"),
            t.number(one.times),
            html.Span(coded(t(f"do.{one.reason}"))),
        )
        for one in found
    ]
    return [html.P(t("itself.errors.lead"), className="dim"), table(_ERRORS, rows, t("itself.errors"), t)]
