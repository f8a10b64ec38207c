"""What the committee has to know, in five sentences."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.data import Data
from dashboard.report.document import Block, Points, Prose, Section
from dashboard.sentences import walls
from dashboard.texts import Texts


def section(data: Data, t: Texts) -> Section:
    """Five sentences, and what makes them less sure."""
    blocks: list[Block] = [Points(tuple(_said(data, t)))]
    blocks += [Prose(one) for one in _doubts(data, t)]
    return Section("summary", t("report.summary"), tuple(blocks))


def _said(data: Data, t: Texts) -> Iterator[str]:
    yield _walls(data, t)


def _walls(data: Data, t: Texts) -> str:
    """How many walls are reached, and the first one to come."""
    seen = data.runway()
    if not seen.walls and not seen.dateless:
        return t("report.summary.walls.unknown")
    reached, first = len(seen.reached), seen.first
    if first is None:
        key = "report.summary.walls.quiet" if reached else "report.summary.walls.clear"
        return t.count(key, reached) if reached else t(key)
    told = {"what": walls.thing(first, t), "day": t.day(first.central)}
    return (
        t.count("report.summary.walls", reached, **told)
        if reached
        else t("report.summary.walls.none", **told)
    )


def _doubts(data: Data, t: Texts) -> Iterator[str]:
    """What cannot be read, and what is old: nothing of it may look as if all were well."""
    for fault in data.faults():
        yield t("report.fault", file=fault.file)
    silent = data.silent()
    if silent is not None:
        yield t("report.silent", span=t.span(silent))
    if data.estate.demo:
        yield t("report.demo")
