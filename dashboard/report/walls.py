"""What will be full, end or lose its support, when, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dashboard.data import Data
from dashboard.report.document import Block, Prose, Section, Span, Spans, Table, columns
from dashboard.sentences import walls as sentences
from dashboard.sentences.outlooks import named
from dashboard.texts import Texts
from forecasting.runway import Runway, Wall

_DRAWN: Final = 14
"""Walls of the line of time."""

_STATES: Final = {"over": "reached", "late": "overdue"}


def section(data: Data, t: Texts) -> Section:
    """The first wall, the line of time, and every wall."""
    seen = data.runway()
    return Section("runway", t("report.runway"), tuple(_blocks(seen, data.estate.currency, t)))


def state(wall: Wall) -> str:
    """The word of a wall's severity."""
    return _STATES.get(wall.severity, wall.severity)


def name(wall: Wall, t: Texts) -> str:
    """What stands at a wall; with its quantity where a target has several that bear its own name."""
    return _told(sentences.thing(wall, t), wall.what == wall.target, wall.quantity, t)


def titled(what: str, target: str, quantity: str, t: Texts) -> str:
    """The same of what fills, by the name of the thing and of its target."""
    return _told(named(what, target, t), what == target, quantity, t)


def _told(said: str, is_all: bool, quantity: str, t: Texts) -> str:
    return f"{said} ({t(sentences.quantity(quantity))})" if is_all else said


def _blocks(seen: Runway, currency: str, t: Texts) -> Iterator[Block]:
    if not seen.walls and not seen.dateless:
        yield Prose(t("report.summary.walls.unknown"))
        return
    yield Prose(" ".join((t("report.runway.lead"), *sentences.runway(seen, t))))
    ahead = [wall for wall in seen.walls if wall.severity != "over"][:_DRAWN]
    if ahead:
        rows = tuple(Span(name(one, t), state(one), one.early, one.central, one.late) for one in ahead)
        yield Spans(
            t("report.runway.chart"), t("report.runway.chart.said", n=t.number(len(rows))), seen.today, rows
        )
    yield _table(
        [wall for wall in seen.walls if wall.severity != "over"], t("report.runway.ahead"), currency, t
    )
    if seen.reached:
        yield _reached(seen.reached, currency, t)
    if seen.dateless:
        yield Prose(t.count("report.runway.dateless", len(seen.dateless)))
        yield _dateless(seen, currency, t)


def _table(walls: Sequence[Wall], title: str, currency: str, t: Texts) -> Table:
    heads = columns(
        t, currency, ("column.wall", "text"), ("column.state", "text"), ("column.cause", "text"), ("report.early", "day"),
        ("column.central", "day"), ("report.late", "day"), ("column.order", "day"),
    )  # fmt: skip
    rows = tuple(
        (
            name(one, t), t(f"state.{state(one)}"), sentences.cause(one, t), one.early or "", one.central or "",
            one.late or "", one.order_by or "",
        )
        for one in walls
    )  # fmt: skip
    return Table(title, heads, rows, t("runway.none"), most=15, under=(1, 2))


def _reached(walls: Sequence[Wall], currency: str, t: Texts) -> Table:
    """A wall that stands has one day at most: since when a store is full is not known."""
    heads = columns(t, currency, ("column.wall", "text"), ("column.cause", "text"), ("column.since", "day"))
    rows = tuple((name(one, t), sentences.cause(one, t), one.since or t("no.already over")) for one in walls)
    return Table(t("report.runway.reached"), heads, rows, most=12, under=(1,))


def _dateless(seen: Runway, currency: str, t: Texts) -> Table:
    """The workbook has them all: on paper their number is enough."""
    heads = columns(t, currency, ("column.wall", "text"), ("column.quantity", "text"), ("column.why", "text"))
    rows = tuple(
        (
            named(one.what, one.target, t, "thing.of"), t(sentences.quantity(one.quantity)),
            sentences.dateless(one.reason, t, one.chance),
        )
        for one in seen.dateless
    )  # fmt: skip
    return Table(t("report.runway.dateless.table"), heads, rows, most=0)
